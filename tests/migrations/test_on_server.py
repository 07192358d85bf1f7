"""On PostgreSQL an empty database gets every table at once, and the same ones that the models describe."""

import subprocess
import sys
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Enum, inspect, text
from sqlalchemy.exc import IntegrityError, InternalError

from portal.app import create_app
from portal.extensions import db, writing
from portal.models import AuditEvent, PortalMark
from portal.services.upkeep.schemas import newest_revision
from tests import database_server
from tests.patience import LONG

pytestmark = pytest.mark.postgresql
ROOT = Path(__file__).parents[2]
TABLES = db.metadata.sorted_tables


@pytest.fixture
def empty(tmp_path):
    """`empty()` makes an application over a new database without a table, which goes afterwards."""
    name = f"empty_{tmp_path.name}".replace("-", "_")[:60]

    def make(more="", folder: Path = tmp_path):
        with database_server.connect() as server:
            server.execute(f"CREATE DATABASE {name} {more}")
        return create_app({"DATABASE_URL": database_server.url_of(name)}, folder)

    yield make
    with database_server.connect() as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def fresh(empty):
    """The open application over a database that was made just now."""
    with empty().app_context():
        flask_migrate.upgrade()
        yield
        db.session.remove()
        db.engine.dispose()


def revision():
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def test_what_is_made_equals_the_models(fresh):
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []
    assert revision() == newest_revision()


def test_indexes_of_some_rows_are_the_same_as_on_sqlite(fresh):
    wanted = {index.name for table in TABLES for index in table.indexes if index.dialect_options["sqlite"]["where"]
              is not None}
    with db.engine.connect() as connection:
        found = {index for (index,) in connection.execute(text(
            "SELECT indexrelid::regclass::text FROM pg_index WHERE indpred IS NOT NULL"))}
    assert found == wanted


def test_every_choice_is_checked(fresh):
    for table in TABLES:
        checks = {check["name"]: check["sqltext"] for check in inspect(db.engine).get_check_constraints(table.name)}
        for column in table.columns:
            if isinstance(column.type, Enum):
                check = checks[f"ck_{table.name}_{column.type.name}"]
                assert all(f"'{word}'" in check for word in column.type.enums), column


def test_an_upgrade_of_what_is_up_to_date_changes_nothing(fresh):
    with writing() as session:
        session.add(PortalMark(name="mark", value="here"))
    flask_migrate.upgrade()
    assert db.session.get(PortalMark, "mark").value == "here"


def test_of_two_machines_that_begin_at_once_one_makes_the_tables(empty, tmp_path):
    app = empty()
    environ = {"DATABASE_URL": app.config["SETTINGS"].database_url.replace("+psycopg", ""), "PATH": "",
               "SECRET_KEY": "x" * 32, "CSRF_KEY": "y" * 32, "NUMBER_KEY": "z" * 32, "CARRIER_KEY": "k" * 32}
    command = [sys.executable, "-W", "error", "-m", "flask", "--app", "wsgi", "db", "upgrade"]
    machines = [subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                for _ in range(2)]
    assert [machine.communicate(timeout=LONG)[0] for machine in machines] == [b"", b""]
    with app.app_context():
        assert revision() == newest_revision()
        db.engine.dispose()


@pytest.mark.parametrize("more", ["LOCALE_PROVIDER icu ICU_LOCALE 'en-US'", "ENCODING 'SQL_ASCII' LOCALE 'C'"])
def test_a_database_that_sorts_or_spells_otherwise_is_refused(empty, caplog, more):
    with database_server.connect() as server:
        orders = [name for (name,) in server.execute("SELECT collname FROM pg_collation")]
    if "icu" in more and "en-US-x-icu" not in orders:
        pytest.skip("this server was built without the orders of ICU")
    with empty(f"TEMPLATE template0 {more}").app_context():
        with pytest.raises(SystemExit):
            flask_migrate.upgrade()
        assert revision() is None
        db.engine.dispose()
    assert "sort by code point" in caplog.text


def test_a_server_that_is_not_there_is_told_in_a_sentence(tmp_path, caplog):
    app = create_app({"DATABASE_URL": f"postgresql://portal:hidden@/portal?host={tmp_path}"}, tmp_path)
    with app.app_context(), pytest.raises(SystemExit):
        flask_migrate.upgrade()
    told = caplog.text
    assert "The PostgreSQL server cannot be used" in told
    assert "hidden" not in told


def test_the_log_only_grows(inside, people):
    def change(statement):
        with writing() as session:
            session.execute(text(statement))

    with inside():
        before = db.session.query(AuditEvent).count()
        assert before
        for statement in ("UPDATE audit_events SET action = ''", "DELETE FROM audit_events",
                          "TRUNCATE audit_events CASCADE"):
            with pytest.raises(IntegrityError, match="can only be added to"):
                change(statement)
        assert db.session.query(AuditEvent).count() == before


def test_readers_cannot_write_and_see_one_moment(inside):
    def mark(value):
        with writing() as session:
            session.merge(PortalMark(name="mark", value=value))

    def marked(connection):
        return connection.execute(text("SELECT value FROM marks WHERE name = 'mark'")).scalar()

    with inside():
        mark("before")
        with db.engine.connect() as reader:
            assert marked(reader) == "before"
            mark("after")
            assert marked(reader) == "before"
            with pytest.raises(InternalError, match="read-only"):
                reader.execute(text("DELETE FROM marks"))
        with db.engine.connect() as reader:
            assert marked(reader) == "after"


def test_sums_are_whole_numbers_and_means_are_not(inside):
    with inside():
        found = db.session.execute(text("SELECT sum(n), avg(n), -sum(n) FROM (VALUES (1::bigint), (2)) AS v(n)")).one()
        assert (tuple(found), [type(one) for one in found]) == ((3, 1.5, -3), [int, float, int])
