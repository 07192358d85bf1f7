"""What a change of a setting would do: exact numbers of users, before anything is written.

The preview and the change itself run the same code, so they give the same answer.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal.models import User
from portal.rules import BY_ID
from portal.rules.standing import TOGGLE
from portal.rules.switches import EffectiveSetting, Level, SettingValue, resolve_settings

from .eligibility import OrganizationSnapshot, profile_of_user
from .groups import UserCondition, UserGroup
from .profiles import UserProfile


class ToggleOutcome(StrEnum):
    """What a change does to a user."""

    TURN_ON = "turn-on"
    TURN_OFF = "turn-off"
    OWN_WORD = "own-setting"
    UNCHANGED = "unchanged"
    NOT_AVAILABLE = "not-available"


@dataclass(frozen=True, slots=True)
class TogglePreview:
    """How many users a change switches on or off, how many it does not change, and how many cannot text anyway.

    `ignored` counts narrower settings that stay stored but do not apply while the change locks them. `idle` counts
    users who are switched on and still cannot text; `why` holds the ids of the rules that stop them.
    """

    counts: Counter[ToggleOutcome]
    ignored: int
    idle: int
    why: tuple[str, ...]
    turns_on: bool

    @property
    def mark(self) -> str:
        """All figures in one word, for a form to carry: another word, another effect than its page has shown."""
        return "-".join(map(str, (*(self.counts[outcome] for outcome in ToggleOutcome), self.ignored, self.idle,
                                  *self.why)))


@dataclass(frozen=True, slots=True)
class _Group:
    """Users for whom a change does the same."""

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


def setting_word(setting: SettingValue) -> str:
    """A setting as the audit log keeps it: on, off, on-locked, off-locked or inherit."""
    if setting.on is None:
        return "inherit"
    return ("on" if setting.on else "off") + ("-locked" if setting.locked else "")


def read_setting_word(word: str) -> SettingValue:
    """The setting for one of those words; any other word means inherit."""
    settings = {"on": SettingValue(True), "off": SettingValue(False),
                "on-locked": SettingValue(True, True), "off-locked": SettingValue(False, True)}
    return settings.get(word, SettingValue(None))


def _after(snapshot: OrganizationSnapshot, profile: UserProfile, level: Level,
           setting: SettingValue) -> EffectiveSetting:
    return resolve_settings({**snapshot.settings_of(profile), level: setting})


def _outcome(before: EffectiveSetting, after: EffectiveSetting, level: Level, eligible: bool) -> ToggleOutcome:
    if not eligible:
        return ToggleOutcome.NOT_AVAILABLE
    if before.on != after.on:
        return ToggleOutcome.TURN_ON if after.on else ToggleOutcome.TURN_OFF
    narrower = list(Level)[list(Level).index(level) + 1:]
    return ToggleOutcome.OWN_WORD if after.level in narrower else ToggleOutcome.UNCHANGED


def _groups(snapshot: OrganizationSnapshot, level: Level, setting: SettingValue,
            found: Iterable[UserGroup]) -> list[_Group]:
    groups = []
    for profile, user_id, many, _place_ids in found:
        before, after = snapshot.effective(profile), _after(snapshot, profile, level, setting)
        outcome = _outcome(before, after, level, snapshot.standing(profile, user_id).eligible)
        groups.append(_Group(profile, user_id, many, before, after, outcome))
    return groups


def preview_toggle(level: Level, setting: SettingValue, where: Sequence[UserCondition],
                   snapshot: OrganizationSnapshot) -> TogglePreview:
    """What a change at a level would do to the users whom `where` selects: exact counts. Nothing is written."""
    return _preview(level, setting, snapshot.groups(where), snapshot)


def preview_for_user(user: User, setting: SettingValue, snapshot: OrganizationSnapshot,
                     profile: UserProfile | None = None) -> TogglePreview:
    """What a setting of their own would do to one user: the same as `preview_toggle` says, without counting anybody."""
    profile, alone = profile or profile_of_user(user), user.id if user.id in snapshot.restrictions else None
    found = [UserGroup(profile, alone, 1, str(profile.location_id))] if profile.location_id else []
    return _preview(Level.USER, setting, found, snapshot)


def _preview(level: Level, setting: SettingValue, found: Iterable[UserGroup],
             snapshot: OrganizationSnapshot) -> TogglePreview:
    groups = _groups(snapshot, level, setting, found)
    counts: Counter[ToggleOutcome] = Counter()
    for group in groups:
        counts[group.outcome] += group.many
    idle = [group for group in groups if group.idle]
    turns_on = setting.on is True or any(group.turns_on for group in groups)
    return TogglePreview(counts, _ignored(snapshot, level, setting, groups), sum(group.many for group in idle),
                         _in_the_way(snapshot, idle), turns_on)


def _in_the_way(snapshot: OrganizationSnapshot, idle: list[_Group]) -> tuple[str, ...]:
    """The ids of the rules that keep these users from texting, in the order of the table."""
    broken = {reason.id for group in idle for reason in snapshot.standing(group.profile, group.user_id).use.blocking}
    return tuple(rule for rule in BY_ID if rule in broken - {TOGGLE})


def _ignored(snapshot: OrganizationSnapshot, level: Level, setting: SettingValue, groups: list[_Group]) -> int:
    if not setting.locked:
        return 0
    places = [at for at, stored in snapshot.units.settings.items() if at[0] is Level.LOCATION and stored.on is not None]
    users = sum(group.many for group in groups if group.profile.own_setting is not None)
    return users + (len(places) if level is Level.ORGANIZATION else 0)


def groups_with_outcome(level: Level, setting: SettingValue, outcome: ToggleOutcome,
                        where: Sequence[UserCondition],
                        snapshot: OrganizationSnapshot) -> list[UserGroup]:
    """The groups of users for whom a change has this outcome; `eligibility.users_in_groups` turns them into SQL."""
    found = snapshot.groups(where)
    return [one for one, judged in zip(found, _groups(snapshot, level, setting, found), strict=True)
            if judged.outcome is outcome]
