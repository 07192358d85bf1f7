"""Days that have passed: records made while a diary is open bear the dates that the demo tells."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState

from portal.extensions import db
from portal.models import (
    Acknowledgement,
    Appeal,
    AuditEvent,
    Case,
    CaseEntry,
    Inventory,
    Model,
    Organization,
    RecordsRequest,
    Restriction,
    RetentionHold,
    Setting,
    Upload,
    User,
)

DATED: Mapping[type[Model], str] = {
    AuditEvent: "at", Setting: "said_at", Acknowledgement: "at", Organization: "created_at", User: "created_at",
    Case: "opened_at", CaseEntry: "at", Restriction: "since", Appeal: "at",
    RetentionHold: "at", RecordsRequest: "at", Upload: "uploaded_at", Inventory: "uploaded_at",
}
_DATE_COLUMNS = {model.__tablename__: column for model, column in DATED.items()}
# The afternoon in UTC is the morning in America, when administrators do such things.
MORNING = 15
PAUSE = timedelta(seconds=41)


class Diary:
    """Dates records as if they were made on the day that it is open at.

    The audit log takes no later change, so the date must be right when a row is first stored.
    """

    def __init__(self, today: datetime) -> None:
        self._today = today.replace(hour=MORNING, minute=4, second=0, microsecond=0)
        self.moment = self._today - timedelta(days=1)

    def turn_to(self, days_ago: int) -> None:
        """Open it at the morning of an earlier day; 1 is yesterday."""
        self.moment = self._today - timedelta(days=days_ago)

    def _date(self, _mapper: object, _connection: object, target: Model) -> None:
        setattr(target, _DATE_COLUMNS[target.__tablename__], self.moment)
        self.moment += PAUSE

    def _date_many(self, stored: ORMExecuteState) -> None:
        """Date what one statement stores at once, as the services do with many events."""
        table = getattr(stored.statement, "table", None)
        column = _DATE_COLUMNS.get(table.name) if table is not None else None
        if stored.is_insert and column and isinstance(stored.parameters, list):
            for row in stored.parameters:
                row[column] = self.moment
            self.moment += PAUSE

    def __enter__(self) -> Self:
        for model in DATED:
            event.listen(model, "before_insert", self._date)
        event.listen(db.session, "do_orm_execute", self._date_many)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        for model in DATED:
            event.remove(model, "before_insert", self._date)
        event.remove(db.session, "do_orm_execute", self._date_many)
