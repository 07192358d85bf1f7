"""What gunicorn reads. The address and the numbers of processes and threads come with the command line."""

from pathlib import Path
from typing import Any

import gunicorn.http.wsgi
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger

from portal.processes.fair_share import FairWorker
from portal.processes.memory import keep_loaded
from portal.rules.number_plans import load_number_plans

# Threads, with a loop before them that gathers requests until they have arrived.
worker_class = "portal.processes.fair_share.FairWorker"
# Each is an open file, and many systems allow a process 1,024.
worker_connections = 500
# Loaded before the fork, an import error ends the server at once instead of restarting it for ever, and what is loaded
# lies in memory once, however many processes serve.
preload_app = True


def when_ready(server: Arbiter) -> None:
    """Leave nothing to be loaded by each process of its own, as far as that has not happened."""
    load_number_plans()
    keep_loaded()


def pre_fork(server: Arbiter, worker: FairWorker) -> None:
    """Give a process its place among the others, that of one that has ended."""
    worker.take_place({one.place for one in server.WORKERS.values()})


# Below the grace that the supervisor gives before it kills.
graceful_timeout = 25
timeout = 60
# A reverse proxy holds connections; one that we close first now and then costs it a failed request.
keepalive = 75


class UnloggedRequests(Logger):  # type: ignore[misc]
    """Gunicorn's logger without its log of requests: with a `logconfig_dict` it writes the line of each for nobody."""

    def access(self, *_what: Any) -> None:
        """Nothing."""


# Requests are not logged here: addresses can name people. Neither are gunicorn's warnings, which quote what
# strangers send and where they are. What is left are lines like all others.
logger_class = UnloggedRequests
accesslog = None
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "portal.logs.JsonLineFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "loggers": {"gunicorn.error": {"level": "ERROR", "handlers": ["console"], "propagate": False}},
    "root": {"level": "WARNING", "handlers": []},
}

# It would lie under the home folder, where two portals get in each other's way.
control_socket_disable = True
# The heartbeat must not wait for a slow disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - memory, not a temporary file

# X-Forwarded headers are believed in one place, by PROXY_HOPS in the application, never here.
forwarded_allow_ips = ""

# Gunicorn would name itself in every answer.
gunicorn.http.wsgi.SERVER = ""
