"""The navigation: who is offered what, and which entry leads to the page that is open."""

import pytest

from portal.web import navigation
from tests.blueprints.reader import Seen
from tests.talks import hold, text_in

MEMBER = ["Messages", "Limitations", "Notices"]
ADMIN = ["Overview", "Messages", "Users", "Locations", "Import", "Settings", "Opt-outs", "Consents", "Can they text?",
         "Limitations", "Notices", "Audit log", "Records", "Organization"]
OPERATOR = ["Organizations", "Claimed numbers", "Carriers", "Limitations", "Spam cases", "Restrictions",
            "Requests on the web",
            "Refused addresses", "Notices", "Records requests"]
HEADINGS = {"Ada": ["People", "Rules", "Compliance"], "Olga": ["Rules", "Spam", "Compliance"], "Uli": []}


def entries(seen, path=""):
    """The entries of the navigation, without their counts."""
    return [link.text for link in seen.all(f"nav[@class='ways']//a{path}")]


@pytest.mark.parametrize(("name", "offered"), [
    ("Ada", ADMIN), ("Rita", ADMIN), ("Uli", MEMBER), ("Olga", OPERATOR), ("Nobody", []),
])
def test_everybody_is_offered_what_their_roles_open(browse, name, offered):
    browser = browse(name)
    seen = Seen(browser.get("/limitations"))
    assert entries(seen) == offered
    for link in seen.all("nav//a"):
        assert browser.get(link.get("href")).status_code == 200


@pytest.mark.parametrize("name", HEADINGS)
def test_many_entries_stand_under_headings(browse, name):
    seen = Seen(browse(name).get("/limitations"))
    assert ["".join(one.itertext()) for one in seen.all("nav[@aria-label='Main']//p")] == HEADINGS[name]
    assert {"/account", "/help"} <= {link.get("href") for link in seen.all("details[@class='person']//a")}


def test_pages_belong_to_entries_that_there_are(app):
    entries_of = {view for _heading, ways in navigation.GROUPS for view, _label, _whom in ways}
    assert set(navigation.BELONGS) <= set(app.view_functions)
    assert set(navigation.BELONGS.values()) <= entries_of


@pytest.mark.parametrize(("name", "method", "address", "entry"), [
    ("Ada", "get", "/admin/", "Overview"), ("Ada", "get", "/admin/users", "Users"),
    ("Ada", "get", "/admin/users/new", "Users"), ("Ada", "get", "/admin/users/{Uli}", "Users"),
    ("Ada", "post", "/admin/users/{Uli}/details", "Users"), ("Ada", "post", "/admin/users/{Uli}/texting", "Users"),
    ("Ada", "get", "/admin/locations/new", "Locations"), ("Ada", "post", "/admin/check", "Can they text?"),
    ("Ada", "post", "/admin/settings", "Settings"), ("Ada", "post", "/admin/organization", "Organization"),
    ("Ada", "get", "/admin/import", "Import"), ("Olga", "get", "/operator/", "Organizations"),
    ("Olga", "get", "/operator/organizations/new", "Organizations"), ("Ada", "get", "/account", None),
    ("Olga", "get", "/operator/cases", "Spam cases"),
    ("Ada", "get", "/privacy", None), ("Ada", "get", "/admin/nowhere", None),
])
def test_one_entry_leads_to_the_open_page(browse, people, name, method, address, entry):
    """On pages below it and on answers to its forms as well."""
    refs = {first: known.ref for first, known in people.items()}
    seen = Seen(getattr(browse(name), method)(address.format(**refs)))
    assert entries(seen, "[@aria-current='page']") == ([entry] if entry else [])


@pytest.mark.parametrize(("name", "below"), [
    *((name, ["Messages", "New", "Account"]) for name in ("Uli", "Ben", "Mia")),
    ("Ada", []), ("Rita", []), ("Olga", []), ("Nobody", []),
])
def test_who_only_texts_has_three_links_below(browse, name, below):
    """Shown on narrow screens; who has a role has more to do and a menu for it."""
    browser = browse(name)
    seen = Seen(browser.get("/limitations"))
    links = seen.all("nav[@class='below']/a")
    assert [link.text for link in links] == below
    for link in links:
        page = Seen(browser.get(link.get("href")))
        (here,) = page.all("nav[@class='below']/a[@aria-current='page']")
        assert here.get("href") == link.get("href")


def test_the_link_below_counts_as_the_navigation_does(browse, inside, people):
    with inside():
        hold(people["Uli"].id, text_in(), text_in())
    uli = browse("Uli")
    seen = Seen(uli.get("/account"))
    (badge,) = seen.all("*[@id='count-messaging-show_inbox-below']")
    assert "2" in "".join(badge.itertext())
    (link, *_rest) = seen.all("nav[@class='below']/a")
    assert seen.all(f"*[@id='{link.get('aria-describedby')}']")
    told = uli.get("/notices/counts?seen=0", part=True).text
    for place in ("count-messaging-show_inbox", "count-messaging-show_inbox-below"):
        assert told.count(f'hx-target="#{place}"') == 1
    assert "-below" not in browse("Ada").get("/notices/counts?seen=0", part=True).text
