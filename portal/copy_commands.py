"""Commands that copy everything: flask backup, restore, move-to."""

from pathlib import Path

import click
from flask.cli import with_appcontext

from portal import database_urls, stored_files
from portal.extensions import current_settings, db
from portal.services.upkeep import backup_folder, backups, server_copies
from portal.services.upkeep.database_files import BrokenBackup


@click.command("backup")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@with_appcontext
def write_backup(file: Path | None) -> None:
    """Write a consistent copy of the database, while the portal runs, and check it.

    Without FILE it goes into BACKUP_FOLDER under a name of its own, and old ones there are deleted.
    """
    settings = current_settings()
    try:
        if file:
            click.echo(backup_folder.copy_database(settings, file))
        elif settings.backup_folder:
            click.echo(backup_folder.write_dated_backup(settings, settings.backup_folder))
        else:
            raise click.ClickException("Name a FILE, or set BACKUP_FOLDER.")
    except BrokenBackup as broken:
        raise click.ClickException(str(broken)) from broken


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Replace the present database without asking.")
@with_appcontext
def restore_backup(file: Path, yes: bool) -> None:
    """Put a backup in place of the database. Stop the portal first; the old file is kept beside it.

    On a PostgreSQL server it goes into an empty database, and replaces none.
    """
    settings = current_settings()
    target, key_file = settings.database, stored_files.NUMBER_KEY_FILE.inside(settings.instance)
    if settings.embedded and target.exists() and not yes:
        click.confirm(f"Replace {target}? It is kept under another name.", abort=True)
    db.session.remove()
    db.engine.dispose()
    try:
        click.echo(
            backups.restore_database_file(file, target, key_file, settings.number_key) if settings.embedded else
            server_copies.restore_to_server(file, settings.database_url, target, key_file, settings.number_key))
    except BrokenBackup as broken:
        raise click.ClickException(str(broken)) from broken


@click.command("move-to")
@click.argument("url")
@with_appcontext
def move_database(url: str) -> None:
    """Copy everything into an empty database of a PostgreSQL server, as in postgresql://portal@db.example.com/portal.

    Stop the portal first. Leave the password out of URL: the environment (PGPASSWORD) or a file (PGPASSFILE) gives it.
    """
    settings = current_settings()
    if not settings.embedded:
        raise click.ClickException("DATABASE_URL leads to PostgreSQL already. Move from the file: leave it as it was.")
    try:
        database_urls.read_database_url(url)
    except ValueError:
        url = ""
    if not database_urls.is_server_url(url):
        raise click.ClickException("Name a database of a PostgreSQL server: postgresql://portal@db.example.com/portal.")
    if not database_urls.has_driver():
        raise click.ClickException("The driver of PostgreSQL is not installed: run make postgresql.")
    db.session.remove()
    db.engine.dispose()
    try:
        click.echo(server_copies.move_to_server(
            settings.database, database_urls.complete_database_url(url, settings.instance)))
    except BrokenBackup as broken:
        raise click.ClickException(f"Nothing was moved. {broken}") from broken
    click.echo(
        f"Set DATABASE_URL to this database ({database_urls.name_of_server(url)}) on every machine that uses it, and"
        f" give them the keys of {settings.instance}. Nothing uses {settings.database} any more: keep it until all is"
        " well. Everybody signs in again.")


COMMANDS = (write_backup, restore_backup, move_database)
