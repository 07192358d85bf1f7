"""A database file is opened, copied, checked and held alone."""

import sqlite3
from contextlib import closing

import pytest

from portal.extensions import db
from portal.services.upkeep import database_files
from portal.services.upkeep.database_files import BrokenBackup

pytestmark = pytest.mark.sqlite


@pytest.fixture
def database(app, inside):
    """The file, with nobody connected to it."""
    with inside():
        db.engine.dispose()
    return app.config["SETTINGS"].database


def can_open(database):
    with closing(sqlite3.connect(database, timeout=0)) as other:
        try:
            return other.execute("SELECT count(*) FROM users").fetchone()[0] > 0
        except sqlite3.OperationalError:
            return False


def test_what_is_held_is_copied_and_stays_held(database, tmp_path):
    copy = tmp_path / "copy.db"
    with database_files.alone_with(database) as held:
        database_files.copy_held_file(held, copy)
        assert not can_open(database)
        assert can_open(copy)
    assert can_open(database)
    assert database_files.find_damage(copy) == ""
    assert database_files.find_outdated_schema(copy) == ""


def test_nothing_holds_what_is_not_there_or_no_database(tmp_path):
    with database_files.alone_with(tmp_path / "nowhere.db") as held:
        assert held is None
    (tmp_path / "notes.db").write_bytes(b"no database at all" * 1000)
    with database_files.alone_with(tmp_path / "notes.db") as held:
        assert held is None


def test_what_somebody_has_open_is_not_held(database):
    with closing(sqlite3.connect(database)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("SELECT count(*) FROM users").fetchall()
        with pytest.raises(BrokenBackup, match="running"), database_files.alone_with(database):
            pytest.fail("It was held.")


def test_a_draft_that_was_not_renamed_is_gone(tmp_path):
    with database_files.draft_of(tmp_path / "copy.db") as draft:
        assert draft.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == []
