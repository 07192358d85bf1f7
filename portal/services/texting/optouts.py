"""Opt-outs: one row for each organization and outside number, whoever of us it was said to."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, false, select, update

from portal import extensions
from portal.extensions import db, now, writing
from portal.marks import N_
from portal.models import (
    Consent,
    Conversation,
    Direction,
    Message,
    OptOut,
    OptOutSource,
    Organization,
    TextState,
    User,
    WebAsk,
)
from portal.rules import lengths, numbers
from portal.rules.keywords import HeardRequest, Meaning
from portal.rules.numbers import NumberKind

from .. import audit
from ..refusals import Clash
from . import erased_numbers
from .brand_days import give_back_segments
from .lines import store_line

UNDECIDED_FOR = timedelta(days=2)
MOST_AHEAD_OF_CLOCK = timedelta(days=1)
OPTOUTS_PER_PAGE = 50
# What the list shows, and what waits for a decision.
LISTED, UNDECIDED = (Consent.OUT,), (Consent.LIKELY_OUT,)
WITHDRAWABLE = (OptOutSource.MANUAL, OptOutSource.WEB)
# What a note in a conversation says besides the words of `Consent`; `wording.texts` has the sentences.
ADDED, WITHDRAWN, DECIDED_OUT, OVERDUE = "added", "withdrawn", "decided-out", "overdue"


# What an inbound word makes of a number, and how that came about. HELP makes nothing.
MEANS = {
    Meaning.STOP: (Consent.OUT, OptOutSource.STOP),
    Meaning.START: (Consent.IN_AGAIN, OptOutSource.STOP),
    Meaning.LIKELY_STOP: (Consent.LIKELY_OUT, OptOutSource.WORDING),
}
# Which rule stops the texts that wait.
STOPPING_RULES = {Consent.OUT: "opted-out", Consent.LIKELY_OUT: "maybe-opted-out"}
# What stands in the conversations after a request on the web.
BY_WEB = {Consent.OUT: "web-out", Consent.LIKELY_OUT: "web-likely"}


def hear_optout(organization_id: int, theirs: str, heard: HeardRequest, said: str, moment: datetime,
                at: datetime | None = None) -> OptOut | None:
    """Take what an outside number said into the open write transaction; the row, or None when nothing changed.

    STOP counts at once and stops waiting texts, however late it comes; START lifts everything that is not newer than
    `at`, the carrier's own time; likely words wait for a person unless the number is out already. HELP changes nothing.
    """
    row = optout_of_number(organization_id, theirs)
    told = _believable(at, moment)
    if not _matters(row, heard.meaning, told):
        return None
    consent, source = MEANS[heard.meaning]
    repeated = row is not None and (row.consent, row.source) == (consent, source)
    row = row or _new(organization_id, theirs)
    row.consent, row.source, row.said_at, row.note = consent, source, moment, ""
    row.said = "" if erased_numbers.is_erased_number(row.theirs) else said[:320]
    row.language = heard.language.value
    db.session.flush()
    if consent in STOPPING_RULES:
        row.carrier_at = _latest(row.carrier_at, told)
        refuse_waiting_texts(organization_id, theirs, STOPPING_RULES[consent], moment)
    return None if repeated else row


def _believable(at: datetime | None, moment: datetime) -> datetime | None:
    """The carrier's time, unless its clock is a day ahead: such a STOP could never be taken back by START."""
    return at if at and at <= moment + MOST_AHEAD_OF_CLOCK else None


def _is_newer(row: OptOut, at: datetime | None) -> bool:
    """Whether somebody opted out after a START that comes late; without the carrier's times nobody knows."""
    # What was said on the phone or on the web has the portal's own time.
    said = row.said_at if row.source in WITHDRAWABLE else row.carrier_at
    return at is not None and said is not None and at < said


def _latest(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at), default=None)


def _matters(row: OptOut | None, meaning: Meaning, at: datetime | None) -> bool:
    """Whether a word changes anything: START only after what was said, likely words only before a STOP."""
    if meaning is Meaning.START:
        return row is not None and not _is_newer(row, at)
    return meaning is Meaning.STOP or (
        meaning is Meaning.LIKELY_STOP and (row is None or row.consent is not Consent.OUT))


def _new(organization_id: int, theirs: str) -> OptOut:
    row = OptOut(organization_id=organization_id, theirs=theirs, consent=Consent.OUT, source=OptOutSource.STOP)
    db.session.add(row)
    return row


