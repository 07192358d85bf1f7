"""What comes in: taken once, keywords first, then shown to whom it is for.

The carrier gets its 2xx only after the commit; whatever goes wrong before is its reason to try again.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from portal.carriers.base import CarrierReceipt, ForgedWebhook, IncomingText, Webhook
from portal.extensions import current_carrier, db, now, wake, writing
from portal.models import (
    Arrival,
    ArrivalOutcome,
    Consent,
    Conversation,
    Direction,
    Message,
    Number,
    OptOut,
    OptOutSource,
    Organization,
    TextState,
    User,
)
from portal.rules import BY_ID, Act, Decision, Facts, decide, facts, keywords, numbers, quoting
from portal.rules.folding import fold_text
from portal.rules.keywords import HeardRequest, Meaning
from portal.rules.numbers import NumberKind

from ..people import number_claims
from ..toggles.eligibility import OrganizationSnapshot, profile_of_user
from . import optouts, receipts
from .answers import answer_text, is_automatic_answer
from .lines import ensure_conversation, store_line
from .send_facts import carrier_facts

log = logging.getLogger("portal.receiving")

HELP_AGAIN = timedelta(hours=1)
# A later answer would confuse more than it helps.
ANSWER_WITHIN = timedelta(minutes=BY_ID["answer-not-possible"].limits["minutes"])
STOP_MEANINGS = (Meaning.STOP, Meaning.LIKELY_STOP)
# So many of the latest texts to a number are compared with one that is repeated.
REPEATED = 200
# A telephone that cuts a text without dots leaves more of it than this.
LONG_ENOUGH = 20


def process_webhook(webhook: Webhook) -> None:
    """Take what a carrier's webhook says: receipts and texts, each in its own commit.

    Raises Forged before anything is parsed, and whatever the database raises; then nothing is lost,
    because the carrier is not told that it was taken.
    """
    carrier = current_carrier()
    told = carrier.read(webhook)
    receipts.take_receipts(carrier.name, [one for one in told if isinstance(one, CarrierReceipt)])
    for one in told:
        if isinstance(one, IncomingText):
            receive_text(carrier.name, one)


def answer_webhook(headers: Mapping[str, str], body: bytes) -> int:
    """The status that a carrier's webhook is answered with: 204 after the commit, 401 forged, 503 try again."""
    try:
        process_webhook(Webhook({name.lower(): value for name, value in headers.items()}, body, now()))
    except ForgedWebhook:
        log.warning("webhook_forged")
        return 401
    except (SQLAlchemyError, ValueError, RecursionError):
        # Signed and not readable, or not stored: the carrier keeps it and tries again, so nothing is lost.
        db.session.rollback()
        log.exception("webhook_not_taken")
        return 503
    return 204


def receive_text(carrier: str, text: IncomingText) -> None:
    """Take one text that came in; the same carrier id again changes nothing."""
    try:
        with writing():
            _receive(carrier, text, now())
    except IntegrityError:
        # Somebody else has taken the same id between our look and our commit.
        if not _known(carrier, text.id):
            raise
    wake()


_HELD = select(Number.id).where(Number.e164 == bindparam("e164"), Number.user_id.is_not(None))


def is_our_number(e164: str) -> bool:
    """Whether somebody here has this number. Leaves no transaction open: carriers ask it while they send."""
    with current_app.app_context():
        held = db.session.scalar(_HELD, {"e164": e164}) is not None
        db.session.rollback()
    return held


def _known(carrier: str, carrier_id: str) -> bool:
    found = select(Arrival.id).where(Arrival.carrier == carrier, Arrival.carrier_id == carrier_id)
    return db.session.scalar(found) is not None


def _receive(carrier: str, text: IncomingText, moment: datetime) -> None:
    """One text in the open write transaction: keywords, then whoever it is for, then the answer."""
    if _known(carrier, text.id):
        return
    number = db.session.scalars(select(Number).where(Number.e164 == text.recipient)).first()
    sender = numbers.read_sender(text.sender)
    theirs = sender.e164 or text.sender
    word = _understood(number, theirs, text.body)
    change = _hear(number, text, theirs, word, moment) if word else None
    decision = decide(Act.RECEIVE, Facts(inbound=facts.Inbound(sender, text.attachments, _wanted(number))))
    outcome = _show(number, theirs, text.body, decision, moment)
    _remember(carrier, text.id, number, outcome, moment)
    if number and word:
        _answer(number, theirs, word, change, text, moment)


def _understood(number: Number | None, theirs: str, body: str) -> HeardRequest | None:
    """What the person's own words ask for: neither an automatic answer nor a text of ours that is only repeated.

    An automatic answer comes in where both numbers are of this portal, or of another one.
    """
    word = None if is_automatic_answer(body) else keywords.hear_request(body)
    quote = quoting.find_quote(body) if word and number else None
    if quote is None or number is None or quoting.is_edit(quote):
        return word
    return keywords.hear_request(quote.own) if _sent(number.organization_id, theirs, quote) else word


def _sent(organization_id: int, theirs: str, quote: quoting.Quote) -> bool:
    """Whether the organization sent this number a text that is what it repeats, or begins so where that was cut."""
    repeated = fold_text(quote.text)
    bodies = db.session.scalars(select(Message.body).where(
        Message.organization_id == organization_id, Message.theirs == theirs, Message.direction == Direction.OUT,
    ).order_by(Message.at.desc()).limit(REPEATED))
    whole = not quote.cut and len(repeated) < LONG_ENOUGH
    return any(said == repeated if whole else said.startswith(repeated) for said in map(fold_text, bodies))


