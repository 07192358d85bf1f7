"""Links of imported users by mail: each once, and nobody is lost while the mail server is away."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from portal.extensions import db, writing
from portal.models import SignInLink, Upload, User
from portal.services import imports
from portal.wording.languages import LetterText
from tests.mail_peer import open_mail_peer

pytestmark = pytest.mark.usefixtures("open_app")


@pytest.fixture
def upload(row):
    """An imported file that created Uli and Ben, who have no passwords yet."""
    ids = [row(name).id for name in ("Uli", "Ben")]
    with writing() as session:
        for user_id in ids:
            session.get_one(User, user_id).password_hash = ""
        kept = Upload(organization_id=row("Ada").organization_id, user_id=row("Ada").id, file_name="users.csv",
                      done={"users": ids})
        session.add(kept)
    return kept


@pytest.fixture
def peer(app, monkeypatch):
    """The mail server of this portal."""
    with open_mail_peer() as listening:
        monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], mail_server=listening.address))
        yield listening


def write(user, token):
    return LetterText(f"For {user.name}", token, "en")


def test_each_gets_one(upload, row, peer):
    assert imports.mail_links(row("Ada"), upload, write, most=1) == (1, (), 1)
    assert imports.mail_links(row("Ada"), upload, write, most=1) == (1, (), 0)
    assert imports.mail_links(row("Ada"), upload, write) == (0, (), 0)
    assert [letter["To"] for letter in peer.letters] == ["ben@example.com", "uli@example.com"]
    assert upload.links_given


def test_who_is_refused_for_now_waits_and_who_is_refused_for_good_is_named(upload, row, peer):
    peer.refused.update({"ben@example.com": "450 later", "uli@example.com": "550 nobody"})
    assert imports.mail_links(row("Ada"), upload, write) == (0, (row("Uli").name,), 1)
    peer.refused.clear()
    assert imports.mail_links(row("Ada"), upload, write) == (1, (), 0)
    assert [letter["To"] for letter in peer.letters] == ["ben@example.com"]


def test_who_has_a_password_by_now_gets_none(upload, row, peer):
    with writing():
        row("Uli").password_hash = "chosen"
    assert imports.mail_links(row("Ada"), upload, write) == (1, (), 0)
    assert [link.user_id for link in db.session.scalars(select(SignInLink))] == [row("Ben").id]


def test_a_second_press_in_the_meantime_writes_to_nobody_twice(upload, row, peer):
    """A mail server may take seconds for a letter; the links of the first press must stay the newest."""
    ada, also = row("Ada"), []

    def write_slowly(user, token):
        if not also:
            also.append(None)
            also.append(imports.mail_links(ada, upload, write, most=1))
        return write(user, token)

    assert imports.mail_links(ada, upload, write_slowly, most=1) == (1, (), 0)
    assert also[1] == (1, (), 0)
    assert sorted(letter["To"] for letter in peer.letters) == ["ben@example.com", "uli@example.com"]


def test_who_got_no_letter_because_something_broke_waits(upload, row, peer):
    with pytest.raises(ZeroDivisionError):
        imports.mail_links(row("Ada"), upload, lambda _user, _token: 1 / 0)
    assert imports.mail_links(row("Ada"), upload, write) == (2, (), 0)
