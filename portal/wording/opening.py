"""Opening hours, and in which language a location answers, in words."""

from collections.abc import Mapping
from datetime import time

from flask_babel import gettext

from portal.marks import N_
from portal.rules.opening_hours import OpeningHours, OpenSpan, read_opening_hours
from portal.rules.terms import AnswerLanguage

from .moments import format_clock, format_day

ANSWER_LANGUAGES: Mapping[AnswerLanguage, str] = {
    AnswerLanguage.KEYWORD: N_("that of the keyword"),
    AnswerLanguage.FRENCH: N_("French"),
    AnswerLanguage.BOTH: N_("French and English"),
}


def answer_language_in_words(setting: AnswerLanguage) -> str:
    """In which language a location answers."""
    return str(gettext(ANSWER_LANGUAGES[setting]))


def opening_hours_in_words(line: str) -> str:
    """Opening hours as they are stored, in one line for people."""
    hours = read_opening_hours(line)
    if not line:
        return str(gettext("always open"))
    return "; ".join([*_days_in_words(hours), *_closed_in_words(hours)])


def _days_in_words(hours: OpeningHours) -> list[str]:
    if not (hours.weekdays or hours.saturday or hours.sunday):
        return [str(gettext("open around the clock"))]
    spans = ((gettext("Monday to Friday"), hours.weekdays), (gettext("Saturday"), hours.saturday),
             (gettext("Sunday"), hours.sunday))
    return [f"{days} {_span_in_words(span)}" for days, span in spans]


def _span_in_words(span: OpenSpan | None) -> str:
    if span is None:
        return str(gettext("closed"))
    ends = format_clock(span.closes) if span.closes > time() else str(gettext("midnight"))
    return str(gettext("%(from)s to %(to)s", **{"from": format_clock(span.opens), "to": ends}))


def _closed_in_words(hours: OpeningHours) -> list[str]:
    days = ", ".join(str(format_day(day, "d MMM y")) for day in hours.closed)
    return [str(gettext("closed on %(days)s", days=days))] if days else []
