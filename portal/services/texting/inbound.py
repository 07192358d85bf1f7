"""Texts that come in: each is taken once, its keyword is obeyed first, then a member sees it.

The carrier gets its 2xx only after the commit. If anything fails before, the carrier tries again.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, insert, select
from sqlalchemy.exc import IntegrityError

from portal.carriers.base import IncomingText
from portal.extensions import db, now, wake, write_narrowly, writers_overlap, writing
from portal.models import (
    Arrival,
    ArrivalOutcome,
    Conversation,
    Direction,
    Message,
    Number,
    OptOut,
    OptOutSource,
    OptOutState,
    Organization,
    TextState,
    User,
)
from portal.rules import Act, Decision, Facts, decide, facts, keywords, numbers, quoting
from portal.rules.folding import fold_text
from portal.rules.keywords import HeardRequest, Meaning
from portal.rules.numbers import NumberReading
from portal.write_scopes import require_scope

from ..carriers import desk
from ..people import number_claims, number_days
from ..toggles.eligibility import OrganizationSnapshot, profile_of_user
from . import (
    arrived_parts,
    call_tasks,
    carrier_blocks,
    consents,
    optouts,
    stand_ins,
    stop_notices,
    unread_answers,
)
from .answers import answer_text, is_automatic_answer, language_of_number
from .lines import ensure_conversation, store_line
from .stand_ins import NumberReader

HELP_AGAIN = timedelta(hours=1)
STOP_MEANINGS = (Meaning.STOP, Meaning.LIKELY_STOP)
# A text that repeats one of ours is compared with so many of the latest texts to that number.
REPEATED = 200
# A phone that cuts a text without adding dots leaves more characters of it than this.
LONG_ENOUGH = 20


def receive_text(carrier: str, text: IncomingText) -> None:
    """Take one text that came in, or a part of one. A carrier id that was taken before changes nothing."""
    def write() -> None:
        whole = arrived_parts.join_part(carrier, text, now()) if text.part else text
        if whole is not None:
            _receive(carrier, whole, now())

    try:
        write_narrowly(_organization_ahead(text.recipient), write)
    except IntegrityError:
        # Another process has taken the same id between our look and our commit.
        if not _seen_before(carrier, text.id):
            raise
    wake()


def _organization_ahead(recipient: str) -> int | None:
    """The organization that a text to this number is about, as far as one can know before its turn; None for several.

    Nobody need know where one writes after the other.
    """
    if not writers_overlap():
        return None
    number = number_days.find_number_in_use(recipient, now())
    return number.organization_id if number else None


def _number_in_scope(recipient: str, moment: datetime) -> Number | None:
    number = number_days.find_number_in_use(recipient, moment)
    require_scope(number.organization_id if number else None)
    return number


def receive_lone_parts(moment: datetime) -> int:
    """Take texts of which some parts have not come for ten minutes, as far as they are here; returns how many."""
    taken = 0
    while (with_gaps := arrived_parts.find_overdue_text(moment)) is not None:
        with writing():
            carrier, whole = arrived_parts.join_overdue_text(*with_gaps)
            if whole is not None:
                _receive(carrier, whole, moment)
        taken += 1
    return taken


def _seen_before(carrier: str, carrier_id: str) -> bool:
    return arrived_parts.is_arrival_known(carrier, carrier_id)


def _receive(carrier: str, text: IncomingText, moment: datetime) -> None:
    """Take one text in the open write transaction: obey its keyword, show it to the holder, answer.

    Raises OutOfScopeError where the number has gone to another organization than the transaction is about.
    """
    if _seen_before(carrier, text.id):
        return
    number = _number_in_scope(text.recipient, moment)
    sender = numbers.read_sender(text.sender)
    theirs = sender.e164 or text.sender
    word = _understood(number, theirs, text.body)
    to_call = call_tasks.reason_to_call(number, theirs, word, text.body)
    change = _hear(number, text, theirs, word, moment) if word else None
    carrier_blocks.hear_start(number, theirs, word, moment)
    reader = stand_ins.find_reader_of_number(number)
    decision = decide(Act.RECEIVE, Facts(inbound=facts.Inbound(sender, text.attachments, _can_receive(number, reader))))
    outcome = _show(number, reader, theirs, text.body, decision, moment)
    _remember(carrier, text.id, number, outcome, moment)
    call_tasks.ask_for_call(reader, theirs, to_call, outcome, moment)
    _note_consent(number, sender, word, change, moment)
    if number and word:
        _answer(carrier, number, theirs, word, change, text, moment)
    elif number and not is_automatic_answer(text.body):
        _answer_unread(number, theirs, outcome, text, moment)


def _understood(number: Number | None, theirs: str, body: str) -> HeardRequest | None:
    """What the person asks for in their own words. Automatic answers and repetitions of our own texts do not count.

    An automatic answer can come in from another number of this portal, or from another portal.
    """
    word = None if is_automatic_answer(body) else keywords.hear_request(body)
    quote = quoting.find_quote(body) if word and number else None
    if quote is None or number is None or quoting.is_edit(quote):
        return word
    return keywords.hear_request(quote.own) if _is_our_own_text(number.organization_id, theirs, quote) else word


def _is_our_own_text(organization_id: int, theirs: str, quote: quoting.Quote) -> bool:
    """Whether the quote repeats a text that the organization sent to this number, or the beginning of one if cut."""
    repeated = fold_text(quote.text)
    bodies = db.session.scalars(select(Message.body).where(
        Message.organization_id == organization_id, Message.theirs == theirs, Message.direction == Direction.OUT,
    ).order_by(Message.at.desc()).limit(REPEATED))
    whole = not quote.cut and len(repeated) < LONG_ENOUGH
    return any(body == repeated if whole else body.startswith(repeated) for body in map(fold_text, bodies))


def _hear(number: Number | None, text: IncomingText, theirs: str, word: HeardRequest,
          moment: datetime) -> OptOut | None:
    """Apply a keyword to the organization that has the number; returns the opt-out that changed.

    If no organization has the number now, STOP counts for the one that had it last or gets it, else for all that claim
    it, and START for none: it may come from a person who means the next owner.
    """
    if number is not None:
        return optouts.hear_optout(number.organization_id, theirs, word, text.body, moment, text.at)
    for organization_id in (
            number_claims.list_stop_keepers(text.recipient, moment) if word.meaning in STOP_MEANINGS else ()):
        change = optouts.hear_optout(organization_id, theirs, word, text.body, moment, text.at)
        if change is not None:
            optouts.note_in_conversations(organization_id, theirs, optouts.note_key_of_change(change), moment)
    return None


def _note_consent(number: Number | None, sender: NumberReading, word: HeardRequest | None, change: OptOut | None,
                  moment: datetime) -> None:
    """Write down that a person wrote first or opted in again. Nothing counts as consent of a person who opted out."""
    if number is None or sender.kind not in consents.TEXTED or (word and word.meaning in STOP_MEANINGS):
        return
    opted = optouts.optout_of_number(number.organization_id, sender.e164)
    if opted is None or opted.state not in optouts.STOPPING_RULES:
        again = change is not None and change.state is OptOutState.IN_AGAIN
        consents.note_text_of_person(number.organization_id, sender.e164, moment, again=again)


def _remember(carrier: str, carrier_id: str, number: Number | None, outcome: ArrivalOutcome, moment: datetime) -> None:
    """Store the carrier's id, so that the same text is taken once, and the outcome; not the words of the text."""
    db.session.execute(insert(Arrival).values(
        carrier=carrier, carrier_id=carrier_id, at=moment, outcome=outcome,
        organization_id=number.organization_id if number else None, number_id=number.id if number else None))


