"""From text to rows of cells: the separator and the columns. No database."""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any

from portal.marks import N_
from portal.rules.characters import IGNORED, tidy_line, trim_text

from ..csv_cells import unguard_cell
from .columns import OURS, ImportColumn, find_columns
from .decoding import Encoding, UnreadableFile, decode_file

MOST_ROWS = 20_000
MOST_COLUMNS = 200
_ROW = 256 * 1024  # characters of one row; no row of a list of people comes near it
_SHOWN = 60  # of a column's name
_SEPARATOR_LINE = re.compile(r"sep=.(\r\n|\r|\n)", re.IGNORECASE)
_LINE = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n)?")


class Separator(StrEnum):
    """The character between two cells."""

    COMMA = ","
    SEMICOLON = ";"
    TAB = "\t"


_SPACES = f" \t\x0b\x0c\x1c-\x1f\x85\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000{IGNORED}"
# Cells of one row that hold nothing but blanks; between quotation marks lines may end.
_CELLS = {one: f'(?:[{one}{_SPACES}]++|"[\r\n{_SPACES}]*+"(?=[{one}\r\n{_SPACES}]|\\Z))*+' for one in Separator}
# Rows of such cells. A row that has something in a later cell is not begun.
_EMPTY = {one: re.compile(rf"(?:{cells}(?:\r\n|\r|\n))*+(?:{cells}\Z)?") for one, cells in _CELLS.items()}


@dataclass(frozen=True, slots=True)
class SheetKind:
    """What a file is about: how its columns are found, which of them must be there, and how many rows it may have."""

    find: Callable[[Sequence[str]], list[tuple[Any, int]]]
    required: str
    most_rows: int


USER_SHEET = SheetKind(find_columns, ImportColumn.EMAIL, MOST_ROWS)


@dataclass(frozen=True, slots=True)
class FileLine:
    """One row of the file: the number of its first line, from 1, and its cells."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file after reading: its encoding and separator, its header, the places of known columns, and its rows."""

    encoding: Encoding
    separator: Separator
    header: tuple[str, ...]
    columns: dict[Any, int]
    lines: tuple[FileLine, ...]

    def cells(self, line: FileLine, most: int | None = None) -> dict[Any, str]:
        """The values of a row by column, without guarding apostrophes and outer blanks; "" for an empty cell.

        Of each cell at most its first `most` characters: folding can make one character eighteen.
        """
        return {column: trim_text(unguard_cell(line.cells[index][:most])) if index < len(line.cells) else ""
                for column, index in self.columns.items()}

    def overflows(self, line: FileLine) -> bool:
        """Whether a row has text beyond the last column: then its cells are in the wrong columns."""
        return any(cell.strip() for cell in line.cells[len(self.header):])

    @property
    def ignored(self) -> tuple[str, ...]:
        """The names of columns that the import ignores."""
        known = set(self.columns.values())
        return tuple(shown for index, name in enumerate(self.header) if index not in known
                     and (shown := tidy_line(name)[:_SHOWN]))

    @property
    def ours(self) -> bool:
        """Whether the file was made from the portal's template, not exported by Control Hub."""
        return bool(OURS & self.columns.keys())


def read_sheet(content: bytes, kind: SheetKind = USER_SHEET, *, whole: bool = True) -> Sheet:
    """Read a file: the encoding by its bytes, the separator and the columns by its header.

    Without `whole` the cells of unknown columns come back empty: they are most of a large file.

    Raises UnreadableFile for no CSV text, without the column that must be there, for no rows, too many rows or too
    wide ones.
    """
    encoding, text = decode_file(content)
    separator = max(Separator, key=lambda one: len(kind.find(_header(text, one))))
    records = _records(text, separator)
    header = next(records, FileLine(1, ())).cells
    columns = _columns(header, kind)
    rows = records if whole else _without_unknown(records, frozenset(columns.values()), len(header))
    lines = tuple(islice(rows, kind.most_rows + 1))
    if not lines:
        raise UnreadableFile(N_("The file has a header and no rows: there is nothing to import."))
    if len(lines) > kind.most_rows:
        raise UnreadableFile(N_("The file has more than %(most)s rows. Split it: at most that many can be imported at"
                                " once."), most=kind.most_rows)
    return Sheet(encoding, separator, header, columns, lines)


