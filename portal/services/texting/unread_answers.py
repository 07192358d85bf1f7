"""Answers to texts that nobody reads: to a number without a user, with texting off, or closed for the day.

Such a text is answered once in a while with one honest sentence. Where the text itself is not kept, no conversation
holds the answer either: it waits here, and the worker tries once to hand it over. So do answers to keywords from a
number without a user.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, literal_column, select, update

from portal.carriers.base import Carrier, CarrierError, OutgoingText
from portal.extensions import db, make_ref, writing
from portal.models import AccountState, ArrivalOutcome, Number, OptOutState, Organization, Restriction, UnreadAnswer
from portal.rules import Act, Facts, decide, facts, numbers, texts
from portal.rules.keywords import Language
from portal.rules.numbers import NumberKind
from portal.rules.opening_hours import read_opening_hours

from ..carriers import desk
from ..toggles.eligibility import OrganizationSnapshot
from ..toggles.known_restrictions import is_restriction_in_force
from ..toggles.profiles import UserProfile
from . import hand_over, optouts
from .answer_table import AnswerKind
from .answers import answer_of_number, location_of_number, word_opening_time
from .claims import SendLane
from .recheck import NUMBER_STOPPED

log = logging.getLogger("portal.unread_answers")

# Texts with these outcomes are not kept, so nobody reads them.
NOT_KEPT = (ArrivalOutcome.UNAVAILABLE, ArrivalOutcome.BLOCKED)
OPTED_OUT = (OptOutState.OUT, OptOutState.LIKELY_OUT)
# So few that a carrier which answers slowly does not keep the sender from its other texts for long.
MOST_AT_ONCE = 10


def answer_unread_text(number: Number, theirs: str, outcome: ArrivalOutcome, sent_at: datetime | None,
                       moment: datetime) -> str:
    """Answer a text without a keyword, in the open write transaction, if nobody reads it now and the rules allow it.

    `sent_at` is the carrier's time of the text. Returns the words of an answer that belongs into the conversation,
    where the text is kept; "" for any other. The answer to a text that is not kept waits for the worker.
    """
    closed = _opening_in_words(number, moment) if outcome is ArrivalOutcome.SHOWN else None
    if not closed and outcome not in NOT_KEPT:
        return ""
    row = _latest_answer(number.organization_id, theirs)
    asked = _answer_facts(number, theirs, row, sent_at or moment, moment)
    if not decide(Act.ANSWER, Facts(answer=asked, carrier=desk.carrier_facts(desk.route_of_number(number)))).allowed:
        return ""
    spoken = _language_of_recipient(number.organization_id, theirs)
    if closed:
        _remember_answer(row, number, theirs, "", moment)
        return answer_of_number(number, AnswerKind.CLOSED, spoken, closed)
    _remember_answer(row, number, theirs, answer_of_number(number, AnswerKind.NOBODY_READS, spoken), moment)
    return ""


def queue_keyword_answer(number: Number, theirs: str, body: str, moment: datetime) -> bool:
    """Let the answer to a keyword wait for the worker, in the open write transaction: from a number without a user.

    People who have opted out get it as well. False if our number may not send at all.
    """
    if not _may_send(number, theirs, moment):
        return False
    _remember_answer(_latest_answer(number.organization_id, theirs), number, theirs, body, moment, keyword=True)
    return True


def _remember_answer(row: UnreadAnswer | None, number: Number, theirs: str, body: str, moment: datetime, *,
                     keyword: bool = False) -> None:
    """Store when a number was answered; a `body` waits for the worker."""
    row = row or UnreadAnswer(organization_id=number.organization_id, theirs=theirs)
    row.number_id, row.at, row.ref, row.body, row.keyword = number.id, moment, make_ref(), body, keyword
    db.session.add(row)
    db.session.flush()


def _opening_in_words(number: Number, moment: datetime) -> tuple[str, str, str] | None:
    """When the location of the number's user opens again, in the words of each language; None while it is open."""
    location = location_of_number(number)
    if location is None or not location.opening_hours:
        return None
    zone = ZoneInfo(location.time_zone)
    opens = read_opening_hours(location.opening_hours).opens_after(moment, zone)
    return word_opening_time(opens.astimezone(zone), moment.astimezone(zone)) if opens else None


def _latest_answer(organization_id: int, theirs: str) -> UnreadAnswer | None:
    return db.session.scalars(select(UnreadAnswer).where(
        UnreadAnswer.organization_id == organization_id, UnreadAnswer.theirs == theirs)).first()


def _language_of_recipient(organization_id: int, theirs: str) -> Language:
    """The language of the last keyword of this number, English if it never sent one."""
    row = optouts.optout_of_number(organization_id, theirs)
    return Language(row.language) if row else Language.ENGLISH


def _answer_facts(number: Number, theirs: str, row: UnreadAnswer | None, since: datetime,
                  moment: datetime) -> facts.Answer:
    """What the rules ask about the answer to a text that came at `since` and that nobody reads."""
    organization = db.session.get_one(Organization, number.organization_id)
    stopped = optouts.optout_of_number(number.organization_id, theirs)
    textable = numbers.read_sender(theirs).kind in (NumberKind.PLAIN, NumberKind.TERRITORY)
    return facts.Answer(
        age=int((moment - since).total_seconds()), may_send=_may_send(number, theirs, moment), unread=True,
        wanted=organization.answers_unread_texts and textable and not (stopped and stopped.state in OPTED_OUT),
        told_ago=int((moment - row.at).total_seconds()) if row else None)


