"""Everything goes into a database of a server and out of it as it is, or nothing does."""

import json
import sqlite3
from contextlib import closing

import flask_migrate
import pytest
from sqlalchemy import inspect, select
from sqlalchemy.exc import DBAPIError

from portal import demo
from portal.app import create_app
from portal.extensions import db, writing
from portal.models import AuditEvent, Case, PortalMark, SignInSession
from portal.services.upkeep import backups, database_files, recounting, row_copies, server_copies
from portal.services.upkeep.database_files import BrokenBackup
from tests import database_server

pytestmark = [pytest.mark.postgresql, pytest.mark.slow]
KEY = "the number key of these tests, long enough"
TABLES = db.metadata.sorted_tables
STRANGE, STORABLE = "before \0 and after", "before \u2400 and after"


@pytest.fixture(scope="module")
def kept_demo(tmp_path_factory):
    """A database file with the demo, and what is hard to copy; nobody changes it."""
    folder = tmp_path_factory.mktemp("demo")
    app = create_app({}, folder)
    with app.app_context():
        flask_migrate.upgrade()
        demo.build_demo(app.config["SETTINGS"])
        db.session.remove()
        db.engine.dispose()
    file = app.config["SETTINGS"].database
    columns = ", ".join(one.name for one in AuditEvent.__table__.columns if one.name not in {"id", "ref", "details"})
    with closing(sqlite3.connect(file)) as opened, opened:
        # The portal itself stores nothing like this any more.
        opened.execute("UPDATE messages SET body = ? WHERE id = 1", (STRANGE,))
        opened.execute("UPDATE cases SET state = 'duplicate', duplicate_of_id = (SELECT max(id) FROM cases)"
                       " WHERE id = 1")
        opened.execute(f"INSERT INTO audit_events ({columns}, ref, details) SELECT {columns}, 'strange', ?"
                       " FROM audit_events WHERE id = 1", (json.dumps({"key": [STRANGE]}),))
    return file


@pytest.fixture
def file(kept_demo, tmp_path):
    """A copy of it of one test's own."""
    backups.copy_database_file(kept_demo, tmp_path / "portal.db")
    return tmp_path / "portal.db"


@pytest.fixture
def server(tmp_path, file):
    """The application over a new database of the server, without a table."""
    name = f"copies_{tmp_path.name}".replace("-", "_")[:60]
    with database_server.connect() as asked:
        asked.execute(f"CREATE DATABASE {name}")
    app = create_app({"DATABASE_URL": database_server.url_of(name), "NUMBER_KEY": KEY}, tmp_path / "instance")
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    with database_server.connect() as asked:
        asked.execute(f"DROP DATABASE {name} WITH (FORCE)")


def move(server, file):
    return server_copies.move_to_server(file, server.config["SETTINGS"].database_url)


def rows_in(file, leave=()):
    """Every row of a file, by table, as SQLite stores it."""
    with closing(sqlite3.connect(file)) as opened:
        opened.row_factory = sqlite3.Row
        return {table.name: sorted(repr([value for name, value in dict(row).items() if name not in leave])
                                   for row in opened.execute(f"SELECT * FROM {table.name}")) for table in TABLES}


def inner(text):
    """A text as it stands within the quotes of a row."""
    return repr(text)[1:-1].strip('"')


def is_untouched():
    """Whether there is no table, and so no row."""
    return inspect(db.engine).get_table_names() == []


def test_everything_comes_back_as_it_went(server, file, tmp_path):
    before = rows_in(file, ("ended_at", "expires_at"))
    assert "as many as in the file" in move(server, file)
    said = server_copies.copy_server_to_file(tmp_path / "back.db", KEY)
    assert "checked" in said
    back = rows_in(tmp_path / "back.db", ("ended_at", "expires_at"))
    back["marks"].remove(repr([database_files.stored_files.NUMBER_KEY_MARK, KEY]))
    # The only thing that PostgreSQL cannot store.
    for table, write in (("messages", str), ("audit_events", json.dumps)):
        before[table] = sorted(one.replace(inner(write(STRANGE)), inner(write(STORABLE))) for one in before[table])
    assert back == before
    assert database_files.find_outdated_schema(tmp_path / "back.db") == ""
    assert (tmp_path / "back.db").stat().st_mode & 0o777 == 0o600