class _Tape:
    """The lines of a text, one after the other, for the reader of rows.

    It skips blank rows before the reader sees them, so a million of them cost one look at each character. The length of
    one row is limited.
    """

    def __init__(self, text: str, separator: Separator) -> None:
        self.text, self.empty = text, _EMPTY[separator]
        noted = _SEPARATOR_LINE.match(text)
        self.at, self.number = (noted.end(), 1) if noted else (0, 0)
        self.begin()

    def begin(self) -> None:
        """Skip to the beginning of the next row that is not blank."""
        end = self._matched(self.empty, len(self.text))
        self.number += _breaks(self.text, self.at, end)
        self.at = self.row = end
        self.first = self.number + 1

    def _matched(self, pattern: re.Pattern[str], end: int) -> int:
        found = pattern.match(self.text, self.at, end)
        return found.end() if found else self.at

    def __iter__(self) -> "_Tape":
        return self

    def __next__(self) -> str:
        end = self._matched(_LINE, self.row + _ROW + 1)
        if end == self.at:
            raise StopIteration
        if end - self.row > _ROW:
            raise _too_wide(self.first) if self._is_wide() else csv.Error
        line, self.at = self.text[self.at:end], end
        self.number += 1
        return line

    def _is_wide(self) -> bool:
        """Whether the row, as far as it may go, has too many separators of one kind rather than one long cell."""
        return max(self.text.count(one, self.row, self.row + _ROW) for one in Separator) > MOST_COLUMNS


def _too_wide(line: int) -> UnreadableFile:
    return UnreadableFile(
        N_("The file has more than %(most)s columns, as line %(line)s shows. Take out those that are not"
                             " needed."), most=MOST_COLUMNS, line=str(line))


def _breaks(text: str, begin: int, end: int) -> int:
    """How many lines end between two positions."""
    if begin == end:
        return 0
    return text.count("\n", begin, end) + text.count("\r", begin, end) - text.count("\r\n", begin, end)


def _cut(text: str, separator: Separator, strict: bool) -> Iterator[FileLine]:
    """Rows with the numbers of their first lines, without blank rows and without the separator line of spreadsheets."""
    tape = _Tape(text, separator)
    try:
        for cells in csv.reader(tape, delimiter=separator, strict=strict, skipinitialspace=True):
            if any(cell.strip() for cell in cells):
                yield FileLine(tape.first, tuple(cells))
            tape.begin()
    except csv.Error as error:
        raise UnreadableFile(N_("A row cannot be read: its quotation marks do not match, or a cell is too long. The row"
                                " begins in line %(line)s."), line=str(tape.first)) from error


def _records(text: str, separator: Separator) -> Iterator[FileLine]:
    for line in _cut(text, separator, strict=True):
        if len(line.cells) > MOST_COLUMNS:
            raise _too_wide(line.number)
        yield line


def _without_unknown(lines: Iterator[FileLine], known: frozenset[int], width: int) -> Iterator[FileLine]:
    """The rows with the cells of known columns and those beyond the last column; all others are empty."""
    for line in lines:
        yield FileLine(line.number, tuple(
            cell if place in known or place >= width else "" for place, cell in enumerate(line.cells)))


def _header(text: str, separator: Separator) -> tuple[str, ...]:
    """The header as this separator would cut it; with the wrong one its quotation marks may not match."""
    with suppress(UnreadableFile):
        return next(_cut(text, separator, strict=False), FileLine(1, ())).cells[:MOST_COLUMNS]
    return ()


def _columns(header: tuple[str, ...], kind: SheetKind) -> dict[Any, int]:
    found = kind.find(header)
    columns = dict(found)
    if kind.required not in columns:
        raise UnreadableFile(N_("The first row must name the columns. The column %(column)s is missing."),
                             column=kind.required)
    twice = [column for column, index in found if columns[column] != index]
    if twice:
        raise UnreadableFile(N_("The column %(column)s is in the file twice."), column=twice[0])
    return columns
