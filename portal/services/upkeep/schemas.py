"""The schema that the migrations create, and whether a database has exactly it: tables, indexes and triggers."""

import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, create_engine
from sqlalchemy.pool import StaticPool

from portal.extensions import NAMES, as_writer

MIGRATIONS = Path(__file__).parents[2] / "migrations"
VERSION_TABLE = ("table", "alembic_version")
_VERSION_TABLE = """CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"""
# SQLite's own tables: counters, and the statistics of ANALYZE.
_OWN = re.compile(r"sqlite_(?:sequence|stat\d)")
_MASTER = "SELECT type, name, tbl_name, sql FROM sqlite_master"

Schema = Mapping[tuple[str, str], object]


def known_revisions() -> frozenset[str]:
    """The revisions that this version of the portal knows, by the names of their files.

    Alembic would load every migration for that, and a server that only looks would hold them all from then on.
    """
    return frozenset(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def newest_revision() -> str:
    """The revision that this version of the portal works with."""
    return max(known_revisions())


def describe_other_revision(present: set[str]) -> str:
    """How these revisions of a database differ from that of this version, or ""."""
    newest = newest_revision()
    return "" if present == {newest} else (
        f"they are at revision {', '.join(sorted(present)) or 'none'}, and this version needs {newest}")


def read_schema(connection: sqlite3.Connection) -> Schema:
    """Everything in a database except rows, by kind and name. Reading the schema runs no code in it."""
    return _schema(connection.execute(_MASTER).fetchall())


@cache
def expected_schema(revision: str) -> Schema:
    """The schema that the migrations up to a revision create in an empty database."""
    return _schema(_rows_of_master(revision))


def statements_of_schema() -> tuple[list[str], list[str]]:
    """SQL of everything in a database file of this version: what makes its tables, and then indexes and triggers."""
    rows = [(kind, sql) for kind, name, _table, sql in _rows_of_master(newest_revision())
            if sql is not None and not _OWN.fullmatch(name)]
    return [sql for kind, sql in rows if kind == "table"], [sql for kind, sql in rows if kind != "table"]


def _rows_of_master(revision: str) -> Sequence[tuple[str, str, str, str | None]]:
    """What SQLite notes of each thing in its schema, after the migrations up to a revision."""
    script = ScriptDirectory(str(MIGRATIONS))
    engine = create_engine("sqlite://", poolclass=StaticPool)
    names = {"target_metadata": MetaData(naming_convention=NAMES)}
    with as_writer(), engine.connect() as connection, Operations.context(
            MigrationContext.configure(connection, opts=names)):
        connection.exec_driver_sql(_VERSION_TABLE)
        for each in reversed(list(script.iterate_revisions(revision, "base"))):
            each.module.upgrade()
        found = [tuple(row) for row in connection.exec_driver_sql(_MASTER).all()]
    engine.dispose()
    return found


def find_schema_difference(found: Schema, wanted: Schema) -> str:
    """The first difference from the migrations, as in "trigger users_rise"; "" without one."""
    wrong = sorted(one for one in found.keys() | wanted.keys() if found.get(one) != wanted.get(one))
    return " ".join(wrong[0]) if wrong else ""


def _schema(rows: Iterable[tuple[str, str, str, str | None]]) -> Schema:
    return {(kind, name): (table, _plain(kind, sql)) for kind, name, table, sql in rows
            if sql is not None and not _OWN.fullmatch(name)}


def _plain(kind: str, sql: str) -> object:
    """SQL without what differs between versions of SQLite: spaces, quoted names, the order of a table's clauses."""
    flat = " ".join(sql.split())
    if kind != "table":
        return flat
    head, _, clauses = flat.replace('"', "").removesuffix(")").strip().partition("(")
    return head.strip(), sorted(one.strip() for one in re.split(r",(?![^(]*\))", clauses))
