"""What the cells of a row ask for, and everything that is wrong with them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal import lengths
from portal.rules import addresses
from portal.rules.facts import NumberSource
from portal.services.imports import reading, rows
from portal.services.imports.columns import ImportColumn
from portal.services.imports.rows import FileRow, RowProblem, SourceWord, TextingWord, read_rows
from tests.data.files import EMAIL, user_csv

ZONES = frozenset({"America/Toronto"})
# A cell that a file can hold; the reader of files leaves rows out in which nothing can be seen.
CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=150)


def read(content):
    return read_rows(reading.read_sheet(content), ("en", "de"), ZONES)


def said(row):
    return [problem.sentence % problem.values for problem in row.problems]


def test_a_row_of_an_address_alone_asks_for_nothing_else():
    """Empty cells and missing columns leave every value as it is."""
    alone, empty = (read(user_csv(row)) for row in ({EMAIL: "a@example.com"},
                                                    dict.fromkeys(ImportColumn, "") | {EMAIL: "a@example.com"}))
    assert alone == empty == [FileRow(2, "a@example.com")]


def test_rows_come_in_the_order_of_the_file_with_their_lines():
    content = user_csv(*({EMAIL: f"{name}@example.com"} for name in "cab"))
    assert [(row.line, row.email) for row in read(content)] == [
        (2, "c@example.com"), (3, "a@example.com"), (4, "b@example.com")]


@settings(deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(ImportColumn, CELL)))
def test_whatever_stands_in_the_cells_the_row_is_read_and_every_value_fits_its_column(cells):
    # A cell that is surely seen keeps the row from being passed over as blank.
    for row in read(user_csv({"Seen": "x", **cells})):
        assert all(said(row))
        assert len(row.name) <= lengths.USER_NAME or row.problems
        assert len(row.location) <= lengths.LOCATION_NAME
        assert len(row.language) <= lengths.USER_LANGUAGE
        assert len(row.app_version) <= lengths.APP_VERSION
        assert row.time_zone in {"", *ZONES}
        assert len(row.email) <= lengths.EMAIL_ADDRESS
        assert not row.closed or row.active is False
        assert row.problems or addresses.is_valid_address(row.email)


# --- who -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("one", "other", "same"), [
    ("Ann@Example.com", "ann@example.COM", True), ("ann@example.com", "\u200bann@example.com ", True),
    ("ann@example.com", "anne@example.com", False)])
def test_the_key_makes_two_rows_one_user(one, other, same):
    first, second = read(user_csv({EMAIL: one}, {EMAIL: other}))
    assert (first.key == second.key) is same
    assert said(second) == ["Line 2 has the same email address already."] * same


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
    assert said(second) == ["Line 2 has the same email address already."]
    assert said(third)[0].startswith("There is no email address.")


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


# --- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", TextingWord)
@pytest.mark.parametrize("spelled", [str.upper, str.lower, str.title])
def test_words_of_texting_are_read_in_any_case(word, spelled):
    row, = read(user_csv({EMAIL: "a@example.com", "Texting": f" {spelled(word)} "}))
    assert (row.texting, row.problems) == (word, ())


def test_every_source_of_a_file_is_one_that_the_rules_know():
    assert {word: word.meant for word in SourceWord} == {
        SourceWord.CALLING_PLAN: NumberSource.CALLING_PLAN, SourceWord.OTHER: NumberSource.OTHER}
    assert {word.meant for word in SourceWord} == set(NumberSource)


def test_an_unknown_word_is_named_with_the_known_ones_and_shortened():
    row, = read(user_csv({EMAIL: "a@example.com", "Texting": "maybe" * 20}))
    assert said(row) == [
        f"The column Texting does not know the word {'maybe' * 12}. Use one of INHERIT, ON, OFF."]
    assert row.texting is None


@pytest.mark.parametrize(("column", "most"), [
    (ImportColumn.DISPLAY_NAME, lengths.USER_NAME), (ImportColumn.LOCATION, lengths.LOCATION_NAME),
    (ImportColumn.APP_VERSION, lengths.APP_VERSION)])
def test_a_cell_may_be_exactly_as_long_as_its_column(column, most):
    fits, long = read(user_csv({EMAIL: "a@example.com", column: "x" * most},
                               {EMAIL: "b@example.com", column: "x" * (most + 1)}))
    assert fits.problems == ()
    assert long.problems == (RowProblem(rows.CELL_TOO_LONG, {"column": column, "most": most}),)
