"""A case that nobody can open: texts that take long to compare, reported and sent by colleagues."""

from collections.abc import Iterator

from bench.attacks import Measure
from bench.attacks.reports import BEN, FROM_ANYWHERE, ULI, asked, looked_into, number, opened, report, texted
from bench.attacks.target import Target

SETTINGS = FROM_ANYWHERE
BOUND = 2.0
FEE = "Your parcel waits for a small fee, pay it today or it goes back"


def _bodies(kind: str, many: int) -> list[str]:
    pieces = {"digits": "1/" * 720, "marks": "e\u0301\u0316" * 200, "numbers": "416-555-0101 " * 20,
              "hosts": " ".join(f"a{index}.example" for index in range(90))}
    return [f"{FEE} {chr(ord('a') + index % 26) * (3 + index // 26)} {pieces[kind]}" for index in range(many)]


def attack(portal: Target) -> Iterator[Measure]:
    """Four kinds of texts, reported and sent; the slowest page of the cases that come of it."""
    for kind, before in (("digits", "16.7 s"), ("marks", "not measured"), ("numbers", "not measured"),
                         ("hosts", "not measured")):
        mine, others = _bodies(kind, 4), _bodies(kind, 100)[4:]
        texted(portal, ULI, *((number(index), body) for index, body in enumerate(mine)))
        texted(portal, BEN, *((number(500 + index), body) for index, body in enumerate(others)))
        for place, (stranger, body) in enumerate(zip(opened(portal, len(mine)), mine, strict=True)):
            report(stranger, place, sender=ULI, body=body, theirs=number(place), category="scam")
        looked_into(portal)
        (ref,) = asked(portal, "SELECT ref FROM cases WHERE number_id = (SELECT id FROM numbers WHERE e164 = ?)"
                               " ORDER BY id DESC LIMIT 1", ULI)[0]
        answer = portal.browser("olga@example.com").get(f"/operator/cases/{ref}")
        works = answer.status != 200 or answer.seconds > BOUND
        yield Measure("M6", f"the case of 4 texts with {kind}, 96 like them elsewhere",
                      f"{answer.status} in {answer.seconds:.2f} s", works, before)
