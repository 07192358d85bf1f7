"""What the page of an open conversation shows, in short: its poll carries it, and asks what is new since."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from flask import request

from portal.services.texting.conversations import WATCHED
from portal.web.requests import read_list_position

from .words import CHANGING_STATES, LineView


class NewsQuestion(NamedTuple):
    """What a poll asks about.

    Lines after the one with the id `after`; texts that may change (`watch`: "ref.state,ref.state"); the `day` of the
    line that the page shows last; and the version of the list beside it (`rows`).
    """

    after: int
    watch: str
    day: str
    rows: str

    @property
    def watched(self) -> dict[str, str]:
        """By ref, the state that the page shows of each text that may change."""
        return dict(one.split(".", 1) for one in self.watch.split(",") if "." in one)


def ask_for_news(shown: Sequence[LineView], watched: Iterable[LineView], after: int, rows: str,
                 day: str = "") -> NewsQuestion:
    """The question of a page that shows these lines last; `day` is that of the line before them."""
    found = [f"{line.ref}.{line.key}" for line in watched if line.kind == "out" and line.key in CHANGING_STATES]
    return NewsQuestion(after, ",".join(found[-WATCHED:]), shown[-1].day if shown else day, rows)


def read_news_question() -> NewsQuestion:
    """The question of the poll that is being answered."""
    asked = request.args
    return NewsQuestion(read_list_position("after") or 0, asked.get("watch", ""), asked.get("day", ""),
                        asked.get("rows", ""))
