"""Reading files of users: no database, every trap that a spreadsheet can set."""

import csv

import pytest

from portal.services.imports import reading, rows
from portal.services.imports.decoding import Encoding, UnreadableFile
from portal.services.imports.reading import MOST_COLUMNS, MOST_ROWS, Separator
from tests.data import control_hub
from tests.data.files import EMAIL, user_csv

ZONES = frozenset({"America/Toronto"})
UMLAUTS = {EMAIL: "juergen@example.com", "Display Name": "Jürgen Groß", "Location": "Zürich"}


def read(content):
    return rows.read_rows(reading.read_sheet(content), ("en", "de"), ZONES)


def said(row):
    return [problem.sentence % problem.values for problem in row.problems]


@pytest.mark.parametrize(("codec", "encoding"), [
    ("utf-8", Encoding.UTF_8), ("utf-8-sig", Encoding.UTF_8_MARKED), ("utf-16", Encoding.UTF_16),
    ("cp1252", Encoding.WINDOWS_1252),
])
@pytest.mark.parametrize("separator", list(Separator))
@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"])
def test_every_encoding_separator_and_line_end_gives_the_same_rows(codec, encoding, separator, ending):
    content = user_csv(UMLAUTS, {**UMLAUTS, EMAIL: "b@example.com"}, encoding=codec, separator=separator, ending=ending)
    sheet = reading.read_sheet(content)
    assert (sheet.encoding, sheet.separator) == (encoding, separator)
    first, second = rows.read_rows(sheet, (), ())
    assert (first.name, first.location, first.line, second.line) == ("Jürgen Groß", "Zürich", 2, 3)


@pytest.mark.parametrize(("content", "part"), [
    (user_csv({EMAIL: "", "Location": ""}), "no rows"),
    (f"{EMAIL},Location\r\n".encode(), "no rows"),
    (b"Name,Number\r\nA,1\r\n", "must name the columns"),
    (f"{EMAIL},Location,location \r\na@example.com,A,B\r\n".encode(), "twice"),
    (f'{EMAIL},Location\r\na@example.com,A\r\nb@example.com,"B\r\nc@example.com,C\r\n'.encode(), "line 3"),
    (f'{EMAIL},Location\r\na@example.com,"A" B\r\n'.encode(), "line 2"),
    (f"{EMAIL}\r\n{'x' * 200_000}\r\n".encode(), "too long"),
    (f"{EMAIL}\r\n{'x' * 300_000}\r\n".encode(), "too long"),
    (f"{EMAIL},Location{',c' * 199}\r\na@example.com,A\r\n".encode(), "more than 200 columns, as line 1"),
    (f"{EMAIL},Location\r\na@example.com,A\r\nb@example.com{',c' * 200}\r\n".encode(), "200 columns, as line 3"),
    (f"{EMAIL};Location{';c' * 1_000_000}\r\na@example.com;A\r\n".encode(), "200 columns, as line 1"),
    (f"{EMAIL},Location\r\na@example.com,A\r\n{'x,' * 1_000_000}".encode(), "200 columns, as line 3"),
    (b"", "is empty"), (b"PK\x03\x04 and so on", "spreadsheet"),
])
def test_files_that_cannot_be_read_say_why(content, part):
    with pytest.raises(UnreadableFile) as refused:
        reading.read_sheet(content)
    assert part in refused.value.sentence % refused.value.values


def test_too_many_rows_name_the_limit():
    fits = user_csv(*({EMAIL: f"u{index}@example.com"} for index in range(MOST_ROWS)))
    assert len(reading.read_sheet(fits).lines) == MOST_ROWS
    with pytest.raises(UnreadableFile) as refused:
        reading.read_sheet(fits + b"one@example.com\r\n")
    assert refused.value.values == {"most": MOST_ROWS}


def test_order_case_and_spaces_of_the_header_do_not_matter():
    content = b" location ,USER id/EMAIL   (required),Phone\xc2\xa0Number\r\nHQ,a@example.com,1\r\n"
    row, = read(content)
    assert (row.location, row.email, row.number) == ("HQ", "a@example.com", "1")


def test_other_headers_stay_unknown():
    sheet = reading.read_sheet(user_csv({EMAIL: "a@example.com", "Locations": "HQ", "Location Id": "1",
                                         "X" * 500: "1"}))
    assert sheet.ignored == ("Locations", "Location Id", "X" * 60)


BLANK = ["", ",,,", " , ,", '"","",', '" ","\t",', "\u00a0,\u200b,", '"\r\n",']


@pytest.mark.parametrize("blank", BLANK)
def test_blank_rows_never_reach_the_reader_of_rows(blank, monkeypatch):
    """What makes them cheap: they are wound over, not cut into cells."""
    cut = []
    reader = csv.reader

    def counting(tape, **named):
        for cells in reader(tape, **named):
            cut.append(cells)
            yield cells

    monkeypatch.setattr(reading.csv, "reader", counting)
    many = 5000
    rows_of_it = f"{blank}\r\n" * many
    line, = reading.read_sheet(f"{EMAIL},Location\r\n{rows_of_it}a@example.com,HQ\r\n{rows_of_it}".encode()).lines
    assert line.cells == ("a@example.com", "HQ")
    assert line.number == many * (1 + blank.count("\n")) + 2
    assert len(cut) < 8, "the header by three separators, and two rows"


