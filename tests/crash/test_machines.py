"""Two web servers and two workers over one PostgreSQL database, killed at random: nothing lost, nothing sent twice.

Two hundred die with the full products of tests/products.py, a sixth as many without. Maple Clinic's texts leave by a
carrier that knows a text again, Harbor Health's by one of which nobody can tell what it got.
"""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import func, select

from portal.app import create_app
from portal.extensions import db, writing
from portal.models import (
    Acknowledgement,
    CarrierRecord,
    Direction,
    Message,
    Organization,
    Receipt,
    TextState,
    User,
)
from portal.services.carriers import carrier_secrets
from portal.services.people.notices import HIPAA
from portal.services.toggles import toggle
from portal.services.upkeep import recounting
from tests import cast, database_server
from tests.browser.portal import _free_port
from tests.crash import traffic, victim
from tests.delivery.beside import count_deadlocks
from tests.kept_databases import fresh_database
from tests.patience import LONG, wait_for
from tests.products import WHOLE

pytestmark = [pytest.mark.slow, pytest.mark.postgresql]
ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("KILLS", 200 if WHOLE else 32))
ENOUGH, AT_ONCE = 20, 4
MEMBERS = ("Uli", "Ben", "Otto", "Mia")
ROLES = ("serve", "work")
KEYS = {name: f"0123456789abcdef-{name.lower()}-of-the-tests"
        for name in ("SECRET_KEY", "CSRF_KEY", "NUMBER_KEY", "CARRIER_KEY")}


class Machine:
    """Begins its web server and its worker, and kills them; `port` is where pages are."""

    def __init__(self, folder, environ):
        folder.mkdir()
        self.port, self.log, self.alive = _free_port(), folder / "log", {}
        command = [sys.executable, "-m", "tests.crash.machines", str(folder)]
        with self.log.open("wb") as log:
            self.nursery = subprocess.Popen(command, cwd=ROOT, env=os.environ | environ | {"PORT": str(self.port)},
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)

    def begin(self):
        for role in ROLES:
            if role not in self.alive:
                self.nursery.stdin.write(f"{role}\n")
                self.nursery.stdin.flush()
                told = self.nursery.stdout.readline()
                assert told, self.log.read_text()
                self.alive[role] = int(told)

    def kill(self, role):
        """End it, and wait until nobody listens where it did."""
        os.killpg(self.alive.pop(role), signal.SIGKILL)
        wait_for(lambda: role != "serve" or self.is_port_free())

    def is_port_free(self):
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(("127.0.0.1", self.port))
            except OSError:
                return False
            return True

    def close(self):
        for role in list(self.alive):
            self.kill(role)
        self.nursery.stdin.close()
        self.nursery.wait(LONG)
        self.nursery.stdout.close()


class Watcher(threading.Thread):
    """Asks for what came after the last id that it has seen, as open pages do; `seen` holds the ids in each list."""

    def __init__(self, database):
        super().__init__(daemon=True)
        self.database, self.stopping, self.seen = database, threading.Event(), {}

    def run(self):
        with closing(database_server.connect(self.database)) as server:
            organizations = [row[0] for row in server.execute("SELECT id FROM organizations")]
            self.seen = {one: [] for one in organizations}
            while not self.stopping.wait(0.01):
                for one, ids in self.seen.items():
                    ids += [row[0] for row in server.execute(
                        "SELECT id FROM messages WHERE organization_id = %s AND id > %s ORDER BY id",
                        (one, ids[-1] if ids else 0))]

    def stop(self):
        self.stopping.set()
        self.join(LONG)


@pytest.fixture
def sides():
    with ExitStack() as opened:
        yield [opened.enter_context(closing(kind())) for kind in (traffic.ByTelnyx, traffic.ByBandwidth)]


@pytest.fixture
def environ():
    """What the machines have in common."""
    with fresh_database(f"machines_{os.getpid()}") as url:
        yield {**KEYS, "DATABASE_URL": url, "PORTAL_URL": f"http://{traffic.HOST}", "CARRIER_NETWORKS": "127.0.0.0/8",
               "HTMX": "cdn", "THREADS": "8", "DEMO": "0"}


@pytest.fixture
def portal(environ, sides, tmp_path):
    """The portal over the database that the machines share, filled."""
    (tmp_path / "tests").mkdir()
    made = create_app(environ, tmp_path / "tests")
    made.test_client_class = cast.Browser
    with made.app_context():
        flask_migrate.upgrade()
        cast.settle()
        fill(sides)
        db.session.remove()
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


def fill(sides):
    """Everybody who has a number may text; each organization has a carrier."""
    with writing() as session:
        for side in sides:
            session.add(CarrierRecord(ref=side.ref, kind=side.kind, name=side.ref, settings=side.settings,
                                      secrets=carrier_secrets.encrypt_secrets(side.secrets), at_once=AT_ONCE,
                                      by_default=side is sides[0]))
        session.flush()
        otto = session.scalars(select(User).where(User.email == "otto@example.com")).one()
        harbor = session.get_one(Organization, otto.organization_id)
        harbor.carrier_id = session.scalars(select(CarrierRecord.id).where(CarrierRecord.ref == sides[1].ref)).one()
        session.add(Acknowledgement(user_id=otto.id, organization_id=harbor.id, as_admin=True, notice=HIPAA.id,
                                    version=HIPAA.version))
        toggle.write_setting(otto, harbor, toggle.SettingValue(True))


