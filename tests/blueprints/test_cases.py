"""The queue of spam cases and the page of one, as operators use them."""

import csv
import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.extensions import db, now, writing
from portal.models import Case, Message, Number, Restriction, User
from portal.rules.cases import CaseState
from portal.rules.facts import Category
from tests.blueprints.reader import Seen, look, press
from tests.reports import case, reported, settle, told
from tests.talks import come

SLOW = {"Slow down sender": True, "Texts a minute": "2", "Reason": "spam",
        "Note": "Ask before you advertise"}


@pytest.fixture
def olga(browse):
    return browse("Olga")


@pytest.fixture
def page(people, inside):
    """The address of a case against Uli that one person reported."""
    with inside():
        reported(people["Uli"].id, people["Uli"].number, 1)
        return f"/operator/cases/{case().ref}"


def more_cases(many, **more):
    """So many more cases against Ben; their refs."""
    number = db.session.scalars(select(Number).where(Number.e164 == "+14165550102")).one()
    with writing() as session:
        made = [Case(organization_id=number.organization_id, number_id=number.id, user_id=number.user_id,
                     target_at=now() + timedelta(minutes=index), **more) for index in range(many)]
        session.add_all(made)
    return [one.ref for one in made]


# --- the queue -----------------------------------------------------------------------------------


def test_an_empty_queue_says_so(olga):
    assert "No case waits" in look(olga, "/operator/cases").words
    assert "Nothing has been decided yet" in look(olga, "/operator/cases?state=decided").words
    assert "No case fits these filters" in look(olga, "/operator/cases?whose=me").words


def test_what_nobody_looks_into_is_counted(olga, inside):
    """Reports that fit nothing enter no queue, but their number is a hint at a campaign from elsewhere."""
    assert "last 30 days" not in look(olga, "/operator/cases").words
    with inside():
        told("+1 604 555 0199", "+16475560001")
        told("+1 604 555 0198", "+16475560002")
        settle()
    assert "2 reports in 30 days match no text we sent" in look(olga, "/operator/cases").words
    assert "No case waits" in look(olga, "/operator/cases").words


def test_a_line_of_the_queue(olga, page):
    (row,) = look(olga, "/operator/cases").rows
    # Whether the desk is at work at this moment decides.
    assert re.fullmatch(r"\d+ (min|h) left|\d days? left", row[1])
    assert row[2:] == ["Scam or phishing", "1 verified", "+1 416 555 0101", "Uli Brandt", "Maple Clinic", "nobody"]


def test_a_portal_with_one_organization_names_none(olga, page, monkeypatch):
    monkeypatch.setattr("portal.services.spam.cases.has_several_organizations", lambda: False)
    seen = look(olga, "/operator/cases")
    assert "Maple Clinic" not in seen.words
    assert "Maple Clinic" not in look(olga, page).words


def test_the_filters_stay_in_the_address(olga, inside, people):
    with inside():
        more_cases(60, assigned_id=people["Olga"].id, category=Category.SCAM)
        more_cases(3)
    seen = look(olga, "/operator/cases?category=scam&whose=me")
    assert len(seen.rows) == 50
    assert "category=scam&whose=me" in seen.links["Next"]
    following = look(olga, seen.links["Next"])
    assert len(following.rows) == 10
    assert following.links["First"] == "/operator/cases?category=scam&whose=me"


@pytest.mark.parametrize("query", [
    "?after=nothing", "?category=x&whose=x&state=x", "?after=" + "x" * 2000, "?state=decided"])
def test_an_address_that_makes_no_sense_is_answered(olga, page, query):
    assert olga.get(f"/operator/cases{query}").status_code == 200


def test_several_cases_are_cleared_at_once(olga, inside):
    with inside():
        first, second, third, decided = more_cases(4)
        db.session.rollback()
    seen = look(olga, "/operator/cases?whose=nobody")
    olga.post(f"/operator/cases/{decided}", data={"choice": "upheld"})
    typed = {f"Select case {ref}": True for ref in (first, second, decided)}
    after = press(olga, seen, "Did not break the rules", typed)
    assert "2 cases decided: did not break the rules." in after.said
    assert "decided already" in after.said
    assert [link for link in after.links.values() if third in link]
    assert after.answer.request.query_string == b"whose=nobody"
    assert len(look(olga, "/operator/cases?state=decided").rows) == 3


def test_nothing_ticked_is_said(olga, page):
    seen = press(olga, look(olga, "/operator/cases"), "Did not break the rules")
    assert (seen.status, seen.problems) == (422, ["Tick at least one case in the list."])


