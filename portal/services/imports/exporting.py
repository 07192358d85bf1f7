"""Files to download: users in the form that the import reads, rows with their errors, sign-in links."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Select

from portal.extensions import db
from portal.models import Location, Setting, User

from .. import csv_cells
from ..csv_cells import unguard_cell
from ..toggles.eligibility import OrganizationSnapshot
from ..toggles.profiles import SOURCE, USER_NUMBER, add_profile_columns
from ..toggles.user_list import UserChoice
from .columns import ImportColumn
from .reading import Sheet
from .steps import STATUS
from .texting_changes import WORD_BY_SETTING

ERROR = "Error"
EVERYBODY = UserChoice()
# So many are in memory while they are written.
ROWS_AT_ONCE = 500
_EXPORTED: tuple[Any, ...] = (
    User.name, User.email, User.account, User.language, User.time_zone, User.app_version, Setting.on,
    Location.name.label("place"), USER_NUMBER.label("e164"), SOURCE.label("source"))


def template_file() -> bytes:
    """A file with only the header; no cell of it needs an apostrophe."""
    return f"{','.join(ImportColumn)}\r\n".encode("utf-8-sig")


def user_file(organization_id: int, chosen: UserChoice = EVERYBODY) -> Iterator[bytes]:
    """The users of an organization whom a choice selects, by name, as CSV that can be edited and imported again.

    Yields pieces. All rows are those of one moment: one statement reads them, some hundreds at a time, so that the
    memory that it takes does not depend on how many there are. The texting column is the user's own setting, not the
    effective one. A number without a source that an operator has set has an empty source.
    404 for a location elsewhere, before the first piece.
    """
    snapshot = OrganizationSnapshot.read(organization_id)
    members = add_profile_columns(snapshot.members(chosen.conditions(snapshot)))
    found: Select[Any] = members.join(Location, Location.id == User.location_id).with_only_columns(
        *_EXPORTED, maintain_column_froms=True)
    return csv_cells.csv_file(_user_lines(found.order_by(User.name_key, User.id)))


def _user_lines(found: Select[Any]) -> Iterator[list[str]]:
    yield list(ImportColumn)
    # Whoever breaks off a download leaves no open cursor behind.
    with db.session.execute(found, execution_options={"yield_per": ROWS_AT_ONCE}) as rows:
        for row in rows:
            yield _cells(row)


def _cells(row: Any) -> list[str]:
    values = {
        ImportColumn.DISPLAY_NAME: row.name,
        ImportColumn.EMAIL: row.email,
        ImportColumn.STATUS: STATUS[row.account],
        ImportColumn.NUMBER: row.e164 or "",
        ImportColumn.LOCATION: row.place,
        ImportColumn.LANGUAGE: row.language,
        ImportColumn.TIME_ZONE: row.time_zone,
        ImportColumn.TEXTING: WORD_BY_SETTING[row.on],
        ImportColumn.APP_VERSION: row.app_version,
        ImportColumn.SOURCE: row.source.name if row.source else "",
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