def _hear(number: Number | None, text: IncomingText, theirs: str, word: HeardRequest,
          moment: datetime) -> OptOut | None:
    """Take a word for whoever has the number; the row that it changed. Nobody has it: for everybody who claims it.

    Of those it keeps only what stops texts: START waits until it is known whose the number is.
    """
    if number is not None:
        return optouts.hear_optout(number.organization_id, theirs, word, text.body, moment, text.at)
    for organization_id in number_claims.list_claimant_ids(text.recipient) if word.meaning in STOP_MEANINGS else ():
        change = optouts.hear_optout(organization_id, theirs, word, text.body, moment, text.at)
        if change is not None:
            optouts.note_in_conversations(organization_id, theirs, change.consent.value, moment)
    return None


def _remember(carrier: str, carrier_id: str, number: Number | None, outcome: ArrivalOutcome, moment: datetime) -> None:
    """The carrier's id, so that the same text is taken once, and what happened to it, without its words."""
    db.session.execute(insert(Arrival).values(
        carrier=carrier, carrier_id=carrier_id, at=moment, outcome=outcome,
        organization_id=number.organization_id if number else None, number_id=number.id if number else None))


def _wanted(number: Number | None) -> bool:
    """Whether there is a user with texting behind a number."""
    if number is None or number.user_id is None:
        return False
    user = db.session.get_one(User, number.user_id)
    roll = OrganizationSnapshot.read(number.organization_id)
    return roll.standing(profile_of_user(user), user.id).use.allowed


def _show(number: Number | None, theirs: str, body: str, decision: Decision, moment: datetime) -> ArrivalOutcome:
    """Put the words into the conversation of whoever has the number, unless a rule or a person refuses them."""
    blocking = {reason.id for reason in decision.blocking}
    if blocking or number is None or number.user_id is None:
        return ArrivalOutcome.ABROAD if "inbound-international" in blocking else ArrivalOutcome.UNAVAILABLE
    conversation_id, _ref = ensure_conversation(number.organization_id, number.user_id, number.id, theirs)
    if db.session.scalar(select(Conversation.blocked).where(Conversation.id == conversation_id)):
        return ArrivalOutcome.BLOCKED
    store_line(organization_id=number.organization_id, conversation_id=conversation_id, user_id=number.user_id,
               number_id=number.id, theirs=theirs, direction=Direction.IN, state=TextState.RECEIVED, body=body,
               at=moment,
               why=[reason.id for reason in decision.warnings])
    return ArrivalOutcome.SHOWN


def _answer(number: Number, theirs: str, heard: HeardRequest, change: OptOut | None, text: IncomingText,
            moment: datetime) -> None:
    """Note what was understood in every conversation with the number, and answer by itself where that may be."""
    organization = db.session.get_one(Organization, number.organization_id)
    if change is not None:
        optouts.note_in_conversations(organization.id, theirs, change.consent.value, moment)
    body = answer_text(organization, heard)
    if not body or (heard.meaning is not Meaning.HELP and change is None):
        return
    asked = facts.Answer(
        age=int((moment - text.at).total_seconds()) if text.at else 0,
        help_lately=_helped(organization, theirs, heard, moment))
    may = decide(Act.ANSWER, Facts(answer=asked, carrier=carrier_facts()))
    holder = number.user_id
    if not may.allowed or holder is None or numbers.read_sender(theirs).kind not in (NumberKind.PLAIN,
                                                                                     NumberKind.TERRITORY):
        return
    conversation_id, _ref = ensure_conversation(organization.id, holder, number.id, theirs)
    store_line(organization_id=organization.id, conversation_id=conversation_id, user_id=holder, number_id=number.id,
               theirs=theirs, direction=Direction.OUT, state=TextState.QUEUED, body=body, at=moment, automatic=True,
               due_at=moment, deadline=moment + ANSWER_WITHIN)


def _helped(organization: Organization, theirs: str, heard: HeardRequest, moment: datetime) -> bool:
    """Whether HELP was answered to this number within the hour; marks that it is now."""
    if heard.meaning is not Meaning.HELP:
        return False
    row = optouts.optout_of_number(organization.id, theirs) or OptOut(
        organization_id=organization.id, theirs=theirs, consent=Consent.IN_AGAIN, source=OptOutSource.STOP)
    # An answer that lies ahead was given before the clock was set back.
    lately = row.helped_at is not None and timedelta() <= moment - row.helped_at < HELP_AGAIN
    if not lately:
        row.helped_at = moment
        db.session.add(row)
        db.session.flush()
    return lately


UNSEEN_PERIOD = timedelta(days=30)
# Texts that came in and that nobody got to see.
UNSEEN = (ArrivalOutcome.UNAVAILABLE, ArrivalOutcome.BLOCKED)


def count_unseen_texts(organization: Organization) -> Mapping[ArrivalOutcome, int]:
    """Texts of the last 30 days that came in and were not shown to anybody, by why; zeros included."""
    found = select(Arrival.outcome, func.count()).where(
        Arrival.organization_id == organization.id, Arrival.outcome.in_(UNSEEN), Arrival.at > now() - UNSEEN_PERIOD)
    counted = {row.outcome: row[1] for row in db.session.execute(found.group_by(Arrival.outcome))}
    return {outcome: counted.get(outcome, 0) for outcome in UNSEEN}