@pytest.mark.parametrize(("separator", "other"), [(",", ";;;"), (";", ",,,"), (",", "|")])
def test_a_row_of_something_else_is_not_blank(separator, other):
    content = user_csv({EMAIL: "a@example.com", "Location": "HQ"}, separator=separator) + f"{other}\r\n".encode()
    assert [line.number for line in reading.read_sheet(content).lines] == [2, 3]


@pytest.mark.parametrize("blank", ['"\n"', ',"\n"', ' ,"\r\n","\r"', '"","\n"'])
def test_a_row_may_begin_with_cells_of_blank_lines(blank):
    """The end of a line between quotation marks ends no row, also where only blank cells stand before it."""
    line, = reading.read_sheet(f'{EMAIL},Location,Phone Number,Title\n\n{blank},x\n'.encode()).lines
    assert (line.number, line.cells[-1]) == (3, "x")


def test_no_more_of_a_row_is_read_than_a_row_may_have(monkeypatch):
    """What bounds memory: the reader of rows never gets more than a row's worth of an endless one."""
    given = []
    tape = reading._Tape.__next__
    monkeypatch.setattr(reading._Tape, "__next__", lambda self: given.append(tape(self)) or given[-1])
    head = f"{EMAIL},Location\r\na@example.com,A\r\n"
    for endless in ("x," * 2_000_000, '"' + "x\n" * 2_000_000, '"\n",x,' * 500_000):
        given.clear()
        with pytest.raises(UnreadableFile):
            reading.read_sheet((head + endless).encode())
        assert sum(map(len, given)) < 2 * reading._ROW


def test_the_widest_file_that_is_read_is_small():
    """Cells and rows are bounded together: 200 by 20,000. What is not needed of them is not kept."""
    assert MOST_COLUMNS * MOST_ROWS == 4_000_000
    wide = f"{EMAIL}{',c' * 199}\r\n" + f"a@example.com{',x' * 199}\r\n" * MOST_ROWS
    lines = reading.read_sheet(wide.encode(), whole=False).lines
    assert len(lines) == MOST_ROWS
    assert {cell for line in lines for cell in line.cells} == {"a@example.com", ""}


def test_cells_that_are_not_kept_change_nothing_that_is_read():
    """Cells beyond the last column stay: they say that a row is shifted."""
    for content in (control_hub.book().write(), f"X,{EMAIL}\r\n1,a@example.com,more\r\n".encode()):
        whole, slim = reading.read_sheet(content), reading.read_sheet(content, whole=False)
        assert [whole.cells(line) for line in whole.lines] == [slim.cells(line) for line in slim.lines]
        assert list(map(whole.overflows, whole.lines)) == list(map(slim.overflows, slim.lines))


def test_a_line_that_tells_spreadsheets_the_separator_is_no_header():
    row, = read(b"sep=;\r\n" + user_csv({EMAIL: "a@example.com", "Location": "A, B"}, separator=";"))
    assert (row.line, row.location) == (3, "A, B")


def test_line_breaks_in_quotes_count_as_lines_and_blank_lines_do_too():
    content = user_csv({EMAIL: "a@example.com", "Display Name": "Ann\r\nLee", "Title": "x\r\ny\r\nz"},
                    {EMAIL: "", "Display Name": "", "Title": ""}, {EMAIL: "b@example.com"})
    first, second = read(content)
    assert (first.line, first.name, second.line) == (2, "Ann Lee", 7)


def test_unknown_columns_are_named():
    sheet = reading.read_sheet(user_csv({"Extension": "1", EMAIL: "a@example.com",
                                         "Hybrid Message (Suspended)": "TRUE"}))
    assert sheet.ignored == ("Extension", "Hybrid Message (Suspended)")
    assert not sheet.ours
    assert reading.read_sheet(user_csv({EMAIL: "a@example.com", "Texting": ""})).ours


def test_missing_cells_are_empty_and_cells_too_many_are_wrong():
    short, long = read(f"{EMAIL},Location,Texting\r\na@example.com\r\nb@example.com,HQ,ON,,,more\r\n".encode())
    assert (short.location, short.texting, short.problems) == ("", None, ())
    assert "more cells" in said(long)[0]


def test_the_generated_export_is_read_whole_and_is_always_the_same():
    book = control_hub.book()
    assert book.write() == control_hub.book().write()
    sheet = reading.read_sheet(book.write())
    assert (sheet.encoding, sheet.separator, len(sheet.lines)) == (Encoding.WINDOWS_1252, Separator.SEMICOLON, 320)
    assert set(control_hub.SERVICES) < set(sheet.ignored)
    assert [row.number for row in rows.read_rows(sheet, (), ())] == [line.cells["Phone Number"] for line in book.lines]