def _keyword_facts(number: Number, row: UnreadAnswer, moment: datetime) -> facts.Answer:
    """What the rules ask about the answer to a keyword when it is handed over."""
    return facts.Answer(age=int((moment - row.at).total_seconds()), may_send=_may_send(number, row.theirs, moment))


def _may_send(number: Number, theirs: str, moment: datetime) -> bool:
    """Whether our number may send at all: not blocked by an operator, and registered where that is asked for."""
    snapshot = OrganizationSnapshot.read(number.organization_id)
    profile = UserProfile(None, AccountState.ACTIVE, "", number.kind, number.source, own_setting=None,
                          from_on=number.from_on, until_on=number.until_on)
    known = snapshot.facts_of(profile, number.user_id, number.e164)
    on_number = db.session.scalars(select(Restriction).where(
        Restriction.number_id == number.id, is_restriction_in_force(moment))).all()
    restrictions = (*(known.restrictions or ()), *(facts.RestrictionFacts(
        one.subject, one.restraint, one.cause, one.until, one.per_minute,
        by_reports=one.made_by_id is None) for one in on_number))
    asked = Facts(organization=known.organization, policy=known.policy, recipient=numbers.read_number(theirs),
                  restrictions=tuple(one for one in restrictions if not one.by_reports), number=known.number,
                  text=texts.examine_text(""), now=moment)
    return not {reason.id for reason in decide(Act.SEND, asked).blocking} & set(NUMBER_STOPPED)


# --- handing over --------------------------------------------------------------------------------

# The condition repeats the words of the index: with a parameter instead, SQLite would not use it.
_WAITING = select(UnreadAnswer).where(literal_column("unread_answers.body <> ''")).order_by(
    UnreadAnswer.id).limit(MOST_AT_ONCE)
_WAITING_HERE = _WAITING.where(select(desk.route_of_texts()).where(
    Number.id == UnreadAnswer.number_id, Organization.id == Number.organization_id).scalar_subquery().in_(
        bindparam("refs", expanding=True)))


def hand_over_unread_answers(moment: datetime, lane: SendLane,
                             carrier: Carrier) -> tuple[int, list[hand_over.SendAnswer]]:
    """Hand the waiting answers to their carrier, each once and not later than five minutes.

    They are taken out before the carrier is called: after a crash an answer is missing rather than given twice. Those
    that were not begun wait on. Returns how many do not wait any more, and what the carrier said.
    """
    rows = db.session.scalars(_WAITING if lane.alone else _WAITING_HERE, {"refs": lane.refs}).all()
    refs, ready = [row.ref for row in rows], _texts_to_hand_over(rows, moment, lane.route)
    db.session.rollback()
    if not refs:
        return 0, []
    with writing() as session:
        # Another worker may have taken them since, and a newer answer has a ref of its own.
        taken = set(session.scalars(update(UnreadAnswer).where(
            UnreadAnswer.ref.in_(refs), UnreadAnswer.body != "").values(body="").returning(UnreadAnswer.ref),
            execution_options={"synchronize_session": False}))
    texts_taken = [text for text in ready if text.reference in taken]
    answers = hand_over.send_texts(carrier, texts_taken, lambda: True)
    for text, answer in zip(texts_taken, answers, strict=True):
        _note_answer(text, answer)
    left = [text for text, answer in zip(texts_taken, answers, strict=True) if answer is None]
    _put_back(left)
    return len(refs) - len(left), answers


def _put_back(texts_left: Sequence[OutgoingText]) -> None:
    """Let these wait again; one that a newer answer has replaced has another ref."""
    if texts_left:
        with writing() as session:
            for text in texts_left:
                session.execute(update(UnreadAnswer).where(UnreadAnswer.ref == text.reference).values(
                    body=text.body).execution_options(synchronize_session=False))


def _texts_to_hand_over(rows: Sequence[UnreadAnswer], moment: datetime, route: str) -> list[OutgoingText]:
    """The answers as the carrier gets them, without those that are late or that the rules refuse by now."""
    found = []
    for row in rows:
        number = db.session.get_one(Number, row.number_id)
        asked = _keyword_facts(number, row, moment) if row.keyword else _answer_facts(
            number, row.theirs, None, row.at, moment)
        if decide(Act.ANSWER, Facts(answer=asked, carrier=desk.carrier_facts(route))).allowed:
            found.append(OutgoingText(number.e164, row.theirs, row.body, row.ref))
    return found


def _note_answer(text: OutgoingText, answer: hand_over.SendAnswer) -> None:
    """Log an answer that did not leave; nothing is tried twice."""
    if isinstance(answer, CarrierError):
        log.warning("unread_answer_not_sent", extra={"fields": {"text": text.reference, "code": answer.code}})
    elif isinstance(answer, Exception):
        _log_crash(text, type(answer).__name__)


def _log_crash(text: OutgoingText, name: str) -> None:
    """Tell of an error in our own code by its type alone: its message may quote the number."""
    log.error("unread_answer_crashed", extra={"fields": {"text": text.reference, "error": name}})