def refuse_waiting_texts(organization_id: int, theirs: str, rule: str, moment: datetime) -> int:
    """Refuse every text of the organization that still waits for a number; returns how many."""
    waiting = db.session.scalars(select(Message.id).where(
        Message.organization_id == organization_id, Message.theirs == theirs, Message.state == TextState.QUEUED,
        Message.automatic.is_(False), Message.direction == Direction.OUT)).all()
    if waiting:
        give_back_segments(waiting)
        db.session.execute(update(Message).where(Message.id.in_(waiting)).values(
            state=TextState.REFUSED, why=[rule], changed_at=moment).execution_options(synchronize_session=False))
    return len(waiting)


def record_optout(actor: User, organization: Organization, theirs: str, note: str) -> OptOut:
    """Write down an opt-out that was said on the phone, by mail or on paper; `note` says how.

    Raises Clash when the number is out already.
    """
    with writing():
        row = optout_of_number(organization.id, theirs)
        if row is not None and row.consent is Consent.OUT:
            raise Clash("number", N_("This number has opted out already."))
        row = row or _new(organization.id, theirs)
        row.consent, row.source, row.said_at, row.note, row.said = Consent.OUT, OptOutSource.MANUAL, now(), note, ""
        db.session.flush()
        refuse_waiting_texts(organization.id, theirs, "opted-out", row.said_at)
        note_in_conversations(organization.id, theirs, ADDED, row.said_at)
        audit.record_event(actor, "opt-out-added", organization, number=theirs, reason=note)
    return row


def record_typed_optout(actor: User, organization: Organization, typed: str, note: str) -> OptOut:
    """The same with a number as somebody typed it. Raises Clash also when it cannot be read."""
    reading = numbers.read_number(typed)
    if reading.kind is NumberKind.UNREADABLE:
        raise Clash("number", N_("This is not a phone number. %(problem)s"), problem=reading.problem)
    if not reading.e164:
        raise Clash("number", N_("Short codes and service numbers are never texted, so they cannot opt out."))
    return record_optout(actor, organization, reading.e164, note)


def take_web_optout(organization_id: int, theirs: str, moment: datetime, *, sure: bool = True) -> bool:
    """Take what somebody asked for on the web, in the open write transaction: at once, and not verified.

    Whoever is out already stays out by what they said before: False. Without `sure` a person decides, and nobody
    texts the number meanwhile.
    """
    row = optout_of_number(organization_id, theirs)
    if row is not None and (row.consent is Consent.OUT or (row.consent is Consent.LIKELY_OUT and not sure)):
        return False
    consent = Consent.OUT if sure else Consent.LIKELY_OUT
    row = row or _new(organization_id, theirs)
    row.consent, row.source, row.said_at, row.note, row.said = consent, OptOutSource.WEB, moment, "", ""
    db.session.flush()
    refuse_waiting_texts(organization_id, theirs, STOPPING_RULES[consent], moment)
    note_in_conversations(organization_id, theirs, BY_WEB[consent], moment)
    audit.record_event(None, "opt-out-web" if sure else "opt-out-web-many",
                       db.session.get_one(Organization, organization_id), number=theirs)
    return True


def find_optout(organization_id: int | None, ref: str) -> OptOut:
    """An opt-out of one organization; 404 for everybody else's."""
    found: OptOut = db.one_or_404(select(OptOut).where(OptOut.organization_id == organization_id, OptOut.ref == ref))
    return found


def can_withdraw_optout(row: OptOut) -> bool:
    """Whether an opt-out was made by hand or on the web, still counts, and says whose it is."""
    return row.source in WITHDRAWABLE and row.consent is Consent.OUT and not erased_numbers.is_erased_number(row.theirs)


def withdraw_recorded_optout(actor: User, organization: Organization, row: OptOut, reason: str) -> None:
    """Take back an entry that was made by hand or on the web; a STOP only its person can take back. Raises Clash."""
    with writing():
        if not can_withdraw_optout(row):
            raise Clash("", N_("Only the person can undo this: ask them by phone to text START to your number."))
        row.consent, row.note = Consent.IN_AGAIN, reason
        note_in_conversations(organization.id, row.theirs, WITHDRAWN, now())
        audit.record_event(actor, "opt-out-withdrawn", organization, number=row.theirs, reason=reason)


