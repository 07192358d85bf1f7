"""The rows of an inventory: numbers, ranges, days, and what is said about rows that are wrong."""

from datetime import date

import pytest

from portal import lengths
from portal.services.imports.decoding import UnreadableFile
from portal.services.imports.inventory_rows import read_inventory


def read(*lines):
    return read_inventory("\n".join(lines).encode())


def test_numbers_and_ranges():
    one, some = read("Number;Last number;ORGANIZATION;from;Until",
                     "416 555 0180;;Maple Clinic;2026-12-01;", "4165550200;+1 416 555 0299;Maple Clinic;;2027-01-31")
    assert (one.line, one.organization, list(one.numbers()), one.from_on, one.until_on) == (
        2, "Maple Clinic", ["+14165550180"], date(2026, 12, 1), None)
    assert (some.many, list(some.numbers())[-1], some.until_on) == (100, "+14165550299", date(2027, 1, 31))
    assert one.problems == some.problems == []


@pytest.mark.parametrize(("row", "said"), [
    ("416 555 018,,Maple,,", "This is not a phone number that can be assigned: %(number)s. %(problem)s"),
    (",,Maple,,", "This is not a phone number that can be assigned: %(number)s. %(problem)s"),
    ("416 555 0180,416 555 0179,Maple,,",
     "%(first)s to %(last)s is no range. The last number must follow the first."),
    ("416 555 0180,833 555 0179,Maple,,",
     "%(first)s to %(last)s is no range. The last number must follow the first."),
    ("416 555 0180,416 556 0180,Maple,,", "A range has at most %(most)s numbers. Split it into several rows."),
    ("416 555 0180,,,,", "The organization is missing. Enter its name as under Organizations."),
    ("416 555 0180,,Maple,soon,", "%(day)s is no day. Enter it as in 2026-05-31."),
    ("416 555 0180,,Maple,2026-12-01,2026-12-01",
     "A number cannot leave before it has come. Enter a later day under Until."),
])
def test_a_row_that_is_wrong_says_what_to_do(row, said):
    (found,) = read("Number,Last Number,Organization,From,Until", row)
    assert [problem.sentence for problem in found.problems] == [said]
    assert found.many in (0, 1)


def test_a_range_has_at_most_ten_thousand_numbers():
    (row,) = read("Number,Last Number,Organization", "416 555 0000,416 555 9999,Maple")
    assert (row.many, row.problems) == (10_000, [])


@pytest.mark.parametrize("lines", [
    ("Number,Name", "416 555 0180,Maple"), ("Organization", "Maple"), ("Number,Organization",),
    ("Number,Last Number,Organization", *(f"{area} 555 0000,{area} 555 9999,Maple"
                                          for area in (416, 647, 212, 213, 206, 312))),
])
def test_what_is_no_inventory_is_refused(lines):
    with pytest.raises(UnreadableFile):
        read(*lines)


@pytest.mark.parametrize("cells", ["+14165550101,{long}", "{long},Maple Clinic"])
def test_of_a_cell_that_is_too_long_only_the_beginning_is_kept(cells):
    (row,) = read_inventory(("Number,Organization\n" + cells.format(long="\ufdfa" * 40_000)).encode())
    kept = [row.organization, *(str(value) for one in row.problems for value in one.values.values())]
    assert max(map(len, kept)) <= 2 * lengths.ORGANIZATION_NAME
