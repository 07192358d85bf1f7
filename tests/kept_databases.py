"""A database that is filled once, and is as it was then before every test."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask

from portal.extensions import db
from tests import database_server

ONE_BY_ONE = """IF EXISTS (SELECT FROM public."{0}") THEN DELETE FROM public."{0}"; END IF;"""
ANEW = """DELETE FROM public."{0}"; INSERT INTO public."{0}" SELECT * FROM kept."{0}";"""
# As a replica the server fires no trigger: nothing is counted or refused while rows are put back.
PUT_BACK = """CREATE FUNCTION kept.put_back() RETURNS void LANGUAGE plpgsql SET session_replication_role = replica AS $$
BEGIN
{}
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

    def __init__(self, name: str) -> None:
        """Keep what a database of the server holds now."""
        self._server = database_server.connect(name)
        self._server.execute("CREATE SCHEMA kept")
        steps = [self._keep(table.name) for table in db.metadata.sorted_tables]
        found = self._server.execute("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'")
        steps += [f"PERFORM setval('{sequence}', {last or 1}, {bool(last)});" for sequence, last in found.fetchall()]
        self._server.execute(PUT_BACK.format("\n".join(steps)))

    def _keep(self, table: str) -> str:
        """Copy a table; gives the step that puts it back."""
        self._server.execute(f'CREATE UNLOGGED TABLE kept."{table}" AS TABLE public."{table}"')
        held: Any = self._server.execute(f'SELECT EXISTS (SELECT FROM kept."{table}")').fetchone()
        return (ANEW if held[0] else ONE_BY_ONE).format(table)

    def put_back(self) -> None:
        """Make the database as it was, in one round trip."""
        self._server.execute("SELECT kept.put_back()")

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
