"""Files to download: users in the form that the import reads, rows with their errors, sign-in links."""

from collections.abc import Iterable, Iterator

from sqlalchemy import select

from portal.extensions import db
from portal.models import Claim, Location, Number, Setting, User

from .. import csv_cells
from ..csv_cells import unguard_cell
from ..toggles.profiles import OWN_SETTING
from .columns import ImportColumn
from .reading import Sheet
from .steps import STATUS
from .texting_changes import WORD_BY_SETTING

ERROR = "Error"


def template_file() -> bytes:
    """A file with only the header; no cell of it needs an apostrophe."""
    return f"{','.join(ImportColumn)}\r\n".encode("utf-8-sig")


def user_file(organization_id: int) -> bytes:
    """All users of an organization by name, as CSV that can be edited and imported again: one statement.

    The texting column is the user's own setting, not the effective one. A number without a source that an operator
    has set has an empty source.
    """
    found = select(User, Location.name, Number, Claim, Setting.on).join(
        Location, Location.id == User.location_id).outerjoin(Number, Number.user_id == User.id).outerjoin(
        Claim, Claim.user_id == User.id).outerjoin(Setting, OWN_SETTING)
    mine = found.where(User.organization_id == organization_id).order_by(User.name_key, User.id)
    rows = db.session.execute(mine)
    return b"".join(csv_cells.csv_file([list(ImportColumn), *(_cells(user, location, number or claim, on)
                                                 for user, location, number, claim, on in rows)]))


def _cells(user: User, location: str, number: Number | Claim | None, on: bool | None) -> list[str]:
    values = {
        ImportColumn.DISPLAY_NAME: user.name,
        ImportColumn.EMAIL: user.email,
        ImportColumn.STATUS: STATUS[user.account],
        ImportColumn.NUMBER: number.e164 if number else "",
        ImportColumn.LOCATION: location,
        ImportColumn.LANGUAGE: user.language,
        ImportColumn.TIME_ZONE: user.time_zone,
        ImportColumn.TEXTING: WORD_BY_SETTING[on],
        ImportColumn.APP_VERSION: user.app_version,
        ImportColumn.SOURCE: number.source.name if number and number.source else "",
    }
    return [values.get(column, "") for column in ImportColumn]


def error_file(sheet: Sheet, reasons: dict[int, str]) -> Iterator[bytes]:
    """The rows with these line numbers as they came, in the same columns, each with what is wrong with it.

    Yields pieces. The separator is that of the uploaded file, so that the program that wrote it can open this one.
    """
    return csv_cells.csv_file(_wrong_lines(sheet, reasons), sheet.separator)


def _wrong_lines(sheet: Sheet, reasons: dict[int, str]) -> Iterator[list[str]]:
    wide = len(sheet.header)
    yield [*sheet.header, ERROR]
    for line in sheet.lines:
        if line.number in reasons:
            cells = [unguard_cell(cell) for cell in line.cells] + [""] * (wide - len(line.cells))
            yield [*cells[:wide], reasons[line.number], *cells[wide:]]


def link_file(links: Iterable[tuple[str, str, str]]) -> bytes:
    """(name, address, link) of new users, as CSV."""
    return b"".join(csv_cells.csv_file([("name", "email", "link"), *links]))
