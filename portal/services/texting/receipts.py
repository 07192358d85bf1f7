"""Receipts: the portal stores each one as it comes and never changes it. The strongest one sets the state of the text.

Order and repetition do not count: the same receipts in any order, with any of them twice, give the same state. So a
late "sent" cannot undo "delivered", and a phone that is switched on again turns "expired" into "delivered".
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Integer, String, and_, bindparam, insert, or_, select, text, update

from portal import lengths
from portal.carriers.base import CarrierReceipt, CarrierStatus
from portal.dialects import json_values
from portal.extensions import db, now, write_narrowly, writers_overlap
from portal.models import Message, Receipt, TextState
from portal.write_scopes import ROWS_ALONE

from . import carrier_blocks, text_locks
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

    def write() -> None:
        about = _find_texts(carrier, receipts)
        known = {text_id for text_id in about if text_id is not None}
        # Two receipts about a text at once are folded one after the other.
        text_locks.lock_texts(known)
        kept = [_row(carrier, one, text_id) for one, text_id in zip(receipts, about, strict=True)]
        db.session.connection().execute(_KEPT, kept)
        apply_receipts(known)

    write_narrowly(carrier_blocks.scope_of_codes(one.code for one in receipts), write)


# Made once: putting a statement together takes longer than running it.
# A carrier can only say something about a text that it may have.
_BY_REFERENCE = select(Message.ref, Message.id).where(Message.ref.in_(bindparam("references", expanding=True)), or_(
    Message.route.in_(bindparam("refs", expanding=True)), Message.may_be_at == bindparam("name"),
    Message.carrier == bindparam("name")))
# The condition repeats the words of the index: SQLite uses the index only then.
_BY_ID = select(Message.carrier_id, Message.id).where(
    text("carrier_id <> ''"), Message.carrier == bindparam("name"),
    Message.carrier_id.in_(bindparam("carrier_ids", expanding=True))).order_by(Message.id.desc())
_TABLE = Message.metadata.tables["messages"]
_RECEIPTS = Receipt.metadata.tables["receipts"]
_KEPT = insert(_RECEIPTS)
_PRESENT = select(Message.id, Message.state).where(Message.id.in_(bindparam("ids", expanding=True)))
_TOLD: Any = select(Receipt.message_id, Receipt.status, Receipt.code).where(
    Receipt.message_id.in_(bindparam("ids", expanding=True))).order_by(Receipt.id)
_PARKED = select(Receipt.carrier_id, Receipt.id).where(
    Receipt.carrier == bindparam("name"), Receipt.message_id.is_(None),
    Receipt.carrier_id.in_(bindparam("carrier_ids", expanding=True)))
# Late ones: by their carrier's id they are about a text that we know by now.
_LATE = select(Receipt.carrier, Receipt.carrier_id, Message.id).join(Message, and_(
    text("messages.carrier_id <> ''"), Message.carrier == Receipt.carrier, Message.carrier_id == Receipt.carrier_id,
)).where(Receipt.message_id.is_(None)).order_by(Message.id.desc())
_ADOPTED = update(_RECEIPTS).where(_RECEIPTS.c.id == bindparam("of")).values(message_id=bindparam("text_id"))
# Texts that become the same, as a JSON list of their ids.
_THESE = select(json_values(bindparam("these", type_=String), Integer, "these"))
_MOVED = update(_TABLE).where(_TABLE.c.id.in_(_THESE)).values(
    state=bindparam("new_state"), code=bindparam("new_code"), changed_at=bindparam("moment"), lease_until=None)


def _find_texts(carrier: str, receipts: Sequence[CarrierReceipt]) -> list[int | None]:
    """The id of the text that each receipt is about, by our reference or by the carrier's id."""
    references = [one.reference for one in receipts if one.reference]
    carrier_ids = [one.id for one in receipts if not one.reference]
    by_reference = _pairs(_BY_REFERENCE, references=references, name=carrier,
                          refs=SendLane(carrier).refs) if references else {}
    by_id = _pairs(_BY_ID, carrier_ids=carrier_ids, name=carrier) if carrier_ids else {}
    return [by_reference.get(one.reference) if one.reference else by_id.get(one.id) for one in receipts]


