"""Sign-in links: one at a time, ended by whatever changes an account, and told to whom they open."""

import re
from contextlib import nullcontext
from datetime import timedelta

import pytest
from sqlalchemy import update

from portal.extensions import db, make_ref, now, writing
from portal.models import AuditEvent, SignInLink
from portal.services import audit
from portal.services.accounts import links, passwords
from portal.services.people import users
from portal.services.refusals import Clash
from portal.services.upkeep import backups, housekeeping
from tests import cast
from tests.talks import words

NEW_PASSWORD = "a staple for the correct battery"
TOLD = "A sign-in link was used to choose a password for your account"


@pytest.fixture
def link(inside, row):
    """`link("Uli", "Ada")` is the address of a sign-in link for Uli that Ada makes."""

    def make(name="Uli", maker="Ada"):
        with inside():
            return f"/welcome/{links.make_link(row(maker) if maker else None, row(name))}"

    return make


def choose(browser, address, password=NEW_PASSWORD):
    return browser.post(address, data={"password": password, "again": password})


def sign_in(browser, email="uli@example.com", password=NEW_PASSWORD):
    assert browser.post("/sign-in", data={"email": email, "password": password}).status_code == 303
    return browser


def pages(browser, *addresses):
    """Whether each page tells of a link."""
    return [TOLD in browser.get(address, follow_redirects=True).text for address in addresses]


# --- one at a time, and what ends it -------------------------------------------------------------


def deactivate(ada, uli):
    users.deactivate_user(ada, uli)
    users.reactivate_user(ada, uli)


def new_address(ada, uli):
    users.save_user_details(ada, uli, uli.version, uli.name, "uli.brandt@example.com", uli.location)


def another_spelling(ada, uli):
    users.save_user_details(ada, uli, uli.version, uli.name, "Uli@Example.com", uli.location)


def new_role(ada, uli):
    users.set_roles(ada, uli, uli.version, admin=True, auditor=False)


def newer_link(ada, uli):
    links.make_link(ada, uli)


def new_password(ada, uli):
    passwords.set_new_password(uli, NEW_PASSWORD, "Test")


@pytest.mark.parametrize("end", [deactivate, new_address, another_spelling, new_role, newer_link, new_password])
def test_what_ends_an_open_link(browse, link, inside, row, end):
    """Uli's, and nobody else's."""
    ulis, bens, mias = link(), link("Ben"), link("Mia", "Otto")
    with inside():
        end(row("Ada"), row("Uli"))
    assert [browse().get(one).status_code for one in (ulis, bens, mias)] == [410, 200, 200]
    assert choose(browse(), ulis).status_code == 410
    with inside():
        assert [one.used_at for one in db.session.scalars(db.select(SignInLink))].count(None) >= 3


def test_a_link_made_while_the_account_was_closed_stays_closed(browse, link, inside, row):
    with inside():
        users.deactivate_user(row("Ada"), row("Uli"))
    made = link()
    with inside():
        users.reactivate_user(row("Ada"), row("Uli"))
    assert browse().get(made).status_code == 410


def test_a_new_name_ends_no_link(browse, link, inside, row):
    made = link()
    with inside():
        uli = row("Uli")
        users.save_user_details(row("Ada"), uli, uli.version, "Ulrike Brandt", uli.email, uli.location)
    assert browse().get(made).status_code == 200


def test_many_links_at_once_end_those_before(inside, row, browse, statements, link):
    """As an import hands them out; the statements that end older ones do not grow with the people."""
    older = [link("Uli"), link("Ben")]
    with inside(), writing(), statements() as seen:
        tokens = links.add_links(row("Ada"), [row("Uli"), row("Ben"), row("Rita")])
    assert len([one for one in seen if one.startswith("UPDATE sign_in_links")]) == 1
    assert [browse().get(one).status_code for one in older] == [410, 410]
    assert [browse().get(f"/welcome/{token}").status_code for token in tokens] == [200] * 3


@pytest.mark.sqlite
@pytest.mark.parametrize("used", [True, False])
def test_a_link_does_not_come_back_with_a_backup(app, another, browse, link, inside, tmp_path, used):
    """One that was used after the backup would open the account again to whoever has it."""
    address, settings = link(), app.config["SETTINGS"]
    copy = tmp_path / "copy.db"
    backups.copy_database_file(settings.database, copy)
    if used:
        assert choose(browse(), address).status_code == 303
    with inside():
        db.engine.dispose()
    backups.restore_database_file(copy, settings.database)
    assert browse().get(address).status_code == 410
    assert choose(browse(), address, "another fine battery").status_code == 410


# --- the member is told --------------------------------------------------------------------------


@pytest.mark.parametrize(("member", "maker", "home"), [("Uli", "Ada", "/messages/"), ("Mia", "Otto", "/messages/"),
                                                       ("Otto", "Olga", "/admin/"), ("Oskar", "Olga", "/operator/")])
