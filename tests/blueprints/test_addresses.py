"""Addresses and names as people type, paste and import them: who is who, and what is nobody."""

import io

import pytest
from sqlalchemy import func, select

from portal.extensions import db
from portal.models import Location, Organization, User
from portal.rules import addresses
from portal.services.people import users as service
from tests import cast
from tests.blueprints.reader import look, press
from tests.data.files import EMAIL, user_csv

DECORATED = ("<ben@example.com>", "mailto:ben@example.com", "ben@example.com.", "ben@example.com;",
             '="ben@example.com"', "“ben@example.com”", "'ben@example.com'", "ben@example..com", "ben@-example.com",
             "b\u0435n@example.com")
NOT_ONE = ("This is not an email address. Enter it alone, with nothing around it, such as name@example.com.")
TAKEN = "This email address already has an account. Each person needs an address of their own."
UNSEEN = ("\u200b", "\u3164", "\u00a0", "\u2800\u00ad", "\u0301")
HOSPITAL = ("luc@hôpital.example", "luc@xn--hpital-ixa.example", "LUC@HÔPITAL.example", "luc@ho\u0302pital.example")


@pytest.fixture
def ada(browse):
    return browse("Ada")


def count(inside, what=User):
    with inside():
        return db.session.scalar(select(func.count()).select_from(what))


def call(inside, people, name, email):
    """Give somebody of the cast another address, as an administrator does."""
    with inside():
        user = db.session.get_one(User, people[name].id)
        service.save_user_details(db.session.get_one(User, people["Ada"].id), user, user.version, user.name, email,
                                  db.session.get_one(Location, user.location_id))


def add(ada, **typed):
    said = {"Name": "Nia New", "Email address": "nia@example.com", "Location": "Toronto"} | typed
    return press(ada, look(ada, "/admin/users/new"), "Add user", said)


def check(ada, *rows):
    """What the page says that a file of these rows would do."""
    answer = ada.post("/admin/import", data={"file": (io.BytesIO(user_csv(*rows)), "users.csv")})
    return ada.get(answer.location).text


@pytest.mark.parametrize("typed", DECORATED)
def test_a_decorated_address_is_nobodys(ada, inside, people, typed):
    before = count(inside)
    seen = add(ada, **{"Email address": typed})
    assert (seen.status, seen.problems) == (422, [NOT_ONE])
    assert seen.form("Add user").labelled("Email address").get("value") == typed
    seen = press(ada, look(ada, f"/admin/users/{people['Uli'].ref}"), "Update details", {"Email address": typed})
    assert (seen.status, seen.problems) == (422, [NOT_ONE])
    assert "This is not an email address:" in check(ada, {EMAIL: typed, "Display Name": "A", "Location": "Toronto"})
    assert count(inside) == before


@pytest.mark.parametrize("typed", ["\u202aben@example.com\u202c", "ben@example.com\u200b", "be\u00adn@example.com",
                                   " BEN@example.com\u00a0", "ｂｅｎ＠example．com"])
def test_hidden_characters_make_no_second_person(ada, inside, people, typed):
    seen = add(ada, **{"Email address": typed})
    assert (seen.status, seen.problems) == (422, [TAKEN])
    page = check(ada, {EMAIL: typed, "App Version": "44.1"})
    assert "App Version: 43.2 → 44.1" in page
    assert f"/admin/users/{people['Ben'].ref}" in page


def test_an_address_is_stored_without_hidden_characters(ada, inside):
    assert add(ada, **{"Email address": "\u2066nia@example.com\u2069", "Name": "\u200bNia\u00ad New"}).status == 200
    with inside():
        nia = db.session.scalars(select(User).where(User.email == "nia@example.com")).one()
        assert (nia.email_key, nia.name, nia.name_key) == ("nia@example.com", "Nia New", "nia new")


