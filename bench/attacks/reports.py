"""What the attacks on reports of spam have in common: reports from many places, texts that left, rows to count."""

import sqlite3
import time
from contextlib import closing
from typing import Any

from bench.attacks.target import Answer, Browser, Target

ULI, BEN = "+14165550101", "+14165550102"
# Each report from an address of its own, by the header that a proxy sets.
FROM_ANYWHERE = {"PROXY_HOPS": "1"}
# The form is filled in by a person's time.
UNHURRIED = 3.2
TEXTS = """
import sys
from sqlalchemy import select
from wsgi import app
from portal.extensions import db
from portal.models import Number, User
from tests.reports import sent
with app.app_context():
    user = db.session.scalars(select(Number.user_id).where(Number.e164 == sys.argv[1])).one()
    for told in sys.argv[2:]:
        theirs, _, body = told.partition("|")
        sent(user, theirs, body)
"""


def number(index: int) -> str:
    """A number outside, one for each index."""
    return f"+1647556{index:04}"


def texted(portal: Target, sender: str, *told: tuple[str, str]) -> None:
    """Texts of a sender that a carrier has taken: to whom, and which words."""
    portal.python(TEXTS, sender, *(f"{theirs}|{body}" for theirs, body in told))


def opened(portal: Target, many: int) -> list[Browser]:
    """Browsers of strangers with the form open, for as long as a person needs to fill it in."""
    strangers = [portal.browser() for _ in range(many)]
    for one in strangers:
        one.made = one.hidden("/report-spam", "made")
    time.sleep(UNHURRIED)
    return strangers


def report(stranger: Browser, place: int, **form: str) -> Answer:
    """A report of a stranger, from the place with this number."""
    return stranger.post("/report-spam", {"made": stranger.made, **form},
                         X_Forwarded_For=f"198.51.{place // 250}.{place % 250 + 1}")


def asked(portal: Target, question: str, *given: Any) -> list[tuple[Any, ...]]:
    """What stands in the database of the portal."""
    with closing(sqlite3.connect(portal.database, timeout=30)) as rows:
        return rows.execute(question, given).fetchall()


def looked_into(portal: Target) -> None:
    """Wait until the background process has looked into every report."""
    end = time.monotonic() + 120
    while asked(portal, "SELECT 1 FROM reports WHERE matched = 'waiting' LIMIT 1") and time.monotonic() < end:
        time.sleep(0.2)
