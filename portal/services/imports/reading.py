"""From bytes to lines of cells: which encoding, which separator, which columns. No database."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any

from portal.rules.decision import N_

from ..sheets import unguarded
from .columns import OURS, Column, known, places

MOST_ROWS = 2000
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_SEPARATOR_LINE = re.compile(r"sep=.\r?\n", re.IGNORECASE)


class Encoding(StrEnum):
    """How the bytes of a file spell its characters."""

    UTF_8 = "UTF-8"
    UTF_8_MARKED = "UTF-8 with byte order mark"
    UTF_16 = "UTF-16"
    WINDOWS_1252 = "Windows-1252"


class Separator(StrEnum):
    """What stands between two cells."""

    COMMA = ","
    SEMICOLON = ";"
    TAB = "\t"


class Unreadable(Exception):
    """The file as a whole cannot be read: a sentence and the values that it prints."""

    def __init__(self, sentence: str, **values: Any) -> None:
        super().__init__(sentence)
        self.sentence, self.values = sentence, values


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it stands in the file: the number of its first line, from 1, and its cells."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that was read: how, its header, where the known columns are, and its rows."""

    encoding: Encoding
    separator: Separator
    header: tuple[str, ...]
    columns: dict[Column, int]
    lines: tuple[Line, ...]

    def cells(self, line: Line) -> dict[Column, str]:
        """The values of a row by column, guards and outer spaces taken off; what is missing is empty."""
        return {column: unguarded(line.cells[index]).strip() if index < len(line.cells) else ""
                for column, index in self.columns.items()}

    def overflows(self, line: Line) -> bool:
        """Whether a row has something beyond its last column: its cells have slipped."""
        return any(cell.strip() for cell in line.cells[len(self.header):])

    @property
    def ignored(self) -> tuple[str, ...]:
        """The names of columns that are not read."""
        return tuple(name.strip() for name in self.header if name.strip() and known(name) is None)

    @property
    def ours(self) -> bool:
        """Whether it is our own template rather than an export of Control Hub."""
        return bool(OURS & self.columns.keys())


def read(content: bytes) -> Sheet:
    """Read a file: the encoding by its bytes, the separator and the columns by its header.

    Raises Unreadable when it is no CSV text, has no column for addresses, no rows or too many.
    """
    encoding, text = _decoded(content)
    separator = max(Separator, key=lambda one: len(places(_header(text, one))))
    records = _records(text, separator)
    header = next(records, Line(1, ())).cells
    columns = _columns(header)
    lines = tuple(islice(records, MOST_ROWS + 1))
    if not lines:
        raise Unreadable(N_("The file has a header and no rows: there is nothing to import."))
    if len(lines) > MOST_ROWS:
        raise Unreadable(N_("The file has more than %(most)s rows. Split it: at most that many can be imported at"
                            " once."), most=MOST_ROWS)
    return Sheet(encoding, separator, header, columns, lines)


def _codecs(content: bytes) -> tuple[tuple[Encoding, str], ...]:
    """What may have written these bytes, the likeliest first; every text is some Windows-1252 text."""
    if content.startswith(codecs.BOM_UTF8):
        return ((Encoding.UTF_8_MARKED, "utf-8-sig"),)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ((Encoding.UTF_16, "utf-16"),)
    return ((Encoding.UTF_8, "utf-8"), (Encoding.WINDOWS_1252, "cp1252"))


def _decoded(content: bytes) -> tuple[Encoding, str]:
    if not content.strip():
        raise Unreadable(N_("The file is empty."))
    if content.startswith(_SPREADSHEETS):
        raise Unreadable(N_("This is a spreadsheet, not a CSV file. Open it in the spreadsheet program, save it as"
                            " CSV UTF-8 and choose that file."))
    for encoding, codec in _codecs(content):
        with suppress(UnicodeDecodeError):
            text = content.decode(codec)
            if "\0" not in text:
                return encoding, text
    raise Unreadable(N_("This is not a text file that can be read. Save it as CSV UTF-8 and choose that file."))


def _cut(text: str, separator: Separator, strict: bool) -> Iterator[Line]:
    """Rows with their first lines, blank ones left out; a note to spreadsheets about the separator too."""
    source = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict, skipinitialspace=True)
    first = 1
    try:
        for cells in source:
            noted = first == 1 and _SEPARATOR_LINE.match(text)
            if not noted and any(cell.strip() for cell in cells):
                yield Line(first, tuple(cells))
            first = source.line_num + 1
    except csv.Error as error:
        raise Unreadable(N_("A row cannot be read: its quotation marks do not match, or a cell is too long. The row"
                            " begins in line %(line)s."), line=str(first)) from error


def _records(text: str, separator: Separator) -> Iterator[Line]:
    return _cut(text, separator, strict=True)


def _header(text: str, separator: Separator) -> tuple[str, ...]:
    """The header as this separator would cut it; with the wrong one its quotation marks may not match."""
    with suppress(Unreadable):
        return next(_cut(text, separator, strict=False), Line(1, ())).cells
    return ()


def _columns(header: tuple[str, ...]) -> dict[Column, int]:
    found = places(header)
    columns = dict(found)
    if Column.EMAIL not in columns:
        raise Unreadable(N_("The first row must name the columns. One of them is missing: %(column)s."),
                         column=Column.EMAIL)
    twice = [column for column, index in found if columns[column] != index]
    if twice:
        raise Unreadable(N_("A column stands in the file twice: %(column)s."), column=twice[0])
    return columns
