"""What every test may ask for: the application with a database of its own, the cast and their browsers."""

import gc
import logging
import os
import socket
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import flask_migrate
import pytest
from argon2 import PasswordHasher
from flask import Flask
from hypothesis import settings
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine, event

from portal import databases, extensions, logs, write_turns
from portal.app import create_app
from portal.extensions import db
from portal.models import Location, Number, Organization
from portal.rules.numbers import read_number
from portal.services.accounts import passwords
from portal.services.texting import clock_changes
from tests import cast, database_server, stores
from tests.kept_databases import KeptFile, KeptRows, keep_database, new_database
from tests.patience import LONG, PATIENT, PATIENT_SERVER
from tests.services.carrier import Scripted
from tests.valid_html import JAR, NuChecker

# How long an example takes is a matter of the machine.
settings.register_profile("portal", deadline=None)
settings.load_profile("portal")

# --- the application -----------------------------------------------------------------------------


class Everybody(NamedTuple):
    """Who and what is in the template, which never changes."""

    people: Mapping[str, cast.Known]
    locations: Mapping[str, cast.Known]
    organizations: Mapping[str, cast.Known]


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the one application that most tests share."""
    return tmp_path_factory.mktemp("instance")


@pytest.fixture(scope="session")
def _quick_hashes() -> Iterator[PasswordHasher]:
    """Passwords hashed as cheaply as can be: hundreds of tests sign in. Gives the portal's own hasher."""
    own = passwords.HASHER
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield own


