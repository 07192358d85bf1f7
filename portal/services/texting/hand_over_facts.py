"""What the rules saw when a text was handed over, as it is kept: numbers of things, yes or no, words of enums, moments.

No words that a person wrote, no name and no number of anybody is among it: a string is kept only where it is a word of
the rules themselves. So a decision can be explained later.
"""

from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from portal.rules import EDITIONS, Facts

EDITION = EDITIONS[-1].number


def facts_to_store(facts: Facts | None) -> dict[str, Any]:
    """The facts by their names, nested like the facts; what is not known and what holds words is left out."""
    return _parts(facts) if facts is not None else {}


def _parts(value: Any) -> dict[str, Any]:
    kept = ((field.name, _plain(getattr(value, field.name))) for field in fields(value))
    return {name: plain for name, plain in kept if plain is not None}


def _plain(value: Any) -> Any:
    """A value as JSON holds it; None for what is not kept. Of a collection of words the number is kept."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if is_dataclass(value):
        return _parts(value)
    return _collection(value) if isinstance(value, tuple | frozenset) else None


def _collection(value: tuple[Any, ...] | frozenset[Any]) -> Any:
    if not value or not all(is_dataclass(one) for one in value):
        return len(value)
    return [_parts(one) for one in value]
