"""What a wish about texting would do, in exact numbers and before anything is written.

The same code that decides afterwards computes what is shown before.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement

from portal.rules import BY_ID
from portal.rules.standing import TOGGLE
from portal.rules.switches import EffectiveSetting, Level, SettingValue, resolve_settings

from .eligibility import OrganizationSnapshot, UserProfile


class ToggleOutcome(StrEnum):
    """What a change does to a user."""

    TURN_ON = "turn-on"
    TURN_OFF = "turn-off"
    OWN_WORD = "own-setting"
    UNCHANGED = "unchanged"
    NOT_AVAILABLE = "not-available"


@dataclass(frozen=True, slots=True)
class RequestedSetting:
    """What somebody wants a level to say; `on` None takes its word back."""

    on: bool | None
    locked: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TogglePreview:
    """How many users a change turns on, turns off, leaves alone or cannot reach.

    `ignored` own words are kept and do not apply while the change is locked; `idle` users are switched
    on and still cannot text, because of the rules whose ids are in `why`.
    """

    counts: Counter[ToggleOutcome]
    ignored: int
    idle: int
    why: tuple[str, ...]
    turns_on: bool


@dataclass(frozen=True, slots=True)
class _Group:
    """Users whom a change meets in the same way."""

    profile: UserProfile
    user_id: int | None
    many: int
    before: EffectiveSetting
    after: EffectiveSetting
    outcome: ToggleOutcome

    @property
    def idle(self) -> bool:
        """Whether they are switched on and still cannot text."""
        return self.outcome is ToggleOutcome.NOT_AVAILABLE and self.after.on

    @property
    def turns_on(self) -> bool:
        """Whether texting goes from off to on for them."""
        return self.after.on and not self.before.on


def setting_word(wish: RequestedSetting) -> str:
    """A wish in one of the five words that the audit log keeps."""
    if wish.on is None:
        return "inherit"
    return ("on" if wish.on else "off") + ("-locked" if wish.locked else "")


def read_setting_word(word: str) -> RequestedSetting:
    """The wish for one of those words; anything else is silence."""
    said = {"on": RequestedSetting(True), "off": RequestedSetting(False), "on-locked": RequestedSetting(True, True),
            "off-locked": RequestedSetting(False, True)}
    return said.get(word, RequestedSetting(None))


def _after(roll: OrganizationSnapshot, profile: UserProfile, level: Level, wish: RequestedSetting) -> EffectiveSetting:
    said = {at: word for at, word in roll.said(profile).items() if at is not level}
    if wish.on is not None:
        said[level] = SettingValue(wish.on, wish.locked)
    return resolve_settings(said)


def _outcome(before: EffectiveSetting, after: EffectiveSetting, level: Level, eligible: bool) -> ToggleOutcome:
    if not eligible:
        return ToggleOutcome.NOT_AVAILABLE
    if before.on != after.on:
        return ToggleOutcome.TURN_ON if after.on else ToggleOutcome.TURN_OFF
    narrower = list(Level)[list(Level).index(level) + 1:]
    return ToggleOutcome.OWN_WORD if after.level in narrower else ToggleOutcome.UNCHANGED


def _met(roll: OrganizationSnapshot, level: Level, wish: RequestedSetting,
         where: Iterable[ColumnElement[bool]]) -> list[_Group]:
    met = []
    for profile, user_id, many in roll.groups(where):
        before, after = roll.effective(profile), _after(roll, profile, level, wish)
        outcome = _outcome(before, after, level, roll.standing(profile, user_id).eligible)
        met.append(_Group(profile, user_id, many, before, after, outcome))
    return met


def preview_toggle(level: Level, wish: RequestedSetting, where: Sequence[ColumnElement[bool]],
                   roll: OrganizationSnapshot) -> TogglePreview:
    """What a change at a level would do to the users selected by `where`: exact counts, nothing written."""
    groups = _met(roll, level, wish, where)
    counts: Counter[ToggleOutcome] = Counter()
    for group in groups:
        counts[group.outcome] += group.many
    idle = [group for group in groups if group.idle]
    turns_on = wish.on is True or any(group.turns_on for group in groups)
    return TogglePreview(counts, _ignored(roll, level, wish, groups), sum(group.many for group in idle),
                         _in_the_way(roll, idle), turns_on)


def _in_the_way(roll: OrganizationSnapshot, idle: list[_Group]) -> tuple[str, ...]:
    """The ids of the rules that keep these users from texting, in the order of the table."""
    broken = {reason.id for group in idle for reason in roll.standing(group.profile, group.user_id).use.blocking}
    return tuple(rule for rule in BY_ID if rule in broken - {TOGGLE})


def _ignored(roll: OrganizationSnapshot, level: Level, wish: RequestedSetting, groups: list[_Group]) -> int:
    if not wish.locked:
        return 0
    places = [word for at, word in roll.words.items() if at[0] is Level.LOCATION and word.on is not None]
    users = sum(group.many for group in groups if group.profile.word is not None)
    return users + (len(places) if level is Level.ORGANIZATION else 0)


def groups_with_outcome(level: Level, wish: RequestedSetting, outcome: ToggleOutcome,
                        where: Sequence[ColumnElement[bool]],
                        roll: OrganizationSnapshot) -> list[tuple[UserProfile, int | None]]:
    """The groups of users for whom a change has this outcome, for `standing.belonging`."""
    return [(group.profile, group.user_id) for group in _met(roll, level, wish, where)
            if group.outcome is outcome]
