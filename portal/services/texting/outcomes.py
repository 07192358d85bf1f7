"""What became of texts that a worker handed over or refused. A result is written once, even if two workers have one."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    Update,
    and_,
    bindparam,
    insert,
    literal_column,
    or_,
    select,
    text,
    update,
)

from portal.dialects import WrittenJson, json_rows
from portal.extensions import current_carrier, db, now, write_narrowly
from portal.models import HandOver, Message, Receipt, TextState
from portal.models.messages import WAITING_CONDITION

from . import brand_days, carrier_blocks, receipts, text_locks
from .claims import ClaimedText

WAITING_STATES = (TextState.QUEUED, TextState.CLAIMED)
# The portal never handed a text in one of these states to a carrier.
NEVER_LEFT = (TextState.REFUSED, TextState.EXPIRED)
TABLE = Message.metadata.tables["messages"]
RESULT_COLUMNS = ("state", "carrier", "carrier_id", "code", "why", "due_at", "tries", "crashes", "lease_until",
                  "left_at", "may_be_at", "changed_at")

# Every text that waits has a time. By it these are found among the few that wait, whatever else is asked of them with
# columns that are `Unindexed`, and not among all that a user or an organization ever wrote.
IS_WAITING: ColumnElement[bool] = and_(literal_column(WAITING_CONDITION),
                                       Message.due_at > datetime(1, 1, 1, tzinfo=UTC))
_WAITS = or_(*(TABLE.c.state == one for one in WAITING_STATES))
_WANTED = update(TABLE).where(TABLE.c.id == bindparam("of")).values(
    {"wanted": None, **{name: bindparam(f"new_{name}") for name in RESULT_COLUMNS}})
_HAVE_RECEIPTS: Any = select(Receipt.message_id).where(Receipt.message_id.in_(bindparam("ids", expanding=True)))
# Most texts are taken: nothing else about them changes, so that little is to be written.
# One JSON list of [id, carrier, the carrier's id, code] for each.
_, (_OF, _CARRIER, _CARRIER_ID, _CODE) = json_rows(
    bindparam("rows", type_=String), "taken", Integer, String, String, String)
_TAKEN = update(TABLE).where(TABLE.c.id == _OF, _WAITS).values(
    state=TextState.HANDED_OVER, carrier=_CARRIER, carrier_id=_CARRIER_ID, code=_CODE, why=[], lease_until=None,
    left_at=bindparam("moment"), due_at=bindparam("moment"), changed_at=bindparam("moment"))
_KEPT = insert(HandOver.metadata.tables["hand_overs"]).values(
    facts=WrittenJson(bindparam("facts", type_=String)))
# A receipt that came before has set the state already; carrier, id and time are still missing.
_COMPLETED = update(TABLE).where(TABLE.c.id == bindparam("of"), TABLE.c.carrier_id == "").values(
    carrier=bindparam("new_carrier"), carrier_id=bindparam("new_carrier_id"), left_at=bindparam("new_left_at"))


@dataclass
class TextResult:
    """What became of one claimed text: the columns to write."""

    id: int
    state: TextState
    carrier_id: str = ""
    code: str = ""
    why: list[Any] = field(default_factory=list)
    due_at: datetime | None = None
    tries: int = 0
    crashes: int = 0
    lease_until: datetime | None = None
    left_at: datetime | None = None
    may_be_at: str = ""
    # The carrier that it was claimed for.
    route: str = ""

    @classmethod
    def of(cls, one: ClaimedText, state: TextState, **more: Any) -> "TextResult":
        """A result for this text. It keeps the text's counts of tries and crashes unless `more` has others."""
        return cls(one.id, state, **{"tries": one.tries, "crashes": one.crashes, "may_be_at": one.may_be_at,
                                     "route": one.route, **more})


_OF_OTHER_TEXT = select(Message.id).where(
    text("carrier_id <> ''"), Message.carrier == bindparam("name"), Message.carrier_id == bindparam("carrier_id"),
    Message.id != bindparam("of"))