@pytest.fixture
def strong_hashes(_quick_hashes: PasswordHasher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords hashed as the portal does."""
    monkeypatch.setattr(passwords, "HASHER", _quick_hashes)


@pytest.fixture(scope="session")
def database_environ() -> dict[str, str]:
    """What the environment says about the database of the one application; nothing for a file of its own."""
    return new_database()


@pytest.fixture(scope="session")
def template(
        instance: Path, database_environ: dict[str, str], _quick_hashes: PasswordHasher,
) -> Iterator[tuple[Flask, KeptFile | KeptRows]]:
    """The application, and a database with nothing but the cast, which no test ever touches."""
    app = create_app({**database_environ, "REPORT_DELAY": "0"}, instance)
    app.test_client_class = cast.Browser
    with app.app_context():
        flask_migrate.upgrade()
        cast.settle()
        db.engine.dispose()
    kept = keep_database(app, database_environ)
    yield app, kept
    kept.forget()


@pytest.fixture(scope="session")
def everybody(template: tuple[Flask, KeptFile | KeptRows]) -> Everybody:
    """Who and what is in the template; read once."""
    with cast.over_a_copy(*template) as app, app.app_context():
        return Everybody(*map(MappingProxyType, (cast.people(), cast.places(Location), cast.places(Organization))))


@pytest.fixture
def app(template: tuple[Flask, KeptFile | KeptRows], everybody: Everybody) -> Iterator[Flask]:
    """The application, over a database of its own for every test."""
    with cast.over_a_copy(*template) as app:
        yield app
    database, carrier = app.config["SETTINGS"].database, app.extensions["carrier"]
    if database.with_suffix(".carrier").exists() and carrier.next_due() is not None:
        # What it still has to tell would reach the next test, if that one waits long enough.
        carrier.forget(datetime.max.replace(tzinfo=UTC))


@pytest.fixture(scope="session")
def between_workers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this run, which the processes that it is spread over have in common."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "between-workers"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def checker(between_workers: Path) -> Iterator[NuChecker]:
    """The HTML checker, which starts when it is first asked."""
    shapes = between_workers / "shapes"
    shapes.mkdir(exist_ok=True)
    with NuChecker(shapes) as asked:
        yield asked


@pytest.fixture(autouse=True)
def _valid_pages(checker: NuChecker) -> Iterator[None]:
    """Every page and part that a test is shown is valid HTML, under the clock as it is."""
    cast.Browser.pages.clear()
    yield
    # Which database there is makes no other pages.
    if JAR.is_file() and not os.environ.get("FAKETIME") and not database_server.wanted():
        assert [fault for page in cast.Browser.pages for fault in checker.faults(page)] == []


@pytest.fixture
def another(app: Flask, instance: Path, database_environ: dict[str, str]) -> Iterator[Any]:
    """`another(HTMX="self")` makes one more application over the same database and the same keys."""
    made: list[Flask] = []

    def make(**environ: str) -> Flask:
        made.append(create_app({**database_environ, **environ}, instance))
        made[-1].test_client_class = cast.Browser
        return made[-1]

    yield make
    for each in made:
        with each.app_context():
            db.engine.dispose()


@pytest.fixture(autouse=True, scope="session")
def _storable_values() -> None:
    """No statement carries what only SQLite takes: NUL in a text, also where it stands in JSON, or a text that is
    longer than its column.
    """

    def look(_connection: Any, _cursor: Any, statement: str, given: Any, context: Any, _many: bool) -> None:
        assert not any("\0" in value or "\\u0000" in value for value in cast.texts_within(given)), statement
        assert [name for name, length, value in cast.texts_stored(context) if len(value) > length] == [], statement

    event.listen(Engine, "before_cursor_execute", look)


@pytest.fixture
def begun() -> Iterator[list[str]]:
    """How every transaction of the test began: stores.READS or stores.WRITES."""
    with stores.seen_to_begin() as seen:
        yield seen


@pytest.fixture
def database_store(app: Flask) -> stores.FileStore | stores.ServerStore:
    """The database of the test beside the portal, whichever of the two it is."""
    return stores.store_of(app)


@pytest.fixture
def inside(app: Flask) -> Any:
    """`with inside():` opens the application around set-up and checks, and never around a request."""

    @contextmanager
    def opened(which: Flask = app) -> Iterator[None]:
        with which.app_context():
            yield

    return opened


@pytest.fixture
def bring(inside: Any, organizations: Any) -> Any:
    """`bring("+14165550177")`: an operator has added these numbers to Maple Clinic, and nobody has them yet."""

    def add(*numbers: str, organization: str = "Maple") -> None:
        with inside(), extensions.writing() as session:
            session.add_all(Number(organization_id=organizations[organization].id, e164=e164,
                                   kind=read_number(e164).kind)
                            for e164 in numbers)

    return add


# --- the cast ------------------------------------------------------------------------------------


@pytest.fixture
def browse(app: Flask, everybody: Everybody) -> Any:
    """`browse("Ada")` is a browser in which Ada is signed in; `browse()` is Nobody's."""

    def sit_down(name: str = cast.NOBODY, which: Flask = app) -> cast.Browser:
        browser = which.test_client()
        return browser if name == cast.NOBODY else browser.sign_in(everybody.people[name].id)

    return sit_down


@pytest.fixture
def people(app: Flask, everybody: Everybody) -> Mapping[str, cast.Known]:
    """The cast by first name: id, ref, name, email, number."""
    return everybody.people


@pytest.fixture
def locations(app: Flask, everybody: Everybody) -> Mapping[str, cast.Known]:
    """Locations by name: id, ref, name."""
    return everybody.locations


@pytest.fixture
def organizations(app: Flask, everybody: Everybody) -> Mapping[str, cast.Known]:
    """Organizations by name or its first word: id, ref, name."""
    return everybody.organizations


# --- looking closely -----------------------------------------------------------------------------


@pytest.fixture
def statements() -> Any:
    """`with statements() as seen:` lists the SQL in the block, but for pragmas and transactions."""

    @contextmanager
    def watched() -> Iterator[list[str]]:
        seen: list[str] = []

        def see(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if not statement.startswith(("PRAGMA", "BEGIN", "COMMIT", "ROLLBACK", "SELECT pg_advisory_xact_lock")):
                seen.append(statement)

        event.listen(Engine, "before_cursor_execute", see)
        try:
            yield seen
        finally:
            event.remove(Engine, "before_cursor_execute", see)

    return watched


@pytest.fixture
def carrier(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """The carrier in use does as the test says, and remembers what it took."""
    scripted = Scripted()
    monkeypatch.setitem(app.extensions, "carrier", scripted)
    return scripted


class Clock:
    """The portal's idea of the present, and of the time that has passed."""

    ahead = timedelta()
    passed = timedelta()
    still: datetime | None = None

    def forward(self, **by: float) -> None:
        """Let time pass, as in `clock.forward(minutes=31)`."""
        self.ahead += timedelta(**by)
        self.passed += timedelta(**by)

    def set(self, **by: float) -> None:
        """Set the clock of the machine, as in `clock.set(days=-1)`; no time passes."""
        self.ahead += timedelta(**by)

    def stop(self) -> None:
        """From now on time passes only by `forward`, however slow the machine is."""
        self.still = datetime.now(UTC)

    def now(self) -> datetime:
        """The moment that the portal takes for the present one."""
        return (self.still or datetime.now(UTC)) + self.ahead


@pytest.fixture
def clock(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock to move forward or to set; column defaults keep the real time."""
    clock, real, elapsed = Clock(), extensions.now, clock_changes.seconds_since_boot
    monkeypatch.setattr(clock_changes, "seconds_since_boot", lambda: elapsed() + clock.passed.total_seconds())
    for name, module in list(sys.modules.items()):
        if name.startswith("portal") and getattr(module, "now", None) is real:
            monkeypatch.setattr(module, "now", clock.now)
    return clock


@pytest.fixture
def log_lines(app: Flask) -> Iterator[list[str]]:
    """The portal's log lines of this test, as they would be written."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.setFormatter(logs.JsonLineFormatter())
    handler.emit = lambda record: lines.append(handler.format(record))  # type: ignore[method-assign]
    logging.getLogger("portal").addHandler(handler)
    yield lines
    logging.getLogger("portal").removeHandler(handler)


# --- which database ------------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    """With DB=postgresql one server for the whole run, which those know that it is spread over."""
    if database_server.wanted() and "PYTEST_XDIST_WORKER" not in os.environ:
        run = ExitStack()
        run.enter_context(database_server.running())
        config.add_cleanup(run.close)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is about SQLite itself is not asked of PostgreSQL, nor the other way round."""
    other = "sqlite" if database_server.wanted() else "postgresql"
    for item in items:
        if item.get_closest_marker(other):
            item.add_marker(pytest.mark.skip(reason=f"is about {other}"))


if os.environ.get("ROWS") == "reversed":
    @event.listens_for(Engine, "connect")
    def _reverse_rows(connection: Any, _record: object) -> None:
        """Rows that no statement puts in order come the other way round: whoever relies on their order fails."""
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA reverse_unordered_selects=ON").close()


# --- quicker -------------------------------------------------------------------------------------


def pytest_collection_finish() -> None:
    """Thousands of tests stay to the end: nobody has to look through them for garbage time and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(autouse=True, scope="session")
def _compiled_templates(between_workers: Path) -> Iterator[None]:
    """Each template is compiled once, and not by every application of every process."""
    folder = between_workers / "templates"
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Flask.jinja_options, "bytecode_cache", FileSystemBytecodeCache(str(folder)))
        yield


# --- what no test does ---------------------------------------------------------------------------


@pytest.fixture(autouse=True, scope="session")
def _patient() -> Iterator[None]:
    """Nothing fails for being slow, or waits for a disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(databases, "DATABASE_PRAGMAS", (*databases.DATABASE_PRAGMAS, *PATIENT))
        patch.setattr(databases, "SESSION_SETTINGS", (*databases.SESSION_SETTINGS, *PATIENT_SERVER))
        patch.setattr(write_turns, "PATIENCE", LONG)
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Nothing that runs in the tests' own process leaves this machine."""
    connect = socket.socket.connect

    def stay(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test wanted to connect to {address[0]}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", stay)
        yield
