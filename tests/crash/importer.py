"""A process that checks, imports or undoes what is ordered, some rows in a commit, until somebody kills it.

`python -m tests.crash.importer INSTANCE` prints a line for each commit, and ends when nothing is left to do.
"""

import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy import event

from portal.app import create_app
from portal.extensions import db
from portal.services import imports
from portal.services.imports import check_work, checks, import_work, undo_work

OFFERED = ("en",), frozenset({"America/Toronto"})


def work(instance: str) -> None:
    """Carry out one step after the other."""
    import_work.ROWS_PER_STEP = undo_work.ROWS_PER_STEP = 10
    checks.ROWS_PER_COMMIT, check_work.SILENCE = 45, timedelta(0)
    app = create_app({}, Path(instance))
    with app.app_context():
        print("ready", flush=True)
        event.listen(db.session, "after_commit", lambda _session: print("commit", flush=True))
        while imports.check_next_upload(*OFFERED) or imports.work_on_imports():
            pass


if __name__ == "__main__":
    work(sys.argv[1])
