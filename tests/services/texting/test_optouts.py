"""Opt-outs that people write down and take back, and what administrators may count."""

import pytest
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from portal.carriers.base import IncomingText
from portal.extensions import db, now, writing
from portal.marks import StoredWords
from portal.models import (
    AuditEvent,
    OptOut,
    OptOutSource,
    OptOutState,
    Organization,
    TextState,
    User,
)
from portal.services.refusals import Clash
from portal.services.texting import erased_numbers, inbound, optouts, sending
from tests.talks import NOTE, THEIRS, come, hold, messages, text_out

ULI = "+14165550101"


@pytest.fixture
def ada(open_app, row):
    return row("Ada")


@pytest.fixture
def maple(ada):
    return db.session.get_one(Organization, ada.organization_id)


def consent():
    db.session.rollback()
    return optouts.optout_of_number(db.session.scalars(select(Organization.id).order_by(Organization.id)).first(),
                                    THEIRS).state


def refused(user):
    return [reason.id for reason in sending.send_text(user, THEIRS, "Hi", f"key-{now()}").decision.blocking]


def noted():
    return [one.body for one in messages(NOTE)]


def logged():
    return [(one.action, one.details) for one in db.session.scalars(select(AuditEvent).order_by(AuditEvent.id))
            if one.action.startswith("opt-out")]


# --- written down --------------------------------------------------------------------------------


def test_what_was_said_on_the_phone_counts_at_once(ada, maple, uli, people):
    hold(uli.id, text_out("waits", TextState.QUEUED))
    hold(people["Ben"].id, text_out("waits as well", TextState.QUEUED))
    optouts.record_typed_optout(ada, maple, "(647) 555-0110", "by phone, 12 May")
    assert [(one.state, one.why) for one in messages()] == [(TextState.REFUSED, ["opted-out"])] * 2
    assert refused(uli) == ["opted-out"]
    assert noted() == ["added", "added"]
    assert logged() == [("opt-out-added", {"number": THEIRS, "reason": "by phone, 12 May"})]


@pytest.mark.parametrize("typed", ["", "abc", "12", "911", "72726", "+1 999 555 0123"])
def test_what_is_no_number_cannot_opt_out(ada, maple, typed):
    with pytest.raises(Clash) as clash:
        optouts.record_typed_optout(ada, maple, typed, "by phone")
    assert clash.value.field == "number"
    assert db.session.scalars(select(OptOut)).all() == []


def test_whoever_is_out_already_is_not_added_again(ada, maple, uli):
    come("STOP", ULI)
    with pytest.raises(Clash) as clash:
        optouts.record_optout(ada, maple, THEIRS, "by phone")
    assert clash.value.field == "number"
    assert optouts.optout_of_number(maple.id, THEIRS).source is OptOutSource.STOP


@pytest.mark.parametrize("before", ["leave me alone", "STOP"])
def test_whoever_said_something_before_can_be_added(ada, maple, uli, before):
    come(before, ULI)
    come("START", ULI)
    optouts.record_optout(ada, maple, THEIRS, "by letter")
    row = optouts.optout_of_number(maple.id, THEIRS)
    assert (row.state, row.source, row.said, row.note) == (OptOutState.OUT, OptOutSource.MANUAL, "", "by letter")


def test_it_is_one_organizations_alone(ada, maple, uli, people):
    optouts.record_optout(ada, maple, THEIRS, "by phone")
    otto = db.session.get_one(User, people["Otto"].id)
    assert optouts.optout_of_number(otto.organization_id, THEIRS) is None
    with pytest.raises(NotFound):
        optouts.find_optout(otto.organization_id, optouts.optout_of_number(maple.id, THEIRS).ref)


# --- taken back ----------------------------------------------------------------------------------


@pytest.mark.parametrize("source", [OptOutSource.MANUAL, OptOutSource.WEB, OptOutSource.WORDING])
def test_what_was_written_down_can_be_withdrawn(ada, maple, uli, source):
    hold(uli.id, text_out())
    row = optouts.record_optout(ada, maple, THEIRS, "by phone")
    with writing():
        row.source = source
    assert optouts.can_withdraw_optout(row)
    optouts.withdraw_recorded_optout(ada, maple, row, "it was another number; recording 4711")
    assert refused(uli) == []
    assert noted() == ["added", "withdrawn"]
    assert logged()[1] == ("opt-out-withdrawn", {"number": THEIRS, "reason": "it was another number; recording 4711"})
    with pytest.raises(Clash):
        optouts.withdraw_recorded_optout(ada, maple, row, "twice")


