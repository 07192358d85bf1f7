"""States, provinces, their quiet hours and time zones in the reader's language."""

from collections.abc import Mapping
from functools import cache
from itertools import groupby
from typing import Any

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location, get_timezone_name
from flask_babel import get_locale, gettext

from portal.marks import N_
from portal.rules.accents import fold_letters
from portal.rules.area_states import PLACE_NAMES
from portal.rules.quiet_hours import QUIET_HOURS_TABLE, AllowedHours, HourSpan

from .moments import format_clock, format_day

# Days that follow each other and have the same hours, by the first and the last of them.
DAYS = {
    ("weekdays", "weekdays"): N_("Mon to Fri"),
    ("weekdays", "saturday"): N_("Mon to Sat"),
    ("weekdays", "sunday"): N_("Every day"), ("saturday", "saturday"): N_("Sat"),
    ("saturday", "sunday"): N_("Sat and Sun"), ("sunday", "sunday"): N_("Sun"),
}
COUNTRIES = {"US": N_("US, all other states"), "CA": N_("Canada, all provinces")}


def name_of_place(code: str) -> str:
    """The name of a state, a province or a country (ISO 3166-2); the code itself when it has no name."""
    return str(gettext(PLACE_NAMES[code])) if code in PLACE_NAMES else code


def present_name_of_zone(zone: str) -> str:
    """The name by which the time zone data lists a zone today: "Asia/Kolkata" for "Asia/Calcutta"."""
    return str(get_global("zone_aliases").get(zone, zone))


@cache
def _names_of_zone(zone: str) -> tuple[str, ...]:
    """All names of a zone, the present one first: the locale data may know its city by an old one."""
    return (zone, *(old for old, new in get_global("zone_aliases").items() if new == zone))


def _city_of_zone(zone: str, locale: Locale) -> str:
    told = (locale.time_zones.get(name, {}).get("city") for name in _names_of_zone(zone))
    return next((str(city) for city in told if city), "") or ", ".join(
        part.replace("_", " ") for part in reversed(zone.split("/")[1:]))


def name_of_zone(zone: str) -> str:
    """A time zone as people call it, "Eastern (Toronto)"; its city alone where its time has no name of its own."""
    locale, zone = get_locale() or Locale("en"), present_name_of_zone(zone)
    name, city = str(get_timezone_name(zone, width="long", locale=locale)), _city_of_zone(zone, locale)
    # Then the locale data puts the name of the country or the city in its place.
    nameless = name == get_timezone_location(zone, locale=locale)
    return city if nameless else f"{name.removesuffix(' Time')} ({city})"


def span_in_words(span: HourSpan | None) -> str:
    """From when until when texts that advertise may be sent on a day."""
    if span is None:
        return str(gettext("not at all"))
    return f"{format_clock(span.begins)}–{format_clock(span.ends)}"


def days_in_words(row: AllowedHours) -> list[dict[str, str]]:
    """The days of a place and their hours, one line for all days with the same ones."""
    spans = [("weekdays", row.weekdays), ("saturday", row.saturday), ("sunday", row.sunday)]
    said = []
    for span, days in groupby(spans, key=lambda pair: pair[1]):
        first, *rest = [day for day, _span in days]
        said.append({"days": str(gettext(DAYS[first, rest[-1] if rest else first])), "hours": span_in_words(span)})
    return [*said, {"days": str(gettext("Holidays")), "hours": span_in_words(None)}] if row.holidays else said


def hours_in_words(row: AllowedHours, source: str) -> Mapping[str, Any]:
    """One row of the table of quiet hours; `source` is where it comes from, in words."""
    return {
        "place": str(gettext(COUNTRIES[row.place])) if row.place in COUNTRIES else name_of_place(row.place),
        "days": days_in_words(row), "source": source, "looked_at": str(format_day(row.looked_at, "d MMM y")),
    }


def rows_of_quiet_hours() -> list[AllowedHours]:
    """The table in the order of its page: the US, the stricter states by name, Canada."""
    first, *stricter, last = QUIET_HOURS_TABLE
    return [first, *sorted(stricter, key=lambda row: fold_letters(name_of_place(row.place))), last]
