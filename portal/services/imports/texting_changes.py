"""Texting of imported users: the rules decide, as they do for every switch."""

from dataclasses import dataclass, field

from portal.models import Location, User
from portal.rules import Act, Decision, Facts, decide
from portal.rules.facts import Actor, Change, Lock
from portal.rules.switches import Level, Said, resolve

from ..toggles.eligibility import Roll
from ..toggles.toggle import lock_over
from .columns import Column
from .rows import Problem, Texting
from .steps import Step

WISHES = {Texting.INHERIT: None, Texting.ON: True, Texting.OFF: False}
WORDS = {on: word for word, on in WISHES.items()}


@dataclass
class Judge:
    """Asks the rules once for each kind of change, so that many rows cost little."""

    roll: Roll
    administers: bool
    _decisions: dict[tuple[int | None, bool | None, bool | None], Decision] = field(default_factory=dict)
    _locks: dict[int | None, Lock | None] = field(default_factory=dict)

    def consider(self, step: Step) -> None:
        """Add to a step what happens to its user's word about texting, or why it must not."""
        if step.row.texting is None:
            return
        was, on = step.word.on if step.word else None, WISHES[step.row.texting]
        if was is on:
            return
        step.to(Column.TEXTING, WORDS[was], WORDS[on], on)
        for reason in self._decide(step.location, was, on).blocking:
            sentence = reason.rule.notice or reason.rule.limitation
            step.problems.append(Problem(sentence, reason.values, reason.rule.remedy))

    def _decide(self, location: Location | None, was: bool | None, on: bool | None) -> Decision:
        at = location.id if location else None
        if (at, was, on) not in self._decisions:
            before, after = self._effective(at, was), self._effective(at, on)
            turns_on = on is True or (after and not before)
            self._decisions[at, was, on] = decide(Act.SWITCH, Facts(
                actor=Actor(self.administers),
                organization=self.roll.organization_facts(),
                change=Change(on, turns_on, self._lock(at)),
            ))
        return self._decisions[at, was, on]

    def _effective(self, location_id: int | None, word: bool | None) -> bool:
        units = {Level.ORGANIZATION: self.roll.organization.id, Level.LOCATION: location_id or 0}
        words = {level: self.roll.words.get((level, unit)) for level, unit in units.items()}
        said = {level: Said(one.on, one.locked) for level, one in words.items() if one and one.on is not None}
        return resolve(said if word is None else {**said, Level.USER: Said(word)}).on

    def _lock(self, location_id: int | None) -> Lock | None:
        if location_id not in self._locks:
            # A user of nobody's: only where they would be decides which locks hold over them.
            self._locks[location_id] = lock_over(User(location_id=location_id), self.roll)
        return self._locks[location_id]
