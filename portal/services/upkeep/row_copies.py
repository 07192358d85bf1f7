"""Every row of one database in another one: out of a file into a server, or out of a server into a file.

Rows are copied as they are, so nothing counts or refuses them on their way, and both databases are of this version.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Enum,
    String,
    Table,
    TableClause,
    Text,
    bindparam,
    cast,
    column,
    func,
    insert,
    select,
    table,
    update,
)

from portal import databases
from portal.dialects import WrittenJson
from portal.extensions import db

ROWS_AT_ONCE = 1000
# PostgreSQL cannot store this sign; people's input has been read like this since the portal knows PostgreSQL.
NUL, SIGN_OF_NUL = "\0", "\N{SYMBOL FOR NULL}"

Row = dict[str, Any]


class RefusedCopy(Exception):
    """Rows cannot be copied. Nothing was changed."""


def find_filled_table(connection: Connection) -> str:
    """The first table of a database that has a row, or ""."""
    return next((one.name for one in db.metadata.sorted_tables
                 if connection.scalar(select(select(one).exists()))), "")


def copy_rows(source: Connection, target: Connection) -> int:
    """Copy every row into the same table of an empty database; returns how many rows there are.

    The caller commits. Raises RefusedCopy when a table holds another number of rows afterwards.
    """
    tables = db.metadata.sorted_tables
    with databases.without_triggers(target, [one.name for one in tables]):
        total = sum(_copy_table(one, source, target) for one in tables)
    databases.continue_ids(target, [one.name for one in tables if one.autoincrement_column is not None])
    return total


def _copy_table(copied: Table, source: Connection, target: Connection) -> int:
    carried = _carried(copied)
    # What refers to its own table may refer to a row that comes later.
    later = {key.parent.name for key in copied.foreign_keys if key.column.table is copied}
    columns = [one for one in copied.columns if one.name not in later]
    adding = insert(carried).values({one.name: _given(one) for one in columns})
    many = 0
    for rows in _read(columns, carried, source):
        target.execute(adding, rows)
        many += len(rows)
    for name in later:
        _copy_references(carried, name, source, target)
    counted = [one.scalar(select(func.count()).select_from(carried)) for one in (source, target)]
    if counted != [many, many]:
        raise RefusedCopy(f"{copied.name}: {many} rows were copied, of {counted[0]}, and {counted[1]} arrived.")
    return many


def _read(columns: Sequence[Column[Any]], carried: TableClause, source: Connection) -> Iterator[list[Row]]:
    """The rows of a table in the order of their keys, some at a time."""
    written = {one.name for one in columns if isinstance(one.type, JSON)}
    wanted = [cast(carried.c[one.name], Text).label(one.name) if one.name in written else carried.c[one.name]
              for one in columns]
    keys = [carried.c[one.name] for one in columns if one.primary_key]
    found = source.execution_options(yield_per=ROWS_AT_ONCE).execute(
        select(*wanted).select_from(carried).order_by(*keys)).mappings()
    for some in found.partitions():
        yield [{name: _storable(value, is_json=name in written) for name, value in row.items()} for row in some]


def _copy_references(carried: TableClause, name: str, source: Connection, target: Connection) -> None:
    """Fill in the column by which rows refer to others of their own table."""
    row, other = carried.c.id, carried.c[name]
    found = source.execute(select(row.label("row"), other.label("other")).where(other.is_not(None))).mappings().all()
    if found:
        target.execute(update(carried).where(row == bindparam("row")).values({name: bindparam("other")}),
                       [dict(one) for one in found])


def _carried(copied: Table) -> TableClause:
    """The table with values as they travel."""
    return table(copied.name, *(column(one.name, _kind(one)) for one in copied.columns))


def _kind(one: Column[Any]) -> Any:
    """How a value travels: what is written in JSON, and the word of a choice, as the text that it is."""
    if isinstance(one.type, JSON):
        return Text()
    return String() if isinstance(one.type, Enum) else one.type


def _given(one: Column[Any]) -> Any:
    value = bindparam(one.name, type_=_kind(one))
    return WrittenJson(value) if isinstance(one.type, JSON) else value


def _storable(value: Any, *, is_json: bool) -> Any:
    """A value without the sign that PostgreSQL cannot store; in JSON it is written with a backslash."""
    if not isinstance(value, str):
        return value
    if is_json:
        return json.dumps(_plain(json.loads(value))) if "\\u0000" in value else value
    return value.replace(NUL, SIGN_OF_NUL)


def _plain(read: Any) -> Any:
    match read:
        case str():
            return read.replace(NUL, SIGN_OF_NUL)
        case list():
            return [_plain(one) for one in read]
        case dict():
            return {_plain(key): _plain(one) for key, one in read.items()}
    return read
