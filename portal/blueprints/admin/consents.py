"""Consents: who agreed to texts of the organization, how and until when."""

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user

from portal.models import ConsentRecord
from portal.services import names
from portal.services.refusals import Clash
from portal.services.texting import consents
from portal.web.consent_fields import fill_consent_fields, store_consent_fields
from portal.web.reader import signed_in_user
from portal.web.requests import read_list_position
from portal.wording import consents as words

from . import bp
from .consent_forms import CorrectConsentForm, TypedConsentForm, WithdrawConsentForm
from .shown import ConsentLine, ConsentPage, ConsentsPage


def describe_consent(record: ConsentRecord, writer: str) -> ConsentLine:
    """A consent as the pages show it."""
    can = consents.can_withdraw_consent(record)
    return ConsentLine(record, can, writer or gettext("the portal"), words.consent_state_in_words(record.ending, can),
                       words.consent_proof_in_words(record.kind, record.proof))


def consent_list_page(form: TypedConsentForm, search: str = "", before: int | None = None) -> str:
    """The list, 50 a page, newest first."""
    rows = consents.list_consent_rows(current_user.organization_id, before, names.digits_of_search(search))
    shown, more = rows[:consents.CONSENTS_PER_PAGE], len(rows) > consents.CONSENTS_PER_PAGE
    return render_template("admin/consents.html", page=ConsentsPage(
        form, [describe_consent(*row) for row in shown], search, before is None, shown[-1].record.id if more else None))


@bp.get("/consents")
def list_consents() -> str:
    """Every consent, newest first."""
    return consent_list_page(TypedConsentForm(formdata=None), before=read_list_position("before"))


@bp.post("/consents/search")
def search_consents() -> str:
    """Those of numbers with these digits. It is posted, so that no number stands in an address."""
    return consent_list_page(TypedConsentForm(formdata=None), request.form.get("search", ""),
                             read_list_position("before"))


@bp.post("/consents")
def add_consent() -> Response:
    """Write down a consent."""
    form = TypedConsentForm()
    if store_consent_fields(form, lambda said: consents.record_typed_consent(
            signed_in_user(), current_user.organization, form.number.data or "", said)):
        flash(gettext("Consent written down."))
        return make_response(redirect(url_for("admin.list_consents"), 303))
    return make_response(consent_list_page(form), 422)


def consent_page(row: ConsentRecord, withdrawing: WithdrawConsentForm | None = None,
                 correcting: CorrectConsentForm | None = None) -> str:
    """The page of one consent."""
    known = fill_consent_fields(row.kind, row.given_at, row.proof)
    withdrawing = withdrawing or WithdrawConsentForm(formdata=None, prefix="withdraw")
    correcting = correcting or CorrectConsentForm(formdata=None, prefix="correct", data=known)
    return render_template("admin/consent.html", page=ConsentPage(
        describe_consent(row, consents.name_of_consent_writer(row)), withdrawing, correcting))


@bp.get("/consents/<ref>")
def show_consent(ref: str) -> str:
    """One consent, and the forms to withdraw and to correct it."""
    return consent_page(consents.find_consent(current_user.organization_id, ref))


@bp.post("/consents/<ref>")
def withdraw_consent(ref: str) -> Response:
    """Withdraw a consent."""
    row, form = consents.find_consent(current_user.organization_id, ref), WithdrawConsentForm(prefix="withdraw")
    if form.validate_on_submit():
        try:
            consents.withdraw_consent(signed_in_user(), current_user.organization, row, form.reason.data or "")
            flash(gettext("Consent withdrawn."))
            return make_response(redirect(url_for("admin.list_consents"), 303))
        except Clash as clash:
            form.clash(clash.field, clash.sentence, clash.values)
    return make_response(consent_page(row, form), 422)


@bp.post("/consents/<ref>/correct")
def correct_consent(ref: str) -> Response:
    """Put a right record in the place of a wrong one."""
    row, form = consents.find_consent(current_user.organization_id, ref), CorrectConsentForm(prefix="correct")
    if store_consent_fields(form, lambda said: consents.correct_consent(
            signed_in_user(), current_user.organization, row, said, form.reason.data or "")):
        flash(gettext("Consent corrected. The earlier entry stays as history."))
        return make_response(redirect(url_for("admin.list_consents"), 303))
    return make_response(consent_page(row, correcting=form), 422)


@bp.get("/consents/search")
@bp.get("/consents/<ref>/correct")
def reload_consents(ref: str = "") -> Response:
    """A reload after an error leads back to the list."""
    if ref:
        consents.find_consent(current_user.organization_id, ref)
    return make_response(redirect(url_for("admin.list_consents"), 303))