def test_the_portal_goes_on_there(server, file):
    move(server, file)
    assert recounting.find_wrong_counts() == 0
    assert db.session.scalars(select(SignInSession).where(SignInSession.ended_at.is_(None))).all() == []
    assert db.session.scalars(select(Case.duplicate_of_id).where(Case.duplicate_of_id.is_not(None))).all()
    with writing() as session:
        event = AuditEvent(**{one.name: getattr(session.scalars(select(AuditEvent)).first(), one.name)
                              for one in AuditEvent.__table__.columns if one.name not in {"id", "ref"}})
        session.add(event)
        session.flush()
        assert event.id == max(session.scalars(select(AuditEvent.id)))
    with pytest.raises(DBAPIError), writing() as session:  # the audit log is guarded again
        session.execute(AuditEvent.__table__.delete())


def test_a_backup_of_a_server_goes_into_a_file_or_another_server(server, file, tmp_path):
    move(server, file)
    server_copies.copy_server_to_file(tmp_path / "kept.db", KEY)
    said = backups.restore_database_file(tmp_path / "kept.db", tmp_path / "again.db", tmp_path / "key", "")
    assert "Restored and checked" in said
    assert (tmp_path / "key").read_text().strip() == KEY
    assert rows_in(tmp_path / "again.db")["users"] == rows_in(file)["users"]


def test_a_backup_goes_into_an_empty_database(server, file, tmp_path):
    backups.copy_database_file(file, tmp_path / "kept.db", KEY)
    said = server.test_cli_runner().invoke(args=["restore", str(tmp_path / "kept.db")])
    assert said.exit_code == 0, said.output
    assert "Restored" in said.output
    assert db.session.scalars(select(PortalMark.name)).all().count(database_files.stored_files.NUMBER_KEY_MARK) == 0
    again = server.test_cli_runner().invoke(args=["restore", str(tmp_path / "kept.db")])
    assert again.exit_code == 1
    assert "is not empty: " in again.output


def test_into_a_database_that_was_made_ready(server, file):
    flask_migrate.upgrade()
    assert "as many as in the file" in move(server, file)


def test_the_command_says_what_to_do_then(file, server):
    source = create_app({"DATABASE_URL": f"sqlite:///{file}"}, file.parent / "instance")
    url = server.config["SETTINGS"].database_url.replace("+psycopg", "")
    with source.app_context():
        done = source.test_cli_runner().invoke(args=["move-to", url])
    assert done.exit_code == 0, done.output
    assert "Set DATABASE_URL to this database" in done.output
    refused = server.test_cli_runner().invoke(args=["move-to", url])
    assert refused.exit_code == 1
    assert "already" in refused.output


# --- nothing instead of a part -------------------------------------------------------------------


def refused(server, file, words):
    with pytest.raises(BrokenBackup, match=words):
        move(server, file)


def test_a_portal_that_runs_is_not_moved(server, file):
    with closing(sqlite3.connect(file)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("SELECT count(*) FROM users").fetchall()
        refused(server, file, "running")
    assert is_untouched()


def test_a_database_that_holds_something_is_left_alone(server, file):
    flask_migrate.upgrade()
    with writing() as session:
        session.add(PortalMark(name="ours", value="stays"))
    refused(server, file, "not empty: marks has rows")
    assert db.session.scalars(select(PortalMark.name)).all() == ["ours"]


def test_tables_of_another_version_are_left_alone(server, file):
    flask_migrate.upgrade()
    with writing() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    refused(server, file, "at revision 9999")


def test_a_file_of_another_version_stays(server, file):
    with closing(sqlite3.connect(file)) as opened, opened:
        opened.execute("DROP INDEX ix_audit_events_subject")
    refused(server, file, "not as the portal makes its databases")
    assert is_untouched()


def test_a_file_that_is_not_there(server, tmp_path):
    refused(server, tmp_path / "nowhere.db", "nothing to move")


def test_a_server_that_is_not_there(server, file, tmp_path):
    with pytest.raises(BrokenBackup, match="server cannot be used"):
        server_copies.move_to_server(file, f"postgresql+psycopg://portal@/portal?host={tmp_path}")


@pytest.mark.parametrize("table", ["audit_events", "messages", TABLES[-1].name])
def test_what_breaks_in_the_midst_leaves_nothing(server, file, monkeypatch, table):
    copy_table = row_copies._copy_table

    def break_at(copied, *given):
        if copied.name == table:
            raise row_copies.RefusedCopy("The cable was pulled.")
        return copy_table(copied, *given)

    monkeypatch.setattr(row_copies, "_copy_table", break_at)
    refused(server, file, "cable")
    assert is_untouched()
    monkeypatch.undo()
    assert "as many as in the file" in move(server, file)


def test_rows_that_do_not_arrive_are_noticed(server, file, monkeypatch):
    read = row_copies._read

    def lose_some(columns, carried, source):
        for rows in read(columns, carried, source):
            yield rows[:-1] if carried.name == "users" else rows

    monkeypatch.setattr(row_copies, "_read", lose_some)
    refused(server, file, "users: ")
    assert is_untouched()
