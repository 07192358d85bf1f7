"""The demo's conversations: what was written, in every state that a text can be in, and what people really type."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from portal.extensions import db, writing
from portal.models import Arrival, Consent, Conversation, Direction, OptOut, OptOutSource, Outcome, State, User
from portal.rules import encoding, texts
from portal.services.names import key_of
from portal.services.texting import lines

OUT, IN, NOTE = Direction.OUT, Direction.IN, Direction.NOTE
# The demo's texts are all to numbers that nobody has.
REGION = {"416": "CA", "647": "CA", "902": "CA"}
# The states of texts that the carrier has.
TAKEN = (State.HANDED_OVER, State.SENT, State.DELIVERED, State.UNDELIVERED)
MINUTE = timedelta(minutes=1)
HOUR, DAY = 60, 24 * 60


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a conversation, so many minutes ago; `more` holds columns besides."""

    ago: int
    direction: Direction
    body: str
    state: State = State.DELIVERED
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation: with whom, under which name, and its lines."""

    theirs: str
    lines: tuple[Line, ...]
    name: str = ""
    unread: int = 0
    blocked: bool = False


# What comes in is whatever somebody cares to send.
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)> <b hx-get=/admin/ hx-trigger=load>bold</b>"
TURNED = "Pay here: \u202emoc.elpmaxe//:sptth\u202c and not at gro.elpmaxe\u200b.evil"
MANY = "🎉 Thank you! 谢谢 شكرا جزيلا תודה\u0007\n\tSee you soon 👩‍👩‍👧"
LONG = "W" + "oa" * 180 + "h"
ATTACHED = {"why": ["inbound-mms"]}

ULI = (
    Talk("+16475550110", (
        Line(3 * DAY, OUT, "Hello Jane, this is Maple Clinic. Your order of lenses is here; you can pick it up"
                           " weekdays from 9 to 5."),
        Line(3 * DAY - 4, IN, "Great, thanks! Can I come on Saturday?", State.RECEIVED),
        Line(3 * DAY - 9, OUT, "On Saturday we are open from 10 to 1."),
        Line(40, IN, "I'm on my way", State.RECEIVED),
        Line(38, IN, "Is there parking?", State.RECEIVED),
    ), name="Jane Cooper", unread=2),
    Talk("+16475550150", (Line(5 * HOUR, OUT, "Hello, this is Maple Clinic. We could not reach you by phone; call us"
                               " back at this number.", State.UNDELIVERED, {"code": "unreachable"}),)),
    Talk("+14165550151", (Line(6 * HOUR, OUT, "Free parking all week! Tell your friends!", State.FAILED,
                               {"code": "spam"}),)),
    Talk("+14165550152", (Line(7 * HOUR, OUT, "Hello, this is Maple Clinic. Did the documents arrive?", State.SENT),)),
    Talk("+19025550113", (
        Line(2 * DAY, OUT, "Hello, this is Maple Clinic. The street before our door is closed tomorrow; use the side"
                           " entrance.", State.HANDED_OVER),
        Line(8 * HOUR, OUT, "The street is open again.", State.UNKNOWN, {"code": "no-answer"}),
    ), name="Courier desk"),
    Talk("+14165550153", (
        Line(DAY + 60, OUT, "Hello, this is Maple Clinic. Our summer hours begin on Monday."),
        Line(DAY + 57, IN, "STOP", State.RECEIVED),
        Line(DAY + 57, NOTE, "out", State.RECEIVED),
        Line(DAY + 57, OUT, "Maple Clinic: you will get no more texts from us. Text START to this number if you want"
                            " them again.", more={"automatic": True}),
        Line(DAY, OUT, "Just one more thing…", State.REFUSED, {"why": ["opted-out"]}),
    )),
    Talk("+16475550154", (
        Line(9 * HOUR, OUT, "Hello, this is Maple Clinic. Would you tell us how we did? Just answer this text."),
        Line(9 * HOUR - 3, IN, "who is this, leave me alone", State.RECEIVED),
        Line(9 * HOUR - 3, NOTE, "likely-out", State.RECEIVED),
    ), unread=1),
    Talk("+14165550116", (
        Line(10 * HOUR, OUT, "Are you still coming today?", State.EXPIRED, {"code": "not-in-time"}),
        Line(9 * HOUR, OUT, "Never mind", State.CANCELED),
        Line(8 * HOUR, OUT, "We have moved your papers to the front desk.", State.QUARANTINED, {"code": "ValueError"}),
    )),
    Talk("+16475550117", (Line(3, OUT, "See you at three.", State.CLAIMED),)),
    Talk("+14165550118", (
        Line(2 * DAY, OUT, "Hello, this is Maple Clinic."),
        Line(2, OUT, "The lift is out of order today; ring at the side entrance.", State.QUEUED,
             {"why": ["burst"], "due_in": 90}),
    ), name="Front desk Wellington Street"),
    Talk("+14165550119", (
        Line(4 * DAY, OUT, "Hello, this is Maple Clinic. Anything you would like to ask?"),
        Line(4 * DAY - 1, IN, SCRIPT, State.RECEIVED),
        Line(4 * DAY - 2, IN, TURNED, State.RECEIVED),
        Line(4 * DAY - 3, IN, MANY, State.RECEIVED),
        Line(4 * DAY - 4, IN, LONG, State.RECEIVED),
        Line(4 * DAY - 5, IN, "", State.RECEIVED, ATTACHED),
        Line(4 * DAY - 6, IN, "=SUM(A1:A9)", State.RECEIVED),
    ), name="<i>Mr. Tester</i>"),
    Talk("72726", (Line(6 * DAY, IN, "Your code is 445566. Do not tell anybody.", State.RECEIVED),)),
    Talk("+14165550120", (Line(8 * DAY, IN, "Buy our followers now", State.RECEIVED),), blocked=True),
)
BEN = (
    Talk("+16475550121", (
        Line(DAY, IN, "Hi Ben, is the form ready?", State.RECEIVED),
        Line(DAY - 6, OUT, "It is. I will leave it at the front desk."),
    ), name="Theo"),
)
# Those who wrote to numbers that cannot receive: how many, and why they were not shown.
LOST = {Outcome.UNAVAILABLE: 3, Outcome.ABROAD: 1, Outcome.BLOCKED: 1}
# Number, what they want, how they said it, how many minutes ago, and a note.
WISHES = (
    ("+14165550153", Consent.OUT, OptOutSource.STOP, DAY + 57, ""),
    ("+16475550154", Consent.LIKELY_OUT, OptOutSource.WORDING, 9 * HOUR - 3, ""),
    ("+14165550122", Consent.OUT, OptOutSource.MANUAL, 12 * DAY, "Said so on the phone to Grace Kim"),
)


def tell(moment: datetime) -> None:
    """Write the conversations of Maple Clinic as if they had been held up to this moment."""
    uli, ben = (db.session.scalars(select(User).where(User.email_key == address)).one()
                for address in ("uli@example.com", "ben@example.com"))
    with writing():
        for user, talks in ((uli, ULI), (ben, BEN)):
            for talk in sorted(talks, key=lambda talk: -talk.lines[-1].ago):
                hold(user, talk, moment)
        _wish(uli, moment)


def hold(user: User, talk: Talk, moment: datetime) -> None:
    """Write one conversation as if it had been held up to this moment; inside an open write transaction."""
    number = user.number
    assert number is not None  # noqa: S101 - the cast gives everybody here one
    conversation_id, _ref = lines.conversation(user.organization_id or 0, user.id, number.id, talk.theirs)
    for line in talk.lines:
        _write(user, number.id, conversation_id, talk.theirs, line, moment)
    db.session.execute(update(Conversation).where(Conversation.id == conversation_id).values(
        name=talk.name, name_key=key_of(talk.name), unread=talk.unread, blocked=talk.blocked))


def _write(user: User, number_id: int, conversation_id: int, theirs: str, line: Line, moment: datetime) -> None:
    at, more = moment - line.ago * MINUTE, dict(line.more)
    due = moment + more.pop("due_in", -line.ago) * MINUTE
    sent = {} if line.direction is not OUT else {
        "region": REGION.get(theirs[2:5], "US"), "segments": encoding.pack(line.body).segments,
        "template": texts.template_hash(line.body), "due_at": due, "deadline": at + 4 * 60 * MINUTE,
        "submission_key": None if more.get("automatic") else f"demo-{conversation_id}-{line.ago}",
    }
    if line.direction is OUT and line.state in TAKEN:
        sent.update(carrier="pretend", carrier_id=f"demo-{conversation_id}-{line.ago}-{line.state.value}")
    if line.state is State.CLAIMED:
        sent.update(claimed_by="demo", lease_until=moment + MINUTE)
    lines.store(organization_id=user.organization_id, conversation_id=conversation_id, user_id=user.id,
                  number_id=number_id, theirs=theirs, direction=line.direction, state=line.state, body=line.body,
                  at=at, **{**sent, **more})


def _wish(user: User, moment: datetime) -> None:
    """Who opted out, or perhaps did, and what did not arrive."""
    organization_id = user.organization_id or 0
    db.session.add_all(OptOut(organization_id=organization_id, theirs=theirs, consent=consent, source=source,
                              said_at=moment - ago * MINUTE, note=note)
                       for theirs, consent, source, ago, note in WISHES)
    db.session.add_all(Arrival(carrier="pretend", carrier_id=f"demo-{outcome.value}-{index}", outcome=outcome,
                               organization_id=organization_id, at=moment - timedelta(days=2 + index))
                       for outcome, many in LOST.items() for index in range(many))
