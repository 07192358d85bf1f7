"""A backup is whole, private and checked; a restore puts it back or changes nothing."""

import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing

import pytest

from portal import cli
from portal.extensions import db, writing
from portal.models import User
from portal.services.accounts import passwords
from portal.services.toggles import toggle
from portal.services.upkeep import backups, database_files
from portal.services.upkeep.database_files import BrokenBackup
from tests import cast

# A backup is a copy of SQLite's file.
pytestmark = pytest.mark.sqlite

ROWS = "SELECT 'users', count(*) FROM users UNION ALL SELECT 'audit', count(*) FROM audit_events"
# Somebody else has the database open and does nothing with it, as an idle portal does.
IDLE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("SELECT count(*) FROM users").fetchone()
print("open", flush=True)
sys.stdin.read()
"""
# A portal that is killed leaves its last changes in the -wal file.
KILLED = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("PRAGMA wal_autocheckpoint=0")
connection.execute("UPDATE users SET name = 'Last words'")
connection.commit()
os._exit(9)
"""


def ask(database, question):
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(question).fetchall()


def change(database, statement):
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(statement)


def contents(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


@pytest.fixture
def database(app, inside):
    """The file, with nobody connected to it."""
    with inside():
        db.engine.dispose()
    return app.config["SETTINGS"].database


@pytest.fixture
def copy(database, tmp_path):
    backups.copy_database_file(database, tmp_path / "copy.db")
    return tmp_path / "copy.db"


def turn_for_ever(app, user_id, stop):
    """Every turn changes a word and adds an event in one commit: a copy must hold both or neither."""
    with app.app_context():
        user = db.session.get_one(User, user_id)
        while not stop.is_set():
            held = toggle.current_setting(user)
            with writing():
                toggle.write_setting(None, user, toggle.SettingValue(not held.value.on))


def test_a_backup_between_two_writers_is_one_moment_of_the_database(app, people, tmp_path):
    stop = threading.Event()
    writers = [threading.Thread(target=turn_for_ever, args=(app, people[name].id, stop)) for name in ("Uli", "Ben")]
    for writer in writers:
        writer.start()
    try:
        copies = [tmp_path / f"{n}.db" for n in range(5)]
        said = [backups.copy_database_file(app.config["SETTINGS"].database, copy) for copy in copies]
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert all("8 users" in each for each in said)
    for copy in copies:
        assert ask(copy, "PRAGMA integrity_check") == [("ok",)]
        versions = dict(ask(copy, "SELECT unit_id, version FROM words WHERE level = 'user'"))
        told = dict(ask(copy, "SELECT users.id, count(*) FROM audit_events JOIN users ON users.ref = subject_ref"
                              " WHERE subject = 'user' AND action = 'texting' GROUP BY users.id"))
        assert versions == told
    assert len({len(ask(copy, "SELECT id FROM audit_events")) for copy in copies}) > 1, "nobody wrote meanwhile"


def test_nobody_else_can_read_a_backup_and_nothing_else_is_left(copy):
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert [file.name for file in copy.parent.iterdir()] == [copy.name]


def test_a_backup_never_replaces_a_file(database, copy):
    before = copy.read_bytes()
    with pytest.raises(BrokenBackup, match="exists already"):
        backups.copy_database_file(database, copy)
    assert copy.read_bytes() == before


def ruin(database):
    """Overwrite the middle of the file, where rows and indexes lie."""
    with database.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xa5" * 16384)


@pytest.mark.parametrize("harm", [
    lambda database: database.unlink(),
    lambda database: database.write_bytes(b"no database at all" * 1000),
    ruin,
    lambda database: change(database, "UPDATE users SET organization_id = 999"),
], ids=["missing", "another file", "damaged", "rows that refer to nothing"])
def test_what_is_not_sound_is_not_passed_off_as_a_backup(database, tmp_path, harm):
    harm(database)
    with pytest.raises(BrokenBackup):
        backups.copy_database_file(database, tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(database, tmp_path):
    with pytest.raises(BrokenBackup, match="nowhere"):
        backups.copy_database_file(database, tmp_path / "nowhere" / "copy.db")


def test_after_a_restore_everything_is_as_it_was(app, inside, browse, database, copy):
    """Rows, soundness, passwords; and what came after the backup is kept beside it."""
    rows = ask(database, ROWS)
    change(database, "UPDATE users SET password_hash = '', name = 'Somebody else'")
    said = backups.restore_database_file(copy, database)
    assert "8 users" in said
    assert ask(database, ROWS) == rows
    assert ask(database, "PRAGMA integrity_check") == [("ok",)]
    with inside():
        assert passwords.sign_in_with_password("ada@example.com", cast.PASSWORD, "192.0.2.1", "Test")
    kept, = database.parent.glob("portal.db.before-restore-*")
    assert ask(kept, "SELECT DISTINCT name FROM users") == [("Somebody else",)]
    assert str(kept) in said


def test_a_restore_ends_every_session(app, browse, inside, tmp_path):
    """One that ended after the backup would open again otherwise."""
    ada, settings = browse("Ada"), app.config["SETTINGS"]
    backups.copy_database_file(settings.database, tmp_path / "copy.db")
    with inside():
        db.engine.dispose()
    backups.restore_database_file(tmp_path / "copy.db", settings.database)
    assert "/sign-in" in ada.get("/account").location


def test_what_stands_only_in_the_log_of_a_killed_portal_is_kept_too(database, copy):
    subprocess.run([sys.executable, "-c", KILLED, str(database)], check=False)
    assert database.with_name("portal.db-wal").stat().st_size > 0
    backups.restore_database_file(copy, database)
    kept, = database.parent.glob("portal.db.before-restore-*")
    assert ask(kept, "SELECT DISTINCT name FROM users") == [("Last words",)]
    assert ("Last words",) not in ask(database, "SELECT DISTINCT name FROM users")


@pytest.mark.parametrize("harm", [
    lambda database: database.unlink(),
    lambda database: database.write_bytes(b"no database at all" * 1000),
    lambda database: database.write_bytes(b""),
    ruin,
], ids=["missing", "another file", "empty", "damaged"])
def test_a_lost_database_is_no_obstacle(database, copy, harm):
    rows = ask(database, ROWS)
    harm(database)
    backups.restore_database_file(copy, database)
    assert ask(database, ROWS) == rows


def test_the_log_of_a_lost_database_is_not_taken_for_the_new_ones(database, copy):
    rows = ask(database, ROWS)
    subprocess.run([sys.executable, "-c", KILLED, str(database)], check=False)
    log = database.with_name("portal.db-wal").read_bytes()
    with database.open("r+b") as file:
        file.write(b"no database at all")
    backups.restore_database_file(copy, database)
    assert ask(database, ROWS) == rows
    assert ("Last words",) not in ask(database, "SELECT name FROM users")
    kept, = database.parent.glob("portal.db.before-restore-*-wal")
    assert kept.read_bytes() == log


@pytest.mark.parametrize("mode", ["WAL", "DELETE"])
def test_nobody_gets_in_between(database, copy, monkeypatch, mode):
    """Whoever opened the old file at the last moment would go on with it."""
    ask(database, f"PRAGMA journal_mode={mode}")
    set_aside = backups._set_aside

    def try_to_get_in(present, draft):
        with closing(sqlite3.connect(present, timeout=0)) as other, pytest.raises(sqlite3.OperationalError):
            other.execute("SELECT count(*) FROM users")
        return set_aside(present, draft)

    monkeypatch.setattr(backups, "_set_aside", try_to_get_in)
    backups.restore_database_file(copy, database)


@pytest.mark.parametrize(("harm", "words"), [
    (lambda copy: copy.write_bytes(b"no database at all" * 1000), "cannot be copied"),
    (ruin, "sound|copied"),
    (lambda copy: change(copy, "DROP TABLE alembic_version"), "no database of the portal"),
    (lambda copy: change(copy, "DELETE FROM alembic_version"), "no database of the portal"),
    (lambda copy: change(copy, "UPDATE alembic_version SET version_num = '9999'"), "newer version"),
    (lambda copy: change(copy, "UPDATE users SET organization_id = 999"), "refer to nothing"),
], ids=["another file", "damaged", "another database", "no migration", "newer", "orphans"])
def test_a_restore_refuses_what_is_not_a_sound_database_of_the_portal(database, copy, harm, words):
    harm(copy)
    before = contents(database.parent)
    with pytest.raises(BrokenBackup, match=words):
        backups.restore_database_file(copy, database)
    assert contents(database.parent) == before


def test_a_restore_refuses_while_the_portal_runs(database, copy):
    """Even when it is idle: it would go on with the file that was put aside."""
    change(copy, "UPDATE users SET name = 'Restored'")
    with subprocess.Popen([sys.executable, "-c", IDLE, str(database)], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as portal:
        assert portal.stdout.readline() == "open\n"
        with pytest.raises(BrokenBackup, match="Stop it first"):
            backups.restore_database_file(copy, database)
        portal.communicate("")
    assert ("Restored",) not in ask(database, "SELECT name FROM users")
    assert not list(database.parent.glob("*before-restore*"))
    backups.restore_database_file(copy, database)
    assert ask(database, "SELECT DISTINCT name FROM users") == [("Restored",)]


def test_the_commands_say_what_they_did(app, database, inside, tmp_path):
    run, file = app.test_cli_runner().invoke, str(tmp_path / "copy.db")
    with inside():
        made, again, restored = (run(args=[*words, file]) for words in (["backup"], ["backup"], ["restore", "--yes"]))
    assert made.exit_code == 0, made.output
    assert "8 users" in made.output
    assert again.exit_code == 1
    assert "exists already" in again.output
    assert restored.exit_code == 0, restored.output
    assert "before-restore" in restored.output


# --- the key of erased numbers -------------------------------------------------------------------

KEY, OTHER = "a key of thirty-two characters or more", "another key, just as long as the first"
HELD = "SELECT value FROM marks WHERE name = 'number_key'"


@pytest.fixture
def key_file(database):
    """Another place than the application's own."""
    folder = database.parent / "keys"
    folder.mkdir(exist_ok=True)
    yield folder / "number_key"
    for file in folder.iterdir():
        file.unlink()


@pytest.mark.parametrize("before", ["", OTHER])
def test_the_key_of_erased_numbers_travels_with_the_backup(database, tmp_path, key_file, before):
    """And does not stay in the database, whose hashes it opens."""
    if before:
        key_file.write_text(before)
    backups.copy_database_file(database, tmp_path / "keyed.db", KEY)
    assert ask(tmp_path / "keyed.db", HELD) == [(KEY,)]
    backups.restore_database_file(tmp_path / "keyed.db", database, key_file, before)
    assert key_file.read_text() == f"{KEY}\n"
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert ask(database, HELD) == []
    assert KEY.encode() not in database.read_bytes()
    assert [kept.read_text() for kept in key_file.parent.glob("number_key.before-restore-*")] == [before] * bool(before)


def test_the_same_key_is_left_alone(database, tmp_path, key_file):
    key_file.write_text(KEY)
    backups.copy_database_file(database, tmp_path / "keyed.db", KEY)
    backups.restore_database_file(tmp_path / "keyed.db", database, key_file, KEY)
    assert contents(key_file.parent) == {"number_key": KEY.encode()}


def test_a_backup_without_a_key_changes_none(database, copy, key_file):
    key_file.write_text(KEY)
    backups.restore_database_file(copy, database, key_file, KEY)
    assert contents(key_file.parent) == {"number_key": KEY.encode()}


def test_a_key_that_was_set_is_not_replaced_behind_peoples_backs(database, tmp_path, key_file):
    backups.copy_database_file(database, tmp_path / "keyed.db", KEY)
    before = contents(database.parent)
    with pytest.raises(BrokenBackup, match="NUMBER_KEY"):
        backups.restore_database_file(tmp_path / "keyed.db", database, key_file, OTHER)
    assert contents(database.parent) == before
    assert not key_file.exists()


# --- before an upgrade -----------------------------------------------------------------------------


def copies(database):
    return sorted(database.parent.glob(f"{database.name}.before-upgrade-*"))


@pytest.fixture
def alone(database, tmp_path):
    """A database with nothing beside it."""
    backups.copy_database_file(database, tmp_path / "alone.db")
    return tmp_path / "alone.db"


def test_a_database_is_copied_beside_itself_before_an_upgrade(alone):
    kept = backups.backup_before_migration(alone, "a revision to come")
    assert copies(alone) == [kept]
    assert ask(kept, ROWS) == ask(alone, ROWS)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_without_an_upgrade_nothing_is_copied(alone, tmp_path):
    """It is there already, has no tables yet, or does not exist: `make run` asks each time."""
    ((head,),) = ask(alone, "SELECT version_num FROM alembic_version")
    assert backups.backup_before_migration(alone, head) is None
    assert backups.backup_before_migration(tmp_path / "nowhere.db", head) is None
    sqlite3.connect(tmp_path / "empty.db").close()
    assert backups.backup_before_migration(tmp_path / "empty.db", head) is None
    assert list(tmp_path.glob("*.before-upgrade-*")) == []


def test_the_newest_three_copies_stay_and_no_draft_of_a_killed_upgrade(alone):
    left = alone.with_name(f".{alone.name}.before-upgrade-1.x")
    left.write_bytes(b"half a copy")
    made = [backups.backup_before_migration(alone, "a revision to come") for _ in range(5)]
    assert copies(alone) == sorted(made[2:])
    assert not left.exists()


@pytest.mark.parametrize("command", ["serve", "work"])
@pytest.mark.parametrize(("harm", "said"), [
    ("UPDATE alembic_version SET version_num = 'newer'", "they are at revision newer, and this version needs"),
    ("DROP TABLE alembic_version", "they are at revision none"),
])
def test_with_the_tables_of_another_version_the_portal_does_not_start(app, database, monkeypatch, command, harm, said):
    monkeypatch.setattr(cli, "_refuse_lost_key", lambda: pytest.fail("It went on."))
    assert database_files.find_other_revision(database) == ""
    change(database, harm)
    told = app.test_cli_runner().invoke(args=[command])
    assert told.exit_code == 1
    assert said in told.output
    assert "`flask db upgrade` brings older ones up to date" in told.output


def test_a_database_that_is_not_sound_is_not_upgraded(alone):
    change(alone, "UPDATE users SET organization_id = 999")
    with pytest.raises(BrokenBackup):
        backups.backup_before_migration(alone, "a revision to come")
    assert copies(alone) == []
