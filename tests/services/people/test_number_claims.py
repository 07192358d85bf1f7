"""Claimed numbers: nobody else's view, no texts in either direction, and operators decide."""

import pytest
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from portal.carriers.base import IncomingText
from portal.extensions import db, writing
from portal.models import (
    AccountState,
    Arrival,
    AuditEvent,
    Claim,
    Conversation,
    Message,
    Number,
    OptOut,
    OptOutState,
    Organization,
    User,
)
from portal.rules import Act, UserState, decide
from portal.rules.facts import NumberSource
from portal.services import imports
from portal.services.carriers import known_texts
from portal.services.imports import ImportTerms, RowOutcome, planning, reading
from portal.services.people import number_claims, numbers, users
from portal.services.refusals import Changed, Clash
from portal.services.texting import inbound, recheck, send_facts, sending
from portal.services.toggles import checklist, eligibility, user_list
from portal.services.toggles.eligibility import OrganizationSnapshot
from tests import cast
from tests.data import control_hub
from tests.data.files import EMAIL, user_csv
from tests.data.imported import import_all

pytestmark = pytest.mark.usefixtures("carrier", "open_app")
FRESH, OTHER = "+14165550134", "+14165550135"
ULI, MIA, THEIRS = "+14165550101", "+12065550161", "+16475550110"


@pytest.fixture
def row():
    """`row("Uli")` is the user as they stand now."""
    return cast.as_they_stand


@pytest.fixture
def claim(row):
    """`claim("Mia")` has their administrator enter a number for somebody; the claim, or None when it counts."""

    def enter(name, number=FRESH):
        user = row(name)
        admin = row("Ada" if user.organization.name == "Maple Clinic" else "Otto")
        numbers.assign_primary_number(admin, user, number, user.number_or_claim.e164 if user.number_or_claim else "")
        return row(name).claim

    return enter


def come(body, ours, theirs=THEIRS):
    inbound.receive_text("scripted", IncomingText(f"in-{body}-{theirs}-{ours}", theirs, ours, body))
    db.session.rollback()


def consents():
    return dict(db.session.execute(select(Organization.name, OptOut.state).join(
        Organization, Organization.id == OptOut.organization_id)).all())


def told(user):
    return [(one.action, one.details) for one in db.session.scalars(select(AuditEvent).where(
        AuditEvent.subject_ref == user.ref, AuditEvent.action.startswith("number-")).order_by(AuditEvent.id))]


# --- what a claim is -----------------------------------------------------------------------------


@pytest.mark.parametrize("number", [FRESH, MIA, "+18335550160"])
def test_what_no_operator_has_added_is_claimed_whoever_has_it(claim, row, number):
    """H3, M7: nobody has it, another organization has it, it is none that could text: all the same."""
    made = claim("Rita", number)
    rita = row("Rita")
    assert (made.e164, made.organization_id, made.user_id, made.by_id) == (
        number, rita.organization_id, rita.id, row("Ada").id)
    assert rita.number is None
    assert told(rita) == [("number-claimed", {"number": number})]
    assert "number-unconfirmed" in {reason.id for reason in eligibility.standing_of_user(rita).use.blocking}
    assert eligibility.standing_of_user(rita).state is UserState.NOT_AVAILABLE
    held = db.session.scalars(select(Number).where(Number.e164 == number)).all()
    assert [one.user_id for one in held] == ([row("Mia").id] if number == MIA else [])


def test_only_the_confirmation_is_missing(claim, row):
    claim("Rita")
    assert [reason.id for reason in eligibility.standing_of_user(row("Rita")).reasons if reason.effect == "block"] == [
        "number-unconfirmed"]


def test_a_number_that_an_operator_added_is_assigned_at_once(claim, row, bring):
    bring(FRESH)
    assert claim("Rita") is None
    assert row("Rita").number.e164 == FRESH
    assert told(row("Rita")) == [("number-assigned", {"number": FRESH})]


def test_a_number_that_was_given_back_is_assigned_at_once(claim, row):
    numbers.remove_primary_number(row("Ada"), row("Uli"), ULI)
    assert claim("Rita", ULI) is None
    assert row("Rita").number.e164 == ULI