def test_after_a_link_by_somebody_else_every_page_says_so_until_it_is_read(browse, link, people, member, maker, home):
    """Who made it and when it was used; and nobody else is told."""
    choose(browse(), link(member, maker))
    mine = sign_in(browse(), people[member].email)
    assert pages(mine, "/", home, "/notices", "/account") == [True] * 4
    page = mine.get(home).text
    assert f"Link made by: {people[maker].name}." in page
    assert re.search(r"Used:\s*<time datetime=\"20", page)
    assert mine.post("/account/links", data={"next": home}).location == home
    assert pages(mine, "/", home, "/notices", "/account") == [False] * 4
    for other in ("Ada", "Ben", "Rita"):
        assert pages(browse(other), "/", "/account") == [False, False]


def test_whoever_used_the_link_cannot_read_it_for_the_member(browse, link):
    """Ada opens Uli's account and presses "I have read this"; Uli, in his own browser, is told all the same."""
    ada = browse()
    choose(ada, link())
    assert pages(ada, "/account") == [True]
    ada.post("/account/links")
    assert pages(ada, "/account") == [False]
    uli = browse()
    choose(uli, link())
    assert pages(uli, "/account") == [True]
    assert uli.get("/account").text.count("Link made by: Ada Keller.") >= 4
    ada.post("/account/links")
    assert pages(uli, "/account") == [True]


def test_it_is_read_once_in_a_browser_over_all_sessions(browse, link):
    """Signing out, in, and choosing another password tell nothing anew; another link does."""
    uli = browse()
    choose(uli, link())
    uli.post("/account/links")
    uli.post("/sign-out")
    sign_in(uli)
    assert pages(uli, "/account") == [False]
    new = {"password": "another fine battery", "again": "another fine battery"}
    assert uli.post("/account/password", data={"current_password": NEW_PASSWORD, **new}).status_code == 303
    assert pages(uli, "/account") == [False]
    choose(browse(), link())
    sign_in(uli)
    assert pages(uli, "/account") == [True]


def test_it_stays_listed_in_the_account(browse, link):
    uli = browse()
    choose(uli, link())
    uli.post("/account/links")
    page = uli.get("/account").text
    assert TOLD not in page
    assert "Sign-in links that were used" in page
    assert "Link made by: Ada Keller." in page
    assert "Sign-in links that were used" not in browse("Ben").get("/account").text


def test_a_page_with_an_error_tells_too_and_parts_do_not(browse, link):
    uli = browse()
    choose(uli, link())
    assert TOLD in uli.post("/account/password", data={"current_password": "x"}).text
    assert TOLD not in uli.get("/messages/news", part=True).text
    assert TOLD in uli.get("/account").text


@pytest.mark.parametrize("maker", [None, "Ada"])
def test_what_one_did_oneself_is_not_told(browse, link, maker):
    """Ada's own link is hers; one from the command line is not."""
    ada = browse()
    choose(ada, link("Ada", maker))
    assert pages(ada, "/account") == [maker is None]
    assert ("Link made by: The command line." in ada.get("/account").text) is (maker is None)


def test_links_that_nobody_used_are_not_told(browse, link, inside, row):
    link()
    link()
    with inside():
        users.deactivate_user(row("Ada"), row("Uli"))
        users.reactivate_user(row("Ada"), row("Uli"))
    assert pages(browse("Uli"), "/account") == [False]


@pytest.mark.parametrize("next_page", ["//evil.example", "https://evil.example", "/\\evil.example", ""])
def test_reading_leads_nowhere_else(browse, link, next_page):
    uli = browse()
    choose(uli, link())
    assert uli.post("/account/links", data={"next": next_page}).location == "/"


@pytest.mark.parametrize(("days", "told"), [(0, True), (300, True), (364, True), (366, False)])
def test_a_member_who_was_away_for_months_is_told(browse, link, inside, days, told):
    choose(browse(), link())
    with inside():
        with writing():
            used = db.session.scalars(db.select(SignInLink)).one()
            used.used_at -= timedelta(days=days)
            used.expires_at -= timedelta(days=days)
        housekeeping.erase_outdated_records()
    assert pages(sign_in(browse()), "/account") == [told]


def test_no_page_asks_more_than_before_unless_there_is_something_to_tell(browse, link, statements):
    def asked(browser):
        browser.get("/account")
        with statements() as seen:
            browser.get("/notices")
        return len(seen)

    uli, before = browse("Uli"), asked(browse("Uli"))
    assert asked(uli) == before
    choose(uli, link())
    assert asked(uli) == before + 1
    uli.post("/account/links")
    assert asked(uli) == before


