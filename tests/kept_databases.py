"""A database that is filled once, and is as it was then before every test."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from portal.extensions import db
from tests import database_server

# Most tables are empty here and there, and to ask that takes no time.
COPY = """
IF EXISTS (SELECT FROM {there}."{table}") THEN DELETE FROM {there}."{table}"; END IF;
IF EXISTS (SELECT FROM {here}."{table}") THEN INSERT INTO {there}."{table}" SELECT * FROM {here}."{table}"; END IF;"""
COUNTERS = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"
# As a replica the server fires no trigger: nothing is counted or refused while rows are put back.
FUNCTION = """CREATE FUNCTION {schema}.{name}() RETURNS void LANGUAGE plpgsql
SET session_replication_role = replica AS $$
BEGIN
{steps}
END $$"""


class KeptFile:
    """A SQLite file; each test gets a copy."""

    def __init__(self, app: Flask) -> None:
        """Take the database of an application that nobody uses, as it is."""
        self._database: Path = app.config["SETTINGS"].database
        self._kept = self._database.with_name("template.db")
        self._database.rename(self._kept)

    def put_back(self) -> None:
        """Make the database as it was."""
        shutil.copyfile(self._kept, self._database)

    def remove(self) -> None:
        """Take the database away, with the files that SQLite keeps beside it."""
        for file in self._database.parent.glob(f"{self._database.name}*"):
            file.unlink()

    def forget(self) -> None:
        """Nothing: it goes with the folder."""


class KeptRows:
    """Rows of PostgreSQL: what a database held lies in a schema beside; a function of the server puts it back."""

    def __init__(self, name: str, schema: str = "kept") -> None:
        """Keep what a database of the server holds now."""
        self._server, self._schema = database_server.connect(name), schema
        tables = [table.name for table in db.metadata.sorted_tables]
        copies = [f'CREATE UNLOGGED TABLE {schema}."{table}" (LIKE public."{table}")' for table in tables]
        self._server.execute("; ".join((f"CREATE SCHEMA {schema}", f"CREATE TABLE {schema}.counters AS {COUNTERS}",
                                        *copies)))
        self._make("keep", "public", schema, tables, f"DELETE FROM {schema}.counters; "
                   f"INSERT INTO {schema}.counters {COUNTERS};")
        self._make("put_back", schema, "public", tables, "PERFORM setval(sequencename::text, coalesce(last_value, 1), "
                   f"last_value IS NOT NULL) FROM {schema}.counters;")
        self.keep()

    def _make(self, name: str, here: str, there: str, tables: list[str], last: str) -> None:
        """A function that copies the rows of all tables."""
        steps = "".join(COPY.format(here=here, there=there, table=table) for table in tables)
        self._server.execute(FUNCTION.format(schema=self._schema, name=name, steps=f"{steps}\n{last}"))

    def keep(self) -> None:
        """Keep what the database holds now instead, in one round trip."""
        self._server.execute(f"SELECT {self._schema}.keep()")

    def put_back(self) -> None:
        """Make the database as it was, in one round trip."""
        self._server.execute(f"SELECT {self._schema}.put_back()")

    def remove(self) -> None:
        """Nothing: the rows of a test stay until the next one begins."""

    def forget(self) -> None:
        """Leave the server, which goes with the run."""
        self._server.close()


def new_database() -> dict[str, str]:
    """What the environment says about a new database for an application: nothing where it is a file."""
    if not database_server.wanted():
        return {}
    with database_server.connect() as server:
        name = f"tests_{os.getpid()}"
        server.execute(f"CREATE DATABASE {name}")
    return {"DATABASE_URL": database_server.url_of(name)}


@contextmanager
def fresh_database(name: str) -> Iterator[str]:
    """The DATABASE_URL of an empty database on the server; it goes afterwards, whoever still uses it."""
    with database_server.connect() as server:
        server.execute(f"CREATE DATABASE {name}")
    try:
        yield database_server.url_of(name)
    finally:
        with database_server.connect() as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def keep_database(app: Flask, environ: dict[str, str]) -> KeptFile | KeptRows:
    """Keep what an application has written to its database, which nobody uses just now."""
    name = environ.get("DATABASE_URL", "").partition("@/")[2].partition("?")[0]
    return KeptRows(name) if name else KeptFile(app)
