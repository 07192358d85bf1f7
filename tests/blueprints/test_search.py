"""Search from the bar: what stands on the page and in the panel, for whom, and where it is not written down."""

import logging

import pytest
from sqlalchemy import insert

from portal.extensions import writing
from portal.models import AccountState, User
from tests.blueprints.reader import Seen
from tests.stores import WRITES
from tests.talks import hold, text_out


@pytest.fixture
def find(browse):
    def ask(who, typed, **more):
        return Seen(browse(who).post("/search", data={"search": typed}, **more))

    return ask


def groups(seen):
    return {one.get("aria-label"): Seen(seen.answer, one) for one in seen.all("main//section")}


def test_every_page_of_everybody_signed_in_has_it(browse):
    for who in ("Ada", "Rita", "Uli", "Olga"):
        seen = Seen(browse(who).get("/limitations"))
        (form,) = [one for one in seen.all("header//form") if one.get("role") == "search"]
        assert (form.get("method"), form.get("action")) == ("post", "/search")
        assert seen.all("header//a[@href='/search']")
        assert seen.all("header//input[@accesskey='s']")
    assert not Seen(browse().get("/limitations")).all("header//form")


def test_its_own_page_has_one_field(browse):
    """For narrow screens: the focus is there, and no second field of the same name in the bar."""
    seen = Seen(browse("Uli").get("/search"))
    (field,) = seen.all("input[@type='search']")
    assert field.get("autofocus") is not None
    assert "Nothing found" not in seen.words


def test_finds_lead_to_their_pages(find, browse, people, inside, bring):
    bring("+14165550177")
    with inside():
        ref = hold(people["Uli"].id, text_out(), theirs="+14165550198", name="Uli's friend")
    ada = groups(find("Ada", "uli"))
    assert ada["People"].links == {"Uli Brandt": f"/admin/users/{people['Uli'].ref}"}
    numbers = groups(find("Ada", "416 555 01"))["Numbers"]
    assert numbers.links["+1 416 555 0101"] == f"/admin/users/{people['Uli'].ref}"
    assert "+1 416 555 0177 not assigned" in numbers.words
    assert list(numbers.links) == ["+1 416 555 0101", "+1 416 555 0102"]
    mine = groups(find("Uli", "friend"))
    assert mine["Conversations"].links == {"Uli's friend": f"/messages/{ref}"}
    assert list(mine) == ["Conversations"]
    for address in (*ada["People"].links.values(), *numbers.links.values()):
        assert browse("Ada").get(address).status_code == 200
    assert browse("Uli").get(f"/messages/{ref}").status_code == 200


def test_operators_go_on_to_organizations(find, browse, organizations):
    maple = f"/operator/organizations/{organizations['Maple'].ref}"
    assert groups(find("Olga", "maple"))["Organizations"].links == {"Maple Clinic": maple}
    numbers = groups(find("Olga", "555 01"))["Numbers"]
    assert numbers.links["+1 416 555 0101"] == maple
    assert browse("Olga").get(maple).status_code == 200
    assert "Uli" not in find("Olga", "uli").words


def test_nothing_of_another_organization(find, people, inside):
    with inside():
        hold(people["Uli"].id, text_out(), name="Jane Cooper")
    for typed in ("a", "416", "jane", "clinic", "example"):
        for who in ("Otto", "Mia"):
            seen = find(who, typed)
            for word in ("Maple", "Uli", "Ada Keller", "416 555", "Cooper", people["Uli"].ref):
                assert word not in seen.words, (who, typed)


def test_for_htmx_only_what_stands_below_the_field(find):
    seen = find("Ada", "uli", part=True)
    assert "<html" not in seen.answer.text
    assert "Uli Brandt" in seen.answer.text
    assert '<hx-partial hx-target="#counted" hx-swap="innerHTML">1 found.</hx-partial>' in seen.answer.text
    assert "Nothing found." in find("Ada", "nobody at all", part=True).answer.text
    empty = find("Ada", " ", part=True).answer.text
    assert "found" not in empty
    assert "<section" not in empty


def test_without_htmx_the_page_holds_what_was_typed(find):
    seen = find("Ada", '"><b>uli')
    (field,) = seen.all("input[@type='search']")
    assert field.get("value") == '"><b>uli'
    assert "<b>uli" not in seen.answer.text
    assert "Nothing found. Type part of a name" in seen.words
    assert seen.status == 200


def test_where_there_are_more_it_says_where(find, inside, organizations, locations):
    with inside(), writing() as session:
        session.execute(insert(User), [
            {"organization_id": organizations["Maple"].id, "location_id": locations["Toronto"].id, "name": f"Q {n}",
             "name_key": f"q {n}", "email": f"q{n}@example.org", "email_key": f"q{n}@example.org",
             "account": AccountState.ACTIVE} for n in range(20)])
    people = groups(find("Ada", "q"))["People"]
    assert len(people.links) == 9
    assert people.links["Users"] == "/admin/users"
    assert "There are more" in people.words


def test_what_is_typed_stands_in_no_address_and_no_log(browse, caplog):
    caplog.set_level(logging.DEBUG)
    answer = browse("Ada").post("/search", data={"search": "6475550110"})
    assert answer.status_code == 200
    assert "6475550110" not in caplog.text
    seen = Seen(answer)
    assert not [one for one in (*seen.all("a"), *seen.all("form")) for value in one.attrib.values()
                if "6475550110" in value]
    assert browse("Ada").get("/search?search=uli").text.count("Uli Brandt") == 0


def test_it_needs_a_token_and_writes_nothing(browse, begun):
    ada = browse("Ada")
    assert ada.post("/search", data={"search": "uli"}, token=False).status_code == 400
    begun.clear()
    ada.post("/search", data={"search": "uli"})
    assert WRITES not in begun


@pytest.mark.parametrize(("who", "most"), [("Ada", 5), ("Uli", 2), ("Olga", 3)])
def test_statements_while_typing(browse, statements, who, most):
    """Who is signed in, and one for each kind."""
    browser = browse(who)
    with statements() as seen:
        browser.post("/search", data={"search": "4165550101"}, part=True)
    assert len(seen) <= most