def is_id_taken(message_id: int, carrier: str, carrier_id: str) -> bool:
    """Whether another text has this id of the carrier already."""
    known = {"of": message_id, "name": carrier, "carrier_id": carrier_id}
    taken = db.session.scalar(_OF_OTHER_TEXT, known) is not None
    db.session.rollback()
    return taken


def record_results(results: Iterable[TextResult], by: str = "",
                   hand_overs: Sequence[dict[str, Any]] = ()) -> None:
    """Write the results of texts in one commit, and apply receipts that came before.

    `hand_overs` says what decided about each of them: a row of that table each.

    `by` is the worker that claimed the texts. If another worker has claimed one since, the result is dropped, unless
    it says that a carrier has the text. Without `by`, the texts are still queued.
    """
    results = list(results)
    taken = [_columns_when_taken(one) for one in results if one.state is TextState.HANDED_OVER]
    rows = [_columns(one) for one in results if one.state is not TextState.HANDED_OVER]
    if not results:
        return

    def write() -> None:
        text_locks.lock_texts([one.id for one in results])
        _keep_hand_overs(hand_overs)
        brand_days.give_back_segments([row["of"] for row in rows if row["new_state"] in NEVER_LEFT],
                          TextState.CLAIMED if by else TextState.QUEUED, by)
        _write_taken(taken)
        _write(_WANTED.where(_still(by)), rows)
        _catch_up(taken)
        _believe(rows)

    write_narrowly(carrier_blocks.scope_of_codes(row["new_code"] for row in rows), write)


def _keep_hand_overs(rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        db.session.connection().execute(_KEPT, rows)


def _still(by: str) -> ColumnElement[bool]:
    return (TABLE.c.state == TextState.CLAIMED) & (TABLE.c.claimed_by
                                                   == by) if by else TABLE.c.state == TextState.QUEUED


def _write(statement: Update, rows: list[dict[str, Any]]) -> None:
    if rows:
        db.session.connection().execute(statement, rows)


def _write_taken(rows: list[dict[str, Any]]) -> None:
    """One statement for all that left at the same moment."""
    for moment in sorted({row["new_left_at"] for row in rows}):
        left = [[row["of"], row["new_carrier"], row["new_carrier_id"], row["new_code"]] for row in rows
                if row["new_left_at"] == moment]
        db.session.connection().execute(_TAKEN, {"moment": moment, "rows": json.dumps(left)})


def _believe(rows: list[dict[str, Any]]) -> None:
    """Obey a carrier that refused a text because it got a STOP."""
    carrier_blocks.believe_carrier(((row["of"], row["new_code"]) for row in rows), now())


def _columns_when_taken(result: TextResult) -> dict[str, Any]:
    route = result.route or current_carrier().ref
    return {"of": result.id, "new_carrier": route if result.carrier_id else "", "new_carrier_id": result.carrier_id,
            "new_code": result.code, "new_left_at": result.left_at or now()}


def _columns(result: TextResult) -> dict[str, Any]:
    moment = now()
    # What was claimed before there were other carriers says none.
    route = result.route or current_carrier().ref
    return {
        "of": result.id, "new_state": result.state, "new_carrier": route if result.carrier_id else "",
        "new_may_be_at": result.may_be_at,
        "new_carrier_id": result.carrier_id, "new_code": result.code, "new_why": result.why,
        "new_due_at": result.due_at or moment, "new_tries": result.tries, "new_crashes": result.crashes,
        "new_lease_until": result.lease_until, "new_left_at": result.left_at, "new_changed_at": moment,
    }


def _catch_up(rows: Sequence[dict[str, Any]]) -> None:
    """Apply receipts that came before our own commit."""
    if not rows:
        return
    ids = [row["of"] for row in rows]
    told = set(db.session.connection().scalars(_HAVE_RECEIPTS, {"ids": ids}))
    for carrier in {row["new_carrier"] for row in rows if row["new_carrier"]}:
        told |= receipts.adopt_receipts(carrier, {
            row["new_carrier_id"]: row["of"] for row in rows if row["new_carrier"] == carrier})
    if told:
        db.session.connection().execute(_COMPLETED, [row for row in rows if row["of"] in told])
        receipts.apply_receipts(told)
