"""Consents: written down by people, heard in texts, ended by an opt-out, and asked about before a text."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from portal.extensions import db, now, writing
from portal.models import AuditEvent, ConsentEnding, ConsentRecord, OptOutState, Organization
from portal.rules.facts import ConsentKind
from portal.services.refusals import Clash
from portal.services.texting import consents, optouts, send_facts, sending
from portal.services.texting.consents import ConsentSaid
from tests.talks import THEIRS, come, hold, text_in, text_out

DAY = timedelta(days=1)
ULI = "+14165550101"
EXPRESS, PURCHASE, INQUIRY, WROTE_FIRST = ConsentKind


@pytest.fixture
def ada(open_app, row):
    return row("Ada")


@pytest.fixture
def maple(ada):
    return db.session.get_one(Organization, ada.organization_id)


@pytest.fixture
def said():
    return ConsentSaid(EXPRESS, now() - DAY, "By phone, to Grace")


def held(theirs=THEIRS):
    db.session.rollback()
    return db.session.scalars(select(ConsentRecord).where(ConsentRecord.theirs == theirs).order_by(
        ConsentRecord.id)).all()


def kinds():
    return [(one.kind, one.ending) for one in held()]


def logged():
    return [(one.action, one.details) for one in db.session.scalars(select(AuditEvent).order_by(AuditEvent.id))
            if one.action.startswith("consent")]


def told(user, theirs=THEIRS):
    return {reason.id: reason for reason in send_facts.preview_send(user, theirs, "Hello").reasons}


# --- how long each kind counts -------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "given", "until"), [
    (EXPRESS, (2026, 5, 31), None), (PURCHASE, (2026, 5, 31), (2028, 5, 31)),
    (PURCHASE, (2028, 2, 29), (2030, 2, 28)), (INQUIRY, (2026, 1, 31), (2026, 7, 31)),
    (INQUIRY, (2026, 8, 31), (2027, 2, 28)), (INQUIRY, (2027, 8, 31), (2028, 2, 29)),
    (WROTE_FIRST, (2026, 12, 1), (2027, 6, 1)), (INQUIRY, (2026, 6, 30), (2026, 12, 30)),
])
def test_each_kind_counts_for_its_time(kind, given, until):
    found = consents.end_of_consent(kind, datetime(*given, 15, tzinfo=UTC))
    assert found == (until and datetime(*until, 15, tzinfo=UTC))


# --- written down --------------------------------------------------------------------------------


def test_a_consent_is_written_down_once_with_its_proof(ada, maple, said):
    row = consents.record_consent(ada, maple, THEIRS, said)
    assert consents.record_consent(ada, maple, THEIRS, said).id == row.id
    (row,) = held()
    assert (row.kind, row.until, row.proof, row.by_id) == (EXPRESS, None, "By phone, to Grace", ada.id)
    assert logged() == [("consent-added", {
        "number": THEIRS, "consent": "express", "reason": "By phone, to Grace"})]
    assert consents.consent_of_number(maple.id, THEIRS).id == row.id
    assert consents.name_of_consent_writer(row) == ada.name


@pytest.mark.parametrize(("kind", "ago"), [(EXPRESS, -DAY), (PURCHASE, 740 * DAY), (INQUIRY, 190 * DAY)])
def test_a_day_that_cannot_count_is_refused(ada, maple, kind, ago):
    with pytest.raises(Clash) as clash:
        consents.record_consent(ada, maple, THEIRS, ConsentSaid(kind, now() - ago, "In the shop"))
    assert clash.value.field == "consent_day"
    assert held() == []


@pytest.mark.parametrize("typed", ["647 555 010", "911", "+44 20 7946 0018", "800 555 0123"])
def test_only_numbers_that_can_be_texted_are_written_down(ada, maple, said, typed):
    with pytest.raises(Clash) as clash:
        consents.record_typed_consent(ada, maple, typed, said)
    assert clash.value.field == "number"
    assert consents.record_typed_consent(ada, maple, "(647) 555-0110", said).theirs == THEIRS


def test_a_consent_that_is_withdrawn_stays_as_history(ada, maple, said):
    row = consents.record_consent(ada, maple, THEIRS, said)
    assert consents.can_withdraw_consent(row)
    consents.withdraw_consent(ada, maple, row, "They said so on the phone")
    (row,) = held()
    assert (row.ending, row.reason, row.ended_at is not None) == (
        ConsentEnding.WITHDRAWN, "They said so on the phone", True)
    assert consents.consent_of_number(maple.id, THEIRS) is None
    with pytest.raises(Clash):
        consents.withdraw_consent(ada, maple, row, "Again")
    assert logged()[1:] == [("consent-withdrawn", {"number": THEIRS, "reason": "They said so on the phone"})]


def test_a_correction_puts_a_new_record_in_its_place(ada, maple, said):
    row = consents.record_consent(ada, maple, THEIRS, said)
    right = replace(said, kind=PURCHASE, proof="Receipt 12")
    with pytest.raises(Clash):
        consents.correct_consent(ada, maple, row, replace(right, given_at=now() + DAY), "Wrong kind")
    assert kinds() == [(EXPRESS, None)]
    consents.correct_consent(ada, maple, held()[0], right, "Wrong kind")
    assert kinds() == [(EXPRESS, ConsentEnding.CORRECTED), (PURCHASE, None)]
    assert [action for action, _ in logged()] == ["consent-added", "consent-corrected", "consent-added"]


def test_each_organization_finds_its_own(ada, maple, said, row):
    found = consents.record_consent(ada, maple, THEIRS, said)
    assert consents.find_consent(maple.id, found.ref) == found
    with pytest.raises(NotFound):
        consents.find_consent(row("Otto").organization_id, found.ref)
    assert consents.list_consent_rows(row("Otto").organization_id) == []
    assert consents.consent_of_number(row("Otto").organization_id, THEIRS) is None


def test_the_list_is_paged_and_searched(ada, maple, said):
    with writing() as session:
        session.add_all(ConsentRecord(organization_id=maple.id, theirs=f"+1647555{index:04}", kind=EXPRESS,
                                      given_at=now(), by_id=ada.id if index else None) for index in range(60))
    rows = consents.list_consent_rows(maple.id)
    assert [rows[0].record.theirs, rows[0].writer, len(rows)] == ["+16475550059", ada.name, 51]
    older = consents.list_consent_rows(maple.id, rows[49].record.id)
    assert [len(older), older[-1].writer] == [10, ""]
    assert [one.record.theirs for one in consents.list_consent_rows(maple.id, digits="0007")] == ["+16475550007"]
    assert consents.list_consent_rows(maple.id, digits="0" * 100) == []


# --- heard in a text -----------------------------------------------------------------------------


def test_a_person_who_writes_first_is_written_down_and_each_text_prolongs_it(uli, maple, clock):
    come("Do you have time on Monday?", ULI)
    (row,) = held()
    first, until = row.given_at, row.until
    assert (row.kind, row.until, row.by_id) == (WROTE_FIRST, consents.end_of_consent(WROTE_FIRST, first), None)
    clock.forward(days=10)
    come("Hello?", ULI)
    (row,) = held()
    assert (row.given_at, row.until > until) == (first, True)
    assert logged() == []


def test_an_answer_to_our_text_is_no_consent(uli):
    hold(uli.id, text_out("Are you coming?"))
    come("Yes", ULI)
    assert held() == []


@pytest.mark.parametrize("said", ["STOP", "please leave me alone"])
def test_who_asks_for_silence_does_not_agree_by_it(uli, said):
    come(said, ULI)
    come("When is my appointment?", ULI)
    assert held() == []


def test_short_codes_agree_to_nothing(uli):
    come("Your code is 12345", ULI, "72345")
    assert held("72345") == []


def test_stop_ends_every_consent_and_start_is_a_new_one(uli, ada, maple, said):
    come("Hello", ULI)
    consents.record_consent(ada, maple, THEIRS, said)
    come("STOP", ULI)
    assert kinds() == [(WROTE_FIRST, ConsentEnding.OPTED_OUT), (EXPRESS, ConsentEnding.OPTED_OUT)]
    come("START", ULI)
    assert kinds()[2:] == [(EXPRESS, None)]
    assert (held()[2].by_id, held()[2].until) == (None, None)


def test_nobody_writes_down_consent_of_who_opted_out(uli, ada, maple, said):
    come("STOP", ULI)
    with pytest.raises(Clash):
        consents.record_consent(ada, maple, THEIRS, said)
    assert held() == []


def test_other_ways_to_opt_out_end_it_as_well(uli, ada, maple, said):
    consents.record_consent(ada, maple, THEIRS, said)
    optouts.record_optout(ada, maple, THEIRS, "By phone")
    assert kinds() == [(EXPRESS, ConsentEnding.OPTED_OUT)]


def test_a_likely_opt_out_ends_it_once_it_is_decided(uli, ada, maple, said):
    consents.record_consent(ada, maple, THEIRS, said)
    come("please leave me alone", ULI)
    assert optouts.optout_of_number(maple.id, THEIRS).state is OptOutState.LIKELY_OUT
    with writing():
        optouts.refuse_waiting_texts(maple.id, THEIRS, "maybe-opted-out", now())
    assert kinds() == [(EXPRESS, None)]
    with writing():
        optouts.refuse_waiting_texts(maple.id, THEIRS, "opted-out", now())
    assert kinds() == [(EXPRESS, ConsentEnding.OPTED_OUT)]


def test_a_number_that_is_erased_on_request_leaves_no_consent(uli, ada, maple, said):
    consents.record_consent(ada, maple, THEIRS, said)
    optouts.record_optout(ada, maple, THEIRS, "By phone")
    optouts.erase_optout_number(maple, THEIRS)
    assert held() == []


# --- asked about before a text -------------------------------------------------------------------


def test_the_first_text_says_which_consent_is_known(uli, ada, maple, said):
    assert "No consent" in str(told(uli)["first-contact"].notice)
    consents.record_consent(ada, maple, THEIRS, replace(said, kind=PURCHASE))
    assert told(uli)["first-contact"].values == {
        "kind": PURCHASE, "until": consents.end_of_consent(PURCHASE, said.given_at)}
    assert "no-consent" not in told(uli)


def test_a_text_without_consent_is_warned_about_and_refused_where_the_organization_says_so(uli, ada, maple, said):
    hold(uli.id, text_in(at=now() - 31 * DAY), text_out(at=now() - 31 * DAY))
    assert told(uli)["no-consent"].effect == "warn"
    with writing():
        maple.consent_required = True
    assert told(uli)["no-consent"].effect == "block"
    assert not sending.send_text(uli, THEIRS, "Sale!", "key-key-key-key-1").decision.allowed
    # Also where nobody has texted the number yet.
    assert told(uli, "+16475550111")["no-consent"].effect == "block"
    consents.record_consent(ada, maple, THEIRS, said)
    assert "no-consent" not in told(uli)
    assert sending.send_text(uli, THEIRS, "Sale!", "key-key-key-key-2").decision.allowed


@pytest.mark.parametrize(("ago", "warned"), [(29 * DAY, False), (31 * DAY, True)])
def test_an_answer_needs_no_consent(uli, ago, warned):
    hold(uli.id, text_out(at=now() - ago), text_in(at=now() - ago))
    assert ("no-consent" in told(uli)) is warned
