"""Consent on pages: written down by members and administrators, listed, corrected and withdrawn."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.blueprints.messaging import consent
from portal.extensions import db, now, writing
from portal.models import ConsentEnding, ConsentRecord, Message, Organization, User
from portal.rules.facts import ConsentKind
from portal.web import kept_parts
from portal.web.consent_fields import NewConsentForm
from tests.blueprints.reader import look, press
from tests.talks import THEIRS, come, hold, text_in, text_out

LIST = "/admin/consents"
HOW, DAY, PROOF = "How did they agree?", "On which day?", "What proves it?"
ULI = "+14165550101"


def some_days_ago(days=2):
    return f"{now() - timedelta(days=days):%Y-%m-%d}"


@pytest.fixture
def typed():
    return {HOW: "they bought something", DAY: some_days_ago(), PROOF: "Receipt 12"}


@pytest.fixture
def entry(inside, people):
    """`entry()`: the ref of a consent of Maple Clinic's."""
    def make(kind=ConsentKind.EXPRESS, theirs=THEIRS, **more):
        with inside(), writing() as session:
            ada = session.get_one(User, people["Ada"].id)
            row = ConsentRecord(organization_id=ada.organization_id, theirs=theirs, kind=kind,
                                **{"by_id": ada.id, "given_at": now() - timedelta(days=9), "proof": "By phone", **more})
            session.add(row)
            session.flush()
            return row.ref
    return make


@pytest.fixture
def held(inside):
    """`held()`: what is written down."""
    def read():
        with inside():
            return [(one.theirs, one.kind, one.proof, one.ending) for one in db.session.scalars(
                select(ConsentRecord).order_by(ConsentRecord.id))]
    return read


# --- administrators ------------------------------------------------------------------------------


def test_who_may_look_and_who_may_act(browse, entry, held):
    ref = entry()
    for who, code in (("Uli", 403), ("Olga", 403), ("Rita", 200), ("Ada", 200)):
        assert {browse(who).get(page).status_code for page in (LIST, f"{LIST}/{ref}")} == {code}
    assert browse("Otto").get(f"{LIST}/{ref}").status_code == 404
    assert browse("Otto").post(f"{LIST}/{ref}", data={"withdraw-reason": "x"}).status_code == 404
    for address in (LIST, f"{LIST}/{ref}", f"{LIST}/{ref}/correct"):
        assert browse("Rita").post(address, data={}).status_code == 403
    assert not set(look(browse("Rita"), LIST).buttons) & {"Write it down"}
    assert look(browse("Rita"), f"{LIST}/{ref}").buttons == []
    assert len(held()) == 1


def test_an_empty_list_says_what_would_stand_there(browse):
    assert "No consent is written down" in look(browse("Ada"), LIST).words


def test_a_consent_is_written_down_and_listed(browse, held, typed):
    ada = browse("Ada")
    seen = press(ada, look(ada, LIST), "Write it down", {"Number": "647 555 0110", **typed})
    assert seen.said == "Consent written down."
    assert held() == [(THEIRS, ConsentKind.PURCHASE, "Receipt 12", None)]
    (row,) = seen.rows
    assert row[0] == "+1 647 555 0110"
    assert (row[1], row[4]) == ("they bought something Receipt 12", "counts")
    assert "by Ada Keller" in row[2]
    assert "because they bought something. Proof: Receipt 12" in look(ada, "/admin/audit").words


@pytest.mark.parametrize(("change", "problem"), [
    ({"Number": ""}, "Enter the number."), ({"Number": "911"}, "No text can go to this number"),
    ({HOW: "Choose"}, "Choose how they agreed."), ({DAY: "soon"}, "Enter the day as year-month-day"),
    ({DAY: ""}, "Choose the day on which they agreed."),
    ({DAY: "2999-01-01"}, "This day is still to come."), ({DAY: "2001-01-01"}, "of this kind and day counted until"),
    ({PROOF: ""}, "Say where and how they agreed."), ({PROOF: "p" * 201}, "Use at most 200 characters."),
])
def test_what_is_missing_is_said_and_what_was_typed_stays(browse, held, typed, change, problem):
    ada = browse("Ada")
    seen = press(ada, look(ada, LIST), "Write it down", {"Number": "647 555 0110", **typed, **change})
    assert seen.status == 422
    assert problem in " ".join(seen.problems)
    assert seen.title.startswith("Error: ")
    filled = {"Number": "647 555 0110", PROOF: "Receipt 12", **change}
    form = seen.form("Write it down")
    assert form.labelled("Number").get("value") == filled["Number"]
    assert form.labelled(PROOF).get("value") == filled[PROOF]
    assert held() == []


def test_the_summary_names_the_fields_in_the_order_of_the_page(browse):
    ada = browse("Ada")
    assert press(ada, look(ada, LIST), "Write it down", {}).problems == [
        "Enter the number.", "Choose how they agreed.", "Choose the day on which they agreed.",
        "Say where and how they agreed."]


def test_fifty_a_page_and_found_by_digits(browse, entry):
    ada = browse("Ada")
    for index in range(52):
        entry(theirs=f"+1647555{index:04}")
    seen = look(ada, LIST)
    assert len(seen.rows) == 50
    assert len(look(ada, seen.links["Older"]).rows) == 2
    found = press(ada, seen, "Search", {"Search by number": "555 0007"})
    assert [row[0] for row in found.rows] == ["+1 647 555 0007"]
    assert "No consent fits" in press(ada, seen, "Search", {"Search by number": "999 99 99"}).words


