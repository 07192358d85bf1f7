"""Countries and time zones: what fits stands first, under the name that people use."""

from zoneinfo import available_timezones

import pytest
from flask_babel import force_locale

from portal.blueprints.auth.forms import ZonesForm
from portal.rules.numbers import HOME
from portal.web import place_fields, reader
from portal.web.place_fields import (
    MAIN_ZONES,
    country_choices,
    fitting_zone,
    list_country_codes,
    zone_choices,
    zones_by_country,
)
from portal.wording.places import present_name_of_zone


@pytest.fixture(autouse=True)
def _asked(app):
    with app.test_request_context():
        yield


def test_all_countries_can_be_chosen_the_two_that_can_text_before_the_others():
    listed = country_choices("Choose a country")
    assert [(one.label, one.optgroup) for one in listed[:4]] == [
        ("Choose a country", None), ("United States", None), ("Canada", None),
        ("Afghanistan", "Other countries (cannot text)")]
    assert {one.value for one in listed} == {"", *list_country_codes()}
    assert len(listed) == 1 + len(list_country_codes()) == 250
    assert country_choices()[0].value == "US"


@pytest.mark.parametrize(("language", "ordered"), [
    ("de", ["Ägypten", "Albanien", "Österreich", "Tunesien", "Türkei"]),
    ("pl", ["Liechtenstein", "Litwa", "Łotwa", "Luksemburg", "Węgry"]), ("fr", ["Égypte", "Espagne", "Fidji"]),
])
def test_countries_stand_in_the_order_of_their_plain_letters(app, language, ordered):
    with app.test_request_context(headers={"Accept-Language": language}):
        labels = [one.label for one in country_choices()]
    assert [label for label in labels if label in ordered] == ordered


def groups(country):
    return list(dict.fromkeys(one.optgroup for one in zone_choices(country, "Choose")))


@pytest.mark.parametrize(("country", "found"), [
    ("", ["United States", "Canada"]), ("US", ["United States", "Canada"]), ("CA", ["Canada", "United States"]),
    ("DE", ["Germany", "United States", "Canada"]), ("no country", ["United States", "Canada"]),
])
def test_the_zones_of_the_chosen_country_come_first(country, found):
    assert groups(country)[:len(found) + 1] == [None, *found]
    assert groups(country)[len(found) + 1] == "Afghanistan"


def test_every_zone_is_there_once():
    """Under its present name; what was chosen under an old one stays."""
    values = [one.value for one in zone_choices("CA", "Choose")]
    assert len(values) == len(set(values))
    assert {"", *(present_name_of_zone(zone) for zone in reader.list_zone_names())} <= set(values)
    assert set(values) <= {"", *reader.list_zone_names()}
    assert {one.value for one in zone_choices("CA", "Choose", "US/Eastern")} == {*values, "US/Eastern"}
    assert zone_choices("CA", "Choose", "US/Eastern")[-1].label == "Eastern (New York)"
    assert len(zone_choices("CA", "Choose", "no zone")) == len(values)


def test_the_zones_of_other_countries_stand_in_the_readers_order(app):
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert [one for one in groups("") if one in ("Ägypten", "Albanien", "Polen", "Österreich")] == [
            "Ägypten", "Albanien", "Österreich", "Polen"]
        assert "Mitteleuropäische Zeit (Warschau)" in [one.label for one in zone_choices("", "Wählen")]


def test_main_zones_are_there_and_first():
    assert set(MAIN_ZONES) <= available_timezones()
    first = {country: zones_by_country()[country][0] for country in HOME}
    assert first == {"US": "America/New_York", "CA": "America/Halifax"}


@pytest.mark.parametrize(("country", "chosen", "shown"), [
    ("CA", "America/Toronto", "America/Toronto"), ("US", "America/Toronto", ""),
    ("MT", "America/Toronto", "Europe/Malta"),
    ("CA", "", ""), ("", "America/Toronto", ""), ("x", "x", ""),
])
def test_a_zone_of_another_country_is_chosen_no_more(country, chosen, shown):
    assert fitting_zone(country, chosen) == shown


def test_names_are_looked_up_once_in_each_language(monkeypatch):
    """And what is kept for one language is not shown in another; `first` is each form's own."""
    zone_choices("", "Choose")
    monkeypatch.setattr(place_fields, "name_of_zone", pytest.fail)
    again = zone_choices("DE", "Other words", "Europe/Berlin")
    assert (again[0].label, again[1].label) == ("Other words", "Central European (Berlin)")
    monkeypatch.undo()
    with force_locale("de"):
        assert zone_choices("DE", "Wählen")[1].label == "Mitteleuropäische Zeit (Berlin)"
    assert zone_choices("DE", "Choose")[1].label == "Central European (Berlin)"


@pytest.mark.parametrize("chosen", ["America/Toronto", "", "US/Eastern"])
def test_a_long_list_is_written_as_any_other(chosen):
    """The same words and marks as the library's own list, whatever was chosen before."""
    for country in ("CA", "DE"):
        field = ZonesForm.of(country, chosen).time_zone
        field.data = chosen
        for _ in range(2):
            assert field() == field.widget.__class__.__base__()(field)
    assert field().count(" selected") == (chosen == "America/Toronto" or not chosen)
