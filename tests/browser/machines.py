"""Two machines of the portal over one database of a server, each with a folder of its own, behind one proxy."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from portal.processes import htmx_file
from tests.browser.portal import ROOT, Portal
from tests.browser.proxy import AlternatingProxy

APPLICATION = """\
from pathlib import Path
from portal.app import create_app
app = create_app(instance=Path(__file__).with_name("instance"))
"""
HTMX = htmx_file.path_of_htmx_file(ROOT / "instance")
# They share these: docs/machines.md.
KEYS = {"NUMBER_KEY": "0123456789abcdef-stands-for-numbers", "CARRIER_KEY": "0123456789abcdef-encrypts-secrets"}


class Machine(Portal):
    """A machine with a clone of the portal and an instance folder that no other one sees."""

    def __init__(self, folder: Path, **settings: str) -> None:
        search = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        super().__init__(folder, PYTHONPATH=search, HTMX="self", PROXY_HOPS="1", **KEYS, **settings)
        self.home = folder
        (folder / "instance").mkdir(parents=True)
        (folder / "wsgi.py").write_text(APPLICATION)

    @property
    def place(self) -> str:
        """Host and port, as a proxy names them."""
        return self.address.removeprefix("http://")


class Machines:
    """Two machines, and the proxy before them; `address` is the portal's for people."""

    def __init__(self, folder: Path, database_url: str) -> None:
        folder.mkdir(exist_ok=True)
        self.proxy = AlternatingProxy(folder)
        self.address = self.proxy.address
        self.both = [Machine(folder / f"machine-{number}", DATABASE_URL=database_url, PORTAL_URL=self.address,
                             PROCESSES="1") for number in (1, 2)]

    def set_up(self) -> None:
        """What docs/machines.md asks for before the first start: the tables once, the htmx file on each."""
        self.both[0].flask("db", "upgrade")
        self.both[0].flask("demo")
        for machine in self.both:
            shutil.copy(HTMX, machine.home / "instance")

    def log(self) -> str:
        """What the processes of both have printed."""
        return "\n".join(machine.log() for machine in self.both)


@contextmanager
def two_machines(folder: Path, database_url: str) -> Iterator[Machines]:
    """Two machines that serve, with a worker each, and the demo in their database."""
    machines = Machines(folder, database_url)
    machines.set_up()
    with ExitStack() as running:
        running.enter_context(machines.proxy.passing_on([machine.place for machine in machines.both]))
        for machine in machines.both:
            running.callback(machine.stop)
            machine.start("serve")
        yield machines
