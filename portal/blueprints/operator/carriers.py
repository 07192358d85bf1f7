"""Carriers as operators see them: added, changed, tested, turned off, and assigned."""

from typing import Any

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext

from portal import wording
from portal.carriers.kinds import CarrierKind
from portal.marks import N_
from portal.models import CarrierRecord
from portal.services.carriers import assignments, carrier_records, carrier_state, connection
from portal.services.carriers.typed_settings import WrongSettings
from portal.services.people import organizations
from portal.services.refusals import Changed, Clash
from portal.web.htmx import respond
from portal.web.reader import signed_in_user
from portal.web.toast import Tone, tell_next_page
from portal.wording.carriers import CarrierWords, carrier_condition_in_words, carrier_failure_in_words

from . import bp
from .carrier_forms import CarrierForm, NumberCarrierForm, OrganizationCarrierForm
from .carrier_shown import (
    CarrierKindsPage,
    CarrierNewsPage,
    NewCarrierPage,
    carrier_card,
    carrier_page,
    carriers_page,
    compare_carrier_forms,
)
from .views import organization_page, redirect_to_organization


@bp.get("/carriers")
def list_carriers() -> str:
    """All carriers, by name."""
    return render_template("operator/carriers.html", page=carriers_page())


@bp.get("/carriers/new")
def choose_carrier_kind() -> str:
    """The kinds to choose from; each leads to its own form."""
    return render_template("operator/carrier_kinds.html", page=CarrierKindsPage(carrier_records.list_kinds()))


@bp.route("/carriers/new/<kind>", methods=["GET", "POST"])
def add_carrier(kind: str) -> Response:
    """A new carrier of one kind."""
    chosen = find_kind_or_404(kind)
    form = CarrierForm(chosen, new=True)
    if form.validate_on_submit():
        try:
            added = carrier_records.add_carrier(signed_in_user(), chosen, form.typed)
            return redirect_to_carrier(added, gettext("%(name)s is added. Test the connection next.", name=added.name))
        except WrongSettings as refused:
            form.refuse(refused.clashes)
    page = render_template("operator/add_carrier.html", page=NewCarrierPage(chosen, form))
    return make_response(page, 422 if form.errors else 200)


def find_kind_or_404(name: str) -> CarrierKind:
    """A kind of carrier that can be added; 404 for any other."""
    try:
        return carrier_records.find_kind(name)
    except LookupError:
        abort(404)


@bp.route("/carriers/<ref>", methods=["GET", "POST"])
def show_carrier(ref: str) -> Response:
    """One carrier; its form changes it."""
    found = carrier_records.find_carrier_for_operator(ref)
    form = CarrierForm(carrier_records.kind_of_record(found), new=carrier_state.needs_secrets(found))
    if not form.is_submitted():
        return carrier_answer(found)
    if form.kind is None or not form.validate():
        return carrier_answer(found, 422, form=form)
    return change_carrier_by_form(found, form)


def carrier_answer(found: CarrierRecord, code: int = 200, **said: Any) -> Response:
    """The page of a carrier; `said` holds what is shown besides what is stored."""
    return make_response(render_template("operator/carrier.html", page=carrier_page(found, **said)), code)


def change_carrier_by_form(found: CarrierRecord, form: CarrierForm) -> Response:
    """Store what was typed, or say why not; secrets that were typed are never shown again."""
    try:
        carrier_records.change_carrier(signed_in_user(), found, form.version.data or 0, form.typed)
    except WrongSettings as refused:
        form.refuse(refused.clashes)
        return carrier_answer(found, 422, form=form)
    except Changed:
        both = compare_carrier_forms(found, form)
        form.renew(found.version)
        return carrier_answer(found, 409, form=form, both=both)
    if found.secrets is None:
        return redirect_to_carrier(found, gettext("Saved. The secrets are emptied, and its texts wait until you type"
                                                  " them again."), Tone.NOTHING)
    return redirect_to_carrier(found, gettext("Saved. It takes effect with the next text."))


def redirect_to_carrier(found: CarrierRecord, said: str, tone: Tone = Tone.DONE) -> Response:
    """To the page of a carrier again, with what was done."""
    tell_next_page(said, tone)
    return make_response(redirect(url_for("operator.show_carrier", ref=found.ref), 303))


@bp.get("/carriers/<ref>/news")
def show_carrier_news(ref: str) -> Response:
    """How a carrier is, if that is not what the page that asks shows; 204 if it is."""
    found, seen = carrier_records.find_carrier_for_operator(ref), request.args.get("seen", "")
    if seen == carrier_state.read_state_version(found):
        return Response(status=204)
    card = carrier_card(found)
    told = card.words if seen.partition(".")[0] != card.state.verdict else None
    return make_response(render_template("operator/carrier_news.html", page=CarrierNewsPage(card, told)))


