"""Commands: flask start, serve, work, admin, retention, opt-outs, demo, backup, restore, htmx."""

import os
import sys
from pathlib import Path

import click
import flask_migrate
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from portal import demo
from portal.config import Refused, Settings
from portal.extensions import db, huey
from portal.processes import htmx_file, serving, worker
from portal.services.accounts import links, passwords
from portal.services.accounts.passwords import with_address
from portal.services.people import organizations
from portal.services.refusals import Clash
from portal.services.texting import erased_numbers, optouts
from portal.services.upkeep import backups, housekeeping, retention
from portal.wording import say

admin = AppGroup("admin", help="Accounts of the people who run the portal.")

keeping = AppGroup("retention", help="How long texts are kept, and the proof that they are gone.")


opting_out = AppGroup("opt-outs", help="Requests of people who opted out.")


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _link(token: str) -> str:
    return f"{_settings().portal_url}/welcome/{token}"


@click.command("serve")
@click.option("--quiet", is_flag=True, help="Do not name the accounts of a demo.")
@with_appcontext
def serve(quiet: bool) -> None:
    """Serve the portal and run its background process, until Ctrl-C."""
    settings = _settings()
    try:
        serving.refuse_demo_off_loopback(settings, housekeeping.is_demo())
        _refuse_lost_key()
        if not quiet:
            demo.greet(settings)
        db.session.remove()
        db.engine.dispose()
        sys.exit(serving.serve(settings))
    except Refused as refused:
        raise click.ClickException(str(refused)) from refused


@click.command("start")
@click.pass_context
def start(context: click.Context) -> None:
    """Bring the database up to date, fill in the demo when it is new, and serve."""
    with context.obj.load_app().app_context():
        flask_migrate.upgrade()
    made = context.invoke(fill, if_new=True)
    with context.obj.load_app().app_context():
        if housekeeping.is_demo():
            # The processes that serve read their settings anew; invented customers have a provider with a name.
            os.environ.setdefault("PROVIDER", demo.PROVIDER)
    context.invoke(serve, quiet=made)


@click.command("work")
@with_appcontext
def work() -> None:
    """Run background work: one thread for tasks, one for what is due by the clock."""
    _refuse_lost_key()
    housekeeping.beat()
    db.engine.dispose()
    huey.storage.initialize_schema()
    sending = worker.Sender(current_app._get_current_object(), _settings().database.with_suffix(".sock"))  # type: ignore[attr-defined]
    sending.start()
    try:
        # A task that has begun is finished before the worker stops.
        huey.create_consumer(workers=1, periodic=True, graceful_signal="TERM", shutdown_timeout=20).run()
    finally:
        sending.stop()


@admin.command("create")
@click.argument("email")
@click.option("--name", default="", help="The person's name; the address before the @ if none is given.")
def create(email: str, name: str) -> None:
    """Make an operator and print the link to choose a password."""
    try:
        token = passwords.create_operator(email, name or email.split("@", maxsplit=1)[0])
    except Clash as clash:
        raise click.ClickException(say(clash.sentence, clash.values)) from clash
    click.echo(f"Operator {email}. Choose a password within 48 hours:\n{_link(token)}")


@admin.command("link")
@click.argument("email")
def link(email: str) -> None:
    """Make a new sign-in link for anybody with an account and print it."""
    user = with_address(email)
    if user is None or not user.active:
        raise click.ClickException("There is no active account with this email address.")
    click.echo(f"Choose a password within 48 hours:\n{_link(links.make_link(None, user))}")


@keeping.command("purge")
def purge() -> None:
    """Erase texts older than the retention period now, as the nightly run does."""
    done = retention.purge()
    click.echo(f"Erased: {done.texts} texts, {done.conversations} conversations, {done.arrivals} arrivals.")


@keeping.command("prove")
@click.option("--words", default="", help="Words of a text that should be gone; the database's files are searched.")
def prove(words: str) -> None:
    """Show that nothing is kept for longer than the retention period."""
    proof = retention.prove(words.encode())
    click.echo(f"Texts past the period: {proof.overdue}. Oldest text: {proof.oldest or 'none'}.")
    if words:
        click.echo(f"Files in which the words stand: {', '.join(proof.found) or 'none'}.")
    sys.exit(1 if proof.overdue or proof.found else 0)


@opting_out.command("erase")
@click.argument("organization")
@click.argument("number")
def erase(organization: str, number: str) -> None:
    """Erase the number of an opt-out on request; the opt-out goes on. ORGANIZATION: its name, or its id."""
    held = organizations.named(organization)
    if held is None:
        raise click.ClickException("There is no organization with this name or id, or there are several: use its id.")
    try:
        optouts.erase(held, number)
    except Clash as clash:
        raise click.ClickException(say(clash.sentence, clash.values)) from clash
    click.echo(
        "Erased from the opt-outs; texts to the number stay refused, and START from it still lifts that.\n"
        f"Conversations with the number stay for their {retention.KEPT.days} days, and what the audit log says of it"
        " stays. Backups made before hold it as long as they are kept.")


def _refuse_lost_key() -> None:
    """Erased numbers that nobody finds again would be texted again."""
    if many := erased_numbers.lost():
        raise click.ClickException(
            f"NUMBER_KEY is not the key of {many} erased numbers that opted out: put instance/number_key back from a"
            " backup, or set NUMBER_KEY as it was.")


@click.command("demo")
@click.option("--if-new", is_flag=True, help="Only when the portal has no account yet and DEMO is not 0.")
def fill(if_new: bool) -> bool:
    """Fill an empty portal with the demo organizations; True when it was done."""
    settings = _settings()
    if passwords.any_exists():
        if if_new:
            return False
        raise click.ClickException("The portal has accounts already. The demo goes only into an empty one.")
    if if_new and not settings.demo:
        return False
    try:
        serving.refuse_demo_off_loopback(settings, is_demo=True)
    except Refused as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo(demo.build(settings))
    return True


@click.command("htmx")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def htmx(file: Path | None) -> None:
    """Put the htmx file under instance/, for HTMX=self."""
    try:
        click.echo(f"{htmx_file.install(_settings().instance, file)} is the file that browsers expect.")
    except Refused as refused:
        raise click.ClickException(str(refused)) from refused


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write a consistent copy of the database, while the portal runs, and check it."""
    try:
        click.echo(backups.backup(_settings().database, file, _settings().number_key))
    except backups.Broken as broken:
        raise click.ClickException(str(broken)) from broken


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Replace the present database without asking.")
def restore(file: Path, yes: bool) -> None:
    """Put a backup in place of the database. Stop the portal first; the old file is kept beside it."""
    target = _settings().database
    if target.exists() and not yes:
        click.confirm(f"Replace {target}? It is kept under another name.", abort=True)
    db.engine.dispose()
    try:
        click.echo(backups.restore(file, target, _settings().instance / "number_key", _settings().number_key))
    except backups.Broken as broken:
        raise click.ClickException(str(broken)) from broken


def add_commands(app: Flask) -> None:
    """Add the portal's commands to `flask`."""
    for command in (start, serve, work, admin, keeping, opting_out, fill, htmx, backup, restore):
        app.cli.add_command(command)