def test_a_consent_is_corrected(browse, entry, held):
    ada, ref = browse("Ada"), entry(proof="By fone")
    seen = look(ada, f"{LIST}/{ref}")
    assert seen.form("Correct").labelled(PROOF).get("value") == "By fone"
    assert "Say what was wrong." in press(ada, seen, "Correct", {PROOF: "By phone"}).problems
    seen = press(ada, seen, "Correct", {PROOF: "By phone", "Reason": "Misspelled"})
    assert "Consent corrected" in seen.said
    assert held() == [(THEIRS, ConsentKind.EXPRESS, "By fone", ConsentEnding.CORRECTED),
                      (THEIRS, ConsentKind.EXPRESS, "By phone", None)]
    assert "Reason: Misspelled" in look(ada, "/admin/audit").words


def test_a_consent_is_withdrawn_once(browse, entry, held):
    ada, ref = browse("Ada"), entry()
    seen = look(ada, f"{LIST}/{ref}")
    assert press(ada, seen, "Withdraw").problems == ["Say why it is withdrawn."]
    assert press(ada, seen, "Withdraw", {"Reason": "They said so"}).said == "Consent withdrawn."
    assert [one[3] for one in held()] == [ConsentEnding.WITHDRAWN]
    again = press(ada, seen, "Withdraw", {"Reason": "Again"})
    assert (again.status, again.problems) == (422, ["This consent has ended already. Nothing was changed."])
    assert "withdrawn" in look(ada, f"{LIST}/{ref}").words


def test_what_the_portal_heard_has_its_words(browse, entry):
    entry(ConsentKind.WROTE_FIRST, by_id=None, proof="", until=now() - timedelta(days=1))
    (row,) = look(browse("Ada"), LIST).rows
    assert row[1] == "they wrote first They texted first. Each of their texts extends it."
    assert row[2].endswith("by the portal")
    assert row[4] == "its time is over"


# --- members -------------------------------------------------------------------------------------


def test_a_member_writes_it_down_beside_the_conversation(browse, inside, people, held, typed):
    with inside():
        ref = hold(people["Uli"].id, text_out(), text_in())
    uli = browse("Uli")
    seen = look(uli, f"/messages/{ref}")
    assert "No consent is written down." in seen.words
    wrong = press(uli, seen, "Write it down", {**typed, PROOF: ""})
    assert (wrong.status, wrong.problems) == (422, ["Say where and how they agreed."])
    seen = press(uli, seen, "Write it down", typed)
    assert seen.said == "Consent written down."
    assert "they bought something" in seen.words
    assert held() == [(THEIRS, ConsentKind.PURCHASE, "Receipt 12", None)]
    assert browse("Ben").get(f"/messages/{ref}/consent").status_code == 404
    assert browse("Ben").post(f"/messages/{ref}/consent", data={}).status_code == 404


def test_a_first_text_takes_the_consent_along(browse, inside, organizations, held, typed):
    with inside(), writing() as session:
        session.get_one(Organization, organizations["Maple"].id).consent_required = True
    uli, filled = browse("Uli"), {"To": "647 555 0110", "Message": "Your order is here."}
    refused = press(uli, look(uli, "/messages/new"), "Send", filled)
    assert "Your organization texts nobody without consent." in " ".join(refused.problems)
    assert press(uli, refused, "Send", {**typed, HOW: "Choose"}).problems == ["Choose how they agreed."]
    assert held() == []
    seen = press(uli, refused, "Send", typed)
    assert "Your order is here." in seen.words
    assert held() == [(THEIRS, ConsentKind.PURCHASE, "Receipt 12", None)]
    with inside():
        assert db.session.scalars(select(Message.body)).all() == ["Your order is here."]


def test_the_same_consent_is_not_written_twice(browse, held, typed):
    uli = browse("Uli")
    for body in ("", "", "Hello"):
        press(uli, look(uli, "/messages/new"), "Send", {"To": "647 555 0110", "Message": body, **typed})
    assert len(held()) == 1


def test_a_consent_of_who_opted_out_is_refused(browse, inside, people, held, typed):
    """STOP comes while the member fills in the form; the page afterwards has no form that could only be refused."""
    with inside():
        ref = hold(people["Uli"].id, text_out())
    uli = browse("Uli")
    before = look(uli, f"/messages/{ref}")
    with inside():
        come("STOP", ULI)
    seen = press(uli, before, "Write it down", typed)
    assert "nobody can write down a consent" in seen.problems[0]
    assert held() == []
    after = look(uli, f"/messages/{ref}")
    assert "Write it down" not in after.buttons
    assert "Ask them by phone to text START. That is consent" in after.words
    with inside():
        come("START", ULI)
    assert "Write it down" in look(uli, f"/messages/{ref}").buttons


def test_the_form_that_is_kept_is_that_of_its_conversation_and_its_reader(
        inside, browse, people, held, typed, monkeypatch):
    """It is written once for everybody: address and token are filled in for each."""
    writes = []
    monkeypatch.setattr(consent, "NewConsentForm", lambda **given: writes.append(given) or NewConsentForm(**given))
    kept_parts.forget_parts()
    with inside():
        refs = [hold(people[name].id, text_out(), theirs=theirs)
                for name, theirs in (("Uli", "+16475550111"), ("Uli", "+16475550112"), ("Ben", "+16475550113"))]
    uli, ben = browse("Uli"), browse("Ben")
    for who, ref in zip((uli, uli, ben), refs, strict=True):
        seen = press(who, look(who, f"/messages/{ref}"), "Write it down", typed)
        assert seen.said == "Consent written down."
    assert [theirs for theirs, *_more in held()] == ["+16475550111", "+16475550112", "+16475550113"]
    # Three were posted, and read from what was posted.
    assert [one for one in writes if one] == [{"formdata": None}]
    assert len(writes) == 4
