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
    """The setting of one level: on or off, and whether it is locked for narrower levels."""

    on: bool
    locked: bool = False


@dataclass(frozen=True, slots=True)
class EffectiveSetting:
    """The effective setting and the level that decided it; `level` is None if no level is set."""

    on: bool
    level: Level | None
    locked: bool = False


def resolve_settings(said: Mapping[Level, SettingValue]) -> EffectiveSetting:
    """The narrowest level that is set decides, unless a broader one has locked its setting."""
    spoken = [(level, said[level]) for level in Level if level in said]
    if not spoken:
        return EffectiveSetting(on=False, level=None)
    level, word = next((pair for pair in spoken if pair[1].locked), spoken[-1])
    return EffectiveSetting(word.on, level, word.locked)


def lock_above(level: Level, said: Mapping[Level, SettingValue]) -> Level | None:
    """The broadest level above this one that has locked its setting, or None."""
    broader = list(Level)[: list(Level).index(level)]
    return next((above for above in broader if above in said and said[above].locked), None)
