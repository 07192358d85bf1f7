"""The rows of an inventory: which numbers the provider has given to which organization. No database."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from portal import lengths
from portal.marks import N_
from portal.rules import numbers as phone
from portal.rules.numbers import NumberKind

from .decoding import UnreadableFile
from .reading import MOST_ROWS, SheetKind, read_sheet
from .rows import RowProblem

MOST_IN_RANGE = 10_000
MOST_NUMBERS = 50_000
# Of a cell no more than this is read, and no name is longer.
_READ = 2 * lengths.ORGANIZATION_NAME


class InventoryColumn(StrEnum):
    """A column of an inventory; number and organization must be there."""

    NUMBER = "Number"
    ORGANIZATION = "Organization"
    LAST_NUMBER = "Last Number"
    FROM = "From"
    UNTIL = "Until"


@dataclass
class InventoryRow:
    """One row: its line in the file, the organization as typed, and the numbers from `first` on, `many` of them.

    The organization has them from the day `from_on` to the day before `until_on`, where these are given.
    """

    line: int
    organization: str
    first: str = ""
    many: int = 0
    kind: NumberKind = NumberKind.PLAIN
    from_on: date | None = None
    until_on: date | None = None
    problems: list[RowProblem] = field(default_factory=list)

    def refuse(self, sentence: str, **values: Any) -> None:
        """Add a problem: what is wrong and what to do."""
        self.problems.append(RowProblem(sentence, values))

    def numbers(self) -> Iterator[str]:
        """The numbers in E.164, in order."""
        begin = int(self.first[1:] or 0)
        return (f"+{number}" for number in range(begin, begin + self.many))


def _column_of(header: str) -> InventoryColumn | None:
    plain = "".join(char for char in header[:40].casefold() if char.isalnum())
    return next((one for one in InventoryColumn if one.casefold().replace(" ", "") == plain), None)


def _find_columns(header: Sequence[str]) -> list[tuple[InventoryColumn, int]]:
    return [(column, index) for index, name in enumerate(header) if (column := _column_of(name))]


INVENTORY_SHEET = SheetKind(_find_columns, InventoryColumn.NUMBER, MOST_ROWS)


def read_inventory(content: bytes) -> list[InventoryRow]:
    """The rows of a file; what is wrong with one stands in it. Raises UnreadableFile for what is no inventory."""
    sheet = read_sheet(content, INVENTORY_SHEET)
    if InventoryColumn.ORGANIZATION not in sheet.columns:
        raise UnreadableFile(N_("The first row must name the columns. The column %(column)s is missing."),
                             column=InventoryColumn.ORGANIZATION)
    rows = [_read_row(line.number, sheet.cells(line, _READ)) for line in sheet.lines]
    if sum(row.many for row in rows) > MOST_NUMBERS:
        raise UnreadableFile(N_("The file has more than %(most)s numbers. Split it."), most=MOST_NUMBERS)
    return rows


def _read_row(line: int, cells: dict[InventoryColumn, str]) -> InventoryRow:
    row = InventoryRow(line, cells[InventoryColumn.ORGANIZATION])
    if not row.organization:
        row.refuse(N_("The organization is missing. Enter its name as under Organizations."))
    _read_numbers(row, cells[InventoryColumn.NUMBER], cells.get(InventoryColumn.LAST_NUMBER, ""))
    row.from_on = _read_day(row, cells.get(InventoryColumn.FROM, ""))
    row.until_on = _read_day(row, cells.get(InventoryColumn.UNTIL, ""))
    if row.from_on and row.until_on and row.until_on <= row.from_on:
        row.refuse(N_("A number cannot leave before it has come. Enter a later day under Until."))
    return row


def _read_numbers(row: InventoryRow, first: str, last: str) -> None:
    begin = _read_number(row, first)
    end = _read_number(row, last) if last else begin
    if not begin or not end:
        return
    row.first, row.kind, row.many = begin.e164, begin.kind, int(end.e164[1:]) - int(begin.e164[1:]) + 1
    if len(begin.e164) != len(end.e164) or row.many < 1 or begin.kind is not end.kind:
        row.many = 0
        row.refuse(N_("%(first)s to %(last)s is no range. The last number must follow the first."),
                   first=first, last=last)
    elif row.many > MOST_IN_RANGE:
        row.many = 0
        row.refuse(N_("A range has at most %(most)s numbers. Split it into several rows."), most=MOST_IN_RANGE)


def _read_number(row: InventoryRow, typed: str) -> phone.NumberReading | None:
    reading = phone.read_number(typed, "US")
    if reading.kind is not NumberKind.UNREADABLE and reading.e164:
        return reading
    if not row.problems or typed:
        row.refuse(N_("This is not a phone number that can be assigned: %(number)s. %(problem)s"), number=typed,
                   problem=reading.problem)
    return None


def _read_day(row: InventoryRow, typed: str) -> date | None:
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        row.refuse(N_("%(day)s is no day. Enter it as in 2026-05-31."), day=typed[:40])
        return None
