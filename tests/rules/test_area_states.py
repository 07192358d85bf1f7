"""Which states and provinces an area code lies in."""

import phonenumbers
import pytest
from phonenumbers import geocoder

from portal.rules.area_codes import OVERLAID, REGIONS
from portal.rules.area_states import AREA_PLACES, PLACE_NAMES, places_of_number
from portal.rules.numbers import TERRITORY

# The library's own spellings, and its names of cities.
SPELLINGS = {"Washington State": "Washington", "Washington D.C.": "Washington, D.C.",
             "British Colombia": "British Columbia"}


def test_every_area_code_has_a_place_with_a_name_in_its_country():
    assert AREA_PLACES.keys() == REGIONS.keys() | TERRITORY.keys()
    for code, places in AREA_PLACES.items():
        assert places
        assert all(place in PLACE_NAMES and place[:2] == REGIONS.get(code, "US") for place in places)


@pytest.mark.parametrize("code", sorted(REGIONS))
def test_places_are_those_that_the_library_names(code):
    described = geocoder.description_for_number(phonenumbers.parse(f"+1{code}5550123"), "en")
    names = [SPELLINGS.get(name, name) for name in described.split("/")]
    if described and all(name in PLACE_NAMES.values() for name in names):
        assert [PLACE_NAMES[place] for place in AREA_PLACES[code]] == names


@pytest.mark.parametrize("code", sorted(OVERLAID))
def test_an_overlay_lies_where_what_it_overlays_does(code):
    assert set(AREA_PLACES[code]) == {place for one in OVERLAID[code] for place in AREA_PLACES[one]}


@pytest.mark.parametrize(("number", "places"), [
    ("+14165550123", ("CA-ON",)), ("+19025550123", ("CA-NS", "CA-PE")), ("+18675550123", ("CA-NT", "CA-NU", "CA-YT")),
    ("+17875550123", ("US-PR",)), ("+12215550123", ()), ("+442079460018", ()), ("988", ()), ("", ()), ("+1", ()),
])
def test_the_places_of_a_number(number, places):
    assert places_of_number(number) == places
