"""Background tasks: thin, each calls one service. The worker runs them inside the application."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask
from huey import crontab

from portal.extensions import huey
from portal.models import Report
from portal.services import housekeeping, letters, optouts, retention, spam
from portal.wording.spam import letter

_apps: list[Flask] = []


def attach(app: Flask) -> None:
    """Name the application whose database and settings the tasks use."""
    _apps[:] = [app]


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
    housekeeping.clean()
    retention.purge()


@huey.periodic_task(crontab(minute="17"))
@inside
def decide_likely_opt_outs() -> None:
    """Count likely opt-outs that nobody decided in two days as meant."""
    optouts.decide_overdue()


@huey.periodic_task(crontab(minute="*/5"))
@inside
def tell_outcomes() -> None:
    """Write to people who asked to hear what came of their report."""
    letters.send_outcomes(_outcome)


def _outcome(report: Report) -> tuple[str, str]:
    return letter(report.language, report.ref, spam.progress(report))
