"""What a rule is, and what a decision holds.

Nothing here knows a single rule: `table/` has the rows, `facts.py` what they read.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple, NoReturn

from portal import marks

from .facts import Facts
from .questions import Question
from .sentences import Sentence, list_placeholders

alarm = logging.getLogger("portal.rules")


class Act(StrEnum):
    """What a user wants to do. `INFORM` marks rows that only inform."""

    USE = "use"
    SWITCH = "switch"
    SEND = "send"
    RECEIVE = "receive"
    ANSWER = "answer"
    REPORT = "report"
    INFORM = "inform"


class Effect(StrEnum):
    """What a broken rule does: stop, delay, caution, or tell."""

    BLOCK = "block"
    HOLD = "hold"
    WARN = "warn"
    NOTICE = "notice"


class Fixer(StrEnum):
    """Who can carry out the remedy."""

    READER = "reader"
    ADMIN = "admin"
    PROVIDER = "provider"
    NOBODY = "nobody"


class DocumentEdition(StrEnum):
    """The two editions of the help document that this portal implements; Polish is the newer."""

    GERMAN = "de"
    POLISH = "pl"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from: facts of the help document in some editions, a law, this portal."""

    editions: tuple[DocumentEdition, ...] = ()
    facts: tuple[str, ...] = ()
    law: str = ""
    portal: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class OtherWords:
    """The notice and the remedy of a rule against facts for which its usual ones would not be true; the first wins."""

    when: Callable[..., bool]
    notice: Sentence
    remedy: Sentence
    named: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "named", list_placeholders(self.notice) | list_placeholders(self.remedy))


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One row of the table: it enforces, explains, translates, documents and tests itself.

    `limitation` is the general sentence, `notice` the one for the person concerned with the values
    that decided, `remedy` what to do; `instead` replaces the last two against some facts. `veiled`
    replaces `limitation` for readers who are not signed in, where exact thresholds would only serve
    abuse. `effect_by` may shift `effect` by the facts. `untold`: the reason is never kept with a text, so that
    nobody learns that it held. `_always`: the reason itself, where it is the same against all facts.
    """

    _: KW_ONLY
    id: str
    title: str
    acts: frozenset[Act]
    effect: Effect
    source: Source
    limitation: Sentence
    notice: Sentence = ""
    remedy: Sentence = ""
    instead: tuple[OtherWords, ...] = ()
    fixer: Fixer = Fixer.NOBODY
    about: str = ""
    limits: Mapping[str, int] = field(default_factory=dict)
    veiled: Sentence = ""
    system: bool = False
    untold: bool = False
    when: Callable[..., bool] | None = None
    values: Callable[..., dict[str, Any]] | None = None
    effect_by: Callable[..., Effect | None] | None = None
    named: frozenset[str] = field(init=False, repr=False)
    questions: Mapping[str, Question] = field(init=False, repr=False)
    _told: dict[str, int] = field(init=False, repr=False)
    _instead: tuple[tuple[Question, OtherWords], ...] = field(init=False, repr=False)
    _always: "Reason | None" = field(init=False, repr=False)

    def __post_init__(self) -> None:
        limits = MappingProxyType(dict(self.limits))
        self._keep(acts=frozenset(self.acts), limits=limits, questions=self._bind(), _always=None,
                   named=list_placeholders(self.notice) | list_placeholders(self.remedy))
        told = self.named.union(*(words.named for words in self.instead))
        self._keep(_told={name: limit for name, limit in limits.items() if name in told}, _instead=tuple(
            (self.questions[f"instead {place}"], words) for place, words in enumerate(self.instead)))
        if self.questions.keys() <= {"when"} and self.named <= limits.keys():
            self._keep(_always=Reason(self, self._known(Facts(), None), self.effect))

    def _keep(self, **values: Any) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def _bind(self) -> Mapping[str, Question]:
        asked = {"when": self.when, "values": self.values, "effect_by": self.effect_by,
                 **{f"instead {place}": words.when for place, words in enumerate(self.instead)}}
        return {name: Question(ask, self.limits) for name, ask in asked.items() if ask}

    def is_broken_by(self, facts: Facts) -> bool:
        """Whether the rule holds against these facts; a rule whose parts are absent is not asked."""
        return "when" in self.questions and bool(self.questions["when"].answer(facts))

    def is_asked(self, facts: Facts) -> bool:
        """Whether these facts have every part that the rule reads."""
        question = self.questions.get("when")
        return question is not None and all(getattr(facts, part) is not None for part in question.needs)

    def effect_under(self, facts: Facts) -> Effect:
        """The effect in these facts: the row's own, unless a setting or the facts shift it."""
        shifted = self.questions["effect_by"].answer(facts) if self.effect_by else None
        return shifted or self.effect

    def words_under(self, facts: Facts) -> OtherWords | None:
        """The words that replace the row's own notice and remedy against these facts, or None."""
        for asked, words in self._instead:
            if asked.answer(facts):
                return words
        return None

    def details(self, facts: Facts) -> Mapping[str, Any]:
        """Only the values that the notice and the remedy name, so that nothing else can leak."""
        return self._known(facts, self.words_under(facts))

    def reason_under(self, facts: Facts) -> "Reason":
        """The reason that this rule gives against facts that break it."""
        if self._always is not None:
            return self._always
        words = self.words_under(facts) if self.instead else None
        effect = self.effect_under(facts) if self.effect_by else self.effect
        return Reason(self, self._known(facts, words), effect, words)

    def _known(self, facts: Facts, words: OtherWords | None) -> Mapping[str, Any]:
        found: dict[str, Any] = self.questions["values"].answer(facts) or {} if self.values else {}
        known = self._told | found if self._told else found
        named = self.named if words is None else words.named
        return MappingProxyType(known if known.keys() == named else {name: known[name] for name in named})


