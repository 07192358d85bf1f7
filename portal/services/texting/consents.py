"""Consents: who agreed to texts of an organization, how and until when. A person's opt-out ends them all.

Members and administrators write them down; the portal itself does so when a person writes first, and when a person
who had opted out texts START.
"""

from calendar import monthrange
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, false, or_, select, update

from portal import lengths
from portal.extensions import db, now, writing
from portal.marks import N_
from portal.models import (
    ConsentEnding,
    ConsentRecord,
    Direction,
    Message,
    OptOut,
    OptOutState,
    Organization,
    User,
)
from portal.rules import BY_ID
from portal.rules import numbers as phone
from portal.rules.facts import ConsentKind
from portal.rules.numbers import NumberKind

from .. import audit
from ..key_lists import is_among
from ..refusals import Clash
from . import erased_numbers

CONSENTS_PER_PAGE = 50
_LIMITS = BY_ID["no-consent"].limits
# After how many months a consent stops to count. An express one counts until it is withdrawn.
MONTHS_OF_KIND = {ConsentKind.PURCHASE: 12 * _LIMITS["years"], ConsentKind.INQUIRY: _LIMITS["months"],
                  ConsentKind.WROTE_FIRST: _LIMITS["months"]}
# What people write down; that somebody wrote first is known from their text.
WRITTEN_KINDS = (ConsentKind.EXPRESS, ConsentKind.PURCHASE, ConsentKind.INQUIRY)
TEXTED = (NumberKind.PLAIN, NumberKind.TERRITORY)


@dataclass(frozen=True, slots=True)
class ConsentSaid:
    """What a person writes down about a consent: how they agreed, when (UTC), and the proof."""

    kind: ConsentKind
    given_at: datetime
    proof: str


class ConsentRow(NamedTuple):
    """A line of the list: a consent, and the name of the user who wrote it down ("": the portal heard it)."""

    record: ConsentRecord
    writer: str


def end_of_consent(kind: ConsentKind, given_at: datetime) -> datetime | None:
    """When a consent stops to count, at the same day of a later month or the last one there is; None for never."""
    if kind not in MONTHS_OF_KIND:
        return None
    year, month = divmod(given_at.year * 12 + given_at.month - 1 + MONTHS_OF_KIND[kind], 12)
    return given_at.replace(year=year, month=month + 1, day=min(given_at.day, monthrange(year, month + 1)[1]))


def is_consent_in_force(moment: Any, of: Any = ConsentRecord) -> ColumnElement[bool]:
    """The condition for consents that count at a moment, or at the moment that a parameter will hold."""
    return and_(of.ended_at.is_(None), or_(of.until.is_(None), of.until > moment))


def order_longest_first(found: Select[Any], of: Any = ConsentRecord) -> Select[Any]:
    """The same selection in order: first what has no end, then what ends last."""
    return found.order_by(of.until.is_(None).desc(), of.until.desc(), of.id.desc())


_LONGEST_CONSENT = order_longest_first(select(ConsentRecord).where(
    ConsentRecord.organization_id == bindparam("organization_id"), ConsentRecord.theirs == bindparam("theirs"),
    is_consent_in_force(bindparam("moment")))).limit(1)


def consent_of_number(organization_id: int, theirs: str) -> ConsentRecord | None:
    """The consent of a number that is in force and lasts longest; None if there is none."""
    asked = {"organization_id": organization_id, "theirs": theirs, "moment": now()}
    return db.session.scalars(_LONGEST_CONSENT, asked).first()


def record_consent(actor: User, organization: Organization, theirs: str, said: ConsentSaid) -> ConsentRecord:
    """Write down a consent of a number in E.164. What is written down already is not written twice.

    Raises Clash for a day that is still to come, for a consent that has ended by now, and for a person who opted out.
    """
    with writing():
        return _record(actor, organization, theirs, said)


