"""Receipts: kept as they come, never changed; the state of a text is a fold over all of them.

A fold forgets order and repetition: any permutation of the same receipts, with any of them twice, gives the
same state. So a late "sent" cannot undo "delivered", and a phone that comes back makes it "delivered" after all.
"""

from collections.abc import Iterable

from sqlalchemy import bindparam, insert, select, text, update

from portal.carriers.base import CarrierReceipt as Told
from portal.carriers.base import CarrierStatus
from portal.extensions import db, now, writing
from portal.models import Message, Receipt, TextState

# From the weakest to the strongest word. "Delivered" is above all: handsets come back.
STRENGTH = (CarrierStatus.SENT, CarrierStatus.EXPIRED, CarrierStatus.FAILED, CarrierStatus.UNDELIVERED,
            CarrierStatus.DELIVERED)
TEXT_STATE_OF_STATUS = {
    CarrierStatus.SENT: TextState.SENT, CarrierStatus.DELIVERED: TextState.DELIVERED,
    CarrierStatus.UNDELIVERED: TextState.UNDELIVERED,
    CarrierStatus.FAILED: TextState.UNDELIVERED, CarrierStatus.EXPIRED: TextState.UNDELIVERED,
}
# A receipt can change these; what was canceled or refused here never reached a carrier.
OPEN_TEXT_STATES = (TextState.QUEUED, TextState.CLAIMED, TextState.HANDED_OVER, TextState.SENT, TextState.UNDELIVERED,
                    TextState.UNKNOWN,
                    TextState.QUARANTINED, TextState.EXPIRED, TextState.FAILED, TextState.DELIVERED)


def fold_receipts(present: TextState, told: Iterable[CarrierStatus]) -> TextState:
    """The state of a text after these receipts, in whatever order and however often they came."""
    strongest = max(told, key=STRENGTH.index, default=None)
    return TEXT_STATE_OF_STATUS[strongest] if strongest and present in OPEN_TEXT_STATES else present


def take_receipts(carrier: str, receipts: Iterable[Told]) -> None:
    """Keep receipts and bring their texts up to date, in one commit; unknown ones wait for their text."""
    with writing():
        for told in receipts:
            _take(carrier, told)


# Made once: putting a statement together takes longer than running it.
_BY_REFERENCE = select(Message.id).where(Message.ref == bindparam("reference"))
# In the words of its index, which SQLite would not use otherwise.
_BY_ID = select(Message.id).where(
    text("carrier_id <> ''"), Message.carrier == bindparam("name"), Message.carrier_id == bindparam("carrier_id"))
_KEPT = insert(Receipt.metadata.tables["receipts"])
_PRESENT = select(Message.state).where(Message.id == bindparam("of"))
_TOLD = select(Receipt.status, Receipt.code).where(Receipt.message_id == bindparam("of"))


def _take(carrier: str, told: Told) -> None:
    message_id = db.session.scalar(_BY_REFERENCE, {"reference": told.reference}) if told.reference else (
        db.session.scalar(_BY_ID, {"name": carrier, "carrier_id": told.id}))
    db.session.execute(_KEPT, {
        "carrier": carrier, "reference": told.reference, "carrier_id": told.id, "raw": told.raw[:60],
        "status": told.status.value if told.status else "", "code": told.code[:40], "at": now(),
        "message_id": message_id})
    if message_id is not None:
        apply_receipts(message_id)


def apply_receipts(message_id: int) -> None:
    """Fold all receipts of a text into its state, in the open write transaction."""
    present = db.session.scalar(_PRESENT, {"of": message_id})
    rows = db.session.execute(_TOLD, {"of": message_id}).all()
    told = [CarrierStatus(row.status) for row in rows if row.status]
    state = fold_receipts(present, told) if present else None
    if state is None or state is present:
        return
    code = next((row.code for row in rows if row.code and row.status
                 and TEXT_STATE_OF_STATUS[CarrierStatus(row.status)] is state), "")
    db.session.execute(update(Message).where(Message.id == message_id).values(
        state=state, code=code, changed_at=now(), lease_until=None).execution_options(synchronize_session=False))


def adopt_receipts(carrier: str, message_id: int, carrier_id: str) -> None:
    """Give receipts that came before their text was known to it, in the open write transaction."""
    waiting = update(Receipt).where(Receipt.carrier == carrier, Receipt.carrier_id == carrier_id,
                                    Receipt.message_id.is_(None))
    if db.session.execute(waiting.values(message_id=message_id)).rowcount:  # type: ignore[attr-defined]
        apply_receipts(message_id)
