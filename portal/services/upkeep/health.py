"""How the portal's own parts are: database, worker, backups, carrier. One finding for each check.

The sentences are for the person at the machine, in English as everything that the commands print.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.exc import SQLAlchemyError

from portal.carriers.base import CarrierError
from portal.extensions import current_carrier, current_settings, now

from ..carriers import carrier_state
from ..carriers.carrier_state import CarrierState, CarrierVerdict
from ..carriers.refused_calls import has_refused_calls
from ..texting import breaker, web_decisions
from . import backup_folder, database_files, recounting, stuck_work, tables, worker_marks
from .worker_marks import WorkerMark

BACKUP_WITHIN = timedelta(hours=26)
_ELSEWHERE = " If another machine makes the backups, ask there: flask doctor backup."
_RESTART = "Restart it (systemctl restart portal-worker) and read why it stopped (journalctl -u portal-worker)."


class Health(StrEnum):
    """The result of a check; a note says what is worth knowing and is not wrong."""

    GOOD = "good"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class HealthFinding:
    """What a check found, and what the person at the machine does about it: sentences, the second "" if nothing.

    Both may be mailed: they hold no texts, numbers, names of people or secrets.
    """

    health: Health
    found: str
    remedy: str = ""

    @property
    def line(self) -> str:
        """Both in one line."""
        return f"{self.found} {self.remedy}".strip()


def print_moment(moment: datetime) -> str:
    """A moment in a finding, as in "2026-11-29 02:30 UTC"."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def check_database() -> HealthFinding:
    """Whether the database is there, has the tables of this version and is undamaged; reads all of a file."""
    if not current_settings().embedded:
        return _check_server(current_settings().shown_database)
    database = current_settings().database
    if not database.exists():
        return HealthFinding(Health.WRONG, f"{database} does not exist.",
                             "Make it: flask db upgrade. Or put a backup back: flask restore FILE.")
    try:
        outdated, damage = database_files.find_outdated_schema(database), database_files.find_damage(database)
    except (sqlite3.Error, database_files.BrokenBackup) as error:
        return HealthFinding(Health.WRONG, f"{database} cannot be read: {error}",
                             "Look at its rights and its disk. Is it damaged? Put a backup back: flask restore FILE.")
    if damage:
        return HealthFinding(Health.WRONG, f"{database} is damaged: {damage}.",
                             "Stop the portal and put a backup back: flask restore FILE.")
    if outdated:
        return HealthFinding(Health.WRONG, f"The tables are not those of this version: {outdated}.",
                             "Stop the portal and run: flask db upgrade.")
    return HealthFinding(Health.GOOD, f"{database} is sound and has the tables of this version.")


def _check_server(database: str) -> HealthFinding:
    """The server checks by itself whether what it reads from its disk is damaged."""
    try:
        outdated = tables.find_revision_on_server()
    except SQLAlchemyError as error:
        return HealthFinding(Health.WRONG, f"{database} cannot be used: {tables.describe_server_error(error)}",
                             "Look at the PostgreSQL server, at DATABASE_URL and at the network between.")
    if outdated:
        return HealthFinding(Health.WRONG, f"The tables of {database} are not those of this version: {outdated}.",
                             "Stop the portal on all machines and run: flask db upgrade.")
    return HealthFinding(Health.GOOD, f"{database} answers and has the tables of this version.")


def check_counts() -> HealthFinding:
    """Whether the counts that the database keeps are those of counting; reads all users and texts."""
    if recounting.find_wrong_counts():
        return HealthFinding(Health.WRONG, "Counts of users or texts are wrong: somebody has changed tables by hand.",
                             "Count anew: flask doctor counts --recount.")
    return HealthFinding(Health.GOOD, "The counts of users and texts are right.")


def check_worker() -> HealthFinding:
    """Whether every worker has noted within five minutes that it is alive."""
    workers = worker_marks.list_workers()
    if not current_settings().embedded and workers:
        return _check_workers(workers)
    heard = workers[0].heard if workers else None
    if workers and not workers[0].silent:
        return HealthFinding(Health.GOOD, f"The worker was last heard of at {print_moment(workers[0].heard)}.")
    since = f"has not been heard of since {print_moment(heard)}" if heard else "was never heard of"
    return HealthFinding(Health.WRONG, f"The worker {since}: no text leaves, and none is erased.", _RESTART)


def _check_workers(workers: Sequence[WorkerMark]) -> HealthFinding:
    """The workers of several machines: as long as one of them runs, texts leave."""
    silent = "; ".join(f"{one.place} since {print_moment(one.heard)}" for one in workers if one.silent)
    running = ", ".join(one.place for one in workers if not one.silent)
    if not running:
        return HealthFinding(Health.WRONG, "No worker runs: no text leaves, and none is erased."
                             f" They have not been heard of: {silent}.", _RESTART)
    if silent:
        return HealthFinding(Health.WRONG, f"Workers run, but not all of them. They have not been heard of: {silent}."
                             f" At work: {running}.",
                             f"{_RESTART} One whose machine was taken away is forgotten after a week.")
    return HealthFinding(Health.GOOD, f"Workers at work: {running}; the last of them was heard of at"
                         f" {print_moment(max(one.heard for one in workers))}.")


