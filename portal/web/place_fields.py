"""Lists of countries and time zones: what fits comes first, and under the name that people use."""

from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from babel import Locale
from flask_babel import get_locale, gettext, lazy_gettext
from markupsafe import Markup
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import DataRequired
from wtforms.widgets import Select

from portal import wording
from portal.rules.accents import fold_letters
from portal.rules.numbers import HOME
from portal.wording.languages import list_zone_names
from portal.wording.places import name_of_zone

# Where most people of a country live, from east to west; its other zones come after these.
MAIN_ZONES = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Anchorage", "Pacific/Honolulu", "America/Halifax", "America/Toronto", "America/Winnipeg",
    "America/Regina", "America/Edmonton", "America/Vancouver", "America/St_Johns",
)
# The countries whose people can be texted, as lists show them.
NEAR = tuple(sorted(HOME, reverse=True))
# The names in this many languages are kept; writing them takes longer than all else on the pages that list them.
MOST_LOCALES = 8


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


class LongSelect(Select):
    """A list of hundreds of choices: each option is written once, and after that only looked up."""

    @classmethod
    def render_option(cls, choice: Any, **_looks: Any) -> Markup:  # type: ignore[override]  # the stub is an older one
        """One option; those of places have no looks of their own."""
        return _write_option(choice.value, choice.label, choice.selected)


@lru_cache(maxsize=4096)
def _write_option(value: str, label: str, selected: bool) -> Markup:
    looks = Markup(" selected") if selected else ""
    return Markup('<option{} value="{}">{}</option>').format(looks, value, label)


@lru_cache(maxsize=MOST_LOCALES)
def _countries_in_words(_locale: Locale | None) -> tuple[SelectChoice, ...]:
    """The countries whose people cannot be texted, by name in the reader's language."""
    others = str(gettext("Other countries (cannot text)"))
    named = [(code, wording.name_of_country(code)) for code in list_country_codes() if code not in HOME]
    return tuple(SelectChoice(code, name, optgroup=others)
                 for code, name in sorted(named, key=lambda pair: fold_letters(pair[1])))


@lru_cache(maxsize=MOST_LOCALES)
def _zones_in_words(_locale: Locale | None) -> Mapping[str, tuple[SelectChoice, ...]]:
    """The time zones of each country (ISO code), the countries by name in the reader's language."""
    named = sorted(((code, wording.name_of_country(code)) for code in zones_by_country()),
                   key=lambda pair: fold_letters(pair[1]))
    return {code: tuple(SelectChoice(zone, name_of_zone(zone), optgroup=name) for zone in zones_by_country()[code])
            for code, name in named}


def country_choices(first: str = "") -> list[SelectChoice]:
    """All countries: `first` (the words for no choice, if any), the US and Canada, in a group of their own the others.

    By name in the reader's language.
    """
    return [*([SelectChoice("", first)] if first else []),
            *(SelectChoice(code, wording.name_of_country(code)) for code in NEAR), *_countries_in_words(get_locale())]


def zone_choices(country: str, first: str, chosen: str | None = "") -> list[SelectChoice]:
    """All time zones: `first` (the words for no choice), then the country's own, those of the US and Canada, others.

    The others stand under their countries, by name in the reader's language. `country` is its ISO code, or "". Of a
    zone with several names only the present one can be chosen, and the one that is `chosen` already.
    """
    groups = _zones_in_words(get_locale())
    near = [code for code in dict.fromkeys((country, *NEAR)) if code in groups]
    order = dict.fromkeys((*near, *groups))
    listed = [choice for code in order for choice in groups[code]]
    if chosen in list_zone_names() and chosen not in {one.value for one in listed}:
        listed.append(SelectChoice(chosen, name_of_zone(chosen), optgroup=str(gettext("Other time zones"))))
    return [SelectChoice("", first), *listed]


def make_country_field() -> SelectField:
    """The country of a location, which must be chosen."""
    return SelectField(lazy_gettext("Country"), [DataRequired(lazy_gettext("Choose a country."))],
                       widget=LongSelect())


def make_zone_field() -> SelectField:
    """The time zone of a location, which must be chosen: opening hours and quiet hours follow it."""
    return SelectField(lazy_gettext("Time zone"), [DataRequired(lazy_gettext("Choose a time zone."))],
                       widget=LongSelect())


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
