"""Strangers fill the memory for good: long numbers, each a new one, in a cache of readings."""

from collections.abc import Iterator

from bench.attacks import Measure
from bench.attacks.target import Target

ROUNDS = 150
BOUND = 15.0


def attack(portal: Target) -> Iterator[Measure]:
    """Post reports with a new 60,000-character number each time."""
    stranger = portal.browser()
    stranger.get("/report-spam")
    send = lambda n: stranger.post("/report-spam", {"theirs": f"\U0001f600{n}" + "-" * 60_000}, files=True)  # noqa: E731
    for n in range(10):
        send(n)
    before = portal.memory()
    statuses = {send(n).status for n in range(10, 10 + ROUNDS)}
    grown = portal.memory() - before
    yield Measure("M4", f"{ROUNDS} numbers of 60,000 characters in the report form",
                  f"+{grown:.0f} MB, answers {sorted(statuses)}", grown > BOUND, "+230 kB each, up to 0.95 GB")
