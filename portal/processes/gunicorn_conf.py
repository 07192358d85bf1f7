"""What gunicorn reads. The address and the number of threads come with the command line."""

import gc
from pathlib import Path

import gunicorn.http.wsgi
from gunicorn.workers.base import Worker

from portal.rules.number_plans import load_number_plans

# One process: SQLite has one writer anyway, and threads wait for the disk together.
# Threads, with a loop before them that gathers requests until they have arrived.
worker_class = "portal.processes.arrivals.GatheringWorker"
workers = 1
# Each is an open file, and many systems allow a process 1,024.
worker_connections = 500
# Loaded before the fork, an import error ends the server at once instead of restarting it for ever.
preload_app = True


def post_worker_init(worker: Worker) -> None:
    """Objects loaded before the first request stay: the garbage collector need not check them while people wait."""
    load_number_plans()
    gc.freeze()


# Below the grace that the supervisor gives before it kills.
graceful_timeout = 25
timeout = 60
# A reverse proxy holds connections; one that we close first now and then costs it a failed request.
keepalive = 75

# Requests are not logged here: addresses can name people. Neither are gunicorn's warnings, which quote what
# strangers send and where they are. What is left are lines like all others.
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
