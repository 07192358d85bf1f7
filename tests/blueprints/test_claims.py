"""Claimed numbers on pages: no answer tells whose a number is, and operators decide about it."""

import io
import re

import pytest
from sqlalchemy import select

from portal.extensions import db, writing
from portal.models import AccountState, Acknowledgement, Claim, Message, Number, Organization, User
from portal.processes.worker import WorkerThread
from portal.services.people import addresses_elsewhere, numbers
from portal.services.people.notices import HIPAA
from portal.services.people.users import build_user
from portal.services.toggles import toggle
from tests.blueprints.reader import look, press
from tests.data.files import EMAIL, user_csv

FRESH, THEIRS = "+14165550134", "+12065550161"
# What differs between two answers without telling anything: tokens, ids, the number itself, the log of what was done.
VOLATILE = re.compile(r'name="csrf_token" value="[^"]*"|name="seen" value="[^"]*"|/admin/(?:import|undo)/\w+|'
                      r"\+?1?[ ()-]*(?:416|206)[ )-]*555[ -]?01\d\d|<ol class=\"log\">.*?</ol>|<time[^>]*>[^<]*</time>|"
                      r"welcome(?:/|%2F)[\w-]+|/admin/users/\w+|(?:nia|lea)@example.com|Nia|Lea", re.DOTALL)


def plain(answer):
    kept = {name: value for name, value in answer.headers.items() if name not in ("Set-Cookie", "Content-Length")}
    return answer.status_code, VOLATILE.sub("~", answer.text), {
        name: VOLATILE.sub("~", value) for name, value in kept.items()}


@pytest.fixture
def ada(browse):
    return browse("Ada")


@pytest.fixture
def claim(inside, people):
    """`claim("Mia")`: an administrator enters a number for somebody."""

    def enter(name, number=FRESH):
        with inside():
            user = db.session.get_one(User, people[name].id)
            numbers.assign_primary_number(user, user, number, user.number_or_claim.e164 if user.number_or_claim else "")

    return enter


@pytest.fixture
def held(inside, people):
    """`held("Uli")`: their number, or "claimed" and the number, or None."""

    def read(name):
        with inside():
            user = db.session.get_one(User, people[name].id)
            return user.number.e164 if user.number else user.claim and f"claimed {user.claim.e164}"

    return read


# --- no answer tells whose a number is -----------------------------------------------------------


def test_the_form_answers_alike_for_a_foreign_and_an_unknown_number(ada, people):
    """M7: answer and page are the same, byte for byte, but for the number."""
    page = f"/admin/users/{people['Rita'].ref}"
    seen = []
    for number in (THEIRS, FRESH):
        answer = ada.post(f"{page}/number", data={"number-number": number, "number-held": ""})
        seen.append((plain(answer), plain(ada.get(page))))
        assert answer.status_code == 303
        ada.post(f"{page}/number/remove", data={"number-held": number})
        ada.get(page)
    assert seen[0] == seen[1]
    assert "The provider has not confirmed" in seen[0][1][1]


def test_the_form_for_a_new_user_answers_alike(ada, locations):
    seen = []
    for name, number in (("Nia", THEIRS), ("Lea", FRESH)):
        answer = ada.post("/admin/users/new", data={
            "name": name, "email": f"{name.lower()}@example.com", "location": locations["Toronto"].ref,
            "number": number})
        seen.append(plain(answer))
    assert seen[0][0] == 200
    assert seen[0] == seen[1]


