"""What a person posts after their session has ended comes back to that person alone, filled in, and is never sent."""

import re
from html import unescape

import pytest
from sqlalchemy import select, update

from portal.extensions import db, now, writing
from portal.models import KeptDraft, KeptForm, SignInSession, User
from portal.services.accounts import kept_forms
from tests import cast
from tests.talks import THEIRS, hold, key, messages, text_in, words

NEW = "/messages/new"
TYPED = "Dear Ms. Nguyen, your results are in."


@pytest.fixture
def talk(inside, people):
    """The ref of Uli's conversation with an outside number."""
    with inside():
        return hold(people["Uli"].id, text_in("Hi Uli"))


def body(page):
    found = re.search(r'<textarea[^>]*name="body"[^>]*>(?:\r?\n)?(.*?)</textarea>', page.text, re.DOTALL)
    return found and unescape(found[1])


def value(page, name):
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', page.text)[0]
    return unescape(re.search(r'value="([^"]*)"', tag)[1])


def behind(page):
    return {"Referer": f"http://localhost{page}"}


def sign_in(browser, name):
    return browser.post("/sign-in", data={"email": f"{name.lower()}@example.com", "password": cast.PASSWORD})


@pytest.fixture
def end_sessions(inside):
    """`end_sessions()`: every session ends, as when its time is over."""
    def end():
        with inside(), writing() as session:
            session.execute(update(SignInSession).values(ended_at=now()))
    return end


def rows(inside):
    with inside():
        return db.session.execute(select(KeptForm.page, KeptForm.fields)).all()


def post_too_late(browser, end_sessions, page=NEW, address=NEW, part=False, **typed):
    """The person opens a page; their session ends; they post what they typed."""
    opened = browser.get(page)
    end_sessions()
    data = {"number": THEIRS, "key": key(opened), "body": TYPED, "do": "send", **typed}
    if page == NEW:
        data = {"consent_kind": "", "consent_day": "", "consent_proof": "", **data}
    return opened, browser.post(address, data=data, part=part, headers={
        **behind(page), "HX-Current-URL": f"http://localhost{page}"})


# --- the same person -----------------------------------------------------------------------------


@pytest.mark.parametrize("part", [True, False])
def test_the_writer_gets_it_back_in_the_form_and_nothing_is_sent(browse, end_sessions, inside, part):
    uli = browse("Uli")
    opened, late = post_too_late(uli, end_sessions, part=part)
    if part:
        assert (late.status_code, late.headers["HX-Reswap"]) == (401, "none")
        assert "kept for you for one hour" in words(late.text)
        assert not {"HX-Redirect", "HX-Location", "HX-Retarget"} & set(late.headers.keys())
    else:
        assert (late.status_code, late.location) == (303, f"/sign-in?next={NEW}")
    assert TYPED not in late.text
    way_in = uli.get("/sign-in")
    assert "Your session has ended." in words(way_in.text)
    assert "What you typed is kept for you alone" in words(way_in.text)
    assert TYPED not in way_in.text
    assert sign_in(uli, "Uli").status_code == 303
    shown = uli.get(NEW)
    assert (body(shown), value(shown, "number"), key(shown)) == (TYPED, THEIRS, key(opened))
    assert "Nothing was saved or sent. What you typed is filled in again" in words(shown.text)
    assert TYPED not in uli.get("/notices").text, "only on its own page"
    with inside():
        assert messages() == []
    assert body(uli.get(NEW)) == TYPED, "a reload shows it again"


def test_it_stays_in_the_form_when_its_person_chooses_another_language(browse, end_sessions):
    uli = browse("Uli")
    post_too_late(uli, end_sessions)
    sign_in(uli, "Uli")
    assert body(uli.get(NEW)) == TYPED
    chosen = uli.post("/account/language", data={"language": "de", "back": NEW}, headers=behind(NEW))
    assert (chosen.status_code, chosen.location) == (303, NEW)
    assert body(uli.get(NEW)) == TYPED


