"""Lists of countries and time zones: what fits comes first, and under the name that people use."""

from functools import cache
from importlib.resources import files
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import DataRequired

from portal import wording
from portal.rules.accents import fold_letters
from portal.rules.numbers import HOME
from portal.web import reader
from portal.wording.places import name_of_zone

# Where most people of a country live, from east to west; its other zones come after these.
MAIN_ZONES = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Anchorage", "Pacific/Honolulu", "America/Halifax", "America/Toronto", "America/Winnipeg",
    "America/Regina", "America/Edmonton", "America/Vancouver", "America/St_Johns",
)
# The countries whose people can be texted, as lists show them.
NEAR = tuple(sorted(HOME, reverse=True))


def _read_table(name: str) -> list[list[str]]:
    """The rows of a table of the time zone data, without its comments."""
    text = files("tzdata.zoneinfo").joinpath(name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line[:1] != "#"]


@cache
def list_country_codes() -> tuple[str, ...]:
    """The ISO countries, as the time zone data lists them."""
    return tuple(code for code, *_rest in _read_table("iso3166.tab"))


@cache
def zones_by_country() -> dict[str, tuple[str, ...]]:
    """The time zones of each country (ISO code): the main ones, then the others."""
    found: dict[str, list[str]] = {}
    for country, _place, zone, *_rest in _read_table("zone.tab"):
        found.setdefault(country, []).append(zone)
    order = {zone: place for place, zone in enumerate(MAIN_ZONES)}
    return {country: tuple(sorted(zones, key=lambda zone: order.get(zone, len(order))))
            for country, zones in found.items()}


def country_choices(first: str = "") -> list[SelectChoice]:
    """All countries: `first` (the words for no choice, if any), the US and Canada, in a group of their own the others.

    By name in the reader's language.
    """
    named = [(code, wording.name_of_country(code)) for code in list_country_codes() if code not in HOME]
    others = str(gettext("Other countries (cannot text)"))
    return [*([SelectChoice("", first)] if first else []),
            *(SelectChoice(code, wording.name_of_country(code)) for code in NEAR),
            *(SelectChoice(code, name, optgroup=others)
              for code, name in sorted(named, key=lambda pair: fold_letters(pair[1])))]


def zone_choices(country: str, first: str, chosen: str | None = "") -> list[SelectChoice]:
    """All time zones: `first` (the words for no choice), then the country's own, those of the US and Canada, others.

    The others stand under their countries, by name in the reader's language. `country` is its ISO code, or "". Of a
    zone with several names only the present one can be chosen, and the one that is `chosen` already.
    """
    known = zones_by_country()
    near = [code for code in dict.fromkeys((country, *NEAR)) if code in known]
    far = sorted(known.keys() - set(near), key=lambda code: fold_letters(wording.name_of_country(code)))
    listed = [SelectChoice(zone, name_of_zone(zone), optgroup=wording.name_of_country(code))
              for code in (*near, *far) for zone in known[code]]
    if chosen in reader.list_zone_names() and chosen not in {one.value for one in listed}:
        listed.append(SelectChoice(chosen, name_of_zone(chosen), optgroup=str(gettext("Other time zones"))))
    return [SelectChoice("", first), *listed]


def make_country_field() -> SelectField:
    """The country of a location, which must be chosen."""
    return SelectField(lazy_gettext("Country"), [DataRequired(lazy_gettext("Choose a country."))])


def make_zone_field() -> SelectField:
    """The time zone of a location, which must be chosen: opening hours and quiet hours follow it."""
    return SelectField(lazy_gettext("Time zone"), [DataRequired(lazy_gettext("Choose a time zone."))])


def offer_places(form: Any) -> None:
    """Fill the lists of a form that has a country and a time zone: the zones of the chosen country come first."""
    form.country.choices = country_choices(str(gettext("Choose a country")))
    form.time_zone.choices = zone_choices(form.country.data or "", str(gettext("Choose a time zone")),
                                          form.time_zone.data)


def fitting_zone(country: str, zone: str) -> str:
    """The zone to show as chosen once a country is chosen: the same if it fits, else the only one there is, else ""."""
    mine = zones_by_country().get(country, ())
    if zone in mine:
        return zone
    return mine[0] if len(mine) == 1 else ""
