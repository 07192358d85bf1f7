"""The ceilings: the least that any Flask program has to do for an answer of the same kind.

`page`: 50 rows by Flask and Jinja, escaped, an address for each, no database. `accept`: a form, its token, a phone
number and one row. `toggle`: one SELECT, one UPDATE and one row of a log in one transaction, and a part of fifty lines.
They are served by the portal's own web server, over a database with the portal's own settings (FOLDER in the
environment). `python -m bench.ceilings FILE BATCH ROWS` is the fourth, `store`: so many rows, so many in a transaction;
it prints rows a second. Nothing here is the portal's, so that no change of the portal moves a ceiling.
"""

import os
import secrets
import sys
import time
from pathlib import Path

import phonenumbers
from flask import Flask, Response, redirect, render_template_string, request
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import Column, Engine, Index, Integer, MetaData, String, Table, create_engine, event, insert, select
from sqlalchemy import update as change

# Those of portal/extensions.py; a test holds them together.
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=5000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA trusted_schema=OFF",
)
ROWS = 50
PAGE = """<!doctype html><html lang="en"><title>Page</title><table>{% for row in rows %}<tr>
<th><a href="{{ url_for('show_row', ref=row.ref) }}">{{ row.name }}</a></th><td>{{ row.number }}</td>
<td>{{ row.place }}</td><td>{{ row.state }}</td><td>{{ row.why }}</td></tr>{% endfor %}</table>"""
PART = "{% for n in range(50) %}<p>{{ name }} is {{ state }}, says line {{ n }}.</p>\n{% endfor %}"

TABLES = MetaData()
TEXTS = Table(
    "texts", TABLES, Column("id", Integer, primary_key=True), Column("ref", String(12), unique=True),
    Column("sender", Integer), Column("theirs", String(20)), Column("body", String), Column("at", String(30)),
    Index("ix_sender", "sender", "at"), Index("ix_theirs", "theirs", "at"))
UNITS = Table("units", TABLES, Column("id", Integer, primary_key=True), Column("state", String(3)),
              Column("version", Integer))
LOG = Table("log", TABLES, Column("id", Integer, primary_key=True), Column("unit_id", Integer),
            Column("was", String(3)), Column("now", String(3)), Column("at", String(30)))
TOKENS = URLSafeTimedSerializer("an invented key", salt="token")
TOKEN = str(TOKENS.dumps("visitor"))
UNIT_COUNT = 1000


def open_database(file: Path) -> Engine:
    """A database with the portal's settings, in which every transaction is a writer's."""
    engine = create_engine(f"sqlite:///{file}")

    @event.listens_for(engine, "connect")
    def set_up(connection: object, _record: object) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]
        for pragma in PRAGMAS:
            connection.execute(pragma)  # type: ignore[attr-defined]

    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    TABLES.create_all(engine)
    return engine


def text_row(number: int) -> dict[str, object]:
    """One row of `texts`."""
    return {"ref": secrets.token_hex(6), "sender": number % 500, "theirs": f"+1647555{number % 10_000:04}",
            "body": f"Your appointment number {number} is tomorrow at ten.", "at": f"{time.time():.6f}"}


def make_page_app() -> Flask:
    """The ceiling of a page, which needs no database."""
    app = Flask("ceilings")
    rows = [{"ref": f"row{n:09}", "name": f"Person <{n}>", "number": f"+1 416 557 {n:04}", "place": "Toronto",
             "state": "Can text", "why": "set by Toronto"} for n in range(ROWS)]

    @app.get("/page")
    def show_page() -> str:
        return render_template_string(PAGE, rows=rows)

    @app.get("/rows/<ref>")
    def show_row(ref: str) -> str:
        return ref

    return app


def make_app(folder: Path) -> Flask:
    """The three ceilings that answer requests, two of them with a database in this folder."""
    app, engine = make_page_app(), open_database(folder / "ceilings.db")
    with engine.begin() as connection:
        if connection.execute(select(UNITS.c.id).limit(1)).first() is None:
            connection.execute(insert(UNITS), [{"state": "on", "version": 1} for _ in range(UNIT_COUNT)])

    @app.post("/accept")
    def accept() -> Response:
        TOKENS.loads(request.form["token"], max_age=86_400)
        number = phonenumbers.parse(request.form["number"], "US")
        theirs = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        with engine.begin() as connection:
            connection.execute(insert(TEXTS), {**text_row(1), "theirs": theirs, "body": request.form["body"]})
        return redirect("/page", 303)  # type: ignore[return-value]

    @app.post("/toggle/<int:unit>")
    def toggle(unit: int) -> str:
        with engine.begin() as connection:
            was, version = connection.execute(select(UNITS.c.state, UNITS.c.version).where(UNITS.c.id == unit)).one()
            state = "off" if was == "on" else "on"
            connection.execute(change(UNITS).where(UNITS.c.id == unit).values(state=state, version=version + 1))
            connection.execute(insert(LOG), {"unit_id": unit, "was": was, "now": state, "at": f"{time.time():.6f}"})
        return render_template_string(PART, name=f"Unit {unit}", state=state)

    return app


def store(file: Path, batch: int, rows: int) -> float:
    """Rows a second, so many in a transaction."""
    engine, began = open_database(file), time.perf_counter()
    for start in range(0, rows, batch):
        with engine.begin() as connection:
            connection.execute(insert(TEXTS), [text_row(number) for number in range(start, start + batch)])
    took = time.perf_counter() - began
    engine.dispose()
    return rows / took


if __name__ == "__main__":
    print(store(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
elif "FOLDER" in os.environ:
    app = make_app(Path(os.environ["FOLDER"]))
