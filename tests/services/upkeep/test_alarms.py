"""Operators get a letter when something goes wrong and when it is good again, and none in between."""

import smtplib
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import select

from portal.extensions import db, writing
from portal.models import AccountState, PortalMark, User
from portal.services.upkeep import alarms
from portal.services.upkeep.alarms import UnsentAlarm, mail_alarms
from portal.services.upkeep.health import Health, HealthFinding

GOOD = HealthFinding(Health.GOOD, "All is well.")
NOTE = HealthFinding(Health.NOTE, "Worth knowing.", "Think.")
SILENT = HealthFinding(Health.WRONG, "The worker is silent.", "Restart it.")
FULL = HealthFinding(Health.WRONG, "The disk is full.", "Make room.")


class Server:
    """A mail server that keeps what it took, or refuses."""

    def __init__(self):
        self.taken, self.error = [], None

    def send_message(self, letter):
        if self.error:
            raise self.error
        self.taken.append(letter)

    def news(self):
        """Subjects of the letters since the last look, one for each kind."""
        subjects = list(dict.fromkeys(letter["Subject"].partition("] ")[2] for letter in self.taken))
        self.taken.clear()
        return subjects


@pytest.fixture
def server(app, inside, monkeypatch):
    server = Server()

    @contextmanager
    def connected():
        yield server

    monkeypatch.setattr(alarms, "connect_mail_server", connected)
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], mail_server="smtp://localhost"))
    with inside():
        yield server


def marks():
    found = {row.name for row in db.session.scalars(select(PortalMark)) if row.name.startswith("alarm")}
    db.session.rollback()
    return found


def test_once_when_it_breaks_and_once_when_it_is_good_again(server, clock):
    assert mail_alarms({"worker": GOOD, "disk": GOOD}) == 0
    assert mail_alarms({"worker": SILENT, "disk": GOOD}) == 2, "both operators"
    assert server.news() == ["wrong: worker"]
    for _ in range(3):
        clock.forward(minutes=5)
        assert mail_alarms({"worker": SILENT, "disk": GOOD}) == 0
    for _ in range(3):
        assert mail_alarms({"worker": GOOD, "disk": GOOD}) == 0
        clock.forward(minutes=5)
    assert mail_alarms({"worker": NOTE, "disk": GOOD}) == 2
    assert server.news() == ["good again: worker"]
    assert marks() == set()
    assert mail_alarms({"worker": GOOD, "disk": GOOD}) == 0


def test_what_comes_and_goes_is_told_once(server, clock):
    for _ in range(4):
        mail_alarms({"worker": SILENT})
        clock.forward(minutes=10)
        mail_alarms({"worker": GOOD})
        clock.forward(minutes=10)
    assert server.news() == ["wrong: worker"]


def test_one_letter_tells_all_news(server, clock):
    mail_alarms({"worker": SILENT, "disk": GOOD})
    mail_alarms({"worker": GOOD, "disk": GOOD})
    clock.forward(minutes=15)
    server.news()
    mail_alarms({"worker": GOOD, "disk": FULL})
    letter = server.taken[0]
    assert server.news() == ["wrong: disk; good again: worker"]
    assert all(words in letter.get_content() for words in ("The disk is full.", "What to do: Make room."))


def test_who_gets_it(server, people):
    with writing() as session:
        session.get_one(User, people["Oskar"].id).account = AccountState.DEACTIVATED
    mail_alarms({"worker": SILENT})
    assert [letter["To"] for letter in server.taken] == ["olga@example.com"]


@pytest.mark.parametrize("error", [OSError("no way"), smtplib.SMTPServerDisconnected(),
                                   smtplib.SMTPDataError(451, b"later")])
def test_what_nobody_got_is_sent_again(server, error):
    server.error = error
    with pytest.raises(UnsentAlarm):
        mail_alarms({"worker": SILENT})
    assert marks() == set()
    server.error = None
    assert mail_alarms({"worker": SILENT}) == 2


def test_without_operators_nobody_was_told(server):
    with writing() as session:
        for user in session.scalars(select(User).where(User.operator)):
            user.operator = False
    with pytest.raises(UnsentAlarm, match="no operator to write to"):
        mail_alarms({"worker": SILENT})


def test_what_was_not_looked_at_stays_as_it_was(server, clock):
    mail_alarms({"worker": SILENT})
    clock.forward(minutes=30)
    assert mail_alarms({"disk": GOOD}) == 0
    assert marks() == {"alarm worker"}
