"""A form takes exactly what the column behind it holds, and says what is too long without losing it."""

import pkgutil
import re
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import String
from wtforms import FileField, IntegerField, StringField, TextAreaField

from portal import blueprints, lengths
from portal.blueprints.admin import (
    consent_forms,
    deactivation,
    forms,
    location_forms,
    optouts,
    records_forms,
    toggle_forms,
)
from portal.blueprints.auth import forms as auth_forms
from portal.blueprints.messaging import forms as messaging_forms
from portal.blueprints.notices import forms as notices_forms
from portal.blueprints.operator import carrier_forms, case_forms, claim_forms, records, restriction_forms
from portal.blueprints.operator import forms as operator_forms
from portal.blueprints.spam import forms as spam_forms
from portal.extensions import db
from portal.models import (
    Appeal,
    CarrierRecord,
    CaseEntry,
    ConsentRecord,
    Conversation,
    Location,
    Message,
    OptOut,
    Organization,
    RecordsRequest,
    Report,
    Restriction,
    RetentionHold,
    Setting,
    User,
)
from portal.services.accounts import passwords
from portal.services.imports import columns, reading, rows
from portal.services.refusals import Clash
from portal.services.texting.outbox import OutboxWorker
from portal.web import consent_fields, reader
from portal.web.forms import CarriedField, Form, length_limit_of_field
from portal.web.link_forms import ShowLinkForm

