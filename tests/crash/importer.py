"""A process that imports or undoes what is ordered, ten rows in a commit, until somebody kills it.

`python -m tests.crash.importer INSTANCE` prints a line before each step, and ends when nothing is left to do.
"""

import sys
from pathlib import Path

from portal.app import create_app
from portal.services import imports
from portal.services.imports import import_work, undo_work


def work(instance: str) -> None:
    """Carry out one step after the other."""
    import_work.ROWS_PER_STEP = undo_work.ROWS_PER_STEP = 10
    app = create_app({}, Path(instance))
    with app.app_context():
        print("ready", flush=True)
        while imports.work_on_imports():
            print("step", flush=True)


if __name__ == "__main__":
    work(sys.argv[1])
