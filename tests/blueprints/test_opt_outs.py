"""The page Opt-outs, and what administrators see of texting besides."""

import csv
import io

import pytest
from sqlalchemy import select

from portal.extensions import db, writing
from portal.models import AuditEvent, OptOut, OptOutSource, OptOutState, User
from tests.talks import THEIRS, come, words

ULI = "+14165550101"
SOURCES = {OptOutSource.MANUAL: True, OptOutSource.WEB: True, OptOutSource.STOP: False, OptOutSource.WORDING: True}


@pytest.fixture
def entry(inside, people):
    """`entry(source, state)`: the ref of an opt-out of Maple Clinic's."""
    def make(source=OptOutSource.MANUAL, state=OptOutState.OUT, theirs=THEIRS, note="by phone"):
        with inside(), writing() as session:
            organization_id = session.get_one(User, people["Ada"].id).organization_id
            session.add(OptOut(organization_id=organization_id, theirs=theirs, state=state, source=source,
                               note=note))
        with inside():
            return db.session.scalars(select(OptOut.ref).where(OptOut.theirs == theirs)).one()
    return make


def consent(inside):
    with inside():
        return db.session.scalars(select(OptOut.state)).all()


# --- who may ------------------------------------------------------------------------------------


def test_who_may_look_and_who_may_act(browse, inside, entry):
    ref = entry()
    posts = {"/admin/opt-outs": {"number": "416 555 0123", "source": "x"}, f"/admin/opt-outs/{ref}": {"reason": "x"},
             f"/admin/opt-outs/{ref}/decide": {"meant": "yes"}}
    gets = ("/admin/opt-outs", f"/admin/opt-outs/{ref}", "/admin/opt-outs/export")
    for who, look, act in (("Uli", 403, 403), ("Olga", 403, 403), ("Rita", 200, 403)):
        assert {browse(who).get(page).status_code for page in gets} == {look}
        assert {browse(who).post(page, data=form).status_code for page, form in posts.items()} == {act}
    assert browse("Otto").get(f"/admin/opt-outs/{ref}").status_code == 404
    assert browse("Otto").post(f"/admin/opt-outs/{ref}", data={"reason": "x"}).status_code == 404
    assert browse("Otto").post(f"/admin/opt-outs/{ref}/decide").status_code == 404
    assert "555 0110" not in browse("Otto").get("/admin/opt-outs").text
    assert "555 0110" not in browse("Otto").get("/admin/opt-outs/export").text.replace(THEIRS, "555 0110")
    assert consent(inside) == [OptOutState.OUT]
    assert browse("Ada").get(f"/admin/opt-outs/{ref}").status_code == 200


def test_an_auditor_sees_no_buttons(browse, entry):
    ref = entry()
    entry(OptOutSource.WORDING, OptOutState.LIKELY_OUT, "+16475550111")
    for address in ("/admin/opt-outs", f"/admin/opt-outs/{ref}"):
        page = browse("Rita").get(address).text
        assert "+1 647 555 0110" in page
        for button in (">Add<", ">Withdraw<", ">Yes, stop texting them<"):
            assert button not in page
    assert browse("Rita").post("/admin/opt-outs/search", data={"search": "0110"}).status_code == 200


def test_forms_need_their_token(browse, entry):
    ref = entry()
    for address in ("/admin/opt-outs", "/admin/opt-outs/search", f"/admin/opt-outs/{ref}",
                    f"/admin/opt-outs/{ref}/decide"):
        assert browse("Ada").post(address, data={}, token=False).status_code == 400


# --- the list -----------------------------------------------------------------------------------


def test_an_empty_list_says_what_would_stand_there(browse):
    page = browse("Ada").get("/admin/opt-outs").text
    assert "<h1>Opt-outs</h1>" in page
    assert "Nobody has opted out" in page


def test_numbers_with_when_and_how(browse, entry):
    for index, source in enumerate(SOURCES):
        entry(source, theirs=f"+1647555011{index}", note="")
    page = words(browse("Ada").get("/admin/opt-outs").text)
    for words_of in ("They texted STOP", "By their wording", "Added by hand", "On the web"):
        assert words_of in page
    assert page.count("Withdraw") == 3


def test_search_by_digits(browse, entry):
    entry(theirs="+16475550111")
    entry(theirs="+16475550122")
    page = browse("Ada").post("/admin/opt-outs/search", data={"search": "(0)111"}).text
    assert "+1 647 555 0111" in page
    assert "+1 647 555 0122" not in page
    assert "No opt-out fits" in browse("Ada").post("/admin/opt-outs/search", data={"search": "999"}).text
    assert browse("Ada").get("/admin/opt-outs/search").location == "/admin/opt-outs"
    assert browse("Ada").get("/admin/opt-outs?before=99999999999999999999").status_code == 200


def test_many_go_on_from_page_to_page(browse, inside, people):
    with inside(), writing() as session:
        organization_id = session.get_one(User, people["Ada"].id).organization_id
        session.add_all(OptOut(organization_id=organization_id, theirs=f"+1647555{index:04}", state=OptOutState.OUT,
                               source=OptOutSource.STOP) for index in range(60))
    page = browse("Ada").get("/admin/opt-outs").text
    assert page.count('<th scope="row">') == 50
    older = page.split('rel="next" href="')[1].split('"')[0]
    page = browse("Ada").get(older).text
    assert page.count('<th scope="row">') == 10
    assert "Newest" in page
    found = browse("Ada").post("/admin/opt-outs/search", data={"search": "6475"}).text
    before = found.split('name="before" value="')[1].split('"')[0]
    page = browse("Ada").post("/admin/opt-outs/search", data={"search": "6475", "before": before}).text
    assert page.count('<th scope="row">') == 10