# What is typed into a field and kept in a column as it was typed.
KEPT = {
    (forms.UserDetailsForm, "name"): User.name, (forms.UserDetailsForm, "email"): User.email,
    (forms.NewUserForm, "name"): User.name, (forms.NewUserForm, "email"): User.email,
    (forms.NewLocationForm, "name"): Location.name,
    (forms.OrganizationDetailsForm, "name"): Organization.name,
    (forms.OrganizationDetailsForm, "reply_name"): Organization.reply_name,
    (forms.OrganizationDetailsForm, "help_contact"): Organization.help_contact,
    (forms.OrganizationDetailsForm, "mailing_address"): Organization.mailing_address,
    (forms.OrganizationDetailsForm, "telephone"): Organization.telephone,
    (forms.OrganizationDetailsForm, "privacy_contact"): Organization.privacy_contact,
    (consent_forms.TypedConsentForm, "consent_proof"): ConsentRecord.proof,
    (consent_forms.CorrectConsentForm, "consent_proof"): ConsentRecord.proof,
    (consent_forms.CorrectConsentForm, "reason"): ConsentRecord.reason,
    (consent_forms.WithdrawConsentForm, "reason"): ConsentRecord.reason,
    (consent_fields.NewConsentForm, "consent_proof"): ConsentRecord.proof,
    (messaging_forms.NewTextForm, "consent_proof"): ConsentRecord.proof,
    (optouts.NewOptOutForm, "source"): OptOut.note, (optouts.WithdrawOptOutForm, "reason"): OptOut.note,
    (toggle_forms.UnitToggleForm, "reason"): Setting.reason,
    (messaging_forms.ConversationNameForm, "name"): Conversation.name,
    (operator_forms.NewOrganizationForm, "name"): Organization.name,
    (operator_forms.NewOrganizationForm, "location_name"): Location.name,
    (operator_forms.NewOrganizationForm, "admin_name"): User.name,
    (operator_forms.NewOrganizationForm, "admin_email"): User.email,
    (carrier_forms.CarrierForm, "name"): CarrierRecord.name,
    (case_forms.CaseDecisionForm, "note"): Restriction.note,
    (case_forms.CaseNoteForm, "note"): CaseEntry.note, (case_forms.ReopenCaseForm, "note"): CaseEntry.note,
    (restriction_forms.LiftRestrictionForm, "reason"): Restriction.lifted_note,
    (restriction_forms.ExtendRestrictionForm, "reason"): Restriction.note,
    (restriction_forms.AppealAnswerForm, "reason"): Appeal.answer,
    (spam_forms.ReportForm, "email"): Report.email,
    (records_forms.AskRecordsForm, "reason"): RecordsRequest.reason,
    (records_forms.DecideRecordsForm, "answer"): RecordsRequest.answer,
    (records.OperatorRecordsForm, "answer"): RecordsRequest.answer,
    (records_forms.RenewHoldForm, "reason"): RetentionHold.reason,
    (records_forms.SetHoldForm, "reason"): RetentionHold.reason,
}
# What no column keeps as it was typed: the most characters, and what becomes of it.
ELSEWHERE = {
    (auth_forms.SignInForm, "email"): (lengths.EMAIL_ADDRESS, "Looked for among the addresses."),
    (auth_forms.SignInForm, "password"): (lengths.TYPED_PASSWORD, "Compared with a hash."),
    (auth_forms.PasswordForm, "password"): (lengths.TYPED_PASSWORD, "Hashed."),
    (auth_forms.PasswordForm, "again"): (lengths.TYPED_PASSWORD, "Compared with the other field."),
    (auth_forms.ChangePasswordForm, "password"): (lengths.TYPED_PASSWORD, "Hashed."),
    (auth_forms.ChangePasswordForm, "again"): (lengths.TYPED_PASSWORD, "Compared with the other field."),
    (auth_forms.ChangePasswordForm, "current_password"): (lengths.TYPED_PASSWORD, "Compared with a hash."),
    (ShowLinkForm, "reason"): (lengths.LINK_REASON, "Kept in the audit log and read by the person."),
    (forms.NewUserForm, "number"): (lengths.TYPED_NUMBER, "Read as a number."),
    (forms.UserNumberForm, "number"): (lengths.TYPED_NUMBER, "Read as a number."),
    (location_forms.LocationAnswersForm, "closed"): (lengths.CLOSED_DAYS, "Read as days."),
    (forms.CheckForm, "user"): (lengths.OTHER_LINE, "Looked for among the users."),
    (forms.CheckForm, "number"): (lengths.TYPED_NUMBER, "Read as a number."),
    (forms.CheckForm, "text"): (None, "The rules count it in segments."),
    **{(kind, "consent_day"): (lengths.OTHER_LINE, "Read as a day.") for kind in (
        consent_forms.TypedConsentForm, consent_forms.CorrectConsentForm, consent_fields.NewConsentForm,
        messaging_forms.NewTextForm)},
    (consent_forms.TypedConsentForm, "number"): (lengths.TYPED_NUMBER, "Read as a number."),
    (optouts.NewOptOutForm, "number"): (lengths.TYPED_NUMBER, "Read as a number."),
    (messaging_forms.TextForm, "body"): (None, "The rules count it in segments."),
    (messaging_forms.NewTextForm, "body"): (None, "The rules count it in segments."),
    (messaging_forms.NewTextForm, "number"): (lengths.TYPED_NUMBER, "Read as a number or a name."),
    (notices_forms.AppealForm, "words"): (lengths.APPEAL_WORDS, "A column without a length."),
    (operator_forms.NewOrganizationForm, "numbers"): (lengths.NEW_NUMBERS, "Read as numbers."),
    (operator_forms.NewNumberForm, "number"): (lengths.TYPED_NUMBER, "Read as a number."),
    (case_forms.CaseDecisionForm, "duplicate_of"): (lengths.OTHER_LINE, "Looked for among the cases."),
    (claim_forms.ClaimChoiceForm, "reason"): (lengths.CLAIM_REASON, "Kept in the details of the audit log."),
    (records_forms.AskRecordsForm, "number"): (lengths.TYPED_NUMBER, "Read as a number."),
    (records_forms.SetHoldForm, "held"): (lengths.EMAIL_ADDRESS, "Read as a number, or looked for among the users."),
    (deactivation.DeactivationForm, "answers"): (lengths.EMAIL_ADDRESS, "Looked for among the members."),
    (spam_forms.ReportForm, "sender"): (lengths.COPIED_NUMBER, "Cut to its column unless it holds a number."),
    (spam_forms.ReportForm, "body"): (lengths.REPORTED_BODY, "A column without a length."),
    (spam_forms.ReportForm, "theirs"): (lengths.TYPED_NUMBER, "Read as a number."),
    (spam_forms.ReportForm, "got_at"): (lengths.OTHER_LINE, "Read as a day."),
    (spam_forms.ReportForm, "website"): (lengths.OTHER_LINE, "A trap for machines, and not kept."),
}
NEEDS_LOCATIONS = {forms.UserDetailsForm, forms.NewUserForm}


def all_forms():
    for found in pkgutil.walk_packages(blueprints.__path__, "portal.blueprints."):
        import_module(found.name)
    kinds = [Form]
    for kind in kinds:
        kinds += kind.__subclasses__()
    return [kind for kind in kinds[1:] if kind.__module__.startswith("portal.")]


def typed_fields(form):
    """The fields that a person types words into."""
    return {field.name for field in form if isinstance(field, StringField | TextAreaField)
            and not isinstance(field, CarriedField | FileField | IntegerField) and field.name != "csrf_token"
            and field.type not in {"HiddenField", "CSRFTokenField"}}


def make_form(kind, **given):
    return kind([], **given) if kind in NEEDS_LOCATIONS else kind(**given)


@pytest.fixture
def posted(app, monkeypatch):
    """A function that fills a form as if it had been sent; the portal can send mail, so every field is there."""
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], mail_server="mail.example.com"))

    def post(kind, **sent):
        with app.test_request_context("/", method="POST", data=sent):
            form = make_form(kind)
            form.validate()
            for field in form:
                # Sentences are translated when they are read, and the reader goes with the request.
                field.errors = list(map(str, field.errors))
            return form
    return post


