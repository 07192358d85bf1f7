"""Background tasks: thin, each calls one service. The worker runs them inside the application."""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from flask import Flask
from huey import crontab

from portal.extensions import huey, now
from portal.models import Report
from portal.services.spam import outcome_mail, reports
from portal.services.texting import clock_changes, optouts
from portal.services.upkeep import housekeeping, retention
from portal.wording.spam import letter

log = logging.getLogger("portal.processes.tasks")

_apps: list[Flask] = []
# What cannot be taken back is not done because somebody has set the clock forward; the next run may.
_watches: dict[str, clock_changes.Watch] = {}


def attach(app: Flask) -> None:
    """Name the application whose database and settings the tasks use."""
    _apps[:] = [app]
    _watches.clear()
    for task in ("clean", "decide"):
        steady(task)


def steady(task: str) -> bool:
    """Whether the clock has not been set forward since this task was run last, or since the start."""
    watch = _watches.setdefault(task, clock_changes.Watch())
    if (jump := watch.set_by(now())) <= timedelta():
        return True
    log.warning("clock_set", extra={"fields": {"task": task, "seconds": int(jump.total_seconds())}})
    return False


def inside(task: Callable[..., Any]) -> Callable[..., Any]:
    """Run a task in an application context of its own; the worker's threads have none."""

    @wraps(task)
    def run(*given: Any) -> Any:
        with _apps[0].app_context():
            return task(*given)

    return run


@huey.periodic_task(crontab(minute="*"))
@inside
def beat() -> None:
    """Say that the worker is alive."""
    housekeeping.beat()


@huey.periodic_task(crontab(hour="3", minute="30"))
@inside
def clean() -> None:
    """Erase what has had its time."""
    if steady("clean"):
        housekeeping.clean()
        retention.purge()


@huey.periodic_task(crontab(minute="17"))
@inside
def decide_likely_opt_outs() -> None:
    """Count likely opt-outs that nobody decided in two days as meant."""
    if steady("decide"):
        optouts.decide_overdue()


@huey.periodic_task(crontab(minute="*/5"))
@inside
def tell_outcomes() -> None:
    """Write to people who asked to hear what came of their report."""
    outcome_mail.send_outcomes(_outcome)


def _outcome(report: Report) -> tuple[str, str]:
    return letter(report.language, report.ref, reports.progress(report))
