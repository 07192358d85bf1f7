"""Background tasks: thin, each calls one service. The worker runs them inside the application."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import wraps
from typing import Any

from flask import Flask
from huey import crontab

from portal.extensions import huey, now
from portal.models import Report
from portal.services.accounts import kept_forms
from portal.services.spam import outcome_mail, reports
from portal.services.texting import clock_changes, likely_optouts, web_decisions
from portal.services.toggles import long_changes
from portal.services.upkeep import housekeeping, retention, worker_marks
from portal.services.upkeep.machine_turns import turn_of_machine
from portal.wording.languages import LetterText
from portal.wording.spam import outcome_letter

log = logging.getLogger("portal.processes.tasks")

_apps: list[Flask] = []
# What must be at work for the background process to count as alive, besides its tasks.
_at_work: list[Callable[[], bool]] = []
# A clock set forward must not start what cannot be taken back; the next run may do it.
_watches: dict[str, clock_changes.ClockWatch] = {}


def attach_app(app: Flask) -> None:
    """Name the application whose database and settings the tasks use."""
    _apps[:] = [app]
    _watches.clear()
    for task in ("clean", "decide", "forms"):
        is_clock_steady(task)


def watch_sender(is_working: Callable[[], bool]) -> None:
    """Let the heartbeat tell of the thread that hands texts over as well: without it no text leaves."""
    _at_work[:] = [is_working]


def is_clock_steady(task: str) -> bool:
    """Whether the clock has not been set forward since this task was run last, or since the start."""
    watch = _watches.setdefault(task, clock_changes.ClockWatch())
    if (jump := watch.set_by(now())) <= timedelta():
        return True
    log.warning("clock_set", extra={"fields": {"task": task, "seconds": int(jump.total_seconds())}})
    return False


@contextmanager
def _turn(task: str, every: timedelta) -> Iterator[bool]:
    """Whether to run what cannot be taken back: a clock set forward leaves it to the next run, or another machine."""
    if not is_clock_steady(task):
        yield False
        return
    with turn_of_machine(task, every) as is_ours:
        yield is_ours


def in_app_context(task: Callable[..., Any]) -> Callable[..., Any]:
    """Run a task in an application context of its own; the worker's threads have none."""

    @wraps(task)
    def run(*given: Any) -> Any:
        with _apps[0].app_context():
            return task(*given)

    return run


@huey.periodic_task(crontab(minute="*"))
@in_app_context
def run_heartbeat() -> None:
    """Say that the worker is alive, unless the thread that hands texts over has ended or is stuck."""
    if all(is_working() for is_working in _at_work):
        worker_marks.note_heartbeat()
    else:
        log.error("sender_stuck")


@huey.periodic_task(crontab(hour="3", minute="30"))
@in_app_context
def run_cleanup() -> None:
    """Erase the rows whose retention time is over, and on every machine what its pretend carrier has of them."""
    if not is_clock_steady("clean"):
        return
    with turn_of_machine("clean", timedelta(days=1)) as is_ours:
        if is_ours:
            housekeeping.erase_outdated_records()
            retention.erase_old_texts()
            long_changes.erase_old_changes()
        else:
            retention.forget_handed_texts()


@huey.periodic_task(crontab(minute="17"))
@in_app_context
def run_likely_optouts() -> None:
    """Remind the people who decide about likely opt-outs, and list those that nobody decided in time."""
    with _turn("decide", timedelta(hours=1)) as is_ours:
        if is_ours:
            likely_optouts.advance_likely_optouts()
            web_decisions.count_overdue_requests()


@huey.periodic_task(crontab(minute="*/10"))
@in_app_context
def run_form_cleanup() -> None:
    """Erase what people posted after their session had ended and did not come back for."""
    with _turn("forms", timedelta(minutes=10)) as is_ours:
        if is_ours:
            kept_forms.erase_old_forms()


@huey.periodic_task(crontab(minute="*/5"))
@in_app_context
def run_outcome_letters() -> None:
    """Write to people who asked to hear what came of their report."""
    with turn_of_machine("letters", timedelta(minutes=5)) as is_ours:
        if is_ours:
            outcome_mail.send_outcome_letters(_outcome)


def _outcome(report: Report) -> LetterText:
    return outcome_letter(report.language, report.ref, reports.progress_of_report(report))
