"""Receipts: the portal stores each one as it comes and never changes it. The strongest one sets the state of the text.

Order and repetition do not count: the same receipts in any order, with any of them twice, give the same state. So a
late "sent" cannot undo "delivered", and a phone that is switched on again turns "expired" into "delivered".
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, insert, or_, select, text, update

from portal import lengths
from portal.carriers.base import CarrierReceipt, CarrierStatus
from portal.extensions import db, now, writing
from portal.models import Message, Receipt, TextState

from . import carrier_blocks
from .claims import SendLane

# From the weakest to the strongest. "Delivered" is the strongest: a phone that was off can come back.
STRENGTH = (CarrierStatus.SENT, CarrierStatus.EXPIRED, CarrierStatus.FAILED, CarrierStatus.UNDELIVERED,
            CarrierStatus.DELIVERED)
TEXT_STATE_OF_STATUS = {
    CarrierStatus.SENT: TextState.SENT, CarrierStatus.DELIVERED: TextState.DELIVERED,
    CarrierStatus.UNDELIVERED: TextState.UNDELIVERED,
    CarrierStatus.FAILED: TextState.UNDELIVERED, CarrierStatus.EXPIRED: TextState.UNDELIVERED,
}
# The states that a receipt can change. A text that was canceled or refused here never reached a carrier.
OPEN_TEXT_STATES = (TextState.QUEUED, TextState.CLAIMED, TextState.HANDED_OVER, TextState.SENT, TextState.UNDELIVERED,
                    TextState.UNKNOWN,
                    TextState.QUARANTINED, TextState.EXPIRED, TextState.FAILED, TextState.DELIVERED)


def fold_receipts(present: TextState, statuses: Iterable[CarrierStatus]) -> TextState:
    """The state of a text after receipts with these statuses, in any order and with any repetition."""
    strongest = max(statuses, key=STRENGTH.index, default=None)
    return TEXT_STATE_OF_STATUS[strongest] if strongest and present in OPEN_TEXT_STATES else present


def take_receipts(carrier: str, receipts: Sequence[CarrierReceipt]) -> None:
    """Store receipts and update the state of their texts, in one commit. One without a known text waits for it.

    Without receipts nothing is written, and no other write has to wait.
    """
    if not receipts:
        return
    with writing():
        for receipt in receipts:
            _take(carrier, receipt)


# Made once: putting a statement together takes longer than running it.
# A carrier can only say something about a text that it may have.
_BY_REFERENCE = select(Message.id).where(Message.ref == bindparam("reference"), or_(
    Message.route.in_(bindparam("refs", expanding=True)), Message.may_be_at == bindparam("name"),
    Message.carrier == bindparam("name")))
# The condition repeats the words of the index: SQLite uses the index only then.
_BY_ID = select(Message.id).where(
    text("carrier_id <> ''"), Message.carrier == bindparam("name"), Message.carrier_id == bindparam("carrier_id"))
_KEPT = insert(Receipt.metadata.tables["receipts"])
_PRESENT = select(Message.state).where(Message.id == bindparam("of"))
_STATUSES = select(Receipt.status, Receipt.code).where(Receipt.message_id == bindparam("of"))


def _find_text(carrier: str, receipt: CarrierReceipt) -> int | None:
    """The id of the text that a receipt is about, by our reference or by the carrier's id."""
    if not receipt.reference:
        return db.session.scalar(_BY_ID, {"name": carrier, "carrier_id": receipt.id})
    return db.session.scalar(_BY_REFERENCE, {
        "reference": receipt.reference, "name": carrier, "refs": SendLane(carrier).refs})


def _take(carrier: str, receipt: CarrierReceipt) -> None:
    message_id = _find_text(carrier, receipt)
    db.session.execute(_KEPT, {
        "carrier": carrier, "reference": receipt.reference, "carrier_id": receipt.id,
        "raw": receipt.raw[:lengths.CARRIER_WORD], "code": receipt.code[:lengths.ERROR_CODE],
        "status": receipt.status.value if receipt.status else "", "at": now(), "message_id": message_id,
        "parts": receipt.parts})
    if message_id is not None:
        apply_receipts(message_id)


def apply_receipts(message_id: int) -> None:
    """Set the state of a text from all its receipts, in the open write transaction."""
    present = db.session.scalar(_PRESENT, {"of": message_id})
    rows = db.session.execute(_STATUSES, {"of": message_id}).all()
    carrier_blocks.believe_carrier(((message_id, row.code) for row in rows), now())
    statuses = [CarrierStatus(row.status) for row in rows if row.status]
    state = fold_receipts(present, statuses) if present else None
    if state is None or state is present:
        return
    code = next((row.code for row in rows if row.code and row.status
                 and TEXT_STATE_OF_STATUS[CarrierStatus(row.status)] is state), "")
    db.session.execute(update(Message).where(Message.id == message_id).values(
        state=state, code=code, changed_at=now(), lease_until=None).execution_options(synchronize_session=False))


def adopt_receipts(carrier: str, message_id: int, carrier_id: str) -> None:
    """Assign receipts that came before the carrier's id was stored to their text, in the open write transaction."""
    waiting = update(Receipt).where(Receipt.carrier == carrier, Receipt.carrier_id == carrier_id,
                                    Receipt.message_id.is_(None))
    if db.session.execute(waiting.values(message_id=message_id)).rowcount:  # type: ignore[attr-defined]
        apply_receipts(message_id)
