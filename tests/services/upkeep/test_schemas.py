"""A schema is read without running anything of it, and compared with what the migrations make."""

import sqlite3
from contextlib import closing

import flask_migrate
import pytest
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from hypothesis import given
from hypothesis import strategies as st

from portal.app import create_app
from portal.extensions import db
from portal.services.upkeep import schemas
from portal.services.upkeep.schemas import expected_schema, find_schema_difference, known_revisions, read_schema

# The revisions of SQLite are compared with its tables; a server gets its tables from the models.
pytestmark = pytest.mark.sqlite

PLACES = "CREATE TABLE places (id INTEGER NOT NULL, name TEXT, CHECK (name IN ('one', 'two')))"


@pytest.fixture
def head():
    """The newest revision."""
    return max(known_revisions())


@pytest.fixture
def schema():
    """`schema("CREATE ...")` is the schema of a database in which these statements have run."""

    def of(*statements):
        with closing(sqlite3.connect(":memory:")) as rows:
            rows.executescript(";".join(statements))
            return read_schema(rows)

    return of


# --- the revisions -------------------------------------------------------------------------------


def test_every_migration_is_a_known_revision():
    """Read from the names of files; Alembic, which loads them all, finds the same ones, and the same newest."""
    script = ScriptDirectory(str(schemas.MIGRATIONS))
    assert known_revisions() == {one.revision for one in script.walk_revisions()}
    assert schemas.newest_revision() == script.get_current_head()


def test_each_revision_expects_exactly_what_its_migration_makes(tmp_path):
    """As people run them: one database, upgraded step by step."""
    app = create_app({}, tmp_path)
    with app.app_context():
        for revision in sorted(known_revisions()):
            flask_migrate.upgrade(revision=revision)
            db.engine.dispose()
            with closing(sqlite3.connect(app.config["SETTINGS"].database)) as rows:
                found = read_schema(rows)
            assert find_schema_difference(found, expected_schema(revision)) == ""
            assert found.keys() == expected_schema(revision).keys()


def test_one_revision_is_not_another(head):
    first = expected_schema(min(known_revisions()))
    assert ("table", "users") in first
    assert find_schema_difference(first, expected_schema(head)) != ""


def test_a_revision_that_nobody_knows_expects_nothing():
    with pytest.raises(RevisionError):
        expected_schema("9999")


def test_a_schema_is_made_once_and_without_the_portals_database(app, statements, head):
    """Outside the application, so that a restore can ask while the database is put aside."""
    assert expected_schema(head) is expected_schema(head)
    with statements() as seen:
        expected_schema(head)
    assert seen == []


# --- reading -------------------------------------------------------------------------------------


def test_everything_but_rows_is_read_by_kind_and_name(schema):
    found = schema(PLACES, "INSERT INTO places VALUES (1, 'one')", "CREATE INDEX by_name ON places (name)",
                   "CREATE VIEW all_places AS SELECT * FROM places",
                   "CREATE TRIGGER rise AFTER INSERT ON places BEGIN SELECT 1; END")
    assert sorted(found) == [("index", "by_name"), ("table", "places"), ("trigger", "rise"), ("view", "all_places")]


def test_reading_runs_no_code_of_the_database():
    """A view, a trigger or a column may be somebody's program: only the list of them is asked for."""
    with closing(sqlite3.connect(":memory:")) as rows:
        rows.executescript(f"{PLACES}; CREATE VIEW broken AS SELECT missing() FROM nowhere")
        seen = []
        rows.set_trace_callback(seen.append)
        assert ("view", "broken") in read_schema(rows)
    assert len(seen) == 1
    assert seen[0].endswith("FROM sqlite_master")


@pytest.mark.parametrize("own", [
    "ANALYZE", "VACUUM", "CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT); DROP TABLE counted",
])
def test_what_sqlite_keeps_for_itself_is_not_read(schema, own):
    rows = "INSERT INTO places VALUES (1, 'one')"
    assert schema(PLACES, "CREATE INDEX by_name ON places (name)", rows, own) == schema(
        PLACES, "CREATE INDEX by_name ON places (name)")


# --- comparing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("same", [
    PLACES.replace(" ", "\n  "), PLACES.replace("places", '"places"'),
    "CREATE TABLE places (name TEXT, id INTEGER NOT NULL, CHECK (name IN ('one', 'two')))",
])
def test_what_versions_of_sqlite_write_in_their_own_way_is_no_difference(schema, same):
    assert find_schema_difference(schema(same), schema(PLACES)) == ""


@pytest.mark.parametrize("other", [
    PLACES.replace("TEXT", "INTEGER"), PLACES.replace(" NOT NULL", ""), PLACES.replace("'two'", "'three'"),
    PLACES.replace(", CHECK (name IN ('one', 'two'))", ""), PLACES.replace("id INTEGER", "id TEXT"),
    PLACES.replace("name TEXT", "name TEXT, more TEXT AS (upper(name))"),
])
def test_a_table_that_is_another_is_named(schema, other):
    assert find_schema_difference(schema(other), schema(PLACES)) == "table places"
    assert find_schema_difference(schema(PLACES), schema(other)) == "table places"


@pytest.mark.parametrize(("one", "other"), [
    ("SELECT 1", "SELECT 2"), ("DELETE FROM places WHERE name = \"one\"", "DELETE FROM places WHERE name = one"),
])
def test_of_code_every_character_counts_but_spaces(schema, one, other):
    trigger = "CREATE TRIGGER rise AFTER INSERT ON places BEGIN {}; END"
    assert find_schema_difference(schema(PLACES, trigger.format(one)),
                                  schema(PLACES, trigger.format(other))) == "trigger rise"


def test_an_index_of_another_table_is_another(schema):
    tables = "CREATE TABLE a (id); CREATE TABLE b (id)"
    found, wanted = (schema(tables, f"CREATE INDEX by_id ON {name} (id)") for name in "ab")
    assert find_schema_difference(found, wanted) == "index by_id"


entries = st.dictionaries(st.tuples(st.sampled_from(["table", "index", "trigger", "view"]), st.sampled_from("abc")),
                          st.integers(0, 1))


@given(entries, entries)
def test_there_is_a_difference_exactly_between_two_that_differ(found, wanted):
    """Whichever of the two has more; always the first in order, so that two runs name the same one."""
    named = find_schema_difference(found, wanted)
    assert (named == "") == (found == wanted)
    assert named == find_schema_difference(wanted, found)
    if named:
        first = tuple(named.split())
        assert found.get(first) != wanted.get(first)
        assert all(found.get(one) == wanted.get(one) for one in found.keys() | wanted.keys() if one < first)
