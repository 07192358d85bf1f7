"""A session ends when it should, and then no cookie opens it again (SEC-03)."""

from datetime import timedelta

import pytest

from portal.extensions import db, now
from portal.models import SignInSession, User
from portal.services.accounts import links, sessions
from portal.services.people import users
from portal.web import doors
from tests import cast

NEW_PASSWORD = "a staple for the correct battery"


def is_in(browser):
    """Whether the browser still gets pages; a part says the same."""
    page, part = browser.get("/account"), browser.get("/account", part=True)
    if page.status_code == 200:
        return part.status_code == 200
    assert (page.status_code, page.location) == (303, "/sign-in?next=/account")
    assert part.status_code == 401
    assert "/sign-in" in part.text
    return False


def thief_of(browser):
    """Another browser with the same cookie."""
    thief, cookie = browser.application.test_client(), browser.get_cookie("session")
    thief.set_cookie(cookie.key, cookie.value)
    return thief


def sign_out(uli, act):
    assert uli.post("/sign-out").location == "/"


def change_password(uli, act):
    form = {"current_password": cast.PASSWORD, "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert uli.post("/account/password", data=form).location == "/account"


def choose_password_by_link(uli, act):
    from portal.services.accounts.passwords import set_new_password

    act(lambda ada, uli: set_new_password(uli, NEW_PASSWORD, "Elsewhere"))


def deactivate(uli, act):
    act(users.deactivate_user)


def deactivate_for_a_moment(uli, act):
    act(users.deactivate_user)
    act(users.reactivate_user)


def change_role(uli, act):
    act(lambda ada, uli: users.set_roles(ada, uli, uli.version, admin=False, auditor=True))


def end_from_the_list(uli, act):
    page = uli.get("/account").text
    ref, = {part.partition('"')[0] for part in page.split('action="/account/sessions/')[1:]}
    assert uli.post(f"/account/sessions/{ref}").status_code == 303


@pytest.fixture
def act(inside, people):
    """`act(service)` calls a service with Ada and Uli, as Ada's browser would."""

    def call(service):
        with inside():
            service(db.session.get_one(User, people["Ada"].id), db.session.get_one(User, people["Uli"].id))

    return call


@pytest.mark.parametrize("end", [
    sign_out, change_password, choose_password_by_link, deactivate, deactivate_for_a_moment, change_role,
    end_from_the_list,
])
def test_a_captured_cookie_dies_with_the_session(browse, act, end):
    uli = browse("Uli")
    thief = thief_of(uli)
    assert is_in(thief)
    end(uli, act)
    assert not is_in(thief)


@pytest.mark.parametrize(("end", "others"), [
    (sign_out, True), (change_password, False), (choose_password_by_link, False), (deactivate, False),
    (change_role, False),
])
def test_what_ends_every_session_and_what_only_one(browse, act, end, others):
    uli, elsewhere, ben = browse("Uli"), browse("Uli"), browse("Ben")
    end(uli, act)
    assert is_in(elsewhere) is others
    assert is_in(ben)


def test_who_changes_the_password_stays_signed_in_under_a_new_key(browse, act):
    uli = browse("Uli")
    change_password(uli, act)
    assert is_in(uli)


@pytest.mark.parametrize(("name", "idle"), [
    ("Ada", timedelta(minutes=30)), ("Rita", timedelta(minutes=30)), ("Olga", timedelta(minutes=30)),
    ("Uli", timedelta(hours=12)),
])
def test_a_session_left_alone_ends(browse, clock, name, idle):
    left, used = browse(name), browse(name)
    clock.forward(seconds=(idle - timedelta(minutes=2)).total_seconds())
    assert is_in(used)
    clock.forward(minutes=3)
    assert not is_in(left)
    assert is_in(used) is (idle < sessions.ABSOLUTE)


def test_twelve_hours_are_the_end_however_busy_one_is(browse, clock):
    ada = browse("Ada")
    for _ in range(25):
        clock.forward(minutes=28)
        assert ada.get("/account").status_code == 200
    clock.forward(minutes=21)
    assert not is_in(ada)


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(browse, clock, monkeypatch):
    monkeypatch.setattr(doors, "BY_ITSELF", doors.BY_ITSELF | {"notices.show_notices"})
    ada = browse("Ada")
    for _ in range(3):
        clock.forward(minutes=9)
        assert ada.get("/notices").status_code == 200
        assert "Set-Cookie" not in ada.get("/notices").headers
    clock.forward(minutes=9)
    assert not is_in(ada)


def test_the_key_stands_in_the_cookie_only(app, browse, inside):
    ada = browse("Ada")
    with ada.session_transaction() as held:
        key = held["_user_id"]
    with inside():
        row = db.session.scalars(db.select(SignInSession)).one()
        assert key not in [str(getattr(row, column.key)) for column in SignInSession.__table__.columns]
        assert sessions.is_current_session(row, key)
        assert not sessions.is_current_session(row, key[:-1])
    file = app.config["SETTINGS"].database
    assert not any(key.encode() in part.read_bytes() for part in file.parent.glob(f"{file.name}*"))


def test_every_sign_in_begins_a_session_of_its_own(browse):
    """What stood in the browser before does not become a session (fixation)."""
    strangers = [browse(), browse()]
    keys = set()
    for stranger in strangers:
        stranger.get("/sign-in")
        with stranger.session_transaction() as held:
            held["_user_id"] = "chosen by somebody else"
            held["planted"] = "here"
        stranger.post("/sign-in", data={"email": "uli@example.com", "password": cast.PASSWORD})
        with stranger.session_transaction() as held:
            assert "planted" not in held
            keys.add(held["_user_id"])
    assert len(keys) == 2
    assert all(len(key) >= 43 for key in keys)


def test_under_https_the_cookie_is_bound_to_the_host(another, browse):
    """SEC-07: the browser looks at every Set-Cookie; here it has to see a `__Host-` one."""
    secure = another(PORTAL_URL="https://portal.example.com")
    nobody = browse(which=secure)
    answer = nobody.post("/sign-in", data={"email": "uli@example.com", "password": cast.PASSWORD})
    assert [cookie.partition("=")[0] for cookie in answer.headers.getlist("Set-Cookie")] == [
        "__Host-device", "__Host-session"]
    assert nobody.get("/account").status_code == 200
    assert browse("Uli", secure).get("/account").status_code == 200


@pytest.mark.parametrize("forged", [
    {}, {"_user_id": "1"}, {"_user_id": "1", "used": None}, {"_user_id": ""},
])
def test_a_cookie_that_names_no_session_opens_nothing(browse, forged):
    nobody = browse()
    with nobody.session_transaction() as held:
        held.update({"used": now(), **forged})
    assert not is_in(nobody)


def test_nobody_ends_the_session_of_somebody_else(browse, inside):
    uli, ben = browse("Uli"), browse("Ben")
    with inside():
        refs = {row.user.name: row.ref for row in db.session.scalars(db.select(SignInSession))}
    assert ben.post(f"/account/sessions/{refs['Uli Brandt']}").status_code == 404
    assert is_in(uli)


def test_one_sees_ones_own_open_sessions(browse, inside, people, clock):
    browse("Uli"), browse("Uli"), browse("Ben")
    with inside():
        uli = db.session.get_one(User, people["Uli"].id)
        mine = sessions.list_open_sessions(uli)
        assert [row.user_id for row in mine] == [uli.id] * 2
        assert sessions.end_session_by_ref(uli, mine[0].ref)
        assert not sessions.end_session_by_ref(uli, mine[0].ref)
        assert [row.ref for row in sessions.list_open_sessions(uli)] == [mine[1].ref]
        clock.forward(hours=13)
        assert sessions.list_open_sessions(uli) == []


def test_two_people_are_two_people(browse):
    """The trap that a context left open would set: everybody is whoever came first."""
    ada, uli, nobody = browse("Ada"), browse("Uli"), browse()
    for _ in range(2):
        assert ada.get("/admin/").status_code == 200
        assert uli.get("/admin/").status_code == 403
        assert nobody.get("/admin/").status_code == 303


def test_deactivation_uses_up_open_links(app, people, inside):
    """A link made before does not work again after reactivation."""
    with inside():
        ada, uli = (db.session.get_one(User, people[name].id) for name in ("Ada", "Uli"))
        token = links.make_link(ada, uli)
        users.deactivate_user(ada, uli)
        users.reactivate_user(ada, uli)
        assert links.link_holder(token) is None