def test_dry_run_import_and_files_answer_alike(ada, people):
    """M7: dry run, file of errors, import, what it did, export, list and overview."""
    seen = []
    for number in (THEIRS, FRESH):
        content = user_csv({EMAIL: "rita@example.com", "Phone Number": number})
        answer = ada.post("/admin/import", data={"file": (io.BytesIO(content), "users.csv")})
        page = ada.get(answer.location)
        mark = re.search(r'name="seen" value="([^"]*)"', page.text)[1]
        answers = [answer, page, ada.get(f"{answer.location}/errors"),
                   ada.post(answer.location, data={"seen": mark}), ada.get(answer.location),
                   ada.get("/admin/users/export", buffered=True), ada.get("/admin/users"), ada.get("/admin/")]
        seen.append([plain(one) for one in answers])
        ada.post(f"/admin/users/{people['Rita'].ref}/number/remove", data={"number-held": number})
        ada.get("/admin/")
    # The log of what was done grows; everything that is about the number is the same.
    assert seen[0] == seen[1]
    assert "What this file would do" in seen[0][1][1]


def test_the_import_says_how_many_numbers_wait_and_leads_operators_to_them(ada, people, inside, bring):
    bring("+14165550139")
    with inside(), writing() as session:
        session.get_one(User, people["Ada"].id).operator = True
    content = user_csv({EMAIL: "rita@example.com", "Phone Number": FRESH},
                    {EMAIL: "ben@example.com", "Phone Number": "+14165550139"})
    address = ada.post("/admin/import", data={"file": (io.BytesIO(content), "users.csv")}).location
    said = "1 user in this file has a number that the provider has not confirmed yet"
    page = look(ada, address)
    assert said in page.words
    assert "Confirm them" not in page.links
    after = press(ada, page, "Import")
    assert said in after.words
    assert press(ada, look(ada, after.links["Confirm them"]), "Confirm all that are not disputed").said == (
        "1 number confirmed.")
    assert said not in look(ada, address).words


def texting_on(name, people):
    """Their organization may text: its administrator has confirmed the notice and switched texting on."""
    user = db.session.get_one(User, people[name].id)
    with writing() as session:
        session.add(Acknowledgement(user_id=user.id, organization_id=user.organization_id, as_admin=True,
                                    notice=HIPAA.id, version=HIPAA.version))
        toggle.write_setting(user, session.get_one(Organization, user.organization_id),
                             toggle.SettingValue(on=True))


def test_a_text_to_a_claimed_number_stays_where_it_was_sent(app, browse, claim, people, inside, clock, tmp_path):
    """H3: the attack as it was reported: claim a customer's number, wait for what is texted to it."""
    with inside():
        texting_on("Otto", people)
    claim("Mia")
    talk = browse("Uli").post("/messages/new", data={"number": FRESH, "body": "Your results", "key": "a"})
    assert talk.status_code == 303
    work = WorkerThread(app, tmp_path / "sock")
    for _ in range(10):
        work._work()
        clock.forward(seconds=30)
    with inside():
        text = db.session.scalars(select(Message)).one()
        assert (text.user_id, text.carrier_id != "") == (people["Uli"].id, True), "it has left, and nobody else has it"
    assert "Your results" not in browse("Mia").get("/messages/").text


# --- the user's page -----------------------------------------------------------------------------


def test_the_user_page_says_what_is_missing_and_who_can_do_it(ada, claim, people):
    claim("Rita")
    page = look(ada, f"/admin/users/{people['Rita'].ref}")
    assert "Not available" in page.region("Business Texting").words
    assert "The provider has not confirmed the primary number yet: +1 416 555 0134." in page.region("Why").words
    assert page.region("Why").links["Ask the provider"] == "/admin/provider-request"
    assert "Confirm number" not in page.buttons
    assert "+1 416 555 0134 not confirmed yet" in look(ada, "/admin/users").words
    seen = press(ada, page, "Remove number")
    assert seen.said == "The number is removed."


def test_who_is_operator_and_administrator_confirms_on_the_same_page(ada, browse, people, inside, held):
    """One press, and it counts."""
    with inside(), writing() as session:
        session.get_one(User, people["Ada"].id).operator = True
    address = f"/admin/users/{people['Rita'].ref}"
    entered = press(ada, look(ada, address), "Assign number", {"Number": FRESH})
    assert held("Rita") == f"claimed {FRESH}"
    seen = press(ada, entered, "Confirm number")
    assert seen.said == "1 number confirmed."
    assert seen.heading == "Rita Sandoval"
    assert held("Rita") == FRESH
    assert "Can text" in seen.region("Business Texting").words


