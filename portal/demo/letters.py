"""The demo's conversations: what was written, in every state that a text can be in, and what people really type."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from portal.extensions import db, writing
from portal.models import (
    Arrival,
    ArrivalOutcome,
    CallReason,
    Conversation,
    Direction,
    OptOut,
    OptOutDecision,
    OptOutSource,
    OptOutState,
    TextState,
    User,
)
from portal.rules import encoding, texts
from portal.rules.terms import NotMeantReason
from portal.services.names import key_of_name
from portal.services.texting import lines

OUT, IN, NOTE = Direction.OUT, Direction.IN, Direction.NOTE
# The demo's texts are all to numbers that nobody has.
REGION = {"416": "CA", "514": "CA", "647": "CA", "902": "CA", "905": "CA"}
# The states of texts that the carrier has.
TAKEN_STATES = (TextState.HANDED_OVER, TextState.SENT, TextState.DELIVERED, TextState.UNDELIVERED)
MINUTE = timedelta(minutes=1)
HOUR_MINUTES, DAY_MINUTES = 60, 24 * 60


@dataclass(frozen=True, slots=True)
class DemoLine:
    """A line of a conversation, so many minutes ago; `more` holds columns besides."""

    ago: int
    direction: Direction
    body: str
    state: TextState = TextState.DELIVERED
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DemoConversation:
    """A conversation: with whom, under which name, and its lines."""

    theirs: str
    lines: tuple[DemoLine, ...]
    name: str = ""
    unread: int = 0
    blocked: bool = False
    call: CallReason | None = None


# Incoming texts may contain anything.
SCRIPT_TEXT = "<script>alert(1)</script><img src=x onerror=alert(2)> <b hx-get=/admin/ hx-trigger=load>bold</b>"
TURNED = "Pay here: \u202emoc.elpmaxe//:sptth\u202c and not at gro.elpmaxe\u200b.evil"
MANY = "🎉 Thank you! 谢谢 شكرا جزيلا תודה\u0007\n\tSee you soon 👩‍👩‍👧"
LONG_TEXT = "W" + "oa" * 180 + "h"
ATTACHED = {"why": ["inbound-mms"]}

ULI = (
    DemoConversation("+16475550110", (
        DemoLine(3 * DAY_MINUTES, OUT,
                 "Hello Jane, this is Maple Clinic. Your order of lenses is here; you can pick it up"
                           " weekdays from 9 to 5."),
        DemoLine(3 * DAY_MINUTES - 4, IN, "Great, thanks! Can I come on Saturday?", TextState.RECEIVED),
        DemoLine(3 * DAY_MINUTES - 9, OUT, "On Saturday we are open from 10 to 1."),
        DemoLine(40, IN, "I'm on my way", TextState.RECEIVED),
        DemoLine(38, IN, "Is there parking?", TextState.RECEIVED),
    ), name="Jane Cooper", unread=2),
    DemoConversation("+16475550150", (DemoLine(5 * HOUR_MINUTES, OUT,
                                               "Hello, this is Maple Clinic. We could not reach you by phone; call us"
                                               " back at this number.", TextState.UNDELIVERED,
                                               {"code": "unreachable"}),)),
    DemoConversation("+14165550151",
                     (DemoLine(6 * HOUR_MINUTES, OUT, "Free parking all week! Tell your friends!", TextState.FAILED,
                                               {"code": "spam"}),)),
    DemoConversation("+14165550152", (
        DemoLine(7 * HOUR_MINUTES, OUT, "Hello, this is Maple Clinic. Did the documents arrive?", TextState.SENT),)),
    DemoConversation("+19025550113", (
        DemoLine(2 * DAY_MINUTES, OUT,
                 "Hello, this is Maple Clinic. The street before our door is closed tomorrow; use the side"
                           " entrance.", TextState.HANDED_OVER),
        DemoLine(8 * HOUR_MINUTES, OUT, "The street is open again.", TextState.UNKNOWN, {"code": "no-answer"}),
    ), name="Courier desk"),
    DemoConversation("+14165550153", (
        DemoLine(DAY_MINUTES + 60, OUT, "Hello, this is Maple Clinic. Our summer hours begin on Monday."),
        DemoLine(DAY_MINUTES + 57, IN, "STOP", TextState.RECEIVED),
        DemoLine(DAY_MINUTES + 57, NOTE, "out", TextState.RECEIVED),
        DemoLine(DAY_MINUTES + 57, OUT,
                 "Maple Clinic: you will get no more texts from us. Text START to this number if you want"
                            " them again.", more={"automatic": True}),
        DemoLine(DAY_MINUTES, OUT, "Just one more thing…", TextState.REFUSED, {"why": ["opted-out"]}),
        DemoLine(25, IN, "When is my appointment?", TextState.RECEIVED),
    ), unread=1, call=CallReason.AFTER_STOP),
    DemoConversation("+16475550123", (
        DemoLine(DAY_MINUTES + 30, OUT, "Hello, this is Maple Clinic. We expect you tomorrow at 10."),
        DemoLine(6 * HOUR_MINUTES + 3, IN, "Cancel", TextState.RECEIVED),
        DemoLine(6 * HOUR_MINUTES + 3, NOTE, "out", TextState.RECEIVED),
        DemoLine(6 * HOUR_MINUTES + 3, OUT,
                 "Maple Clinic: you will get no more texts from us. About an appointment? +1 416 555 0100. To get texts"
                 " again, text START.", more={"automatic": True}),
    ), name="Sam Rivera", unread=1, call=CallReason.CANCELED),
    DemoConversation("+16475550154", (
        DemoLine(9 * HOUR_MINUTES, OUT,
                 "Hello, this is Maple Clinic. Would you tell us how we did? Just answer this text."),
        DemoLine(9 * HOUR_MINUTES - 3, IN, "who is this, leave me alone", TextState.RECEIVED),
        DemoLine(9 * HOUR_MINUTES - 3, NOTE, "likely-out", TextState.RECEIVED),
        DemoLine(9 * HOUR_MINUTES - 3, OUT, "Maple Clinic: we stopped texting you. To get texts again, text START to"
                                            " this number.", more={"automatic": True}),
    ), unread=1),
    DemoConversation("+14165550116", (
        DemoLine(10 * HOUR_MINUTES, OUT, "Are you still coming today?", TextState.EXPIRED, {"code": "not-in-time"}),
        DemoLine(9 * HOUR_MINUTES, OUT, "Never mind", TextState.CANCELED),
        DemoLine(8 * HOUR_MINUTES, OUT, "We have moved your papers to the front desk.", TextState.QUARANTINED,
                 {"code": "ValueError"}),
    )),
    DemoConversation("+16475550117", (DemoLine(3, OUT, "See you at three.", TextState.CLAIMED),)),
    DemoConversation("+14165550118", (
        DemoLine(2 * DAY_MINUTES, OUT, "Hello, this is Maple Clinic."),
        DemoLine(2, OUT, "The lift is out of order today; ring at the side entrance.", TextState.QUEUED,
                 {"why": ["burst"], "due_in": 90}),
    ), name="Front desk Wellington Street"),
    DemoConversation("+14165550119", (
        DemoLine(4 * DAY_MINUTES, OUT, "Hello, this is Maple Clinic. Anything you would like to ask?"),
        DemoLine(4 * DAY_MINUTES - 1, IN, SCRIPT_TEXT, TextState.RECEIVED),
        DemoLine(4 * DAY_MINUTES - 2, IN, TURNED, TextState.RECEIVED),
        DemoLine(4 * DAY_MINUTES - 3, IN, MANY, TextState.RECEIVED),
        DemoLine(4 * DAY_MINUTES - 4, IN, LONG_TEXT, TextState.RECEIVED),
        DemoLine(4 * DAY_MINUTES - 5, IN, "", TextState.RECEIVED, ATTACHED),
        DemoLine(4 * DAY_MINUTES - 6, IN, "=SUM(A1:A9)", TextState.RECEIVED),
    ), name="<i>Mr. Tester</i>"),
    DemoConversation("72726",
                     (DemoLine(6 * DAY_MINUTES, IN, "Your code is 445566. Do not tell anybody.", TextState.RECEIVED),)),
    DemoConversation("+14165550120", (DemoLine(8 * DAY_MINUTES, IN, "Buy our followers now", TextState.RECEIVED),),
                     blocked=True),
)
BEN = (
    DemoConversation("+16475550121", (
        DemoLine(DAY_MINUTES, IN, "Hi Ben, is the form ready?", TextState.RECEIVED),
        DemoLine(DAY_MINUTES - 6, OUT, "It is. I will leave it at the front desk."),
    ), name="Theo"),
)
# Those who wrote to numbers that cannot receive: how many, and why they were not shown.
LOST = {ArrivalOutcome.UNAVAILABLE: 3, ArrivalOutcome.ABROAD: 1, ArrivalOutcome.BLOCKED: 1}
# Number, what they want, how they said it, how many minutes ago, and a note.
DEMO_OPTOUTS = (
    ("+14165550153", OptOutState.OUT, OptOutSource.STOP, DAY_MINUTES + 57, ""),
    ("+16475550123", OptOutState.OUT, OptOutSource.STOP, 6 * HOUR_MINUTES + 3, ""),
    ("+16475550154", OptOutState.LIKELY_OUT, OptOutSource.WORDING, 9 * HOUR_MINUTES - 3, ""),
    ("+14165550122", OptOutState.OUT, OptOutSource.MANUAL, 12 * DAY_MINUTES, "Said so on the phone to Grace Kim"),
)


def write_conversations(moment: datetime) -> None:
    """Write the conversations of Maple Clinic as if they had been held up to this moment."""
    uli, ben = (db.session.scalars(select(User).where(User.email_key == address)).one()
                for address in ("uli@example.com", "ben@example.com"))
    with writing():
        for user, talks in ((uli, ULI), (ben, BEN)):
            for talk in sorted(talks, key=lambda talk: -talk.lines[-1].ago):
                write_conversation(user, talk, moment)
        _wish(uli, moment)


def write_conversation(user: User, talk: DemoConversation, moment: datetime) -> None:
    """Write one conversation as if it had been held up to this moment; inside an open write transaction."""
    number = user.number
    assert number is not None  # noqa: S101 - the cast gives everybody here one
    conversation_id, _ref = lines.ensure_conversation(user.organization_id or 0, user.id, number.id, talk.theirs)
    ids = [_write(user, number.id, conversation_id, talk.theirs, line, moment) for line in talk.lines]
    unseen = [id_ for id_, line in zip(ids, talk.lines, strict=True) if line.direction is IN][-talk.unread or len(ids):]
    db.session.execute(update(Conversation).where(Conversation.id == conversation_id).values(
        name=talk.name, name_key=key_of_name(talk.name), blocked=talk.blocked,
        unread=talk.unread, read_up_to=unseen[0] - 1 if unseen else ids[-1],
        call_reason=talk.call, call_at=moment - talk.lines[-1].ago * MINUTE if talk.call else None))


def _write(user: User, number_id: int, conversation_id: int, theirs: str, line: DemoLine, moment: datetime) -> int:
    at, more = moment - line.ago * MINUTE, dict(line.more)
    due = moment + more.pop("due_in", -line.ago) * MINUTE
    sent = {} if line.direction is not OUT else {
        "region": REGION.get(theirs[2:5], "US"), "segments": encoding.pack_text(line.body).segments,
        "template": texts.hash_of_template(line.body), "due_at": due, "deadline": at + 4 * 60 * MINUTE,
        "submission_key": None if more.get("automatic") else f"demo-{conversation_id}-{line.ago}",
    }
    if line.direction is OUT and line.state in TAKEN_STATES:
        sent.update(carrier="pretend", carrier_id=f"demo-{conversation_id}-{line.ago}-{line.state.value}")
    if line.state is TextState.CLAIMED:
        sent.update(claimed_by="demo", lease_until=moment + MINUTE)
    return lines.store_line(organization_id=user.organization_id, conversation_id=conversation_id, user_id=user.id,
                            number_id=number_id, theirs=theirs, direction=line.direction, state=line.state,
                            body=line.body, at=at, **{**sent, **more})


def _wish(user: User, moment: datetime) -> None:
    """Who opted out, or perhaps did, and what did not arrive."""
    organization_id = user.organization_id or 0
    db.session.add_all(OptOut(organization_id=organization_id, theirs=theirs, state=state, source=source,
                              said_at=moment - ago * MINUTE, due_at=moment, note=note)
                       for theirs, state, source, ago, note in DEMO_OPTOUTS)
    _decide_some(user, moment)
    db.session.add_all(Arrival(carrier="pretend", carrier_id=f"demo-{outcome.value}-{index}", outcome=outcome,
                               organization_id=organization_id, at=moment - timedelta(days=2 + index))
                       for outcome, many in LOST.items() for index in range(many))


def _decide_some(user: User, moment: datetime) -> None:
    """A likely opt-out that waits for an administrator, and one that a member has decided about."""
    organization_id = user.organization_id or 0
    waits = OptOut(organization_id=organization_id, theirs="+14165550156", state=OptOutState.LIKELY_OUT,
                   source=OptOutSource.WORDING, said="who is this, take me off please", due_at=moment, step=2,
                   said_at=moment - timedelta(days=4))
    decided = OptOut(organization_id=organization_id, theirs="+14165550157", state=OptOutState.NOT_MEANT,
                     source=OptOutSource.WORDING, said="omg make it stop", said_at=moment - timedelta(days=9))
    db.session.add_all([waits, decided])
    db.session.flush()
    db.session.add(OptOutDecision(organization_id=organization_id, opt_out_id=decided.id, user_id=user.id, meant=False,
                                  reason=NotMeantReason.JOKE, at=moment - timedelta(days=9)))
