"""Rows are copied as they are, but for the one sign that PostgreSQL cannot store."""

import json

import pytest
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.pool import StaticPool

from portal.extensions import as_writer, db
from portal.models import User
from portal.services.upkeep import row_copies, schemas


@pytest.fixture
def target():
    """The connection to an empty file of this version, in a transaction; its triggers are not made yet."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with as_writer(), engine.connect() as connection:
        for statement in schemas.statements_of_schema()[0]:
            connection.exec_driver_sql(statement)
        yield connection
    engine.dispose()


@pytest.fixture
def source(inside, people):
    with inside():
        yield db.session.connection()


def test_every_row_arrives(source, target):
    assert row_copies.find_filled_table(target) == ""
    many = row_copies.copy_rows(source, target)
    tables = [*db.metadata.sorted_tables]
    for table in tables:
        rows = select(table).order_by(*table.primary_key.columns)
        assert target.execute(rows).all() == source.execute(rows).all()
    assert many == sum(target.scalar(select(func.count()).select_from(table)) for table in tables)
    assert target.scalar(select(func.count(User.id))) > 0
    assert row_copies.find_filled_table(target) in {table.name for table in tables}


@pytest.mark.parametrize("details", ["null", '{"key": [1, null]}'])
def test_json_stays_as_it_is_written(source, target, details):
    """What has no value is not the null that JSON has, and spaces stay."""
    row_copies.copy_rows(source, target)
    written = text("SELECT CAST(details AS TEXT) FROM audit_events ORDER BY id DESC LIMIT 1")
    target.execute(text("UPDATE audit_events SET details = :details"), {"details": details})
    with create_engine("sqlite://", poolclass=StaticPool).connect() as again:
        for statement in schemas.statements_of_schema()[0]:
            again.exec_driver_sql(statement)
        row_copies.copy_rows(target, again)
        assert again.scalar(written) == target.scalar(written) == details


def test_what_only_looks_like_that_sign_stays():
    written = json.dumps(["\\u0000", {"\0": "\0"}])
    assert json.loads(row_copies._storable(written, is_json=True)) == ["\\u0000", {"\u2400": "\u2400"}]
    assert row_copies._storable("\\u0000", is_json=False) == "\\u0000"
    assert row_copies._storable("\0", is_json=False) == "\u2400"
    assert [row_copies._storable(value, is_json=False) for value in (None, 7, b"\0")] == [None, 7, b"\0"]
