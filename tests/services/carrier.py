"""A carrier that does as the test says and remembers every text that it took."""

from collections.abc import Callable
from typing import Any

from portal.carriers.base import Certainty, OutgoingText, Webhook


class Scripted:
    """Takes texts unless `does` raises; `taken` holds them by reference, `asked` every try."""

    name = "scripted"
    real = False
    answers_keywords = False
    takes_crisis_line = False

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

    def look_up(self, reference: str) -> str | None:
        return f"id-{reference}" if reference in self.taken else None

    @property
    def bodies(self) -> list[str]:
        return [text.body for text in self.taken.values()]
