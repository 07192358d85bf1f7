"""What a rule is, and what a decision holds.

Nothing here knows a single rule: `table/` has the rows, `facts.py` what they read.
"""

import inspect
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NoReturn

from portal import marks

from .facts import Facts
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


PARTS = frozenset(part.name for part in fields(Facts))


@dataclass(frozen=True, slots=True)
class Question:
    """A function over parts of the facts and limits of its rule, bound once by parameter names.

    A parameter with a default names a part that may be absent; any other absent part means
    that the question is not asked.
    """

    ask: Callable[..., Any]
    limits: Mapping[str, int]
    needs: tuple[str, ...] = field(init=False)
    may: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        named = inspect.signature(self.ask).parameters
        if unknown := set(named) - PARTS - set(self.limits):
            raise TypeError(f"neither a part of the facts nor a limit: {', '.join(sorted(unknown))}")
        parts = [name for name in named if name in PARTS]
        object.__setattr__(self, "needs", tuple(p for p in parts if named[p].default is named[p].empty))
        object.__setattr__(self, "may", tuple(p for p in parts if p not in self.needs))
        object.__setattr__(self, "limits", {n: v for n, v in self.limits.items() if n in named})
        if list(named)[: len(self.needs)] != list(self.needs):
            raise TypeError("parts come first, then limits, then parts that may be absent")

    def answer(self, facts: Facts) -> Any:
        """The function's answer, or None when a part it needs is absent."""
        known = []
        for name in self.needs:
            if (part := getattr(facts, name)) is None:
                return None
            known.append(part)
        if self.may:
            return self.ask(*known, **self.limits, **{name: getattr(facts, name) for name in self.may})
        return self.ask(*known, **self.limits)


@dataclass(frozen=True, slots=True)
class OtherWords:
    """The notice and the remedy of a rule against facts for which its usual ones would not be true; the first wins."""

    when: Callable[..., bool]
    notice: Sentence
    remedy: Sentence


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table: it enforces, explains, translates, documents and tests itself.

    `limitation` is the general sentence, `notice` the one for the person concerned with the values
    that decided, `remedy` what to do; `instead` replaces the last two against some facts. `veiled`
    replaces `limitation` for readers who are not signed in, where exact thresholds would only serve
    abuse. `effect_by` may shift `effect` by the facts. `untold`: the reason is never kept with a text, so that
    nobody learns that it held.
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
    values: Callable[..., Mapping[str, Any]] | None = None
    effect_by: Callable[..., Effect | None] | None = None
    _questions: Mapping[str, Question] = field(init=False, repr=False)
    _named: Mapping[OtherWords | None, frozenset[str]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        asked = {"when": self.when, "values": self.values, "effect_by": self.effect_by,
                 **{f"instead {place}": words.when for place, words in enumerate(self.instead)}}
        bound = {name: Question(ask, self.limits) for name, ask in asked.items() if ask}
        object.__setattr__(self, "acts", frozenset(self.acts))
        object.__setattr__(self, "limits", MappingProxyType(dict(self.limits)))
        object.__setattr__(self, "_questions", bound)
        said: tuple[Rule | OtherWords, ...] = (self, *self.instead)
        object.__setattr__(self, "_named", {
            one if isinstance(one, OtherWords) else None: list_placeholders(one.notice) | list_placeholders(one.remedy)
            for one in said})

    def is_broken_by(self, facts: Facts) -> bool:
        """Whether the rule holds against these facts; a rule whose parts are absent is not asked."""
        return "when" in self._questions and bool(self._questions["when"].answer(facts))

    def is_asked(self, facts: Facts) -> bool:
        """Whether these facts have every part that the rule reads."""
        question = self._questions.get("when")
        return question is not None and all(getattr(facts, part) is not None for part in question.needs)

    def effect_under(self, facts: Facts) -> Effect:
        """The effect in these facts: the row's own, unless a setting or the facts shift it."""
        shifted = self._questions["effect_by"].answer(facts) if "effect_by" in self._questions else None
        return shifted or self.effect

    def words_under(self, facts: Facts) -> OtherWords | None:
        """The words that replace the row's own notice and remedy against these facts, or None."""
        asked = (words for place, words in enumerate(self.instead)
                 if self._questions[f"instead {place}"].answer(facts))
        return next(asked, None)

    def details(self, facts: Facts) -> Mapping[str, Any]:
        """Only the values that the notice and the remedy name, so that nothing else can leak."""
        found = self._questions["values"].answer(facts) if "values" in self._questions else {}
        known = {**self.limits, **(found or {})}
        return MappingProxyType({name: known[name] for name in self._named[self.words_under(facts)]})


@dataclass(frozen=True, slots=True)
class Reason:
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


def _reason(rule: Rule, facts: Facts) -> Reason | None:
    try:
        if not rule.is_broken_by(facts):
            return None
        return Reason(rule, rule.details(facts), rule.effect_under(facts), rule.words_under(facts))
    except Exception as error:  # noqa: BLE001 - a rule that raises denies
        return deny_failed_rule(rule.id, error).reasons[0]


def list_reasons(act: Act, facts: Facts, rules: Iterable[Rule]) -> tuple[Reason, ...]:
    """All reasons of these rules that hold against an act, in the order of the rules."""
    asked = (_reason(rule, facts) for rule in rules if act in rule.acts)
    return tuple(reason for reason in asked if reason)
