"""Functions of a row: which parts of the facts each reads follows from the names of its parameters, once, at import."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from operator import attrgetter
from typing import Any

from .facts import Facts

PARTS = tuple(part.name for part in fields(Facts))
# The parts of facts in the order of PARTS, as a tuple; None for those that are absent.
list_parts = attrgetter(*PARTS)


@dataclass(frozen=True, slots=True)
class Question:
    """A function over parts of the facts and limits of its rule, bound once by parameter names.

    `needs` are the parts without which it is not asked; `may` those that may be absent, which have a default. `limits`
    are those of the rule that it reads. `ask` takes the values of `needs` and `may`, in this order.
    """

    ask: Callable[..., Any]
    limits: Mapping[str, int]
    needs: tuple[str, ...] = field(init=False)
    may: tuple[str, ...] = field(init=False)
    _read: Callable[[Facts], Any] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        named = inspect.signature(self.ask).parameters
        parts, limits = _sort_names(named, self.limits)
        needs = tuple(name for name in parts if named[name].default is inspect.Parameter.empty)
        for name, value in {
            "ask": partial(self.ask, **limits) if limits else self.ask, "limits": limits, "needs": needs,
            "may": tuple(parts[len(needs):]), "_read": attrgetter(*parts),
        }.items():
            object.__setattr__(self, name, value)

    def answer(self, facts: Facts) -> Any:
        """The function's answer, or None when a part it needs is absent."""
        read = self._read(facts)
        if len(self.needs) == 1 and not self.may:
            return None if read is None else self.ask(read)
        for part in read[:len(self.needs)]:
            if part is None:
                return None
        return self.ask(*read)


def _sort_names(named: Iterable[str], limits: Mapping[str, int]) -> tuple[list[str], dict[str, int]]:
    """The parts of the facts and the limits among the names of a function's parameters; TypeError for any other."""
    parts, asked = [name for name in named if name in PARTS], [name for name in named if name in limits]
    if unknown := set(named) - {*parts, *asked}:
        raise TypeError(f"neither a part of the facts nor a limit: {', '.join(sorted(unknown))}")
    if not parts or [*parts, *asked] != list(named):
        raise TypeError("parts of the facts come first, at least one, then limits")
    return parts, {name: limits[name] for name in asked}
