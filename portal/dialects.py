"""What statements say otherwise to SQLite than to PostgreSQL. Nothing else names a dialect or a function of only one.

A statement is built once: what stands here gets its words when it is sent to a database.
"""

from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Float, Integer, String, TableValuedAlias, Text, literal_column, type_coerce
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

# INSERT ... ON CONFLICT, which SQLAlchemy says to SQLite in the same words.
Upsert = postgresql.Insert
upsert = postgresql.insert


def key_type(length: int) -> String:
    """A column with keys of something that has so many characters; folding may lengthen it.

    SQLite stores what is longer than its column, PostgreSQL refuses it.
    """
    return String(length).with_variant(Text(), "postgresql")


# SQL for the beginning of the quarter of an hour of a moment, by dialect; SQLite's is written as it stores moments.
QUARTERS = {
    "sqlite": "strftime('%Y-%m-%d %H:', {0}) || CASE WHEN strftime('%M', {0}) < '15' THEN '00'"
              " WHEN strftime('%M', {0}) < '30' THEN '15' WHEN strftime('%M', {0}) < '45' THEN '30' ELSE '45' END"
              " || ':00.000000'",
    "postgresql": "date_bin('15 minutes', {0}, TIMESTAMP '2000-01-01')",
}


class _InItsWords(FunctionElement[Any]):
    """Something that each database says in words of its own, with its arguments at {0} and {1}."""

    words: ClassVar[dict[str, str]]

    def __init_subclass__(cls) -> None:
        # SQLAlchemy remembers the text of a statement by the classes in it, and asks each of them whether it may.
        cls.inherit_cache = True
        super().__init_subclass__()


@compiles(_InItsWords)
def _say(said: _InItsWords, compiler: Any, **named: Any) -> str:
    words = said.words.get(compiler.dialect.name) or said.words["sqlite"]
    return words.format(*(compiler.process(one, **named) for one in said.clauses))


class DaysOf(_InItsWords):
    """A moment as days since some day long ago, with fractions: the difference of two is how far they are apart."""

    type = Float()
    words: ClassVar = {"sqlite": "julianday({0})", "postgresql": "CAST(extract(epoch FROM {0}) / 86400.0 AS FLOAT)"}


class QuarterOf(_InItsWords):
    """The beginning of the quarter of an hour of a moment; to be coerced to the type of a moment."""

    words: ClassVar = {name: f"({words})" for name, words in QUARTERS.items()}


class JoinedTexts(_InItsWords):
    """The values of a column in a group as one text, with commas between; NULL for none."""

    type = String()
    words: ClassVar = {"sqlite": "group_concat({0})", "postgresql": "string_agg(CAST({0} AS VARCHAR), ',')"}


class DifferentTexts(_InItsWords):
    """The same, each value once."""

    type = String()
    words: ClassVar = {"sqlite": "group_concat(DISTINCT {0})",
                       "postgresql": "string_agg(DISTINCT CAST({0} AS VARCHAR), ',')"}


class JsonObjectOf(_InItsWords):
    """Two columns of the rows of a group as the text of one JSON object: the keys, and the values beside them."""

    type = String()
    words: ClassVar = {"sqlite": "json_group_object({0}, {1})",
                       "postgresql": "CAST(json_object_agg({0}, {1}) AS VARCHAR)"}


class Unindexed(_InItsWords):
    """A column by which SQLite is not to look for rows. PostgreSQL has no sign for that, and counts rows itself."""

    words: ClassVar = {"sqlite": "+{0}", "postgresql": "{0}"}

    def __init__(self, column: Any) -> None:
        super().__init__(column)
        self.type = column.type


class SmallerOf(_InItsWords):
    """The smaller of two whole numbers in one row, none of them NULL."""

    type = Integer()
    words: ClassVar = {"sqlite": "min({0}, {1})", "postgresql": "least({0}, {1})"}


class AmongRows(_InItsWords):
    """Whether a column is one of the values that a scalar subquery finds. It is asked once.

    PostgreSQL may ask a subquery after IN several times, and one that locks rows finds others each time.
    """

    words: ClassVar = {"sqlite": "{0} IN {1}", "postgresql": "{0} = ANY (ARRAY{1})"}


class ShareLock(_InItsWords):
    """Waits for the lock of a share of the organizations, by its number, and holds it until the transaction ends.

    SQLite, where one writes after the other, has nothing to wait for.
    """

    words: ClassVar = {"sqlite": "NULL", "postgresql": "pg_advisory_xact_lock(7005, CAST({0} AS INTEGER))"}


class WrittenJson(_InItsWords):
    """A text that is JSON already, for a column with JSON: it is stored as it is."""

    words: ClassVar = {"sqlite": "{0}", "postgresql": "CAST({0} AS JSON)"}


class _JsonValues(_InItsWords):
    words: ClassVar = {"sqlite": "json_each({0})", "postgresql": "json_array_elements_text(CAST({0} AS JSON))"}


class _JsonRows(_InItsWords):
    words: ClassVar = {"sqlite": "json_each({0})", "postgresql": "json_array_elements(CAST({0} AS JSON))"}


class _JsonItem(_InItsWords):
    words: ClassVar = {"sqlite": "json_extract({0}, '$[{1}]')", "postgresql": "({0} ->> {1})"}


class _WholeNumber(_InItsWords):
    """Out of JSON SQLite reads numbers as numbers, PostgreSQL reads text."""

    type = Integer()
    words: ClassVar = {"sqlite": "{0}", "postgresql": "CAST({0} AS BIGINT)"}


def _read_as(read: ColumnElement[Any], kind: TypeEngine[Any] | type[TypeEngine[Any]]) -> Any:
    whole = isinstance(kind, Integer) or kind is Integer
    return _WholeNumber(read) if whole else type_coerce(read, kind)


def json_values(listed: Any, kind: TypeEngine[Any] | type[TypeEngine[Any]], name: str | None = None) -> Any:
    """The column with the values of a JSON list: one parameter, however many they are.

    `listed` is the text of the list or a parameter for it; the values are whole numbers or texts, as `kind` says.
    """
    return _read_as(_JsonValues(listed).table_valued("value", name=name).c.value, kind)


def json_rows(written: Any, name: str, *kinds: type[TypeEngine[Any]]) -> tuple[TableValuedAlias, list[Any]]:
    """The rows of a JSON list of lists: the table of them, and a column for each place, of these kinds."""
    table = _JsonRows(written).table_valued("value", name=name)
    items = [_JsonItem(table.c.value, literal_column(str(place))) for place in range(len(kinds))]
    return table, [_read_as(item, kind) for item, kind in zip(items, kinds, strict=True)]