# --- adding and withdrawing ----------------------------------------------------------------------


def test_adding_one(browse, inside):
    answer = browse("Ada").post("/admin/opt-outs", data={"number": "647 555 0110", "source": " by phone, 12 May "},
                                follow_redirects=True)
    assert "Opt-out added." in answer.text
    assert "by phone, 12 May" in answer.text
    assert "+1 647 555 0110" in answer.text
    log = words(browse("Rita").get("/admin/audit").text)
    assert ("Ada Keller added an opt-out of +1 647 555 0110 to Maple Clinic . How it was said: by phone, 12 May"
            in log)


@pytest.mark.parametrize(("form", "said"), [
    ({"number": "", "source": "by phone"}, "Enter the number."),
    ({"number": THEIRS, "source": " "}, "Say how it was said."),
    ({"number": "abc", "source": "x"}, "This is not a phone number."),
    ({"number": "911", "source": "x"}, "Short codes"),
    ({"number": THEIRS, "source": "x" * 201}, "Use at most 200 characters.")])
def test_what_cannot_be_added(browse, inside, form, said):
    answer = browse("Ada").post("/admin/opt-outs", data=form)
    assert answer.status_code == 422
    assert answer.text.count(said) == 2, "once in the summary, once at the field"
    assert "<title>Error: Opt-outs" in answer.text
    assert consent(inside) == []


def test_whoever_is_out_already(browse, entry):
    entry()
    answer = browse("Ada").post("/admin/opt-outs", data={"number": THEIRS, "source": "x"})
    assert answer.status_code == 422
    assert "This number has opted out already." in answer.text


@pytest.mark.parametrize(("source", "can"), SOURCES.items())
def test_withdrawing_with_a_reason(browse, inside, entry, source, can):
    address = f"/admin/opt-outs/{entry(source)}"
    page = browse("Ada").get(address).text
    assert (">Withdraw</button>" in page) == can
    assert ("Only the person can undo this" in page) != can
    assert browse("Ada").post(address, data={"reason": ""}).status_code == 422
    answer = browse("Ada").post(address, data={"reason": "it was another number"})
    assert answer.status_code == (303 if can else 422)
    assert consent(inside) == [OptOutState.IN_AGAIN if can else OptOutState.OUT]
    with inside():
        logged = db.session.scalars(select(AuditEvent.action).where(AuditEvent.action == "opt-out-withdrawn")).all()
        assert len(logged) == can


# --- the file ------------------------------------------------------------------------------------


def test_the_file_holds_all_and_no_formulas(browse, entry):
    entry(note="=SUM(A1)")
    entry(OptOutSource.WORDING, OptOutState.LIKELY_OUT, "+16475550111", "")
    entry(OptOutSource.STOP, OptOutState.IN_AGAIN, "+16475550112", "")
    answer = browse("Ada").get("/admin/opt-outs/export")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="opt-outs.csv"'
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["Number", "State", "Since (UTC)", "How", "Source"]
    assert [(row[0], row[1], row[4]) for row in rows[1:]] == [
        ("'+16475550111", "May have opted out, waits for a decision", ""), ("'+16475550110", "Opted out", "'=SUM(A1)")]


def test_a_long_file_comes_in_batches(browse, inside, people):
    with inside(), writing() as session:
        organization_id = session.get_one(User, people["Ada"].id).organization_id
        session.add_all(OptOut(organization_id=organization_id, theirs=f"+1647555{index:04}", state=OptOutState.OUT,
                               source=OptOutSource.STOP) for index in range(130))
    assert browse("Ada").get("/admin/opt-outs/export").text.count("\n") == 131


# --- overview and check --------------------------------------------------------------------------


def test_texts_that_did_not_arrive_are_counted_on_the_overview(browse, inside, people):
    assert "reached nobody" not in browse("Ada").get("/admin/").text
    with inside():
        come("Anybody there?", "+14165550199")
        come("for Mia", "+12065550161")
    page = words(browse("Ada").get("/admin/").text)
    assert "reached nobody" not in page, "a number that nobody has is nobody's to count"
    assert "1 incoming text reached nobody" in words(browse("Otto").get("/admin/").text)


def test_todays_segments_stand_beside_what_is_allowed(browse, inside):
    browse("Uli").post("/messages/new", data={"number": "+12125550123", "body": "x" * 200})
    assert "Segments to US numbers since midnight Pacific: 2 of 2,000." in words(browse("Ada").get("/admin/").text)
    assert "since midnight Pacific: 0 of 2,000." in words(browse("Otto").get("/admin/").text)


def test_a_text_can_be_checked_before_it_is_written(browse, inside):
    form = {"user": "uli@example.com", "number": THEIRS, "text": "See https://bit.ly/maple"}
    page = words(browse("Rita").post("/admin/check", data=form).text)
    assert "Yes: Uli Brandt could send this now." in page
    assert "Carriers often refuse links of this shortener: bit.ly." in page
    assert "Public link shorteners a warning" in page
    assert "The first text to a person a warning" in page
    page = words(browse("Ada").post("/admin/check", data={**form, "text": "x" * 1600}).text)
    assert "No: Uli Brandt could not send this now." in page
    with inside():
        assert db.session.scalars(select(OptOut)).all() == []


def test_checking_a_text_without_a_number(browse):
    page = words(browse("Ada").post("/admin/check", data={"user": "uli@example.com", "text": "x" * 1600}).text)
    assert "Shorten it, or send two texts." in page
    assert "This is not a phone number" not in page
