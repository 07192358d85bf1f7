"""What all forms have in common: fields that several need, and reasons that go to the fields they are about."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any

from babel.numbers import get_group_symbol
from flask import g, request
from flask_babel import get_locale, get_timezone, gettext, lazy_gettext
from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm
from markupsafe import Markup
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    Field,
    FileField,
    IntegerField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional, StopValidation
from wtforms.widgets import HiddenInput

from portal import lengths, wording
from portal.marks import N_
from portal.rules import Decision, Sentence, addresses, characters

LINKED = Markup('{} <a class="rule" href="{}">{}</a>')
# The built-in messages of WTForms, in the words of the portal.
OWN_WORDS = {
    "Not a valid choice.": N_("Choose one of the values on offer."),
    "Not a valid choice": N_("Choose one of the values on offer."),
    "Invalid Choice: could not coerce.": N_("Choose one of the values on offer."),
    "Invalid choice(s): one or more data inputs could not be coerced.": N_("Choose from the values on offer."),
    "Not a valid integer value.": N_("The form was not complete. Open the page again."),
    "Not a valid date value.": N_("Enter a day, such as 2026-05-31."),
    "Not a valid time value.": N_("Enter a time of day, such as 08:30."),
    "Not a valid datetime value.": N_("Enter day and time, such as 2026-05-31 14:30."),
}


def unify_line_breaks(value: str | None) -> str | None:
    """A filter for texts of several lines: a browser sends two characters for a line break, people count one."""
    return value.replace("\r\n", "\n") if value else value


def strip_value(value: str | None) -> str | None:
    """A filter for numbers and the like: outer spaces are no part of them."""
    return value.strip() if value else value


def tidy_value(value: str | None) -> str | None:
    """A filter for names and other lines: without breaks, hidden characters and outer blanks."""
    return characters.tidy_line(value) if value else value


def tidy_email(value: str | None) -> str | None:
    """A filter for addresses: without hidden characters and outer blanks, and the domain as people read it."""
    return addresses.tidy_address(value) if value else value


def check_email_shape(_form: Any, field: StringField) -> None:
    """A validator of the form of an address."""
    if field.data and not addresses.is_valid_address(field.data):
        raise ValidationError(
            gettext("This is not an email address. Enter it alone, with nothing around it, such as name@example.com.")
            if "@" in field.data else gettext("Enter an address with an @, such as name@example.com."))


class VersionField(IntegerField):
    """The version of the record that the form was made from, so that a stale form is noticed."""

    widget = HiddenInput()


class CarriedField(StringField):
    """Something the form only carries, such as a step or a moment."""

    widget = HiddenInput()


def say_length_limit(most: int) -> str:
    """What a field says that holds more characters than it takes."""
    return str(gettext("Use at most %(most)s characters.", most=wording.value_in_words(most)))


def limit_length(most: int, told: int | None = None) -> Length:
    """A validator: at most so many characters. `told` is what the reader hears where that is another number."""
    return Length(max=most, message=LazyString(say_length_limit, told or most))


def make_line_field(label: str, missing: str, most: int, **looks: str) -> StringField:
    """A line of text that must be given."""
    return StringField(label, [DataRequired(missing), limit_length(most)], filters=[tidy_value],
                       render_kw={"autocomplete": "off", **looks})


# Browsers take no letters but ASCII in fields of the type email, and some addresses have others.
EMAIL_LOOKS = {"inputmode": "email", "autocapitalize": "none", "spellcheck": "false"}


def make_email_field(label: str, missing: str) -> StringField:
    """An address that must be given; only its form is looked at: whether it arrives, the person will tell."""
    return StringField(label, [DataRequired(missing), check_email_shape], filters=[tidy_email],
                       render_kw={"autocomplete": "off", **EMAIL_LOOKS})


def make_text_field(label: str, missing: str, most: int, rows: int = 6) -> TextAreaField:
    """A text of several lines that must be given."""
    return TextAreaField(label, [DataRequired(missing), limit_length(most)],
                         filters=[unify_line_breaks],
                         render_kw={"rows": rows, "autocomplete": "off"})


def check_quebec(form: Any, field: Field) -> None:
    """A validator of the mark for Quebec: only a Canadian location can have it."""
    if field.data and form.country.data != "CA":
        raise ValidationError(gettext("Quebec is in Canada: choose Canada as the country, or leave this out."))


def make_quebec_field() -> BooleanField:
    """Whether a new location is in Quebec, where answers begin with French and English."""
    return BooleanField(lazy_gettext("This location is in Quebec"), [check_quebec], description=lazy_gettext(
        "Its automatic answers then begin in French and English."))


class WholeNumberField(IntegerField):
    """A whole number between two others, in one sentence where it is not."""

    def __init__(self, label: str, least: int, most: int, **named: Any) -> None:
        super().__init__(label, render_kw={"min": least, "max": most, "autocomplete": "off"}, **named)
        self.least, self.most = least, most

    def process_formdata(self, valuelist: list[str]) -> None:
        """As the field itself does, in the portal's words; thousands may be apart as the reader writes them."""
        apart = re.compile(rf"(?<=\d)[\s{re.escape(get_group_symbol(get_locale()))}](?=\d{{3}}(?!\d))")
        try:
            super().process_formdata([apart.sub("", one) for one in valuelist])
        except ValueError as error:
            raise ValueError(self.said) from error

    def pre_validate(self, form: Any) -> None:
        """Too little, too much and no number at all get the same sentence."""
        if not self.errors and not (self.data is not None and self.least <= self.data <= self.most):
            raise ValidationError(self.said)

    @property
    def said(self) -> str:
        """What can be typed here."""
        return str(gettext("Enter a whole number from %(least)s to %(most)s.", least=wording.value_in_words(self.least),
                           most=wording.value_in_words(self.most)))