def test_what_the_person_said_can_not(ada, maple, uli):
    row = optouts.record_optout(ada, maple, THEIRS, "by phone")
    with writing():
        row.source = OptOutSource.STOP
    assert not optouts.can_withdraw_optout(row)
    with pytest.raises(Clash):
        optouts.withdraw_recorded_optout(ada, maple, row, "please")
    assert refused(uli) == ["opted-out"]
    assert len(logged()) == 1


def test_a_stop_that_comes_meanwhile_stays(ada, maple, uli):
    row = optouts.record_optout(ada, maple, THEIRS, "by phone")
    come("STOP", ULI)
    with pytest.raises(Clash):
        optouts.withdraw_recorded_optout(ada, maple, row, "by mistake")
    assert consent() is OptOutState.OUT


def test_the_person_can_come_back_by_themselves(ada, maple, uli):
    optouts.record_optout(ada, maple, THEIRS, "by phone")
    come("START", ULI)
    assert refused(uli) == []


# --- listed and counted --------------------------------------------------------------------------


def test_the_list_goes_on_from_page_to_page(ada, maple):
    with writing() as session:
        session.add_all(OptOut(organization_id=maple.id, theirs=f"+1647555{index:04}", state=OptOutState.OUT,
                               source=OptOutSource.MANUAL) for index in range(70))
    first = optouts.list_optout_rows(maple.id, optouts.LISTED)
    assert len(first) == optouts.OPTOUTS_PER_PAGE + 1
    rest = optouts.list_optout_rows(maple.id, optouts.LISTED, first[optouts.OPTOUTS_PER_PAGE - 1].id)
    assert [row.theirs[-2:] for row in (*first[:optouts.OPTOUTS_PER_PAGE], *rest)] == [f"{index:02}"
                                                                                       for index in range(69, -1, -1)]
    assert [row.theirs
            for row in optouts.list_optout_rows(maple.id, optouts.LISTED, digits="50042")] == ["+16475550042"]
    assert optouts.list_optout_rows(maple.id, optouts.UNDECIDED) == []


# --- erased --------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", [THEIRS, "(647) 555-0110"])
def test_an_erased_number_stays_out_without_its_words(ada, maple, uli, typed):
    """The log says that it was done, and neither by whom nor to whom."""
    optouts.record_optout(ada, maple, THEIRS, "by phone, Jane Doe")
    optouts.erase_optout_number(maple, typed)
    row = optouts.optout_of_number(maple.id, THEIRS)
    assert (row.state, row.said, row.note) == (OptOutState.OUT, "", "")
    assert erased_numbers.is_erased_number(row.theirs)
    assert not optouts.can_withdraw_optout(row)
    assert refused(uli) == ["opted-out"]
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "opt-out-erased")).one()
    assert (event.actor_name, event.details) == (StoredWords.COMMAND_LINE, {})


def test_who_may_have_opted_out_is_out_once_erased(maple, uli):
    come("leave me alone", ULI)
    hold(uli.id, text_out("waits", TextState.QUEUED))
    optouts.erase_optout_number(maple, THEIRS)
    assert consent() is OptOutState.OUT
    assert [one.state for one in messages() if not one.automatic] == [TextState.REFUSED]


@pytest.mark.parametrize("typed", ["", "abc", "+16475550111"])
def test_only_what_is_listed_here_can_be_erased(ada, maple, organizations, typed):
    """Once, and by no other organization."""
    optouts.record_optout(ada, maple, THEIRS, "by phone")
    with pytest.raises(Clash):
        optouts.erase_optout_number(maple, typed)
    with pytest.raises(Clash):
        optouts.erase_optout_number(db.session.get_one(Organization, organizations["Harbor"].id), THEIRS)
    optouts.erase_optout_number(maple, THEIRS)
    with pytest.raises(Clash):
        optouts.erase_optout_number(maple, THEIRS)


def test_a_sender_without_a_number_can_be_erased_too(maple):
    inbound.receive_text("scripted", IncomingText("in-1", "BANK", ULI, "STOP"))
    optouts.erase_optout_number(maple, "BANK")
    row = db.session.scalars(select(OptOut)).one()
    assert row.theirs == erased_numbers.hash_erased_number(maple.id, "BANK")
