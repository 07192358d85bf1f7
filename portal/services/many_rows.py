"""Many rows stored at once."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, insert

from portal.extensions import db
from portal.models import Model


def insert_rows(kind: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Store rows of one table, by column, with one statement in the open write transaction; none for no rows.

    All rows name the same columns; a column that none names has its default. They go past the session, which would
    take as long for them as the database does.
    """
    if rows:
        db.session.execute(insert(cast(Table, kind.__table__)), list(rows))
