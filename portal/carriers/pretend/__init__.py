"""A carrier that keeps every text on this machine: for trying the portal out, for demos and for tests.

It answers by number (see `script`) and behaves as a real one does: a text that it took survives a crash, and it
reports by signed webhooks, which it repeats until the portal has answered, and sometimes sends twice.
"""

import logging
import secrets
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from portal.stored_files import PRETEND_LEDGER

from .. import signing
from ..base import (
    CarrierCondition,
    CarrierError,
    CarrierReceipt,
    Certainty,
    Fault,
    Hook,
    IncomingText,
    OutgoingText,
    Webhook,
    WebhookAnswer,
)
from ..kinds import CarrierKind, CarrierSetup
from . import script, webhooks
from .ledger import Ledger, LedgerEvent

log = logging.getLogger("portal.carriers.pretend")

REPLIES_AFTER = timedelta(milliseconds=200)
# For so long, a phone that answers only once takes the sender's next text for an answer and stays silent.
IN_TALK = timedelta(minutes=1)
# Shorter keys can be tried out; Standard Webhooks asks for as many.
SHORTEST_KEY = 24


def _new(kind: str) -> str:
    return f"{kind}_{secrets.token_urlsafe(12)}"


class PretendCarrier:
    """The pretend carrier; its file lies in `folder`.

    `keys`: the live secrets of its webhooks, the first signs. `own_among`: which of several numbers are the portal's
    own: there texts arrive instead of following the script. `clock`: the present moment, UTC. `certainty`: how it
    behaves when a reference comes twice.
    """

    ref = "pretend"
    real = False
    answers_keywords = False
    takes_crisis_line = True
    tells = True
    settles_after = timedelta()
    at_once = 1
    thanks = WebhookAnswer()

    def __init__(
        self, folder: Path, keys: tuple[bytes, ...], own_among: Callable[[set[str]], set[str]],
        clock: Callable[[], datetime], certainty: Certainty = Certainty.KEY,
    ) -> None:
        self.certainty = certainty
        self.ledger = Ledger(PRETEND_LEDGER.inside(folder))
        self._keys, self._own_among, self._clock = keys, own_among, clock

    def send(self, text: OutgoingText) -> str:
        """Take a text, on the disk before this returns; its id, the earlier one for a known reference and `KEY`.

        Raises CarrierError: "spam" (the text), "busy" (later), "storage" (unsure).
        """
        own, at, text_id = bool(self._own_among({text.recipient})), self._clock(), _new("text")
        try:
            outcome = script.DELIVERED if own else self._outcome(text, at)
            if outcome.refused:
                raise CarrierError(outcome.refused, Fault.TEXT)
            if outcome.failures and self.ledger.fails(text.reference, outcome.failures, at):
                raise CarrierError("busy", Fault.LATER)
            events = _events(text_id, text, outcome, at)
            if own:
                events.append(_event(IncomingText(_new("in"), text.sender, text.recipient, text.body, at=at), at))
            return self.ledger.take_all([(text_id, text, events)], at, once=self.certainty is Certainty.KEY)[0]
        except sqlite3.Error as error:
            raise CarrierError("storage", Fault.UNSURE) from error

    def send_many(self, texts: Sequence[OutgoingText]) -> list[str | CarrierError]:
        """Take texts as `send` does, those that simply arrive with one commit, which keeps all of them or none."""
        outcomes = [script.find_scripted_outcome(text.recipient) for text in texts]
        own = self._own_among({text.recipient for text in texts})
        plain = [place for place, text in enumerate(texts) if text.recipient not in own and outcomes[place].is_plain]
        taken = dict(zip(plain, self._take_all([(texts[place], outcomes[place]) for place in plain]), strict=True))
        return [taken.get(place) or self._attempt(text) for place, text in enumerate(texts)]

    def _take_all(self, texts: Sequence[tuple[OutgoingText, script.ScriptedOutcome]]) -> list[str | CarrierError]:
        at = self._clock()
        rows = []
        for text, outcome in texts:
            text_id = _new("text")
            rows.append((text_id, text, _events(text_id, text, outcome, at)))
        try:
            return list(self.ledger.take_all(rows, at, once=self.certainty is Certainty.KEY))
        except sqlite3.Error:
            return [CarrierError("storage", Fault.UNSURE) for _text in texts]

    def _attempt(self, text: OutgoingText) -> str | CarrierError:
        try:
            return self.send(text)
        except CarrierError as error:
            return error

    def read(self, webhook: Webhook) -> list[IncomingText | CarrierReceipt]:
        """What a webhook says; nothing for a kind of message that is not known here.

        Raises ForgedWebhook before it parses anything, ValueError for a signed body that it cannot read.
        """
        signing.verify_webhook(webhook, self._keys)
        return webhooks.read_webhook_body(webhook.body)

    def look_up(self, text: OutgoingText, since: datetime) -> str | None:
        """The id of the text with our reference, None when there is none; CarrierError where nobody can tell."""
        if self.certainty is Certainty.NONE:
            raise CarrierError("no-look-up", Fault.UNSURE)
        try:
            return self.ledger.id_of(text.reference)
        except sqlite3.Error as error:
            raise CarrierError("storage", Fault.LATER) from error

    def check(self) -> CarrierCondition:
        """Whether its file can be used."""
        try:
            self.ledger.given_up()
        except sqlite3.Error as error:
            raise CarrierError("storage", Fault.LATER) from error
        return CarrierCondition()

    def call_in(self, sender: str, recipient: str, body: str, attachments: int = 0) -> str:
        """Make a text come in from outside, now; returns the carrier's id of it. Raises sqlite3.Error."""
        at = self._clock()
        text = IncomingText(_new("in"), sender, recipient, body, attachments, at)
        self.ledger.add(_event(text, at))
        return text.id

    def due(self, moment: datetime) -> list[LedgerEvent]:
        """What is to be told by this moment, the longest due first, as far as one batch goes. Raises sqlite3.Error."""
        return self.ledger.due(moment)

    def next_due(self) -> datetime | None:
        """When there will be something to tell (UTC), None while there is nothing. Raises sqlite3.Error."""
        return self.ledger.next_due()

    def deliver(self, post: Hook) -> int:
        """Tell what is due, receipts together, each text that came in alone; returns how much was answered with 2xx.

        `post` takes the headers (names in lower case) and the raw body of a signed webhook, and returns the status.
        After any status but 2xx, and after an error, the carrier tells receipts alone, and sends a webhook again after
        a growing delay, ten times over five hours.
        A process that dies between the answer and its note sends it again too, so webhooks come at least once, and in
        any order.
        Raises sqlite3.Error.
        """
        bundles = webhooks.bundle_receipts(self.due(self._clock()))
        return sum(self._tell_together(events, post) or sum(self._tell(event, post) for event in events)
                   for events in bundles)

    def forget(self, before: datetime) -> int:
        """Erase texts and events from before this moment; returns how many. Raises sqlite3.Error."""
        return self.ledger.forget(before)

    def _outcome(self, text: OutgoingText, at: datetime) -> script.ScriptedOutcome:
        """The scripted outcome. A phone that answers only once is silent to a text that may answer its own."""
        outcome = script.find_scripted_outcome(text.recipient)
        answered = outcome.once and self.ledger.texted(text.sender, text.recipient, at - IN_TALK)
        return replace(outcome, reply="") if answered else outcome

    def _tell_together(self, events: Sequence[LedgerEvent], post: Hook) -> int:
        """Tell several receipts with one webhook; how many there are if it was heard, else 0."""
        if len(events) == 1:
            return 0
        together = LedgerEvent(_new("evt"), webhooks.join_receipts(events), events[0].due)
        if not 200 <= self._answer(together, post) < 300:
            return 0
        self.ledger.told(events)
        return len(events)

    def _tell(self, event: LedgerEvent, post: Hook) -> bool:
        if 200 <= self._answer(event, post) < 300:
            self.ledger.told([event])
            return True
        if not self.ledger.put_off(event, self._clock()):
            log.error("webhook_given_up", extra={"fields": {"webhook": event.id}})
        return False

    def _answer(self, event: LedgerEvent, post: Hook) -> int:
        signed = signing.sign_webhook(self._keys[0], event.id, self._clock(), event.body)
        try:
            return post({"content-type": "application/json", **signed}, event.body)
        except Exception as error:  # noqa: BLE001 - a carrier lives on when the one it tells fails
            log.warning("webhook_unanswered", extra={"fields": {"error": type(error).__name__}})
            return 0


def _event(one: IncomingText | CarrierReceipt, due: datetime) -> LedgerEvent:
    return LedgerEvent(_new("evt"), webhooks.write_webhook_body(one), due)


def _events(text_id: str, text: OutgoingText, outcome: script.ScriptedOutcome, at: datetime) -> list[LedgerEvent]:
    """The receipts of a text, due at once, and the phone's reply, due a little later."""
    events = [_event(CarrierReceipt(raw=status, reference=text.reference, id=text_id, code=code), at)
              for status, code in outcome.receipts]
    if outcome.reply:
        later = at + REPLIES_AFTER
        events.append(_event(IncomingText(_new("in"), text.recipient, text.sender, outcome.reply, at=later), later))
    return events


def _make(setup: CarrierSetup) -> PretendCarrier:
    if len(setup.key) < SHORTEST_KEY:
        raise ValueError(f"A key of the pretend carrier needs {SHORTEST_KEY} bytes or more.")
    return PretendCarrier(setup.folder, (setup.key,), setup.own_among, setup.clock)


KIND = CarrierKind("pretend", "Pretend carrier", _make, embedded=True)
