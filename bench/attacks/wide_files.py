"""A small file of users that costs the portal its memory: many columns, blank rows, and one file after the other."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from bench.attacks import Measure
from bench.attacks.target import Answer, Browser, Target

HEAD = "User ID/Email (Required),Location"
BEFORE = {(10_000, 100): "0.6 s, 96 MB", (20_000, 200): "2.7 s, 143 MB", (40_000, 400): "9.6 s, 275 MB"}
MEGABYTES, SECONDS = 100.0, 3.0


def _errors(browser: Browser, sent: Answer) -> Answer:
    """The error file of a file that was taken; the answer itself of one that was not."""
    return browser.get(f"{urlsplit(sent.headers['Location']).path}/errors") if sent.status == 303 else sent


def _try(portal: Target, browser: Browser, content: bytes) -> tuple[Answer, float, float]:
    """The last answer, seconds in all, megabytes more."""
    before = portal.memory()
    browser.get("/admin/import")
    sent = browser.upload("/admin/import", content)
    last = _errors(browser, sent)
    return last, sent.seconds + (last.seconds if last is not sent else 0), portal.memory() - before


def attack(portal: Target) -> Iterator[Measure]:
    """Upload as an administrator and ask for the error file."""
    ada = portal.browser("ada@example.com")
    for (columns, rows), before in BEFORE.items():
        bad = ",Nowhere\r\n" * rows
        last, took, grown = _try(portal, ada, f"{HEAD}{',c' * columns}\r\n{bad}".encode())
        yield Measure("H4", f"{columns} columns, {rows} bad rows",
                      f"{last.status}, {took:.1f} s, +{grown:.0f} MB, {len(last.text)} bytes",
                      last.status != 422 or took > SECONDS or grown > MEGABYTES, before)
    widest = f"{HEAD}{',c' * 198}\r\n" + f"x,{'y' * 24}{',z' * 198}\r\n" * 2000
    last, took, grown = _try(portal, ada, widest.encode())
    yield Measure("H4", "the widest file that is read, all rows wrong",
                  f"{last.status}, {took:.1f} s, +{grown:.0f} MB, {len(last.text)} bytes", grown > MEGABYTES,
                  "beyond any memory at 4.9 million columns")
    last, took, grown = _try(portal, ada, b"x," * 4_900_000)
    yield Measure("H4", "9.8 MB of one row", f"{last.status}, {took:.1f} s, +{grown:.0f} MB",
                  last.status != 422 or took > SECONDS or grown > MEGABYTES, "9.2 s")
    blank = f"{HEAD},a,b,c\r\n".encode() + b",,,,\r\n" * 1_600_000 + b"x@example.com,Toronto\r\n"
    last, took, grown = _try(portal, ada, blank)
    yield Measure("H4", "9.6 MB of blank rows", f"{last.status}, {took:.1f} s, +{grown:.0f} MB",
                  took > SECONDS or grown > MEGABYTES, "5 s in the request")
    yield from _fill(portal, ada)


def _fill(portal: Target, ada: Browser) -> Iterator[Measure]:
    """L6: one file of 9 MB after the other; what is erased is used again."""
    rows = b"".join(b"x%d@example.com,%s\r\n" % (n, b"y" * 4500) for n in range(1990))
    size = lambda: sum(file.stat().st_size for file in portal.folder.glob("portal.db*")) / 1e6  # noqa: E731
    before = size()
    for _ in range(6):
        ada.get("/admin/import")
        ada.upload("/admin/import", f"{HEAD}\r\n".encode() + rows)
    grown = size() - before
    yield Measure("L6", "six files of 9 MB, one after the other", f"the database grew by {grown:.0f} MB", grown > 45,
                  "54 MB, kept for 7 days and in every backup")