def name_of(row):
    return f"{row[0].__name__}.{row[1]}"


def test_every_field_that_is_typed_into_has_its_row(posted):
    found = {(kind, name) for kind in all_forms() for name in typed_fields(posted(kind))}
    assert found == KEPT.keys() | ELSEWHERE.keys()
    assert all(len(why) > 5 for _, why in ELSEWHERE.values())


@pytest.mark.parametrize("row", KEPT, ids=name_of)
def test_a_form_takes_what_its_column_holds(posted, row):
    kind, name = row
    assert length_limit_of_field(posted(kind)[name])[0] == KEPT[row].type.length


@pytest.mark.parametrize("row", ELSEWHERE, ids=name_of)
def test_other_fields_have_a_limit_as_well(posted, row):
    kind, name = row
    assert length_limit_of_field(posted(kind)[name])[0] == ELSEWHERE[row][0]


@pytest.mark.parametrize("row", [*KEPT, *(row for row in ELSEWHERE if ELSEWHERE[row][0])], ids=name_of)
def test_one_character_too_many_is_refused_and_stays(posted, row):
    """The field says how many characters it takes, and nothing else is said of it."""
    kind, name = row
    most = KEPT[row].type.length if row in KEPT else ELSEWHERE[row][0]
    typed = "x" * (most + 1)
    field = posted(kind, **{name: typed})[name]
    said = lengths.TYPED_NUMBER if row == (spam_forms.ReportForm, "sender") else most
    assert field.errors == [f"Use at most {said:,} characters."]
    assert field.data == typed
    assert not any("at most" in error for error in posted(kind, **{name: typed[1:]})[name].errors
                   if row != (spam_forms.ReportForm, "sender"))


def test_a_file_of_users_takes_what_the_columns_hold():
    """Each cell says how long it may be, and the next step gets no more than the column holds."""
    held = {columns.ImportColumn.DISPLAY_NAME: User.name, columns.ImportColumn.LOCATION: Location.name,
            columns.ImportColumn.APP_VERSION: User.app_version}
    for column, kept in held.items():
        most = kept.type.length
        for many in (most, most + 1):
            file = f"{columns.ImportColumn.EMAIL},{column}\r\na@example.com,{'x' * many}\r\n"
            sheet = reading.read_sheet(file.encode())
            problems = rows.read_rows(sheet, (), ())[0].problems
            assert [one.values for one in problems] == [{"column": column, "most": most}] * (many - most)


def test_the_command_line_takes_what_the_column_holds(inside):
    with inside():
        with pytest.raises(Clash) as refused:
            passwords.create_operator("new@example.com", "x" * (User.name.type.length + 1))
        assert refused.value.values == {"most": User.name.type.length}
        assert passwords.create_operator("new@example.com", "x" * User.name.type.length)


def test_what_is_chosen_fits_its_column(app):
    assert max(map(len, reader.list_zone_names())) <= Location.time_zone.type.length
    assert Location.time_zone.type.length == User.time_zone.type.length == lengths.TIME_ZONE
    assert max(map(len, reader.LANGUAGES)) <= User.language.type.length
    with app.test_request_context("/"):
        assert max(len(one.value) for one in forms.NewLocationForm().country.choices) <= Location.country.type.length


def test_names_fit_the_audit_log():
    """It keeps the name of every actor and subject."""
    named = (User.name, Organization.name, Location.name)
    assert {column.type.length for column in named} == {lengths.AUDIT_NAME}


def test_every_length_is_asked_for():
    """A figure that nobody asks for would look like a promise."""
    texts = [path.read_text(encoding="utf-8") for path in Path(lengths.__file__).parent.rglob("*.py")]
    asked = {name for text in texts for name in re.findall(r"\blengths\.([A-Z0-9_]+)", text)}
    assert asked == {name for name in vars(lengths) if name.isupper()}


def test_every_column_of_words_has_a_length_or_none_for_good():
    """Texts, reports and appeals are limited by the rules or by their form."""
    found = {f"{table.name}.{column.name}" for table in db.metadata.tables.values() for column in table.columns
             if isinstance(column.type, String) and column.type.length is None}
    assert found == {"messages.body", "reports.body", "evidence.body", "appeals.words"}


def test_the_name_of_a_worker_fits_its_column():
    """Host names may have 64 characters; two processes of one host still differ."""
    one, other = (OutboxWorker(f"{'host' * 16}:{number}").name for number in (12345, 12346))
    assert one != other
    assert len(one) == len(other) == Message.claimed_by.type.length
