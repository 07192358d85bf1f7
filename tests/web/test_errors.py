"""When something goes wrong: a page in plain words, and nothing that was typed is lost."""

import pytest
from sqlalchemy.exc import OperationalError

from tests import cast
from tests.blueprints.reader import Seen
from tests.markup import every, look_at

TYPED = {"name": "Maple <Clinic> & Sons", "help_contact": "Call us", "reply_name": "Maple", "version": "1"}


def kept_in(answer):
    tree = look_at(answer, signed_in="Sign out" in answer.text)
    return [field.text.removeprefix("\n") for field in every(tree, "textarea") if field.get("readonly") is not None]


def broken(*given, **named):
    raise RuntimeError("a fault")


def busy(*given, **named):
    raise OperationalError("UPDATE", {}, Exception("database is locked"))


@pytest.mark.parametrize("code", [400, 401, 403, 413, 500, 503])
def test_what_was_typed_is_kept(browse, monkeypatch, code):
    """UX-12: whatever happened instead of saving, the words are there to be copied; the technical rest is not."""
    ada, sent = browse({401: cast.NOBODY, 403: "Uli"}.get(code, "Ada")), {"data": TYPED}
    if code == 400:
        sent |= {"token": False}
    if code == 413:
        sent = {"data": {**TYPED, "name": "long " * 16_000}}
    if code >= 500:
        monkeypatch.setattr("portal.services.people.organizations.save_organization_details",
                            busy if code == 503 else broken)
    answer = ada.post("/admin/organization", **sent)
    assert answer.status_code == code
    assert sorted(kept_in(answer)) == sorted(sent["data"][name] for name in ("name", "help_contact", "reply_name"))


@pytest.mark.parametrize("code", [400, 401, 500])
def test_secrets_are_not(browse, clock, monkeypatch, code):
    """UX-12: a password is never shown again, neither the new one nor the old."""
    uli, new = browse("Uli"), "a new pass phrase"
    secret = {"current_password": cast.PASSWORD, "password": new, "again": new}
    if code == 401:
        clock.forward(hours=13)
    if code == 500:
        monkeypatch.setattr("portal.services.accounts.passwords.check_password", broken)
    answer = uli.post("/account/password", data=secret, token=code != 400)
    assert answer.status_code == code
    assert kept_in(answer) == []
    assert not any(word in answer.text for word in secret.values())


def test_the_way_back_after_a_session_ended(browse, clock):
    """UX-12: the portal keeps the words and leads to the sign-in, and from there back to the form."""
    ada = browse("Ada")
    clock.forward(minutes=31)
    answer = ada.post("/admin/organization", data=TYPED)
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/admin/organization")
    assert TYPED["help_contact"] not in answer.text + ada.get(answer.location).text


def way_in(answer):
    links = every(look_at(answer, signed_in=False), "a")
    return next(link.get("href") for link in links if link.get("class") == "button primary")


@pytest.mark.parametrize(("said", "back"), [
    ("http://localhost/admin/users?q=x#top", "?next=/admin/users?q%3Dx"), ("", ""), ("http://[::1", ""),
    ("http://localhost//evil.example", "")])
def test_the_way_back_is_never_an_address_that_is_no_page(browse, clock, said, back):
    """F2: some forms go to addresses of their own; whoever signs in there would meet an error."""
    ada = browse("Ada")
    clock.forward(minutes=31)
    answer = ada.post("/account/sessions/AAAAAAAAAAAA", data=TYPED, headers={"Referer": said})
    # Where no page is known to which the words could come back, they stand in the answer.
    assert answer.status_code == (303 if back else 401)
    assert (answer.location if back else way_in(answer)) == f"/sign-in{back}"


@pytest.mark.parametrize("said", ["http://[", "http://[::1/x", "http://a:99999999/x", "//", "\\", "x" * 5_000])
def test_a_page_that_htmx_names_wrongly_breaks_nothing(browse, said):
    answer = browse().get("/messages/new", headers={"HX-Request": "true", "HX-Current-URL": said})
    assert answer.status_code == 401
    assert "Your session has ended" in answer.text



def test_far_too_much_is_not_read(browse):
    """SEC-15: of what is far too large nothing is read back."""
    answer = browse("Ada").post("/admin/organization", data={"name": "x" * 300_000})
    assert answer.status_code == 413
    assert kept_in(answer) == []


def test_a_broken_database_breaks_no_page(browse, monkeypatch):
    """REL-17: even when nobody can be looked up, the answer is a page with its headers."""
    ada = browse("Ada")
    monkeypatch.setattr("portal.services.accounts.sessions.session_holder", busy)
    answer = ada.get("/admin/")
    assert answer.status_code == 503
    look_at(answer, signed_in=False)
    assert ada.get("/limitations").status_code == 503
    assert ada.get("/static/portal.css", buffered=True).status_code == 200


@pytest.mark.parametrize("address", ["/nowhere", "/admin/users/nobody"])
def test_a_page_in_place_of_a_part(browse, address):
    """An error page replaces the content of the page, not the part that was asked for."""
    answer = browse("Ada").get(address, part=True)
    assert answer.status_code == 404
    where = [answer.headers[f"HX-{name}"] for name in ("Retarget", "Reselect", "Reswap")]
    assert where == ["#main", "#main", "outerHTML"]


@pytest.mark.parametrize(("behind", "way"), [
    ("http://localhost/admin/users?texting=off", "/admin/users?texting=off"), ("", None),
    ("http://localhost/", None), ("http://localhost/nowhere", None), ("http://[", None),
    ("http://localhost//evil.example", None), ("http://localhost.example/admin/users", None),
    ("http://evil.example/admin/users", None),
])
def test_an_error_page_leads_back_to_where_one_was(browse, behind, way):
    """To another page of the portal, and nowhere else."""
    for who, address in (("Ada", "/nowhere"), ("Uli", "/nowhere")):
        links = look_with(browse(who), address, {"Referer": behind}).links
        assert links.get("Back to the page before") == way
        assert links["Go to the start page"] == "/"


def look_with(browser, address, headers):
    return Seen(browser.get(address, headers=headers))
