"""Whether the database of this portal, a file or one of a server, has the tables of this version."""

import sqlite3

from sqlalchemy.exc import SQLAlchemyError

from portal.extensions import current_settings, db

from . import database_files, schemas, server_tables


def find_tables_flaw() -> str:
    """Why the portal must not run with the database as it is, as a sentence; "" if nothing speaks against it.

    A portal that works with the tables of another version loses what it writes.
    """
    settings = current_settings()
    try:
        other = (database_files.find_other_revision(settings.database) if settings.embedded
                 else find_revision_on_server())
    except (database_files.BrokenBackup, sqlite3.Error) as broken:
        other = str(broken)
    except SQLAlchemyError as error:
        return f"{settings.shown_database} cannot be used: {describe_server_error(error)}"
    return other and (
        f"The tables of {settings.shown_database} are not those of this version: {other}. `flask db upgrade` brings"
        " older ones up to date. If they are newer, install the newer version, or put a backup of this version back.")


def find_revision_on_server() -> str:
    """How the revision of a server's database differs from that of this version, or "". Raises SQLAlchemyError."""
    try:
        present = server_tables.revisions_on_server(db.session.connection())
    finally:
        db.session.rollback()
    return schemas.describe_other_revision(set(present))


def describe_server_error(error: SQLAlchemyError) -> str:
    """What the driver says of it, which names the host and the database, and no password; one line."""
    return " ".join(str(getattr(error, "orig", None) or type(error).__name__).split())
