"""The demo's people as buttons: only in a demo, only on its own machine, only they, and only by a form."""

import pytest

from portal.extensions import db, writing
from portal.models import AccountState, PortalMark, User
from portal.services import audit
from portal.services.accounts.demo_people import PEOPLE_MARK
from tests.blueprints.reader import Seen

PUBLIC = {"PORTAL_URL": "https://texting.example.com", "TRUSTED_HOSTS": "localhost"}


@pytest.fixture
def demo(inside, people):
    """The database is a demo that offers Ada, Uli and Olga."""
    with inside(), writing() as session:
        session.add(PortalMark(name="demo", value="now"))
        session.add(PortalMark(name=PEOPLE_MARK, value=" ".join(people[one].ref for one in ("Ada", "Uli", "Olga"))))


def come_in(browser, people, name, **named):
    return browser.post("/sign-in/demo", data={"person": people[name].ref, **named.pop("data", {})}, **named)


def buttons(answer):
    return [one for one in Seen(answer).buttons if one != "Sign in"]


@pytest.mark.usefixtures("demo")
def test_the_page_offers_the_people_in_the_order_of_the_demo(browse):
    assert buttons(browse().get("/sign-in")) == [
        "Ada Keller administrator, Maple Clinic", "Uli Brandt user, Maple Clinic", "Olga Weiss operator"]


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(("name", "first"), [("Ada", "/admin/"), ("Uli", "/messages/"), ("Olga", "/operator/")])
def test_one_press_signs_in(browse, people, inside, log_lines, name, first):
    """As a sign-in like any other: a session of their own, an event, a line in the log without a name."""
    browser = browse()
    assert come_in(browser, people, name).location == "/"
    assert browser.get("/").location == first
    with inside():
        events = audit.list_events_about(db.session.get(User, people[name].id), most=1)
        assert [event.action for event in events] == ["signed-in"]
    assert "authn_login_success" in str(log_lines)
    assert people[name].name not in str(log_lines)


@pytest.mark.usefixtures("demo")
def test_who_is_already_here_changes_person(browse, people):
    """The session of before has ended, wherever its cookie may lie."""
    uli = browse("Uli")
    before = uli.get_cookie("session").value
    assert come_in(uli, people, "Ada", data={"next": "/admin/users"}).location == "/admin/users"
    uli.set_cookie("session", before)
    assert uli.get("/account").location == "/sign-in?next=/account"


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("name", ["Ben", "Rita", "Oskar", "Otto"])
def test_nobody_else_is_let_in(browse, people, name):
    browser = browse()
    assert come_in(browser, people, name).status_code == 404
    assert browser.get("/account").status_code == 303


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("sent", [{}, {"person": ""}, {"person": "no one"}, {"person": "x" * 500}])
def test_a_ref_that_is_none(browse, sent):
    assert browse().post("/sign-in/demo", data=sent).status_code == 404


@pytest.mark.usefixtures("demo")
def test_a_person_of_the_demo_whose_account_was_closed_is_not_offered(browse, people, inside):
    with inside(), writing() as session:
        session.get(User, people["Uli"].id).account = AccountState.DEACTIVATED
    assert "Uli Brandt" not in str(buttons(browse().get("/sign-in")))
    assert come_in(browse(), people, "Uli").status_code == 404


def test_a_portal_that_is_no_demo_has_no_such_door(browse, people):
    assert buttons(browse().get("/sign-in")) == []
    assert come_in(browse(), people, "Ada").status_code == 404


@pytest.mark.usefixtures("demo")
def test_a_portal_that_others_can_open_has_no_such_door(browse, people, another):
    browser, there = browse(which=another(**PUBLIC)), {"base_url": "https://localhost"}
    page = browser.get("/sign-in", **there)
    assert buttons(page) == []
    (token,) = (one.get("value") for one in Seen(page).all("main//input[@name='csrf_token']"))
    assert come_in(browser, people, "Ada", data={"csrf_token": token}, **there).status_code == 404
    assert browser.get("/account", **there).status_code == 303


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("named", [
    {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}}, {"headers": {"X-Forwarded-For": "127.0.0.1"}},
    {"headers": {"Forwarded": "for=127.0.0.1"}}, {"headers": {"Via": "1.1 tunnel"}},
], ids=str)
def test_who_comes_from_elsewhere_finds_no_such_door(browse, people, named):
    assert buttons(browse().get("/sign-in", **named)) == []
    assert come_in(browse(), people, "Ada", **named).status_code == 404


@pytest.mark.usefixtures("demo")
def test_another_name_for_this_machine_is_no_such_door(browse, people, another):
    browser, there = browse(which=another(TRUSTED_HOSTS="demo.example.com")), {"base_url": "http://demo.example.com"}
    page = browser.get("/sign-in", **there)
    assert buttons(page) == []
    (token,) = (one.get("value") for one in Seen(page).all("main//input[@name='csrf_token']"))
    assert come_in(browser, people, "Ada", data={"csrf_token": token}, **there).status_code == 404


@pytest.mark.usefixtures("demo")
def test_only_a_form_of_this_portal_signs_in(browse, people):
    browser = browse()
    assert browser.get("/sign-in/demo", query_string={"person": people["Ada"].ref}).status_code == 405
    assert come_in(browser, people, "Ada", token=False).status_code == 400
    assert browser.post("/sign-in/demo", data={"person": people["Ada"].ref, "csrf_token": "x"},
                        token=False).status_code == 400
    assert browser.get("/account").status_code == 303
