"""States, provinces and their quiet hours in the reader's language."""

from collections.abc import Mapping
from typing import Any

from flask_babel import format_date, format_time, gettext

from portal.rules.area_states import PLACE_NAMES
from portal.rules.quiet_hours import QUIET_HOURS_TABLE, AllowedHours, HourSpan


def name_of_place(code: str) -> str:
    """The name of a state, a province or a country (ISO 3166-2); the code itself when it has no name."""
    return str(gettext(PLACE_NAMES[code])) if code in PLACE_NAMES else code


def span_in_words(span: HourSpan | None) -> str:
    """From when until when texts that advertise may be sent on a day."""
    if span is None:
        return str(gettext("not at all"))
    return f"{format_time(span.begins, 'HH:mm', rebase=False)}–{format_time(span.ends, 'HH:mm', rebase=False)}"


def hours_in_words(row: AllowedHours, source: str) -> Mapping[str, Any]:
    """One row of the table of quiet hours; `source` is where it comes from, in words."""
    return {
        "place": name_of_place(row.place), "weekdays": span_in_words(row.weekdays),
        "saturday": span_in_words(row.saturday), "sunday": span_in_words(row.sunday),
        "holidays": span_in_words(None) if row.holidays else str(gettext("as on other days")),
        "source": source, "looked_at": str(format_date(row.looked_at, "d MMM y")),
    }


def rows_of_quiet_hours() -> list[AllowedHours]:
    """The table in the order of its page: the US, the stricter states by name, Canada."""
    first, *stricter, last = QUIET_HOURS_TABLE
    return [first, *sorted(stricter, key=lambda row: name_of_place(row.place)), last]
