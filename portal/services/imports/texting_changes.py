"""Texting of imported users. The same rules decide as for a change made by hand."""

from dataclasses import dataclass, field

from portal.models import User
from portal.rules import Act, Decision, Facts, decide
from portal.rules.facts import ActorFacts, Change, Lock
from portal.rules.switches import Level, SettingValue, resolve_settings

from ..toggles.eligibility import OrganizationSnapshot
from ..toggles.known_units import KnownLocation
from ..toggles.toggle import lock_over_unit
from .columns import ImportColumn
from .rows import RowProblem, TextingWord
from .steps import RowPlan

SETTING_BY_WORD = {TextingWord.INHERIT: None, TextingWord.ON: True, TextingWord.OFF: False}
WORD_BY_SETTING = {on: word for word, on in SETTING_BY_WORD.items()}


@dataclass
class TextingJudge:
    """Asks the rules once per kind of change, so that a file of many rows stays cheap."""

    snapshot: OrganizationSnapshot
    administers: bool
    _decisions: dict[tuple[int | None, bool | None, bool | None], Decision] = field(default_factory=dict)
    _locks: dict[int | None, Lock | None] = field(default_factory=dict)

    def consider(self, step: RowPlan) -> None:
        """Add the change of the user's texting setting to a step, or the problem that forbids it."""
        if step.row.texting is None:
            return
        was, on = step.own_setting.on if step.own_setting else None, SETTING_BY_WORD[step.row.texting]
        if was is on:
            return
        step.to(ImportColumn.TEXTING, WORD_BY_SETTING[was], WORD_BY_SETTING[on], on)
        for reason in self._decide(step.location, was, on).blocking:
            step.problems.append(RowProblem(reason.notice, reason.values, reason.remedy))

    def _decide(self, location: KnownLocation | None, was: bool | None, on: bool | None) -> Decision:
        at = location.id if location else None
        if (at, was, on) not in self._decisions:
            before, after = self._effective(at, was), self._effective(at, on)
            turns_on = on is True or (after and not before)
            self._decisions[at, was, on] = decide(Act.SWITCH, Facts(
                actor=ActorFacts(self.administers),
                organization=self.snapshot.organization_facts(),
                change=Change(on, turns_on, self._lock(at)),
            ))
        return self._decisions[at, was, on]

    def _effective(self, location_id: int | None, own_setting: bool | None) -> bool:
        units = {Level.ORGANIZATION: self.snapshot.organization.id, Level.LOCATION: location_id or 0}
        stored = {level: self.snapshot.units.settings.get((level, unit)) for level, unit in units.items()}
        broader = {level: one.value for level, one in stored.items() if one}
        return resolve_settings({**broader, Level.USER: SettingValue(own_setting)}).on

    def _lock(self, location_id: int | None) -> Lock | None:
        if location_id not in self._locks:
            # A user that is never stored: locks depend only on the location.
            self._locks[location_id] = lock_over_unit(User(location_id=location_id), self.snapshot)
        return self._locks[location_id]
