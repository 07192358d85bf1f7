"""Opt-outs on the web without proof: by machines, by another site's visitors, in the names of numbers never texted."""

from collections.abc import Iterator

from bench.attacks import Measure
from bench.attacks.reports import FROM_ANYWHERE, ULI, asked, looked_into, number, opened, report, texted
from bench.attacks.target import Target

SETTINGS = FROM_ANYWHERE
MANY = 13


def attack(portal: Target) -> Iterator[Measure]:
    """By a hostile site, by patient people, and for numbers that were really texted."""
    for index in range(MANY):
        portal.browser().post("/report-spam", {"sender": ULI, "category": "scam", "theirs": number(index), "stop": "y",
                                               "website": "https://evil.example", "csrf_token": ""},
                              Origin="https://evil.example", X_Forwarded_For=f"203.0.113.{index + 1}")
    yield _measure(portal, f"{MANY} posts of another site, the trap filled in", 0, "13 of 13 in force")
    for place, stranger in enumerate(opened(portal, MANY)):
        report(stranger, place, sender=ULI, category="scam", theirs=number(100 + place), stop="y")
    yield _measure(portal, f"{MANY} by the form for numbers never texted", 0, "13 of 13 in force")
    texted(portal, ULI, *((number(200 + index), "See you at three.") for index in range(MANY)))
    for place, stranger in enumerate(opened(portal, MANY), start=50):
        report(stranger, place, sender=ULI, category="scam", theirs=number(150 + place), stop="y")
    yield _measure(portal, f"{MANY} within an hour for numbers that were texted", 10, "13 of 13 in force")


def _measure(portal: Target, tried: str, most: int, before: str) -> Measure:
    looked_into(portal)
    counted = dict(asked(portal, "SELECT consent, count(*) FROM opt_outs WHERE source = 'web'"
                                 " AND theirs LIKE '+1647556%' GROUP BY consent"))
    out, blocked = counted.get("out", 0), counted.get("likely-out", 0)
    warned, waits = asked(portal, "SELECT count(*), coalesce(sum(waits), 0) FROM web_asks")[0]
    said = f"{out} in force, {waits} wait and block nothing, {warned} warned of"
    return Measure("M2", tried, said, out > most or blocked > 0, before)
