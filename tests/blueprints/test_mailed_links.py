"""Sign-in links with a mail server: they go to the person, and are shown only for a reason that the person hears."""

import io
import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from portal.extensions import db, writing
from portal.models import AuditEvent, Upload, User
from portal.rules.terms import AnswerLanguage
from portal.services.accounts import links
from tests.data.files import EMAIL, user_csv
from tests.mail_peer import open_mail_peer

LINK = re.compile(r"https?://\S+/welcome/([\w-]+)")


@pytest.fixture
def settle(app, monkeypatch):
    """`settle("smtp://...")`: the portal has this mail server."""
    return lambda address: monkeypatch.setitem(
        app.config, "SETTINGS", replace(app.config["SETTINGS"], mail_server=address))


@pytest.fixture
def peer(settle):
    """The mail server of this portal."""
    with open_mail_peer() as listening:
        settle(listening.address)
        yield listening


@pytest.fixture
def closed(settle):
    """A mail server that is set and does not answer."""
    with open_mail_peer() as listening:
        address = listening.address
    settle(address)


def words(letter):
    return letter.get_content().replace("\r\n", "\n")


def opens(inside, letter_or_page):
    """Whose account the link in a text opens."""
    found = LINK.search(letter_or_page)
    with inside():
        holder = links.link_holder(found[1]) if found else None
        return holder and holder.name


def events(inside, action):
    with inside():
        told = select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id)
        return [one.details for one in db.session.scalars(told)]


def test_the_link_goes_to_the_person_and_is_not_shown(peer, browse, people, inside, log_lines):
    uli = people["Uli"]
    answer = browse("Ada").post(f"/admin/users/{uli.ref}/link")
    assert (answer.status_code, LINK.search(answer.text)) == (200, None)
    assert "on its way to uli@example.com" in answer.text
    (letter,) = peer.letters
    assert letter["To"] == uli.email
    assert opens(inside, words(letter)) == uli.name
    token = LINK.search(words(letter))[1]
    assert token not in answer.text
    assert token not in str(log_lines)
    assert (events(inside, "link-made"), events(inside, "link-shown")) == ([{}], [])


@pytest.mark.parametrize(("own", "of_place", "tag", "word"), [
    ("pl", "keyword", "pl", "Twój"), ("", "both", "fr-CA", "Votre"), ("de", "french", "de", "Anmeldelink"),
    ("", "keyword", "en", "Your"), ("tlh", "keyword", "en", "Your"),
    ("tlh", "both", "fr-CA", "Votre"), ("fr-FR", "keyword", "fr-CA", "Votre"),
])
def test_the_letter_is_in_the_language_of_its_reader(peer, browse, people, inside, own, of_place, tag, word):
    """Not in that of the administrator who has it sent."""
    with inside(), writing() as session:
        uli = session.get_one(User, people["Uli"].id)
        uli.language, uli.location.answer_language = own, AnswerLanguage(of_place)
    ada = browse("Ada")
    ada.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    assert '<html lang="de">' in ada.post(f"/admin/users/{people['Uli'].ref}/link").text
    ada.post(f"/admin/users/{people['Uli'].ref}/link/show", data={"reason": "Postfach voll"})
    first, second = peer.letters
    assert (first["Content-Language"], second["Content-Language"]) == (tag, tag)
    assert word in first["Subject"]


def test_show_it_to_me_needs_a_reason(peer, browse, people, inside):
    path = f"/admin/users/{people['Uli'].ref}/link/show"
    answer = browse("Ada").post(path, data={"reason": " "})
    assert answer.status_code == 422
    assert "Say why. The person reads it." in answer.text
    assert (peer.letters, events(inside, "link-made")) == ([], [])


def test_show_it_to_me_tells_the_person_at_once(peer, browse, people, inside):
    uli, ada = people["Uli"], browse("Ada")
    ada.post(f"/admin/users/{uli.ref}/link")
    answer = ada.post(f"/admin/users/{uli.ref}/link/show", data={"reason": "Mailbox is full"})
    assert opens(inside, answer.text) == uli.name
    assert "was told by mail that you saw it" in answer.text
    first, second = peer.letters
    assert opens(inside, words(first)) is None, "only the newest link opens"
    assert second["To"] == uli.email
    assert "Ada Keller" in words(second)
    assert "Mailbox is full" in words(second)
    assert LINK.search(words(second)) is None
    assert events(inside, "link-shown") == [{"reason": "Mailbox is full"}]


def test_mail_that_fails_loses_nothing(closed, browse, people, inside):
    ada, path = browse("Ada"), f"/admin/users/{people['Uli'].ref}/link"
    answer = ada.post(path)
    assert (answer.status_code, LINK.search(answer.text)) == (200, None)
    assert "could not be sent" in answer.text
    assert "Show it to me" in answer.text
    shown = ada.post(f"{path}/show", data={"reason": "No mail"})
    assert opens(inside, shown.text) == people["Uli"].name
    assert "could not be told by mail" in shown.text


