"""The person restricted, or an admin of theirs, appeals once; another operator answers, and both read it."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select, update

from portal.extensions import db, now, writing
from portal.models import AccountState, Appeal, Restriction, User
from portal.rules.facts import Cause, Restraint, Subject
from portal.services.spam import restrictions
from tests.blueprints.reader import Seen
from tests.reports import case, reported
from tests.talks import words

HOSTILE = "They <b>had</b> agreed\n<script>alert(1)</script> \u202elive http://evil.example"


@pytest.fixture
def page(inside, people):
    """The address at which Uli appeals; Olga slowed them down."""
    with inside():
        user, olga = (db.session.get_one(User, people[name].id) for name in ("Uli", "Olga"))
        with writing():
            terms = restrictions.RestrictionTerms(Restraint.THROTTLE, Cause.SPAM, "Too much",
                                                  now() + timedelta(days=30))
            made = restrictions.add_restriction(olga, terms, restrictions.RestrictionScope(
                Subject.USER, user.organization_id, user_id=user.id), now())
            ref = made.ref
    return f"/restrictions/{ref}/appeal"


@pytest.fixture
def stored(inside):
    def find():
        with inside():
            return db.session.scalars(select(Appeal)).all()
    return find


@pytest.fixture
def desk(browse, page, stored):
    """Uli has appealed; where operators decide it."""
    browse("Uli").post(page, data={"words": HOSTILE})
    return f"/operator/appeals/{stored()[0].ref}"


def summary(answer):
    found = re.search(r'class="error-summary".*?</section>', answer.text, re.DOTALL)
    return [unescape(line) for line in re.findall(r"<li>(?:<a [^>]*>)?([^<]+)", found.group())] if found else []


# --- the person's side ---------------------------------------------------------------------------


def test_the_page_says_why_and_until_when_and_takes_an_explanation(browse, page):
    seen = Seen(browse("Uli").get(page))
    assert seen.heading == "Appeal"
    for said in ("Texts go out one by one, at most 1 a minute.", "spam", "Too much", "within 20 days"):
        assert said in seen.words
    assert "Olga" not in seen.words


@pytest.mark.parametrize(("who", "may"), [
    ("Uli", True), ("Ada", True), ("Ben", False), ("Rita", False), ("Otto", False), ("Mia", False), ("Olga", False)])
def test_only_the_person_and_their_admins(browse, page, stored, who, may):
    """Two people in one test: what one may not, another one can right afterwards."""
    browser = browse(who)
    assert browser.get(page).status_code == (200 if may else 404)
    assert browser.post(page, data={"words": "No"}).status_code == (303 if may else 404)
    assert len(stored()) == int(may)
    assert browse("Ada").get(page).status_code == 200


@pytest.mark.parametrize(("typed", "said"), [
    ("", "Write why it should be lifted."), ("  ", "Write why it should be lifted."),
    ("x" * 2001, "Use at most 2,000 characters."),
])
def test_what_was_typed_is_kept_beside_an_error(browse, page, stored, typed, said):
    answer = browse("Uli").post(page, data={"words": typed})
    assert answer.status_code == 422
    assert summary(answer) == [said]
    assert "<title>Error: Appeal" in answer.text
    assert typed.strip() in answer.text
    assert stored() == []


@pytest.mark.parametrize(("words", "code"), [
    (("x" * 9 + "\r\n") * 199 + "x" * 10, 303), (("x" * 9 + "\r\n") * 200 + "x", 422),
])
def test_a_line_break_counts_once(browse, page, stored, words, code):
    """F16: 2,000 characters, of which 200 are line breaks that a browser sends as two."""
    assert browse("Uli").post(page, data={"words": words}).status_code == code
    assert len(stored()) == (code == 303)


def test_it_is_sent_once_and_then_shown(browse, page, stored):
    uli = browse("Uli")
    answer = uli.post(page, data={"words": HOSTILE})
    assert (answer.status_code, answer.location) == (303, page)
    after = uli.get(page)
    assert "Appeal sent." in after.text
    assert "Another operator than the one who decided reads it." in after.text
    assert 'name="words"' not in after.text
    assert "&lt;script&gt;" in after.text
    for reader in ("Uli", "Ada"):
        again = browse(reader).post(page, data={"words": "Once more"})
        assert again.status_code == 422
        assert "can be appealed once, within 20 days" in summary(again)[0]
    assert [one.words for one in stored()] == [HOSTILE]
    assert "An operator decides it." in uli.get("/notices").text


def earlier(model, column, **by):
    """Let something have happened earlier."""
    with writing() as session:
        for one in session.scalars(select(model)):
            setattr(one, column, getattr(one, column) - timedelta(**by))


def test_after_twenty_days_the_page_says_so(browse, page, inside):
    with inside():
        earlier(Restriction, "since", days=20)
    uli = browse("Uli")
    text = uli.get(page).text
    assert "You could appeal for 20 days, which are over." in text
    assert 'name="words"' not in text
    late = uli.post(page, data={"words": "Kept all the same"})
    assert late.status_code == 422
    assert "Kept all the same" in late.text
    assert page not in uli.get("/notices").text


def test_what_has_ended_is_not_appealed(browse, page, inside, people):
    with inside():
        ref = page.split("/")[2]
        restrictions.end_restriction(db.session.get_one(User, people["Oskar"].id),
                                     restrictions.find_restriction_for_operator(ref), "Enough")
    assert "It has ended" in browse("Uli").get(page).text
    assert browse("Uli").post(page, data={"words": "Still"}).status_code == 422


# --- the operators' side -------------------------------------------------------------------------


def test_it_waits_on_top_of_the_restrictions(browse, desk):
    seen = Seen(browse("Oskar").get("/operator/restrictions"))
    assert seen.links["Appeal by Uli Brandt"] == desk
    assert "Appeals that wait" not in browse("Oskar").get("/operator/restrictions?show=ended").text


def test_who_decided_reads_it_and_does_not_decide(browse, desk, stored):
    olga = browse("Olga")
    seen = Seen(olga.get(desk))
    assert seen.heading == "Appeal"
    assert "You made this decision: another operator decides the appeal." in seen.words
    assert 'name="reason"' not in seen.answer.text
    answer = olga.post(desk, data={"reason": "No", "do": "keep"})
    assert answer.status_code == 422
    assert summary(answer) == ["You made this decision: another operator decides the appeal."]
    assert stored()[0].decided_at is None
    assert 'name="reason"' in browse("Oskar").get(desk).text


def test_their_words_stay_words(browse, desk):
    """SEC-13: shown as typed, and never a link."""
    text = browse("Oskar").get(desk).text
    assert "&lt;b&gt;had&lt;/b&gt;" in text
    assert "<script>alert" not in text
    assert "\u202e" not in text
    assert 'href="http://evil' not in text


@pytest.mark.parametrize(("do", "said", "told"), [
    ("keep", "Kept. The person reads your reason.", "After the appeal it was kept."),
    ("lift", "Lifted. Texts that waited because of it go out now.", "After the appeal it was lifted."),
])
def test_the_answer_is_read_on_both_sides(browse, page, desk, do, said, told):
    oskar = browse("Oskar")
    assert oskar.post(desk, data={"reason": "I looked <i>closely</i>", "do": do}).location == "/operator/restrictions"
    assert said in oskar.get("/operator/restrictions").text
    decided = Seen(oskar.get(desk))
    assert "I looked <i>closely</i>" in decided.words
    assert "Oskar Lind" in decided.words
    assert "decided by the same operator" not in decided.words
    for who in ("Uli", "Ada"):
        for address in (page, "/notices"):
            text = words(browse(who).get(address).text)
            assert told in text, (who, address)
            assert "I looked &lt;i&gt;closely&lt;/i&gt;" in text
            assert "Oskar" not in text


def test_two_operators_decide_once(browse, page, desk, stored, inside, people):
    with inside(), writing() as session:
        session.add(User(name="Otis Hall", name_key="otis hall", email="otis@example.com", email_key="otis@example.com",
                         operator=True, account=AccountState.ACTIVE))
        session.flush()
        otis = session.scalars(select(User.id).where(User.email == "otis@example.com")).one()
    browse("Oskar").post(desk, data={"reason": "It stays", "do": "keep"})
    late = browse("Olga").application.test_client().sign_in(otis).post(desk, data={"reason": "Lift it", "do": "lift"})
    assert late.status_code == 422
    assert summary(late) == ["This appeal has been decided."]
    assert "It stays" in late.text
    assert (stored()[0].kept, stored()[0].answer) == (True, "It stays")


@pytest.mark.parametrize("typed", ["", " ", "x" * 501])
def test_an_answer_has_a_reason(browse, desk, stored, typed):
    answer = browse("Oskar").post(desk, data={"reason": typed, "do": "lift"})
    assert answer.status_code == 422
    assert len(summary(answer)) == 1
    assert stored()[0].decided_at is None


def test_alone_it_is_decided_on_another_day_and_marked(browse, page, desk, inside):
    """With one operator there is nobody else; the person is told so."""
    with inside(), writing() as session:
        session.execute(update(User).where(User.name == "Oskar Lind").values(account=AccountState.DEACTIVATED))
    assert "again tomorrow" in browse("Olga").get(desk).text
    with inside():
        earlier(Appeal, "at", days=1)
    olga = browse("Olga")
    assert "the answer is marked so" in olga.get(desk).text
    assert olga.post(desk, data={"reason": "It stays", "do": "keep"}).status_code == 303
    assert "decided by the same operator" in olga.get(desk).text
    assert "decided by the same operator, as there is no other one" in browse("Uli").get(page).text


# --- what helps to decide ------------------------------------------------------------------------


def test_the_evidence_stands_on_the_page_and_neither_answer_weighs_more(browse, desk, inside, stored):
    seen = Seen(browse("Oskar").get(desk))
    assert "such text" not in seen.words, "there is no case behind it"
    lift, keep = (one.get("class") for one in seen.all("button[@name='do']"))
    assert lift == keep
    with inside():
        uli = db.session.scalars(select(User).where(User.name == "Uli Brandt")).one()
        reported(uli.id, uli.number.e164, 2)
        with writing() as session:
            session.execute(update(Restriction).values(case_id=case().id))
    seen = Seen(browse("Oskar").get(desk))
    assert ("2 such texts were sent. 2 people got it. All within 1 hour. 2 people reported it."
            " Nobody replied STOP.") in seen.words


def test_operators_find_appeals_from_their_start_page(browse, desk):
    seen = Seen(browse("Olga").get("/operator/"))
    assert seen.links["1 appeal waits for a decision"] == "/operator/restrictions"
