"""Backups that name themselves: the newest is found by its name, and old ones go."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.extensions import now
from portal.services.upkeep import backup_folder
from portal.services.upkeep.backup_folder import MOMENT_FORMAT, delete_old_backups, newest_backup, write_dated_backup
from portal.services.upkeep.database_files import BrokenBackup


@pytest.fixture
def database(app, inside):
    with inside():
        yield app.config["SETTINGS"].database


@pytest.fixture
def write(app, database):
    """`write(folder)` writes a dated backup there; those older than 14 days go."""
    return lambda folder: write_dated_backup(replace(app.config["SETTINGS"], backup_days=14), folder)


@pytest.fixture
def put(database, tmp_path):
    """`put(days=3)`: a backup of that age lies in the folder; with what more its name ends."""
    def lie(more="", words="x", **age):
        file = tmp_path / f"portal-{now() - timedelta(**age):{MOMENT_FORMAT}}.db{more}"
        file.write_text(words)
        return file.name

    return lie


def names(folder):
    return {file.name for file in folder.iterdir()}


def test_a_backup_names_itself_and_is_found_again(database, write, tmp_path):
    said = write(tmp_path)
    assert "checked" in said
    assert said.endswith("Older ones deleted: 0.")
    assert timedelta() <= now() - newest_backup(database, tmp_path) < timedelta(minutes=5)
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_name_tells_the_moment_whatever_the_file_says(database, tmp_path, put):
    put(days=2)
    put(days=1)
    put(days=3, more=".age")
    assert timedelta(days=1) <= now() - newest_backup(database, tmp_path) < timedelta(days=1, minutes=5)


@pytest.mark.parametrize("name", ["notes.txt", "portal-2026.db", "portal-20261399T023000Z.db", "other-{}.db"])
def test_other_files_are_no_backups(database, tmp_path, name):
    (tmp_path / name.format(f"{now():{MOMENT_FORMAT}}")).write_text("x")
    assert newest_backup(database, tmp_path) is None
    assert delete_old_backups(database, tmp_path, 1) == 0
    assert len(names(tmp_path)) == 1


def test_one_ahead_of_the_clock_and_an_empty_one_prove_nothing(database, tmp_path, put):
    put(days=-1)
    put(hours=1, words="")
    assert newest_backup(database, tmp_path) is None


def test_a_folder_that_is_not_there_holds_none(database, write, tmp_path):
    assert newest_backup(database, tmp_path / "gone") is None
    with pytest.raises(BrokenBackup, match="cannot be used"):
        write(tmp_path / "gone")


def test_old_ones_go_with_their_sealed_copies(database, tmp_path, put):
    kept = {put(hours=hours, more=more) for hours in (1, 25, 49, 24 * 14 - 1) for more in ("", ".age")}
    for days in (15, 16):
        put(days=days)
        put(days=days, more=".age")
    assert delete_old_backups(database, tmp_path, 14) == 2
    assert names(tmp_path) == kept


def test_the_newest_three_stay_whatever_the_clock_says(database, tmp_path, put):
    """A clock that was set years ahead must not delete everything."""
    kept = {put(days=days) for days in (400, 401, 402)}
    put(days=403)
    assert delete_old_backups(database, tmp_path, 14) == 1
    assert names(tmp_path) == kept


def test_where_no_backup_can_be_made_nothing_is_deleted(write, tmp_path, put, monkeypatch):
    kept = {put(days=days) for days in (1, 2, 3, 100)}

    def fail(*_given):
        raise BrokenBackup("no room")

    monkeypatch.setattr(backup_folder.backups, "write_copy", fail)
    with pytest.raises(BrokenBackup):
        write(tmp_path)
    assert names(tmp_path) == kept


def test_the_command_without_a_name_uses_the_folder(app, another, tmp_path):
    done = another(BACKUP_FOLDER=str(tmp_path)).test_cli_runner().invoke(args=["backup"])
    assert (done.exit_code, len(names(tmp_path))) == (0, 1), done.output
    done = app.test_cli_runner().invoke(args=["backup"])
    assert done.exit_code == 1
    assert "set BACKUP_FOLDER" in done.output