def test_a_claim_takes_the_place_of_a_number_and_a_number_that_of_a_claim(claim, row):
    claim("Uli")
    uli = row("Uli")
    assert (uli.number, uli.claim.e164, uli.number_or_claim.e164) == (None, FRESH, FRESH)
    assert numbers.list_free_numbers(row("Ada")) == [ULI]
    claim("Uli", ULI)
    assert (row("Uli").number.e164, db.session.scalars(select(Claim)).all()) == (ULI, [])


def test_a_colleagues_claim_is_theirs_within_the_organization(claim, row):
    claim("Rita")
    with pytest.raises(Clash) as clash:
        claim("Ben")
    assert clash.value.values == {"holder": "Rita Sandoval"}
    assert (row("Ben").number.e164, row("Ben").claim) == ("+14165550102", None)


def test_the_same_number_again_changes_nothing(claim, row):
    first = claim("Rita").ref
    assert claim("Rita").ref == first
    assert len(told(row("Rita"))) == 1


def test_a_stale_form_does_not_touch_a_claim(claim, row):
    claim("Rita")
    for act in (lambda: numbers.assign_primary_number(row("Ada"), row("Rita"), OTHER, ""),
                lambda: numbers.remove_primary_number(row("Ada"), row("Rita"), ULI)):
        with pytest.raises(Changed):
            act()
    assert row("Rita").claim.e164 == FRESH


def test_a_claim_that_is_removed_leaves_nothing(claim, row):
    claim("Rita")
    numbers.remove_primary_number(row("Ada"), row("Rita"), FRESH)
    assert db.session.scalars(select(Claim)).all() == []
    assert numbers.list_free_numbers(row("Ada")) == []
    assert told(row("Rita"))[-1] == ("number-removed", {"number": FRESH})


def test_a_newcomer_comes_with_a_claim(row):
    nia, _token = users.create_user(row("Ada"), "Nia", "nia@example.com", row("Ada").location, MIA)
    assert (nia.number, nia.claim.e164) == (None, MIA)


# --- it neither sends nor receives, and nobody else sees it ---------------------------------------


def test_nobody_sends_with_it(claim, row):
    claim("Uli")
    uli = row("Uli")
    drafted = send_facts.read_draft(uli, THEIRS, "Hello")
    assert "number-unconfirmed" in {
        one.id for one in decide(Act.SEND, send_facts.gather_send_facts(uli, drafted, send_facts.now())).blocking}
    assert not sending.send_text(uli, THEIRS, "Hello", "key").decision.allowed
    assert db.session.scalars(select(Message)).all() == []


def test_a_text_that_waits_is_not_sent_with_it(claim, row):
    """It was written over the number before, which the user has no more."""
    sent = sending.send_text(row("Uli"), THEIRS, "Hello", "key")
    assert sent.decision.allowed
    claim("Uli")
    (message,) = db.session.scalars(select(Message)).all()
    decision = recheck.recheck_texts([message], send_facts.now())[message.id]
    assert "primary-number" in {reason.id for reason in decision.blocking}


@pytest.mark.parametrize("number", [FRESH, MIA])
def test_nobody_reads_what_is_texted_to_it(claim, row, number):
    """H3: the claim of another organization changes nothing about who gets a text."""
    claim("Rita", number)
    come("My results, please", number)
    shown = db.session.execute(select(Message.user_id, Message.organization_id)).all()
    mia = row("Mia")
    # Texting is off at Harbor Health, so even Mia gets none; the text is counted where the number belongs.
    assert shown == []
    assert db.session.scalars(select(Conversation)).all() == []
    assert [one.organization_id for one in db.session.scalars(select(Arrival))] == [
        mia.organization_id if number == MIA else None]


def test_the_pretend_carrier_does_not_take_it_for_one_of_ours(claim):
    claim("Rita")
    is_ours = known_texts.make_number_finder()
    assert not is_ours(FRESH)
    assert is_ours(ULI)


@pytest.mark.parametrize(("said", "consent"), [("STOP", OptOutState.OUT), ("stop all please", OptOutState.OUT),
                                               ("remove me", OptOutState.LIKELY_OUT)])
