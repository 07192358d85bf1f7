"""What is said otherwise to SQLite than to PostgreSQL means the same, and nothing else names either."""

import ast
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    create_engine,
    literal,
    or_,
    select,
    text,
    type_coerce,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from portal.dialects import (
    DaysOf,
    DifferentTexts,
    JoinedTexts,
    JsonObjectOf,
    QuarterOf,
    SmallerOf,
    Unindexed,
    WrittenJson,
    json_rows,
    json_values,
    upsert,
)
from portal.extensions import as_writer
from portal.models import Moment

PORTAL = Path(__file__).parents[1] / "portal"
TABLE = Table("held", MetaData(), Column("id", Integer, primary_key=True), Column("name", String(9)),
              Column("at", Moment), Column("told", Boolean))


def said(statement, dialect):
    return " ".join(str(statement.compile(dialect=dialect.dialect())).split())


ADDED = upsert(TABLE).values(id=1, name="a")
UPSERTS = (
    ADDED.on_conflict_do_nothing(), ADDED.on_conflict_do_nothing(index_elements=["id"]),
    ADDED.on_conflict_do_update(index_elements=["id"], set_={"name": ADDED.excluded.name}),
    ADDED.on_conflict_do_update(index_elements=[TABLE.c.id], index_where=text("told IS NULL"), set_={
        "name": TABLE.c.name + ADDED.excluded.name}, where=or_(TABLE.c.id <= ADDED.excluded.id)),
    upsert(TABLE).from_select(["id", "name"], select(TABLE.c.id, TABLE.c.name).where(TABLE.c.id > 1)
                              ).on_conflict_do_nothing().returning(TABLE.c.id),
)


@pytest.mark.parametrize("statement", UPSERTS)
def test_both_hear_of_conflicts_in_the_same_words(statement):
    words = [re.sub(r"%\(\w+\)s(::\w+)?|\?", "?", said(statement, one)) for one in (postgresql, sqlite)]
    assert re.sub(r"RETURNING \w+\.", "RETURNING ", words[0]) == words[1]
    assert " ON CONFLICT " in words[1]


@pytest.fixture
def held():
    engine = create_engine("sqlite://")
    with as_writer(), engine.connect() as connection:
        TABLE.create(connection)
        connection.execute(TABLE.insert(), [
            {"id": 1, "name": "b", "at": datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC), "told": True},
            {"id": 2, "name": "a", "at": datetime(2026, 2, 1, 12, 0, tzinfo=UTC), "told": False},
            {"id": 3, "name": "a", "at": datetime(2026, 2, 1, 0, 14, 59, tzinfo=UTC), "told": None}])
        yield connection
    engine.dispose()


def test_days_quarters_and_joined_texts(held):
    day_before = literal(datetime(2026, 1, 31, 12, tzinfo=UTC), Moment)
    assert held.scalar(select(DaysOf(TABLE.c.at) - DaysOf(day_before)).where(TABLE.c.id == 2)) == pytest.approx(1)
    quarters = select(type_coerce(QuarterOf(TABLE.c.at), Moment)).order_by(TABLE.c.id)
    assert list(held.scalars(quarters)) == [datetime(2026, 1, 31, 23, 45, tzinfo=UTC),
                                            datetime(2026, 2, 1, 12, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)]
    assert sorted(held.scalar(select(JoinedTexts(TABLE.c.name))).split(",")) == ["a", "a", "b"]
    assert list(held.scalars(select(SmallerOf(TABLE.c.id, 2)).order_by(TABLE.c.id))) == [1, 2, 2]
    assert sorted(held.scalar(select(DifferentTexts(TABLE.c.name))).split(",")) == ["a", "b"]
    assert held.scalar(select(JoinedTexts(TABLE.c.name)).where(TABLE.c.id > 3)) is None
    assert json.loads(held.scalar(select(JsonObjectOf(TABLE.c.name, TABLE.c.id)).where(TABLE.c.id < 3))) == {
        "b": 1, "a": 2}


