"""Two web servers and two workers over one PostgreSQL database, killed at random: nothing lost, nothing sent twice.

Two hundred die with the full products of tests/products.py, an eighth as many without, so many as KILLS says where the
environment has it. Maple Clinic's texts leave by a carrier that knows a text again, Harbor Health's by one of which
nobody can tell what it got.
"""

import os
import random
import threading
import time
from collections import Counter
from contextlib import ExitStack, closing
from datetime import timedelta
from types import SimpleNamespace

import flask_migrate
import pytest
from sqlalchemy import func, select, update

from portal.app import create_app
from portal.extensions import db, now, writing
from portal.models import (
    Acknowledgement,
    CarrierRecord,
    Direction,
    Message,
    Organization,
    PortalMark,
    Receipt,
    TextState,
    User,
)
from portal.rules.cases import CaseState
from portal.services.carriers import carrier_secrets
from portal.services.people.notices import HIPAA
from portal.services.spam import decisions
from portal.services.toggles import toggle
from portal.services.upkeep import recounting
from tests import cast, reports
from tests.crash import traffic, victim
from tests.crash.fleet import ROLES, Machine, Watcher
from tests.delivery.beside import count_deadlocks
from tests.kept_databases import fresh_database
from tests.mail_peer import open_mail_peer
from tests.patience import LONG, wait_for
from tests.products import WHOLE

pytestmark = [pytest.mark.slow, pytest.mark.postgresql]
KILLS = int(os.environ.get("KILLS", "200" if WHOLE else "25"))
# So much happens at most between two deaths; so many texts are on their way to a carrier.
MOST_BETWEEN, AT_ONCE = 20, 4
MEMBERS = ("Uli", "Ben", "Otto", "Mia")
DATABASE = f"machines_{os.getpid()}"
KEYS = {name: f"0123456789abcdef-{name.lower()}-of-the-tests"
        for name in ("SECRET_KEY", "CSRF_KEY", "NUMBER_KEY", "CARRIER_KEY")}


@pytest.fixture
def sides():
    with ExitStack() as opened:
        yield [opened.enter_context(closing(kind())) for kind in (traffic.ByTelnyx, traffic.ByBandwidth)]


@pytest.fixture
def mail():
    with open_mail_peer() as peer:
        yield peer


@pytest.fixture
def environ(mail):
    """What the machines have in common."""
    with fresh_database(DATABASE) as url:
        yield {**KEYS, "DATABASE_URL": url, "PORTAL_URL": f"http://{traffic.HOST}", "CARRIER_NETWORKS": "127.0.0.0/8",
               "HTMX": "cdn", "THREADS": "8", "DEMO": "0", "MAIL_SERVER": mail.address, "REPORT_DELAY": "0"}


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


@pytest.fixture
def machines(environ, portal, tmp_path):
    with ExitStack() as opened:
        yield [opened.enter_context(closing(Machine(tmp_path / name, environ))) for name in ("one", "two")]


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


def make_visitors(portal, sides, ports):
    """Members who write, what carriers tell about texts, and what comes in."""
    with portal.app_context():
        known = cast.people()
        db.session.remove()
    return SimpleNamespace(
        members=[traffic.Member(ports, portal.test_client().sign_in(known[name].id), name) for name in MEMBERS],
        telling=[traffic.Telling(ports, side, status) for side in sides for status in ("sent", "delivered")],
        arriving=[traffic.Arriving(ports, side, known[name].number)
                  for side, name in zip(sides, ("Uli", "Otto"), strict=True)])


def kill_at_random(machines, members, sides):
    """How many died, by what they were: servers when some more texts were accepted, workers when some more were taken.

    So all have time to begin, however slow the machine is.
    """
    died, victims = Counter(), [(machine, role) for role in ROLES for machine in machines]
    done = {"serve": lambda: sum(len(one.said) for one in members),
            "work": lambda: sum(len(side.references()) for side in sides)}
    for number in range(KILLS):
        for machine in machines:
            machine.begin()
        machine, role = victims[number % len(victims)]
        enough = done[role]() + random.randrange(1, MOST_BETWEEN)
        wait_for(lambda role=role, enough=enough: done[role]() >= enough, lambda: logs(machines))
        machine.kill(role)
        died[role] += 1
    return died


def finish(portal, machines, visitors):
    """Nobody dies any more: what waits leaves, and what became of it is told."""
    for machine in machines:
        machine.begin()
    for one in visitors.members:
        one.stop()
    with portal.app_context():
        wait_for(victim.is_nothing_left, lambda: f"texts still wait {logs(machines)}")
        db.session.remove()
    wait_for(lambda: all(one.is_done() for one in visitors.telling), lambda: f"not all was heard {logs(machines)}")


def logs(machines):
    return "".join(machine.log.read_text() for machine in machines)


