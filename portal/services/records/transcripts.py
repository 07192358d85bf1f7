"""What was released: every line with one number, and hashes by which a later copy can be compared."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from werkzeug.exceptions import NotFound

from portal.extensions import db, writing
from portal.models import Direction, Message, Number, Organization, TextState, User

from .. import audit
from .requests import RequestRow

FIRST_LINK = "0" * 64


class TranscriptLine(NamedTuple):
    """A text or a note: when (UTC), whose conversation, our number (E.164), which way, its state and words."""

    at: datetime
    member: str
    ours: str
    direction: Direction
    state: TextState
    body: str
    automatic: bool


def may_read_records(actor: User, row: RequestRow) -> bool:
    """Whether this person may read what was released: who asked and who released it, until the release ends."""
    return row.open and actor.id in (row.request.asked_by_id, row.request.decided_by_id)


def read_transcript(actor: User, row: RequestRow) -> Sequence[TranscriptLine]:
    """All lines with the number in the period, of all members, notes too, oldest first; 404 for who may not read."""
    if not may_read_records(actor, row):
        raise NotFound
    asked = row.request
    found = select(Message.at, User.name, Number.e164, Message.direction, Message.state, Message.body,
                   Message.automatic).join(User, User.id == Message.user_id).join(
        Number, Number.id == Message.number_id).where(
        Message.organization_id == asked.organization_id, Message.theirs == asked.theirs,
        Message.at >= asked.since, Message.at < asked.until)
    return [TranscriptLine(*line) for line in db.session.execute(found.order_by(Message.at, Message.id))]


def note_records_access(actor: User, row: RequestRow, action: str, **details: str) -> None:
    """Write into the audit log that a person reads or downloads; call it before anything is handed out.

    `action` is "records-read", "records-downloaded" (with `hash`) or "records-hashes".
    """
    number, organization_id = row.request.theirs, row.organization.id
    with writing() as session:
        audit.record_event(actor, action, session.get_one(Organization, organization_id), number=number, **details)


def chain_line_hashes(lines: Iterable[str]) -> list[str]:
    """One SHA-256 for each line, in hexadecimal digits, over the hash before it and the line itself.

    The first line follows 64 zeros. A line that is changed, added or left out changes every hash after it.
    """
    before, found = FIRST_LINK, []
    for line in lines:
        before = hashlib.sha256((before + line).encode()).hexdigest()
        found.append(before)
    return found


def hash_whole_file(content: str) -> str:
    """SHA-256 of a file in UTF-8, as `sha256sum` prints it."""
    return hashlib.sha256(content.encode()).hexdigest()
