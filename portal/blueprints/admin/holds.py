"""Holds: texts that stay until an administrator ends the hold."""

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user

from portal.extensions import now
from portal.services.records import holds
from portal.services.records.holds import HoldRow
from portal.services.refusals import Changed, Clash
from portal.web.reader import signed_in_user, zone_of_reader
from portal.web.requests import read_list_position

from . import bp
from .records_forms import RenewHoldForm, SetHoldForm
from .records_shown import HoldLine, HoldPage, HoldsPage
from .records_words import hold_name, hold_state_in_words


def holds_page(form: SetHoldForm, code: int = 200) -> Response:
    """The list of holds around the form for a new one."""
    before = read_list_position("before")
    rows, more = holds.list_hold_rows(current_user, before)
    return make_response(render_template("admin/holds.html", page=HoldsPage(
        form, [HoldLine(row, hold_name(row), hold_state_in_words(row, now())) for row in rows], before is None,
        rows[-1].hold.id if more else None)), code)


@bp.get("/records/holds")
def list_holds() -> Response:
    """Every hold, newest first."""
    return holds_page(SetHoldForm(formdata=None))


@bp.post("/records/holds")
def set_typed_hold() -> Response:
    """Hold the texts of a number or of a user."""
    form = SetHoldForm()
    if form.validate_on_submit():
        try:
            holds.set_hold(signed_in_user(), form.held.data or "", form.reason.data or "", form.review.begins_at())
            flash(gettext("Hold set. None of these texts is erased until you end it."))
            return make_response(redirect(url_for("admin.list_holds"), 303))
        except Clash as clash:
            form.clash(clash.field, clash.sentence, clash.values)
    return holds_page(form, 422)


def hold_page(row: HoldRow, form: RenewHoldForm, code: int = 200) -> Response:
    """The page of one hold."""
    return make_response(render_template("admin/hold.html", page=HoldPage(
        row, form, hold_name(row), hold_state_in_words(row, now()))), code)


@bp.get("/records/holds/<ref>")
def show_hold(ref: str) -> Response:
    """One hold, and the forms to renew or to end it."""
    row = holds.find_hold_row(current_user, ref)
    day = row.hold.review_at.astimezone(zone_of_reader()).date()
    return hold_page(row, RenewHoldForm(formdata=None, data={"reason": row.hold.reason, "review": day}))


@bp.post("/records/holds/<ref>")
def change_hold(ref: str) -> Response:
    """Renew or end a hold."""
    row = holds.find_hold_row(current_user, ref)
    if request.form.get("do") == "end":
        holds.end_hold(signed_in_user(), row.hold)
        flash(gettext("Hold ended. Tonight, texts past the retention period are erased."))
        return redirect_to_hold(ref)
    return renew_shown_hold(row, RenewHoldForm())


def renew_shown_hold(row: HoldRow, form: RenewHoldForm) -> Response:
    """Store another reason and day of review; one that ended meanwhile stays as it is."""
    ref = row.hold.ref
    try:
        if not form.validate_on_submit():
            return hold_page(row, form, 422)
        holds.renew_hold(signed_in_user(), row.hold, form.reason.data or "", form.review.begins_at())
        flash(gettext("The hold stays until the day you chose."))
    except Clash as clash:
        form.clash(clash.field, clash.sentence, clash.values)
        return hold_page(holds.find_hold_row(current_user, ref), form, 422)
    except Changed:
        flash(gettext("Another person has ended the hold. Nothing was changed. Set a new one if you need it."))
    return redirect_to_hold(ref)


def redirect_to_hold(ref: str) -> Response:
    """To the hold's page again."""
    return make_response(redirect(url_for("admin.show_hold", ref=ref), 303))
