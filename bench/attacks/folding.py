"""One anonymous request that keeps every thread busy: combining marks, which sort in quadratic time."""

from collections.abc import Iterator

from bench.attacks import Measure
from bench.attacks.target import Answer, Browser, Target

MARKS = "a" + "\u0301" * 15_500 + "\u0316" * 15_500
BOUND = 0.5


def attack(portal: Target) -> Iterator[Measure]:
    """To sign in and to the report form as a stranger, then to what signed-in people search and write."""
    stranger = portal.browser()
    stranger.get("/sign-in")
    yield tried(portal, stranger, "/sign-in", {"email": MARKS, "password": "x"}, "9.2 s, others 5.1 s")
    stranger.get("/report-spam")
    yield tried(portal, stranger, "/report-spam", {"sender": "+14165550101", "body": MARKS}, "not measured")
    uli, ada = portal.browser("uli@example.com"), portal.browser("ada@example.com")
    yield tried(portal, uli, "/messages/", {"search": MARKS}, "as sign-in")
    yield tried(portal, uli, "/messages/consider", {"number": "+14165550112", "body": MARKS}, "as sign-in")
    yield tried(portal, uli, "/messages/new", {"number": "+14165550112", "body": MARKS}, "as sign-in")
    for name in ("user", "number", "text"):
        form = {"user": "Uli Brandt", "number": "+14165550112", "text": "Hello", name: MARKS}
        yield tried(portal, ada, "/admin/check", form, "as sign-in")
    yield tried(portal, ada, "/admin/opt-outs/search", {"search": MARKS}, "as sign-in")


def tried(portal: Target, who: Browser, path: str, form: dict[str, str], before: str) -> Measure:
    """One form, and how long others had to wait meanwhile."""
    answers: list[Answer] = []
    others = portal.held_up(lambda: answers.append(who.post(path, form, files=True)))
    took = answers[0].seconds
    return Measure("H1", f"62 kB of marks to {path}", f"{answers[0].status} in {took:.2f} s, others {others:.2f} s",
                   max(took, others) > BOUND, before)
