"""The toggle: three levels, each inherited, on or off. A broader level may lock its setting."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """The levels of a setting, from the broadest to the narrowest."""

    ORGANIZATION = "organization"
    LOCATION = "location"
    USER = "user"


@dataclass(frozen=True, slots=True)
class SettingValue:
    """The setting of one level: on, off, or None for inherit, so that the broader level decides.

    `locked`: narrower levels cannot override it. `reason` says to people why it is locked.
    """

    on: bool | None
    locked: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class EffectiveSetting:
    """The effective setting and the level that decided it; `level` is None if no level is set."""

    on: bool
    level: Level | None
    locked: bool = False


def resolve_settings(settings: Mapping[Level, SettingValue]) -> EffectiveSetting:
    """The narrowest level that is on or off decides, unless a broader one has locked its setting."""
    decided = [(level, settings[level]) for level in Level if level in settings and settings[level].on is not None]
    if not decided:
        return EffectiveSetting(on=False, level=None)
    level, setting = next((pair for pair in decided if pair[1].locked), decided[-1])
    return EffectiveSetting(bool(setting.on), level, setting.locked)


def lock_above(level: Level, settings: Mapping[Level, SettingValue]) -> Level | None:
    """The broadest level above this one that has locked its setting, or None."""
    broader = list(Level)[: list(Level).index(level)]
    return next((above for above in broader if above in settings and settings[above].locked), None)
