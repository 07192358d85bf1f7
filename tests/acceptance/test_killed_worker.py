"""The background process is killed while a message center tells texts: each is there in the end, and once."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from portal.models import Direction
from portal.variables import SETTINGS
from tests.acceptance.running import AREA
from tests.patience import wait_for
from tests.peers.center import PASSWORD, SYSTEM
from tests.products import WHOLE

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
WORK = (sys.executable, "-m", "flask", "--app", "wsgi", "work")
KILLS, TEXTS_BETWEEN = 8 if WHOLE else 4, 6


def environment_of(portal):
    """The environ of a process of this portal: the same database and keys."""
    settings = portal.app.config["SETTINGS"]
    plain = {name: value for name, value in os.environ.items() if name not in {one.name for one in SETTINGS}}
    return plain | {
        "DATABASE_URL": settings.database_url, "PORTAL_URL": settings.portal_url, "CARRIER_NETWORKS": "127.0.0.0/8",
        "SECRET_KEY": settings.secret_key, "CSRF_KEY": settings.csrf_key, "NUMBER_KEY": settings.number_key,
        "CARRIER_KEY": settings.carrier_key}


def test_each_text_is_there_once(portal, center, people, capsys):
    portal.stop()
    typed = {"host": "127.0.0.1", "port": str(center.port), "tls": "", "account": SYSTEM}
    portal.carry_all(portal.add_carrier("smpp", {"password": PASSWORD}, typed))
    told = []
    for _ in range(KILLS):
        worker = subprocess.Popen(WORK, cwd=ROOT, env=environment_of(portal), stderr=subprocess.DEVNULL)
        try:
            wait_for(lambda: "transceiver" in center.sessions())
            for _ in range(TEXTS_BETWEEN):
                told.append(f"Text {len(told)} comes in")
                center.text_in(f"{AREA}{3000 + len(told)}", people["Uli"].number, told[-1])
            time.sleep(random.uniform(0, 0.6))
        finally:
            os.kill(worker.pid, signal.SIGKILL)
            worker.wait()
        wait_for(lambda: not center.sessions())
    stored = len(portal.texts(Direction.IN))
    portal.start()
    wait_for(lambda: len({one.body for one in portal.texts(Direction.IN)}) == len(told),
             lambda: f"lost: {set(told) - {one.body for one in portal.texts(Direction.IN)}}")
    wait_for(lambda: center.acks().count(0) >= len(told))
    with capsys.disabled():
        print(f"\n{KILLS} kills, {len(told)} texts told, {stored} stored before the last start,"
              f" {len(center.acks())} acknowledged")
    assert Counter(one.body for one in portal.texts(Direction.IN)) == dict.fromkeys(told, 1)
