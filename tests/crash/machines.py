"""A machine with web server and worker, one of several over a database: they are killed and begin again.

`python -m tests.crash.machines INSTANCE` reads `serve` or `work` from its input, goes on as `flask serve --pages-only` or
`flask work` does, in a copy of itself that takes no time, and prints its id: that of a group with all that it begins. The
environment says the rest.
"""

import os
import signal
import sys
from pathlib import Path

from flask.cli import FlaskGroup

from portal import databases
from portal.app import create_app
from portal.carriers.bandwidth import BandwidthCarrier
from portal.extensions import db
from portal.processes import lanes, preloading, worker
from portal.rules import facts
from portal.services.texting import send_facts
from tests import database_server
from tests.crash import victim
from tests.patience import PATIENT_SERVER

WORDS = {"serve": ["serve", "--quiet", "--pages-only"], "work": ["work"]}


def prepare(instance: Path) -> None:
    """Load the portal, for all copies."""
    global app  # noqa: PLW0603 - gunicorn asks the module "wsgi" for it
    victim.hurry()
    BandwidthCarrier.settles_after = victim.PATIENCE
    # Nudges come by the server; four processes that look for work all the time would leave no time for it.
    worker.LONGEST_SLEEP = lanes.LONGEST_SLEEP = 0.2
    # Who waits for a lock waits as long as the machine takes: then nobody has a reason to fail.
    databases.SESSION_SETTINGS = (*databases.SESSION_SETTINGS, *PATIENT_SERVER)
    send_facts.gather_usage = lambda *_: facts.Usage()  # the caps of honest people would end this too soon
    app = create_app(os.environ, instance)
    sys.modules["wsgi"] = sys.modules[__name__]
    with app.app_context():
        preloading.preload_portal(app)
        db.session.remove()
        db.engine.dispose()


def begin(role: str) -> None:
    """Serve pages, or work, until somebody ends it."""
    os.setpgid(0, 0)
    database_server.die_with_parent(signal.SIGKILL)
    os.dup2(2, 1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    FlaskGroup(create_app=lambda: app).main(WORDS[role], prog_name="flask")


def obey() -> None:
    """Begin processes on demand."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        if not (pid := os.fork()):
            begin(line.strip())
        # Whoever comes first makes it a group: it can be killed as soon as its id is known.
        os.setpgid(pid, pid)
        print(pid, flush=True)


if __name__ == "__main__":
    # Under its own name, so that what it holds is there twice for nobody.
    from tests.crash import machines

    machines.prepare(Path(sys.argv[1]))
    machines.obey()
