"""Commands: flask start, serve, work, doctor, admin, retention, opt-outs, demo, htmx; the rest in copy_commands."""

import os
import sys
from pathlib import Path

import click
import flask_migrate
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from portal import copy_commands, demo
from portal.config import RefusedSetting
from portal.extensions import current_settings, db
from portal.processes import background, htmx_file, preloading, serving
from portal.services.accounts import links, passwords
from portal.services.accounts.passwords import find_user_anywhere
from portal.services.people import organizations
from portal.services.refusals import Clash
from portal.services.texting import optouts
from portal.services.upkeep import alarms, doctor, housekeeping, recounting, retention, worker_marks
from portal.services.upkeep.health import Health, HealthFinding
from portal.services.upkeep.number_keys import find_key_flaw
from portal.services.upkeep.tables import find_tables_flaw
from portal.wording import translate_sentence

admin = AppGroup("admin", help="Accounts of the people who run the portal.")
keeping = AppGroup("retention", help="How long texts are kept, and the proof that they are gone.")
opting_out = AppGroup("opt-outs", help="Requests of people who opted out.")


def _link(token: str) -> str:
    return f"{serving.address_for_links(current_settings(), os.environ)}/welcome/{token}"


@click.command("serve")
@click.option("--quiet", is_flag=True, help="Do not name the accounts of a demo.")
@click.option("--pages-only", is_flag=True, help="Serve the pages only: `work` runs beside it, as another service.")
@with_appcontext
def serve_portal(quiet: bool, pages_only: bool) -> None:
    """Serve the portal and run its background process, until Ctrl-C."""
    settings = current_settings()
    try:
        _refuse_other_tables()
        serving.refuse_demo_off_loopback(settings, housekeeping.is_demo_database())
        _refuse_lost_key()
        if not quiet:
            demo.print_welcome(settings)
        db.session.remove()
        db.engine.dispose()
        preloading.preload_portal(current_app)
        sys.exit(serving.serve_pages(settings) if pages_only else serving.serve_until_stopped(settings))
    except RefusedSetting as refused:
        raise click.ClickException(str(refused)) from refused


@click.command("start")
@click.pass_context
def start_portal(context: click.Context) -> None:
    """Bring the database up to date, fill in the demo when it is new, and serve."""
    with context.obj.load_app().app_context():
        click.echo("Bringing the database up to date: a few seconds.")
        flask_migrate.upgrade()
    made = context.invoke(fill_demo, if_new=True)
    with context.obj.load_app().app_context():
        if housekeeping.is_demo_database():
            # Read anew by what follows; invented customers have a provider with a name.
            os.environ.setdefault("PROVIDER", demo.PROVIDER)
    # The same program again, with another command: what serves is forked from a process that holds nothing else.
    sys.stdout.flush()
    serve = [sys.executable, *sys.orig_argv[1:-1], "serve", *["--quiet"] * made]
    os.execv(serve[0], serve)  # noqa: S606 - no shell is wanted


@click.command("work")
@with_appcontext
def run_worker() -> None:
    """Run background work: a thread for tasks, one for what is due by the clock, one for what takes long."""
    _refuse_other_tables()
    _refuse_lost_key()
    if flaw := worker_marks.admit_worker():
        raise click.ClickException(flaw)
    background.work_until_stopped(current_app._get_current_object())  # type: ignore[attr-defined]


@admin.command("create")
@click.argument("email")
@click.option("--name", default="", help="The person's name; the address before the @ if none is given.")
def create_operator_account(email: str, name: str) -> None:
    """Make an operator and print the link to choose a password."""
    try:
        token = passwords.create_operator(email, name or email.split("@", maxsplit=1)[0])
    except Clash as clash:
        raise click.ClickException(translate_sentence(clash.sentence, clash.values)) from clash
    click.echo(f"Operator {email}. Choose a password within 48 hours:\n{_link(token)}")


@admin.command("link")
@click.argument("email")
def print_sign_in_link(email: str) -> None:
    """Make a new sign-in link for a person with an account and print it."""
    user = find_user_anywhere(email)
    if user is None or not user.active:
        raise click.ClickException("There is no active account with this email address.")
    click.echo(f"Choose a password within 48 hours:\n{_link(links.make_link(None, user))}")


@keeping.command("purge")
def purge_texts() -> None:
    """Erase texts older than the retention period now, as the nightly run does."""
    done = retention.erase_old_texts()
    click.echo(f"Erased: {done.texts} texts, {done.conversations} conversations, {done.arrivals} arrivals.")


@keeping.command("prove")
@click.option("--words", default="", help="Words of a text that should be gone; the database's files are searched.")
def prove_erasure(words: str) -> None:
    """Show that nothing is kept for longer than the retention period."""
    _refuse_to_search_server(words)
    proof = retention.check_erasure(words.encode())
    click.echo(f"Texts kept past their period: {proof.overdue}. The oldest text is of {proof.oldest or 'no day'}.")
    click.echo(f"Drafts kept past their period: {proof.drafts}.")
    if proof.held:
        click.echo(f"Texts that a hold keeps past their period: {proof.held}.")
    if words:
        click.echo(f"Files that contain the words: {', '.join(proof.found) or 'none'}.")
    if not current_settings().embedded:
        click.echo("The server's files were not looked into: docs/machines.md says what makes erased words leave them.")
    sys.exit(1 if proof.overdue or proof.drafts or proof.found else 0)