def test_a_refused_address_is_said(peer, browse, people):
    peer.refused[people["Uli"].email] = "550 no such person"
    assert "could not be sent" in browse("Ada").post(f"/admin/users/{people['Uli'].ref}/link").text


def test_without_a_mail_server_the_link_is_shown(browse, people, inside):
    answer = browse("Ada").post(f"/admin/users/{people['Uli'].ref}/link")
    assert opens(inside, answer.text) == people["Uli"].name


def test_a_new_user_gets_the_link(peer, browse, locations, inside):
    answer = browse("Ada").post("/admin/users/new", data={
        "name": "Nia Park", "email": "nia@example.com", "location": locations["Toronto"].ref, "number": ""})
    assert "on its way to nia@example.com" in answer.text
    assert opens(inside, words(peer.letters[0])) == "Nia Park"


def test_a_changed_address_is_told_to_the_old_one(peer, browse, people, locations, inside):
    uli = people["Uli"]
    details = {"details-name": uli.name, "details-email": uli.email, "details-location": locations["Toronto"].ref,
               "details-version": "1"}
    ada, path = browse("Ada"), f"/admin/users/{uli.ref}/details"
    assert ada.post(path, data=details).status_code == 303
    assert peer.letters == []
    assert ada.post(path, data={**details, "details-email": "uli@elsewhere.example"}).status_code == 303
    (letter,) = peer.letters
    assert (letter["To"], "elsewhere" in words(letter)) == (uli.email, False)
    assert "Ada Keller" in words(letter)


def test_an_old_address_that_cannot_be_told_is_said(closed, browse, people, locations):
    uli, ada = people["Uli"], browse("Ada")
    answer = ada.post(f"/admin/users/{uli.ref}/details", follow_redirects=True, data={
        "details-name": uli.name, "details-email": "uli@elsewhere.example", "details-version": "1",
        "details-location": locations["Toronto"].ref})
    assert "uli@example.com could not be told by mail" in answer.text


# --- operators --------------------------------------------------------------------------------------


def test_an_operator_sends_it_and_sees_it_with_a_reason(peer, browse, organizations, inside):
    olga, path = browse("Olga"), f"/operator/organizations/{organizations['Maple'].ref}/sign-in-link"
    answer = olga.post(path)
    assert LINK.search(answer.text) is None
    assert opens(inside, words(peer.letters[0])) == "Ada Keller"
    assert olga.post(f"{path}/show", data={"reason": ""}).status_code == 422
    shown = olga.post(f"{path}/show", data={"reason": "New mail server there"})
    assert opens(inside, shown.text) == "Ada Keller"
    assert "New mail server there" in words(peer.letters[1])


# --- imported users ---------------------------------------------------------------------------------


@pytest.fixture
def imported(browse, inside):
    """`imported(many)`: Ada has imported so many users; the address of the file's page."""

    def bring(many):
        ada, rows = browse("Ada"), [
            {EMAIL: f"new{one}@example.com", "Display Name": f"New {one:02}", "Location": "Toronto"}
            for one in range(many)]
        page = ada.post("/admin/import", data={"file": (io.BytesIO(user_csv(*rows)), "users.csv")}).location
        seen = re.search(r'name="seen" value="([^"]*)"', ada.get(page).text)[1]
        assert ada.post(page, data={"seen": seen}).status_code == 303
        return page

    return bring


def test_imported_users_get_their_links_some_at_each_press(peer, browse, imported, inside):
    page, ada = imported(27), browse("Ada")
    peer.refused["new3@example.com"] = "550 no such person"
    assert "Send sign-in links" in ada.get(page).text
    said = ada.post(f"{page}/links", follow_redirects=True).text
    assert "24 sign-in links are on their way" in said
    assert "New 03" in said
    assert "2 sign-in links are on their way" in ada.post(f"{page}/links", follow_redirects=True).text
    assert sorted(letter["To"] for letter in peer.letters) == sorted(
        f"new{one}@example.com" for one in range(27) if one != 3)
    assert opens(inside, words(peer.letters[0])) == "New 00"
    assert events(inside, "links-mailed") == [{"links": 24}, {"links": 2}]
    with inside():
        assert db.session.scalars(select(Upload)).one().links_given


def test_imported_users_wait_for_a_mail_server_that_is_away(closed, browse, imported, inside):
    page, ada = imported(2), browse("Ada")
    assert "takes no mail now" in ada.post(f"{page}/links", follow_redirects=True).text
    with inside():
        upload = db.session.scalars(select(Upload)).one()
        assert (upload.links_given, upload.done["mailed"]) == (False, [])
        assert len(db.session.scalars(select(User).where(User.id.in_(upload.done["users"]))).all()) == 2