def test_stop_is_kept_for_everybody_who_claims_it(claim, said, consent):
    claim("Rita")
    claim("Mia")
    come(said, FRESH)
    assert consents() == {"Maple Clinic": consent, "Harbor Health": consent}
    assert db.session.scalars(select(Message)).all() == [], "nothing is answered"


def test_stop_to_a_number_that_another_organization_has_is_its_own(claim):
    """It would tell whoever claims it that the number lives here, and who writes to it."""
    claim("Rita", MIA)
    come("STOP", MIA)
    assert consents() == {"Harbor Health": OptOutState.OUT}
    assert list(number_claims.list_claimant_ids(MIA)) == []


def test_start_to_a_number_that_is_only_claimed_lifts_nothing(claim):
    claim("Rita")
    come("STOP", FRESH)
    come("START", FRESH)
    assert consents() == {"Maple Clinic": OptOutState.OUT}


def test_lists_filters_and_the_checklist_know_it(claim, row):
    claim("Rita")
    snapshot = OrganizationSnapshot.read(row("Rita").organization_id)
    for where in (user_list.search_conditions(snapshot.organization.id, "416 555 0134"),
                  user_list.UserChoice(rule="number-unconfirmed").conditions(snapshot)):
        (found,) = user_list.list_user_rows(snapshot, where).rows
        assert (found.user.name, found.number, found.profile.claimed) == ("Rita Sandoval", FRESH, True)
    items = {item.rule.id: item for item in checklist.list_checklist_items(snapshot)}
    assert items["number-unconfirmed"].users == 1
    harbor = OrganizationSnapshot.read(row("Otto").organization_id)
    assert user_list.list_user_rows(
        harbor, user_list.search_conditions(harbor.organization.id, "416 555 0134")).rows == []


# --- two claim, another one gets it ----------------------------------------------------------------


def test_an_operator_confirms_and_it_counts(claim, row):
    made = claim("Rita")
    assert number_claims.confirm_claims(row("Olga"), [made.ref]) == (1, 0)
    rita = row("Rita")
    assert (rita.number.e164, rita.claim) == (FRESH, None)
    assert eligibility.standing_of_user(rita).state is UserState.CAN_TEXT
    assert told(rita)[-1] == ("number-confirmed", {"number": FRESH})
    assert number_claims.confirm_claims(row("Olga"), [made.ref]) == (0, 0), "pressed twice"


def test_two_claim_and_one_of_them_gets_it(claim, row):
    ours, theirs = claim("Rita"), claim("Mia")
    rows, _more = number_claims.list_claim_rows()
    assert [(one.user.name, one.rivals, one.owner) for one in rows] == [
        ("Rita Sandoval", 1, ""), ("Mia Castellano", 1, "")]
    assert number_claims.confirm_claims(row("Olga"), [ours.ref, theirs.ref]) == (0, 2), "a person has to choose"
    assert number_claims.confirm_undisputed_claims(row("Olga")) == (0, 2)
    assert number_claims.confirm_claims(row("Olga"), [theirs.ref]) == (1, 0)
    (left,), _more = number_claims.list_claim_rows(disputed=True)
    assert (left.user.name, left.rivals, left.owner) == ("Rita Sandoval", 0, "Harbor Health")
    assert number_claims.confirm_claims(row("Olga"), [ours.ref]) == (0, 1), "what somebody has is nobody else's"
    assert row("Rita").claim.e164 == FRESH, "its administrator sees no change"
    assert row("Mia").number.e164 == FRESH


def test_a_claimant_who_leaves_disputes_nothing_and_comes_back(claim, row):
    claim("Rita")
    claim("Mia")
    users.deactivate_user(row("Otto"), row("Mia"))
    assert [(one.user.name, one.disputed) for one in number_claims.list_claim_rows()[0]] == [("Rita Sandoval", False)]
    assert (number_claims.count_claims(), number_claims.count_claims(row("Mia").organization)) == (1, 0)
    users.reactivate_user(row("Otto"), row("Mia"))
    assert number_claims.count_claims() == 2
    users.deactivate_user(row("Otto"), row("Mia"))
    assert number_claims.confirm_undisputed_claims(row("Olga")) == (1, 0)
    users.reactivate_user(row("Otto"), row("Mia"))
    assert [(one.user.name, one.owner)
            for one in number_claims.list_claim_rows()[0]] == [("Mia Castellano", "Maple Clinic")]


