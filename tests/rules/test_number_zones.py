"""Every number behind one area code and exchange is read alike, so that one answer is remembered for all of them."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules import area_codes, number_zones, numbers

NUMBERS = st.from_regex(r"\A\+1[2-9][0-9]{9}\Z")
IN_PLACES = st.builds("+1{}{:03}{:04}".format, st.sampled_from(sorted({*area_codes.REGIONS, *numbers.BY_AREA})),
                      st.integers(0, 999), st.integers(0, 9999))


@given(NUMBERS | IN_PLACES)
def test_a_stored_number_is_read_as_a_typed_one(number):
    assert numbers.read_number(number) == numbers.read_number(f" {number}")


@given(NUMBERS | IN_PLACES)
def test_the_zones_of_a_number_are_its_own(number):
    assert number_zones.zones_of_number(number) == number_zones._zones(number)


@pytest.mark.parametrize("number", ["+12465210000", "+12465211000", "+18766060000", "+18766069999"])
def test_countries_that_divide_an_exchange(number):
    """Barbados and Jamaica assign some numbers of an exchange and others not."""
    assert number_zones.zones_of_number(number) == number_zones._guess(number)
    assert numbers.read_number(number) == numbers.read_number(f"{number[:2]} {number[2:]}")


def test_one_answer_serves_an_exchange(monkeypatch):
    asked = []
    monkeypatch.setattr(phonenumbers, "parse", lambda raw, region=None: asked.append(raw))
    monkeypatch.setattr(numbers, "_north_american", lambda _number, e164: numbers.NumberReading(
        numbers.NumberKind.PLAIN, e164, "CA"))
    numbers._read_exchange.cache_clear()
    assert [numbers.read_number(f"+1416997{line}").e164[-4:] for line in ("0001", "4711", "9999")] == [
        "0001", "4711", "9999"]
    assert len(asked) == 1
    numbers._read_exchange.cache_clear()
