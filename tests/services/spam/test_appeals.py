"""ABU-03: an appeal is sent once, within 20 days, and decided by another operator; alone, on another day."""

from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from werkzeug.exceptions import NotFound

from portal.extensions import db, now, writing
from portal.models import AccountState, Appeal, AuditEvent, Restriction, User
from portal.rules.facts import Cause, Restraint, Subject
from portal.services.refusals import Clash
from portal.services.spam import appeals, restrictions
from portal.services.spam.restrictions import RestrictionScope, RestrictionTerms

pytestmark = pytest.mark.usefixtures("open_app")


def put(row, subject=Subject.USER, by="Olga", days=30):
    user = row("Uli")
    whom = RestrictionScope(subject, user.organization_id, user.id if subject is Subject.USER else None,
                            user.number.id if subject is Subject.NUMBER else None)
    actor = row(by) if by else None
    with writing():
        terms = RestrictionTerms(Restraint.BLOCK, Cause.SPAM, "Too much", now() + timedelta(days=days))
        return restrictions.add_restriction(actor, terms, whom, now())


def sent(row, one, name="Uli", words="They had agreed"):
    return appeals.find_appeal_for_operator(appeals.file_appeal(row(name), one, words).ref)


def alone(name="Olga"):
    """Only this operator is left."""
    with writing() as session:
        session.execute(update(User).where(User.operator, User.name.not_like(f"{name}%")).values(
            account=AccountState.DEACTIVATED))


def refused(row, name, one, **said):
    with pytest.raises(Clash) as clash:
        appeals.decide_appeal(row(name), one, **{"keep": True, "answer": "No", **said})
    assert db.session.get_one(Appeal, one.appeal.id).decided_by_id is None
    return clash.value.sentence


# --- who may read and appeal ---------------------------------------------------------------------


@pytest.mark.parametrize(("subject", "who"), [
    (Subject.USER, {"Uli", "Ada"}), (Subject.NUMBER, {"Uli", "Ada"}), (Subject.ORGANIZATION, {"Ada"}),
])
def test_the_person_and_their_admins_may_appeal_and_nobody_else(row, people, subject, who):
    one, found = put(row, subject), set()
    for name in people:
        with suppress(NotFound):
            assert appeals.find_restriction(row(name), one.ref)[0].id == one.id
            found.add(name)
    assert found == who


@pytest.mark.parametrize(("name", "seen"), [
    ("Uli", {"number", "user", "organization"}), ("Ben", {"organization"}), ("Ada", {"number", "user", "organization"}),
    ("Rita", {"number", "user", "organization"}), ("Otto", set()), ("Mia", set()), ("Olga", set()),
])
def test_people_are_told_of_the_restrictions_that_concern_them(row, name, seen):
    """In force, and the ended ones as well."""
    for subject in Subject:
        put(row, subject)
        put(row, subject, days=-1)
    for ended in (False, True):
        told = appeals.list_restrictions_for_user(row(name), ended=ended)
        assert {one.restriction.subject.value for one in told} == seen
        assert len(told) == len(seen)


def test_a_restriction_on_a_number_goes_with_the_number(row):
    put(row, Subject.NUMBER)
    with writing() as session:
        number, free = row("Uli").number, row("Ben").number
        free.user_id = None
        session.flush()
        number.user_id = row("Ben").id
    assert [len(appeals.list_restrictions_for_user(row(name), ended=False)) for name in ("Uli", "Ben")] == [0, 1]


def test_a_long_list_is_bounded(row, statements):
    for _index in range(appeals.APPEALS_PER_PAGE + 3):
        put(row)
    user = row("Ada")
    with statements() as seen:
        assert len(appeals.list_restrictions_for_user(user, ended=False)) == appeals.APPEALS_PER_PAGE
    assert len(seen) <= 2


# --- once, in time -------------------------------------------------------------------------------


def test_once(row):
    one = put(row)
    sent(row, one)
    for name in ("Uli", "Ada"):
        with pytest.raises(Clash, match="once"):
            appeals.file_appeal(row(name), one, "Again")
    assert len(db.session.scalars(select(Appeal)).all()) == 1
    event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert (event.actor_name, event.action, event.subject_name) == ("Uli Brandt", "appealed", "Uli Brandt")


@pytest.mark.parametrize(("days", "possible"), [(0, True), (19.99, True), (20, False), (25, False)])
def test_within_twenty_days(row, clock, days, possible):
    one = put(row)
    clock.forward(days=days)
    assert appeals.can_appeal_restriction(one, None) is possible
    if not possible:
        with pytest.raises(Clash) as clash:
            appeals.file_appeal(row("Uli"), one, "Late")
        assert clash.value.values == {"days": 20}


def test_only_while_it_is_in_force(row):
    lifted, over = put(row), put(row, days=-1)
    restrictions.end_restriction(row("Oskar"), lifted, "Enough")
    for one in (lifted, over):
        assert not appeals.can_appeal_restriction(one, None)
        with pytest.raises(Clash):
            appeals.file_appeal(row("Uli"), one, "Still")


# --- who decides ---------------------------------------------------------------------------------


@pytest.mark.parametrize("keep", [True, False])
def test_another_operator_decides_it_once(row, keep):
    one = sent(row, put(row))
    assert "another operator decides" in refused(row, "Olga", one)
    appeals.decide_appeal(row("Oskar"), one, keep=keep, answer="I looked into it")
    kept = db.session.get_one(Appeal, one.appeal.id)
    assert (kept.kept, kept.answer) == (keep, "I looked into it")
    assert (kept.decided_by_id, kept.alone) == (row("Oskar").id, False)
    assert restrictions.has_restriction_ended(db.session.get_one(Restriction, one.restriction.id), now()) is not keep
    assert "decided" in appeals.obstacle_to_decision(row("Oskar"), one)
    with pytest.raises(Clash):
        appeals.decide_appeal(row("Oskar"), one, keep=not keep, answer="Changed my mind")
    assert db.session.get_one(Appeal, one.appeal.id).kept is keep
    event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert (event.action, event.actor_name) == ("appeal-kept" if keep else "restriction-lifted", "Oskar Lind")