def look(portal):
    """What the database holds in the end."""
    with portal.app_context():
        texts = db.session.execute(select(Message.submission_key, Message.state).where(
            Message.direction == Direction.OUT)).all()
        ids = {one: set(db.session.scalars(select(Message.id).where(Message.organization_id == one)))
               for one in db.session.scalars(select(Organization.id))}
        found = SimpleNamespace(
            states={row.submission_key: row.state for row in texts}, texts=len(texts), ids=ids,
            arrived=Counter(db.session.scalars(select(Message.body).where(Message.direction == Direction.IN))),
            wrong_counts=recounting.find_wrong_counts(), deadlocks=count_deadlocks(),
            parked=db.session.scalar(select(func.count()).where(Receipt.message_id.is_(None))))
        db.session.remove()
    return found


def test_nothing_is_lost_and_nothing_sent_twice(portal, sides, machines, capsys):
    began = time.monotonic()
    visitors, watcher = make_visitors(portal, sides, [machine.port for machine in machines]), Watcher(DATABASE)
    everybody = [*visitors.members, *visitors.telling, *visitors.arriving]
    for machine in machines:
        machine.begin()
    with ExitStack() as opened:
        for one in (*everybody, watcher):
            one.start()
            opened.callback(one.stop)
        died = kill_at_random(machines, visitors.members, sides)
        finish(portal, machines, visitors)
    found, seen = look(portal), sum((one.seen for one in everybody), Counter())
    taken = [Counter(words.removeprefix("text ") for words in side.bodies()) for side in sides]
    with capsys.disabled():
        print(f"\n{died['serve']} web servers and {died['work']} workers killed,"
              f" {sum(len(one.said) for one in visitors.members)} accepted, {found.texts} stored,"
              f" {taken[0].total()} and {taken[1].total()} taken, {found.arrived.total()} arrived,"
              f" {Counter(found.states.values())}, {found.deadlocks} deadlocks,"
              f" answers {dict(seen)}, {time.monotonic() - began:.0f} s")
    assert "Traceback" not in logs(machines), logs(machines)
    assert set(seen) <= {0, 204, 303}, "a page or a hook failed"
    hold_texts({key for one in visitors.members for key in one.said}, found, taken, AT_ONCE * died["work"])
    assert set(found.arrived.values()) == {1}, "a text came in twice"
    assert {f"arrival {text_id}" for one in visitors.arriving for text_id in one.said} <= set(found.arrived)
    for one, ids in watcher.seen.items():
        assert set(ids) == {each for each in found.ids[one] if each <= ids[-1]}, "an open page missed a line"
    assert (found.wrong_counts, found.parked, found.deadlocks) == (0, 0, 0)


def hold_texts(promised, found, taken, on_their_way):
    """Each text that was promised is there once, and left once; what the carriers told about it has been heard."""
    both, unknown = taken[0] + taken[1], {key for key, one in found.states.items() if one is TextState.UNKNOWN}
    assert found.texts == len(found.states), "a text was stored twice"
    assert promised <= set(found.states), "an accepted text is gone"
    assert [key for key, times in both.items() if times > 1] == [], "a text was sent twice"
    assert set(found.states) - set(both) <= unknown, "a text was lost"
    assert len(unknown) <= on_their_way, "more texts are unclear than were on their way"
    assert not [key for key in unknown if key.startswith(MEMBERS[:2])], "their carrier would have known them"
    assert {found.states[key] for key in both} == {TextState.DELIVERED}, "a receipt was lost"


class SlowMail(dict):
    """What a mail server says to addresses; at the third one it takes its time."""

    def __init__(self):
        super().__init__()
        self.asked, self.reached, self.goes_on = 0, threading.Event(), threading.Event()

    def get(self, address, usual):
        self.asked += 1
        if self.asked == 3:
            self.reached.set()
            self.goes_on.wait(LONG)
        return usual


def test_each_letter_is_written_once_also_when_its_writer_dies(portal, machines, mail):
    mail.refused = SlowMail()
    addresses = [f"{name}@example.org" for name in ("jo", "kim", "lee", "max")]
    with portal.app_context():
        known = cast.people()
        reports.sent(known["Uli"].id, reports.number(1))
        for address in addresses:
            reports.told(known["Uli"].number, reports.number(1), email=address)
        reports.settle()
        decisions.decide_case(db.session.get_one(User, known["Olga"].id), reports.case(),
                              decisions.Verdict(CaseState.UPHELD))
        db.session.remove()
    machines[0].begin("letters")
    assert mail.refused.reached.wait(LONG)
    machines[0].kill("letters")
    mail.refused.goes_on.set()
    with portal.app_context(), writing() as session:
        session.execute(update(PortalMark).where(PortalMark.name == "task letters").values(
            value=(now() - timedelta(minutes=5)).isoformat()))
    for machine in machines:
        machine.begin("letters")
    for machine in machines:
        machine.wait("letters")
    assert sorted(letter["To"] for letter in mail.letters) == addresses