class MomentField(DateTimeLocalField):
    """Day and time, typed and shown in the reader's zone."""

    # Browsers fill in the first one; the others are for people who type it.
    FORMATS = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S")

    def __init__(self, label: str, missing: str, **named: Any) -> None:
        super().__init__(label, [InputRequired(missing)], format=list(self.FORMATS),  # type: ignore[call-arg]
                         tz=get_timezone, render_kw={"autocomplete": "off"}, **named)

    def pre_validate(self, form: Any) -> None:
        """A year far from now is a typing error, and Python cannot calculate with some."""
        if self.data and not 2000 <= self.data.year <= 2999:
            raise ValidationError(self.gettext("Not a valid datetime value."))

    @property
    def at(self) -> datetime:
        """The moment in UTC, in a form that was found to be in order."""
        assert self.data is not None  # noqa: S101 - the field must be filled in
        return self.data.astimezone(UTC)


class DayField(DateField):
    """A day of the reader's calendar. It may be left empty unless `missing` says what to do then."""

    def __init__(self, label: str, missing: str | None = None, **named: Any) -> None:
        needed = [Optional()] if missing is None else [InputRequired(missing)]
        super().__init__(label, needed, render_kw={"autocomplete": "off"}, **named)

    def pre_validate(self, form: Any) -> None:
        """A year far from now is a typing error, and Python cannot calculate with some."""
        if self.data and not 2000 <= self.data.year <= 2999:
            raise ValidationError(self.gettext("Not a valid date value."))

    def begins_at(self, later: int = 0) -> datetime:
        """The first moment (UTC) of the day, or of the day so many days later, in a form that is in order."""
        assert self.data is not None  # noqa: S101 - the field must be filled in
        day = self.data + timedelta(days=later)
        return datetime.combine(day, time(), tzinfo=get_timezone()).astimezone(UTC)


# The most characters of a field that says nothing else, by the kind of field that browsers show.
LENGTHS = {"email": lengths.EMAIL_ADDRESS, "tel": lengths.TYPED_NUMBER, "password": lengths.TYPED_PASSWORD}


def length_limit_of_field(field: Field) -> tuple[int | None, str | None]:
    """The most characters that a field may hold, and what it says when there are more, if it has words of its own.

    None for files, numbers, and texts that the rules count.
    """
    validators: Iterable[Any] = field.validators
    for one in validators:
        if isinstance(one, Length):
            return one.max, one.message
    if isinstance(field, TextAreaField | FileField | IntegerField):
        return None, None
    shown = (field.render_kw or {}).get("type") or getattr(field.widget, "input_type", "")
    return LENGTHS.get(str(shown), lengths.OTHER_LINE), None


def refuse_long_input(field: Field, sent: Iterable[object]) -> None:
    """Where too much was typed or sent, let nothing else look at it: the only thing said is how much may be typed."""
    most, said = length_limit_of_field(field)
    typed = [unify_line_breaks(one.strip()) or "" for one in sent if isinstance(one, str)]
    if most is not None and max(map(len, typed), default=0) > most:
        field.filters, field.validators = (), (partial(stop_validation_with, said or say_length_limit(most)),)


def stop_validation_with(said: str, _form: Any, _field: Field) -> None:
    """A validator that refuses, and the last one to be asked."""
    raise StopValidation(said)


class FormTranslations:
    """WTForms' own sentences in the portal's words and the reader's language."""

    def gettext(self, sentence: str) -> str:
        """A sentence without a number in it."""
        return str(gettext(OWN_WORDS.get(sentence, sentence)))

    def ngettext(self, one: str, many: str, count: int) -> str:
        """A sentence with a number in it."""
        return one if count == 1 else many


class Form(FlaskForm):
    """A form that can say why something was refused."""

    class Meta(FlaskForm.Meta):
        """What WTForms asks for its own sentences."""

        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:
            """The sent values before any field reads them: files for file fields only, and nothing too long."""
            g.setdefault("open_forms", []).append(form)
            # Flask-WTF would read JSON as well, which no page sends, and break where it is nested too deep.
            sent = None if request.is_json else super().wrap_formdata(form, formdata)
            if isinstance(sent, CombinedMultiDict):
                takers = {field.name for field in form if isinstance(field, FileField)}
                files = [(name, file) for name, file in request.files.items(multi=True) if name in takers]
                sent = CombinedMultiDict((MultiDict(files), request.form))
            for field in form:
                refuse_long_input(field, sent.getlist(field.name) if sent else ())
            return sent

        def get_translations(self, _form: FlaskForm) -> FormTranslations:
            """The portal's translations, not those of Flask-WTF."""
            return FormTranslations()

    def explain(self, decision: Decision) -> None:
        """Every blocking reason, at the field that it is about or above the form."""
        for reason in decision.blocking:
            told = wording.reason_in_words(reason)
            said = f"{told.sentence} {told.remedy}".strip()
            # At a field the line of the summary leads to the field; above the form it can lead to the rule.
            if reason.rule.about not in self._fields:
                said = LINKED.format(said, told.anchor, gettext("About this rule"))
            self._say(reason.rule.about, said)

    def clash(self, field: str, sentence: Sentence, values: dict[str, Any]) -> None:
        """What a service found wrong with something typed."""
        self._say(field, wording.translate_sentence(sentence, values))

    def _say(self, about: str, said: str) -> None:
        field = self._fields.get(about)
        if field is None:
            self.form_errors.append(said)
        else:
            field.errors = [*field.errors, said]