def test_the_start_page_counts_cases(olga, inside):
    assert "wait for a decision" not in look(olga, "/operator/").words
    with inside():
        more_cases(2)
        with writing() as session:
            session.scalars(select(Case).order_by(Case.id)).first().target_at = now() - timedelta(hours=3)
            session.scalars(select(Case).order_by(Case.id.desc())).first().target_at = now() + timedelta(hours=3)
    seen = look(olga, "/operator/")
    assert "1 is late" in seen.words
    late, left = (row[1] for row in look(olga, seen.links["2 spam cases wait for a decision"]).rows)
    assert (late, left) == ("3 h late", "2 h left")


# --- a case --------------------------------------------------------------------------------------


def test_the_line_that_decides_comes_first(olga, people, inside):
    with inside():
        reported(people["Uli"].id, people["Uli"].number, 3, recipients=14)
        come("STOP", people["Uli"].number, "+16475560001")
        ref = case().ref
    seen = look(olga, f"/operator/cases/{ref}")
    assert ("14 such texts were sent. 14 people got it. All within 1 hour. 3 people reported it."
            " 1 person replied STOP.") in seen.words
    assert "slowed: the user" in seen.region("Restrictions of the sender").words
    assert seen.region("Reports").words.count("verified: this number got the text") == 3


def test_one_of_everything_is_said_right(olga, page):
    assert ("1 such text was sent. 1 person got it. All within 1 hour. 1 person reported it. Nobody replied STOP."
            ) in look(olga, page).words


def test_a_case_whose_texts_are_erased(olga, page, inside):
    with inside(), writing() as session:
        session.query(Message).delete()
    assert "The sent log holds no text of this wording any more." in look(olga, page).words


def test_decide_and_slow_down(olga, page, inside, people):
    """The sender reads the note; the decision, its author and the restriction stand on the page."""
    seen = press(olga, look(olga, page), "Decide", SLOW)
    assert seen.heading == "Scam or phishing: Uli Brandt, Maple Clinic"
    decided = seen.region("Decided").words
    assert all(word in decided for word in ("Broke the rules", "Olga Weiss", "Ask before you advertise"))
    with inside():
        made = db.session.scalars(select(Restriction)).one()
        assert (made.user_id, made.per_minute, made.note) == (people["Uli"].id, 2, "Ask before you advertise")
        assert timedelta(days=2, hours=23) < made.until - now() < timedelta(days=3)


def test_until_is_read_in_the_operators_zone(olga, page, inside, people):
    with inside(), writing() as session:
        session.get_one(User, people["Olga"].id).time_zone = "America/Toronto"
    day = f"{now() + timedelta(days=5):%Y-%m-%d}"
    press(olga, look(olga, page), "Decide", {**SLOW, "Until": f"{day}T12:00"})
    with inside():
        assert db.session.scalars(select(Restriction)).one().until.hour in (16, 17)


def test_everything_typed_stays_beside_an_error(olga, page):
    seen = press(olga, look(olga, page), "Decide", {**SLOW, "Until": "2020-01-01T12:00"})
    assert (seen.status, seen.problems) == (422, ["Choose a moment that lies ahead."])
    kept = seen.form("Slow down until 1 Jan").data
    assert (kept["choice"], kept["cause"]) == (["throttle"], ["spam"])
    assert (kept["note"], kept["per_minute"]) == (["Ask before you advertise"], ["2"])
    assert kept["until"] == ["2020-01-01T12:00"]


def test_without_a_measure_no_end_is_needed(olga, page):
    assert press(olga, look(olga, page), "Decide", {"Did not break the rules": True, "Until": ""}).region("Decided")


def test_decide_and_open_next(olga, page, inside):
    with inside():
        second, third = more_cases(2)
    seen = look(olga, f"/operator/cases/{third}")
    seen = press(olga, seen, "Decide and open next", {"Did not break the rules": True})
    assert f"Case {second}" in seen.region("Sender").words
    seen = press(olga, seen, "Decide and open next", {
        "Duplicate of another case": True, "Reference of the other case": third})
    assert f"Case {page[-12:]}" in seen.region("Sender").words
    seen = press(olga, seen, "Decide and open next", {"Broke the rules, no restriction": True})
    assert seen.heading == "Spam cases"
    assert "All cases are decided." in seen.said
    assert third in look(olga, f"/operator/cases/{second}").region("Decided").links


