"""Opt-outs: one row per organization and outside number. A STOP to one user counts for the whole organization."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, false, select, update

from portal import extensions, lengths
from portal.extensions import db, now, writing
from portal.marks import N_
from portal.models import (
    CarrierBlock,
    Conversation,
    Direction,
    KeptDraft,
    Message,
    OptOut,
    OptOutDecision,
    OptOutSource,
    OptOutState,
    Organization,
    TextState,
    UnreadAnswer,
    User,
    WebAsk,
)
from portal.rules import numbers
from portal.rules.keywords import HeardRequest, Meaning
from portal.rules.numbers import NumberKind

from .. import audit
from ..key_lists import is_among
from ..records import holds
from ..refusals import Clash
from . import consents, erased_numbers
from .brand_days import give_back_segments
from .lines import store_line
from .optout_decisions import was_denied_lately

MOST_AHEAD_OF_CLOCK = timedelta(days=1)
OPTOUTS_PER_PAGE = 50
# What the list shows, and what waits for a decision.
LISTED, UNDECIDED = (OptOutState.OUT,), (OptOutState.LIKELY_OUT,)
WITHDRAWABLE = (OptOutSource.MANUAL, OptOutSource.WEB, OptOutSource.WORDING)
# Of these, the portal has written down the time itself.
OF_OUR_CLOCK = (OptOutSource.MANUAL, OptOutSource.WEB)
# Keys of notes in conversations, besides the values of `OptOutState`; `wording.texts` has their sentences.
ADDED, WITHDRAWN, OUT_AGAIN, IMPORTED = "added", "withdrawn", "out-again", "imported"
HELD = N_("A hold keeps the texts with this number, so its erasure waits. Reason: %(reason)s Review: %(day)s. Ask again"
          " once an administrator of the organization has ended the hold.")


# The state and source that a keyword sets. HELP sets nothing.
MEANS = {
    Meaning.STOP: (OptOutState.OUT, OptOutSource.STOP),
    Meaning.START: (OptOutState.IN_AGAIN, OptOutSource.STOP),
    Meaning.LIKELY_STOP: (OptOutState.LIKELY_OUT, OptOutSource.WORDING),
}
# The rule that refuses the waiting texts.
STOPPING_RULES = {OptOutState.OUT: "opted-out", OptOutState.LIKELY_OUT: "maybe-opted-out"}


def hear_optout(organization_id: int, theirs: str, heard: HeardRequest, said: str, moment: datetime,
                at: datetime | None = None) -> OptOut | None:
    """Apply a keyword of an outside number, in the open write transaction; the changed row, or None.

    `at` is the carrier's time of the text. STOP counts at once and stops waiting texts, even if it comes late. START
    lifts an opt-out unless that is newer than `at`. A likely STOP waits for a decision, unless the number has opted out
    already, or somebody said No to an earlier one a short while ago: then it counts at once. HELP changes nothing.
    """
    row = optout_of_number(organization_id, theirs)
    carrier_at = _believable(at, moment)
    if not _matters(row, heard.meaning, carrier_at):
        return None
    state, source = _state_meant(row, heard.meaning, moment)
    repeated = row is not None and (row.state, row.source) == (state, source)
    row = row or _new(organization_id, theirs)
    if not (repeated and state is OptOutState.LIKELY_OUT):
        _note_words(row, state, source, _words_to_keep(heard, source, said), moment)
    row.language = heard.language.value
    db.session.flush()
    if state in STOPPING_RULES:
        row.carrier_at = _latest(row.carrier_at, carrier_at)
        refuse_waiting_texts(organization_id, theirs, STOPPING_RULES[state], moment)
    return None if repeated else row


def _state_meant(row: OptOut | None, meaning: Meaning, moment: datetime) -> tuple[OptOutState, OptOutSource]:
    """The state and source that words set. A likely STOP counts at once where somebody said No to one lately."""
    state, source = MEANS[meaning]
    if state is OptOutState.LIKELY_OUT and row is not None and was_denied_lately(row, moment):
        return OptOutState.OUT, source
    return state, source


def _words_to_keep(heard: HeardRequest, source: OptOutSource, said: str) -> str:
    """What a person may have to decide about, in full; of a STOP or START the word itself says enough."""
    return said if source is OptOutSource.WORDING else heard.word


def _note_words(row: OptOut, state: OptOutState, source: OptOutSource, said: str, moment: datetime) -> None:
    """Store what was said, and when. The wait for a decision begins with the first likely words."""
    row.state, row.source, row.said_at, row.note = state, source, moment, ""
    row.said = "" if erased_numbers.is_erased_number(row.theirs) else said[:lengths.OPT_OUT_WORDS]
    row.step, row.due_at = 0, moment


def note_key_of_change(row: OptOut) -> str:
    """The key of the note in conversations about words that have just changed an opt-out."""
    again = row.state is OptOutState.OUT and row.source is OptOutSource.WORDING
    return OUT_AGAIN if again else row.state.value


def _believable(at: datetime | None, moment: datetime) -> datetime | None:
    """The carrier's time; None if its clock is a day ahead, because START could never lift such a STOP."""
    return at if at and at <= moment + MOST_AHEAD_OF_CLOCK else None