@bp.post("/carriers/<ref>/test")
def test_carrier(ref: str) -> Response:
    """Ask a carrier how it is, and say it in place."""
    found = carrier_records.find_carrier_for_operator(ref)
    told = describe_answer(connection.ask_carrier(found))
    works = told.tone == Tone.DONE
    return respond("operator/carrier.html", "operator/_carrier_test.html", {"page": carrier_page(found, tested=told)},
                   title=found.name, ok=works, go=url_for("operator.show_carrier", ref=ref), said=told.announced,
                   tone=Tone.DONE if works else Tone.REFUSED, status=200)


def describe_answer(answer: connection.ConnectionAnswer) -> CarrierWords:
    """What came of asking a carrier, in words."""
    if answer.condition is None:
        return carrier_failure_in_words(answer.code, answer.fault or "")
    return carrier_condition_in_words(answer.condition.balance, answer.condition.lines)


@bp.post("/carriers/<ref>/use")
def change_carrier_use(ref: str) -> Response:
    """Turn a carrier on or off, let it take all other texts or no longer, or remove it: what the button says."""
    found, do = carrier_records.find_carrier_for_operator(ref), request.form.get("do", "")
    if do not in USES:
        abort(400)
    if do == "remove":
        return remove_carrier_by_form(found)
    USES[do](found)
    return redirect_to_carrier(found, gettext(USED[do]))


USES = {
    "on": lambda found: carrier_records.set_carrier_active(signed_in_user(), found, active=True),
    "off": lambda found: carrier_records.set_carrier_active(signed_in_user(), found, active=False),
    "default": lambda found: carrier_records.set_default_carrier(signed_in_user(), found, default=True),
    "no-default": lambda found: carrier_records.set_default_carrier(signed_in_user(), found, default=False),
    "remove": lambda found: carrier_records.remove_carrier(signed_in_user(), found),
}


# What is said after each of them.
USED = {
    "on": N_("Turned on."), "off": N_("Turned off. Its texts wait."),
    "default": N_("It takes all texts now."), "no-default": N_("It takes only assigned texts now."),
}


def remove_carrier_by_form(found: CarrierRecord) -> Response:
    """Remove a carrier and go to the list, or say why it stays."""
    name = found.name
    try:
        USES["remove"](found)
    except Clash as clash:
        return carrier_answer(found, 422, problems=[wording.translate_sentence(clash.sentence, clash.values)])
    flash(gettext("%(name)s is removed.", name=name))
    return make_response(redirect(url_for("operator.list_carriers"), 303))


@bp.get("/carriers/<ref>/test")
@bp.get("/carriers/<ref>/use")
def reload_carrier(ref: str) -> Response:
    """A reload after an answer leads back to the page."""
    found = carrier_records.find_carrier_for_operator(ref)
    return make_response(redirect(url_for("operator.show_carrier", ref=found.ref), 303))


@bp.post("/organizations/<ref>/carrier")
def choose_organization_carrier(ref: str) -> Response:
    """Let the texts of an organization leave by another carrier."""
    found, form = organizations.find_organization_for_operator(ref), OrganizationCarrierForm(
        carrier_records.list_carriers())
    if form.validate_on_submit():
        try:
            assignments.choose_organization_carrier(signed_in_user(), found, form.carrier.data)
            return redirect_to_organization(ref, gettext("Saved. It takes effect with the next text."), "carrier-part")
        except Clash as clash:
            form.clash(clash.field, clash.sentence, clash.values)
    return organization_page(found, 422, carrier=form)


@bp.post("/organizations/<ref>/numbers/carrier")
def choose_number_carrier(ref: str) -> Response:
    """Let the texts of the chosen numbers leave by another carrier."""
    found, form = organizations.find_organization_for_operator(ref), NumberCarrierForm(carrier_records.list_carriers())
    if form.validate_on_submit():
        try:
            many = assignments.choose_number_carrier(signed_in_user(), found, form.numbers.data or [],
                                                     form.number_carrier.data)
            said = ngettext("The carrier of %(num)s number has changed.", "The carriers of %(num)s numbers have"
                            " changed.", many)
            return redirect_to_organization(ref, said, "numbers")
        except Clash as clash:
            form.clash("number_carrier", clash.sentence, clash.values)
    return organization_page(found, 422, number_carrier=form)
