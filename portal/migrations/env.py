"""How `flask db` reaches the database: as a writer, in one transaction, after a copy was put aside."""

from typing import Any, Literal

from alembic import context
from alembic.util import CommandError
from flask import current_app
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

from portal.databases import make_patient_engine
from portal.extensions import as_writer, db
from portal.models import Moment
from portal.services.upkeep import backups, server_tables


def _render(kind: str, thing: Any, _autogenerate: object) -> str | Literal[False]:
    """Moments are written as what the database sees: a migration outlives the models."""
    return "sa.DateTime()" if kind == "type" and isinstance(thing, Moment) else False


def _number_revisions(_context: object, _revision: object, directives: list[Any]) -> None:
    """Revisions count up, so that their files stand in order; an empty one is not written."""
    options = context.config.cmd_opts
    if getattr(options, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []
    for directive in directives:
        directive.rev_id = f"{len(list(context.script.walk_revisions())) + 1:04}"


def _goal() -> object:
    """Where the command leads: a revision; False for a command that only looks."""
    try:
        return context.get_revision_argument()
    except KeyError:
        return False


def _put_aside(goal: object) -> None:
    """Copy a database that is about to change; a fresh one and one that is there already are left alone."""
    try:
        kept = backups.backup_before_migration(current_app.config["SETTINGS"].database, goal)
    except backups.BrokenBackup as broken:
        raise CommandError(str(broken)) from broken
    if kept:
        context.config.print_stdout("What the database held before is kept as %s", kept)


def _foreign_keys_off(connection: Any, _record: object) -> None:
    # SQLite makes a table anew to change it; dropping the old one would take what refers to it along.
    connection.execute("PRAGMA foreign_keys=OFF")


def _refuse_orphans(connection: Connection) -> None:
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if orphans:
        raise CommandError(f"The migration would leave rows in {orphans[0][0]} that refer to nothing.")


def _make_on_server(connection: Connection, goal: object) -> bool:
    """Give an empty database of a server everything that this version has; whether there was nothing in it."""
    if connection.dialect.name == "sqlite" or goal is False or context.get_context().get_current_heads():
        return False
    if goal not in {"head", "heads", context.script.get_current_head()}:
        raise CommandError("A new database on PostgreSQL gets everything at once: leave the revision out.")
    try:
        server_tables.make_tables_on_server(connection)
    except server_tables.UnfitServer as unfit:
        raise CommandError(str(unfit)) from unfit
    return True


def _engine() -> Engine:
    """One of its own: a connection that a migration has changed must not come back to the pool."""
    engine = make_patient_engine(db.engine.url)
    if engine.dialect.name == "sqlite":
        # A new database holds people's data from its first row on: nobody else on this machine reads it.
        current_app.config["SETTINGS"].database.touch(mode=0o600)
        event.listen(engine, "connect", _foreign_keys_off)
    return engine


def _migrate(goal: object) -> None:
    """Of several machines one migrates; the others wait for its lock, and find nothing to do."""
    with as_writer(), _engine().connect() as connection:
        context.configure(
            connection=connection, target_metadata=db.metadata, render_item=_render, transactional_ddl=True,
            process_revision_directives=_number_revisions,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            if not _make_on_server(connection, goal):
                context.run_migrations()
            if connection.dialect.name == "sqlite":
                _refuse_orphans(connection)


if context.is_offline_mode():
    raise CommandError("Migrations need the database itself: leave out --sql.")
chosen = _goal()
if chosen is not False and current_app.config["SETTINGS"].embedded:
    _put_aside(chosen)
try:
    _migrate(chosen)
except OperationalError as error:
    if current_app.config["SETTINGS"].embedded:
        raise
    # The driver's words name the host and the database, and no password.
    raise CommandError(f"The PostgreSQL server cannot be used: {error.orig}") from error