def _pairs(statement: Any, **known: object) -> dict[str, int]:
    return {row[0]: row[1] for row in db.session.connection().execute(statement, known).all()}


def _row(carrier: str, receipt: CarrierReceipt, message_id: int | None) -> dict[str, object]:
    return {"carrier": carrier, "reference": receipt.reference, "carrier_id": receipt.id,
            "raw": receipt.raw[:lengths.CARRIER_WORD], "code": receipt.code[:lengths.ERROR_CODE],
            "status": receipt.status.value if receipt.status else "", "at": now(), "message_id": message_id,
            "parts": receipt.parts}


def apply_receipts(message_ids: Collection[int]) -> None:
    """Set the states of texts from all their receipts, in the open write transaction."""
    if not message_ids:
        return
    known = {"ids": list(message_ids)}
    told: dict[int, list[tuple[str, str]]] = {}
    for message_id, status, code in db.session.connection().execute(_TOLD, known).all():
        told.setdefault(message_id, []).append((status, code))
    carrier_blocks.believe_carrier(((one, code) for one, rows in told.items() for _status, code in rows), now())
    present = db.session.connection().execute(_PRESENT, known).all()
    _move([(row[0], _moved(row[1], told[row[0]])) for row in present if row[0] in told])


def _move(texts: Iterable[tuple[int, tuple[TextState, str] | None]]) -> None:
    """Give texts (id) their new state and code, one statement for all that become the same."""
    alike: defaultdict[tuple[TextState, str], list[int]] = defaultdict(list)
    for text_id, new in texts:
        if new:
            alike[new].append(text_id)
    for (state, code), these in alike.items():
        db.session.connection().execute(_MOVED, {"these": json.dumps(these), "new_state": state, "new_code": code,
                                                 "moment": now()})


def _moved(present: TextState, told: Sequence[tuple[str, str]]) -> tuple[TextState, str] | None:
    """The new state of a text and its code, None where receipts (status, code) change nothing."""
    state = fold_receipts(present, [CarrierStatus(status) for status, _code in told if status])
    if state is present:
        return None
    code = next((code for status, code in told if code and status
                 and TEXT_STATE_OF_STATUS[CarrierStatus(status)] is state), "")
    return state, code


def adopt_receipts(carrier: str, texts: Mapping[str, int]) -> set[int]:
    """Assign receipts that came before the ids of a carrier were stored to their texts, in the open write transaction.

    `texts`: ids of texts by the carrier's ids. Returns those that have got some; apply their receipts then.
    """
    rows = db.session.connection().execute(_PARKED, {"name": carrier, "carrier_ids": list(texts)}).all()
    found = [{"of": receipt_id, "text_id": texts[carrier_id]} for carrier_id, receipt_id in rows]
    if found:
        db.session.connection().execute(_ADOPTED, found)
    return {texts[carrier_id] for carrier_id, _receipt_id in rows}


def adopt_late_receipts(since: datetime | None) -> int:
    """Assign receipts that a carrier told while its id of their text was just being stored; returns how many texts.

    Neither side saw the other then. `since` bounds when they came, None for all. Where one writes after the other,
    there are none.
    """
    if not writers_overlap():
        return 0
    late = _LATE if since is None else _LATE.where(Receipt.at > since)
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for carrier, carrier_id, text_id in db.session.connection().execute(late).all():
        found[carrier][carrier_id] = text_id
    db.session.rollback()
    for carrier, texts in found.items():
        write_narrowly(ROWS_ALONE, partial(_adopt_and_apply, carrier, texts))
    return sum(map(len, found.values()))


def _adopt_and_apply(carrier: str, texts: Mapping[str, int]) -> None:
    text_locks.lock_texts(texts.values())
    apply_receipts(adopt_receipts(carrier, texts))
