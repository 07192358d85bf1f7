"""Opt-outs from a file: the columns, and from cells to typed rows with their problems. No database.

Number, when and how are read under the headings of many systems, in English, French, Spanish and German.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from portal import lengths
from portal.marks import N_
from portal.models import OptOutSource
from portal.rules import numbers
from portal.rules.characters import tidy_line, without_hidden
from portal.rules.folding import fold_text

from .decoding import UnreadableFile
from .reading import Sheet, SheetKind
from .rows import RowProblem

MOST_OPTOUTS = 50_000
# One row in ten may be wrong; each costs more than a right one.
MOST_WRONG = MOST_OPTOUTS // 10
_SHOWN = 60
# Here end the letters with which Latin script writes words.
_LATIN_END = "\u0250"
# Of a cell no more than this is read: more than the longest value, so that what is too long is still seen as such.
_READ = 2 * lengths.OPT_OUT_NOTE


class OptOutColumn(StrEnum):
    """A column by its name in the portal's own export."""

    NUMBER = "Number"
    STATE = "State"
    WHEN = "Since (UTC)"
    HOW = "How"
    NOTE = "Source"


# Headings by their letters and digits alone.
_HEADINGS = {
    OptOutColumn.NUMBER: "number phone phonenumber telephone telephonenumber tel mobile mobilenumber cell cellphone"
    " msisdn recipient contact numero numerodetelephone telephonecellulaire cellulaire portable telefono"
    " numerodetelefono movil celular telefon telefonnummer rufnummer handy handynummer nummer",
    OptOutColumn.STATE: "state status etat statut estado zustand",
    OptOutColumn.WHEN: "sinceutc since when date time datetime timestamp optoutdate optedout optedoutat optedouton"
    " unsubscribedat createdat quand depuis dateheure fecha cuando desde datum wann seit zeitpunkt",
    OptOutColumn.HOW: "how method channel type optouttype comment canal commentquoi metodo como wie art kanal",
    OptOutColumn.NOTE: "source note notes reason proof remark remarque raison motif nota motivo notiz grund quelle",
}
_BY_HEADING = {word: column for column, words in _HEADINGS.items() for word in words.split()}
# Words for how it was said; all others are a note, and the entry counts as written down by hand.
_SOURCES = {
    OptOutSource.STOP: "they texted stop|stop|arret|keyword|mot cle|texted stop|inbound|reply",
    OptOutSource.WORDING: "by their wording|their words meant it|wording|words",
    OptOutSource.MANUAL: "added by hand|written down by hand|manual|manually|by hand|phone|by phone|letter|mail|email|"
    "in person|form",
    OptOutSource.WEB: "on the web|web|website|online|web form|site web|link|unsubscribe link",
}
_BY_WORD = {word: source for source, words in _SOURCES.items() for word in words.split("|")}
_CARRIER = frozenset({"carrier", "the carrier", "carrier block", "operator", "21610", "4775", "40300", "operateur"})
_ELSEWHERE = frozenset({"can be texted", "did not mean to opt out", "opted in", "in", "subscribed", "active"})
_ERASED = "erased on request"
_PLAIN = re.compile(r"(?:\+?1[\s.-]*)?\(?([2-9]\d\d)\)?[\s.-]*([2-9]\d\d)[\s.-]*(\d{4})", re.ASCII)
_DATE = re.compile(r"(\d{1,4})[-./](\d{1,2})[-./](\d{1,4})(?:[T ,]+(.+))?", re.ASCII)
_ENDS = time(23, 59, tzinfo=UTC)
_FIRST_YEAR = 1992


@dataclass(frozen=True, slots=True)
class OptOutRow:
    """What one row says: the number in E.164 form, when it opted out (UTC; None if the row does not say), how.

    A row with a `problem` is left out; one that `opted_in` says that the number can be texted.
    """

    line: int
    theirs: str = ""
    at: datetime | None = None
    source: OptOutSource = OptOutSource.MANUAL
    note: str = ""
    opted_in: bool = False
    problem: RowProblem | None = None


def find_optout_columns(header: Sequence[str]) -> list[tuple[OptOutColumn, int]]:
    """(column, index) for every header that is known, the first one of each column."""
    found: dict[OptOutColumn, int] = {}
    for index, name in enumerate(header):
        column = _BY_HEADING.get(_heading_key(name))
        if column is not None:
            found.setdefault(column, index)
    return list(found.items())


def _heading_key(name: str) -> str:
    plain = unicodedata.normalize("NFKD", without_hidden(name[:_SHOWN])).casefold()
    return "".join(char for char in plain if char.isalnum())


OPTOUT_SHEET = SheetKind(find_optout_columns, OptOutColumn.NUMBER, MOST_OPTOUTS)