@pytest.mark.parametrize("stored", HOSPITAL)
@pytest.mark.parametrize("typed", HOSPITAL)
def test_both_spellings_of_a_domain_sign_in(browse, inside, people, stored, typed):
    call(inside, people, "Uli", stored)
    answer = browse().post("/sign-in", data={"email": typed, "password": cast.PASSWORD})
    assert answer.status_code == 303
    wrong = browse().post("/sign-in", data={"email": "luc@hopital.example", "password": cast.PASSWORD})
    assert wrong.status_code == 422


def test_what_a_browser_makes_of_an_international_address_changes_nothing(ada, inside, people):
    call(inside, people, "Uli", HOSPITAL[0])
    page = look(ada, f"/admin/users/{people['Uli'].ref}")
    seen = press(ada, page, "Update details", {"Email address": HOSPITAL[1]})
    assert seen.status == 200
    with inside():
        uli = db.session.get_one(User, people["Uli"].id)
        assert (uli.email, uli.version) == (HOSPITAL[0], 2)


@pytest.mark.parametrize("typed", HOSPITAL)
def test_a_row_in_the_other_spelling_is_the_same_person(ada, inside, people, typed):
    call(inside, people, "Uli", HOSPITAL[1])
    page = check(ada, {EMAIL: typed, "App Version": "44.1"}, {EMAIL: "luc@hopital.example", "Display Name": "Other",
                                                             "Location": "Halifax"})
    assert "App Version: 43.2 → 44.1" in page
    assert "Location: Halifax" in page


def test_accents_make_another_person(ada, inside, people):
    call(inside, people, "Uli", "andré@example.com")
    assert add(ada, **{"Email address": "andre@example.com"}).status == 200
    assert add(ada, **{"Email address": "andre\u0301@example.com"}).problems == [TAKEN]
    page = check(ada, {EMAIL: "ANDRÉ@example.com", "App Version": "44.1"},
                 {EMAIL: "andre@example.com", "App Version": "44.2"})
    assert f"/admin/users/{people['Uli'].ref}" in page
    assert "App Version: 43.2 → 44.1" in page
    assert "App Version: 44.2" in page


def test_somebody_with_accents_in_their_address_signs_in_and_is_found(browse, inside, people):
    call(inside, people, "Uli", "josé@example.com")
    page = browse().get("/sign-in").text
    assert 'type="email"' not in page, "browsers refuse letters beyond ASCII there"
    assert browse().post("/sign-in", data={"email": "JOSÉ@example.com", "password": cast.PASSWORD}).status_code == 303
    for typed in ("josé", "JOSÉ@EXAMPLE.com", "jose\u0301"):
        assert "Uli Brandt" in browse("Ada").get("/admin/users", query_string={"search": typed}).text


@pytest.mark.parametrize("name", UNSEEN)
def test_names_that_nobody_can_see_are_none(ada, browse, inside, people, organizations, name):
    before = count(inside, Organization), count(inside, Location), count(inside)
    assert add(ada, Name=name).problems == ["Enter the person's name."]
    uli = look(ada, f"/admin/users/{people['Uli'].ref}")
    assert press(ada, uli, "Update details", {"Name": name}).problems == ["Enter the person's name."]
    assert "A new user needs a name." in check(ada, {EMAIL: "new@example.com", "Display Name": name,
                                                      "Location": "Toronto"})
    place = look(ada, "/admin/locations/new")
    assert press(ada, place, "Add location", {"Name": name}).problems[0] == "Enter the name of the location."
    assert (count(inside, Organization), count(inside, Location), count(inside)) == before


def test_a_tab_or_a_break_is_no_part_of_a_name(ada, inside):
    add(ada, Name="Nia\t\n=New\r")
    with inside():
        assert db.session.scalars(select(User.name).where(User.email == "nia@example.com")).one() == "Nia =New"


def test_the_key_of_an_address_is_not_that_of_a_name(inside, people):
    with inside():
        for user in db.session.scalars(select(User)):
            assert user.email_key == addresses.key_of_address(user.email)
