"""The navigation: who is offered what, and which entry leads to the page that is open."""

import pytest

from portal.web import navigation
from tests.blueprints.reader import Seen

EVERYBODY = ["Notices", "Limitations", "Your account"]
MEMBER = ["Messages", *EVERYBODY]
ADMIN = ["Overview", "Users", "Locations", "Service settings", "Check a person and a number", "Import users",
         "Opt-outs", "Consents", "Records", "Audit log", "Organization"]


def entries(seen, path=""):
    """The entries of the navigation, without their counts."""
    return [link.text for link in seen.all(f"nav//a{path}")]


@pytest.mark.parametrize(("name", "offered"), [
    ("Ada", ADMIN + MEMBER), ("Rita", ADMIN + MEMBER), ("Uli", MEMBER),
    ("Olga", ["Organizations", "Claimed numbers", "Refused addresses", "Spam cases", "Restrictions",
              "Records requests", "Requests on the web", *EVERYBODY]), ("Nobody", []),
])
def test_everybody_is_offered_what_their_roles_open(browse, name, offered):
    browser = browse(name)
    seen = Seen(browser.get("/limitations"))
    assert entries(seen) == offered
    for link in seen.all("nav//a"):
        assert browser.get(link.get("href")).status_code == 200


def test_pages_belong_to_entries_that_there_are(app):
    entries_of = {view for listed in (navigation.ADMIN_WAYS, navigation.MEMBER_WAYS, navigation.OPERATOR_WAYS,
                                      navigation.SIGNED_IN_WAYS)
                  for view, _label in listed}
    assert set(navigation.BELONGS) <= set(app.view_functions)
    assert set(navigation.BELONGS.values()) <= entries_of


@pytest.mark.parametrize(("name", "method", "address", "entry"), [
    ("Ada", "get", "/admin/", "Overview"), ("Ada", "get", "/admin/users", "Users"),
    ("Ada", "get", "/admin/users/new", "Users"), ("Ada", "get", "/admin/users/{Uli}", "Users"),
    ("Ada", "post", "/admin/users/{Uli}/role", "Users"), ("Ada", "post", "/admin/users/{Uli}/texting", "Users"),
    ("Ada", "get", "/admin/locations/new", "Locations"), ("Ada", "post", "/admin/check", "Check a person and a number"),
    ("Ada", "post", "/admin/settings", "Service settings"), ("Ada", "post", "/admin/organization", "Organization"),
    ("Ada", "get", "/admin/import", "Import users"), ("Olga", "get", "/operator/", "Organizations"),
    ("Olga", "get", "/operator/organizations/new", "Organizations"), ("Ada", "get", "/account", "Your account"),
    ("Olga", "get", "/operator/cases", "Spam cases"),
    ("Ada", "get", "/privacy", None), ("Ada", "get", "/admin/nowhere", None),
])
def test_one_entry_leads_to_the_open_page(browse, people, name, method, address, entry):
    """On pages below it and on answers to its forms as well."""
    refs = {first: known.ref for first, known in people.items()}
    seen = Seen(getattr(browse(name), method)(address.format(**refs)))
    assert entries(seen, "[@aria-current='page']") == ([entry] if entry else [])
