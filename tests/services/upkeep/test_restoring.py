"""A restore lets nothing get lost, whenever it is killed and wherever the disk ends, and takes no doctored file."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import flask_migrate
import pytest

from portal.app import create_app
from portal.extensions import db
from portal.services.upkeep import backups, schemas
from portal.services.upkeep.backups import BrokenBackup

from .restoring import NEW, OLD
from .test_backups import KILLED, ask, change, contents, copy, database  # noqa: F401 - fixtures

# A backup is a copy of SQLite's file.
pytestmark = pytest.mark.sqlite

ROOT = Path(__file__).parents[3]
PRESENT, RESTORED = ["Last words"], ["Restored"]


@pytest.fixture
def house(database, tmp_path):  # noqa: F811 - the fixture
    """A folder with a portal that was killed, the backup to restore, and a key for each."""
    folder = tmp_path / "house"
    folder.mkdir()
    backups.copy_database_file(database, folder / "copy.db", NEW)
    change(folder / "copy.db", "UPDATE users SET name = 'Restored'")
    shutil.copyfile(database, folder / "portal.db")
    (folder / "number_key").write_text(f"{OLD}\n")
    subprocess.run([sys.executable, "-c", KILLED, str(folder / "portal.db")], check=False)
    assert (folder / "portal.db-wal").stat().st_size > 0
    return folder


def attempts(house, how):
    """What came of a restore at each of its steps."""
    command = [sys.executable, "-m", "tests.services.upkeep.restoring", str(house), how]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(("how", "least"), [("swap", 20), pytest.param("kill", 60, marks=pytest.mark.slow)])
def test_a_restore_killed_at_any_step_loses_nothing(house, how, least):
    """The database is the old one or the new one, whole; the old one is there in any case; again, it is restored."""
    steps = attempts(house, how)
    assert len(steps) > least
    assert [step["code"] for step in steps] == [-9] * (len(steps) - 1) + [0]
    for step in steps:
        assert step["database"] in (PRESENT, RESTORED), step
        assert PRESENT in (step["database"], *step["kept"]), step
        assert step["key"] in (OLD, NEW), step
        assert OLD in (step["key"], *step["keys kept"]), step
        assert step["database"] == PRESENT or step["key"] == NEW, f"the key comes first: {step}"
    for step in steps[:-1]:
        then = step["then"]
        assert (then["database"], then["key"], then["drafts"]) == (RESTORED, NEW, 0), step
        assert PRESENT in then["kept"], step
        assert OLD in then["keys kept"], step
    assert {tuple(step["database"]) for step in steps[:-1]} == {tuple(PRESENT), tuple(RESTORED)}
    assert steps[-1]["drafts"] == 0


def test_a_restore_on_a_disk_without_room_changes_nothing_and_says_so(house):
    steps = attempts(house, "full")
    assert len(steps) > 3
    assert [step["code"] for step in steps] == [1] * (len(steps) - 1) + [0]
    for step in steps[:-1]:
        assert (step["database"], step["key"], step["keys kept"]) == (PRESENT, OLD, []), step
        assert step["drafts"] == 0, step
        assert (step["then"]["database"], step["then"]["key"]) == (RESTORED, NEW)


# --- files that somebody changed -------------------------------------------------------------------------

RISE = ("CREATE TRIGGER rise AFTER UPDATE ON sessions BEGIN"
        " UPDATE users SET operator = 1 WHERE email = 'uli@example.com'; END")
IDLE = ("DROP TRIGGER audit_events_no_delete; CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events"
        " BEGIN SELECT 1; END")
HIDDEN = "ALTER TABLE arrivals RENAME TO hidden; CREATE VIEW arrivals AS SELECT * FROM hidden"
DOCTORED = {
    "a trigger that makes somebody operator": (RISE, "trigger rise"),
    "a log that can be rewritten": ("DROP TRIGGER audit_events_no_update", "trigger audit_events_no_update"),
    "a trigger that does nothing": (IDLE, "trigger audit_events_no_delete"),
    "a view": ("CREATE VIEW everybody AS SELECT * FROM users", "view everybody"),
    "a view in the place of a table": (HIDDEN, "arrivals|hidden"),
    "one more table": ("CREATE TABLE secrets (id INTEGER)", "table secrets"),
    "a column that computes": ("ALTER TABLE marks ADD COLUMN more TEXT AS (upper(value))", "table marks"),
    "an index less": ("DROP INDEX ix_users_list", "index ix_users_list"),
    "an index on an expression": ("CREATE INDEX ix_rise ON users (lower(name))", "index ix_rise"),
    "a table for full-text search": ("CREATE VIRTUAL TABLE words_in USING fts5(body)", "words_in"),
    "a trigger on the revision": (
        "CREATE TRIGGER up AFTER UPDATE ON alembic_version BEGIN DELETE FROM users; END", "trigger up"),
}


@pytest.mark.parametrize("how", DOCTORED)
def test_a_doctored_file_is_refused_before_anything_of_it_is_used(database, copy, how):  # noqa: F811
    statement, named = DOCTORED[how]
    with closing(sqlite3.connect(copy)) as rows:
        rows.executescript(statement)
    before = contents(database.parent)
    with pytest.raises(BrokenBackup, match=rf"nothing of it was used.*({named})"):
        backups.restore_database_file(copy, database)
    assert contents(database.parent) == before


def test_a_check_that_was_taken_out_is_noticed(database, copy):  # noqa: F811
    with closing(sqlite3.connect(copy)) as rows:
        rows.executescript("""
            PRAGMA writable_schema=ON;
            UPDATE sqlite_master SET sql = replace(sql, '''throttle''', '''nothing''') WHERE name = 'restrictions';
        """)
    with pytest.raises(BrokenBackup, match="table restrictions"):
        backups.restore_database_file(copy, database)


def test_what_people_do_to_their_database_by_right_is_no_doctoring(database, copy):  # noqa: F811
    with closing(sqlite3.connect(copy)) as rows:
        rows.executescript("ANALYZE; VACUUM;")
    backups.restore_database_file(copy, database)


@pytest.mark.parametrize("revision", sorted(schemas.known_revisions()))
def test_backups_of_every_revision_are_known(tmp_path, revision):
    """Made by the migrations as people run them, and restored to be upgraded."""
    app = create_app({}, tmp_path)
    with app.app_context():
        flask_migrate.upgrade(revision=revision)
        db.engine.dispose()
        file = app.config["SETTINGS"].database
        if "marks" in [name for (name,) in ask(file, "SELECT name FROM sqlite_master")]:
            file.rename(tmp_path / "copy.db")
            backups.restore_database_file(tmp_path / "copy.db", file)
            flask_migrate.upgrade()
            db.engine.dispose()