def _refuse_to_search_server(words: str) -> None:
    if words and not current_settings().embedded:
        raise click.ClickException("Leave --words out: nobody but the PostgreSQL server can look into its files.")


@opting_out.command("erase")
@click.argument("organization")
@click.argument("number")
def erase_number(organization: str, number: str) -> None:
    """Erase the number of an opt-out on request; the opt-out goes on. ORGANIZATION: its name, or its id."""
    found = organizations.find_organization_for_cli(organization)
    if found is None:
        raise click.ClickException("There is no organization with this name or id, or there are several: use its id.")
    try:
        optouts.erase_optout_number(found, number)
    except Clash as clash:
        raise click.ClickException(translate_sentence(clash.sentence, clash.values)) from clash
    click.echo(
        "Erased from the opt-outs; texts to the number stay refused, and START from it still lifts that.\n"
        f"Conversations with the number stay for their {retention.RETENTION_PERIOD.days} days, and what the audit log"
        " says of it stays. Backups made before hold it as long as they are kept.")


def _refuse_other_tables() -> None:
    if flaw := find_tables_flaw():
        raise click.ClickException(flaw)


def _refuse_lost_key() -> None:
    if flaw := find_key_flaw():
        raise click.ClickException(flaw)


@click.command("demo")
@click.option("--if-new", is_flag=True, help="Only when the portal has no account yet and DEMO is not 0.")
def fill_demo(if_new: bool) -> bool:
    """Fill an empty portal with the demo organizations; True when it was done."""
    settings = current_settings()
    if passwords.any_account_exists():
        if if_new:
            return False
        raise click.ClickException("The portal has accounts already. The demo goes only into an empty one.")
    if if_new and not settings.demo:
        return False
    try:
        serving.refuse_demo_off_loopback(settings, is_demo=True)
    except RefusedSetting as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo("Filling the portal with demo organizations: less than a minute.")
    click.echo(demo.build_demo(settings))
    return True


@click.command("htmx")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def place_htmx_file(file: Path | None) -> None:
    """Put the htmx file under instance/, for HTMX=self."""
    try:
        click.echo(
            f"{htmx_file.install_htmx_file(current_settings().instance, file)} is the file that browsers expect.")
    except RefusedSetting as refused:
        raise click.ClickException(str(refused)) from refused


@click.command("doctor")
@click.argument("checks", nargs=-1)
@click.option("--mail", is_flag=True, help="Write to the operators what is newly wrong, or good again; for a timer.")
@click.option("--recount", is_flag=True, help="First count users and texts anew, where the database keeps counts.")
@with_appcontext
def run_doctor(checks: tuple[str, ...], mail: bool, recount: bool) -> None:
    """Look at everything that can go wrong; one line for each check, and exit code 1 if something is wrong.

    CHECKS: some checks only, by name.
    """
    if recount:
        recounting.count_anew()
    more = {"htmx": _check_htmx}
    if unknown := set(checks) - {*doctor.CHECKS, *more}:
        raise click.ClickException(f"There is no check {', '.join(sorted(unknown))}. There are:"
                                   f" {', '.join((*doctor.CHECKS, *more))}.")
    findings = doctor.examine_portal(checks or (doctor.ALARMING_CHECKS if mail else ()), more)
    for name, one in findings.items():
        click.echo(f"{one.health:5} {name}: {one.line}")
    if mail:
        _mail_alarms(findings)
    sys.exit(any(one.health is Health.WRONG for one in findings.values()))


def _check_htmx() -> HealthFinding:
    """Whether browsers get the htmx file."""
    settings = current_settings()
    file = htmx_file.path_of_htmx_file(settings.instance)
    if settings.htmx == "cdn":
        return HealthFinding(Health.GOOD, "Browsers load htmx from the CDN.")
    if file.is_file() and htmx_file.is_htmx_file(file.read_bytes()):
        return HealthFinding(Health.GOOD, "The htmx file is there.")
    return HealthFinding(Health.WRONG, f"{file} is not the htmx file, so no page works without loading anew.",
                         "Put it there: make htmx.")


def _mail_alarms(findings: dict[str, HealthFinding]) -> None:
    if not current_settings().mail_server:
        raise click.ClickException("MAIL_SERVER is not set: nobody gets mail.")
    try:
        click.echo(f"Letters sent: {alarms.mail_alarms(findings)}.")
    except alarms.UnsentAlarm as unsent:
        raise click.ClickException(str(unsent)) from unsent


def add_commands(app: Flask) -> None:
    """Add the portal's commands to `flask`."""
    for command in (start_portal, serve_portal, run_worker, admin, keeping, opting_out, fill_demo, place_htmx_file,
                    run_doctor, *copy_commands.COMMANDS):
        app.cli.add_command(command)
