"""Likely opt-outs, which block until a person decides: who decides, who is reminded, and what can be undone.

A member who has a conversation with the number decides. If nobody has one, or nobody has decided within two working
days, administrators decide as well, and may read the words that were heard.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, exists, func, literal_column, or_, select, update

from portal.extensions import db, now, writing
from portal.marks import N_
from portal.models import (
    AccountState,
    Conversation,
    Location,
    OptOut,
    OptOutDecision,
    OptOutSource,
    OptOutState,
    Organization,
    User,
)
from portal.rules.terms import NotMeantReason
from portal.rules.working_days import add_working_days

from .. import audit
from ..refusals import Clash
from . import consents
from .optout_decisions import DECIDING_LIMITS, find_undoable_decision
from .optouts import STOPPING_RULES, note_in_conversations, refuse_waiting_texts

# How far a likely opt-out has come, and after how many working days.
MEMBER_REMINDED, ADMINS_ASKED, LISTED_AT_LAST = 1, 2, 3
STEPS = (DECIDING_LIMITS["remind"], DECIDING_LIMITS["admins"], DECIDING_LIMITS["listed"])
MOST_AT_ONCE = 200
# Keys of notes in conversations; `wording.texts` has their sentences.
DECIDED_OUT, UNDONE, WORDS_READ, OUT_AT_LAST = "decided-out", "undone", "words-read", "listed"
REMINDING = {MEMBER_REMINDED: "reminded", ADMINS_ASKED: "admins-asked"}

# The condition repeats the words of the index: with a parameter instead, SQLite would not use it.
_WAITS: Any = literal_column("opt_outs.consent = 'likely-out'")
_READS = and_(User.id == Conversation.user_id, User.account != AccountState.DEACTIVATED,
              Conversation.blocked.is_(False))


# --- who decides ---------------------------------------------------------------------------------


def readers_of_numbers(organization_id: int | None, numbers: Iterable[str]) -> Mapping[str, Mapping[int, str]]:
    """For each outside number: id and name of the members who have a conversation with it, the latest first.

    Members who block the number do not see what it texts, and do not count.
    """
    named: dict[str, dict[int, str]] = {theirs: {} for theirs in numbers}
    if not named:
        return named
    found = select(Conversation.theirs, User.id, User.name).join(User, _READS).where(
        Conversation.organization_id == organization_id, Conversation.theirs.in_(list(named)))
    found = found.group_by(Conversation.theirs, User.id, User.name).order_by(func.max(Conversation.last_id).desc())
    for theirs, user_id, name in db.session.execute(found):
        named[theirs][user_id] = name
    return named


def waits_for_decision(row: OptOut | None) -> bool:
    """Whether this is a likely opt-out about which nobody has decided yet."""
    return row is not None and row.state is OptOutState.LIKELY_OUT


def can_admins_decide(row: OptOut, readers: Mapping[int, str]) -> bool:
    """Whether an administrator may say No and read the words: no member can, or none has for two working days."""
    return waits_for_decision(row) and (not readers or row.step >= ADMINS_ASKED or row.source is OptOutSource.WEB)


def _readers_of(row: OptOut) -> Mapping[int, str]:
    return readers_of_numbers(row.organization_id, [row.theirs])[row.theirs]


def select_for_admins(organization_id: Any) -> Select[int]:
    """The likely opt-outs of an organization (id or parameter) that wait for an administrator, not asked yet."""
    member = exists().where(Conversation.organization_id == OptOut.organization_id,
                            Conversation.theirs == OptOut.theirs, _READS)
    return select(OptOut.id).where(
        OptOut.organization_id == organization_id, OptOut.state == OptOutState.LIKELY_OUT,
        or_(OptOut.step >= ADMINS_ASKED, OptOut.source == OptOutSource.WEB, ~member))


# --- a decision ----------------------------------------------------------------------------------


def decide_likely_optout(actor: User, organization: Organization, row: OptOut, *,
                         reason: NotMeantReason | None) -> bool:
    """Record the decision about a likely opt-out: it was meant, or for this `reason` it was not.

    False if it was decided in the meantime. Raises Clash for a No of an administrator who may not say it yet.
    """
    with writing() as session:
        if row.state is not OptOutState.LIKELY_OUT:
            return False
        if reason:
            _check_deny(actor, row)
        row.state, row.due_at = OptOutState.NOT_MEANT if reason else OptOutState.OUT, None
        moment = now()
        session.add(OptOutDecision(organization_id=organization.id, opt_out_id=row.id, user_id=actor.id,
                                   meant=reason is None, reason=reason, at=moment))
        if not reason:
            refuse_waiting_texts(organization.id, row.theirs, STOPPING_RULES[OptOutState.OUT], moment)
        _note_decision(actor, organization, row, reason)
    return True


def _check_deny(actor: User, row: OptOut) -> None:
    readers = _readers_of(row)
    if actor.id not in readers and not (actor.admin and can_admins_decide(row, readers)):
        raise Clash("reason", N_("Only a member who can read the text can say No now. If nobody decides within two"
                                 " working days, you can."))


def _note_decision(actor: User, organization: Organization, row: OptOut, reason: NotMeantReason | None) -> None:
    note_in_conversations(organization.id, row.theirs, OptOutState.NOT_MEANT.value if reason else DECIDED_OUT, now())
    if reason:
        audit.record_event(actor, "opt-out-decided-reason", organization, number=row.theirs, because=reason.value)
    else:
        audit.record_event(actor, "opt-out-decided", organization, number=row.theirs, decided="yes")


def undo_optout_decision(actor: User, organization: Organization, row: OptOut) -> bool:
    """Undo the decision about a likely opt-out: it waits again. False if the time is over or something has changed.

    Consents that a Yes ended count again. Texts that were refused in the meantime stay refused. Those that wait now are
    refused, as nobody may text them.
    """
    with writing():
        decision = find_undoable_decision(row, now())
        if decision is None:
            return False
        decision.undone_at = now()
        row.state, row.due_at = OptOutState.LIKELY_OUT, now()
        if decision.meant:
            consents.restore_consents_of_number(organization.id, row.theirs, decision.at)
        refuse_waiting_texts(organization.id, row.theirs, STOPPING_RULES[row.state], now())
        note_in_conversations(organization.id, row.theirs, UNDONE, now())
        audit.record_event(actor, "opt-out-undone", organization, number=row.theirs,
                           decided="yes" if decision.meant else "no")
    return True


def read_likely_words(actor: User, organization: Organization, row: OptOut) -> str:
    """The words of a likely opt-out, for an administrator who has to decide; the log and the member are told.

    Raises Clash if the administrator may not decide about it, or if no words are stored.
    """
    with writing():
        if not row.said or not can_admins_decide(row, _readers_of(row)):
            raise Clash("", N_("You cannot read this text."))
        note_in_conversations(organization.id, row.theirs, WORDS_READ, now())
        audit.record_event(actor, "opt-out-read", organization, number=row.theirs)
        return row.said


# --- while nobody decides ------------------------------------------------------------------------


def advance_likely_optouts() -> int:
    """Remind members, ask administrators, and at last list likely opt-outs that nobody decides; returns how many.

    One run takes at most 200 of them, those first that have waited longest for it.
    """
    with writing() as session:
        due = session.scalars(select(OptOut).where(_WAITS, OptOut.due_at <= now()).order_by(OptOut.due_at).limit(
            MOST_AT_ONCE)).all()
        return sum(_advance(row, now()) for row in due)


def _advance(row: OptOut, moment: datetime) -> bool:
    """Do what has come due about one likely opt-out; False if only the next look was set."""
    due = step_moments(row)
    reached = sum(at <= moment for at in due)
    before, row.step = row.step, max(row.step, reached)
    row.due_at = due[row.step] if row.step < LISTED_AT_LAST else None
    for step in range(before + 1, row.step + 1):
        _take_step(row, step, moment)
    return row.step > before


def step_moments(row: OptOut) -> Sequence[datetime]:
    """When the member is reminded of a likely opt-out, administrators are asked, and it is listed (UTC)."""
    zone = _zone_of(row)
    return [add_working_days(row.said_at, days, zone) for days in STEPS]


def _zone_of(row: OptOut) -> str:
    """The time zone of the location of the member who reads it, or else of the organization's first location."""
    member = select(Location.time_zone).join(User, User.location_id == Location.id).join(
        Conversation, Conversation.user_id == User.id).where(
        Conversation.organization_id == row.organization_id, Conversation.theirs == row.theirs)
    first = select(Location.time_zone).where(Location.organization_id == row.organization_id)
    return (db.session.scalar(member.order_by(Conversation.last_id.desc()).limit(1))
            or db.session.scalar(first.order_by(Location.id).limit(1)) or "UTC")


def _take_step(row: OptOut, step: int, moment: datetime) -> None:
    if step == LISTED_AT_LAST:
        row.state = OptOutState.OUT
        refuse_waiting_texts(row.organization_id, row.theirs, STOPPING_RULES[row.state], moment)
        note_in_conversations(row.organization_id, row.theirs, OUT_AT_LAST, moment)
        audit.record_event(None, "opt-out-listed", db.session.get_one(Organization, row.organization_id),
                           number=row.theirs)
        return
    note_in_conversations(row.organization_id, row.theirs, REMINDING[step], moment)
    db.session.execute(update(Conversation).where(
        Conversation.organization_id == row.organization_id, Conversation.theirs == row.theirs,
        Conversation.blocked.is_(False)).values(unread=Conversation.unread + 1)
        .execution_options(synchronize_session=False))
