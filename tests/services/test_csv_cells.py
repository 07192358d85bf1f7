"""What a spreadsheet would evaluate or change gets an apostrophe, and exactly that comes off again: L1."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.services import csv_cells
from portal.services.csv_cells import guard_cell, unguard_cell

TRICKY = st.text("'\"=+-@＝,;|\t\r\n 1a5.E/\u200b\ufeff−", max_size=12)


@pytest.mark.parametrize("cell", [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\u200b=1", "\ufeff=1", "＝1", "＋1", "－1", "＠x", "﹦1", "⁼1",
    "−1", '"=1"', "'=1", "\0=1", " =1", "\u00a0=1", "\u3000-1", "\x01=1", "\x1f+1", "\x7f@x", "\x9f=1"])
def test_formulas_are_guarded(cell):
    assert guard_cell(cell).startswith("'")


@pytest.mark.parametrize(("cell", "safe"), [
    ("B;=1+1", "B;'=1+1"), ("a\n=1", "a\n'=1"), ("a\r\n+1", "a\r\n'+1"), ("mail;=2+2", "mail;'=2+2"),
    ("x\t@y", "x\t'@y"), ("x; =1", "x;' =1"), ("x;\u200b=1", "x;'\u200b=1"), ('x;"=1"', "x;'\"=1\""),
    ("x;＝1", "x;'＝1"), ("a;b;-c", "a;b;'-c"), ("a,=1", "a,'=1"), ("a|=1", "a|'=1"),
    ("x;\x01=1", "x;'\x01=1"), ("x\n\x08\x7f=1", "x\n'\x08\x7f=1")])
def test_what_follows_a_separator_is_guarded_too(cell, safe):
    assert guard_cell(cell) == safe


@pytest.mark.parametrize("cell", ["42.30", "43", "007", "1/2", "3-4", "12:30", "5:30 PM", "1E5", "1.41697E+10", "Mar 5",
                                  "12 mai", "5 août", "3 décembre",
                                  "5-May", "SEPT2", "2026-11-28", "$5", "50%", "(416)", "TRUE", "4165550101", "'42"])
def test_what_a_spreadsheet_would_write_in_its_own_way_is_guarded(cell):
    assert guard_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["Ada", "O'Neil", "'t Hooft", "12 King St", "Main St 5", "May", "", "a;b", "Roe, Ann",
                                  "2026-11-28T10:00:00+00:00", "uli@example.com", "x=1", "Lee, 'Bob'", "Floor 5"])
def test_words_stay_as_they_are(cell):
    assert guard_cell(cell) == unguard_cell(cell) == cell


@given(st.text() | TRICKY)
def test_a_guard_comes_off_exactly(cell):
    assert unguard_cell(guard_cell(cell)) == cell


@given(st.lists(st.text() | TRICKY, min_size=1, max_size=5), st.sampled_from(",;\t"), st.sampled_from(",;\t|"))
def test_no_part_of_a_line_begins_a_formula_wherever_it_is_split(cells, separator, splits):
    cells = [cell.replace("\0", "") for cell in cells]
    written = csv_cells.csv_line(cells, separator)
    for row in csv.reader(io.StringIO(written, newline=""), delimiter=splits):
        for cell in row:
            assert not re.match("[\" \u200b\ufeff]*[=+@＝−-]", cell), (written, cell)


@given(st.lists(st.text().filter(lambda cell: "\0" not in cell), min_size=1), st.sampled_from(",;\t"))
def test_every_cell_stands_in_quotation_marks_and_comes_back(cells, separator):
    written = csv_cells.csv_line(cells, separator)
    assert written.startswith('"')
    assert written.endswith('"\r\n')
    row, = csv.reader(io.StringIO(written, newline=""), delimiter=separator)
    assert [unguard_cell(cell) for cell in row] == cells


def test_a_cell_of_breaks_is_looked_at_once():
    """The pattern for what follows a break ends at the next one, so a cell of breaks costs what it is long."""
    assert csv_cells._OPEN.search("\t" * 100_000 + "x") is None
    assert "\\t" not in csv_cells._INSIDE
    assert "\t" not in csv_cells._INSIDE


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_file_is_the_mark_of_utf_8_and_its_lines(separator):
    lines = [("Name", "Note"), ("Zoé", "=1+1"), ("", "a,b;c\td")]
    written = b"".join(csv_cells.csv_file(lines, separator))
    assert written.decode("utf-8-sig") == "".join(csv_cells.csv_line(cells, separator) for cells in lines)
    assert written.startswith(b"\xef\xbb\xbf")
    assert b"'=1+1" in written


def test_a_file_without_lines_is_the_mark_alone():
    assert b"".join(csv_cells.csv_file([])) == b"\xef\xbb\xbf"


def test_a_file_is_written_piece_by_piece(monkeypatch):
    """An export of many users never lies in memory as a whole: no line is asked for before its turn."""
    monkeypatch.setattr(csv_cells, "PIECE_SIZE", 1)
    asked = []
    pieces = csv_cells.csv_file(asked.append(number) or (str(number),) for number in range(3))
    next(pieces)
    assert asked == []
    assert (next(pieces), asked) == (b'"0"\r\n'.replace(b"0", csv_cells.guard_cell("0").encode()), [0])
