"""Restrictions count for texts that wait, end in time, and are lifted and extended by others than those concerned."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from werkzeug.exceptions import NotFound

from portal.extensions import db, now, writing
from portal.models import AccountState, AuditEvent, Case, Message, Number, Restriction, TextState, User
from portal.rules.cases import CaseState
from portal.rules.facts import Cause, Restraint, Subject
from portal.services.refusals import Clash
from portal.services.spam import restrictions
from portal.services.spam.restrictions import LONGEST_ALONE, LONGEST_RESTRICTION, RestrictionScope, RestrictionTerms
from portal.services.texting import outbox, sending

pytestmark = pytest.mark.usefixtures("carrier", "open_app")


def put(row, restraint=Restraint.THROTTLE, subject=Subject.USER, by="Olga", days=3.0, rate=1):
    """A restriction on Uli, their number or their organization."""
    user = row("Uli")
    whom = RestrictionScope(subject, user.organization_id, user.id if subject is Subject.USER else None,
                            user.number.id if subject is Subject.NUMBER else None)
    actor = row(by) if by else None
    with writing():
        terms = RestrictionTerms(restraint, Cause.SPAM, "Too much", now() + timedelta(days=days), rate)
        return restrictions.add_restriction(actor, terms, whom, now())


def write(row, many=5, name="Uli"):
    for index in range(many):
        assert sending.send_text(row(name), f"+16475551{index:03}", f"text {index}", f"{name} {index}").decision.allowed


def work(times=3):
    worker = outbox.OutboxWorker("test")
    for _ in range(times):
        worker.step()


def states():
    db.session.rollback()
    return [(one.state, one.why) for one in db.session.scalars(select(Message).order_by(Message.id))]


# --- texts that wait -----------------------------------------------------------------------------


@pytest.mark.parametrize("subject", Subject)
def test_a_throttle_that_comes_while_five_wait_lets_them_leave_one_a_minute(row, carrier, clock, subject):
    write(row)
    put(row, subject=subject)
    gone = []
    for _minute in range(5):
        work()
        gone.append(len(carrier.bodies))
        assert all(why == ["throttled"] for state, why in states() if state is TextState.QUEUED)
        clock.forward(seconds=61)
    assert gone == [1, 2, 3, 4, 5]
    assert carrier.bodies == [f"text {index}" for index in range(5)]


def test_what_is_written_while_slowed_waits_and_says_so(row, carrier, clock):
    """Two a minute leave one after the other as well."""
    put(row, rate=2)
    write(row, 4)
    gone = []
    for _half_minute in range(6):
        work()
        gone.append(len(carrier.bodies))
        assert states()[gone[-1]:] == [(TextState.QUEUED, ["throttled"])] * (4 - gone[-1])
        clock.forward(seconds=31)
    assert gone[0] < 3
    assert gone[-1] == 4
    assert all(later - before <= 2 for before, later in zip(gone, gone[2:], strict=False))


@pytest.mark.parametrize("subject", Subject)
def test_a_block_ends_texts_that_wait_with_its_reason(row, carrier, subject):
    write(row)
    put(row, Restraint.BLOCK, subject)
    work()
    assert carrier.asked == []
    assert states() == [(TextState.REFUSED, ["blocked"])] * 5
    refused = sending.send_text(row("Uli"), "+16475551999", "One more", "more").decision
    assert [reason.id for reason in refused.blocking] == ["blocked"]


@pytest.mark.parametrize(("subject", "concerned"), [(Subject.USER, 0), (Subject.NUMBER, 0), (Subject.ORGANIZATION, 2)])
def test_colleagues_go_on_unless_the_organization_is_blocked(row, carrier, subject, concerned):
    put(row, Restraint.BLOCK, subject)
    decisions = [sending.send_text(row("Ben"), f"+1647555200{n}", "Hello", f"ben {n}").decision for n in range(2)]
    assert sum(not decision.allowed for decision in decisions) == concerned


def test_lifting_lets_the_waiting_texts_go_at_once(row, carrier):
    made = put(row)
    write(row)
    work()
    assert len(carrier.bodies) == 1
    assert restrictions.end_restriction(row("Oskar"), made, "They had agreed")
    work()
    assert len(carrier.bodies) == 5
    assert states() == [(TextState.HANDED_OVER, [])] * 5


def test_lifting_one_of_two_leaves_the_other(row, carrier):
    put(row, rate=1)
    made = put(row, rate=2)
    write(row)
    work()
    restrictions.end_restriction(row("Oskar"), made, "They had agreed")
    work()
    assert len(carrier.bodies) == 1


def test_it_ends_by_itself(row, carrier, clock):
    put(row, Restraint.BLOCK, days=1)
    clock.forward(hours=25)
    write(row, 1)
    work()
    assert carrier.bodies == ["text 0"]


# --- lifting and extending -----------------------------------------------------------------------


def test_lifting_happens_once_and_is_told(row):
    made = put(row)
    assert restrictions.end_restriction(row("Oskar"), made, "They had agreed")
    assert not restrictions.end_restriction(row("Olga"), made, "Me too")
    event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert (event.actor_name, event.action, event.subject_name) == ("Oskar Lind", "restriction-lifted", "Uli Brandt")
    assert event.details["note"] == "They had agreed"
    kept = db.session.get_one(Restriction, made.id)
    assert (kept.lifted_by_id, kept.lifted_note) == (row("Oskar").id, "They had agreed")


def test_extending_moves_the_end_and_is_told(row):
    made, until = put(row), now() + timedelta(days=30)
    restrictions.move_restriction_end(row("Oskar"), made, until, "It goes on")
    assert db.session.get_one(Restriction, made.id).until == until
    event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert (event.action, event.details["note"]) == ("restriction-extended", "It goes on")


@pytest.mark.parametrize("days", [-1, 0, 366, 9999])
def test_an_end_that_cannot_be(row, days):
    made = put(row)
    with pytest.raises(Clash) as clash:
        restrictions.move_restriction_end(row("Oskar"), made, now() + timedelta(days=days), "No")
    assert clash.value.field == "until"


def test_what_has_ended_is_not_extended(row):
    lifted, over = put(row), put(row, days=-1)
    restrictions.end_restriction(row("Oskar"), lifted, "Enough")
    for one in (lifted, over):
        with pytest.raises(Clash, match="ended"):
            restrictions.move_restriction_end(row("Oskar"), one, now() + timedelta(days=1), "Again")


@pytest.mark.parametrize("subject", [Subject.USER, Subject.NUMBER])
def test_nobody_decides_about_themselves(row, subject):
    """An operator may be a member as well."""
    made = put(row, subject=subject)
    with writing():
        row("Uli").operator = True
    with pytest.raises(Clash, match="another operator"):
        restrictions.end_restriction(row("Uli"), made, "I like it so")
    with pytest.raises(Clash, match="another operator"):
        restrictions.move_restriction_end(row("Uli"), made, now() + timedelta(hours=1), "I like it so")
    assert not restrictions.has_restriction_ended(made, now())


def test_who_decides_alone_decides_for_thirty_days(row):
    """There is nobody else to look at it sooner."""
    made = put(row)
    assert restrictions.longest_restriction() == LONGEST_RESTRICTION
    with writing() as session:
        session.execute(update(User).where(User.name == "Oskar Lind").values(account=AccountState.DEACTIVATED))
    assert restrictions.longest_restriction() == LONGEST_ALONE
    restrictions.move_restriction_end(row("Olga"), made, now() + timedelta(days=29), "Long")
    with pytest.raises(Clash) as clash:
        restrictions.move_restriction_end(row("Olga"), made, now() + timedelta(days=31), "Longer")
    assert clash.value.values == {"days": 30}


# --- the list ------------------------------------------------------------------------------------


def test_the_list_is_paged_newest_first_and_says_by_whom(row, statements):
    made = [put(row, by="Olga" if index % 2 else None).id for index in range(restrictions.RESTRICTIONS_PER_PAGE + 7)]
    db.session.rollback()
    with statements() as seen:
        first, more = restrictions.list_restriction_rows(ended=False)
    assert len(seen) == 1
    assert (len(first), more) == (restrictions.RESTRICTIONS_PER_PAGE, True)
    second, more = restrictions.list_restriction_rows(ended=False, before=first[-1].restriction)
    assert [one.restriction.id for one in (*first, *second)] == made[::-1]
    assert not more
    assert {one.by for one in first} == {"Olga Weiss", ""}
    assert restrictions.list_restriction_rows(ended=True) == ([], False)


def test_the_ended_ones_are_those_that_were_lifted_or_ran_out(row):
    held, lifted, over = put(row), put(row), put(row, days=-1)
    endless = put(row, subject=Subject.NUMBER)
    with writing() as session:
        session.execute(update(Restriction).where(Restriction.id == endless.id).values(until=None))
    restrictions.end_restriction(row("Oskar"), lifted, "Enough")
    ids = [[one.restriction.id for one in restrictions.list_restriction_rows(ended=ended)[0]]
           for ended in (False, True)]
    assert ids == [[endless.id, held.id], [over.id, lifted.id]]
    number = db.session.scalars(select(Number.e164).where(Number.id == endless.number_id)).one()
    assert restrictions.read_restriction_row(db.session.get_one(Restriction, endless.id)).number == number


# --- whom a restriction is on --------------------------------------------------------------------


def opened(row, name="Uli", **more):
    """A case about a user and their number."""
    user = row(name)
    with writing() as session:
        one = Case(**{"organization_id": user.organization_id, "number_id": user.number.id, "user_id": user.id,
                      "target_at": now(), **more})
        session.add(one)
    return one


def restrain(row, whom, restraint=Restraint.THROTTLE, case=None, days=3.0):
    with writing():
        terms = RestrictionTerms(restraint, Cause.SPAM, "Too much", now() + timedelta(days=days))
        return restrictions.add_restriction(row("Olga"), terms, whom, now(), case)


@pytest.mark.parametrize(("subject", "had", "expected"), [
    (Subject.USER, True, (Subject.USER, True, False)), (Subject.USER, False, (Subject.NUMBER, False, True)),
    (Subject.NUMBER, True, (Subject.NUMBER, False, True)), (Subject.NUMBER, False, (Subject.NUMBER, False, True)),
    (Subject.ORGANIZATION, True, (Subject.ORGANIZATION, False, False)),
    (Subject.ORGANIZATION, False, (Subject.ORGANIZATION, False, False))])
def test_a_case_restricts_its_user_or_its_number_if_no_user_had_it(row, subject, had, expected):
    """Or the number or the organization, if the operator chooses so."""
    case = opened(row, **({} if had else {"user_id": None}))
    kind, user, number = expected
    assert restrictions.scope_of_case(case, subject) == RestrictionScope(
        kind, case.organization_id, case.user_id if user else None, case.number_id if number else None)
    assert restrictions.scope_of_case(case) == restrictions.scope_of_case(case, Subject.USER)


SCOPES = {
    "their account": lambda uli, _ben: RestrictionScope(Subject.USER, uli.organization_id, user_id=uli.id),
    "their number": lambda uli, _ben: RestrictionScope(Subject.NUMBER, uli.organization_id, number_id=uli.number.id),
    "a colleague": lambda uli, ben: RestrictionScope(Subject.USER, uli.organization_id, user_id=ben.id),
    "another number": lambda uli, ben: RestrictionScope(Subject.NUMBER, uli.organization_id, number_id=ben.number.id),
    "the organization": lambda uli, _ben: RestrictionScope(Subject.ORGANIZATION, uli.organization_id),
}


@pytest.mark.parametrize("whom", SCOPES)
@pytest.mark.parametrize("restraint", Restraint)
@pytest.mark.parametrize("asked", Restraint)
@pytest.mark.parametrize("had", [True, False])
def test_whether_the_sender_of_a_case_is_restrained_enough(row, whom, restraint, asked, had):
    """A block is more than a throttle; what is on others, or on everybody, is no restriction of this sender."""
    case = opened(row, **({} if had else {"user_id": None}))
    restrain(row, SCOPES[whom](row("Uli"), row("Ben")), restraint)
    concerned = whom == "their number" or (whom == "their account" and had)
    enough = restraint is Restraint.BLOCK or asked is Restraint.THROTTLE
    assert restrictions.is_sender_restricted(case, asked, now()) is (concerned and enough)


def test_a_restriction_of_another_organization_is_none_of_this_sender(row):
    case = opened(row)
    restrain(row, RestrictionScope(Subject.USER, row("Otto").organization_id, user_id=row("Uli").id))
    assert not restrictions.is_sender_restricted(case, Restraint.THROTTLE, now())
    assert restrictions.restrictions_of_case(case) == []


def test_a_restriction_counts_until_a_day_after_it_was_lifted_and_no_longer_than_its_end(row, clock):
    """The next report must not restore at once what an operator has just lifted."""
    case = opened(row)
    one = restrain(row, restrictions.scope_of_case(case))
    ends = one.until
    assert restrictions.is_sender_restricted(case, Restraint.THROTTLE, ends - timedelta(seconds=1))
    assert not restrictions.is_sender_restricted(case, Restraint.THROTTLE, ends)
    restrictions.end_restriction(row("Oskar"), one, "Enough")
    lifted = one.lifted_at
    assert restrictions.is_sender_restricted(case, Restraint.THROTTLE, lifted + timedelta(hours=23, minutes=59))
    assert not restrictions.is_sender_restricted(case, Restraint.THROTTLE, lifted + timedelta(hours=24))


def test_the_page_of_a_case_shows_every_restriction_of_its_sender_newest_first(row):
    """From whatever case, ended or not, with the names that belong to it; none of others."""
    uli, ben, case, other = row("Uli"), row("Ben"), opened(row), opened(row, state=CaseState.UPHELD)
    account = restrain(row, SCOPES["their account"](uli, ben), case=other)
    restrictions.end_restriction(row("Oskar"), account, "Enough")
    restrain(row, SCOPES["a colleague"](uli, ben))
    number = restrain(row, SCOPES["their number"](uli, ben))
    everybody = restrain(row, SCOPES["the organization"](uli, ben), case=case)
    restrain(row, SCOPES["the organization"](uli, ben))
    found = restrictions.restrictions_of_case(case)
    assert [one.restriction.id for one in found] == [everybody.id, number.id, account.id]
    assert [(one.organization, one.user, one.number, one.by, one.case) for one in found] == [
        ("Maple Clinic", "", "", "Olga Weiss", case.ref), ("Maple Clinic", "", "+14165550101", "Olga Weiss", ""),
        ("Maple Clinic", "Uli Brandt", "", "Olga Weiss", other.ref)]
    assert found[0] == restrictions.read_restriction_row(everybody)
    without = opened(row, user_id=None)
    assert [one.restriction.id for one in restrictions.restrictions_of_case(without)] == [number.id]


def test_operators_find_a_restriction_by_its_ref_alone(row):
    one, other = put(row), put(row)
    assert [restrictions.find_restriction_for_operator(each.ref).id for each in (one, other)] == [one.id, other.id]
    for wrong in ("", "x", one.ref[:-1], str(one.id)):
        with pytest.raises(NotFound):
            restrictions.find_restriction_for_operator(wrong)
