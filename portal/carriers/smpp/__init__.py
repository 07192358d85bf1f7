"""A message center by SMPP 3.4: lines that stay open, in the background process, for texts out, receipts and texts in.

SMPP knows no key and no way to ask for a text by our reference. So no text is ever written twice: one of which a byte
may have been written and that got no answer is unclear, and only the center's late answer or a receipt that repeats
our reference settles it.
"""

import threading
import time
from datetime import datetime, timedelta
from threading import Event

from portal.marks import N_

from ..base import (
    SEND_SECONDS,
    CarrierCondition,
    CarrierError,
    CarrierNews,
    Certainty,
    Fault,
    ForgedWebhook,
    LineStanding,
    OutgoingText,
    Webhook,
    WebhookAnswer,
)
from ..http import NO_ANSWER, UNREACHABLE
from ..kinds import CarrierKind, CarrierSetup
from .line import Line, combine_standings
from .outgoing import TextWriter
from .pdu import BrokenPdu, Command, CommandStatus, Pdu, read_message_id
from .repetition import HeardTexts
from .session import CenterSession, NotWritten, Unanswered, open_session
from .settings import FIELDS, CenterSettings, read_settings
from .statuses import BindRefused, judge_failure, judge_status
from .telling import Tell, Teller
from .unsettled import UnsettledTexts

# Whoever waits for a text gives up after SEND_SECONDS; we know before that what became of it.
_ANSWER_SECONDS, _CHECK_SECONDS = SEND_SECONDS - 0.5, 8.0
# A part that a busy center does not take is offered again after so long, because the parts before it are on their way.
_PART_AGAIN_SECONDS = 0.5
# The keeper looks so often whether it is to stop.
_LOOK_SECONDS = 0.2


class SmppCarrier:
    """A carrier by SMPP. Nothing is opened before `keep` runs, and without it every text is tried later.

    `at_once` is what the operator allows, within the center's window, and otherwise 1: if this process is killed, as
    many texts as are on their way become unclear.
    """

    certainty = Certainty.NONE
    real = True
    takes_crisis_line = False
    # Few centers repeat our reference. What settles an unclear text all the same needs a moment: see `unsettled`.
    tells = False
    settles_after = timedelta(minutes=2)
    thanks = WebhookAnswer()

    def __init__(self, setup: CarrierSetup, center: CenterSettings) -> None:
        self.ref, self.answers_keywords = setup.ref, center.answers_keywords
        self.at_once = min(setup.at_once or 1, center.window)
        self._center, self._writer = center, TextWriter(center, setup.clock)
        self._unsettled = UnsettledTexts()
        heard = HeardTexts(setup.key, setup.find_arrival, setup.clock)
        self._teller = Teller(setup.ref, center, heard, self._unsettled, setup.own)
        kinds = ((Command.BIND_TRANSMITTER, Command.BIND_RECEIVER) if center.in_pair else (Command.BIND_TRANSCEIVER,))
        self._lines = [Line(setup.ref, center, kind, self._teller.hear, self._teller.hear_late, setup.clock)
                       for kind in kinds]

    def send(self, text: OutgoingText) -> str:
        """Hand a text over, part after part; the id of the last, whose receipt counts for all of it.

        Raises CarrierError: also when a part was refused after another was taken, which is `UNSURE`.
        """
        until, answer = time.monotonic() + _ANSWER_SECONDS, None
        bodies = self._writer.write_text(text)
        self._unsettled.add_text(text)
        try:
            for at, body in enumerate(bodies, 1):
                # What comes late settles a text only if it is about the last part: the others are no whole text.
                reference = text.reference if at == len(bodies) else ""
                answer = self._submit_patiently(body, reference, until, is_begun=at > 1)
        except CarrierError as error:
            if error.fault is not Fault.UNSURE:
                self._unsettled.settle_text(text)
            raise
        self._unsettled.settle_text(text)
        found = read_message_id(answer.body) if answer else ""
        # A center without ids sends no receipts that fit; the portal still needs something to call the text by.
        return self._center.same_id(found, in_receipt=False) or f"no-id-{text.reference}"[:64]

    def look_up(self, text: OutgoingText, since: datetime) -> str | None:
        """Raises CarrierError always: a center can be asked only by its own id, which an unclear text lacks."""
        raise CarrierError("no-look-up", Fault.UNSURE)

    def read(self, webhook: Webhook) -> list[CarrierNews]:
        """Raises ForgedWebhook always: a center calls nobody."""
        raise ForgedWebhook

    def check(self) -> CarrierCondition:
        """How many lines are up; where none is kept in this process, whether the center takes a short bind for sending.

        "Already bound" is an answer as well: the center is there and knows the account. Raises CarrierError.
        """
        if self.standing().up:
            return CarrierCondition(lines=(len(self._lines), len(self._lines)))
        try:
            session = open_session(self._center, Command.BIND_TRANSMITTER, _hear_nothing, _hear_nothing_late,
                                   _CHECK_SECONDS)
        except (BindRefused, BrokenPdu, OSError, ValueError) as error:
            if isinstance(error, BindRefused) and error.status == CommandStatus.ALREADY_BOUND:
                return CarrierCondition()
            raise judge_failure(error, self._center) from None
        session.end_at_once()
        return CarrierCondition()

    def keep(self, tell: Tell, stopping: Event) -> None:
        """Keep the lines open and tell what they bring, until `stopping` is set; then unbind."""
        self._teller.drop_waiting()
        threads = [threading.Thread(target=line.run, args=(stopping,), name=f"smpp-{self.ref}") for line in self._lines]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            self._teller.tell_waiting(tell, _LOOK_SECONDS)
            if stopping.is_set():
                for line in self._lines:
                    line.wake()
        for thread in threads:
            thread.join()

    def standing(self) -> LineStanding:
        """How the lines are: up when all are."""
        return combine_standings([line.standing for line in self._lines])

    def _submit_patiently(self, body: bytes, reference: str, until: float, *, is_begun: bool) -> Pdu:
        """Submit a part. Once another was taken, one that may come later is offered again, and no refusal is sure."""
        while True:
            try:
                return self._submit(body, reference, until)
            except CarrierError as error:
                if not is_begun:
                    raise
                if error.fault is not Fault.LATER or time.monotonic() + _PART_AGAIN_SECONDS > until:
                    raise CarrierError(error.code, Fault.UNSURE) from None
            time.sleep(_PART_AGAIN_SECONDS)

    def _submit(self, body: bytes, reference: str, until: float) -> Pdu:
        """Submit one submit_sm on the line for sending, once."""
        line = self._lines[0]
        session = line.session
        if session is None:
            standing = line.standing
            raise CarrierError(standing.code or UNREACHABLE, Fault.ACCOUNT if standing.refused else Fault.LATER)
        try:
            answer = session.submit(body, reference, until)
        except NotWritten as error:
            raise CarrierError(str(error), Fault.LATER) from None
        except Unanswered:
            raise CarrierError(NO_ANSWER, Fault.UNSURE) from None
        if answer.command == Command.GENERIC_NACK or answer.status:
            raise judge_status(answer.status, self._center)
        return answer


def _hear_nothing(session: CenterSession, pdu: Pdu) -> bool:
    return False


def _hear_nothing_late(reference: str, pdu: Pdu) -> None:
    return None


def _make(setup: CarrierSetup) -> SmppCarrier:
    return SmppCarrier(setup, read_settings(setup))


KIND = CarrierKind("smpp", N_("Message center (SMPP 3.4)"), _make, FIELDS)
