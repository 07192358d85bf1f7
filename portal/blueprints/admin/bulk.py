"""Changes to many users at once: first the effect, then Confirm."""

from collections.abc import Callable
from dataclasses import replace

from flask import Response, flash, make_response, redirect, render_template, request
from flask_babel import gettext
from flask_login import current_user

from portal import wording
from portal.marks import N_
from portal.rules.decision import plural
from portal.services import audit
from portal.services.refusals import Changed
from portal.services.toggles import toggle
from portal.services.toggles.bulk import turn_many
from portal.services.toggles.eligibility import Roll
from portal.services.toggles.toggle import Outcome, Wish
from portal.services.toggles.user_list import Choice

from . import bp
from .reasons import effect_lines
from .toggle_forms import WORDS
from .users import address, asked, pairs

CHANGED = plural(N_("%(count)s user changed."), N_("%(count)s users changed."), "count")
LEFT_ALONE = plural(N_("%(count)s user was changed by somebody else meanwhile and was left alone."),
                    N_("%(count)s users were changed by somebody else meanwhile and were left alone."), "count")


@bp.post("/users")
def bulk() -> Response:
    """Change many; Back leads to the list with its filters."""
    chosen, word, step = meant(), request.form.get("word"), request.form.get("step")
    if step == "back" or word not in WORDS:
        return to_list(chosen)
    if not chosen.refs and not request.form.get("everybody"):
        flash(gettext("Select at least one user first, or choose all users on this filter."))
        return to_list(chosen)
    wish = Wish(WORDS[word])
    return confirm_many(wish, chosen) if step == "confirm" else preview_many(wish, chosen)


def meant() -> Choice:
    """The users who were selected, or all on the filter."""
    chosen = asked(request.form)
    return chosen if request.form.get("everybody") else replace(chosen, refs=tuple(request.form.getlist("user")))


def to_list(chosen: Choice) -> Response:
    """Back to the list as it was filtered."""
    return make_response(redirect(address(chosen), 303))


def preview_many(wish: Wish, chosen: Choice, problem: str = "") -> Response:
    """The effect of a change to many, and why it is refused if it is; nothing is written."""
    roll = Roll.of(current_user.organization_id)
    decision, effect = toggle.judge_many(current_user, wish, chosen.conditions(roll), roll)
    page = render_template(
        "admin/bulk.html", chosen=chosen, filters=pairs(chosen), word=toggle.word_of(wish), problem=problem,
        seen=audit.newest(current_user.organization_id), shown=effect.counts.total(), allowed=decision.allowed,
        lines=effect_lines(effect, list_of(wish, chosen)), errors=bool(problem) or not decision.allowed,
        told=[wording.reason(reason) for reason in decision.reasons])
    return make_response(page, 409 if problem else 200 if decision.allowed else 422)


def list_of(wish: Wish, chosen: Choice) -> Callable[[Outcome], str]:
    """Where the users with an outcome are listed; selected ones, and those of a list of this kind, are not."""
    if chosen.refs or chosen.outcome:
        return lambda _outcome: ""
    return lambda outcome: address(chosen, level="user", wish=toggle.word_of(wish), outcome=outcome.value)


def confirm_many(wish: Wish, chosen: Choice) -> Response:
    """Write the change to many; whoever was changed by somebody else meanwhile stays as they are."""
    seen, shown = request.form.get("seen", 0, int), request.form.get("shown", 0, int)
    try:
        decision, changed, left = turn_many(current_user, wish, chosen, seen, shown)
    except Changed:
        return preview_many(wish, chosen, gettext(
            "More users are on this filter now than the page showed. Nothing was saved; this is the effect now."))
    if not decision.allowed:
        return preview_many(wish, chosen)
    flash(wording.say(CHANGED, {"count": changed}))
    if left:
        flash(wording.say(LEFT_ALONE, {"count": left}))
    return to_list(chosen)