def decide_likely_optout(actor: User, organization: Organization, row: OptOut, meant: bool) -> bool:
    """Say whether somebody meant to opt out; False when it was decided meanwhile."""
    with writing():
        if row.consent is not Consent.LIKELY_OUT:
            return False
        row.consent = Consent.OUT if meant else Consent.NOT_MEANT
        if meant:
            refuse_waiting_texts(organization.id, row.theirs, "opted-out", now())
        note_in_conversations(organization.id, row.theirs, DECIDED_OUT if meant else Consent.NOT_MEANT.value, now())
        audit.record_event(actor, "opt-out-decided", organization, number=row.theirs, decided="yes" if meant else "no")
    return True


def decide_overdue_optouts() -> int:
    """Likely opt-outs that nobody decided for two days become opt-outs; returns how many."""
    with writing() as session:
        due = session.scalars(select(OptOut).where(
            OptOut.consent == Consent.LIKELY_OUT, OptOut.said_at < now() - UNDECIDED_FOR).limit(200)).all()
        for row in due:
            row.consent = Consent.OUT
            organization = session.get_one(Organization, row.organization_id)
            refuse_waiting_texts(row.organization_id, row.theirs, "opted-out", now())
            note_in_conversations(row.organization_id, row.theirs, OVERDUE, now())
            audit.record_event(None, "opt-out-overdue", organization, number=row.theirs)
    return len(due)


def optout_of_number(organization_id: int, theirs: str) -> OptOut | None:
    """What a number wants of an organization, if it ever said anything."""
    return db.session.scalars(select(OptOut).where(
        OptOut.organization_id == organization_id,
        OptOut.theirs.in_(erased_numbers.stored_forms_of_number(organization_id, theirs)))).first()


def erase_optout_number(organization: Organization, typed: str) -> None:
    """Keep only a keyed hash of a number that opted out, which goes on; the number is in no file any more.

    For the person's own request, by the command line. Who may have opted out counts as out from now on. Raises
    Clash when the number cannot be read or is not listed.
    """
    theirs, mine = numbers.read_number(typed).e164 or typed, organization.id
    with writing():
        row = optout_of_number(mine, theirs)
        if row is None or erased_numbers.is_erased_number(row.theirs):
            raise Clash("number", N_("This number is not among the opt-outs of this organization."))
        if row.consent is Consent.LIKELY_OUT:
            row.consent = Consent.OUT
            refuse_waiting_texts(mine, theirs, "opted-out", now())
        row.theirs, row.said, row.note = erased_numbers.hash_erased_number(mine, theirs), "", ""
        db.session.execute(delete(WebAsk).where(WebAsk.organization_id == mine, WebAsk.theirs == theirs))
        audit.record_event(None, "opt-out-erased", organization)
    extensions.checkpoint_database()


def list_optout_rows(organization_id: int | None, consents: Sequence[Consent], before: int | None = None,
                     digits: str = "") -> Sequence[OptOut]:
    """Opt-outs of an organization, newest first, at most one page and one row more."""
    found = select(OptOut).where(OptOut.organization_id == organization_id, OptOut.consent.in_(consents))
    if len(digits) > lengths.NUMBER:
        found = found.where(false())
    elif digits:
        erased = OptOut.theirs.startswith(erased_numbers.PREFIX)
        found = found.where(OptOut.theirs.contains(digits, autoescape=True), ~erased)
    if before is not None:
        found = found.where(OptOut.id < before)
    return db.session.scalars(found.order_by(OptOut.id.desc()).limit(OPTOUTS_PER_PAGE + 1)).all()


def conversations_with_number(organization_id: int, theirs: str, most: int = 20) -> Sequence[Conversation]:
    """The organization's conversations with a number, the latest first; they all show what was said."""
    found = select(Conversation).where(Conversation.organization_id == organization_id, Conversation.theirs == theirs)
    return db.session.scalars(found.order_by(Conversation.last_id.desc()).limit(most)).all()


def note_in_conversations(organization_id: int, theirs: str, what: str, moment: datetime) -> None:
    """A line of the portal in every conversation with this number, in the open write transaction."""
    for one in conversations_with_number(organization_id, theirs):
        store_line(organization_id=organization_id, conversation_id=one.id, user_id=one.user_id,
                   number_id=one.number_id,
                   theirs=theirs, direction=Direction.NOTE, state=TextState.RECEIVED, body=what, at=moment)
