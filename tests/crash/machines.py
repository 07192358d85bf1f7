"""A machine with web server and worker, one of several over a database: they are killed and begin again.

`python -m tests.crash.machines INSTANCE` reads a role from its input, goes on as `flask serve` or `flask work` in a
copy of itself, which takes no time, and prints its id: that of a group with all that it begins. A copy that writes
letters ends by itself. The environment says the rest.
"""

import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

from flask.cli import FlaskGroup

from portal import databases
from portal.app import create_app
from portal.carriers.bandwidth import BandwidthCarrier
from portal.extensions import db
from portal.processes import preloading, tasks
from portal.rules import facts
from portal.services.texting import claims, outbox, send_facts
from tests import database_server
from tests.patience import PATIENT_SERVER

# How long a text is left alone after a death. Within a third of it a worker has to begin with what it claimed, which a
# slow machine can do, too.
LEASE = timedelta(seconds=9)
WORDS = {"serve": ["serve", "--quiet", "--pages-only"], "work": ["work"]}


def prepare(instance: Path) -> None:
    """Load the portal, for all copies."""
    global app  # noqa: PLW0603 - gunicorn asks the module "wsgi" for it
    claims.LEASE = outbox.LEASE = LEASE
    BandwidthCarrier.settles_after = timedelta()
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
    if role == "letters":
        tasks.run_outcome_letters.call_local()
        os._exit(0)
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
    from tests.crash import machines  # noqa: PLW0406 - see above

    machines.prepare(Path(sys.argv[1]))
    machines.obey()
