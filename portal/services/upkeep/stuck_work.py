"""Long work that stands still: what breaks at every try is kept here, for operators and for the health check."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, select

from portal.extensions import db, writing
from portal.models import LongChange, Organization, PortalMark, Upload

_PREFIX = "stuck "


class WorkKind(StrEnum):
    """What takes longer than a page may take: the check of a file, its import, a change of many users."""

    CHECK = "check"
    IMPORT = "import"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class StuckWork:
    """Work that stands still, since when, and the name of its organization; "" for finding work of this kind at all."""

    kind: WorkKind
    since: datetime
    organization: str


def _organization_of_file(piece: int) -> int | None:
    return db.session.scalar(select(Upload.organization_id).where(Upload.id == piece))


_ORGANIZATIONS: Mapping[WorkKind, Callable[[int], int | None]] = {
    WorkKind.CHECK: _organization_of_file, WorkKind.IMPORT: _organization_of_file,
    WorkKind.CHANGE: lambda piece: db.session.scalar(select(LongChange.organization_id).where(LongChange.id == piece)),
}


def note_stuck_work(kind: WorkKind, piece: int, since: datetime) -> None:
    """Note that a piece of work (its id, 0 for finding one) has stood still since this moment."""
    with writing() as session:
        session.merge(PortalMark(name=_name(kind, piece), value=since.isoformat()))


def forget_stuck_work(kind: WorkKind, piece: int) -> None:
    """It goes on, or is gone."""
    with writing() as session:
        session.execute(delete(PortalMark).where(PortalMark.name == _name(kind, piece)))


def forget_all_stuck_work() -> None:
    """Everything is tried anew. Writes nothing where nothing stands still."""
    if db.session.scalar(select(PortalMark.name).where(PortalMark.name.startswith(_PREFIX)).limit(1)):
        with writing() as session:
            session.execute(delete(PortalMark).where(PortalMark.name.startswith(_PREFIX)))


def list_stuck_work() -> list[StuckWork]:
    """What stands still, the oldest first. Another version may have noted kinds of work that this one does not know."""
    marks = db.session.scalars(select(PortalMark).where(PortalMark.name.startswith(_PREFIX))).all()
    known = (mark for mark in marks if mark.name.removeprefix(_PREFIX).split()[0] in list(WorkKind))
    return sorted(map(_describe, known), key=lambda one: one.since)


def _name(kind: WorkKind, piece: int) -> str:
    return f"{_PREFIX}{kind} {piece}"


def _describe(mark: PortalMark) -> StuckWork:
    kind, piece = mark.name.removeprefix(_PREFIX).split()
    organization_id = _ORGANIZATIONS[WorkKind(kind)](int(piece))
    organization = db.session.get(Organization, organization_id) if organization_id else None
    return StuckWork(WorkKind(kind), datetime.fromisoformat(mark.value), organization.name if organization else "")
