"""Heads of lists: what they lead to, and every list in every order."""

import re

import pytest
from lxml import html
from sqlalchemy import insert

from portal.blueprints.admin.sorting import list_heads, read_sort_order
from portal.extensions import make_ref, writing
from portal.models import AccountState, Location, Number, User
from portal.rules.facts import Pstn
from portal.rules.numbers import NumberKind
from tests.blueprints.reader import Seen, look

LABELS = {"name": "Name", "number": "Number"}


@pytest.mark.parametrize(("sort", "name", "number"), [
    ("name", ("-name", "ascending"), ("number", "")), ("-name", ("name", "descending"), ("number", "")),
    ("number", ("name", ""), ("-number", "ascending")), ("-number", ("name", ""), ("number", "descending")),
])
def test_a_head_sorts_and_turns_round(sort, name, number):
    heads = list_heads(LABELS, sort, lambda order: order)
    assert {key: (one.address, one.direction) for key, one in heads.items()} == {"name": name, "number": number}
    assert heads["name"].label == "Name"


@pytest.mark.parametrize(("asked", "read"), [("", "name"), ("number", "number"), ("-number", "-number"), ("-", "name"),
                                             ("--name", "name"), ("id; DROP", "name"), ("location", "name")])
def test_an_order_that_there_is_not_is_the_first(asked, read):
    assert read_sort_order(asked, LABELS) == read


def heads(seen):
    """By the words of each head: its address and aria-sort."""
    return {"".join(one.itertext()).strip(): (one.find("a").get("href"), one.get("aria-sort"))
            for one in seen.all("thead//th") if one.find("a") is not None}


def rows_of_all_pages(browser, address):
    """The first cells of a list over all its pages, and back again."""
    forth, back, seen = [], [], look(browser, address)
    while True:
        forth.append([link.get("href") for link in seen.all("tbody//th/a")])
        further = seen.all("a[@rel='next']")
        if not further:
            break
        seen = look(browser, further[0].get("href"))
    while True:
        back.insert(0, [link.get("href") for link in seen.all("tbody//th/a")])
        before = seen.all("a[@rel='prev']")
        if not before:
            return [one for page in forth for one in page], [one for page in back for one in page]
        seen = look(browser, before[0].get("href"))


@pytest.fixture
def crowd(inside, locations):
    """A hundred and thirty users with few names, half of them without a number, at two locations."""
    with inside(), writing() as session:
        toronto = session.get_one(Location, locations["Toronto"].id)
        places = [locations["Toronto"].id, locations["Halifax"].id]
        session.execute(insert(User), [
            {"ref": make_ref(), "organization_id": toronto.organization_id, "location_id": places[n % 2],
             "name": f"Same {n % 3}", "name_key": f"same {n % 3}", "email": f"s{n}@example.org",
             "email_key": f"s{n}@example.org", "account": AccountState.ACTIVE} for n in range(130)])
        ids = [user.id for user in session.query(User).filter(User.name_key.startswith("same")).order_by(User.id)]
        session.execute(insert(Number), [
            {"organization_id": toronto.organization_id, "e164": f"+1416557{(n * 37) % 1000:04}",
             "kind": NumberKind.PLAIN, "user_id": user_id} for n, user_id in enumerate(ids) if n % 2])


@pytest.mark.parametrize("sort", ["name", "-name", "number", "-number", "location", "-location"])
def test_each_user_once_in_every_order(browse, inside, crowd, sort):
    """Over pages with equal values, forth and back."""
    ada = browse("Ada")
    forth, back = rows_of_all_pages(ada, f"/admin/users?sort={sort}")
    assert len(forth) == len(set(forth)) == 134
    assert forth == back


@pytest.mark.parametrize(("sort", "cell"), [("name", 1), ("number", 2), ("location", 3)])
def test_rows_stand_in_their_order(browse, crowd, sort, cell):
    """Who has no number stands at the end, whichever way round."""
    ada = browse("Ada")
    first = [row[cell] for row in look(ada, f"/admin/users?sort={sort}").rows]
    assert first == sorted(first, key=str.casefold)
    turned = [row[cell] for row in look(ada, f"/admin/users?sort=-{sort}").rows]
    assert turned == sorted(turned, key=str.casefold, reverse=True)
    assert "none" not in first[:5] + turned[:5]


def test_the_order_is_kept_by_chips_search_pages_and_the_bulk_form(browse, crowd):
    ada = browse("Ada")
    seen = look(ada, "/admin/users?sort=-number&texting=not-available&search=same")
    assert heads(seen)["Number"] == ("/admin/users?search=same&texting=not-available&sort=number", "descending")
    assert heads(seen)["Name"][1] is None
    chips = [link.get("href") for link in seen.all("ul[@class='chips']//a")]
    assert all("sort=-number" in one and "search=same" in one for one in chips)
    assert [one.get("value") for one in seen.all("form[@role='search']/input[@name='sort']")] == ["-number"]
    assert [one.get("value") for one in seen.all("form[@id='bulk']/input[@name='sort']")] == ["-number"]
    assert all("sort=-number" in one.get("href") for one in seen.all("nav[@class='pager']//a"))


def test_by_name_unless_asked_otherwise(browse):
    ada = browse("Ada")
    for address in ("/admin/users", "/admin/users?sort=email", "/admin/users?sort=-"):
        seen = look(ada, address)
        assert heads(seen)["Name"] == ("/admin/users?sort=-name", "ascending")
        assert "sort=email" not in html.tostring(seen.all("main")[0], encoding="unicode")
    assert set(heads(look(ada, "/admin/users"))) == {"Name", "Number", "Location"}


def test_nobody_of_another_organization_is_a_place_in_the_list(browse, people):
    for sort in ("name", "number", "-location"):
        answer = browse("Ada").get(f"/admin/users?sort={sort}&after={people['Otto'].ref}")
        assert answer.status_code == 404
        assert browse("Otto").get(f"/admin/users?sort={sort}&after={people['Uli'].ref}").status_code == 404


def test_locations_in_every_order(browse, inside, organizations):
    with inside(), writing() as session:
        session.add_all(Location(organization_id=organizations["Maple"].id, name=name, name_key=name.casefold(),
                                 country=country, time_zone="America/Toronto", pstn=Pstn.PROVIDER)
                        for name, country in (("Albany", "US"), ("Zürich", "CH")))
    ada = browse("Ada")
    seen = look(ada, "/admin/locations")
    assert heads(seen)["Name"] == ("/admin/locations?sort=-name", "ascending")
    for sort, cell in (("name", 0), ("country", 1), ("pstn", 2), ("users", -1)):
        for way, turned in (("", False), ("-", True)):
            rows = look(ada, f"/admin/locations?sort={way}{sort}").rows
            found = [row[cell] for row in rows]
            known = [int(one) for one in found] if sort == "users" else found
            assert known == sorted(known, reverse=turned), (sort, way)
            assert len(rows) == 4
    assert "Seattle" not in Seen(ada.get("/admin/locations?sort=users")).words


def test_statements_do_not_grow_with_the_order(browse, crowd, statements):
    ada, counted = browse("Ada"), set()
    for sort in ("name", "-name", "number", "-number", "location", "-location"):
        with statements() as seen:
            text = ada.get(f"/admin/users?sort={sort}").text
        counted.add(len(seen))
        after = re.search(r'href="([^"]*after=[^"]*)"', text)[1].replace("&amp;", "&")
        with statements() as seen:
            ada.get(after)
        counted.add(len(seen))
    assert max(counted) <= 11, counted
