"""From cells to typed rows, each with its list of problems. No database."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from portal import lengths
from portal.marks import N_
from portal.rules import Sentence, addresses
from portal.rules.characters import tidy_line
from portal.rules.facts import NumberSource
from portal.rules.folding import fold_text

from ..csv_cells import unguard_cell
from .columns import ImportColumn
from .reading import FileLine, Sheet

VALUE_SHOWN = 60  # of a strange value
TAKE_AWAY = "REMOVE|"
CELL_TOO_LONG = N_("This is too long. The column %(column)s holds at most %(most)s characters.")
_REMARK = re.compile(r"\([^()]*\)")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,4})*")
# The words for the state of an account. Other words are ignored; a new user is invited.
# Compared without accents, signs and remarks in brackets: "In-active (since May)" is "in active".
_ACTIVE = frozenset(["active", "verified", "enabled", "actif", "activo", "activa", "aktiv"])
_CLOSED = frozenset("""
inactive|in active|deactivated|de activated|disabled|suspended|closed|deleted|soft deleted|blocked|archived|terminated
locked|locked out|removed|left|former|departed|retired|resigned|cancelled|canceled|revoked|off|banned|deprovisioned
offboarded|inactif|desactive|suspendu|suspendue|ferme|fermee|supprime|supprimee|bloque|bloquee|archive|archivee
inactivo|inactiva|desactivado|desactivada|suspendido|suspendida|cerrado|inaktiv|deaktiviert|gesperrt
""".strip().replace("\n", "|").split("|"))
_INVITED = frozenset({
    "invited", "pending", "invite pending", "not verified", "unverified", "not active", "invite expired"})

FileWord = TypeVar("FileWord", bound=StrEnum)


class TextingWord(StrEnum):
    """The texting setting of a user, as the file writes it."""

    INHERIT = "INHERIT"
    ON = "ON"
    OFF = "OFF"


class SourceWord(StrEnum):
    """The source of a number, as the file writes it."""

    CALLING_PLAN = "CALLING_PLAN"
    OTHER = "OTHER"

    @property
    def meant(self) -> NumberSource:
        """The same source as the rules know it."""
        return NumberSource[self.name]


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A problem of a row that the reader must know: a sentence with its values, and what to do about it."""

    sentence: Sentence
    values: Mapping[str, Any] = field(default_factory=dict)
    remedy: Sentence = ""


@dataclass(frozen=True, slots=True)
class FileRow:
    """What one row asks for; "" and None leave a value as it is.

    `active` is False for people who are invited and for those who are `closed`.

    `part_of_name` says that the row has only a first or a last name, which is enough for a new user.
    `number` is still as typed: how it reads depends on the location's country. `notes` are values that
    the import ignores.
    """

    line: int
    email: str
    name: str = ""
    part_of_name: bool = False
    active: bool | None = None
    closed: bool = False
    number: str = ""
    take_away: bool = False
    location: str = ""
    language: str = ""
    time_zone: str = ""
    texting: TextingWord | None = None
    app_version: str = ""
    source: SourceWord | None = None
    problems: tuple[RowProblem, ...] = ()
    notes: tuple[RowProblem, ...] = ()
    key: str = field(init=False)

    def __post_init__(self) -> None:
        """Make the key by which two rows are about the same user."""
        object.__setattr__(self, "key", addresses.key_of_address(self.email))


def read_rows(sheet: Sheet, languages: Collection[str], zones: Collection[str]) -> list[FileRow]:
    """The rows of a file. `languages` and `zones` are those that the portal offers.

    A second row about the same address gets a problem that names the line of the first.
    """
    first: dict[str, int] = {}
    return [_Reader(sheet, line, first).row(languages, zones) for line in sheet.lines]


