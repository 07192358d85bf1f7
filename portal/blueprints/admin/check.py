"""Check a person, a number and a text: the verdict, then every rule's answer. Nothing is sent."""

from typing import Any

from flask import Response, make_response, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user

from portal import wording
from portal.extensions import now
from portal.models import User
from portal.rules import Act, Facts, decide
from portal.rules.service import BY_ACT
from portal.services.people import users
from portal.services.texting import composer, send_facts
from portal.services.toggles import user_list
from portal.services.toggles.eligibility import OrganizationSnapshot, profile_of_user

from . import bp
from .forms import CheckForm
from .reasons import explain_reasons


def find_user_to_check(form: CheckForm, snapshot: OrganizationSnapshot) -> User | None:
    """The one user whom the form names or picks among several, or None with the reason in the form."""
    found, more = user_list.look_up_users(snapshot, form.user.data or "")
    picked = [user for user in found if user.ref == form.who.data]
    if len(picked) == 1:
        return picked[0]
    if len(found) == 1 and not more:
        return found[0]
    ask_whom_to_check(form, found, more)
    return None


def ask_whom_to_check(form: CheckForm, found: list[User], more: bool) -> None:
    """Say in the form that nobody fits what was typed, or offer the users who do."""
    if not found:
        form.user.errors = [gettext("No user of your organization has this name, address or number.")]
        return
    form.who.choices = [(user.ref, f"{user.name} ({user.email})") for user in found]
    form.who.errors = [form.who.label.text]
    if more:
        form.user.errors = [gettext("There are more than these. Enter more of the name, or the whole address.")]


def gather_check_facts(user: User, typed: str, body: str) -> Facts:
    """What is known about a person and about number and text, as far as they were typed."""
    return composer.gather_draft_facts(user, send_facts.read_draft(user, typed, body), typed, now())


def list_rule_answers(user: User, facts: Facts) -> list[dict[str, Any]]:
    """Every rule about sending with its answer: it blocks, delays or warns, it is met, or it was not asked."""
    reasons = {reason.id: reason for reason in decide(Act.SEND, facts).reasons}
    explained = {one.id: one for one in explain_reasons(user, reasons.values())}
    return [{"id": rule.id, "title": gettext(rule.title), "reason": explained.get(rule.id),
             "asked": rule.is_asked(facts), "anchor": url_for("notices.show_limitations", _anchor=rule.id)}
            for rule in BY_ACT[Act.SEND]]


@bp.get("/check")
def show_check_form() -> str:
    """The empty form, or the form for one user."""
    form = CheckForm(formdata=None)
    if ref := request.args.get("user"):
        form.user.data = users.find_user(current_user, ref).email
    return render_template("admin/check.html", form=form)


@bp.post("/check")
def show_check_result() -> Response:
    """The verdict. The form is posted so that no number stands in an address."""
    form, snapshot = CheckForm(), OrganizationSnapshot.read(current_user.organization_id)
    user = find_user_to_check(form, snapshot) if form.validate_on_submit() else None
    if user is None:
        return make_response(render_template("admin/check.html", form=form, errors=True), 422)
    facts = gather_check_facts(user, form.number.data or "", form.text.data or "")
    decision = decide(Act.SEND, facts)
    return make_response(render_template(
        "admin/check.html", form=form, user=user, decision=decision, answers=list_rule_answers(user, facts),
        state=wording.standing_in_words(snapshot.standing(profile_of_user(user), user.id)), reading=facts.recipient,
        headline=wording.reason_in_words(decision.headline) if decision.headline and not decision.allowed else None))