def _is_newer(row: OptOut, at: datetime | None) -> bool:
    """Whether the opt-out is newer than a START that comes late. False if the carrier gave no times."""
    # An opt-out by phone or on the web has the portal's own time.
    opted_out_at = row.said_at if row.source in OF_OUR_CLOCK else row.carrier_at
    return at is not None and opted_out_at is not None and at < opted_out_at


def _latest(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at), default=None)


def _matters(row: OptOut | None, meaning: Meaning, at: datetime | None) -> bool:
    """Whether a keyword changes anything: START only if newer than the opt-out, a likely STOP only before a STOP."""
    if meaning is Meaning.START:
        return row is not None and not _is_newer(row, at)
    return meaning is Meaning.STOP or (
        meaning is Meaning.LIKELY_STOP and (row is None or row.state is not OptOutState.OUT))


def _new(organization_id: int, theirs: str) -> OptOut:
    row = OptOut(organization_id=organization_id, theirs=theirs, state=OptOutState.OUT, source=OptOutSource.STOP)
    db.session.add(row)
    return row


def refuse_waiting_texts(organization_id: int, theirs: str, rule: str, moment: datetime) -> int:
    """Refuse every waiting text of the organization to this number, for this rule id; returns how many.

    An opt-out ends every consent and every open request on the web as well; one that is only likely does not.
    """
    if rule == STOPPING_RULES[OptOutState.OUT]:
        end_by_optout(organization_id, [theirs], moment)
    # A worker that claims one of them meanwhile has it, and decides about it anew.
    waiting = db.session.scalars(select(Message.id).where(
        Message.organization_id == organization_id, Message.theirs == theirs, Message.state == TextState.QUEUED,
        Message.automatic.is_(False), Message.direction == Direction.OUT,
    ).order_by(Message.id).with_for_update(key_share=True)).all()
    if waiting:
        give_back_segments(waiting)
        db.session.execute(update(Message).where(Message.id.in_(waiting)).values(
            state=TextState.REFUSED, why=[rule], changed_at=moment).execution_options(synchronize_session=False))
    return len(waiting)


def end_by_optout(organization_id: int, theirs: Collection[str], moment: datetime) -> None:
    """End the consents of numbers that have opted out, in the open write transaction; nobody decides any more about
    their requests on the web.
    """
    consents.end_consents_of_numbers(organization_id, theirs, moment)
    db.session.execute(update(WebAsk).where(
        WebAsk.organization_id == organization_id, is_among(WebAsk.theirs, theirs), WebAsk.waits).values(waits=False)
        .execution_options(synchronize_session=False))


def record_optout(actor: User, organization: Organization, theirs: str, note: str) -> OptOut:
    """Record an opt-out that a person asked for by phone, by mail or on paper; `note` says how.

    Raises Clash if the number has opted out already.
    """
    with writing():
        row = optout_of_number(organization.id, theirs)
        if row is not None and row.state is OptOutState.OUT:
            raise Clash("number", N_("This number has opted out already."))
        row = row or _new(organization.id, theirs)
        row.state, row.source, row.said_at, row.note, row.said = OptOutState.OUT, OptOutSource.MANUAL, now(), note, ""
        db.session.flush()
        refuse_waiting_texts(organization.id, theirs, "opted-out", row.said_at)
        note_in_conversations(organization.id, theirs, ADDED, row.said_at)
        audit.record_event(actor, "opt-out-added", organization, number=theirs, reason=note)
    return row


def record_typed_optout(actor: User, organization: Organization, typed: str, note: str) -> OptOut:
    """Record an opt-out of a number as an admin typed it. Also raises Clash if the number cannot be read."""
    reading = numbers.read_number(typed)
    if reading.kind is NumberKind.UNREADABLE:
        raise Clash("number", N_("This is not a phone number. %(problem)s"), problem=reading.problem)
    if not reading.e164:
        raise Clash("number", N_("Short codes and service numbers are never texted, so they cannot opt out."))
    return record_optout(actor, organization, reading.e164, note)


def find_optout(organization_id: int | None, ref: str) -> OptOut:
    """An opt-out of one organization; 404 for everybody else's."""
    found: OptOut = db.one_or_404(select(OptOut).where(OptOut.organization_id == organization_id, OptOut.ref == ref))
    return found


