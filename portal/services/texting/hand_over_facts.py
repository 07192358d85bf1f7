"""What the rules saw when a text was handed over, as it is kept: numbers of things, yes or no, words of enums, moments.

No words that a person wrote, no name and no number of anybody is among it: a string is kept only where it is a word of
the rules themselves. So a decision can be explained later.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any, cast

from portal.rules import EDITIONS, Facts

EDITION = EDITIONS[-1].number


def write_facts(facts: Facts | None, known: dict[int, str] | None = None) -> str:
    """The facts as a JSON object by their names, nested like the facts, without what is not known or holds words.

    `known` remembers, over calls with facts that live on, the parts that many texts have in common.
    """
    return "{}" if facts is None else _parts(facts, {} if known is None else known)


@cache
def _names(kind: Any) -> tuple[Callable[[Any], Iterable[Any]], tuple[str, ...]]:
    """What gives the values of all fields at once, and how each begins."""
    names = [field.name for field in fields(kind)]
    return (attrgetter(*names) if len(names) > 1 else lambda value: (getattr(value, names[0]),),
            tuple(f'"{name}": ' for name in names))


def _parts(value: Any, known: dict[int, str]) -> str:
    values_of, begins = _names(cast(Any, type(value)))
    written = [begin + words for begin, part in zip(begins, values_of(value), strict=True)
               if part is not None and (words := _write(part, known))]
    return f"{{{', '.join(written)}}}"


def _write(value: Any, known: dict[int, str]) -> str:
    """A value in JSON; "" for what is not kept. Of a collection of words the number is kept."""
    kind = type(value)
    if kind is str:
        return ""
    if kind is bool:
        return "true" if value else "false"
    if kind is int:
        return str(value)
    if (written := known.get(id(value))) is None:
        written = known[id(value)] = _write_part(value, known)
    return written


def _write_part(value: Any, known: dict[int, str]) -> str:
    if is_dataclass(value):
        return _parts(value, known)
    if isinstance(value, tuple | frozenset):
        return _write_collection(value, known)
    if isinstance(value, datetime | date):
        return f'"{value.isoformat()}"'
    if isinstance(value, Enum):
        return json.dumps(value.value)
    return json.dumps(value) if isinstance(value, int | float) else ""


def _write_collection(value: tuple[Any, ...] | frozenset[Any], known: dict[int, str]) -> str:
    if not value or not all(is_dataclass(one) for one in value):
        return str(len(value))
    return f"[{', '.join(_parts(one, known) for one in value)}]"
