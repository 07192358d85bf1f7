"""Views of reporting spam."""

from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext, pgettext

from portal import lengths, logs
from portal.models import Report
from portal.services.accounts import attempts
from portal.services.spam import reports
from portal.web import form_tokens, public_pages
from portal.web.compression import shows_secret
from portal.web.pages import full_address
from portal.wording.moments import format_moment
from portal.wording.spam import EXPLAINED, PROGRESS

from . import bp, stamp
from .forms import ReportForm
from .shown import ReportStatusPage, StopThanksPage


def report_page(form: ReportForm) -> str:
    """The form as its reader has it."""
    return write_report_page(form, reports.days_to_outcome())


def write_report_page(form: ReportForm, days: int | None) -> str:
    """The form; half of all reports are decided within so many days, None where none was decided yet."""
    return render_template("spam/report.html", form=form, errors=bool(form.errors), days=days,
                           only_stop=request.args.get("stop") == "y")


@bp.get("/spam", strict_slashes=False)
def redirect_to_report_form() -> Response:
    """An address to say on the phone and to print."""
    # Only this one: url_for takes other names for orders.
    known: dict[str, Any] = {"from": request.args["from"]} if "from" in request.args else {}
    return make_response(redirect(url_for("spam.show_report_form", **known), 303))


@bp.get("/report-spam", strict_slashes=False)
def show_report_form() -> str | Response:
    """The empty form; a link may know who sent the text, and that they shall stop."""
    if request.path.endswith("/"):
        return redirect_to_report_form()
    if public_pages.is_reader_like_all():
        return public_report_page()
    return report_page(ReportForm(formdata=None, sender=request.args.get("from", "")[:lengths.TYPED_NUMBER],
                                  stop=request.args.get("stop") == "y"))


def public_report_page() -> str:
    """The empty form, made once for all, with the token and the stamp of this reader."""
    made = public_pages.keep_words(unsigned_report_page, reports.days_to_outcome())
    return made.replace(form_tokens.NO_TOKEN, form_tokens.make_form_token()).replace(
        stamp.NO_STAMP, stamp.make_form_stamp())


def unsigned_report_page(days: int | None) -> str:
    """The empty form without token and stamp."""
    form = ReportForm(formdata=None)
    form.made.data = stamp.NO_STAMP
    with form_tokens.without_token():
        return write_report_page(form, days)


@bp.post("/report-spam")
def submit_report() -> Response:
    """Take a report, or say in the form what is missing or when to try again."""
    form = ReportForm()
    filed = reports.file_report(form.report_input(),
                                attempts.network_of_address(request.remote_addr or "")) if form.validate() else None
    if filed and filed.decision.allowed:
        return make_response(redirect(url_for("spam.show_report_thanks", token=filed.token,
                                              stop="y" if form.only_asks else None), 303))
    wait = form.refuse(filed.decision if filed else None)
    if wait is None:
        return make_response(report_page(form), 422)
    logs.log_security_event("excess_rate_limit_exceeded", about="report")
    return make_response(report_page(form), 429, {"Retry-After": str(int(wait.total_seconds()))})


@bp.get("/report-spam/thanks/<token>")
@shows_secret
def show_report_thanks(token: str) -> str:
    """What happens next. The same for everybody: nothing of the report, nothing about its sender."""
    reference = reports.find_report_by_token(token).ref
    if request.args.get("stop") == "y":
        return render_template("spam/stop_thanks.html", page=StopThanksPage(reference))
    return render_template("spam/thanks.html", reference=reference, token=token, days=reports.days_to_outcome(),
                           address=full_address("spam.show_report_status", token=token))


@bp.get("/report-spam/status/<token>")
@shows_secret
def show_report_status(token: str) -> str:
    """Where a report stands, in one of four words, for every reader who has its link."""
    report = reports.find_report_by_token(token)
    progress = reports.progress_of_report(report)
    return render_template("spam/status.html", page=ReportStatusPage(
        report.ref, progress, PROGRESS[progress], EXPLAINED[progress], list_report_steps(report)))


def list_report_steps(report: Report) -> list[tuple[str, str]]:
    """The three steps of a report, each with its day; "" before it has happened. The hour would tell too much."""
    names = (pgettext("report", "Received"), gettext("Looked at"), gettext("Decided"))
    return [(name, format_moment(at, "d MMM y") if at else "")
            for name, at in zip(names, reports.steps_of_report(report), strict=True)]
