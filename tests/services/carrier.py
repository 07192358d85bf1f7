"""A carrier that does as the test says and remembers every text that it took."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from portal.carriers.base import CarrierCondition, Certainty, OutgoingText, Webhook, WebhookAnswer


class Scripted:
    """Takes texts unless `does` raises; `taken` holds them by reference, `asked` every try."""

    ref = "scripted"
    real = False
    answers_keywords = False
    takes_crisis_line = False
    tells = False
    settles_after = timedelta()
    at_once = 1
    thanks = WebhookAnswer()

    def __init__(self, certainty: Certainty = Certainty.KEY) -> None:
        self.certainty = certainty
        self.taken: dict[str, OutgoingText] = {}
        self.asked: list[str] = []
        self.does: Callable[[OutgoingText], Any] = lambda _text: None

    def send(self, text: OutgoingText) -> str:
        self.asked.append(text.body)
        self.does(text)
        assert self.certainty is Certainty.KEY or text.reference not in self.taken, "sent twice"
        self.taken[text.reference] = text
        return f"id-{text.reference}"

    def read(self, webhook: Webhook) -> list[Any]:
        raise NotImplementedError

    def look_up(self, text: OutgoingText, since: datetime) -> str | None:
        return f"id-{text.reference}" if text.reference in self.taken else None

    def check(self) -> CarrierCondition:
        return CarrierCondition()

    @property
    def bodies(self) -> list[str]:
        return [text.body for text in self.taken.values()]
