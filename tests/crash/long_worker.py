"""A worker that carries out long work in small steps, and stops before each commit until it gets a line to read.

`python -m tests.crash.long_worker INSTANCE` says "about to commit" there, with everything written and nothing kept; so
it can be killed in the middle of a step. The environment names the database of a server.
"""

import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event

from portal import databases
from portal.app import create_app
from portal.extensions import db
from portal.processes.long_work import LongWorkThread
from portal.services.imports import check_work, checks, import_work, undo_work
from portal.services.toggles import long_steps
from tests.patience import PATIENT_SERVER

# Seconds after which another worker takes up a check that was killed.
TAKEN_UP_AFTER = 5


def stop_here(session: Any) -> None:
    """Say that a step is done but for its commit, and wait for a word."""
    session.flush()
    print("about to commit", flush=True)
    sys.stdin.readline()


def work(instance: str) -> None:
    """Work until somebody kills the process."""
    import_work.ROWS_PER_STEP = undo_work.ROWS_PER_STEP = long_steps.USERS_PER_STEP = 12
    checks.ROWS_PER_COMMIT, check_work.SILENCE = 30, timedelta(seconds=TAKEN_UP_AFTER)
    databases.SESSION_SETTINGS = (*databases.SESSION_SETTINGS, *PATIENT_SERVER)
    app = create_app({"DATABASE_URL": os.environ["DATABASE_URL"]}, Path(instance))
    event.listen(db.session, "before_commit", stop_here)
    LongWorkThread(app).run()


if __name__ == "__main__":
    work(sys.argv[1])