def test_the_look_of_an_ended_session_keeps_the_letters_that_were_typed_since(browse, end_sessions, inside, talk):
    """What was typed before is the draft; what was typed after the end takes its place."""
    uli, page = browse("Uli"), f"/messages/{talk}"
    opened = uli.get(page)
    uli.post("/messages/consider", data={"number": THEIRS, "conversation": talk, "key": key(opened),
                                         "body": TYPED[:10]}, part=True)
    _, late = post_too_late(uli, end_sessions, page, "/messages/consider", part=True, conversation=talk)
    assert late.status_code == 401
    sign_in(uli, "Uli")
    shown = uli.get(page)
    assert (body(shown), key(shown)) == (TYPED, key(opened))
    with inside():
        assert db.session.scalars(select(KeptDraft.body)).all() == [TYPED[:10]], "a GET writes nothing"
    uli.post("/messages/consider", data={"number": THEIRS, "conversation": talk, "key": key(shown),
                                         "body": f"{TYPED} Bye"}, part=True, headers=behind(page))
    assert body(uli.get(page)) == f"{TYPED} Bye", "what was typed since counts"
    assert uli.post(page, data={"body": TYPED, "key": key(shown)}).status_code == 303
    assert body(uli.get(page)) == ""
    with inside():
        assert [one.body for one in messages()] == [TYPED]


def test_the_page_that_stayed_open_goes_on_after_signing_in_elsewhere(browse, end_sessions, inside):
    """In another tab of the same browser; its own person only."""
    uli = browse("Uli")
    opened = uli.get(NEW)
    token = value(opened, "csrf_token")
    end_sessions()
    typed = {"number": THEIRS, "key": key(opened), "body": TYPED, "csrf_token": token}
    assert uli.post("/messages/consider", data=typed, part=True, token=False).status_code == 401
    sign_in(uli, "Uli")
    assert uli.post("/messages/consider", data=typed, part=True, token=False).status_code == 200
    assert uli.post(NEW, data=typed, token=False).status_code == 303
    with inside():
        assert [one.body for one in messages()] == [TYPED]


def test_a_form_of_an_administrator(browse, end_sessions, inside, organizations):
    """Filled in with the version that it was made from, so that a change in between is noticed."""
    ada = browse("Ada")
    page = ada.get("/admin/organization")
    end_sessions()
    data = {name: value(page, name) for name in ("name", "reply_name", "help_contact", "version")}
    form = re.search(r'<form[^>]*action="/admin/organization".*?</form>', page.text, re.DOTALL)[0]
    for tag in re.findall(r"<(?:input|textarea|select)[^>]*name=\"([^\"]+)\"", form):
        data.setdefault(tag, "")
    data.pop("csrf_token")
    late = ada.post("/admin/organization", data={**data, "name": "Maple <Clinic>"})
    assert late.location == "/sign-in?next=/admin/organization"
    sign_in(ada, "Ada")
    shown = ada.get("/admin/organization")
    assert value(shown, "name") == "Maple <Clinic>"
    assert "Maple Clinic" in browse("Rita").get("/admin/").text, "nothing was saved"


def test_a_form_among_others_of_its_page(browse, end_sessions, people):
    """Its fields have a prefix there, and its address is no page."""
    ada, page = browse("Ada"), f"/admin/users/{people['Ben'].ref}"
    shown = ada.get(page)
    data = {"details-name": "Benjamin", "details-email": "ben@example.com",
            "details-version": value(shown, "details-version"),
            "details-location": re.search(r'<option selected value="([^"]+)">Toronto', shown.text)[1]}
    end_sessions()
    assert ada.post(f"{page}/details", data=data, headers=behind(page)).location == f"/sign-in?next={page}"
    sign_in(ada, "Ada")
    shown = ada.get(page)
    assert value(shown, "details-name") == "Benjamin"
    assert "Ben Okafor" in shown.text, "nothing was saved"