def test_two_operators(browse, olga, page, inside):
    """Oskar has the form open while Olga decides: he reads what she decided, and his note is not lost."""
    oskar = browse("Oskar")
    opened = look(oskar, page)
    press(olga, look(olga, page), "Decide", {"Did not break the rules": True, "Note": "They had asked for it"})
    seen = press(oskar, opened, "Decide", SLOW)
    assert seen.status == 409
    assert "Another operator has decided this case since you opened it." in seen.words
    assert all(word in seen.region("Decided").words for word in ("Olga Weiss", "Did not break", "had asked for it"))
    assert "Ask before you advertise" in seen.region("Decided").words
    assert press(oskar, opened, "Assign to me").status == 409
    with inside():
        assert db.session.scalars(select(Restriction)).all() == []


def test_take_note_and_reopen(olga, page):
    seen = press(olga, look(olga, page), "Assign to me")
    assert "Assign to me" not in seen.buttons
    assert press(olga, seen, "Add note", {"Note for operators": " "}).status == 422
    seen = press(olga, seen, "Add note", {"Note for operators": "Asked the carrier"})
    seen = press(olga, seen, "Decide", {"Broke the rules, no restriction": True})
    seen = press(olga, seen, "Reopen", {"Why look at it again?": "There is more"})
    assert "Decide" in seen.buttons
    history = seen.region("History").words
    for line in ("Took the case.", "Asked the carrier", "Decided: broke the rules.", "Reopened the case.",
                 "There is more"):
        assert line in history


def test_the_preview_says_what_they_will_read(olga, page):
    seen = look(olga, page)
    assert "Nothing: the sender is not told about the case." in seen.words
    form = seen.form("Decide")
    form.fill({"Block sender": True, "Reason": "fraud", "For whom": "This number",
               "Note": "<b>x"})
    part = Seen(olga.post(f"{page}/preview", data=form.data, part=True))
    assert "Sending is blocked for the number until" in part.words
    assert "The sender broke the rules" in part.words
    assert "found nothing" not in part.words
    assert "<b>x" in part.words
    nonsense = {"choice": "x", "whom": "x", "until": "x"}
    assert olga.post(f"{page}/preview", data=nonsense).status_code == 200


def test_the_file_holds_the_case(olga, page):
    olga.post(f"{page}/note", data={"add-note": "=1+1"})
    answer = olga.get(f"{page}.csv")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    lines = list(csv.reader(io.StringIO(answer.text, newline="")))
    assert [line[0].removeprefix("\ufeff") for line in lines] == [
        "Entry", "case", "report", "text sent", *["history"] * 3]
    assert "'=1+1" in [cell for line in lines for cell in line]
    assert "Exported the case." in look(olga, page).words


# --- who may -------------------------------------------------------------------------------------


def test_a_case_about_oneself_is_one_sentence(browse, page, people, inside):
    """An operator who is a user as well sees that there is one, and nothing of it."""
    with inside(), writing() as session:
        session.get_one(User, people["Uli"].id).operator = True
    uli = browse("Uli")
    (row,) = look(uli, "/operator/cases").rows
    assert row[2:4] == ["about you", "–"]
    assert page not in uli.get("/operator/cases").text
    seen = look(uli, page)
    assert seen.words.endswith("This case is about you: another operator handles it.")
    assert "parcel" not in uli.get(f"{page}.csv").text
    for part in ("", "/assign", "/note", "/reopen", "/preview"):
        answer = uli.post(page + part, data={"choice": "upheld", "add-note": "x", "again-note": "x"})
        assert answer.status_code == 422
        assert "parcel" not in answer.text
    uli.post("/operator/cases", data={"case": page[-12:]})
    with inside():
        assert case().state is CaseState.OPEN


def test_when_only_cases_about_oneself_are_left(browse, page, people, inside):
    with inside(), writing() as session:
        session.get_one(User, people["Uli"].id).operator = True
        session.flush()
    with inside():
        (ref,) = more_cases(1)
    uli = browse("Uli")
    seen = press(uli, look(uli, f"/operator/cases/{ref}"), "Decide and open next", {
        "Broke the rules, no restriction": True})
    assert "All cases are decided." not in seen.said
    assert "about you" in seen.said


@pytest.mark.parametrize(("name", "codes"), [("Ada", {403}), ("Uli", {403}), ("Nobody", {303, 401})])
def test_only_operators_come_in(browse, page, name, codes):
    browser = browse(name)
    for address in ("/operator/cases", page, f"{page}.csv"):
        assert browser.get(address).status_code in codes
    assert browser.post(page, data={"choice": "upheld"}).status_code in codes
