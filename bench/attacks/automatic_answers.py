"""Silence a user who wrote nothing: text HELP, report the answer, from as many numbers as a block needs."""

import time
from collections.abc import Iterator

from bench.attacks import Measure
from bench.attacks.reports import BEN, FROM_ANYWHERE, asked, looked_into, number, opened, report, texted
from bench.attacks.target import Target

SETTINGS = FROM_ANYWHERE
MANY = 12
HARBOR = """
SELECT e164 FROM numbers WHERE organization_id <> (SELECT organization_id FROM numbers WHERE e164 = ?)
AND user_id IS NOT NULL LIMIT ?
"""
SPAM = "You have won a parcel! Pay 2.99 at parcel-fees.example to get it"


def attack(portal: Target) -> Iterator[Measure]:
    """First by answers alone, then by real texts to the numbers of one other organization."""
    for index in range(MANY):
        portal.text_in(number(index), BEN, "HELP")
    answer = _answered(portal)
    for place, stranger in enumerate(opened(portal, MANY)):
        report(stranger, place, sender=BEN, body=answer, theirs=number(place), category="scam")
    yield _measure(portal, f"{MANY} numbers report the answer to HELP as fraud", "12 verified, block for 72 hours")
    theirs = [one for (one,) in asked(portal, HARBOR, BEN, MANY)]
    texted(portal, BEN, *((one, SPAM) for one in theirs))
    for place, (stranger, one) in enumerate(zip(opened(portal, len(theirs)), theirs, strict=True), start=100):
        report(stranger, place, sender=BEN, body=SPAM, theirs=one, category="scam")
    yield _measure(portal, f"{len(theirs)} users of one organization report a text", "each a place: slowed or blocked")


def _answered(portal: Target) -> str:
    """The words of the answers, once all have left."""
    end, found = time.monotonic() + 60, []
    while len(found) < MANY and time.monotonic() < end:
        time.sleep(0.2)
        found = asked(portal, "SELECT body FROM messages WHERE automatic AND carrier_id <> '' AND number_id ="
                              " (SELECT id FROM numbers WHERE e164 = ?)", BEN)
    return str(found[0][0])


def _measure(portal: Target, tried: str, before: str) -> Measure:
    looked_into(portal)
    verified = asked(portal, "SELECT count(*) FROM reports WHERE sender = ? AND matched = 'verified'", BEN)[0][0]
    restricted = [one for (one,) in asked(
        portal, "SELECT restraint FROM restrictions WHERE made_by_id IS NULL AND user_id ="
                " (SELECT user_id FROM numbers WHERE e164 = ?)", BEN)]
    return Measure("H2", tried, f"{verified} verified, {', '.join(restricted) or 'nothing'} follows", bool(restricted),
                   before)