def test_where_nothing_says_which_page_a_form_came_from(browse, end_sessions, talk):
    """Its address leads on to the page that shows the form."""
    uli, page = browse("Uli"), f"/messages/{talk}"
    end_sessions()
    late = uli.post(f"{page}/name", data={"name": "Jane from the front desk"})
    assert late.location == f"/sign-in?next={page}/name"
    sign_in(uli, "Uli")
    assert uli.get(f"{page}/name").location == page
    assert value(uli.get(page), "name") == "Jane from the front desk"
    uli.post(f"{page}/name", data={"name": "Jane"}, headers=behind(page))
    assert value(uli.get(page), "name") == "Jane"


def test_what_fits_no_form_can_be_copied(browse, end_sessions):
    uli = browse("Uli")
    post_too_late(uli, end_sessions, surplus="more")
    sign_in(uli, "Uli")
    shown = uli.get(NEW)
    assert body(shown) == ""
    assert "Here is what you typed. Copy it" in words(shown.text)
    assert f"\n{TYPED}</textarea>" in shown.text


def test_after_a_restart_it_is_still_there(browse, end_sessions, another):
    """The process that took it has died in between."""
    uli = browse("Uli")
    post_too_late(uli, end_sessions)
    again = another().test_client()
    again.set_cookie("session", uli.get_cookie("session").value)
    assert sign_in(again, "Uli").status_code == 303
    assert body(again.get(NEW)) == TYPED


def test_submitting_the_same_twice_keeps_the_last_one(browse, end_sessions, inside):
    uli = browse("Uli")
    post_too_late(uli, end_sessions)
    uli.post(NEW, data={"number": THEIRS, "body": "Shorter", "key": "x" * 20}, headers=behind(NEW))
    assert [dict(fields)["body"] for _, fields in rows(inside)] == ["Shorter"]


def test_it_is_kept_for_one_hour(browse, end_sessions, clock, inside):
    uli = browse("Uli")
    post_too_late(uli, end_sessions)
    sign_in(uli, "Uli")
    clock.forward(minutes=59)
    assert body(uli.get(NEW)) == TYPED
    with inside():
        assert kept_forms.erase_old_forms() == 0
    clock.forward(minutes=2)
    assert body(uli.get(NEW)) == ""
    with inside():
        assert kept_forms.erase_old_forms() == 1
    assert rows(inside) == []


def test_secrets_are_not_kept(browse, end_sessions, inside):
    uli, new = browse("Uli"), "a new pass phrase"
    end_sessions()
    answer = uli.post("/account/password", data={"current_password": cast.PASSWORD, "password": new, "again": new,
                                                 "note": "typed"}, headers=behind("/account"))
    assert answer.status_code == 303
    assert [fields for _, fields in rows(inside)] == [[["note", "typed"]]]


def test_a_press_without_words_is_not_kept(browse, end_sessions, inside):
    uli = browse("Uli")
    end_sessions()
    assert uli.post("/notices", data={"notice": "hipaa", "version": "1"}).status_code == 401
    assert rows(inside) == []


# --- anybody else --------------------------------------------------------------------------------


@pytest.mark.parametrize("part", [True, False])
@pytest.mark.parametrize("who", ["Ben", "Ada"])
def test_anybody_else_who_signs_in_there_gets_an_empty_form(browse, end_sessions, inside, part, who):
    browser = browse("Uli")
    opened, late = post_too_late(browser, end_sessions, part=part)
    assert TYPED not in late.text
    sign_in(browser, who)
    shown = browser.get(NEW)
    assert TYPED not in shown.text
    assert body(shown) in ("", None)
    assert rows(inside) == [], "nothing can reach it any more"
    stale = browser.post(NEW, data={"number": THEIRS, "body": "x", "key": key(opened),
                                    "csrf_token": value(opened, "csrf_token")}, token=False)
    assert stale.status_code == 400, "the token of the other person's page counts no more"
    with inside():
        assert messages() == []


def test_the_open_page_of_another_person_stays_and_says_so(browse, end_sessions, inside):
    """Neither an error page in its place, nor a draft of somebody else's words."""
    browser = browse("Uli")
    opened, _ = post_too_late(browser, end_sessions, part=True)
    sign_in(browser, "Ben")
    look = browser.post("/messages/consider", data={"body": TYPED, "key": key(opened),
                                                    "csrf_token": value(opened, "csrf_token")}, part=True, token=False)
    assert (look.status_code, look.headers["HX-Reswap"]) == (400, "none")
    assert "What you typed is still here" in words(look.text)
    assert "HX-Retarget" not in look.headers
    with inside():
        assert db.session.scalars(select(KeptDraft)).all() == []