def test_the_audit_log_says_who_made_the_link_and_not_that_the_member_chose(browse, link, inside, row):
    """In one sentence; and it names nobody as the one who used it, because nobody knows."""
    choose(browse(), link())
    with inside():
        event = db.session.scalars(db.select(AuditEvent).where(AuditEvent.action == "password-by-link")).one()
        sentence, values, _ours = audit.event_sentence(event)
        assert sentence % values == ("A password was chosen for Uli Brandt with a sign-in link that Ada Keller made.")
        assert (event.actor_id, event.actor_name) == (None, "portal:link-holder")
        assert event.organization_id == row("Ada").organization_id
    page = words(browse("Ada").get("/admin/audit").text)
    assert "A password was chosen for Uli Brandt with a sign-in link that Ada Keller made." in page
    assert "A password was chosen for Uli Brandt" not in words(browse("Otto").get("/admin/audit").text)


def test_a_password_changed_by_oneself_is_still_ones_own(browse, inside):
    change = {"current_password": cast.PASSWORD, "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert browse("Uli").post("/account/password", data=change).status_code == 303
    with inside():
        assert not db.session.scalars(db.select(AuditEvent).where(AuditEvent.action == "password-by-link")).all()
        assert db.session.scalars(db.select(AuditEvent).where(AuditEvent.action == "password-chosen")).one()


def test_the_privacy_page_names_it(browse):
    page = browse().get("/privacy").text
    assert "sign-in link" in page
    assert "two cookies" in page.casefold()


@pytest.mark.parametrize(("actor", "user", "refused"), [
    ("Ada", "Olga", True), ("Ada", "Uli", True), ("Ada", "Ben", False), ("Oskar", "Olga", False),
    ("Oskar", "Uli", False), (None, "Olga", False),
])
def test_only_operators_and_the_command_line_make_links_for_an_operator(inside, row, actor, user, refused):
    """Uli has become one, and is still a user of Ada's; the refusal comes before anything is written."""
    with inside():
        with writing():
            row("Uli").operator = True
        maker = row(actor) if actor else None
        before = db.session.scalars(db.select(SignInLink.token_hash)).all()
        for refuse in (links.refuse_operators, links.make_link):
            with pytest.raises(Clash) if refused else nullcontext():
                refuse(maker, row(user))
        assert len(db.session.scalars(db.select(SignInLink.token_hash)).all()) == len(before) + (not refused)


# --- not too many --------------------------------------------------------------------------------


def test_nobody_fills_a_mailbox_with_links(open_app, row, clock):
    """Each may go out as a letter that holds the reason as its maker worded it."""
    make = (links.make_link, lambda actor, user: links.make_shown_link(actor, user, "Buy parcels"))
    for place in range(10):
        make[place % 2](row("Ada"), row("Uli"))
    for one in make:
        with pytest.raises(Clash, match="Many sign-in links"):
            one(row("Ada"), row("Uli"))
    links.make_link(row("Ada"), row("Ben"))
    links.make_link(row("Olga"), row("Uli"))
    links.make_link(None, row("Uli"))
    clock.forward(hours=3)
    links.make_link(row("Ada"), row("Uli"))


# --- two accounts in one hand --------------------------------------------------------------------


def opened(row, name, maker, at=None):
    """A link to an account that its person, or the maker, has used."""
    with writing() as session:
        session.add(SignInLink(token_hash=make_ref(), user_id=row(name).id, expires_at=now(), used_at=at or now(),
                               made_by_id=row(maker).id if maker else None))


@pytest.mark.parametrize(("used", "same"), [
    ([], False), ([("Rita", "Ada")], True), ([("Ada", "Rita")], True), ([("Rita", "Olga"), ("Ada", "Olga")], True),
    ([("Rita", "Olga")], False), ([("Rita", "Ben"), ("Ada", "Olga")], False), ([("Rita", "Rita")], False),
    ([("Rita", None), ("Ada", None)], False),
])
def test_who_made_the_link_to_an_account_may_be_at_work_in_it(open_app, row, used, same):
    for name, maker in used:
        opened(row, name, maker)
    db.session.rollback()
    for one, other in (("Ada", "Rita"), ("Rita", "Ada")):
        assert (links.one_hand_until(row(one), row(other)) is not None) is same


def test_after_a_week_its_person_has_heard_of_the_link(open_app, row):
    week = timedelta(days=7)
    opened(row, "Rita", "Ada", now() - week + timedelta(hours=1))
    opened(row, "Rita", "Ben", now() - timedelta(days=1))
    db.session.rollback()
    left = links.one_hand_until(row("Ada"), row("Rita")) - now()
    assert timedelta(minutes=50) < left <= timedelta(hours=1)
    with writing() as session:
        session.execute(update(SignInLink).values(used_at=now() - week))
    assert links.one_hand_until(row("Ada"), row("Rita")) is None
