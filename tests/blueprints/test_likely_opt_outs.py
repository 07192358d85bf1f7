"""Pages about likely opt-outs: who decides where, with which reason, and what is undone."""

import pytest
from sqlalchemy import select, update

from portal.extensions import db, writing
from portal.models import OptOut, OptOutSource, OptOutState, User
from tests.talks import come, hold, text_in, text_out, words

ULI = "+14165550101"
NO = {"meant": "no", "reason": "joke"}


@pytest.fixture
def likely(inside, people):
    """The ref of a likely opt-out, said to Uli."""
    with inside():
        come("who is this, leave me alone", ULI)
        return db.session.scalars(select(OptOut.ref)).one()


@pytest.fixture
def talk(inside, people, likely):
    """The ref of Uli's conversation with them."""
    with inside():
        return hold(people["Uli"].id)


def ask_admins(inside):
    """Two working days have passed."""
    with inside(), writing() as session:
        session.execute(update(OptOut).values(step=2))


def state(inside):
    with inside():
        return db.session.scalars(select(OptOut.state)).one()


# --- administrators ------------------------------------------------------------------------------


def test_the_list_says_who_decides(browse, inside, likely):
    page = words(browse("Ada").get("/admin/opt-outs").text)
    assert "Waiting for a decision" in page
    assert "+1 647 555 0110" in page
    assert "Uli Brandt The member, for two working days" in page
    assert "likely opt-out waits" not in browse("Ada").get("/admin/").text
    ask_admins(inside)
    assert 'aria-label="Decide about +1 647 555 0110"' in browse("Ada").get("/admin/opt-outs").text
    assert "1 likely opt-out waits for an administrator" in browse("Ada").get("/admin/").text
    assert "Uli Brandt An administrator" in words(browse("Rita").get("/admin/opt-outs").text)


@pytest.mark.parametrize(("form", "after", "logged"), [
    ({"meant": "yes"}, OptOutState.OUT,
     "Ada Keller answered “yes” to whether +1 647 555 0110 meant to opt out of Maple Clinic ."),
    (NO, OptOutState.NOT_MEANT,
     ("Ada Keller decided that +1 647 555 0110 did not mean to opt out of Maple Clinic . Reason: They were"
      " joking, or repeated the words of others."))])
def test_an_administrator_decides_and_undoes(browse, inside, likely, form, after, logged):
    ask_admins(inside)
    ada, address = browse("Ada"), f"/admin/opt-outs/{likely}"
    answer = ada.post(f"{address}/decide", data=form, follow_redirects=True)
    assert "Your decision is saved." in answer.text
    assert ">Undo</button>" in answer.text
    assert ">Undo</button>" not in browse("Rita").get(address).text
    assert state(inside) is after
    again = ada.post(f"{address}/decide", data={"meant": "no"}, follow_redirects=True)
    assert "Another person has decided already." in again.text
    assert state(inside) is after
    assert logged in words(ada.get("/admin/audit").text)
    undone = ada.post(f"{address}/undo", data={}, follow_redirects=True)
    assert "Texts that were refused before stay refused." in undone.text
    assert state(inside) is OptOutState.LIKELY_OUT
    assert "Ada Keller undid the answer" in words(ada.get("/admin/audit").text)
    late = ada.post(f"{address}/undo", data={}, follow_redirects=True)
    assert "It is too late to undo this" in late.text


def test_no_needs_a_reason_of_the_list(browse, inside, likely, talk):
    ask_admins(inside)
    for who, address in (("Ada", f"/admin/opt-outs/{likely}/decide"), ("Uli", f"/messages/{talk}/opt-out")):
        for form in ({"meant": "no"}, {"meant": "no", "reason": ""}, {"meant": "no", "reason": "x"}):
            answer = browse(who).post(address, data=form)
            assert answer.status_code == 422
            assert "<title>Error: " in answer.text
            assert "There is a problem" in answer.text
    assert state(inside) is OptOutState.LIKELY_OUT


def test_yes_is_possible_at_any_time_and_no_in_its_time(browse, inside, likely):
    ada, address = browse("Ada"), f"/admin/opt-outs/{likely}"
    page = ada.get(address).text
    assert ">Yes, stop texting them</button>" in page
    assert ">No, they did not mean that</button>" not in page
    assert ">Read the words</button>" not in page
    answer = ada.post(f"{address}/decide", data=NO)
    assert answer.status_code == 422
    assert "Only a member who can read the text can say No now." in answer.text
    assert ada.post(f"{address}/decide", data={"meant": "yes"}).status_code == 303
    assert state(inside) is OptOutState.OUT