def visitors(portal, sides, ports):
    """Members by their names, what is told about texts, and what comes in."""
    with portal.app_context():
        ids = {name: one.id for name, one in cast.people().items()}
        db.session.remove()
    members = [traffic.Member(ports, portal.test_client().sign_in(ids[name]), name) for name in MEMBERS]
    telling = [traffic.Telling(ports, side, status) for side in sides for status in ("sent", "delivered")]
    return members, telling, [traffic.Arriving(ports, sides[0], "+14165550101"),
                              traffic.Arriving(ports, sides[1], "+12065550160")]


def kill_at_random(machines, members):
    """How many died, by what they were. On a slow machine more of them die, until enough was accepted between."""
    died, victims = Counter(), [(machine, role) for machine in machines for role in ROLES]
    for number in range(10 * KILLS):
        if number >= KILLS and sum(len(one.said) for one in members) > ENOUGH:
            break
        for machine in machines:
            machine.begin()
        time.sleep(random.uniform(0.05, 0.8))
        machine, role = victims[number % len(victims)]
        machine.kill(role)
        died[role] += 1
    return died


def finish(portal, machines, members, telling):
    """Nobody dies any more: what waits leaves, and what became of it is told."""
    for machine in machines:
        machine.begin()
    for one in members:
        one.stop()
    with portal.app_context():
        wait_for(victim.is_nothing_left, lambda: f"texts still wait {logs(machines)}")
        db.session.remove()
    wait_for(lambda: all(one.is_done() for one in telling), lambda: f"not all was heard {[(one.side.ref, one.status, one.seen, len(one.said)) for one in telling]} {logs(machines)}")


def logs(machines):
    return "".join(machine.log.read_text() for machine in machines)


def test_nothing_is_lost_and_nothing_sent_twice(portal, environ, sides, tmp_path, capsys):
    began = time.monotonic()
    with ExitStack() as opened:
        machines = [opened.enter_context(closing(Machine(tmp_path / name, environ))) for name in ("one", "two")]
        members, telling, arriving = visitors(portal, sides, [machine.port for machine in machines])
        watcher = Watcher(f"machines_{os.getpid()}")
        for machine in machines:
            machine.begin()
        for one in (*members, *telling, *arriving, watcher):
            one.start()
            opened.callback(one.stop)
        died = kill_at_random(machines, members)
        finish(portal, machines, members, telling)
        for one in (*telling, *arriving, watcher):
            one.stop()
        said = logs(machines)
    with portal.app_context():
        texts = {one.submission_key: one for one in db.session.scalars(
            select(Message).where(Message.direction == Direction.OUT))}
        states = {key: one.state for key, one in texts.items()}
        arrived = Counter(db.session.scalars(select(Message.body).where(Message.direction == Direction.IN)))
        ids = {one: set(db.session.scalars(select(Message.id).where(Message.organization_id == one)))
               for one in watcher.seen}
        wrong, deadlocks = recounting.find_wrong_counts(), count_deadlocks()
        parked = db.session.scalar(select(func.count()).where(Receipt.message_id.is_(None)))
        db.session.remove()
    promised = {key for one in members for key in one.said}
    taken = [Counter(words.removeprefix("text ") for words in side.bodies()) for side in sides]
    both = taken[0] + taken[1]
    unknown = {key for key, state in states.items() if state is TextState.UNKNOWN}
    seen = Counter()
    for one in (*members, *telling, *arriving):
        seen += one.seen
    with capsys.disabled():
        print(f"\n{died['serve']} web servers and {died['work']} workers killed, {len(promised)} accepted,"
              f" {len(states)} stored, {taken[0].total()} and {taken[1].total()} taken, {len(unknown)} unknown,"
              f" {arrived.total()} arrived, {deadlocks} deadlocks, answers {dict(seen)}, {time.monotonic() - began:.0f} s")
    assert "Traceback" not in said, said
    assert set(seen) <= {0, 204, 303}
    assert len(promised) > ENOUGH
    assert promised <= set(states), "an accepted text is gone"
    assert [key for key, times in both.items() if times > 1] == [], "a text was sent twice"
    assert set(states) - set(both) <= unknown, "a text was lost"
    assert not unknown & set(both), "a receipt was lost"
    assert len(unknown) <= AT_ONCE * died["work"], "more texts are unclear than were on their way"
    assert all(key.startswith(("Otto", "Mia")) for key in unknown), "the carrier would have known it"
    assert {states[key] for key in both} == {TextState.DELIVERED}
    assert set(arrived.values()) == {1}
    assert {f"arrival {text_id}" for one in arriving for text_id in one.said} <= set(arrived)
    assert {one: set(found) for one, found in watcher.seen.items()} == ids, "an open page missed a line"
    assert (wrong, parked, deadlocks) == (0, 0, 0)
