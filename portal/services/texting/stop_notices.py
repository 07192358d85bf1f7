"""The automatic text that tells a person once in 30 days that texts to them have stopped without the word STOP.

It leaves through the outbox as every automatic answer does: within five minutes, or not at all, and not from a number
that may not send.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from portal.extensions import db
from portal.models import Direction, Message, Number, OptOut, TextState
from portal.rules import BY_ID, Act, Facts, decide, facts, numbers
from portal.rules.keywords import Language
from portal.rules.numbers import NumberKind

from ..carriers import desk
from .answer_table import AnswerKind
from .answers import answer_of_number
from .lines import ensure_conversation, store_line

# A later answer would confuse more than it helps.
ANSWER_WITHIN = timedelta(minutes=BY_ID["answer-not-possible"].limits["minutes"])
TEXTABLE_KINDS = (NumberKind.PLAIN, NumberKind.TERRITORY)


def tell_texts_stopped(row: OptOut, theirs: str, number: Number | None, kind: AnswerKind, language: Language,
                       moment: datetime) -> bool:
    """Queue the text that tells `theirs` that texts have stopped, in the open write transaction.

    `row` is their opt-out, which may hold only a hash of the number; `number` is ours that they know, None if there is
    none. False if they were told within 30 days, or no text can go to them from it.
    """
    ago = int((moment - row.told_at).total_seconds()) if row.told_at else None
    if number is None or number.user_id is None or numbers.read_sender(theirs).kind not in TEXTABLE_KINDS:
        return False
    asked = Facts(answer=facts.Answer(stop_told_ago=ago), carrier=desk.carrier_facts(desk.route_of_number(number)))
    if not decide(Act.ANSWER, asked).allowed:
        return False
    queue_automatic_text(number, number.user_id, theirs, answer_of_number(number, kind, language), moment)
    row.told_at = moment
    return True


def queue_automatic_text(number: Number, holder: int, theirs: str, body: str, moment: datetime) -> None:
    """Store an automatic text in the conversation of our number's holder, in the open write transaction.

    `holder` is the id of the user who has the number. The text leaves within five minutes, or not at all.
    """
    conversation_id, _ref = ensure_conversation(number.organization_id, holder, number.id, theirs)
    store_line(organization_id=number.organization_id, conversation_id=conversation_id, user_id=holder,
               number_id=number.id, theirs=theirs, direction=Direction.OUT, state=TextState.QUEUED, body=body,
               at=moment, automatic=True, due_at=moment, deadline=moment + ANSWER_WITHIN)


def find_number_they_know(organization_id: int, theirs: str, named: Number | None = None) -> Number | None:
    """The organization's number from which `theirs` got texts, one that a user has now: `named` if it is such a one,
    else the latest; `named` without any.
    """
    got = select(Number).join(Message, Message.number_id == Number.id).where(
        Message.organization_id == organization_id, Message.theirs == theirs, Message.direction == Direction.OUT,
        Number.organization_id == organization_id, Number.user_id.is_not(None)).group_by(Number.id)
    best = got.order_by((Number.id == (named.id if named else None)).desc(), func.max(Message.at).desc())
    return db.session.scalars(best).first() or named
