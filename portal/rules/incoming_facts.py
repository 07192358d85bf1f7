"""What the rules may know of what comes in: texts, automatic answers to them, and reports of spam."""

from dataclasses import dataclass
from datetime import datetime

from .numbers import NumberReading


@dataclass(frozen=True, slots=True)
class Inbound:
    """A text that came in: `attachments` were dropped from it; `wanted`: its recipient can have it."""

    sender: NumberReading
    attachments: int = 0
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """An automatic answer: `age` of the text in seconds; `help_lately`: HELP was answered a short while ago.

    `unread`: it says that nobody reads the text. Then `wanted` says whether the organization gives such answers and the
    number is one that may get them, and `told_ago` how many seconds ago it got the last one, None if never.
    `stop_told_ago` is how many seconds ago the number was told that texts to it had stopped, of an answer that tells
    it again; None for every other answer, and for the first.
    """

    age: int = 0
    help_lately: bool = False
    may_send: bool = True
    unread: bool = False
    wanted: bool = True
    told_ago: int | None = None
    stop_told_ago: int | None = None


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """A report of spam: which parts of it were filled in, and how many came from its source within an hour.

    `number`: the reporter named one full number as the sender, which can be asked to stop. `stop` asks the business to
    stop texting the reporter's own number. `free_at` is when the portal takes the next report from this source (UTC).
    `ours` and `again` are known only once the worker has matched the report.
    """

    sender: bool = True
    number: bool = True
    words: bool = True
    category: bool = True
    stop: bool = False
    own: bool = True
    many: int = 1
    free_at: datetime | None = None
    ours: bool | None = None
    again: bool | None = None
