"""Records requests: asked for by an administrator, released or refused by a second person."""

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user

from portal.services.records import requests
from portal.services.records.requests import RequestRow
from portal.services.records.transcripts import may_read_records
from portal.services.refusals import Changed, Clash
from portal.web.reader import signed_in_user
from portal.web.requests import read_list_position

from . import bp
from .records_forms import AskRecordsForm, DecideRecordsForm
from .records_shown import RecordsPage, RecordsRequestPage
from .records_words import request_state_in_words


def records_page(form: AskRecordsForm, code: int = 200) -> Response:
    """The list of requests around the form for a new one."""
    before = read_list_position("before")
    rows, more = requests.list_request_rows(current_user, before)
    return make_response(render_template("admin/records.html", page=RecordsPage(
        form, [(row, request_state_in_words(row)) for row in rows], before is None,
        rows[-1].request.id if more else None)), code)


@bp.get("/records")
def list_records() -> Response:
    """What was asked for, newest first."""
    return records_page(AskRecordsForm(formdata=None))


@bp.post("/records")
def ask_for_typed_records() -> Response:
    """Ask for all texts with a number in a period."""
    form = AskRecordsForm()
    if form.validate_on_submit():
        try:
            asked = requests.ask_for_records(signed_in_user(), form.number.data or "", form.since.begins_at(),
                                             form.until.begins_at(1), form.reason.data or "")
            flash(gettext("Request saved. A second person has to release the texts."))
            return make_response(redirect(url_for("admin.show_request", ref=asked.ref), 303))
        except Clash as clash:
            form.clash(clash.field, clash.sentence, clash.values)
    return records_page(form, 422)


def request_page(row: RequestRow, form: DecideRecordsForm, code: int = 200) -> Response:
    """The page of one request: its state, what the reader may do, and for the two who may the ways to the texts."""
    actor = signed_in_user()
    return make_response(render_template("admin/records_request.html", page=RecordsRequestPage(
        row, form, request_state_in_words(row), requests.may_decide_request(actor, row.request),
        may_read_records(actor, row), requests.count_members_concerned(row.request))), code)


@bp.get("/records/<ref>")
def show_request(ref: str) -> Response:
    """One request."""
    return request_page(requests.find_request_row(current_user, ref), DecideRecordsForm(formdata=None))


@bp.post("/records/<ref>")
def decide_request(ref: str) -> Response:
    """Release the texts, or refuse them with a reason."""
    row, form = requests.find_request_row(current_user, ref), DecideRecordsForm()
    form.refuses = request.form.get("do") != "release"
    if not form.validate_on_submit():
        return request_page(row, form, 422)
    return settle_request(row, form)


def settle_request(row: RequestRow, form: DecideRecordsForm) -> Response:
    """Store the decision; a second decision changes nothing and says so."""
    try:
        requests.decide_records_request(signed_in_user(), row.request, released=not form.refuses,
                                        answer=form.answer.data or "")
        flash(gettext("Refused. Nobody can read the texts.") if form.refuses else
              gettext("Released for seven days. The members read it in their notices."))
    except Clash as clash:
        form.clash(clash.field, clash.sentence, clash.values)
        return request_page(row, form, 422)
    except Changed:
        flash(gettext("Another person has decided already. Nothing was changed."))
    return make_response(redirect(url_for("admin.show_request", ref=row.request.ref), 303))
