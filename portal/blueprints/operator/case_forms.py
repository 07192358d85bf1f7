"""Forms about a spam case: what was found and what follows from it, and notes that only operators read."""

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import (
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import Optional

from portal import lengths, wording
from portal.extensions import now
from portal.rules.cases import CaseState
from portal.rules.facts import Cause, Restraint, Subject
from portal.services.spam.decisions import Verdict
from portal.services.spam.restrictions import RestrictionTerms
from portal.web import reader
from portal.web.forms import (
    Form,
    MomentField,
    WholeNumberField,
    limit_length,
    make_text_field,
    strip_value,
    unify_line_breaks,
)
from portal.wording.cases import DECISIONS, FINDINGS, WHOM

USUAL_RESTRICTION = timedelta(days=3)
FASTEST = 60


class RateField(WholeNumberField):
    """Texts a minute; it must be in its bounds only where the operator slows the sender down."""

    def pre_validate(self, form: Any) -> None:
        """Check the bounds where they count."""
        if form.measure == Restraint.THROTTLE:
            super().pre_validate(form)


def make_note_field(label: str, most: int) -> TextAreaField:
    """Some lines of text."""
    return TextAreaField(label, [limit_length(most)], filters=[unify_line_breaks, strip_value], render_kw={"rows": 3})


class CaseDecisionForm(Form):
    """What an operator found about a case, and what happens to the sender."""

    choice = RadioField(lazy_gettext("What did you find?"), validate_choice=False)
    duplicate_of = StringField(lazy_gettext("Reference of the other case"), filters=[strip_value],
                               render_kw={"autocomplete": "off"})
    whom = SelectField(lazy_gettext("For whom"), coerce=Subject)
    per_minute = RateField(lazy_gettext("Texts a minute"), 1, FASTEST, default=1)
    cause = SelectField(lazy_gettext("Reason"), default="")
    note = make_note_field(lazy_gettext("Note"), lengths.RESTRICTION_NOTE)
    until = MomentField(lazy_gettext("Until"), lazy_gettext("Say until when it lasts."))

    def __init__(self, *given: Any, user: bool = True, **named: Any) -> None:
        """`user` says whether a user had the number, so that there is one to restrain."""
        usual = {"until": now() + USUAL_RESTRICTION, "whom": Subject.USER if user else Subject.NUMBER}
        super().__init__(*given, data=usual, **named)
        if not self.measure:
            self.until.validators = [Optional()]
        self.choice.choices = [(key, gettext(label)) for key, label in DECISIONS.items()]
        self.whom.choices = [(key, gettext(label)) for key, label in WHOM.items() if user or key != Subject.USER]
        self.cause.choices = [("", gettext("Choose a reason")),
                              *((one.value, wording.enum_in_words(one)) for one in Cause)]
        self.until.description = gettext("In your time zone: %(zone)s.", zone=reader.zone_of_reader().key)

    @property
    def measure(self) -> str:
        """What happens to the sender: "throttle", "block", or "" for nothing."""
        return str(self.choice.data) if self.choice.data in set(Restraint) else ""

    @property
    def finding(self) -> CaseState | None:
        """What was found; None before anything is chosen. Only who broke the rules is slowed down or blocked."""
        if self.measure:
            return CaseState.UPHELD
        return CaseState(self.choice.data) if self.choice.data in FINDINGS else None

    def validate_choice(self, field: RadioField) -> None:
        """There is no case without a finding."""
        if field.data not in DECISIONS:
            raise ValidationError(gettext("Say what you found."))

    def validate_duplicate_of(self, field: StringField) -> None:
        """A duplicate repeats a case that has a name."""
        if self.finding is CaseState.DUPLICATE and not field.data:
            raise ValidationError(gettext("Give the reference of the other case."))

    def validate_cause(self, field: SelectField) -> None:
        """A restriction needs a reason: the sender reads it."""
        if self.measure and not field.data:
            raise ValidationError(gettext("Choose a reason. The sender reads it."))

    def validate_note(self, field: TextAreaField) -> None:
        """A restriction needs a note: the sender reads what it is about."""
        if self.measure and not field.data:
            raise ValidationError(gettext("Write a note: the sender reads what it is about."))

    @property
    def ends(self) -> datetime | None:
        """The end that was chosen, in UTC."""
        return self.until.at if self.until.data else None

    @property
    def verdict(self) -> Verdict:
        """What was decided, once the form is in order."""
        terms = RestrictionTerms(Restraint(self.measure), Cause(self.cause.data), self.note.data or "",
                                 self.ends or now(),
                                 self.per_minute.data or 1) if self.measure else None
        assert self.finding is not None  # noqa: S101 - the form is in order
        return Verdict(self.finding, self.note.data or "", self.duplicate_of.data or "", terms, self.whom.data)


class CaseNoteForm(Form):
    """Words about a case that only operators read."""

    note = make_text_field(lazy_gettext("Note for operators"), lazy_gettext("Write something first."),
                           lengths.CASE_NOTE, 3)


class ReopenCaseForm(Form):
    """Why a decided case is looked at again."""

    note = make_text_field(lazy_gettext("Why look at it again?"), lazy_gettext("Say why it is looked at again."),
                           lengths.CASE_NOTE, 3)