def test_lists_and_rows_in_one_parameter(held):
    ids = select(TABLE.c.name).where(TABLE.c.id.in_(select(json_values(json.dumps([1, 7]), Integer))))
    assert list(held.scalars(ids)) == ["b"]
    names = select(TABLE.c.id).where(
        TABLE.c.name.in_(select(json_values(bindparam("n", type_=String), String, "n")))).order_by(TABLE.c.id)
    assert list(held.scalars(names, {"n": '["a", "x"]'})) == [2, 3]
    rows, (of, new) = json_rows(json.dumps([[2, "c"]]), "given", Integer, String)
    assert held.execute(select(of, new).select_from(rows)).all() == [(2, "c")]
    held.execute(update(TABLE).where(TABLE.c.id == of).values(name=new))
    assert held.scalar(select(TABLE.c.name).where(TABLE.c.id == 2)) == "c"


@pytest.mark.parametrize(("statement", "words"), [
    (select(Unindexed(TABLE.c.at)), "SELECT held.at"),
    (select(WrittenJson(bindparam("a", type_=String))), "CAST(%(a)s::VARCHAR AS JSON)"),
    (select(json_values(bindparam("a", type_=String), String, "n")),
     "SELECT n.value AS value FROM json_array_elements_text(CAST(%(a)s::VARCHAR AS JSON)) AS n"),
    (select(json_values(bindparam("a", type_=String), Integer, "n")), "CAST(n.value AS BIGINT)"),
    (select(*json_rows(bindparam("a", type_=String), "n", Integer, String)[1]),
     "CAST((n.value ->> 0) AS BIGINT) AS anon_1, (n.value ->> 1) AS anon_2 FROM json_array_elements("),
    (select(SmallerOf(TABLE.c.id, 7)), "least(held.id, %(param_1)s"),
    (select(DaysOf(TABLE.c.at)), "extract(epoch FROM held.at)"),
    (select(JsonObjectOf(TABLE.c.name, TABLE.c.id)), "CAST(json_object_agg(held.name, held.id) AS VARCHAR)"),
    (select(DifferentTexts(TABLE.c.id)), "string_agg(DISTINCT CAST(held.id AS VARCHAR), ',')"),
])
def test_what_postgresql_hears(statement, words):
    assert words in said(statement, postgresql)


# Words that only one of the two knows, as names of functions and in SQL.
OF_ONE = re.compile(
    r"\b(julianday|json_each|json_extract|json_group_\w+|json_array_\w+|group_concat|string_agg|strftime|unixepoch"
    r"|date_bin|ifnull|iif|typeof|total_changes|printf|rowid|GLOB|PRAGMA|INSERT OR|sqlite_master|jsonb?_\w+)\b")
# What is about one of them by its nature: how they are set up and migrated, copies of SQLite's file, a carrier's file.
THEIRS = ("dialects.py", "databases.py", "extensions.py", "migrations/", "services/upkeep/backups.py",
          "services/upkeep/database_files.py", "services/upkeep/schemas.py", "services/upkeep/server_tables.py",
          "carriers/pretend/ledger.py")


def words_of_one(file):
    """Line and word of each, but for prose: docstrings and comments may name what they like."""
    tree = ast.parse(file.read_text())
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        words = ""
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("func.min", "func.max") and len(node.args) > 1:
            words = "GLOB"
        elif isinstance(node, ast.Attribute):
            words = node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            words = node.value
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy.dialects"):
            words = "GLOB"
        yield from ((node.lineno, found[0]) for found in OF_ONE.finditer(words))


def test_nothing_else_names_a_dialect_or_a_function_of_only_one():
    files = [file for file in sorted(PORTAL.rglob("*.py"))
             if not file.relative_to(PORTAL).as_posix().startswith(THEIRS)]
    assert len(files) > 300
    found = [(str(file.relative_to(PORTAL)), *one) for file in files for one in words_of_one(file)]
    assert found == []
    assert list(words_of_one(PORTAL / "dialects.py"))