def can_withdraw_optout(row: OptOut) -> bool:
    """Whether an admin may withdraw this opt-out: no STOP, in force, number not erased."""
    by_hand = row.source in WITHDRAWABLE and row.state is OptOutState.OUT
    return by_hand and not erased_numbers.is_erased_number(row.theirs)


def withdraw_recorded_optout(actor: User, organization: Organization, row: OptOut, reason: str) -> None:
    """Withdraw an opt-out by hand, on the web or by wording. Raises Clash for a STOP: only its sender can undo it.

    It is a No to what the person wanted: when they ask again within 90 days, in whichever words, that counts at once.
    """
    with writing() as session:
        if not can_withdraw_optout(row):
            raise Clash("", N_("Only the person can undo this. Ask them by phone to text START to your number."))
        row.state, row.note = OptOutState.IN_AGAIN, reason
        session.add(OptOutDecision(organization_id=organization.id, opt_out_id=row.id, user_id=actor.id, meant=False,
                                   at=now()))
        note_in_conversations(organization.id, row.theirs, WITHDRAWN, now())
        audit.record_event(actor, "opt-out-withdrawn", organization, number=row.theirs, reason=reason)


_OPTOUT_OF_NUMBER = select(OptOut).where(OptOut.organization_id == bindparam("organization_id"),
                                         OptOut.theirs.in_(bindparam("forms", expanding=True)))


def optout_of_number(organization_id: int, theirs: str) -> OptOut | None:
    """The opt-out row of a number in an organization, also one that is not in force; None if there is none."""
    forms = erased_numbers.stored_forms_of_number(organization_id, theirs)
    return db.session.scalar(_OPTOUT_OF_NUMBER, {"organization_id": organization_id, "forms": list(forms)})


def erase_optout_number(organization: Organization, typed: str) -> None:
    """Replace the number of an opt-out by a keyed hash. The opt-out stays in force; the number is in no file any more.

    An operator runs it on the command line when a person asks for it. A likely opt-out becomes an opt-out. Raises
    Clash if the number cannot be read or has no opt-out here, or if a hold keeps its texts: the sentence says why.
    """
    theirs, mine = numbers.read_number(typed).e164 or typed, organization.id
    with writing():
        row = optout_of_number(mine, theirs)
        if (hold := holds.find_hold_of_number(mine, theirs)) is not None:
            raise Clash("number", HELD, day=f"{hold.review_at:%Y-%m-%d}", reason=hold.reason)
        if row is None or erased_numbers.is_erased_number(row.theirs):
            raise Clash("number", N_("This number is not among the opt-outs of this organization."))
        if row.state is OptOutState.LIKELY_OUT:
            row.state = OptOutState.OUT
            refuse_waiting_texts(mine, theirs, "opted-out", now())
        row.theirs, row.said, row.note = erased_numbers.hash_erased_number(mine, theirs), "", ""
        consents.erase_consents_of_number(mine, theirs)
        for kind in (WebAsk, UnreadAnswer, CarrierBlock, KeptDraft):
            db.session.execute(delete(kind).where(kind.organization_id == mine, kind.theirs == theirs))
        audit.record_event(None, "opt-out-erased", organization)
    extensions.checkpoint_database()


def list_optout_rows(organization_id: int | None, states: Sequence[OptOutState], before: int | None = None,
                     digits: str = "") -> Sequence[OptOut]:
    """Opt-outs of an organization, newest first: at most one page, and one row more if there is a next page."""
    found = select(OptOut).where(OptOut.organization_id == organization_id, OptOut.state.in_(states))
    if len(digits) > lengths.TYPED_NUMBER:
        found = found.where(false())
    elif digits:
        erased = OptOut.theirs.startswith(erased_numbers.PREFIX)
        found = found.where(OptOut.theirs.contains(digits, autoescape=True), ~erased)
    if before is not None:
        found = found.where(OptOut.id < before)
    return db.session.scalars(found.order_by(OptOut.id.desc()).limit(OPTOUTS_PER_PAGE + 1)).all()


def conversations_with_number(organization_id: int, theirs: str, most: int = 20) -> Sequence[Conversation]:
    """The organization's conversations with a number, the latest first, at most `most`."""
    found = select(Conversation).where(Conversation.organization_id == organization_id, Conversation.theirs == theirs)
    return db.session.scalars(found.order_by(Conversation.last_id.desc()).limit(most)).all()


def note_in_conversations(organization_id: int, theirs: str, what: str, moment: datetime) -> None:
    """Add a note to every conversation with this number, in the open write transaction; `what` is the note's key."""
    for one in conversations_with_number(organization_id, theirs):
        store_line(organization_id=organization_id, conversation_id=one.id, user_id=one.user_id,
                   number_id=one.number_id,
                   theirs=theirs, direction=Direction.NOTE, state=TextState.RECEIVED, body=what, at=moment)
