"""How much CPU the main pages take, beside a bare Flask page of fifty rows in the same process.

Repeat with `.venv/bin/python -m bench.page_cpu`. It fills a demo in a temporary folder up to sixty users, sixty
conversations and sixty texts in one, and asks for each page within its own process, TRIES times in turns; the quickest
counts. Milliseconds of CPU for the whole request, uncompressed. *rendering* is the template alone.
"""

import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask_migrate
from flask import Flask, render_template_string
from sqlalchemy import insert, select

from bench.pages import least_cpu
from portal import demo
from portal.app import create_app
from portal.extensions import db, make_ref, writing
from portal.models import AccountState, Number, User
from portal.rules.numbers import NumberKind
from tests import cast, talks

ROWS = 60
BARE = """<!doctype html><html lang="en"><title>Bare</title><table>{% for row in rows %}<tr>
<th><a href="/users/{{ row.ref }}">{{ row.name }}</a></th><td>{{ row.number }}</td><td>{{ row.place }}</td>
<td>{{ row.state }}</td><td>{{ row.why }}</td></tr>{% endfor %}</table>"""


def fill_lists() -> None:
    """More users, conversations and texts than a page shows."""
    ada = db.session.scalars(select(User).where(User.email_key == "ada@example.com")).one()
    uli = db.session.scalars(select(User).where(User.email_key == "uli@example.com")).one()
    with writing() as session:
        session.execute(insert(User), [
            {"ref": make_ref(), "organization_id": ada.organization_id, "location_id": ada.location_id,
             "name": f"Aa Person {n:02}", "name_key": f"aa person {n:02}", "email": f"aa{n}@example.org",
             "email_key": f"aa{n}@example.org", "account": AccountState.ACTIVE, "app_version": "43.2"}
            for n in range(ROWS)])
        ids = session.scalars(select(User.id).where(User.name_key.startswith("aa person"))).all()
        session.execute(insert(Number), [
            {"organization_id": ada.organization_id, "e164": f"+1416557{n:04}", "kind": NumberKind.PLAIN,
             "user_id": one} for n, one in enumerate(ids)])
    for n in range(ROWS):
        talks.hold(uli.id, talks.text_out(f"Hello {n}"), talks.text_in("Hi"), theirs=f"+1647558{n:04}")
    talks.many(uli.id, talks.hold(uli.id, talks.text_in()), ROWS)


def bare_page() -> Callable[[], Any]:
    """The same table by Flask and Jinja alone, with nothing asked of a database."""
    app = Flask("bare")
    rows = [{"ref": make_ref(), "name": f"Person {n}", "number": f"+1 416 557 {n:04}", "place": "Toronto",
             "state": "Can text", "why": "set by Toronto"} for n in range(50)]
    app.add_url_rule("/", "page", lambda: render_template_string(BARE, rows=rows))
    browser = app.test_client()
    return lambda: browser.get("/")


LINKS: dict[str, str] = {}


def first_link(browser: Any, address: str, kind: str) -> str:
    """The page of the first row of a list, looked up once."""
    if kind not in LINKS:
        (LINKS[kind], *_more) = re.findall(rf'href="(/admin/{kind}/\w{{12}})"', browser.get(address).text)
    return LINKS[kind]


def main(folder: Path) -> None:
    """Measure and print."""
    app = create_app({"HTMX": "cdn"}, folder)
    app.test_client_class = cast.Browser
    with app.app_context():
        flask_migrate.upgrade()
        demo.build_demo(app.config["SETTINGS"])
        fill_lists()
        ids = {user.email_key.partition("@")[0]: user.id for user in db.session.query(User)}
    ada, uli, olga = (app.test_client().sign_in(ids[name]) for name in ("ada", "uli", "olga"))
    stranger = app.test_client()
    found = uli.post("/messages/", data={"search": "647 555 0110"}).text
    (thread,) = set(re.findall(r'href="(/messages/\w{12})"', found))
    asks = {"bare": bare_page(), "users": lambda: ada.get("/admin/users"), "inbox": lambda: uli.get("/messages/"),
            "thread": lambda: uli.get(thread), "search (no rows)": lambda: uli.get("/search"),
            "overview": lambda: ada.get("/admin/"), "settings": lambda: ada.get("/admin/settings"),
            "user": lambda: ada.get(first_link(ada, "/admin/users", "users")),
            "location": lambda: ada.get(first_link(ada, "/admin/locations", "locations")),
            "audit log": lambda: ada.get("/admin/audit"), "opt-outs": lambda: ada.get("/admin/opt-outs"),
            "cases": lambda: olga.get("/operator/cases"), "notices": lambda: ada.get("/notices"),
            "limitations": lambda: stranger.get("/limitations"), "report form": lambda: stranger.get("/report-spam"),
            "sign in": lambda: stranger.get("/sign-in")}
    began = time.monotonic()
    for (name, ask), took in zip(asks.items(), least_cpu(*asks.values()), strict=True):
        print(f"{name:20}{took:8.2f} ms{ask().text.count('<tr>') + ask().text.count('<li'):6} rows")
    print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        main(Path(made))
