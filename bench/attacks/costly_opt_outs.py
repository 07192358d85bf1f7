"""A file of opt-outs whose signs stand for eighteen letters each: it cost minutes at every look, also of an auditor."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from bench.attacks import Measure
from bench.attacks.target import Browser, Target

SIGN = "\ufdfa"
SECONDS = 15.0
PAGE = "/admin/opt-outs/import"
# What is tried, the header, one row of about so many bytes, and how long a look took.
FILES = (
    ("numbers of 400 signs", "Number", SIGN * 400, "147 s"),
    ("numbers of 60 signs", "Number", SIGN * 60, "101 s"),
    ("words about how of 400 signs", "Number,How", f"4165550123,{SIGN * 400}", "37 s"),
    ("states of 60 signs", "Number,State", f"4165550123,{SIGN * 59}", "over 100 s"),
)


def _look(browser: Browser, content: bytes) -> tuple[int, float]:
    """The status of the last page and the seconds that upload and dry run took."""
    browser.get(PAGE)
    sent = browser.upload(PAGE, content)
    if sent.status != 303:
        return sent.status, sent.seconds
    shown = browser.get(urlsplit(sent.headers["Location"]).path)
    return shown.status, sent.seconds + shown.seconds


def attack(portal: Target) -> Iterator[Measure]:
    """Upload as an administrator and look at the dry run."""
    ada = portal.browser("ada@example.com")
    for tried, header, row, before in FILES:
        many = min(49_000, 9_500_000 // (len(row.encode()) + 2))
        status, took = _look(ada, "\r\n".join([header, *[row] * many]).encode())
        yield Measure("H4", f"{many} {tried}", f"{status}, {took:.1f} s", took > SECONDS, before)
