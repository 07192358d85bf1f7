"""A letter, the mail server that the settings name, and what its answer means."""

import smtplib
from dataclasses import replace

import pytest

from portal.services import letters
from portal.services.letters import connect_mail_server, hand_over_letter, write_letter


@pytest.fixture
def settle(app, inside, monkeypatch):
    """`settle(mail_server="smtp://localhost")` changes settings; the application is open."""
    with inside():
        yield lambda **settings: monkeypatch.setitem(
            app.config, "SETTINGS", replace(app.config["SETTINGS"], **settings))


class Server:
    """What smtplib would be, writing down what is asked of it."""

    def __init__(self, *given, **named):
        self.asked, self.error = [("to", *given)], None
        Server.latest = self

    def starttls(self, context):
        self.asked.append(("tls", context.check_hostname))

    def login(self, user, password):
        self.asked.append(("login", user, password))

    def send_message(self, _letter):
        if self.error:
            raise self.error


@pytest.mark.parametrize(("address", "asked"), [
    ("smtp://mail.example.com", [("to", "mail.example.com", 587), ("tls", True)]),
    ("smtp://localhost:2525", [("to", "localhost", 2525)]),
    ("smtps://mail.example.com", [("to", "mail.example.com", 465)]),
])
def test_only_this_machine_is_talked_to_without_tls(settle, monkeypatch, address, asked):
    monkeypatch.setattr(letters.smtplib, "SMTP", Server)
    monkeypatch.setattr(letters.smtplib, "SMTP_SSL", Server)
    settle(mail_server=address)
    connect_mail_server()
    assert Server.latest.asked == asked
    settle(mail_server=address, mail_user="portal", mail_password="pass")
    connect_mail_server()
    assert Server.latest.asked == [*asked, ("login", "portal", "pass")]


def test_a_letter_says_that_no_person_wrote_it(settle):
    settle(mail_from="portal@example.com")
    letter = write_letter("jo@example.org", "Hello", "Words", "report-1")
    assert (letter["To"], letter["From"], letter["Subject"]) == ("jo@example.org", "portal@example.com", "Hello")
    assert (letter["Message-ID"], letter["Auto-Submitted"]) == ("<report-1@127.0.0.1>", "auto-generated")


@pytest.mark.parametrize("address", ["", "jo@", "jo@exa\nmple.org", "jo <jo@example.org>, b@example.org"])
def test_an_address_that_is_none_gives_no_letter(settle, address):
    assert write_letter(address, "Hello", "Words", "report-1") is None


@pytest.mark.parametrize(("error", "done"), [
    (None, True), (smtplib.SMTPServerDisconnected(), False), (smtplib.SMTPDataError(451, b"later"), False),
    (smtplib.SMTPDataError(554, b"no"), True), (ValueError("folded"), True),
    (smtplib.SMTPRecipientsRefused({"jo@example.org": (450, b"wait")}), False),
])
def test_what_is_refused_for_good_needs_no_other_try(settle, error, done, log_lines):
    server = Server()
    server.error = error
    assert hand_over_letter(server, write_letter("jo@example.org", "Hello", "Words", "report-1")) is done
    assert "jo@" not in str(log_lines)