def _can_receive(number: Number | None, reader: NumberReader | None) -> bool:
    """Whether the number has a user, or the stand-in of one, who may use texting."""
    if number is None or reader is None:
        return False
    user = db.session.get_one(User, reader.user_id)
    snapshot = OrganizationSnapshot.read(number.organization_id)
    return snapshot.standing(profile_of_user(user), user.id).use.allowed


def _show(number: Number | None, reader: NumberReader | None, theirs: str, body: str, decision: Decision,
          moment: datetime) -> ArrivalOutcome:
    """Add the text to the reader's conversation, unless a rule refuses it or the reader blocks the sender."""
    blocking = {reason.id for reason in decision.blocking}
    if blocking or number is None or reader is None:
        return ArrivalOutcome.ABROAD if "inbound-international" in blocking else ArrivalOutcome.UNAVAILABLE
    conversation_id, _ref = ensure_conversation(number.organization_id, *reader, theirs)
    if db.session.scalar(select(Conversation.blocked).where(Conversation.id == conversation_id)):
        return ArrivalOutcome.BLOCKED
    store_line(organization_id=number.organization_id, conversation_id=conversation_id,
               user_id=reader.user_id, number_id=number.id, theirs=theirs, direction=Direction.IN,
               state=TextState.RECEIVED, body=body, at=moment, why=[reason.id for reason in decision.warnings])
    return ArrivalOutcome.SHOWN


