"""Forms about one location: its opening hours, and the language of its automatic answers."""

from datetime import date, time
from typing import Any, Self

from flask_babel import gettext, lazy_gettext
from wtforms import RadioField, TextAreaField, TimeField, ValidationError
from wtforms.validators import Optional

from portal import lengths
from portal.models import Location
from portal.rules.opening_hours import MOST_CLOSED_DAYS, OpeningHours, OpenSpan, read_opening_hours
from portal.rules.terms import AnswerLanguage
from portal.web.forms import Form, VersionField, limit_length, unify_line_breaks

# The days that have hours of their own, as the fields name them.
DAY_NAMES = ("weekdays", "saturday", "sunday")
CHOICES = {AnswerLanguage.KEYWORD: lazy_gettext("The language of the keyword, else English"),
           AnswerLanguage.FRENCH: lazy_gettext("French"), AnswerLanguage.BOTH: lazy_gettext("French and English")}


class HourField(TimeField):
    """A time of day, which may be left out."""

    def __init__(self, label: str, **named: Any) -> None:
        super().__init__(label, [Optional()], format=["%H:%M", "%H:%M:%S"], render_kw={"autocomplete": "off"}, **named)


class LocationAnswersForm(Form):
    """When a location is open, and in which language it answers."""

    language = RadioField(lazy_gettext("Language of automatic answers"), coerce=AnswerLanguage)
    weekdays_from = HourField(lazy_gettext("Monday to Friday, from"))
    weekdays_to = HourField(lazy_gettext("Monday to Friday, to"))
    saturday_from = HourField(lazy_gettext("Saturday, from"))
    saturday_to = HourField(lazy_gettext("Saturday, to"))
    sunday_from = HourField(lazy_gettext("Sunday, from"))
    sunday_to = HourField(lazy_gettext("Sunday, to"))
    closed = TextAreaField(lazy_gettext("Closed days"), [limit_length(lengths.CLOSED_DAYS)],
                           filters=[unify_line_breaks], render_kw={"rows": 4, "autocomplete": "off"})
    version = VersionField()

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.language.choices = list(CHOICES.items())

    @classmethod
    def of(cls, location: Location) -> Self:
        """The values as they stand."""
        hours = read_opening_hours(location.opening_hours)
        spans = {name: getattr(hours, name) for name in DAY_NAMES}
        return cls(formdata=None, data={
            "language": location.answer_language, "version": location.version,
            "closed": "\n".join(map(str, hours.closed)),
            **{f"{name}_from": span.opens for name, span in spans.items() if span},
            **{f"{name}_to": span.closes for name, span in spans.items() if span}})

    def _check_beginning(self, field: HourField) -> None:
        self._need_both(self[field.name.replace("_from", "_to")])

    def _check_end(self, field: HourField) -> None:
        begins = self[field.name.replace("_to", "_from")]
        self._need_both(begins)
        if begins.data is not None and field.data is not None and time() < field.data <= begins.data:
            raise ValidationError(gettext("The end must be later than the beginning. 00:00 is midnight."))

    @staticmethod
    def _need_both(other: HourField) -> None:
        """An empty field is not asked itself, so each of two looks at the other."""
        if not any(map(str.strip, other.raw_data or ())):
            raise ValidationError(gettext("Enter both times, or leave both empty: then the location is closed."))

    validate_weekdays_from = validate_saturday_from = validate_sunday_from = _check_beginning
    validate_weekdays_to = validate_saturday_to = validate_sunday_to = _check_end

    def validate_closed(self, field: TextAreaField) -> None:
        """Every line is a day, and there are not too many."""
        try:
            days = read_closed_days(field.data or "")
        except ValueError as error:
            raise ValidationError(gettext("This is not a day: %(line)s. Write one day in each line, such as"
                                          " 2026-12-25.", line=error)) from None
        if len(days) > MOST_CLOSED_DAYS:
            raise ValidationError(gettext("Enter at most %(most)s days. Days that have passed can go.",
                                          most=MOST_CLOSED_DAYS))

    @property
    def hours(self) -> OpeningHours:
        """The opening hours of a form that was found to be in order."""
        spans = {name: self._span(name) for name in DAY_NAMES}
        return OpeningHours(closed=read_closed_days(self.closed.data or ""), **spans)

    def _span(self, name: str) -> OpenSpan | None:
        begins, ends = self[f"{name}_from"].data, self[f"{name}_to"].data
        return None if begins is None or ends is None else OpenSpan(begins, ends)


def read_closed_days(typed: str) -> tuple[date, ...]:
    """The days of a text with one in each line, each once, in their order. Raises ValueError with the line if wrong."""
    days = set()
    for line in filter(None, map(str.strip, typed.splitlines())):
        try:
            days.add(date.fromisoformat(line))
        except ValueError:
            raise ValueError(line) from None
    return tuple(sorted(days))