class Reason(NamedTuple):
    """A rule that holds, the effect it has here, and the values that its sentences print.

    `words` replace the rule's own notice and remedy.
    """

    rule: Rule
    values: Mapping[str, Any]
    effect: Effect
    words: OtherWords | None = None

    @property
    def id(self) -> str:
        """The id of the rule."""
        return self.rule.id

    @property
    def notice(self) -> Sentence:
        """What to tell the person concerned: the notice, or the general sentence of a rule without one."""
        return (self.words or self.rule).notice or self.rule.limitation

    @property
    def remedy(self) -> Sentence:
        """What to do about it; "" where nothing helps."""
        return (self.words or self.rule).remedy


@dataclass(frozen=True, slots=True)
class Decision:
    """All reasons that hold, in table order. It has no truth value: ask `allowed`."""

    reasons: tuple[Reason, ...] = ()

    def __bool__(self) -> NoReturn:
        raise TypeError("a decision has no truth value: ask .allowed, .blocking or .reasons")

    @property
    def allowed(self) -> bool:
        """True when no reason blocks."""
        return not self.blocking

    @property
    def blocking(self) -> tuple[Reason, ...]:
        """The reasons that stop the act."""
        return self.having(Effect.BLOCK)

    @property
    def warnings(self) -> tuple[Reason, ...]:
        """The reasons that are shown and stop nothing."""
        return self.having(Effect.WARN)

    @property
    def headline(self) -> Reason | None:
        """The first blocking reason, else the first reason, else None."""
        return next(iter(self.blocking), next(iter(self.reasons), None))

    @property
    def until(self) -> datetime | None:
        """When the last hold ends (UTC), or None when nothing holds the act back."""
        ends = [reason.values.get("until") for reason in self.having(Effect.HOLD)]
        return max((end for end in ends if end), default=None)

    def having(self, effect: Effect) -> tuple[Reason, ...]:
        """The reasons with this effect."""
        return tuple(reason for reason in self.reasons if reason.effect is effect)


FAILED = Rule(
    id="rule-failed",
    title=marks.N_("A rule could not be checked"),
    acts=frozenset(Act),
    effect=Effect.BLOCK,
    source=Source(portal=True),
    limitation=marks.N_("Where a rule cannot be checked, the answer is no."),
    notice=marks.N_("A rule could not be checked, so the answer is no for now. The alarm has been raised."),
    remedy=marks.N_("Try again later. If it stays, tell the people who run this portal."),
    system=True,
)


def deny_failed_rule(where: str, error: Exception) -> Decision:
    """The answer where a rule, or what it would be asked about, cannot be checked: no, and an alarm.

    `where` is the rule's id. Of the error only the type is told: its message might quote a number.
    """
    alarm.error("rule_failed rule=%s error=%s", where, type(error).__name__)
    return Decision((Reason(FAILED, {}, Effect.BLOCK),))