def _answer(carrier: str, number: Number, theirs: str, heard: HeardRequest, change: OptOut | None,
            text: IncomingText, moment: datetime) -> None:
    """Note a changed opt-out in every conversation with the number, and queue the automatic answer if rules allow."""
    organization = db.session.get_one(Organization, number.organization_id)
    if change is not None:
        optouts.note_in_conversations(organization.id, theirs, optouts.note_key_of_change(change), moment)
    body = answer_text(organization, heard, language_of_number(number))
    if not body or (heard.meaning is not Meaning.HELP and change is None):
        return
    asked = _answer_facts(organization.id, theirs, heard, text, change, moment)
    if heard.meaning is Meaning.HELP and not asked.help_lately:
        _note_help(organization.id, theirs, heard, moment)
    if decide(Act.ANSWER, Facts(answer=asked, carrier=desk.carrier_facts(carrier))).allowed:
        _note_told(heard, change, moment, queued=_queue_answer(number, theirs, body, moment))


def _note_told(heard: HeardRequest, change: OptOut | None, moment: datetime, *, queued: bool) -> None:
    """Store when the person was told that their words have stopped texts."""
    if queued and change is not None and heard.meaning is Meaning.LIKELY_STOP:
        change.told_at = moment


def _answer_unread(number: Number, theirs: str, outcome: ArrivalOutcome, text: IncomingText, moment: datetime) -> None:
    """Tell the person if nobody reads the text now; in the conversation, where the text itself is kept."""
    body = unread_answers.answer_unread_text(number, theirs, outcome, text.at, moment)
    if body:
        _queue_answer(number, theirs, body, moment)


def _answer_facts(organization_id: int, theirs: str, heard: HeardRequest, text: IncomingText, change: OptOut | None,
                  moment: datetime) -> facts.Answer:
    told_at = change.told_at if change is not None and heard.meaning is Meaning.LIKELY_STOP else None
    return facts.Answer(
        age=int((moment - text.at).total_seconds()) if text.at else 0,
        stop_told_ago=int((moment - told_at).total_seconds()) if told_at else None,
        help_lately=heard.meaning is Meaning.HELP and _was_helped_lately(organization_id, theirs, moment))


def _queue_answer(number: Number, theirs: str, body: str, moment: datetime) -> bool:
    """Queue the automatic answer; False if no text can go to the outside number, or none from ours."""
    if numbers.read_sender(theirs).kind not in stop_notices.TEXTABLE_KINDS:
        return False
    if number.user_id is None:
        return unread_answers.queue_keyword_answer(number, theirs, body, moment)
    stop_notices.queue_automatic_text(number, number.user_id, theirs, body, moment)
    return True


def _was_helped_lately(organization_id: int, theirs: str, moment: datetime) -> bool:
    """Whether this number asked for HELP within the hour before."""
    row = optouts.optout_of_number(organization_id, theirs)
    # A time that lies ahead was stored before the clock was set back.
    return bool(row and row.helped_at and timedelta() <= moment - row.helped_at < HELP_AGAIN)


def _note_help(organization_id: int, theirs: str, heard: HeardRequest, moment: datetime) -> None:
    """Store when this number asked for HELP, in the open write transaction."""
    row = optouts.optout_of_number(organization_id, theirs) or OptOut(
        organization_id=organization_id, theirs=theirs, state=OptOutState.IN_AGAIN, source=OptOutSource.STOP,
        language=heard.language.value)
    row.helped_at = moment
    db.session.add(row)
    db.session.flush()


UNSEEN_PERIOD = timedelta(days=30)
def select_unseen_texts(organization_id: Any, outcome: ArrivalOutcome, since: Any) -> Select[int]:
    """The texts with an outcome that came to an organization after a moment, not asked yet. The first and the last are
    values or parameters."""
    return select(Arrival.id).where(
        Arrival.organization_id == organization_id, Arrival.outcome == outcome, Arrival.at > since)
