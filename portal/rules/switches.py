"""The toggle: three levels, each silent, on or off; broader ones may lock their word."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """Where a word is said, from the broadest to the narrowest."""

    ORGANIZATION = "organization"
    LOCATION = "location"
    USER = "user"


@dataclass(frozen=True, slots=True)
class SettingValue:
    """A word: on or off, and whether narrower levels may still say otherwise."""

    on: bool
    locked: bool = False


@dataclass(frozen=True, slots=True)
class EffectiveSetting:
    """What holds in the end and which level decided; `level` is None when nobody spoke."""

    on: bool
    level: Level | None
    locked: bool = False


def resolve_settings(said: Mapping[Level, SettingValue]) -> EffectiveSetting:
    """The narrowest level that speaks decides, unless a broader one has locked its word."""
    spoken = [(level, said[level]) for level in Level if level in said]
    if not spoken:
        return EffectiveSetting(on=False, level=None)
    level, word = next((pair for pair in spoken if pair[1].locked), spoken[-1])
    return EffectiveSetting(word.on, level, word.locked)


def lock_above(level: Level, said: Mapping[Level, SettingValue]) -> Level | None:
    """The broadest level above this one that has locked its word, or None."""
    broader = list(Level)[: list(Level).index(level)]
    return next((above for above in broader if above in said and said[above].locked), None)