def read_optout_rows(sheet: Sheet, moment: datetime) -> list[OptOutRow]:
    """The rows of a file of opt-outs; `moment` is the present. Notes are still as they were typed.

    Raises UnreadableFile when so many rows are wrong that it must be another column or another file.
    """
    day_first, rows, wrong = _writes_day_first(sheet), [], 0
    for line in sheet.lines:
        rows.append(_read_row(line.number, sheet.cells(line, _READ), day_first, moment))
        wrong += rows[-1].problem is not None
        if wrong > MOST_WRONG:
            raise UnreadableFile(N_("More than %(most)s rows are wrong, up to line %(line)s. Check that the numbers"
                                    " are in the right column, or choose another file."),
                                 most=MOST_WRONG, line=str(line.number))
    return rows


def tidy_note(row: OptOutRow) -> OptOutRow:
    """The row with its note as it is stored."""
    return replace(row, note=tidy_line(row.note)[:lengths.OPT_OUT_NOTE])


def _writes_day_first(sheet: Sheet) -> bool:
    """Whether a date with slashes or dots begins with the day: so with dots, and if one date could be nothing else."""
    written = (sheet.cells(line, _READ).get(OptOutColumn.WHEN, "").strip() for line in sheet.lines)
    dates = [found for day in written if (found := _DATE.fullmatch(day)) and len(found[1]) < 3]
    return any("." in found[0][:6] or int(found[1]) > 12 for found in dates)


def _read_row(line: int, cells: dict[OptOutColumn, str], day_first: bool, moment: datetime) -> OptOutRow:
    try:
        theirs = _number(cells[OptOutColumn.NUMBER])
        at = _moment(tidy_line(cells.get(OptOutColumn.WHEN, "")[:_SHOWN]), day_first, moment)
    except _WrongCell as wrong:
        return OptOutRow(line, problem=wrong.problem)
    source, note = _source(cells.get(OptOutColumn.HOW, ""), cells.get(OptOutColumn.NOTE, ""))
    return OptOutRow(line, theirs, at, source, note, opted_in=_word(cells.get(OptOutColumn.STATE, "")) in _ELSEWHERE)


def _word(cell: str) -> str:
    """A cell folded, to be compared with the words above; "" for one that is too long or in another script.

    A file may hold 50,000 cells, and one sign can stand for eighteen letters.
    """
    plain = without_hidden(cell[:_SHOWN])
    return fold_text(plain) if len(plain) < _SHOWN and all(char < _LATIN_END for char in plain) else ""


class _WrongCell(Exception):
    def __init__(self, sentence: str, remedy: str = "", **values: object) -> None:
        super().__init__(sentence)
        self.problem = RowProblem(sentence, values, remedy)


def _number(cell: str) -> str:
    """A number in E.164 form. The usual spellings are read at once; a file may hold 50,000."""
    typed = tidy_line(cell[:lengths.TYPED_NUMBER + 1])
    if usual := _PLAIN.fullmatch(typed):
        return "+1" + "".join(usual.groups())
    if _word(typed) == _ERASED:
        raise _WrongCell(N_("This number was erased on request, so its opt-out cannot be carried over."),
                         N_("Ask the person again if you meet them."))
    if len(typed) > lengths.TYPED_NUMBER or not (reading := numbers.read_number(typed)).e164:
        raise _WrongCell(N_("This is not a phone number that can opt out: %(number)s."),
                         N_("Write the number with its area code, for example +1 416 555 0123."),
                         number=typed[:_SHOWN] or "–")
    return reading.e164


def _moment(typed: str, day_first: bool, moment: datetime) -> datetime | None:
    """When it was said, in UTC; a day without a time ends with its last minute. None for an empty cell."""
    if not typed:
        return None
    at = _read_moment(typed, day_first)
    if at is None or at.year < _FIRST_YEAR:
        raise _WrongCell(N_("This date cannot be read: %(when)s."),
                         N_("Write it as year-month-day, for example 2026-03-31, or leave the cell empty."),
                         when=typed[:_SHOWN])
    if at > moment + timedelta(days=1):
        raise _WrongCell(N_("This day is still to come: %(when)s."),
                         N_("Enter the day on which they opted out."), when=typed[:_SHOWN])
    return min(at, moment)


def _read_moment(typed: str, day_first: bool) -> datetime | None:
    found = _DATE.fullmatch(typed)
    try:
        if found and not found[4]:
            return datetime.combine(datetime.fromisoformat(_iso_day(found, day_first)), _ENDS)
        at = datetime.fromisoformat(f"{_iso_day(found, day_first)} {found[4]}" if found else typed)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _iso_day(found: re.Match[str], day_first: bool) -> str:
    """A date of a file as year-month-day."""
    year, month, day = found[1], found[2], found[3]
    if len(found[1]) < 3:
        year, (month, day) = found[3], (found[2], found[1]) if day_first else (found[1], found[2])
    return f"{year:0>4}-{month:0>2}-{day:0>2}"


def _source(how: str, note: str) -> tuple[OptOutSource, str]:
    """How it was said, and the note; unknown words about how become part of the note."""
    said = _word(how)
    if said in _CARRIER:
        return OptOutSource.CARRIER, note
    if not how or said in _BY_WORD:
        return _BY_WORD.get(said, OptOutSource.MANUAL), note
    return OptOutSource.MANUAL, f"{how} {note}".strip()
