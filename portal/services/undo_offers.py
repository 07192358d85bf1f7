"""Offers to undo a change: the state before it is kept for ten minutes, and never leaves the server.

An offer is written in the transaction of its change. Its ref stands in the answer to the change; `services.undo` reads
the offer when the button is pressed. What is over goes with the nightly run.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select

from portal.extensions import db, now, writing
from portal.models import AuditEvent, Location, Organization, UndoKind, UndoOffer, User
from portal.rules.switches import Level

from .audit import kind_of_subject

UNDO_OFFERED = timedelta(minutes=10)

Undoable = Organization | Location | User


def offer_undo(kind: UndoKind, unit: Undoable, before: dict[str, Any], *, version: int = 0,
               event: AuditEvent | None = None) -> str:
    """Keep the state before a change in the open write transaction, and return the ref by which it can be undone.

    `before` holds JSON values, `version` is the one that the change has left, `event` the audit event of the change.
    """
    organization_id = unit.id if isinstance(unit, Organization) else unit.organization_id or 0
    offer = UndoOffer(organization_id=organization_id, kind=kind, level=Level(kind_of_subject(unit)), unit_id=unit.id,
                      before=before, version=version, event_id=event.id if event else None, until=now() + UNDO_OFFERED)
    db.session.add(offer)
    db.session.flush()
    return offer.ref


def find_offer(actor: User, ref: str) -> UndoOffer:
    """An offer of the organization that the actor administers; 404 for any other, and once it is erased."""
    found: UndoOffer = db.one_or_404(select(UndoOffer).where(
        UndoOffer.ref == ref, UndoOffer.organization_id == (actor.organization_id if actor.admin else None)))
    return found


def erase_old_offers() -> int:
    """Erase the offers whose time is over; returns how many. Writes nothing where there are none."""
    old = UndoOffer.until < now()
    if db.session.scalar(select(func.count()).select_from(UndoOffer).where(old)) == 0:
        return 0
    with writing() as session:
        return int(session.execute(delete(UndoOffer).where(old)).rowcount)  # type: ignore[attr-defined]