def test_a_disputed_number_is_not_confirmed_by_the_way(ada, people, inside, claim, held):
    with inside(), writing() as session:
        session.get_one(User, people["Ada"].id).operator = True
    claim("Mia")
    claim("Rita")
    seen = look(ada, f"/admin/users/{people['Rita'].ref}")
    assert "Confirm number" not in seen.buttons
    assert "Decide about it" in seen.words


def test_a_claim_that_rests_is_confirmed_by_no_button(ada, people, inside, claim):
    """Its user is deactivated; the page would say that nothing was confirmed."""
    claim("Rita")
    with inside(), writing() as session:
        session.get_one(User, people["Ada"].id).operator = True
        session.get_one(User, people["Rita"].id).account = AccountState.DEACTIVATED
    seen = look(ada, f"/admin/users/{people['Rita'].ref}")
    assert "The provider has not confirmed" in seen.words
    assert "Confirm number" not in seen.buttons


def test_an_administrator_confirms_nothing(ada, claim, people, held, inside):
    claim("Rita")
    with inside():
        ref = db.session.scalars(select(Claim.ref)).one()
    assert ada.post(f"/operator/claims/{ref}").status_code == 403
    assert held("Rita") == f"claimed {FRESH}"


def test_whose_number_waits_reads_it_in_messages(browse, claim):
    claim("Uli")
    seen = look(browse("Uli"), "/messages/new")
    assert "The provider has not confirmed the primary number yet" in seen.words


# --- operators -----------------------------------------------------------------------------------


def test_an_operator_confirms_the_chosen_ones(browse, claim, held, organizations):
    claim("Rita")
    claim("Mia", "+12065550199")
    olga = browse("Olga")
    assert "2 claimed numbers wait" in look(olga, "/operator/").words
    assert "1 claimed number waits" in look(olga, f"/operator/organizations/{organizations['Maple'].ref}").words
    page = look(olga, "/operator/claims")
    assert [cells[1:4] for cells in page.rows] == [
        ["+1 206 555 0199", "Harbor Health", "Mia Castellano"], ["+1 416 555 0134", "Maple Clinic", "Rita Sandoval"]]
    seen = press(olga, page, "Confirm chosen numbers", {"Choose +1 416 555 0134. Organization: Maple Clinic": True})
    assert seen.said == "1 number confirmed."
    assert (held("Rita"), held("Mia")) == (FRESH, "claimed +12065550199")
    assert press(olga, seen, "Confirm all that are not disputed").said == "1 number confirmed."
    assert "No number waits" in look(olga, "/operator/claims").words


def test_nothing_chosen_and_no_reason_are_said_and_nothing_happens(browse, claim, held):
    claim("Rita")
    olga = browse("Olga")
    page = look(olga, "/operator/claims")
    assert press(olga, page, "Confirm chosen numbers").problems == ["Choose at least one number in the list."]
    chosen = {"Choose +1 416 555 0134. Organization: Maple Clinic": True}
    seen = press(olga, page, "Do not confirm chosen numbers", chosen)
    assert (seen.status, seen.problems) == (422, ["Say why. The organization's administrators read it."])
    assert 'value="' in seen.answer.text
    assert " checked" in seen.answer.text, "what was chosen stays chosen"
    seen = press(olga, seen, "Do not confirm chosen numbers", {**chosen, "Reason": "Another customer has it"})
    assert "1 number was not confirmed" in seen.said
    assert held("Rita") is None


