"""Whose number is it? The lock that looking into a report takes, felt by a page that takes it too."""

import time
from collections.abc import Iterator

from bench.attacks import Measure
from bench.attacks.reports import FROM_ANYWHERE, ULI, number, opened, report, texted
from bench.attacks.target import Target

SETTINGS = {**FROM_ANYWHERE, "REPORT_DELAY": "60"}
FOREIGN, BODY = "+16045550199", "You have won a parcel! Pay 2.99 at parcel-fees.example to get it"
TRIES, WATCHED, BOUND = 20, 0.5, 0.75


def attack(portal: Target) -> Iterator[Measure]:
    """Reports of own and foreign numbers in turn, each followed by a probe: the slowest answer in half a second."""
    texted(portal, ULI, *((number(index), BODY) for index in range(TRIES)))
    slowest: dict[str, list[float]] = {ULI: [], FOREIGN: []}
    for place, stranger in enumerate(opened(portal, 2 * TRIES)):
        sender = (ULI, FOREIGN)[place % 2]
        report(stranger, place, sender=sender, body=BODY, theirs=number(place // 2), category="scam")
        slowest[sender].append(_slowest(portal))
    own, foreign = slowest[ULI], slowest[FOREIGN]
    above = sum((one > other) + (one == other) / 2 for one in own for other in foreign) / len(own) / len(foreign)
    yield Measure("M3", f"{2 * TRIES} reports, then /health/ready for {WATCHED} s each", f"AUC {above:.2f}",
                  max(above, 1 - above) > BOUND, "AUC 0.86 and 0.95 within 0.12 s")


def _slowest(portal: Target) -> float:
    browser, end, found = portal.browser(), time.perf_counter() + WATCHED, 0.0
    while time.perf_counter() < end:
        found = max(found, browser.get("/health/ready").seconds)
    return found
