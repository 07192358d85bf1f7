"""The table of area codes: what the library knows stands in it, and overlays have the zones of what they overlay."""

import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import phonenumbers
import pytest
from phonenumbers.timezone import TIMEZONE_DATA

from portal.rules import area_codes, numbers
from portal.rules.area_codes import CHECKED, OVERLAID, REGIONS, is_plausible_area, renewal_advice
from portal.rules.number_zones import zones_of_number
from portal.rules.numbers import NumberKind, read_number

ROOT = Path(__file__).parents[2]


def exchanges(area):
    """The zones over all exchanges of an area code, by the library."""
    return {name for prefix, names in TIMEZONE_DATA.items() if prefix.startswith(f"1{area}") for name in names}


def test_what_the_library_knows_stands_in_the_table():
    """A newer library may know more: then add it here, with what it overlays."""
    known = {}
    for area in range(200, 1000):
        number = phonenumbers.parse(f"+1{area}5550123")
        region = phonenumbers.region_code_for_number(number)
        if region in numbers.HOME and phonenumbers.number_type(number) in numbers._GEOGRAPHIC:
            known[area] = region
    assert len(known) > 400
    assert {area: REGIONS.get(area) for area in known} == known


def test_no_code_stands_in_it_twice():
    listed = [code for table in (area_codes._US, area_codes._CANADA)
              for first, over in area_codes._areas(table) for code in first + over]
    assert len(listed) == len(set(listed)) == len(REGIONS)


def test_what_an_overlay_overlays_has_exchanges_of_its_own():
    firsts = {code for first in OVERLAID.values() for code in first}
    assert firsts <= set(REGIONS)
    assert not firsts & set(OVERLAID)
    assert all(REGIONS[over] == REGIONS[code] for over, first in OVERLAID.items() for code in first)


@pytest.mark.parametrize("area", sorted(OVERLAID))
def test_an_overlay_has_every_zone_of_what_it_overlays(area):
    wanted = set().union(*(exchanges(one) for one in OVERLAID[area]))
    assert wanted
    assert set(zones_of_number(f"+1{area}5550123")) == set(zones_of_number(f"+1{area}2340123")) == wanted


@pytest.mark.parametrize("area", sorted(REGIONS))
def test_every_code_in_it_can_be_texted(area):
    reading = read_number(f"+1 {area} 555 0123")
    assert (reading.kind, reading.region, reading.known) == (NumberKind.PLAIN, REGIONS[area], True)
    assert zones_of_number(reading.e164)


def test_special_and_foreign_codes_do_not_stand_in_it():
    assert not set(REGIONS) & (set(numbers.BY_AREA) | set(numbers.TERRITORY))
    assert all(is_plausible_area(area) for area in REGIONS)


# --- its age --------------------------------------------------------------------------


def test_after_a_year_it_says_how_to_renew_it():
    assert renewal_advice(CHECKED) == renewal_advice(CHECKED + timedelta(days=365)) == ""
    assert str(CHECKED) in renewal_advice(CHECKED + timedelta(days=366))
    assert "portal/rules/area_codes.py" in renewal_advice(CHECKED + timedelta(days=4000))


def test_make_check_says_so_and_does_not_fail(capsys):
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\ncheck:")[2].partition("\n\n")[0]
    command = re.search(r'-c "(.*area_codes.*)"', recipe)[1]
    assert subprocess.run([sys.executable, "-c", command], cwd=ROOT, check=False).returncode == 0
    area_codes.remind_to_renew(CHECKED + timedelta(days=366))
    assert "set CHECKED to today" in capsys.readouterr().out
    area_codes.remind_to_renew(CHECKED)
    assert capsys.readouterr().out == ""
