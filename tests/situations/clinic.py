"""A clinic with its patients, on a Tuesday at ten in the morning, and what can be seen from outside of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from portal import wording
from portal.extensions import db, make_ref, writing
from portal.models import Conversation, Direction, Message, Organization, TextState, User
from portal.rules import Decision, Effect
from portal.rules.terms import ConsentKind, NotMeantReason
from portal.services.texting import (
    carrier_blocks,
    consents,
    conversations,
    likely_optouts,
    optouts,
    outbox,
    send_facts,
    sending,
    stand_ins,
    web_decisions,
)
from portal.services.toggles import toggle
from portal.wording import texts as text_words
from tests import reports, talks

PATIENT = talks.THEIRS
TORONTO = ZoneInfo("America/Toronto")
REMINDER = "Reminder: you see Dr. Lee on Thursday at 10:00. Questions? Call 416 555 0100."
TUESDAY = 1


@dataclass
class Seen:
    """What came of a situation, in words."""

    answers: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)


class Clinic:
    """Maple Clinic: Uli and Ben text from Toronto, Ada administers. Its help contact is a phone number.

    Every step opens the application itself, runs the worker afterwards, and lets a second pass.
    """

    def __init__(self, inside: Any, people: Any, carrier: Any, clock: Any) -> None:
        self.inside, self.people, self.carrier, self.clock = inside, people, carrier, clock
        self.written: list[str] = []
        self.refused: list[str] = []
        self.before = 0
        self._wait_for_tuesday()
        self.change(Organization, reply_name="Maple Clinic", help_contact="+1 416 555 0100")

    def _wait_for_tuesday(self) -> None:
        here = datetime.now(UTC).astimezone(TORONTO)
        day = here.date() + timedelta(days=7 + (TUESDAY - here.weekday()) % 7)
        opens = datetime.combine(day, time(10), TORONTO)
        # In UTC: between two times of one zone Python would pass over a change of the clock.
        self.clock.forward(seconds=(opens.astimezone(UTC) - here.astimezone(UTC)).total_seconds())

    # --- what people do --------------------------------------------------------------------------

    def member_texts(self, body: str = REMINDER, who: str = "Uli", to: str = PATIENT) -> Decision:
        """A member sends a text; what refuses or holds it is remembered."""
        with self._step():
            decision = sending.send_text(self._user(who), to, body, make_ref()).decision
            self.refused = notices(decision)
        if decision.allowed:
            self.written.append(body)
        return decision

    def patient_texts(self, body: str, to: str = "Uli", patient: str = PATIENT, **more: Any) -> None:
        """A text comes in for a member, or for any number."""
        with self._step():
            talks.come(body, self.people[to].number if to in self.people else to, patient, **more)

    def visitor_asks_to_stop(self, *patients: str) -> None:
        """Somebody fills in the form on the web: no more texts from Uli's number to each of these."""
        with self._step():
            for patient in patients or (PATIENT,):
                reports.told(self.people["Uli"].number, patient, REMINDER, stop=True)
            reports.settle()

    def decide_request(self, *, meant: bool, patient: str = PATIENT) -> None:
        """Ada decides about a request on the web that waits for her."""
        with self._step():
            ada = self._user("Ada")
            (asked,) = [one for one in web_decisions.list_waiting_requests(ada.organization_id)
                        if one.theirs == patient]
            assert web_decisions.decide_web_request(ada, ada.organization, asked, meant)

    def read_words(self, who: str) -> str:
        """A person reads the words of a likely opt-out, and the member is told."""
        with self._step():
            actor = self._user(who)
            return likely_optouts.read_likely_words(actor, actor.organization, self._row(PATIENT))

    def block(self, *, on: bool) -> None:
        """Uli blocks the patient in the conversation, or shows their texts again."""
        with self._step():
            found = select(Conversation).where(Conversation.user_id == self.people["Uli"].id,
                                               Conversation.theirs == PATIENT)
            conversations.set_conversation_block(db.session.scalars(found).one(), on=on)

    def forget_answers(self) -> None:
        """Leave out the answers that have left so far: they went to other people."""
        self.before = len(self.carrier.bodies)

    def carrier_refuses(self) -> None:
        """The carrier refuses the latest text, because it heard a STOP on its own."""
        with self._step(), writing():
            latest = db.session.scalars(select(Message.id).where(
                Message.direction == Direction.OUT).order_by(Message.id.desc())).first()
            carrier_blocks.take_carrier_block(latest, self.clock.now())

    def decide(self, who: str, reason: NotMeantReason | None = None, patient: str = PATIENT) -> None:
        """A person decides about a likely opt-out: it was meant, or for this reason it was not."""
        with self._step():
            actor = self._user(who)
            assert likely_optouts.decide_likely_optout(actor, actor.organization, self._row(patient), reason=reason)

    def undo_decision(self, who: str, patient: str = PATIENT) -> None:
        """Press Undo after a decision."""
        with self._step():
            actor = self._user(who)
            assert likely_optouts.undo_optout_decision(actor, actor.organization, self._row(patient))

    def withdraw(self, reason: str, patient: str = PATIENT) -> None:
        """Ada withdraws an opt-out."""
        with self._step():
            ada = self._user("Ada")
            optouts.withdraw_recorded_optout(ada, ada.organization, self._row(patient), reason)

    def write_down(self, note: str, patient: str = PATIENT) -> None:
        """Ada writes down an opt-out that somebody asked for by phone."""
        with self._step():
            ada = self._user("Ada")
            optouts.record_typed_optout(ada, ada.organization, patient, note)

    def leave(self, who: str, stand_in: str) -> None:
        """Ada deactivates a member and names the one who answers the open conversations."""
        with self._step():
            user = self._user(who)
            stand_ins.deactivate_with_stand_in(self._user("Ada"), user, self.people[stand_in].email)

    def switch(self, who: str, on: bool | None) -> None:
        """Ada switches texting on or off for a member."""
        with self._step(), writing():
            toggle.write_setting(self._user("Ada"), self._user(who), toggle.SettingValue(on))

    def write_down_consent(self, proof: str) -> None:
        """Uli writes down that the patient agreed to texts."""
        with self._step():
            uli, moment = self._user("Uli"), self.clock.now()
            consents.record_consent(uli, uli.organization, PATIENT,
                                    consents.ConsentSaid(ConsentKind.EXPRESS, moment, proof))

    def change(self, kind: type[Any], **values: Any) -> None:
        """Set columns of the clinic's organization, locations or people."""
        with self._step():
            key = kind.id if kind is Organization else kind.organization_id
            with writing() as session:
                mine = self._user("Ada").organization_id
                session.execute(update(kind).where(key == mine).values(**values))

    def later(self, **by: float) -> None:
        """Time passes, and what runs in the background runs."""
        self.clock.forward(**by)
        with self._step():
            likely_optouts.advance_likely_optouts()

    @contextmanager
    def _step(self) -> Iterator[None]:
        with self.inside():
            yield
            db.session.rollback()
            worker = outbox.OutboxWorker("clinic")
            while worker.step():
                pass
            db.session.rollback()
        self.clock.forward(seconds=1)

    def _user(self, name: str) -> User:
        return db.session.get_one(User, self.people[name].id)

    def _row(self, patient: str) -> Any:
        return optouts.optout_of_number(self._user("Ada").organization_id, patient)

    # --- what can be seen ------------------------------------------------------------------------

    def look(self, who: str = "Uli", patient: str = PATIENT, body: str = REMINDER) -> Seen:
        """The answers that left, the lines of the member's conversation, and what stops a text of theirs."""
        with self.inside():
            answers = [text for text in self.carrier.bodies[self.before:] if text not in self.written]
            shown = list(self._lines(self.people[who].id, patient))
            decision = send_facts.preview_send(self._user(who), patient, body)
            return Seen(answers, shown, self.refused or notices(decision))

    def warnings(self) -> list[str]:
        """The ids of the rules that warn Uli before a text to the patient."""
        with self.inside():
            decision = send_facts.preview_send(self._user("Uli"), PATIENT, REMINDER)
            return [reason.id for reason in decision.having(Effect.WARN)]

    def _lines(self, user_id: int, patient: str) -> Iterator[str]:
        found = db.session.execute(
            select(Message, Conversation).join(Conversation, Conversation.id == Message.conversation_id).where(
                Conversation.user_id == user_id, Conversation.theirs == patient, Message.automatic.is_(False),
            ).order_by(Message.id)).all()
        for message, _conversation in found:
            if message.direction is Direction.NOTE:
                yield text_words.NOTE_SENTENCES[message.body] % {"at": "(time)", "ours": "(number)"}
            elif message.direction is Direction.IN:
                yield f"“{message.body}”"
            elif message.state is TextState.REFUSED:
                yield "The waiting text was stopped."
        if found and (reason := text_words.call_reason_in_words(found[-1][1].call_reason)):
            yield f"On top of the inbox: {reason}"


def notices(decision: Decision) -> list[str]:
    """What the member reads about the rules that refuse or hold a text, without times."""
    stopping = (*decision.blocking, *decision.having(Effect.HOLD))
    return [wording.translate_sentence(reason.notice, {
        name: "(time)" if isinstance(value, datetime) else value for name, value in reason.values.items()})
        for reason in stopping]


@dataclass(frozen=True)
class Situation:
    """One situation: what happens up to its `yield`, and how it is undone after it."""

    title: str
    undone: str
    play: Callable[[Clinic], Iterator[dict[str, str] | None]]

    @property
    def happens(self) -> str:
        """What happens, as its docstring says."""
        return " ".join((self.play.__doc__ or "").split())


SITUATIONS: list[Situation] = []


def situation(title: str, undone: str) -> Callable[[Any], Any]:
    """Add a situation to the list; `undone` says how what blocks is undone, or why there is nothing to undo."""

    def add(play: Any) -> Any:
        SITUATIONS.append(Situation(title, undone, play))
        return play

    return add
