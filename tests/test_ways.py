"""The navigation: who is offered what, and which entry leads to the page that is open."""

import pytest

from portal.web import navigation
from tests.blueprints.reader import Seen

MEMBER = ["Messages", "Limitations", "Notices"]
ADMIN = ["Overview", "Messages", "Users", "Locations", "Import", "Settings", "Opt-outs", "Consents", "Can they text?",
         "Limitations", "Notices", "Audit log", "Records", "Organization"]
OPERATOR = ["Organizations", "Claimed numbers", "Limitations", "Spam cases", "Restrictions", "Requests on the web",
            "Refused addresses", "Notices", "Records requests"]
HEADINGS = {"Ada": ["People", "Rules", "Records"], "Olga": ["Rules", "Spam", "Records"], "Uli": []}


def entries(seen, path=""):
    """The entries of the navigation, without their counts."""
    return [link.text for link in seen.all(f"nav//a{path}")]


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
    ("Ada", "post", "/admin/users/{Uli}/role", "Users"), ("Ada", "post", "/admin/users/{Uli}/texting", "Users"),
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