def _record(actor: User, organization: Organization, theirs: str, said: ConsentSaid) -> ConsentRecord:
    until = _checked_end(said)
    _refuse_opted_out(organization.id, theirs)
    held = db.session.scalars(select(ConsentRecord).where(
        ConsentRecord.organization_id == organization.id, ConsentRecord.theirs == theirs,
        ConsentRecord.ended_at.is_(None), ConsentRecord.kind == said.kind, ConsentRecord.given_at == said.given_at,
        ConsentRecord.proof == said.proof)).first()
    if held is not None:
        return held
    row = ConsentRecord(organization_id=organization.id, theirs=theirs, kind=said.kind, given_at=said.given_at,
                        until=until, proof=said.proof, by_id=actor.id)
    db.session.add(row)
    db.session.flush()
    audit.record_event(actor, "consent-added", organization, number=theirs, consent=said.kind.value, reason=said.proof)
    return row


def _refuse_opted_out(organization_id: int, theirs: str) -> None:
    """Raise Clash for a person who opted out: what others write down undoes no opt-out."""
    found = select(OptOut.id).where(
        OptOut.organization_id == organization_id, OptOut.state == OptOutState.OUT,
        OptOut.theirs.in_(erased_numbers.stored_forms_of_number(organization_id, theirs)))
    if db.session.scalar(found) is not None:
        raise Clash("", N_("This person opted out, so nobody can write down a consent. Ask them by phone to text"
                           " START to one of your numbers. That is consent."))


def _checked_end(said: ConsentSaid) -> datetime | None:
    """When it stops to count. Raises Clash where the day cannot be right."""
    if said.given_at > now():
        raise Clash("consent_day", N_("This day is still to come. Enter the day on which they agreed."))
    until = end_of_consent(said.kind, said.given_at)
    if until is not None and until <= now():
        raise Clash("consent_day", N_("A consent of this kind and day counted until %(until)s only. Ask the person"
                                      " again."), until=until)
    return until


def record_typed_consent(actor: User, organization: Organization, typed: str, said: ConsentSaid,
                         country: str = "US") -> ConsentRecord:
    """Write down a consent of a number as it was typed in a country. Also raises Clash if no text can go to it."""
    reading = phone.read_number(typed, country)
    if reading.kind is NumberKind.UNREADABLE:
        raise Clash("number", N_("This is not a phone number. %(problem)s"), problem=reading.problem)
    if reading.kind not in TEXTED:
        raise Clash("number", N_("No text can go to this number, so it needs no consent."))
    return record_consent(actor, organization, reading.e164, said)


def find_consent(organization_id: int | None, ref: str) -> ConsentRecord:
    """A consent of one organization; 404 for everybody else's."""
    found: ConsentRecord = db.one_or_404(select(ConsentRecord).where(
        ConsentRecord.organization_id == organization_id, ConsentRecord.ref == ref))
    return found


def can_withdraw_consent(row: ConsentRecord) -> bool:
    """Whether a consent still counts, so that it can be withdrawn or corrected."""
    return row.ended_at is None and (row.until is None or row.until > now())


def withdraw_consent(actor: User, organization: Organization, row: ConsentRecord, reason: str) -> None:
    """End a consent, with the reason. Raises Clash if it has ended in the meantime."""
    with writing():
        _end(row, ConsentEnding.WITHDRAWN, reason)
        audit.record_event(actor, "consent-withdrawn", organization, number=row.theirs, reason=reason)


def correct_consent(actor: User, organization: Organization, row: ConsentRecord, said: ConsentSaid,
                    reason: str) -> ConsentRecord:
    """Put a new record in the place of one that is wrong, which stays as history. Raises Clash as `record_consent`."""
    with writing():
        _checked_end(said)
        _end(row, ConsentEnding.CORRECTED, reason)
        db.session.flush()
        audit.record_event(actor, "consent-corrected", organization, number=row.theirs, reason=reason)
        return _record(actor, organization, row.theirs, said)


def _end(row: ConsentRecord, ending: ConsentEnding, reason: str) -> None:
    if not can_withdraw_consent(row):
        raise Clash("", N_("This consent has ended already. Nothing was changed."))
    row.ended_at, row.ending, row.reason = now(), ending, reason


