"""Blocks of carriers. A carrier that gets STOP blocks the one number of ours that was texted; START lifts it there.

For the portal START to any number counts for the whole organization. So a carrier's block always stops the pair, our
number and theirs, and it is an opt-out of the organization only if the person has not texted START since.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, delete, func, select

from portal.carriers.base import OPTED_OUT_CODE
from portal.dialects import JoinedTexts, upsert
from portal.extensions import db
from portal.models import (
    CarrierBlock,
    Direction,
    Message,
    Number,
    OptOut,
    OptOutSource,
    OptOutState,
    Organization,
    TextState,
)
from portal.rules.keywords import HeardRequest, Meaning
from portal.write_scopes import ROWS_ALONE, require_scope

from .. import audit
from . import lines, optouts

# Keys of the notes: the pair is blocked; the number has opted out.
BLOCKED, OPTED_OUT = "carrier-block", "carrier-out"


class RefusedText(NamedTuple):
    """A text that a carrier refused because of a STOP: between whom, in which conversation, when it left."""

    organization_id: int
    conversation_id: int
    user_id: int
    number_id: int
    theirs: str
    left_at: datetime | None


_REFUSED = select(Message.organization_id, Message.conversation_id, Message.user_id, Message.number_id, Message.theirs,
                  Message.left_at)


def take_carrier_block(message_id: int, moment: datetime) -> None:
    """Believe a carrier that refused this text because of a STOP, in the open write transaction.

    A text that left before the latest START tells nothing about the present. Raises OutOfScopeError in a transaction
    about something else than its organization.
    """
    text = RefusedText(*db.session.execute(_REFUSED.where(Message.id == message_id)).one())
    require_scope(text.organization_id)
    row = optouts.optout_of_number(text.organization_id, text.theirs)
    if row is not None and _is_over(row, text):
        return
    is_new = _block(text, moment)
    if row is None or not (row.state is OptOutState.OUT or _started_since(row, text)):
        _opt_out(row, text, moment)
    elif is_new and row.state is not OptOutState.OUT:
        _note(text, moment)


def _is_over(row: OptOut, text: RefusedText) -> bool:
    return bool(row.started_at and text.left_at and text.left_at <= row.started_at)


def _block(text: RefusedText, moment: datetime) -> bool:
    """Block the pair; False if it is blocked already."""
    added = upsert(CarrierBlock).values(
        organization_id=text.organization_id, number_id=text.number_id, theirs=text.theirs, at=moment)
    added = added.on_conflict_do_nothing(index_elements=["organization_id", "theirs", "number_id"])
    return bool(db.session.execute(added).rowcount)  # type: ignore[attr-defined]


def scope_of_codes(codes: Iterable[str]) -> int | None:
    """What a transaction is about that writes down these codes of a carrier: the texts alone, unless one tells STOP."""
    return None if OPTED_OUT_CODE in codes else ROWS_ALONE


def believe_carrier(told: Iterable[tuple[int, str]], moment: datetime) -> None:
    """Take the blocks that codes of a carrier tell, in the open write transaction: (id of the text, code) each."""
    for message_id in {message_id for message_id, code in told if code == OPTED_OUT_CODE}:
        take_carrier_block(message_id, moment)


def _started_since(row: OptOut, text: RefusedText) -> bool:
    """Whether START is newer than the block: it came, and no later text from this number was delivered."""
    if row.state is not OptOutState.IN_AGAIN or row.started_at is None:
        return False
    delivered = select(Message.id).where(
        Message.organization_id == text.organization_id, Message.theirs == text.theirs,
        Message.direction == Direction.OUT, Message.at > row.started_at, Message.number_id == text.number_id,
        Message.state == TextState.DELIVERED)
    return db.session.scalar(delivered.limit(1)) is None


def _opt_out(row: OptOut | None, text: RefusedText, moment: datetime) -> None:
    row = row or OptOut(organization_id=text.organization_id, theirs=text.theirs)
    row.state, row.source, row.said_at, row.said, row.note = OptOutState.OUT, OptOutSource.CARRIER, moment, "", ""
    db.session.add(row)
    db.session.flush()
    optouts.refuse_waiting_texts(text.organization_id, text.theirs, "opted-out", moment)
    optouts.note_in_conversations(text.organization_id, text.theirs, OPTED_OUT, moment)
    organization = db.session.get_one(Organization, text.organization_id)
    audit.record_event(None, "opt-out-carrier", organization, number=text.theirs)


def _note(text: RefusedText, moment: datetime) -> None:
    lines.store_line(organization_id=text.organization_id, conversation_id=text.conversation_id, user_id=text.user_id,
                     number_id=text.number_id, theirs=text.theirs, direction=Direction.NOTE, state=TextState.RECEIVED,
                     body=BLOCKED, at=moment)


def hear_start(number: Number | None, theirs: str, heard: HeardRequest | None, moment: datetime) -> None:
    """Lift a carrier's block of this pair after START, and remember the START, in the open write transaction.

    Call it once START has been obeyed. One that came later than a newer STOP changes nothing.
    """
    if number is None or heard is None or heard.meaning is not Meaning.START:
        return
    row = optouts.optout_of_number(number.organization_id, theirs) or OptOut(
        organization_id=number.organization_id, theirs=theirs, state=OptOutState.IN_AGAIN, source=OptOutSource.STOP)
    if row.state is not OptOutState.IN_AGAIN:
        return
    row.started_at = moment
    db.session.add(row)
    db.session.flush()
    db.session.execute(delete(CarrierBlock).where(
        CarrierBlock.organization_id == number.organization_id, CarrierBlock.theirs == theirs,
        CarrierBlock.number_id == number.id))


def select_blocked_numbers(organization_id: ColumnElement[Any], theirs: ColumnElement[Any]) -> Any:
    """SQL for our numbers (E.164, with commas between) whose texts to `theirs` a carrier blocks; "" if none."""
    found = select(JoinedTexts(Number.e164)).join(CarrierBlock, CarrierBlock.number_id == Number.id)
    ours = found.where(CarrierBlock.organization_id == organization_id, CarrierBlock.theirs == theirs)
    return func.coalesce(ours.scalar_subquery(), "")
