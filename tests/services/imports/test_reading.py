"""Reading files of users: no database, every trap that a spreadsheet can set."""

import csv
import io
import zipfile

import pytest

from portal.services.imports import reading, rows
from portal.services.imports.decoding import Encoding, UnreadableFile
from portal.services.imports.reading import MOST_COLUMNS, MOST_ROWS, Separator
from portal.services.imports.rows import SourceWord, TextingWord
from tests.data import control_hub
from tests.data.files import EMAIL, user_csv


def zipped(*names, content="x"):
    """A zip file with parts of these names."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as pack:
        for name in names:
            pack.writestr(name, content)
    return file.getvalue()


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


def test_utf_16_with_the_other_byte_order():
    content = b"\xfe\xff" + user_csv(UMLAUTS).decode().encode("utf-16-be")
    assert reading.read_sheet(content).encoding is Encoding.UTF_16
    assert read(content)[0].name == "Jürgen Groß"


@pytest.mark.parametrize(("content", "part"), [
    (b"", "is empty"),
    (b"\r\n \r\n", "is empty"),
    (user_csv({EMAIL: "", "Location": ""}), "no rows"),
    (f"{EMAIL},Location\r\n".encode(), "no rows"),
    (b"Name,Number\r\nA,1\r\n", "must name the columns"),
    (b"PK\x03\x04 and so on", "spreadsheet"),
    (b"\xd0\xcf\x11\xe0 and so on", "spreadsheet"),
    (b"\x00\x01\x02", "not a text file"),
    (b"\xff\xfea", "not a text file"),
    (f"{EMAIL},Location,location \r\na@example.com,A,B\r\n".encode(), "twice"),
    (f'{EMAIL},Location\r\na@example.com,A\r\nb@example.com,"B\r\nc@example.com,C\r\n'.encode(), "line 3"),
    (f'{EMAIL},Location\r\na@example.com,"A" B\r\n'.encode(), "line 2"),
    (f"{EMAIL}\r\n{'x' * 200_000}\r\n".encode(), "too long"),
    (f"{EMAIL}\r\n{'x' * 300_000}\r\n".encode(), "too long"),
    (f"{EMAIL},Location{',c' * 199}\r\na@example.com,A\r\n".encode(), "more than 200 columns, as line 1"),
    (f"{EMAIL},Location\r\na@example.com,A\r\nb@example.com{',c' * 200}\r\n".encode(), "200 columns, as line 3"),
    (f"{EMAIL};Location{';c' * 1_000_000}\r\na@example.com;A\r\n".encode(), "200 columns, as line 1"),
    (f"{EMAIL},Location\r\na@example.com,A\r\n{'x,' * 1_000_000}".encode(), "200 columns, as line 3"),
    (b"\xef\xbb\xbf", "is empty"), (b"\xef\xbb\xbf\r\n", "is empty"),
    (zipped("users.csv"), "This is a zip file: unpack it and choose the CSV file inside."), (zipped(), "zip file"),
    (zipped("[Content_Types].xml", "xl/workbook.xml"), "spreadsheet"), (zipped("word/document.xml"), "text document"),
    (zipped("mimetype", content="application/vnd.oasis.opendocument.spreadsheet"), "spreadsheet"),
    (zipped("Index/Document.iwa"), "spreadsheet"), (b"\x1f\x8b\x08\x00", "packed file"),
    (b"7z\xbc\xaf\x27\x1c", "packed"),
    (b"%PDF-1.7", "PDF"), (b"\x89PNG\r\n", "picture"), (b"\xff\xd8\xff\xe0", "picture"),
    (b"{\\rtf1 x}", "text document"),
    (b"\xef\xbb\xbf<html><table>", "web page"), (b"<?xml version='1.0'?>", "web page or XML"),
    (b'[{"email": "a@example.com"}]', "JSON"), (b"BEGIN:VCARD\r\nFN:A\r\n", "vCard"),
    (f"{EMAIL},Location\r\nZo\u00eb@example.com,A\r\n".encode() + b"Andr\xe9@example.com,A\r\n", "line 3 is not"),
    (f"{EMAIL},Location\r\n".encode() + b"Andr\xe9@example.com,A\r\n" + "\u0418\u0432\u0430\u043d".encode(), "line 2"),
    (b"\xef\xbb\xbf" + f"{EMAIL},Location\r\n".encode() + b"Andr\xe9@example.com,A\r\n", "line 2"),
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


@pytest.mark.parametrize("name", [
    "UserID/Email (Required)", "User ID/Email(Required)", "User ID/Email", "user id / e-mail",
    "\ufeffUser ID/Email (Required)",
    "User\u200bID/Em\u00adail (Required)\u00a0", "'User ID/Email (Required)", "ＵｓｅｒＩＤ／Ｅｍａｉｌ"])
def test_a_header_is_known_by_its_letters_and_digits(name):
    row, = read(user_csv({name: "a@example.com", "Location\u200b": "HQ", "Time-Zone": "America/Toronto"}))
    assert (row.email, row.location, row.time_zone) == ("a@example.com", "HQ", "America/Toronto")


def test_other_headers_stay_unknown():
    sheet = reading.read_sheet(user_csv({EMAIL: "a@example.com", "Locations": "HQ", "Location Id": "1",
                                         "X" * 500: "1"}))
    assert sheet.ignored == ("Locations", "Location Id", "X" * 60)


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("marks", [1, 2, 3])
def test_a_file_with_several_marks_reads_like_a_plain_one(codec, marks):
    plain = user_csv(UMLAUTS).decode()
    row, = read(("\ufeff" * marks + plain).encode(codec))
    assert (row.name, row.location, row.email) == ("Jürgen Groß", "Zürich", "juergen@example.com")


@pytest.mark.parametrize("text", [
    "Jürgen Groß", "“Groß”", "CAFÉ’S", "SÅ – Ž…", "Øre Ñandú™", "Straß“", "É»"])
def test_windows_1252_stays_what_it_is(text):
    first = {EMAIL: "a@example.com", "Display Name": "André"}
    both = {**first, "Display Name": text}, {**first, EMAIL: "b@example.com"}
    sheet = reading.read_sheet(user_csv(*both, encoding="cp1252"))
    assert sheet.encoding is Encoding.WINDOWS_1252
    assert rows.read_rows(sheet, (), ())[0].name == text


@pytest.mark.parametrize("name", ["Zoë", "René Côté", "Mureș", "Łoś", "Иван", "李明", "Ελένη", "Đorđe", "😀"])
@pytest.mark.parametrize("bad", ["André", "Ž", "Øre"])
def test_a_file_of_two_encodings_is_never_garbled(name, bad):
    lines = [f"{EMAIL},Display Name".encode(), f"a@example.com,{name}".encode(),
             b"b@example.com," + bad.encode("cp1252")]
    for content, line in ((b"\r\n".join(lines), 3), (b"\n".join([lines[0], *lines[:0:-1]]), 2)):
        with pytest.raises(UnreadableFile) as refused:
            reading.read_sheet(content)
        assert refused.value.values == {"line": str(line)}


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
    """Cells and rows are bounded together: 200 by 2,000."""
    assert MOST_COLUMNS * MOST_ROWS == 400_000
    wide = f"{EMAIL}{',c' * 199}\r\n" + f"a@example.com{',x' * 199}\r\n" * MOST_ROWS
    assert len(reading.read_sheet(wide.encode()).lines) == MOST_ROWS


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


@pytest.mark.parametrize(("cell", "value"), [
    ("=1+1", "=1+1"), ("'=1+1", "=1+1"), ("''=1+1", "'=1+1"), ("@x", "@x"), ("'@x", "@x"), ("-x", "-x"), ("'-x", "-x"),
    ("'+x", "+x"), ("'\tx", "x"), ("'t Hooft", "'t Hooft"), ("' =1+1", "=1+1"),
])
def test_exactly_one_guard_is_taken_off_and_nothing_is_run(cell, value):
    row, = read(user_csv({EMAIL: "a@example.com", "Display Name": cell}))
    assert row.name == value


def test_the_display_name_wins_and_half_a_name_is_half():
    content = user_csv(
        {EMAIL: "a@example.com", "First Name": "John", "Last Name": "Doe", "Display Name": "Johnny"},
        {EMAIL: "b@example.com", "First Name": "John", "Last Name": "Doe"},
        {EMAIL: "c@example.com", "Last Name": "Doe"},
        {EMAIL: "d@example.com", "First Name": "x" * 70, "Last Name": "y" * 70})
    whole, joined, half, long = read(content)
    assert (whole.name, whole.part_of_name) == ("Johnny", False)
    assert (joined.name, joined.part_of_name) == ("John Doe", False)
    assert (half.name, half.part_of_name) == ("Doe", True)
    assert "too long" in said(long)[0]


@pytest.mark.parametrize(("cell", "number", "take_away"), [
    ("(416) 967-1111", "(416) 967-1111", False), ("'+14169671111", "+14169671111", False),
    ("REMOVE|+14169671111", "+14169671111", True), ("remove| '+14169671111", "+14169671111", True),
])
def test_numbers_stay_as_typed_and_may_be_taken_away(cell, number, take_away):
    row, = read(user_csv({EMAIL: "a@example.com", "Phone Number": cell}))
    assert (row.number, row.take_away, row.problems) == (number, take_away, ())


def test_removing_nothing_in_particular_is_wrong():
    row, = read(user_csv({EMAIL: "a@example.com", "Phone Number": "REMOVE|"}))
    assert said(row) == ["Write the number that is to be taken away behind REMOVE|"]


@pytest.mark.parametrize(("status", "active", "closed"), [
    ("Active", True, False), ("verified\u200b", True, False), ("Not Verified", False, False), ("Inactive", False, True),
    ("DEACTIVATED", False, True), ("Suspended ", False, True), ("Invite  Pending", False, False), ("", None, False),
    ("Perhaps", None, False)])
def test_statuses(status, active, closed):
    row, = read(user_csv({EMAIL: "a@example.com", "User Status": status}))
    assert (row.active, row.closed) == (active, closed)
    assert [note.values["value"] for note in row.notes] == ["Perhaps"] * (status == "Perhaps")


def test_what_nobody_sees_is_no_part_of_any_cell():
    row, = read(user_csv({EMAIL: "a@example.com", "Texting": "ON\u200b", "Location": "\u2060Toronto\u200b",
                       "User Status": "\u00adActive", "Time zone": "America/Toronto\u00a0", "App Version": "43.2\ufeff",
                       "Preferred Language": "\u200ede_DE",
                       "Number Source": "\u200bOTHER", "Phone Number": "\u202a+14165550101\u202c"}))
    assert (row.texting, row.location, row.active, row.time_zone) == (TextingWord.ON, "Toronto", True,
                                                                      "America/Toronto")
    assert (row.language, row.app_version, row.source, row.number) == ("de", "43.2", SourceWord.OTHER, "+14165550101")
    assert row.notes == row.problems == ()


@pytest.mark.parametrize(("typed", "language", "notes"), [
    ("de_DE", "de", 0), ("DE", "de", 0), ("en-GB", "en", 0), ("fr_CA", "fr_CA", 0), ("", "", 0), ("Klingon?", "", 1),
    ("zh_Hans_CN", "", 1)])
def test_languages(typed, language, notes):
    row, = read(user_csv({EMAIL: "a@example.com", "Preferred Language": typed}))
    assert (row.language, len(row.notes), row.problems) == (language, notes, ())


def test_an_unknown_time_zone_is_left_out_and_named():
    known, unknown = read(user_csv({EMAIL: "a@example.com", "Time zone": "America/Toronto"},
                                {EMAIL: "b@example.com", "Time zone": "Mars/Olympus"}))
    assert (known.time_zone, known.notes) == ("America/Toronto", ())
    assert unknown.time_zone == ""
    assert unknown.notes[0].values["value"] == "Mars/Olympus"


def test_our_own_columns():
    row, = read(user_csv({EMAIL: "a@example.com", "Texting": "inherit", "App Version": "43.2",
                       "Number Source": "calling_plan"}))
    assert (row.texting, row.app_version, row.source) == (TextingWord.INHERIT, "43.2", SourceWord.CALLING_PLAN)
    assert row.problems == ()


@pytest.mark.parametrize("column", [EMAIL, "Display Name", "First Name", "Location", "Phone Number", "Texting",
                                    "App Version", "Preferred Language", "Time zone", "Number Source"])
def test_no_cell_is_too_long_to_be_told_about(column):
    row, = read(user_csv({EMAIL: "a@example.com", column: "x" * 100_000}))
    assert row.problems or row.notes
    assert len(repr(row)) < 2000


def test_everything_that_is_wrong_with_a_row_is_named():
    row, = read(user_csv({EMAIL: "a b@example", "Texting": "maybe", "Number Source": "mine", "App Version": "4" * 21,
                       "Phone Number": "REMOVE|"}))
    assert len(row.problems) == 5
    assert any("INHERIT, ON, OFF" in sentence for sentence in said(row))


def test_the_second_row_about_one_address_names_the_first_line():
    first, second, third = read(user_csv({EMAIL: "Ann@Example.com"}, {EMAIL: "ann@example.COM"},
                                      {EMAIL: "", "Location": "HQ"}))
    assert first.problems == ()
    assert said(second) == ["The same email address stands in line 2 already."]
    assert said(third)[0].startswith("There is no email address.")


def test_the_generated_export_is_read_whole_and_is_always_the_same():
    book = control_hub.book()
    assert book.write() == control_hub.book().write()
    sheet = reading.read_sheet(book.write())
    assert (sheet.encoding, sheet.separator, len(sheet.lines)) == (Encoding.WINDOWS_1252, Separator.SEMICOLON, 320)
    assert set(control_hub.SERVICES) < set(sheet.ignored)
    assert [row.number for row in rows.read_rows(sheet, (), ())] == [line.cells["Phone Number"] for line in book.lines]


@pytest.mark.parametrize("word", [
    "In-active", "In active", "Inactive (license)", "Soft-deleted", "ARCHIVED", "Terminated", "Locked out", "Désactivé",
    "Inactif", "Left",
])
def test_a_closed_account_is_closed_in_the_words_of_other_programs_too(word):
    row, = read(user_csv({EMAIL: "a@example.com", "User Status": word}))
    assert (row.active, row.closed, row.notes) == (False, True, ())


@pytest.mark.parametrize(("word", "active"), [("Actif", True), ("enabled", True), ("Not-active", False)])
def test_an_open_account_is_open_in_them(word, active):
    row, = read(user_csv({EMAIL: "a@example.com", "User Status": word}))
    assert (row.active, row.closed) == (active, False)
