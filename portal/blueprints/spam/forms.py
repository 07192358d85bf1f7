"""The report form. What looks like a machine is never refused for it: the report is read last."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask import request
from flask_babel import get_locale, gettext, lazy_gettext
from flask_wtf.csrf import validate_csrf
from wtforms import BooleanField, RadioField, StringField, TextAreaField, ValidationError

from portal import lengths, wording
from portal.extensions import current_settings, now
from portal.marks import N_
from portal.rules import Decision, copied, numbers
from portal.rules.facts import Category
from portal.services.spam.reports import ReportInput
from portal.web import form_tokens, reader
from portal.web.forms import CarriedField, Form, limit_length, say_length_limit, strip_value, unify_line_breaks
from portal.wording.moments import format_wait

from . import stamp

# Stricter than elsewhere: nobody signs in with it, and one letter goes to one address.
EMAIL = re.compile(r"[\w.!#$%&'*+/^{|}~-]+@[\w-]+(\.[\w-]+)+", re.ASCII)
# It is tomorrow somewhere on earth, and strangers have no time zone here.
EASTERNMOST = timedelta(hours=14)

MISSING = {
    "sender": N_("Enter the number that sent the text."),
    "body": N_("Copy the text into this field, or choose below what kind of text it was."),
    "number": N_(
        "To ask them to stop, write only the one number that sent the text, such as +1 416 555 0123. At a short code or"
        " an email address nobody can be asked from here: answer STOP to it, and untick the box below."),
    "theirs": N_("Enter your number: without it nobody knows whom to stop texting."),
}


class ReportForm(Form):
    """A report of spam. The token against forged requests only tells which lane it goes into."""

    class Meta(Form.Meta):
        """An ended session or blocked cookies must not lose a report."""

        csrf = False

    category = RadioField(lazy_gettext("What kind of text was it?"), validate_choice=False, choices=lambda: [
        (one.value, wording.enum_in_words(one)) for one in Category])
    # No browser cuts it: half a number would be another person's.
    sender = StringField(
        lazy_gettext("Number that sent the text"), [limit_length(lengths.COPIED_NUMBER, lengths.TYPED_NUMBER)],
        render_kw={"autocomplete": "off", "maxlength": False})
    body = TextAreaField(lazy_gettext("What did the text say?"), [limit_length(lengths.REPORTED_BODY)],
                         filters=[unify_line_breaks],
                         render_kw={"rows": 5})
    theirs = StringField(lazy_gettext("Your number that received it"), render_kw={"type": "tel", "autocomplete": "tel"})
    got_at = StringField(lazy_gettext("When did you receive it?"), filters=[strip_value], render_kw={"type": "date"})
    stop = BooleanField(lazy_gettext("Ask this business to stop texting my number"))
    email = StringField(lazy_gettext("Email address"), filters=[strip_value],
                        render_kw={"type": "email", "autocomplete": "email"})
    website = StringField(lazy_gettext("Leave this field empty"), render_kw={"tabindex": "-1", "autocomplete": "off"})
    made = CarriedField()

    def __init__(self, **named: Any) -> None:
        super().__init__(**named)
        if not current_settings().mail_server:
            del self.email
        self.flaw = stamp.find_stamp_flaw(self.made.data or "")
        if self.flaw in ("stale", "forged"):
            self.made.data = stamp.make_form_stamp()

    def validate_sender(self, field: StringField) -> None:
        """What is longer than a number must be words with one in them, such as a contact card."""
        typed = field.data or ""
        worded = any(map(str.isalpha, typed))
        if len(typed) > lengths.TYPED_NUMBER and not (worded and copied.find_copied_number(typed)):
            raise ValidationError(say_length_limit(lengths.TYPED_NUMBER))

    def validate_theirs(self, field: StringField) -> None:
        """A number that cannot be read proves nothing and stops nothing."""
        reading = numbers.read_number(field.data or "", "US")
        if (field.data or "").strip() and not self._own():
            why = wording.enum_in_words(reading.problem) if reading.problem else ""
            said = gettext("This is not a number that can get texts. Write it as you would dial it.")
            raise ValidationError(f"{said} {why}".strip())

    def validate_got_at(self, field: StringField) -> None:
        """A day, and none that is still to come."""
        day = self._day()
        if field.data and (day is None or day.year < 1992):
            raise ValidationError(gettext("Write the day as year-month-day, such as 2026-03-31, or leave it out."))
        if day is not None and day.date() > (now().astimezone(UTC) + EASTERNMOST).date():
            raise ValidationError(gettext("This day is still to come. Enter the day on which you got the text."))

    def validate_email(self, field: StringField) -> None:
        """Only the shape."""
        if field.data and not (EMAIL.fullmatch(field.data) and len(field.data) <= lengths.EMAIL_ADDRESS):
            raise ValidationError(gettext("Enter an address with an @, such as name@example.com."))

    def _day(self) -> datetime | None:
        try:
            day = datetime.strptime(self.got_at.data or "", "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            return None
        return datetime.combine(day, time(12), reader.zone_of_reader())

    def _kind(self) -> Category | None:
        return next((one for one in Category if one.value == self.category.data), None)

    def _own(self) -> str:
        return copied.find_copied_number(self.theirs.data or "")

    @property
    def only_asks(self) -> bool:
        """Whether it asks the business to stop and tells of no spam."""
        return bool(self.stop.data) and self._kind() is None and not (self.body.data or "").strip()

    def report_input(self) -> ReportInput:
        """The fields as the service takes them."""
        return ReportInput(
            self.sender.data or "", self.body.data or "", self._own(), self._day(),
            self._kind(), stop=self.stop.data,
            email=(self.email.data or "") if "email" in self else "", suspect=self._suspect(),
            language=str(get_locale()))

    def _suspect(self) -> str:
        """The sign that a program or another website sent the form, not the person; "" without one."""
        if self.website.data:
            return "honeypot"
        return self._from_elsewhere() or self.flaw or self._without_session()

    @staticmethod
    def _from_elsewhere() -> str:
        """Another site's page sends it: browsers say where a form stands, and nobody else has to."""
        origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
        ours = {request.host_url.rstrip("/"), current_settings().portal_url}
        return "elsewhere" if site == "cross-site" or (origin is not None and origin not in ours) else ""

    @staticmethod
    def _without_session() -> str:
        try:
            validate_csrf(form_tokens.unmask_token(request.form.get("csrf_token", "")))
        except ValidationError:
            return "stale"
        return ""

    def refuse(self, decision: Decision | None) -> timedelta | None:
        """Say what stands against the report; how long to wait where it came too soon after others."""
        if decision is not None:
            self.explain(decision)
        reasons = () if decision is None else decision.blocking
        again: list[datetime] = [reason.values["again"] for reason in reasons if "again" in reason.values]
        if not again:
            self._mark_missing()
            self._mark_sender()
            if any(field.errors for field in self):
                # The fields say it, each in words of its own: the rule would say it a second time.
                self.form_errors.clear()
            return None
        wait = max(again[0] - now(), timedelta(minutes=1))
        self.form_errors.append(gettext("That is %(wait)s.", wait=format_wait(wait)))
        return wait

    def _mark_missing(self) -> None:
        """The fields that the rule about what a report needs speaks of, each in words of its own."""
        blank = {field.name for field in self if not str(field.data or "").strip()}
        missing = {"sender": "sender" in blank, "body": "body" in blank and self._kind() is None and not self.stop.data,
                   "theirs": "theirs" in blank and self.stop.data}
        for name in (name for name, lacks in missing.items() if lacks):
            self._say(name, gettext(MISSING[name]))

    def _mark_sender(self) -> None:
        """A request to stop needs exactly one number."""
        typed = (self.sender.data or "").strip()
        if self.stop.data and typed and not copied.find_copied_number(typed):
            self._say("sender", gettext(MISSING["number"]))
