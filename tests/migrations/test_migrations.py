"""The database is what the models say, gets there in one piece, and is put aside before it changes."""

import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from portal.extensions import as_writer, db
from portal.services.upkeep.schemas import MIGRATIONS

# Batches, the copy beside the file and foreign keys switched off: all SQLite's.
pytestmark = pytest.mark.sqlite
ROOT = Path(__file__).parents[2]
REVISIONS = sorted(ScriptDirectory(str(MIGRATIONS)).walk_revisions(), key=lambda script: script.revision)
# These change rows and no table.
ROWS_ONLY = {"0007", "0029"}

NEXT = '''
"""A revision that only this test knows."""
import sqlalchemy as sa
from alembic import op
revision = "{revision}"
down_revision = "{before}"

def upgrade():
    {what}

def downgrade():
    pass
'''
ANEW = """with op.batch_alter_table("organizations", recreate="always") as table:
        table.add_column(sa.Column("note", sa.String(20), server_default="", nullable=False))"""
HALF = """op.execute("UPDATE users SET name = 'Half'")
    op.execute("CREATE TABLE half (id INTEGER)")
    op.execute("this is no SQL")"""
ORPHANS = 'op.execute("DELETE FROM organizations")'


def ask(database, question):
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(question).fetchall()


def shape(database):
    """Tables, indexes and triggers, with the clauses of a table in any order."""
    found = ask(database, "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name != 'alembic_version'")
    told = {name: " ".join(sql.split()).removesuffix(")").strip().partition("(") for name, sql in found}
    # A table that was made anew for a change keeps its name in quotes.
    return {name: (kind.replace('"', ""), sorted(re.split(r", (?![^(]*\))", clauses)))
            for name, (kind, _, clauses) in told.items()}


def contents(folder):
    files = (file for file in folder.rglob("*") if file.is_file() and not file.name.endswith(("-wal", "-shm")))
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


@pytest.fixture
def fresh(app, tmp_path):
    """Its own application over a database that does not exist yet, for the open context of a migration."""
    from portal.app import create_app

    made = create_app({}, tmp_path)
    with made.app_context():
        yield made.config["SETTINGS"].database
        db.engine.dispose()


@pytest.fixture
def behind(app, inside, tmp_path):
    """`behind(what)`: the migrations with one more, that the database of the cast does not have yet."""
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))

    def add(what):
        before = f"{len(list(folder.glob('versions/*.py'))):04}"
        revision = f"{int(before) + 1:04}"
        text = NEXT.format(revision=revision, before=before, what=what)
        (folder / "versions" / f"{revision}_next.py").write_text(text)
        return str(folder)

    with inside():
        yield add


@pytest.fixture
def database(app):
    return app.config["SETTINGS"].database


def kept(database):
    return sorted(database.parent.glob(f"{database.name}.before-upgrade-*"))


def test_revisions_stand_in_one_row():
    numbers = [f"{n:04}" for n in range(1, len(REVISIONS) + 1)]
    assert [(script.revision, script.down_revision) for script in REVISIONS] == list(zip(numbers, [None, *numbers],
                                                                                         strict=False))


@pytest.mark.parametrize("script", REVISIONS, ids=lambda script: script.revision)
def test_a_revision_outlives_the_models(script):
    assert "portal" not in Path(script.path).read_text()


def test_every_later_revision_is_tried_on_data():
    """tests/migrations/test_<revision>.py brings rows of the time before and looks at them afterwards."""
    tried = {file.stem[5:9] for file in Path(__file__).parent.glob("test_0*.py")}
    assert {script.revision for script in REVISIONS[1:]} <= tried


def test_head_equals_the_models(fresh, tmp_path):
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []
    other = tmp_path / "models.db"
    with as_writer():
        engine = create_engine(f"sqlite:///{other}")
        db.metadata.create_all(engine)
        engine.dispose()
    assert shape(fresh) == shape(other)


def test_nobody_else_on_the_machine_reads_a_new_database(fresh):
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1 FROM users").all()
        files = list(fresh.parent.glob("portal.db*"))
        assert len(files) == 3
        assert all(file.stat().st_mode & 0o077 == 0 for file in files)


def test_up_and_down_again_is_where_it_was(fresh):
    """For every revision: the way back leads to the very same tables, indexes and triggers."""
    for script in REVISIONS:
        before = shape(fresh) if fresh.exists() else {}
        flask_migrate.upgrade(revision=script.revision)
        after = shape(fresh)
        flask_migrate.downgrade(revision=script.down_revision or "base")
        assert shape(fresh) == before
        assert (before == after) is (script.revision in ROWS_ONLY)
        flask_migrate.upgrade(revision=script.revision)
        assert shape(fresh) == after


def test_the_database_is_put_aside_before_it_changes(database, behind):
    rows = ask(database, "SELECT ref, name FROM organizations")
    folder = behind(ANEW)
    flask_migrate.upgrade(folder)
    copy, = kept(database)
    assert ask(copy, "SELECT * FROM alembic_version") == [(REVISIONS[-1].revision,)]
    assert ask(copy, "SELECT ref, name FROM organizations") == rows
    assert copy.stat().st_mode & 0o077 == 0
    assert ask(database, "SELECT ref, name FROM organizations WHERE note = ''") == rows
    flask_migrate.upgrade(folder)
    assert kept(database) == [copy]


def test_a_table_made_anew_takes_nothing_along(database, behind):
    """SQLite drops the old table; rows that refer to it stay, and connections check them again afterwards."""
    rows = ask(database, "SELECT id, organization_id FROM users")
    flask_migrate.upgrade(behind(ANEW))
    assert ask(database, "SELECT id, organization_id FROM users") == rows
    assert ask(database, "PRAGMA foreign_key_check") == []
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


@pytest.mark.parametrize(("what", "error"), [(HALF, OperationalError), (ORPHANS, SystemExit)],
                         ids=["breaks halfway", "leaves orphans"])
def test_a_migration_that_fails_changes_nothing(database, behind, what, error):
    before, rows = shape(database), ask(database, "SELECT * FROM users")
    with pytest.raises(error):
        flask_migrate.upgrade(behind(what))
    assert shape(database) == before
    assert ask(database, "SELECT * FROM users") == rows
    assert ask(database, "SELECT * FROM alembic_version") == [(REVISIONS[-1].revision,)]


def test_the_newest_three_copies_are_kept(database, behind):
    copies = []
    for _ in range(4):
        flask_migrate.upgrade(behind("pass"))
        copies.append(kept(database)[-1])
    assert kept(database) == copies[1:]


def test_looking_changes_nothing(database, behind, capsys):
    folder, before = behind(ANEW), database.read_bytes()
    flask_migrate.current(folder)
    flask_migrate.history(folder)
    flask_migrate.heads(folder)
    assert kept(database) == []
    assert database.read_bytes() == before


def test_the_command_is_silent_when_there_is_nothing_to_do(fresh, tmp_path):
    """`make run` calls it every time."""
    flask_migrate.upgrade()
    before = contents(tmp_path)
    environ = {"DATABASE_URL": f"sqlite:///{tmp_path}/portal.db", "SECRET_KEY": "x" * 32, "CSRF_KEY": "y" * 32,
               "PATH": ""}
    command = [sys.executable, "-W", "error", "-m", "flask", "--app", "wsgi", "db", "upgrade"]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert contents(tmp_path) == before
