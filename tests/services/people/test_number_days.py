"""The life of a number: it comes, is ours, leaves and is gone, and another organization may have it next."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from portal.carriers.base import IncomingText
from portal.extensions import db, writing
from portal.models import Arrival, AuditEvent, Location, Message, Number, OptOut, OptOutState, Organization
from portal.rules import UserState
from portal.services.imports import ImportTerms, planning, reading
from portal.services.people import number_claims, number_days, numbers
from portal.services.people.number_days import NumberPhase
from portal.services.refusals import Clash
from portal.services.texting import inbound, recheck, send_facts, sending
from portal.services.toggles import eligibility, user_list
from portal.services.toggles.eligibility import OrganizationSnapshot
from tests import cast
from tests.data.files import EMAIL, user_csv

pytestmark = pytest.mark.usefixtures("carrier", "open_app")
ULI, FRESH, THEIRS = "+14165550101", "+14165550134", "+16475550110"
TORONTO = ZoneInfo("America/Toronto")


@pytest.fixture
def row():
    """`row("Uli")` is the user as they stand now."""
    return cast.as_they_stand


@pytest.fixture
def today(clock):
    """The day in Toronto."""
    return clock.now().astimezone(TORONTO).date()


@pytest.fixture
def set_dates(row):
    """`set_dates(from_on, until_on)`: an operator sets the dates of a number, Uli's if none is named."""

    def enter(from_on=None, until_on=None, number=ULI, organization="Maple Clinic"):
        owner = db.session.scalars(select(Organization).where(Organization.name == organization)).one()
        return number_days.set_number_dates(row("Olga"), owner, [number], from_on, until_on)

    return enter


def days(many):
    return timedelta(days=many)


def standing(user):
    found = eligibility.standing_of_user(user)
    return found.state, {reason.id for reason in found.reasons}


def come(body, theirs=THEIRS, ours=ULI):
    inbound.receive_text("scripted", IncomingText(f"in-{body}-{theirs}-{ours}", theirs, ours, body))
    db.session.rollback()


def optouts():
    return dict(db.session.execute(select(Organization.name, OptOut.state).join(
        Organization, Organization.id == OptOut.organization_id)).all())


# --- what the dates mean --------------------------------------------------------------------------


@pytest.mark.parametrize(("from_in", "until_in", "state", "why"), [
    (1, None, UserState.NOT_AVAILABLE, {"number-coming"}), (0, None, UserState.CAN_TEXT, set()),
    (None, 15, UserState.CAN_TEXT, set()), (None, 14, UserState.CAN_TEXT, {"number-leaving"}),
    (None, 1, UserState.CAN_TEXT, {"number-leaving"}), (None, 0, UserState.NOT_AVAILABLE, {"number-gone"}),
    (-5, 5, UserState.CAN_TEXT, {"number-leaving"}), (2, 9, UserState.NOT_AVAILABLE, {"number-coming",
                                                                                       "number-leaving"}),
])
def test_the_user_stands_as_the_dates_say(row, set_dates, today, from_in, until_in, state, why):
    set_dates(*(None if many is None else today + days(many) for many in (from_in, until_in)))
    assert standing(row("Uli")) == (state, why)


def test_the_day_is_that_of_the_location():
    """Three hours after midnight in Toronto it is still the day before in Vancouver."""
    number = Number(from_on=date(2026, 12, 10), until_on=date(2026, 12, 20))
    for at, here, there in ((datetime(2026, 12, 10, 6, tzinfo=UTC), NumberPhase.OURS, NumberPhase.COMING),
                            (datetime(2026, 12, 20, 6, tzinfo=UTC), NumberPhase.GONE, NumberPhase.OURS)):
        assert [number_days.phase_of_number(number, number_days.current_day(zone, at))
                for zone in ("America/Toronto", "America/Vancouver")] == [here, there]


def test_nothing_needs_to_run_when_the_day_comes(row, set_dates, today, clock):
    set_dates(until_on=today + days(20))
    assert standing(row("Uli")) == (UserState.CAN_TEXT, set())
    clock.forward(days=21)
    assert standing(row("Uli")) == (UserState.NOT_AVAILABLE, {"number-gone"})


def test_lists_find_who_is_concerned(row, set_dates, today):
    set_dates(until_on=today + days(3))
    snapshot = OrganizationSnapshot.read(row("Uli").organization_id)
    found = user_list.list_user_rows(snapshot, user_list.UserChoice(rule="number-leaving").conditions(snapshot)).rows
    assert [one.user.name for one in found] == [row("Uli").name]


# --- from the day on nothing goes through it --------------------------------------------------------


def test_a_waiting_text_is_not_sent_with_a_number_that_has_left(row, set_dates, today):
    assert sending.send_text(row("Uli"), THEIRS, "Hello", "key").decision.allowed
    set_dates(until_on=today)
    (message,) = db.session.scalars(select(Message)).all()
    decision = recheck.recheck_texts([message], send_facts.now())[message.id]
    assert "number-gone" in {reason.id for reason in decision.blocking}


@pytest.mark.parametrize("which", ["from_on", "until_on"])
def test_nothing_is_shown_or_answered_before_and_after(row, set_dates, today, which):
    set_dates(**{which: today + days(which == "from_on")})
    for body in ("Hello", "HELP", "START"):
        come(body)
    assert db.session.scalars(select(Message)).all() == []
    assert {one.outcome.value for one in db.session.scalars(select(Arrival))} == {"unavailable"}


@pytest.mark.parametrize("which", ["from_on", "until_on"])
def test_stop_is_kept_and_start_lifts_nothing(row, set_dates, today, which):
    set_dates(**{which: today + days(which == "from_on")})
    come("STOP")
    come("START")
    assert optouts() == {"Maple Clinic": OptOutState.OUT}
    assert db.session.scalars(select(Message)).all() == []