def test_it_does_not_come_back_in_another_browser(browse, end_sessions):
    post_too_late(browse("Uli"), end_sessions)
    assert body(browse("Uli").get(NEW)) == ""


def test_a_cookie_that_was_ended_by_its_person_reaches_nobody_else(browse, end_sessions, inside, people):
    """A thief with a dead cookie can put words only into a browser of their own."""
    thief = browse("Uli")
    post_too_late(thief, end_sessions)
    assert TYPED not in browse("Uli").get(NEW).text
    sign_in(thief, "Mia")
    assert TYPED not in thief.get(NEW).text


def test_who_never_signed_in_keeps_nothing(browse, inside):
    nobody = browse()
    answer = nobody.post(NEW, data={"number": THEIRS, "body": TYPED}, headers=behind(NEW))
    assert answer.status_code == 401
    assert TYPED in answer.text, "it is their own request"
    assert rows(inside) == []


def test_one_session_keeps_five_pages(browse, end_sessions, inside):
    uli = browse("Uli")
    end_sessions()
    codes = [uli.post(NEW, data={"body": TYPED, "number": THEIRS}, headers=behind(f"/page/{page}")).status_code
             for page in range(7)]
    assert codes == [303] * 5 + [401] * 2
    assert len(rows(inside)) == 5
    long = uli.post(NEW, data={"body": TYPED, "number": THEIRS}, headers=behind(f"/{'x' * 300}"))
    assert long.status_code == 401


def test_signing_out_leaves_nothing(browse, clock, inside, people):
    uli = browse("Uli")
    opened = uli.get(NEW)
    uli.post("/sign-out")
    late = uli.post(NEW, data={"number": THEIRS, "body": TYPED, "key": key(opened)})
    assert late.status_code == 401
    assert rows(inside) == []
    with inside():
        assert db.session.get_one(User, people["Uli"].id).active


# --- another tab -----------------------------------------------------------------------------------


@pytest.fixture
def tab(app, browse, end_sessions):
    """Uli's browser and another tab of it, which goes on with the cookie that was valid when it asked."""
    uli, late = browse("Uli"), app.test_client()
    uli.get(NEW)
    late.set_cookie("session", uli.get_cookie("session").value)
    end_sessions()
    return uli, late


POLLS = ("/notices/counts?seen=0", "/messages/news?seen=0")


@pytest.mark.parametrize("who", ["Uli", "Ben"])
def test_the_late_answer_to_a_poll_leaves_the_new_cookie_alone(tab, who):
    """A browser keeps the cookie of the answer that comes last, from whichever tab it asked."""
    browser, late = tab
    answers = [late.get(address, part=True) for address in POLLS]
    assert sign_in(browser, who).status_code == 303
    for answer in answers:
        assert answer.status_code == 401
        assert not answer.headers.getlist("Set-Cookie")
    assert browser.get("/messages/").status_code == 200


def test_so_does_the_late_answer_to_what_somebody_typed(tab, inside):
    """What was typed is kept all the same, and comes back to its person."""
    browser, late = tab
    answer = late.post(NEW, part=True, data={
        "number": THEIRS, "body": TYPED, "key": "k" * 20, "do": "send", "consent_kind": "", "consent_day": "",
        "consent_proof": ""}, headers={"HX-Current-URL": f"http://localhost{NEW}"})
    assert answer.status_code == 401
    assert not answer.headers.getlist("Set-Cookie")
    assert len(rows(inside)) == 1
    assert sign_in(browser, "Uli").status_code == 303
    assert body(browser.get(NEW)) == TYPED


def test_a_page_of_an_ended_session_says_so_in_its_cookie(tab):
    """It is the tab that leads to the page to sign in."""
    browser, _late = tab
    assert browser.get("/messages/").status_code == 303
    assert "Your session has ended." in words(browser.get("/sign-in").text)
