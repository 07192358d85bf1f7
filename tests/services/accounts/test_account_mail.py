"""Mail about an account: it leaves at once, or the caller hears that it did not."""

from dataclasses import replace

import pytest

from portal.services.accounts import account_mail
from tests.mail_peer import open_mail_peer


@pytest.fixture
def settle(app, inside, monkeypatch):
    """`settle("smtp://...")`: the portal has this mail server; the application is open."""
    with inside():
        yield lambda address: monkeypatch.setitem(
            app.config, "SETTINGS", replace(app.config["SETTINGS"], mail_server=address))


def test_a_letter_leaves_at_once(settle):
    with open_mail_peer() as peer:
        settle(peer.address)
        assert account_mail.is_mail_set_up()
        assert account_mail.mail_person("jo@example.org", "Hello", "Words.\n.\nMore words.")
    (letter,) = peer.letters
    assert (letter["To"], letter["Subject"]) == ("jo@example.org", "Hello")
    assert letter.get_content().split() == ["Words.", ".", "More", "words."]


@pytest.mark.parametrize("answer", ["450 later", "550 nobody"])
def test_a_letter_that_is_not_taken_is_told(settle, answer, log_lines):
    with open_mail_peer() as peer:
        settle(peer.address)
        peer.refused["jo@example.org"] = answer
        assert not account_mail.mail_person("jo@example.org", "Hello", "secret-token")
    assert not account_mail.mail_person("jo@example.org", "Hello", "secret-token"), "nobody listens any more"
    assert not account_mail.mail_person("no address", "Hello", "secret-token")
    assert "secret-token" not in str(log_lines)
    assert "jo@example.org" not in str(log_lines)


def test_without_a_mail_server_nothing_leaves(settle):
    assert not account_mail.is_mail_set_up()
    assert not account_mail.mail_person("jo@example.org", "Hello", "Words")