def end_consents_of_numbers(organization_id: int, numbers: Collection[str], moment: datetime) -> None:
    """End every consent of numbers that have opted out, in the open write transaction: one statement."""
    db.session.execute(update(ConsentRecord).where(
        ConsentRecord.organization_id == organization_id, is_among(ConsentRecord.theirs, numbers),
        is_consent_in_force(moment)).values(ended_at=moment, ending=ConsentEnding.OPTED_OUT)
        .execution_options(synchronize_session="fetch"))


def restore_consents_of_number(organization_id: int, theirs: str, ended_at: datetime) -> None:
    """Let consents count again that an opt-out of this moment ended, in the open write transaction: it was undone."""
    db.session.execute(update(ConsentRecord).where(
        ConsentRecord.organization_id == organization_id, ConsentRecord.theirs == theirs,
        ConsentRecord.ended_at == ended_at, ConsentRecord.ending == ConsentEnding.OPTED_OUT)
        .values(ended_at=None, ending=None).execution_options(synchronize_session="fetch"))


def erase_consents_of_number(organization_id: int, theirs: str) -> None:
    """Erase every consent of a number, in the open write transaction: for a person who asked to be erased."""
    db.session.execute(delete(ConsentRecord).where(
        ConsentRecord.organization_id == organization_id, ConsentRecord.theirs == theirs))


def note_text_of_person(organization_id: int, theirs: str, moment: datetime, *, again: bool = False) -> None:
    """Write down what a text from outside says about consent, in the open write transaction.

    A person whom nobody here had texted wrote first; each later text of theirs prolongs that. `again`: they had opted
    out and text START, which is express consent.
    """
    if again:
        _hear(organization_id, theirs, ConsentKind.EXPRESS, moment)
        return
    held = db.session.scalars(select(ConsentRecord).where(
        ConsentRecord.organization_id == organization_id, ConsentRecord.theirs == theirs,
        ConsentRecord.kind == ConsentKind.WROTE_FIRST, ConsentRecord.ended_at.is_(None))).first()
    if held is not None:
        held.until = end_of_consent(ConsentKind.WROTE_FIRST, moment)
    elif not _was_texted(organization_id, theirs):
        _hear(organization_id, theirs, ConsentKind.WROTE_FIRST, moment)


def _hear(organization_id: int, theirs: str, kind: ConsentKind, moment: datetime) -> None:
    db.session.add(ConsentRecord(organization_id=organization_id, theirs=theirs, kind=kind, given_at=moment,
                                 until=end_of_consent(kind, moment)))
    db.session.flush()


def _was_texted(organization_id: int, theirs: str) -> bool:
    """Whether a person of the organization has texted this number; automatic answers do not count."""
    found = select(Message.id).where(Message.organization_id == organization_id, Message.theirs == theirs,
                                     Message.direction == Direction.OUT, Message.automatic.is_(False))
    return db.session.scalar(found.limit(1)) is not None


def list_consent_rows(organization_id: int | None, before: int | None = None, digits: str = "") -> Sequence[ConsentRow]:
    """Consents of an organization, newest first: at most one page, and one row more if there is a next page."""
    found = select(ConsentRecord, User.name).outerjoin(User, User.id == ConsentRecord.by_id).where(
        ConsentRecord.organization_id == organization_id)
    if len(digits) > lengths.TYPED_NUMBER:
        found = found.where(false())
    elif digits:
        found = found.where(ConsentRecord.theirs.contains(digits, autoescape=True))
    if before is not None:
        found = found.where(ConsentRecord.id < before)
    rows = db.session.execute(found.order_by(ConsentRecord.id.desc()).limit(CONSENTS_PER_PAGE + 1))
    return [ConsentRow(record, writer or "") for record, writer in rows]


def name_of_consent_writer(row: ConsentRecord) -> str:
    """The name of the user who wrote a consent down; "" where the portal heard it in a text."""
    return db.session.scalar(select(User.name).where(User.id == row.by_id)) or ""
