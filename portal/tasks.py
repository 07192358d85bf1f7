"""Background tasks: thin, each calls one service. The worker runs them inside the application."""

from huey import crontab

from portal.extensions import huey
from portal.services import housekeeping


@huey.periodic_task(crontab(minute="*"))
def beat() -> None:
    """Say that the worker is alive."""
    housekeeping.beat()


@huey.periodic_task(crontab(hour="3", minute="30"))
def clean() -> None:
    """Erase what has had its time."""
    housekeeping.clean()