def test_what_reports_did_any_operator_decides(row):
    """Even the one who is alone, at once: they have decided nothing yet."""
    one = sent(row, put(row, by=None))
    assert [appeals.obstacle_to_decision(row(name), one) for name in ("Olga", "Oskar")] == ["", ""]
    alone()
    assert appeals.obstacle_to_decision(row("Olga"), one) == ""


def test_who_is_alone_looks_again_on_another_day_and_it_is_marked(row, clock):
    one = sent(row, put(row))
    alone()
    assert "tomorrow" in refused(row, "Olga", one)
    clock.forward(days=1)
    assert appeals.obstacle_to_decision(row("Olga"), one) == ""
    appeals.decide_appeal(row("Olga"), one, keep=True, answer="It stays")
    assert db.session.get_one(Appeal, one.appeal.id).alone


@pytest.mark.parametrize(("subject", "sender"), [
    (Subject.USER, "Uli"), (Subject.NUMBER, "Uli"), (Subject.USER, "Ada"), (Subject.NUMBER, "Ada")])
def test_nobody_decides_their_own(row, subject, sender):
    """Neither who is restricted nor who appealed, should they be operators as well."""
    one = sent(row, put(row, subject), sender)
    with writing():
        row("Uli").operator = row(sender).operator = True
    for name in {"Uli", sender}:
        assert "your own" in refused(row, name, one)
    assert appeals.obstacle_to_decision(row("Oskar"), one) == ""


def test_what_ended_meanwhile_waits_no_more(row):
    one = sent(row, put(row))
    assert [waiting.appeal.id for waiting in appeals.list_waiting_appeals()] == [one.appeal.id]
    restrictions.end_restriction(row("Oskar"), one.restriction, "It was wrong")
    assert appeals.list_waiting_appeals() == []
    assert "ended" in refused(row, "Oskar", one)


@pytest.mark.parametrize("name", ["Uli", "Ada"])
def test_an_appeal_names_who_sent_it_and_later_who_decided_it(row, name):
    one = sent(row, put(row), name)
    assert appeals.sender_of_appeal(one.appeal) == one.by == row(name).name
    assert one.decided_by == ""
    appeals.decide_appeal(row("Oskar"), one, keep=True, answer="No")
    assert appeals.find_appeal_for_operator(one.appeal.ref).decided_by == "Oskar Lind"


def test_appeals_wait_in_their_order(row):
    first, second = (sent(row, put(row)) for _index in range(2))
    assert [one.appeal.id for one in appeals.list_waiting_appeals()] == [first.appeal.id, second.appeal.id]
    appeals.decide_appeal(row("Oskar"), first, keep=True, answer="No")
    assert [one.by for one in appeals.list_waiting_appeals()] == ["Uli Brandt"]


# --- extended ------------------------------------------------------------------------------------


def extend(row, one, *names):
    for days, name in enumerate(names, start=300):
        restrictions.move_restriction_end(row(name), db.session.get_one(Restriction, one.id),
                                          now() + timedelta(days=days), "Longer")
    return db.session.get_one(Restriction, one.id)


def third(name="Rita"):
    """One more operator, who has decided nothing."""
    with writing() as session:
        session.execute(update(User).where(User.name.like(f"{name}%")).values(operator=True))


def may(row, one, *names):
    return [name for name in names if not appeals.obstacle_to_decision(row(name), one)]


@pytest.mark.parametrize(("by", "extended"), [("Olga", ["Oskar"]), (None, ["Olga", "Oskar"]), ("Oskar", ["Olga"]),
                                              ("Olga", ["Oskar", "Olga", "Oskar"])])
def test_neither_who_made_it_nor_who_extended_it_decides_where_there_is_a_third(row, by, extended):
    """M9: whoever set an end at any time has decided something."""
    third()
    one = sent(row, extend(row, put(row, by=by, days=1), *extended))
    assert may(row, one, "Olga", "Oskar", "Rita") == ["Rita"]
    assert "another operator" in refused(row, "Olga", one)
    assert "another operator" in refused(row, "Oskar", one, keep=False)
    appeals.decide_appeal(row("Rita"), one, keep=True, answer="I looked into it")
    assert not db.session.get_one(Appeal, one.appeal.id).alone


def test_of_two_who_decided_the_one_who_did_not_set_the_end_answers(row):
    """M9: without a third, the last end is looked at by the other one, and marked so."""
    one = sent(row, extend(row, put(row, by="Olga", days=1), "Oskar"))
    assert may(row, one, "Olga", "Oskar") == ["Olga"]
    assert "another operator" in refused(row, "Oskar", one)
    appeals.decide_appeal(row("Olga"), one, keep=False, answer="Too long")
    assert db.session.get_one(Appeal, one.appeal.id).alone


def test_who_extended_it_and_is_alone_looks_again_tomorrow(row, clock):
    one = sent(row, extend(row, put(row, by="Oskar", days=1), "Olga"))
    alone()
    assert "tomorrow" in refused(row, "Olga", one)
    clock.forward(days=1)
    assert may(row, appeals.find_appeal_for_operator(one.appeal.ref), "Olga") == ["Olga"]
