"""The portal's tables in a database of a PostgreSQL server: whether it is fit for them, and how they are made."""

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from portal.extensions import db

from .schemas import MIGRATIONS

OLDEST_SERVER = 150000
BY_CODE_POINT = {"C", "POSIX", "C.UTF-8", "C.utf8"}


class UnfitServer(Exception):
    """The portal cannot use this database of a server; the words say what to do. Nothing was changed."""


def revisions_on_server(connection: Connection) -> tuple[str, ...]:
    """The revisions of the database; none if it has no tables of the portal."""
    return MigrationContext.configure(connection).get_current_heads()


def make_tables_on_server(connection: Connection) -> None:
    """Give an empty database every table of this version, in the caller's transaction. Raises UnfitServer.

    Revisions up to 0036 speak to SQLite only: on PostgreSQL there never was a database at one of them.
    """
    _refuse_unfit_server(connection)
    db.metadata.create_all(connection)
    MigrationContext.configure(connection).stamp(ScriptDirectory(str(MIGRATIONS)), "head")


def _refuse_unfit_server(connection: Connection) -> None:
    """Names stand in the same order everywhere, and nothing is asked of a server that an older one does not know."""
    version, encoding, provider, order = connection.exec_driver_sql(
        "SELECT current_setting('server_version_num')::int, pg_encoding_to_char(encoding),"
        " datlocprovider::text, datcollate FROM pg_database WHERE datname = current_database()").one()
    if version < OLDEST_SERVER:
        raise UnfitServer(f"The portal needs PostgreSQL {OLDEST_SERVER // 10000} or newer.")
    # What PostgreSQL has built in since version 17 sorts by code point; ICU never does.
    if encoding != "UTF8" or not (provider == "b" or (provider == "c" and order in BY_CODE_POINT)):
        raise UnfitServer(
            "The database must be in UTF-8 and sort by code point. Create it anew: "
            "createdb --template=template0 --encoding=UTF8 --locale=C.UTF-8 NAME")