def test_an_operator_adds_the_number_to_one_of_those_who_claim_it(claim, row):
    claim("Rita")
    claim("Mia")
    numbers.add_organization_number(row("Olga"), row("Rita").organization, FRESH)
    assert (row("Rita").number.e164, row("Rita").claim) == (FRESH, None)
    assert [action for action, _details in told(row("Rita"))] == ["number-claimed", "number-confirmed"]
    assert (row("Mia").number, row("Mia").claim.e164) == (None, FRESH)


def test_an_operator_adds_the_number_to_one_that_does_not_claim_it(claim, row):
    claim("Mia")
    numbers.add_organization_number(row("Olga"), row("Rita").organization, FRESH)
    assert numbers.list_free_numbers(row("Ada")) == [FRESH]
    assert [(one.user.name, one.owner)
            for one in number_claims.list_claim_rows()[0]] == [("Mia Castellano", "Maple Clinic")]
    assert claim("Rita") is None


def test_an_operator_rejects_with_a_reason(claim, row):
    made = claim("Rita")
    assert number_claims.reject_claims(row("Olga"), [made.ref], "Another customer's") == 1
    assert (row("Rita").claim, row("Rita").number) == (None, None)
    assert told(row("Rita"))[-1] == ("number-rejected", {"number": FRESH, "reason": "Another customer's"})
    assert number_claims.reject_claims(row("Olga"), [made.ref], "Again") == 0


def test_all_of_one_organization_are_confirmed_and_no_others(claim, row):
    claim("Rita")
    claim("Mia", OTHER)
    assert number_claims.confirm_undisputed_claims(row("Olga"), row("Rita").organization) == (1, 0)
    assert [one.user.name for one in number_claims.list_claim_rows()[0]] == ["Mia Castellano"]


def test_pages_follow_one_another_and_a_decided_claim_is_no_dead_end(claim, row):
    refs = [claim(name, number).ref for name, number in (("Rita", FRESH), ("Ada", OTHER), ("Mia", "+14165550136"))]
    (first,), more = number_claims.list_claim_rows(most=1)
    assert (first.claim.ref, more) == (refs[0], True)
    second, more = number_claims.list_claim_rows(after=refs[0], most=2)
    assert ([one.claim.ref for one in second], more) == (refs[1:], False)
    number_claims.confirm_claims(row("Olga"), [refs[0]])
    assert [one.claim.ref for one in number_claims.list_claim_rows(after=refs[0])[0]] == refs[1:]


def test_confirming_takes_the_same_statements_for_many(row, statements):
    asked = []
    for many in (2, 60):
        imports_of(row, control_hub.book(many).write())
        with statements() as seen:
            done, left = number_claims.confirm_undisputed_claims(row("Olga"))
        assert left == 0
        asked.append((done, len(seen)))
    assert asked[1][0] > 20
    assert asked[0][1] == asked[1][1]


# --- imports --------------------------------------------------------------------------------------


def terms(row, name="Ada", *, operator=False):
    return ImportTerms(row(name).organization_id, True, operator, ("en",), {"America/Toronto"})


def imports_of(row, content, name="Ada", *, operator=False):
    with writing():
        row(name).operator = operator
    asked = terms(row, name, operator=operator)
    return import_all(row(name), imports.store_upload(row(name), asked, "users.csv", content))


RITA, BEN = ({EMAIL: f"{name}@example.com"} for name in ("rita", "ben"))


def test_an_import_claims_and_the_same_file_again_changes_nothing(row):
    content = user_csv({**RITA, "Phone Number": MIA}, {**BEN, "Phone Number": FRESH})
    assert imports_of(row, content)["changed"] == 2
    assert [row(name).claim.e164 for name in ("Rita", "Ben")] == [MIA, FRESH]
    before = [(one.ref, one.at) for one in db.session.scalars(select(Claim).order_by(Claim.id))]
    assert imports_of(row, content)["unchanged"] == 2
    assert [(one.ref, one.at) for one in db.session.scalars(select(Claim).order_by(Claim.id))] == before
    exported = b"".join(imports.user_file(row("Ada").organization_id))
    assert planning.plan_import(terms(row), reading.read_sheet(exported)).of(
        RowOutcome.CHANGED, RowOutcome.WRONG) == [], "what is exported is what would be imported"


