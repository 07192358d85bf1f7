"""The portal and the ceilings as servers of their own, both by the portal's web server with the same settings."""

import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from flask import Flask

from portal.app import create_app
from portal.config import Settings
from portal.extensions import db
from portal.processes import serving
from tests import cast
from tests.browser.portal import ROOT, Portal
from tests.patience import wait_for

from . import big_data
from .load import Visitor


class ServedPortal(Portal):
    """A portal whose database other programs here look into as well."""

    def in_process(self) -> Flask:
        """The same application in this process, for what is written straight into the database."""
        app = create_app(self.environ, self.folder)
        app.test_client_class = cast.Browser
        return app

    def sign_in(self, user_ids: Iterable[int]) -> list[Visitor]:
        """A session for each of these users."""
        app = self.in_process()
        visitors = [_visitor(app, user_id) for user_id in user_ids]
        with app.app_context():
            db.engine.dispose()
        return visitors

    def process_ids(self) -> list[int]:
        """Of the server, its processes and the background process."""
        return [self._child.pid, *_below(self._child.pid)] if self._child else []


def _below(parent: int) -> list[int]:
    children = [int(one) for one in Path(f"/proc/{parent}/task/{parent}/children").read_text("ascii").split()]
    return [one for child in children for one in (child, *_below(child))]


def _visitor(app: Flask, user_id: int) -> Visitor:
    browser = app.test_client().sign_in(user_id)
    token = browser.token()
    name = app.config["SESSION_COOKIE_NAME"]
    return Visitor(f"{name}={browser.get_cookie(name).value}", token)


class Ceilings(NamedTuple):
    """Where the ceilings are served, and the folder of their database."""

    address: str
    folder: Path


@contextmanager
def served_ceilings(folder: Path) -> Iterator[Ceilings]:
    """The ceilings, by the command that serves the portal, with another application in it."""
    portal = Portal(folder)
    settings = Settings.from_environ(portal.environ, folder)
    command = [*list(serving.commands_of_processes(settings)["web server"])[:-1], "bench.ceilings:app"]
    with (folder / "ceilings.log").open("wb") as log:
        child = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"FOLDER": str(folder)}, stdout=log, stderr=log)
    try:
        wait_for(lambda: _answers(f"{portal.address}/page"), lambda: (folder / "ceilings.log").read_text("utf-8"))
        yield Ceilings(portal.address, folder)
    finally:
        child.terminate()
        child.wait(60)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - http, on this machine
            return bool(answer.status == 200)
    except OSError:
        return False


class Side(NamedTuple):
    """A portal and the ceilings, side by side."""

    portal: ServedPortal
    ceilings: Ceilings


@contextmanager
def side_by_side(size: big_data.Size = big_data.LARGE, *, alone: bool = True) -> Iterator[Side]:
    """Both, served over databases of their own, the portal's a copy of the large one."""
    with tempfile.TemporaryDirectory() as place:
        mine, theirs = Path(place, "portal"), Path(place, "ceilings")
        theirs.mkdir()
        with (big_data.copied_database(size, mine) as environ, served_ceilings(theirs) as ceilings,
              running(ServedPortal(mine, **environ), alone=alone) as portal):
            yield Side(portal, ceilings)


@contextmanager
def running(portal: ServedPortal, *, alone: bool) -> Iterator[ServedPortal]:
    """Start it, `alone` without its background process, and stop it."""
    portal.start(*(("serve", "--pages-only") if alone else ()))
    try:
        yield portal
    finally:
        portal.stop()


def stored_a_second(batch: int, rows: int) -> float:
    """What the ceiling `store` gives in a process and a database of its own: rows a second, `batch` to a commit."""
    with tempfile.TemporaryDirectory() as place:
        command = [sys.executable, "-m", "bench.ceilings", str(Path(place, "store.db")), str(batch), str(rows)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout)
