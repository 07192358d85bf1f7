"""The columns that the import reads, with their names in a file."""

import unicodedata
from collections.abc import Sequence
from enum import StrEnum

from portal.rules.characters import without_hidden


class ImportColumn(StrEnum):
    """A column by its name in a Control Hub user export; the last three are our own."""

    FIRST_NAME = "First Name"
    LAST_NAME = "Last Name"
    DISPLAY_NAME = "Display Name"
    EMAIL = "User ID/Email (Required)"
    STATUS = "User Status"
    NUMBER = "Phone Number"
    LOCATION = "Location"
    LANGUAGE = "Preferred Language"
    TIME_ZONE = "Time zone"
    TEXTING = "Texting"
    APP_VERSION = "App Version"
    SOURCE = "Number Source"


OURS = frozenset({ImportColumn.TEXTING, ImportColumn.APP_VERSION, ImportColumn.SOURCE})


_LONGEST = 100  # of a header that can be one of these, however it is spaced


def _key(name: str) -> str:
    """A header by its letters and digits alone, without the remark that the column must be there."""
    plain = unicodedata.normalize("NFKC", without_hidden(name[:_LONGEST])).casefold()
    return "".join(char for char in plain if char.isalnum()).removesuffix("required")


_BY_KEY = {_key(column): column for column in ImportColumn}


def column_of_header(name: str) -> ImportColumn | None:
    """The column that a header names, in any case and with any blanks or signs; None for an unknown header."""
    return _BY_KEY.get(_key(name))


def find_columns(header: Sequence[str]) -> list[tuple[ImportColumn, int]]:
    """(column, index) for every header that is known, in the order of the file; may name one twice."""
    found = ((column_of_header(name), index) for index, name in enumerate(header))
    return [(column, index) for column, index in found if column is not None]