def test_claims_are_swapped_handed_on_and_taken_away_in_a_file(row, claim):
    claim("Rita")
    claim("Ben", OTHER)
    imports_of(row, user_csv({**RITA, "Phone Number": OTHER}, {**BEN, "Phone Number": FRESH}))
    assert [row(name).claim.e164 for name in ("Rita", "Ben")] == [OTHER, FRESH]
    imports_of(row, user_csv({**RITA, "Phone Number": f"REMOVE|{OTHER}"}, {EMAIL: "uli@example.com",
                                                                        "Phone Number": OTHER}))
    assert (row("Rita").number_or_claim, row("Uli").claim.e164) == (None, OTHER)
    assert told(row("Rita"))[-1] == ("number-removed", {"number": OTHER})


def test_a_colleagues_claim_is_named_in_a_file(row, claim):
    claim("Rita")
    (step,) = planning.plan_import(terms(row), reading.read_sheet(user_csv({**BEN, "Phone Number": FRESH}))).steps
    assert [one.values for one in step.problems] == [{"holder": "Rita Sandoval"}]


def test_a_control_hub_export_comes_in_at_one_go(row):
    done = imports_of(row, control_hub.book(40).write())
    assert done["created"] > 20
    claimed = number_claims.count_claims()
    assert claimed > 20
    assert number_claims.confirm_undisputed_claims(row("Olga")) == (claimed, 0)
    assert {one.account for one in db.session.scalars(select(User).join(Claim, Claim.user_id == User.id))} <= {
        AccountState.DEACTIVATED}, "whose account is closed in the file waits until it is opened"


def test_where_an_operator_said_that_a_number_comes_from_is_kept(row):
    content = user_csv({**RITA, "Phone Number": FRESH, "Number Source": "OTHER"})
    assert imports_of(row, content, operator=True)["changed"] == 1
    assert imports_of(row, content, operator=True)["unchanged"] == 1
    number_claims.confirm_undisputed_claims(row("Olga"))
    assert row("Rita").number.source is NumberSource.OTHER


# --- numbers of before ----------------------------------------------------------------------------


def test_numbers_that_administrators_brought_before_are_listed_until_an_operator_has_looked(row):
    db.session.rollback()
    with writing() as session:
        for number in session.scalars(select(Number).where(Number.e164.in_((ULI, MIA)))):
            number.review = True
    assert [(one.e164, organization.name, holder) for one, organization,
            holder in number_claims.list_earlier_number_rows()[0]] == [
        (MIA, "Harbor Health", "Mia Castellano"), (ULI, "Maple Clinic", "Uli Brandt")]
    assert eligibility.standing_of_user(row("Uli")).state is UserState.CAN_TEXT
    assert number_claims.keep_earlier_numbers(row("Olga"), [MIA]) == 1
    assert number_claims.count_earlier_numbers() == 1
    assert number_claims.keep_earlier_numbers(row("Olga"), None) == 1
    assert number_claims.list_earlier_number_rows()[0] == []
    assert row("Uli").number.e164 == ULI
    assert row("Uli").account is AccountState.ACTIVE


# --- one claim, for operators ---------------------------------------------------------------------


def test_an_operator_finds_a_claim_by_its_ref(claim):
    made = claim("Mia")
    assert number_claims.find_claim_for_operator(made.ref) is made
    for ref in ("", "x", FRESH):
        with pytest.raises(NotFound):
            number_claims.find_claim_for_operator(ref)


def test_a_claim_is_disputed_while_another_organization_claims_or_has_the_number(claim, row):
    claim("Rita")
    assert number_claims.is_claim_disputed(row("Rita").claim) is False
    claim("Mia")
    assert number_claims.is_claim_disputed(row("Rita").claim) is True
    assert number_claims.is_claim_disputed(row("Mia").claim) is True
    users.deactivate_user(row("Otto"), row("Mia"))
    assert number_claims.is_claim_disputed(row("Rita").claim) is False
    claim("Ada", "+12065550160")
    assert number_claims.is_claim_disputed(row("Ada").claim) is True, "Harbor Health has the number"