def test_an_answer_that_waits_does_not_leave_with_it(row, set_dates, today):
    come("STOP")
    (answer,) = db.session.scalars(select(Message).where(Message.automatic)).all()
    assert recheck.recheck_texts([answer], send_facts.now())[answer.id].allowed
    set_dates(until_on=today)
    assert not recheck.recheck_texts([answer], send_facts.now())[answer.id].allowed


# --- two organizations, one after the other ---------------------------------------------------------


def test_another_organization_gets_it_only_once_it_has_left(row, set_dates, today):
    harbor = row("Otto").organization
    with pytest.raises(Clash, match="belongs to another"):
        numbers.add_organization_number(row("Olga"), harbor, ULI)
    set_dates(until_on=today + days(3))
    with pytest.raises(Clash, match="until"):
        numbers.add_organization_number(row("Olga"), harbor, ULI)
    set_dates(until_on=today - days(1))
    number = numbers.add_organization_number(row("Olga"), harbor, ULI)
    assert (number.organization_id, number.from_on is None) == (harbor.id, False)


@pytest.fixture
def handed_on(row, set_dates, today):
    """Uli's number left Maple Clinic yesterday, and Harbor Health has it."""
    come("STOP", "+16475550111")
    set_dates(until_on=today - days(1))
    numbers.add_organization_number(row("Olga"), row("Otto").organization, ULI)


def test_what_was_before_stays_and_what_comes_is_the_next_owners(handed_on, row):
    come("STOP")
    assert optouts() == {"Maple Clinic": OptOutState.OUT, "Harbor Health": OptOutState.OUT}
    assert db.session.scalars(select(Message.organization_id).distinct()).all() == [row("Uli").organization_id]


def test_a_number_that_has_left_disputes_no_claim(row, set_dates, today):
    numbers.assign_primary_number(row("Otto"), row("Mia"), ULI, row("Mia").number.e164)
    assert number_claims.list_claim_rows()[0][0].owner == "Maple Clinic"
    set_dates(until_on=today - days(2))
    assert number_claims.confirm_undisputed_claims(row("Olga")) == (1, 0)
    assert row("Mia").number.e164 == ULI


def test_the_dates_of_two_owners_may_not_overlap(handed_on, set_dates, today):
    with pytest.raises(Clash, match="belongs to another"):
        set_dates(until_on=today + days(5))
    with pytest.raises(Clash, match="cannot leave"):
        set_dates(from_on=today, until_on=today)


def test_stop_goes_to_the_last_owner_until_the_next_has_it(row, set_dates, today):
    set_dates(until_on=today - days(1))
    harbor = row("Otto").organization
    number = numbers.add_organization_number(row("Olga"), harbor, ULI)
    set_dates(from_on=today + days(3), number=number.e164, organization=harbor.name)
    come("STOP")
    assert optouts() == {"Maple Clinic": OptOutState.OUT}


# --- administrators ---------------------------------------------------------------------------------


def test_a_coming_number_is_assigned_and_one_that_has_left_is_not(row, set_dates, today, bring):
    bring(FRESH)
    set_dates(from_on=today + days(9), number=FRESH)
    assert numbers.assign_primary_number(row("Ada"), row("Rita"), FRESH, "").assigned
    assert standing(row("Rita"))[0] is UserState.NOT_AVAILABLE
    numbers.remove_primary_number(row("Ada"), row("Rita"), FRESH)
    assert FRESH in numbers.list_free_numbers(row("Ada"))
    set_dates(until_on=today - days(1), number=FRESH)
    assert numbers.list_free_numbers(row("Ada")) == []
    with pytest.raises(Clash, match="number left"):
        numbers.assign_primary_number(row("Ada"), row("Rita"), FRESH, "")


def test_a_file_does_not_assign_what_has_left(row, set_dates, today, bring):
    bring(FRESH)
    set_dates(until_on=today - days(1), number=FRESH)
    terms = ImportTerms(row("Ada").organization_id, True, False, ("en",), {"America/Toronto"})
    content = user_csv({EMAIL: "rita@example.com", "Phone Number": FRESH})
    (step,) = planning.plan_import(terms, reading.read_sheet(content)).steps
    assert [problem.values for problem in step.problems] == [{"number": "+1 416 555 0134"}]


def test_the_log_tells_of_every_change_and_of_nothing_else(row, set_dates, today):
    assert [set_dates(until_on=today), set_dates(until_on=today), set_dates()] == [1, 0, 1]
    assert set_dates(until_on=today, organization="Harbor Health") == 0, "it is not theirs"
    told = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "number-dated").order_by(
        AuditEvent.id)).all()
    assert [one.details["changes"] for one in told] == [
        [["until_on", "None", today.isoformat()]], [["until_on", today.isoformat(), "None"]]]


def test_many_are_dated_with_the_same_statements(row, bring, statements, today):
    bring(*(f"+1416556{one:04}" for one in range(60)))
    asked = []
    for many in (2, 50):
        with statements() as seen:
            number_days.set_number_dates(row("Olga"), row("Uli").organization,
                                         [f"+1416556{one:04}" for one in range(many)], None, today + days(many))
        asked.append(len(seen))
    assert asked[0] == asked[1]


def test_locations_without_users_change_nothing():
    """The day of a number that nobody holds is that of UTC."""
    with writing() as session:
        session.execute(Location.__table__.update().values(time_zone="America/Vancouver"))
    assert number_days.find_owned_number("+14165550199", datetime.now(UTC)) is None