def check_long_work() -> HealthFinding:
    """Whether imports and changes of many users go on, or break at every try."""
    stuck = stuck_work.list_stuck_work()
    if not stuck:
        return HealthFinding(Health.GOOD, "Imports and changes of many users go on.")
    return HealthFinding(Health.WRONG, "Imports or changes of many users stand still, because every try breaks:"
                         f" {len(stuck)}, the first since {print_moment(stuck[0].since)}.",
                         "Nothing is lost, and the portal tries again. Read why they break:"
                         " journalctl -u portal-worker | grep long_work_failed.")


def check_backup() -> HealthFinding:
    """Whether the folder of backups holds one that is younger than 26 hours."""
    settings = current_settings()
    if settings.backup_folder is None:
        return HealthFinding(Health.WRONG, "BACKUP_FOLDER is not set, so nobody knows of a backup.",
                             "Set BACKUP_FOLDER and let a timer run `flask backup` each night."
                             + ("" if settings.embedded else _ELSEWHERE))
    newest = backup_folder.newest_backup(settings.database, settings.backup_folder)
    found = f"The newest backup in {settings.backup_folder} is of {print_moment(newest)}." if newest else (
        f"There is no backup in {settings.backup_folder}.")
    if newest and now() - newest < BACKUP_WITHIN:
        return HealthFinding(Health.GOOD, found)
    return HealthFinding(Health.WRONG, found,
                         "Make one (systemctl start portal-backup) and read why the timer made none"
                         " (journalctl -u portal-backup)." + ("" if settings.embedded else _ELSEWHERE))


# Why the texts of a carrier wait.
STOPPED = {
    CarrierVerdict.UNKNOWN_KIND: "this version does not know its kind",
    CarrierVerdict.NEEDS_SECRETS: "its secrets have to be typed again",
    CarrierVerdict.FAULT: "it does not accept the account",
    CarrierVerdict.FAILING: "it takes no texts: the last tries failed",
}


def check_carrier() -> HealthFinding:
    """Whether all carriers take texts, judged by what they said last; the pretend one is asked as well."""
    states = carrier_state.list_carrier_states()
    stopped = [f"{one.record.name}: {STOPPED[one.verdict]}" for one in states
               if one.record.active and one.verdict in STOPPED]
    if stopped:
        return HealthFinding(Health.WRONG, f"Texts wait because of carriers ({'; '.join(stopped)}).",
                             "Open the carrier's page under Carriers, read what to do, and test the connection.")
    refused = _tell_refused_calls(states)
    if refused:
        return HealthFinding(Health.WRONG, refused, "Compare it with what stands at the carrier, and type it again on"
                             " the carrier's page under Carriers.")
    default = next((one for one in states if one.record.by_default), None)
    if default is None:
        return _check_embedded_carrier()
    if not default.record.active:
        return HealthFinding(Health.NOTE, f"The carrier {default.record.name} is turned off, and its texts wait.")
    return HealthFinding(Health.GOOD, f"Nothing is known against the carriers; {default.record.name} takes all texts"
                         " that no other is assigned to.")


def _tell_refused_calls(states: Sequence[CarrierState]) -> str:
    return " ".join(
        f"{one.record.refused_calls} calls to the address of the carrier {one.record.name} were refused since"
        f" {print_moment(one.record.refused_since)}: its token or signing key differs."
        for one in states if one.record.refused_since and has_refused_calls(one.record))


def _check_embedded_carrier() -> HealthFinding:
    carrier = current_carrier()
    hosts = worker_marks.list_pretending_hosts(worker_marks.list_workers())
    if hosts:
        return HealthFinding(Health.WRONG, f"Workers run on several machines ({', '.join(hosts)}), and the pretend"
                             " carrier keeps the texts that no other carrier takes in a file of each of them.",
                             "Add a carrier that takes all texts (under Carriers), or stop all workers but one.")
    remedy = f"Look at the status page of {carrier.ref} and at your account there; waiting texts are tried again."
    if breaker.is_carrier_failing():
        return HealthFinding(Health.WRONG, f"The carrier {carrier.ref} refuses texts: the last ones failed.", remedy)
    try:
        carrier.check()
    except CarrierError as error:
        return HealthFinding(Health.WRONG, f"The carrier {carrier.ref} does not answer ({error.code}).", remedy)
    if not carrier.real:
        return HealthFinding(Health.NOTE, f"The carrier {carrier.ref} keeps all texts on this machine that are assigned"
                             " to no other: nothing leaves it.")
    return HealthFinding(Health.GOOD, f"The carrier {carrier.ref} answers.")


def check_web_requests() -> HealthFinding:
    """Whether so many requests on the web came at once within a day that some of them wait for a person."""
    many = web_decisions.count_alarming_organizations()
    if not many:
        return HealthFinding(Health.GOOD, "No flood of requests on the web has come within a day.")
    return HealthFinding(Health.WRONG, f"Many requests on the web came at once; organizations concerned: {many}.",
                         "Look under Requests on the web and call the organization: somebody may be asking in the names"
                         " of others.")
