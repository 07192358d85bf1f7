"""Which column a header names: by its letters and digits alone, and never by a part of them."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.services.imports.columns import OURS, ImportColumn, column_of_header, find_columns

COLUMNS = st.sampled_from(list(ImportColumn))
# What people and programs put between the letters of a header, and what nobody sees.
BETWEEN = st.sampled_from([" ", "  ", "-", "_", "/", ".", ":", "'", '"', "\u00a0", "\u200b", "\u00ad", "\ufeff"])


@pytest.mark.parametrize("column", ImportColumn)
def test_every_column_is_known_by_its_own_name_in_any_case(column):
    assert column_of_header(column) is column
    assert {column_of_header(name) for name in (column.upper(), column.lower(), column.title())} == {column}


def test_no_two_columns_have_one_name():
    """Else a file that the portal writes could not be read again."""
    columns = list(ImportColumn)
    assert find_columns(columns) == [(column, index) for index, column in enumerate(columns)]


def test_the_last_three_are_our_own():
    assert set(list(ImportColumn)[-3:]) == OURS


@pytest.mark.parametrize("name", [
    "UserID/Email (Required)", "User ID/Email(Required)", "User ID/Email", "user id / e-mail",
    "\ufeffUser ID/Email (Required)", "User\u200bID/Em\u00adail (Required)\u00a0", "'User ID/Email (Required)",
    "ＵｓｅｒＩＤ／Ｅｍａｉｌ"])
def test_the_column_of_addresses_is_known_in_the_spellings_of_other_programs(name):
    assert column_of_header(name) is ImportColumn.EMAIL


@pytest.mark.parametrize("name", [
    "", " ", "()", "\u200b", "Locations", "Location Id", "Phone", "Number", "Email", "User ID", "Required", "Name",
    "Phone Number 2", "Tïme zone", "Téxting", "Локация"])
def test_another_name_is_no_column(name):
    assert column_of_header(name) is None


@settings(deadline=None)
@given(COLUMNS, st.lists(BETWEEN, min_size=40, max_size=40), st.booleans())
def test_blanks_signs_and_hidden_characters_never_make_another_column(column, between, required):
    name = column.removesuffix(" (Required)") + " (Required)" * required
    assert column_of_header("".join(char + sign for char, sign in zip(name, between, strict=False))) is column


@settings(deadline=None)
@given(st.text(max_size=120))
def test_any_header_is_a_column_by_its_letters_or_none(name):
    column = column_of_header(name)
    if column is not None:
        letters = {char for char in unicodedata.normalize("NFKC", column).casefold() if char.isalnum()}
        seen = {char for char in unicodedata.normalize("NFKC", name).casefold() if char.isalnum()}
        assert letters <= seen | set("required")


def test_a_header_is_read_up_to_a_hundred_characters():
    """However long the row is: a name that begins later is none of ours, and nobody pays for it."""
    assert column_of_header(" " * 92 + "Location") is ImportColumn.LOCATION
    assert column_of_header(" " * 93 + "Location") is None
    assert column_of_header("Location" + " " * 100_000) is ImportColumn.LOCATION


def test_columns_are_found_in_the_order_of_the_file_and_unknown_ones_are_passed_over():
    assert find_columns(["Extension", "location", "User ID/Email", "", "TEXTING"]) == [
        (ImportColumn.LOCATION, 1), (ImportColumn.EMAIL, 2), (ImportColumn.TEXTING, 4)]
    assert find_columns([]) == find_columns(["Extension", ""]) == []


def test_a_column_that_stands_there_twice_is_found_twice():
    """The reader of files refuses it: which of the two would count?"""
    assert find_columns(["Location", "location "]) == [(ImportColumn.LOCATION, 0), (ImportColumn.LOCATION, 1)]
