"""Users from a file: the dry run and the import itself, in rows a second, beside the ceiling `store` (PERF-09).

In this process, into a new organization of a new database in each round; the ceiling stores 20,000 rows, 1,000 in a
transaction. The file has a user in every row, each with an address, a number and a setting, none of them wrong. It has
20,000 rows, or as many as the portal takes: then the figure says so.
"""

import csv
import io
import statistics
import tempfile
import time
from pathlib import Path

import flask_migrate
from flask import Flask

from portal.app import create_app
from portal.extensions import db
from portal.models import User
from portal.services import imports
from tests import cast

from .figures import Figure, figure_of, ratios, take_turns
from .served import stored_a_second

ROWS, BATCH = 20_000, 1000
COLUMNS = ("Display Name", "User ID/Email (Required)", "Phone Number", "Location", "Preferred Language", "Time zone",
           "Texting", "App Version")


def measure() -> list[Figure]:
    """Both steps, as a share of the ceiling."""
    rows, rates = min(ROWS, imports.MOST_ROWS), {"dry run": [], "import": []}

    def import_once() -> float:
        checked, done = import_file(make_file(rows))
        rates["dry run"].append(rows / checked)
        rates["import"].append(rows / done)
        return rows / done

    took = take_turns({"import": import_once, "store": lambda: stored_a_second(BATCH, ROWS)})
    told = "" if rows == ROWS else f", MORE THAN {rows:,} ROWS ARE REFUSED"
    stored = statistics.median(took["store"])
    return [figure_of("PERF-09", f"{name} of {rows:,} users, of the ceiling of stored rows",
                      ratios(rates[name], took["store"]), "×", limit=0.3, at_least=True,
                      said=f"{statistics.median(rates[name]):,.0f} and {stored:,.0f} rows/s{told}") for name in rates]


def make_file(rows: int) -> bytes:
    """An export of so many users, as a spreadsheet writes it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows((f"Person {n:05}", f"person{n}@example.com", f"+1416{200 + n // 10_000}{n % 10_000:04}", "Toronto",
                      "en_US", "America/Toronto", ("on", "off", "")[n % 3], "43.2") for n in range(rows))
    return text.getvalue().encode()


def import_file(content: bytes) -> tuple[float, float]:
    """Seconds of the dry run and of the import, in a portal of its own."""
    with tempfile.TemporaryDirectory() as place:
        app = create_app({}, Path(place))
        with app.app_context():
            flask_migrate.upgrade()
            cast.settle()
            took = _import(app, content)
            db.session.remove()
            db.engine.dispose()
    return took


def _import(app: Flask, content: bytes) -> tuple[float, float]:
    ada = db.session.query(User).filter_by(email_key="ada@example.com").one()
    terms = imports.ImportTerms(ada.organization_id or 0, True, False, ("en", "de"), frozenset({"America/Toronto"}))
    upload = imports.store_upload(ada, "users.csv", content)
    began = time.perf_counter()
    plan = imports.check_upload(upload, terms).plan
    checked = time.perf_counter()
    if plan is None:
        raise SystemExit("The file is gone.")
    done = imports.import_upload(ada, upload, terms, plan.seal)
    ended = time.perf_counter()
    if done["created"] != len(plan.steps):
        raise SystemExit(f"Not every row was imported: {done}"[:500])
    return checked - began, ended - checked
