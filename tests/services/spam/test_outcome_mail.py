"""Letters about outcomes: one for each report, kept until the mail server takes it, and no address afterwards."""

import smtplib
from contextlib import contextmanager

import pytest

from portal.config import RefusedSetting, Settings
from portal.extensions import db
from portal.models import User
from portal.processes import tasks
from portal.rules.cases import CaseState
from portal.services import letters
from portal.services.spam import decisions, outcome_mail
from tests.reports import case, number, report, sent, settle, told


class Server:
    """A mail server that keeps what it took, or refuses."""

    def __init__(self, error=None):
        self.error, self.taken = error, []

    def send_message(self, letter):
        if self.error:
            raise self.error
        self.taken.append(letter)


@pytest.fixture
def mail(another, monkeypatch):
    """`mail(server)`: the application of somebody who set a mail server, in its open context."""
    def set_up(server):
        @contextmanager
        def connected():
            yield server
        monkeypatch.setattr(letters, "connect_mail_server", connected)
    return set_up


@pytest.fixture
def decided(app, people, inside, monkeypatch):
    """A report with an address whose case Olga has decided."""
    settings = app.config["SETTINGS"]
    from dataclasses import replace
    monkeypatch.setitem(app.config, "SETTINGS", replace(settings, mail_server="smtp://localhost:2525"))
    with inside():
        sent(people["Uli"].id, number(1))
        filed = told(people["Uli"].number, number(1), email="jo@example.org")
        settle()
        olga = db.session.get_one(User, people["Olga"].id)
        yield filed, lambda: decisions.decide_case(olga, case(), decisions.Verdict(CaseState.UPHELD))


def tell():
    db.session.rollback()
    return outcome_mail.send_outcome_letters(tasks._outcome)


def test_one_letter_and_the_address_is_forgotten(decided, mail):
    filed, decide = decided
    mail(server := Server())
    assert (tell(), server.taken) == (0, [])
    decide()
    assert [tell(), tell()] == [1, 0]
    (letter,) = server.taken
    assert (letter["To"], letter["From"]) == ("jo@example.org", "reports@127.0.0.1")
    assert report(filed).ref in letter["Subject"]
    assert "Action taken" in letter.get_content()
    assert "555" not in letter.get_content()
    assert report(filed).email == ""


@pytest.mark.parametrize("error", [OSError("no way"), smtplib.SMTPServerDisconnected()])
def test_a_letter_that_is_not_taken_stays(decided, mail, error, log_lines):
    filed, decide = decided
    decide()
    mail(Server(error))
    assert tell() == 0
    assert report(filed).email == "jo@example.org"
    assert "jo@" not in str(log_lines)
    mail(server := Server())
    assert tell() == 1
    assert len(server.taken) == 1


def test_who_dies_between_two_letters_has_forgotten_the_first_address(decided, people, mail):
    """Else the next one to write would write all of them once more."""
    told(people["Uli"].number, number(1), email="kim@example.org")
    settle()
    decided[1]()

    class Dies(Server):
        def send_message(self, letter):
            if self.taken:
                raise KeyboardInterrupt
            super().send_message(letter)

    mail(dying := Dies())
    with pytest.raises(KeyboardInterrupt):
        tell()
    mail(server := Server())
    assert [tell(), tell()] == [1, 0]
    assert {letter["To"] for letter in dying.taken + server.taken} == {"jo@example.org", "kim@example.org"}


def test_nobody_there_is_not_asked_again(decided, mail):
    filed, decide = decided
    decide()
    mail(Server(smtplib.SMTPRecipientsRefused({"jo@example.org": (550, b"no")})))
    assert tell() == 1
    assert report(filed).email == ""


def test_without_a_mail_server_nothing_is_sent(people, inside, mail):
    mail(server := Server())
    with inside():
        assert tell() == 0
    assert server.taken == []


@pytest.mark.parametrize("said", ["mail.example.com", "http://mail.example.com", "smtp://me:secret@mail.example.com",
                                  "smtp://mail.example.com/x"])
def test_an_address_that_is_none_is_refused(tmp_path, said):
    with pytest.raises(RefusedSetting, match="MAIL_SERVER"):
        Settings.from_environ({"MAIL_SERVER": said}, tmp_path)
