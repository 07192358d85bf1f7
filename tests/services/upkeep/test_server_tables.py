"""A server gets its tables in one piece, if it is fit for them. More of this: tests/migrations/test_on_server.py."""

import pytest
from sqlalchemy import inspect

from portal.extensions import as_writer, db
from portal.services.upkeep import schemas, server_tables

pytestmark = pytest.mark.postgresql


@pytest.fixture
def connection(inside):
    """One to the server of the tests, as a writer; what it did is undone."""
    with inside(), as_writer(), db.engine.connect() as opened:
        yield opened
        opened.rollback()


def test_its_tables_tell_their_version(connection):
    assert server_tables.revisions_on_server(connection) == (schemas.newest_revision(),)


def test_an_older_server_gets_no_table(connection, monkeypatch):
    for name in reversed(inspect(connection).get_table_names()):
        connection.exec_driver_sql(f'DROP TABLE "{name}" CASCADE')
    monkeypatch.setattr(server_tables, "OLDEST_SERVER", 990000)
    with pytest.raises(server_tables.UnfitServer, match="PostgreSQL 99 or newer"):
        server_tables.make_tables_on_server(connection)
    assert inspect(connection).get_table_names() == []