def test_administrators_read_why(browse, claim, people):
    claim("Rita")
    olga = browse("Olga")
    press(olga, look(olga, "/operator/claims"), "Do not confirm chosen numbers",
          {"Choose +1 416 555 0134. Organization: Maple Clinic": True, "Reason": "Another customer has it"})
    page = look(browse("Ada"), f"/admin/users/{people['Rita'].ref}")
    assert "Reason: Another customer has it" in page.region("History").words


def test_those_that_two_claim_are_marked_and_have_a_list(browse, claim):
    for name, number in (("Rita", FRESH), ("Mia", FRESH), ("Ben", "+14165550139"), ("Uli", THEIRS)):
        claim(name, number)
    olga = browse("Olga")
    assert [cells[1:3] for cells in look(olga, "/operator/claims?show=disputed").rows] == [
        ["+1 206 555 0161 belongs to: Harbor Health", "Maple Clinic"],
        ["+1 416 555 0134 1 other organization claims it", "Maple Clinic"],
        ["+1 416 555 0134 1 other organization claims it", "Harbor Health"]]
    assert len(look(olga, "/operator/claims").rows) == 4


def test_the_list_of_one_organization_holds_no_other(browse, claim, organizations, held):
    claim("Rita")
    claim("Mia", "+12065550199")
    olga = browse("Olga")
    page = look(olga, f"/operator/claims?organization={organizations['Harbor'].ref}")
    assert "416" not in page.words
    assert press(olga, page, "Confirm all that are not disputed").said == "1 number confirmed."
    assert (held("Rita"), held("Mia")) == (f"claimed {FRESH}", "+12065550199")
    assert olga.get("/operator/claims?organization=unknown").status_code == 404


def test_numbers_of_before_are_listed_and_confirmed(browse, inside, held):
    with inside(), writing() as session:
        for number in session.scalars(select(Number)):
            number.review = True
    olga = browse("Olga")
    assert "4 numbers are in use that administrators brought" in look(olga, "/operator/claims").words
    page = look(olga, "/operator/claims/earlier")
    assert press(olga, page, "Confirm chosen numbers").problems == ["Choose at least one number in the list."]
    seen = press(olga, page, "Confirm chosen numbers", {"Choose +1 416 555 0101": True})
    assert seen.said == "1 number confirmed."
    assert press(olga, seen, "Confirm all").said == "3 numbers confirmed."
    assert held("Uli") == "+14165550101"


# --- addresses of people elsewhere ---------------------------------------------------------------


def test_operators_read_which_addresses_were_refused_and_let_new_ones_in(ada, browse, locations, inside, people):
    with inside(), writing() as session:
        place = session.get_one(User, people["Otto"].id).location
        session.add_all(build_user("Stranger", f"stranger{n}@example.com", place)
                        for n in range(addresses_elsewhere.ANSWERS_PER_DAY + 1))
    typed = {"name": "Nia", "location": locations["Toronto"].ref, "number": ""}
    for n in range(addresses_elsewhere.ANSWERS_PER_DAY + 1):
        answer = ada.post("/admin/users/new", data={**typed, "email": f"stranger{n}@example.com"})
        assert answer.status_code == 422
    assert "new addresses wait" in answer.text
    free = ada.post("/admin/users/new", data={**typed, "email": "stranger99@example.com"})
    alike = [re.sub(r"stranger\d+@|name=\"csrf_token\" value=\"[^\"]*\"", "", one.text) for one in (answer, free)]
    assert alike[0] == alike[1]
    olga = browse("Olga")
    page = look(olga, "/operator/addresses")
    assert page.rows[0][:3] == ["stranger19@example.com", "Maple Clinic", "Ada Keller"]
    assert len(page.rows) == addresses_elsewhere.ANSWERS_PER_DAY
    seen = press(olga, page, "Let new addresses in")
    assert "can enter new addresses again" in seen.said
    assert ada.post("/admin/users/new", data={**typed, "email": "stranger99@example.com"}).status_code == 200
    assert olga.post("/operator/addresses", data={"organization": "unknown"}).status_code == 404