def test_the_words_are_shown_once_asked_for_and_the_member_is_told(browse, inside, likely, talk):
    ada, address = browse("Ada"), f"/admin/opt-outs/{likely}"
    early = ada.post(f"{address}/read", data={}, follow_redirects=True)
    assert "You cannot read this text." in early.text
    ask_admins(inside)
    page = ada.get(address).text
    assert ">Read the words</button>" in page
    assert "leave me alone" not in page
    assert "who is this, leave me alone" in ada.post(f"{address}/read", data={}).text
    assert "leave me alone" not in ada.get(address).text
    told = words(ada.get("/admin/audit").text)
    assert "Ada Keller read the words of a likely opt-out of +1 647 555 0110 from Maple Clinic ." in told
    assert "An administrator read the words in question" in browse("Uli").get(f"/messages/{talk}").text
    assert ">Read the words</button>" not in browse("Rita").get(address).text


def test_reloads_lead_back(browse, likely):
    for what in ("decide", "undo", "read"):
        assert browse("Ada").get(f"/admin/opt-outs/{likely}/{what}").location == f"/admin/opt-outs/{likely}"


def test_how_often_each_person_says_no(browse, inside, likely, talk):
    assert "How people decided" not in browse("Ada").get("/admin/opt-outs").text
    browse("Uli").post(f"/messages/{talk}/opt-out", data=NO)
    for who in ("Ada", "Rita"):
        assert "Uli Brandt 0 1" in words(browse(who).get("/admin/opt-outs").text)
    assert "How people decided" not in browse("Otto").get("/admin/opt-outs").text


def test_a_request_of_many_on_the_web_is_for_administrators(browse, inside, likely):
    with inside(), writing() as session:
        session.execute(update(OptOut).values(source=OptOutSource.WEB, said=""))
    page = words(browse("Ada").get(f"/admin/opt-outs/{likely}").text)
    assert "A person asked for it on the web, with many others at once." in page
    assert "No, they did not mean that" in page
    assert "Read the words" not in page


def test_nobody_but_its_member_reads_the_words(browse, inside, people):
    """Not on the list, not in the log, not in the export, nor anywhere else that administrators go."""
    with inside():
        come("leave me alone, and the rash is back", ULI)
        hold(people["Uli"].id, text_in("quite private"), text_out("quite private too"))
        ref = db.session.scalars(select(OptOut.ref)).one()
    for who in ("Ada", "Rita"):
        for page in ("", "opt-outs", f"opt-outs/{ref}", "opt-outs/export", "audit", "audit/export", "users/export"):
            shown = browse(who).get(f"/admin/{page}").text
            assert "rash" not in shown
            assert "private" not in shown


# --- members -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("form", "after", "said"), [
    ({"meant": "yes"}, OptOutState.OUT, "decided that they want no more texts"),
    (NO, OptOutState.NOT_MEANT, "decided that they did not mean to opt out")])
def test_the_member_decides_and_undoes(browse, inside, talk, form, after, said):
    uli, address = browse("Uli"), f"/messages/{talk}"
    page = uli.get(address).text
    assert ">Yes, stop texting them</button>" in page
    assert ">No, they did not mean that</button>" in page
    answer = uli.post(f"{address}/opt-out", data=form, follow_redirects=True)
    assert said in words(answer.text)
    assert "Yes, stop texting them" not in answer.text
    again = uli.post(f"{address}/opt-out", data={"meant": "no"}, follow_redirects=True)
    assert "Another person has decided already." in again.text
    assert state(inside) is after
    assert ">Undo</button>" in again.text
    undone = uli.post(f"{address}/opt-out/undo", data={}, follow_redirects=True)
    assert "Undone. It waits for a decision again" in undone.text
    assert ">Yes, stop texting them</button>" in undone.text
    assert state(inside) is OptOutState.LIKELY_OUT
    late = uli.post(f"{address}/opt-out/undo", data={}, follow_redirects=True)
    assert "It is too late to undo this" in late.text
    assert uli.get(f"{address}/opt-out/undo").location == address


def test_a_member_who_blocks_the_number_does_not_say_no(browse, inside, talk):
    uli = browse("Uli")
    uli.post(f"/messages/{talk}/block", data={"on": "y"})
    answer = uli.post(f"/messages/{talk}/opt-out", data=NO)
    assert answer.status_code == 422
    assert state(inside) is OptOutState.LIKELY_OUT


def test_nobody_else_decides_or_undoes_here(browse, inside, people, talk):
    for who in ("Ben", "Ada", "Otto"):
        for what in ("opt-out", "opt-out/undo"):
            assert browse(who).post(f"/messages/{talk}/{what}", data=NO).status_code == 404
    with inside():
        assert db.session.get_one(User, people["Ben"].id)
    assert state(inside) is OptOutState.LIKELY_OUT