class _Reader:
    """One row while it is read."""

    def __init__(self, sheet: Sheet, line: FileLine, first: dict[str, int]) -> None:
        self.line, self.first, self.cells = line.number, first, sheet.cells(line)
        self.problems: list[RowProblem] = []
        self.notes: list[RowProblem] = []
        if sheet.overflows(line):
            self.wrong(N_("The row has more cells than there are columns. A cell with a separator in it needs"
                          " quotation marks around it."))

    def wrong(self, sentence: str, **values: Any) -> None:
        self.problems.append(RowProblem(sentence, values))

    def row(self, languages: Collection[str], zones: Collection[str]) -> FileRow:
        name, part = self.name()
        number, take_away = self.number()
        status = self.status()
        return FileRow(
            self.line, self.email(), name, part,
            active=status in _ACTIVE if status else None,
            closed=status in _CLOSED,
            number=number,
            take_away=take_away,
            location=self.short(ImportColumn.LOCATION, lengths.LOCATION_NAME),
            language=self.language(languages),
            time_zone=self.time_zone(zones),
            texting=self.word(ImportColumn.TEXTING, TextingWord),
            app_version=self.short(ImportColumn.APP_VERSION, lengths.APP_VERSION),
            source=self.word(ImportColumn.SOURCE, SourceWord),
            problems=tuple(self.problems),
            notes=tuple(self.notes),
        )

    def cell(self, column: ImportColumn) -> str:
        """The text of a cell without invisible characters."""
        return tidy_line(self.cells.get(column, ""))

    def short(self, column: ImportColumn, most: int) -> str:
        """A cell as one line; adds a problem if it is too long."""
        value = self.cell(column)
        if len(value) > most:
            self.wrong(CELL_TOO_LONG, column=column, most=most)
        return value[:most]

    def email(self) -> str:
        email = addresses.tidy_address(self.cell(ImportColumn.EMAIL))
        if not email:
            self.wrong(N_("There is no email address. It says which user the row is about."))
        elif not addresses.is_valid_address(email):
            self.wrong(N_("This is not an email address: %(email)s."), email=email[:lengths.EMAIL_ADDRESS])
        elif (first := self.first.setdefault(addresses.key_of_address(email), self.line)) != self.line:
            self.wrong(N_("Line %(line)s has the same email address already."), line=str(first))
        return email[:lengths.EMAIL_ADDRESS]

    def status(self) -> str:
        """The state of the account as a folded word; "" if the portal does not know the word."""
        typed = self.cell(ImportColumn.STATUS)
        status = fold_text(_REMARK.sub(" ", typed))
        known = status in _ACTIVE | _CLOSED | _INVITED
        return status if known or not status else self.left(ImportColumn.STATUS, typed)

    def name(self) -> tuple[str, bool]:
        """The name (the display name comes first), and whether half of it is missing."""
        shown = self.short(ImportColumn.DISPLAY_NAME, lengths.USER_NAME)
        halves = [half for column in (ImportColumn.FIRST_NAME, ImportColumn.LAST_NAME)
                  if (half := self.short(column, lengths.USER_NAME))]
        joined = " ".join(halves)
        if not shown and len(joined) > lengths.USER_NAME:
            self.wrong(CELL_TOO_LONG, column=ImportColumn.DISPLAY_NAME, most=lengths.USER_NAME)
        return shown or joined, not shown and len(halves) == 1

    def number(self) -> tuple[str, bool]:
        """The number as typed, and whether the row removes it."""
        typed = self.short(ImportColumn.NUMBER, lengths.TYPED_NUMBER)
        if not typed.upper().startswith(TAKE_AWAY):
            return typed, False
        rest = unguard_cell(typed[len(TAKE_AWAY):].strip()).strip()
        if not rest:
            self.wrong(N_("Write the number that is to be taken away behind %(mark)s"), mark=TAKE_AWAY)
        return rest, True

    def word(self, column: ImportColumn, words: type[FileWord]) -> FileWord | None:
        typed = self.cell(column)
        if not typed:
            return None
        if typed.upper() in list(words):
            return words(typed.upper())
        self.wrong(N_("The column %(column)s does not know the word %(word)s. Use one of %(known)s."),
                   word=typed[:VALUE_SHOWN], column=column, known=", ".join(words))
        return None

    def language(self, offered: Collection[str]) -> str:
        """A language of the portal, whatever its country; another one as it is, should it come."""
        typed = self.cell(ImportColumn.LANGUAGE)
        if not typed:
            return ""
        plain = typed.replace("-", "_").split("_")[0].lower()
        if plain in offered:
            return plain
        return typed if len(typed) <= lengths.USER_LANGUAGE and _LANGUAGE.fullmatch(typed) else self.left(
            ImportColumn.LANGUAGE, typed)

    def time_zone(self, known: Collection[str]) -> str:
        typed = self.cell(ImportColumn.TIME_ZONE)
        return typed if not typed or typed in known else self.left(ImportColumn.TIME_ZONE, typed)

    def left(self, column: ImportColumn, typed: str) -> str:
        """Note a value that the portal does not know. It changes nothing, and the rest of the row is imported."""
        self.notes.append(RowProblem(N_("The value %(value)s in the column %(column)s is not known and was left out."),
                                     {"value": typed[:VALUE_SHOWN], "column": column}))
        return ""
