"""Records requests of organizations with one administrator: an operator is the second person."""

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext

from portal.services.records import requests
from portal.services.records.requests import RequestRow
from portal.services.refusals import Changed, Clash
from portal.web.reader import signed_in_user
from portal.web.requests import read_list_position

from . import bp
from .records_forms import OperatorRecordsForm
from .shown import OperatorRecordsPage, OperatorRequestPage


@bp.get("/records")
def list_records_to_decide() -> str:
    """The requests that wait for an operator."""
    before = read_list_position("before")
    rows, more = requests.list_request_rows_for_operator(before)
    return render_template("operator/records.html", page=OperatorRecordsPage(
        rows, before is None, rows[-1].request.id if more else None))


def operator_request_page(row: RequestRow, form: OperatorRecordsForm, code: int = 200) -> Response:
    """One request around the form to decide it."""
    return make_response(render_template("operator/records_request.html", page=OperatorRequestPage(row, form)), code)


@bp.get("/records/<ref>")
def show_request_to_decide(ref: str) -> Response:
    """One request that waits for an operator."""
    return operator_request_page(requests.find_request_row_for_operator(ref), OperatorRecordsForm(formdata=None))


@bp.post("/records/<ref>")
def decide_request_for_organization(ref: str) -> Response:
    """Release the texts to the administrator who asked, or refuse them with a reason."""
    row, form = requests.find_request_row_for_operator(ref), OperatorRecordsForm()
    form.refuses = request.form.get("do") != "release"
    if not form.validate_on_submit():
        return operator_request_page(row, form, 422)
    return settle_operator_decision(row, form)


def settle_operator_decision(row: RequestRow, form: OperatorRecordsForm) -> Response:
    """Store the decision; a second decision changes nothing and says so."""
    try:
        requests.decide_records_request(signed_in_user(), row.request, released=not form.refuses,
                                        answer=form.answer.data or "")
        flash(gettext("Refused. Nobody can read the texts.") if form.refuses else
              gettext("Released to the administrator for seven days."))
    except Clash as clash:
        form.clash(clash.field, clash.sentence, clash.values)
        return operator_request_page(requests.find_request_row_for_operator(row.request.ref), form, 422)
    except Changed:
        flash(gettext("Another person has decided already. Nothing was changed."))
    return make_response(redirect(url_for("operator.list_records_to_decide"), 303))
