"""What a measurement gives: figures with their bars, ratios taken in turns, and the table that people read."""

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .sizes import size_of

ROUNDS = size_of("rounds")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value beside its bar.

    `bar` is the id of the bar, "" for a figure that has none. `measured` is the median, None for what could not be
    measured: `said` then says why. `low` and `high` are the least and the most of all rounds. `limit` is what has to
    be reached, from above if `at_least`, else from below.
    """

    bar: str
    what: str
    measured: float | None
    unit: str
    limit: float | None = None
    at_least: bool = False
    low: float | None = None
    high: float | None = None
    said: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether the bar is reached; None where there is no bar or no value."""
        if self.measured is None or self.limit is None:
            return None
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit


def figure_of(bar: str, what: str, values: Sequence[float], unit: str, **more: Any) -> Figure:
    """The figure of several rounds: their median, the least and the most."""
    return Figure(bar, what, statistics.median(values), unit, low=min(values), high=max(values), **more)


def missing_figure(bar: str, what: str, why: str) -> Figure:
    """A figure that could not be measured, and why."""
    return Figure(bar, what, None, "", said=why)


def take_turns(asks: Mapping[str, Callable[[], float]], rounds: int = ROUNDS) -> dict[str, list[float]]:
    """What each gives in every round, one after the other, every second round in the opposite order.

    A machine that becomes slower during the run is so fair to all of them.
    """
    given: dict[str, list[float]] = {name: [] for name in asks}
    for number in range(rounds):
        for name in list(asks) if number % 2 == 0 else reversed(asks):
            given[name].append(asks[name]())
    return given


def ratios(these: Sequence[float], those: Sequence[float]) -> list[float]:
    """Round by round, how many times those these are."""
    return [one / other for one, other in zip(these, those, strict=True)]


def at_share(values: Iterable[float], share: float) -> float:
    """The value below which this share of all values is: 0.5 for the middle, 0.99 for all but the slowest."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


WORDS = {True: "yes", False: "NO", None: ""}
HEAD = ("bar", "what", "measured", "of all rounds", "to reach", "reached", "before", "besides")


def rows_of(figures: Iterable[Figure], before: Mapping[str, float]) -> list[tuple[str, ...]]:
    """The table's cells; `before` holds earlier values by bar and words (`key_of`)."""
    return [(one.bar, one.what, _value(one.measured, one.unit) or "not measured", _spread(one), _limit(one),
             WORDS[one.reached], _value(before.get(key_of(one)), one.unit), one.said) for one in figures]


def key_of(figure: Figure) -> str:
    """By what a figure is found again in an earlier run."""
    return f"{figure.bar} {figure.what}"


def _limit(figure: Figure) -> str:
    if figure.limit is None:
        return ""
    return f"{'≥' if figure.at_least else '≤'} {_value(figure.limit, figure.unit)}"


def _spread(figure: Figure) -> str:
    if figure.low is None or figure.low == figure.high:
        return ""
    return f"{short_number(figure.low)} to {short_number(figure.high)}"


def _value(value: float | None, unit: str) -> str:
    return "" if value is None else f"{short_number(value)} {unit}".strip()


def short_number(value: float | None) -> str:
    """Three digits that count; large numbers whole; "" for none."""
    if value is None:
        return ""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def plain_table(rows: Sequence[Sequence[str]], head: Sequence[str] = HEAD) -> str:
    """For a terminal: columns as wide as they need to be, the last one free."""
    lines = [head, *rows]
    wide = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, wide, strict=True)).rstrip()
                     for line in lines)


def markdown_table(rows: Sequence[Sequence[str]], head: Sequence[str] = HEAD) -> str:
    """For a page."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
