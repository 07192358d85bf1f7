"""Files that are handed out: users in exactly the form in which they are imported, and what was wrong."""

import csv
import io
from collections.abc import Iterable, Sequence

from sqlalchemy import select

from portal.extensions import db
from portal.models import Claim, Location, Number, User, Word

from ..sheets import guarded, unguarded
from ..standing import OWN_WORD
from .columns import Column
from .reading import Separator, Sheet
from .steps import STATUS
from .switching import WORDS

ERROR = "Error"


def _file(lines: Iterable[Sequence[str]], separator: str = Separator.COMMA) -> bytes:
    """Lines as CSV in UTF-8, with the mark by which spreadsheets know it; every cell guarded."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows([guarded(cell) for cell in line] for line in lines)
    return text.getvalue().encode("utf-8-sig")


def template() -> bytes:
    """A file with the header alone."""
    return _file([list(Column)])


def user_file(organization_id: int) -> bytes:
    """All users of an organization by name, as CSV that can be edited and imported again: one statement.

    A user's own word about texting is written, not what holds for them; a number that no operator has
    marked has no source.
    """
    found = select(User, Location.name, Number, Claim, Word.on).join(
        Location, Location.id == User.location_id).outerjoin(Number, Number.user_id == User.id).outerjoin(
        Claim, Claim.user_id == User.id).outerjoin(Word, OWN_WORD)
    mine = found.where(User.organization_id == organization_id).order_by(User.name_key, User.id)
    rows = db.session.execute(mine)
    return _file([list(Column), *(_cells(user, location, number or claim, on)
                                  for user, location, number, claim, on in rows)])


def _cells(user: User, location: str, number: Number | Claim | None, on: bool | None) -> list[str]:
    values = {
        Column.DISPLAY_NAME: user.name,
        Column.EMAIL: user.email,
        Column.STATUS: STATUS[user.account],
        Column.NUMBER: number.e164 if number else "",
        Column.LOCATION: location,
        Column.LANGUAGE: user.language,
        Column.TIME_ZONE: user.time_zone,
        Column.TEXTING: WORDS[on],
        Column.APP_VERSION: user.app_version,
        Column.SOURCE: number.source.name if number and number.source else "",
    }
    return [values.get(column, "") for column in Column]


def error_file(sheet: Sheet, reasons: dict[int, str]) -> bytes:
    """The rows with these line numbers as they came, in the same columns, each with what is wrong with it.

    The separator is the one of the file, so that the program that wrote it opens this one too.
    """
    wide = len(sheet.header)
    lines = [[*sheet.header, ERROR]]
    for line in sheet.lines:
        if line.number in reasons:
            cells = [unguarded(cell) for cell in line.cells] + [""] * (wide - len(line.cells))
            lines.append([*cells[:wide], reasons[line.number], *cells[wide:]])
    return _file(lines, sheet.separator)


def link_file(links: Iterable[tuple[str, str, str]]) -> bytes:
    """(name, address, link) of new users, as CSV."""
    return _file([("name", "email", "link"), *links])
