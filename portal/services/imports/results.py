"""What became of the rows of a file, as pages show them: some rows at a time, however many there are."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, func, select, text, union_all

from portal.extensions import db
from portal.models import Claim, ImportRow, RowOutcome, RowUndone, Upload, User

LEFT_OUT = (RowOutcome.WRONG, RowOutcome.CONFLICT)


class ImportedRow(NamedTuple):
    """One row of a file with the user whom it is about; None where there is none, or not yet."""

    row: ImportRow
    user: User | None


def list_import_rows(upload: Upload, *outcomes: RowOutcome, after: int = 0, most: int) -> list[ImportedRow]:
    """The rows with these outcomes behind a line, in the order of the file."""
    first = union_all(*(_first_positions(upload, outcome, after, most) for outcome in outcomes))
    return _list_rows(upload, ImportRow.position.in_(first), after, most)


def _first_positions(upload: Upload, outcome: RowOutcome, after: int, most: int) -> Select[int]:
    """Of one outcome, so that the index gives the first rows: of several together the database would sort them all."""
    first = select(ImportRow.position).where(
        ImportRow.upload_id == upload.id, ImportRow.outcome == outcome, ImportRow.line > after).order_by(
        ImportRow.line).limit(most).subquery()
    return select(first.c.position)


def list_kept_rows(upload: Upload, *, after: int = 0, most: int) -> list[ImportedRow]:
    """The rows that Undo left as others had changed them, behind a line, in the order of the file."""
    return _list_rows(upload, text("undone IS NOT NULL") & (ImportRow.undone == RowUndone.LEFT), after, most)


def list_leavers(upload: Upload, most: int) -> list[ImportedRow]:
    """The first rows about people who are inactive in the file and active here."""
    return _list_rows(upload, text("leaver"), 0, most)


def _list_rows(upload: Upload, which: ColumnElement[bool] | object, after: int, most: int) -> list[ImportedRow]:
    found = select(ImportRow, User).outerjoin(User, User.id == ImportRow.user_id).where(
        ImportRow.upload_id == upload.id, which, ImportRow.line > after).order_by(ImportRow.line).limit(most)  # type: ignore[arg-type]
    return [ImportedRow(row, user) for row, user in db.session.execute(found)]


def iterate_left_out(upload: Upload) -> Iterator[ImportedRow]:
    """Every row that is not, or was not, imported, in the order of the file."""
    found = select(ImportRow).where(ImportRow.upload_id == upload.id, ImportRow.outcome.in_(LEFT_OUT))
    return (ImportedRow(row, None) for row in db.session.scalars(found.order_by(ImportRow.line)))


def count_unconfirmed(upload: Upload) -> int:
    """How many users of the good rows have a number that waits for an operator now, once the file was imported."""
    found = select(func.count()).select_from(ImportRow).join(Claim, Claim.user_id == ImportRow.user_id)
    return db.session.scalar(found.where(ImportRow.upload_id == upload.id, ImportRow.outcome.not_in(LEFT_OUT))) or 0
