"""The second decision, just before a text leaves: everything is asked anew but the counts."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from portal.carriers.base import OutgoingText
from portal.extensions import db, now, writing
from portal.models import Message, Number, Organization, Restriction, TextState, User
from portal.rules import BY_ID
from portal.rules.facts import Campaign, Cause, Pstn, Restraint, Subject
from portal.services.texting import optouts, recheck, sending
from portal.services.toggles import toggle
from tests.stores import WRITES
from tests.talks import THEIRS, hold, many, messages, text_out

MINUTE = timedelta(minutes=1)


def waits(user, *bodies, **more):
    """All texts that wait, after these of a user, each to somebody else; as a worker gets them."""
    for body in bodies or ("Hello",):
        place = len(messages())
        hold(user.id, text_out(body, TextState.QUEUED, **more), theirs=f"+1647555{2000 + place}")
    return taken()


def taken():
    """All texts in their order, as a worker gets them: detached, so that reading them asks nothing."""
    found = messages()
    for one in found:
        db.session.expunge(one)
    db.session.rollback()
    return found


def judge(texts, moment=None):
    """By the words of each text, the ids of the rules that stop it."""
    decided = recheck.recheck_texts(texts, moment or now())
    return {one.body: [reason.id for reason in decided[one.id].blocking] for one in texts}


def restrict(user, restraint, subject=Subject.USER, by="", **more):
    """A restriction by an operator, or with no name by verified reports."""
    made_by = db.session.scalar(select(User.id).where(User.name.startswith(by))) if by else None
    whom = {Subject.USER: {"user_id": user.id}, Subject.NUMBER: {"number_id": user.number.id}}.get(subject, {})
    with writing() as session:
        session.add(Restriction(organization_id=user.organization_id, subject=subject, restraint=restraint,
                                cause=Cause.SPAM, since=now() - MINUTE, until=now() + timedelta(days=3),
                                made_by_id=made_by, **whom, **more))


# --- texts as the carrier gets them --------------------------------------------------------------


def test_the_carrier_gets_both_numbers_the_words_and_our_reference(uli, ben, mia):
    """Of two users and two organizations, in the order in which they were given."""
    for user in (uli, ben, mia):
        waits(user, f"of {user.name}")
    given = taken()[::-1]
    assert recheck.texts_for_carrier(given) == [
        OutgoingText(user.number.e164, one.theirs, one.body, one.ref, one.deadline)
        for user, one in zip((mia, ben, uli), given, strict=True)]


def test_a_text_is_from_the_number_that_it_was_written_over(uli, ben):
    """Also when its writer has another number by now, and another user has that one."""
    texts, before = waits(uli), uli.number.e164
    swap(uli, ben)
    assert db.session.get_one(User, uli.id).number.e164 != before
    assert [one.sender for one in recheck.texts_for_carrier(texts)] == [before]


def test_many_texts_take_one_statement_and_none_take_none(uli, ben, statements):
    for user in (uli, ben):
        waits(user, "one", "two", "three")
    texts = taken()
    with statements() as seen:
        assert len(recheck.texts_for_carrier(texts)) == 6
    assert len(seen) == 1
    with statements() as seen:
        assert recheck.texts_for_carrier([]) == []
    assert seen == []


def test_no_transaction_stays_open(uli):
    texts = waits(uli)
    for ask in (recheck.texts_for_carrier, lambda given: recheck.recheck_texts(given, now())):
        ask(texts)
        assert not db.session.registry().in_transaction()


# --- the decision --------------------------------------------------------------------------------


def test_what_was_allowed_still_is(uli, ben):
    for user in (uli, ben):
        waits(user, f"of {user.name}")
    texts = taken()
    decided = recheck.recheck_texts(texts, now())
    assert decided.keys() == {one.id for one in texts}
    assert all(decision.allowed and decision.until is None for decision in decided.values())
    assert recheck.recheck_texts([], now()) == {}


def swap(one, other):
    """Two users exchange their numbers."""
    first, second = one.number.id, other.number.id
    with writing() as session:
        for number_id, user_id in ((first, None), (second, one.id), (first, other.id)):
            session.execute(update(Number).where(Number.id == number_id).values(user_id=user_id))


def switch_off(unit):
    with writing():
        toggle.write_setting(None, unit, toggle.SettingValue(False))


def change(model, of, **values):
    with writing() as session:
        session.execute(update(model).where(model.id == of).values(**values))


def lose_number(user):
    change(Number, user.number.id, user_id=None)


def opt_out(user):
    organization = db.session.get_one(Organization, user.organization_id)
    for one in messages():
        optouts.record_optout(user, organization, one.theirs, "on the phone")


CHANGES = {
    "switched off": (lambda uli, _ben: switch_off(uli), "texting-off"),
    "location switched off": (lambda uli, _ben: switch_off(uli.location), "texting-off"),
    "old app": (lambda uli, _ben: change(User, uli.id, app_version="41.0"), "app-version"),
    "campaign": (lambda uli, _ben: change(Organization, uli.organization_id, campaign=Campaign.SUSPENDED), "campaign"),
    "no add-on": (lambda uli, _ben: change(Organization, uli.organization_id, add_on=False), "add-on"),
    "other connection": (lambda uli, _ben: change(type(uli.location), uli.location_id, pstn=Pstn.LOCAL_GATEWAY),
                         "location-pstn"),
    "blocked": (lambda uli, _ben: restrict(uli, Restraint.BLOCK, by="Olga"), "blocked"),
    "number blocked": (lambda uli, _ben: restrict(uli, Restraint.BLOCK, Subject.NUMBER, "Olga"), "blocked"),
    "organization blocked": (lambda uli, _ben: restrict(uli, Restraint.BLOCK, Subject.ORGANIZATION, "Olga"), "blocked"),
    "opted out": (lambda uli, _ben: opt_out(uli), "opted-out"),
    "number lost": (lambda uli, _ben: lose_number(uli), "primary-number"),
    "number of another": (swap, "primary-number"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_everything_is_decided_again_at_hand_over(uli, ben, what):
    """REL-12: whatever has changed since the text was accepted stops it, with the rule."""
    texts, (happens, rule) = waits(uli), CHANGES[what]
    assert judge(texts) == {"Hello": []}
    happens(uli, ben)
    assert rule in judge(texts)["Hello"]


@pytest.mark.parametrize("what", CHANGES)
def test_what_happens_in_another_organization_stops_nobody_here(uli, ben, mia, people, what):
    texts = waits(uli)
    CHANGES[what][0](mia, db.session.get_one(User, people["Otto"].id))
    assert judge(texts) == {"Hello": []}


@pytest.mark.parametrize("what", ["switched off", "old app", "blocked", "number blocked", "number lost"])
def test_what_happens_to_one_does_not_stop_a_colleague(uli, ben, what):
    waits(uli, "of Uli")
    texts = waits(ben, "of Ben")
    CHANGES[what][0](uli, ben)
    decided = judge(texts)
    assert decided["of Uli"] != []
    assert decided["of Ben"] == []


def test_what_was_reserved_at_acceptance_is_not_counted_again(uli):
    """The last text of a day was accepted, so it leaves, whatever was accepted after it."""
    ref = hold(uli.id)
    many(uli.id, ref, BY_ID["daily-user"].limits["most"])
    assert not sending.send_text(uli, THEIRS, "One more", "key").decision.allowed
    texts = [one for one in waits(uli, "waits") if one.body == "waits"]
    assert judge(texts) == {"waits": []}


# --- the pace ------------------------------------------------------------------------------------


def minutes(texts, moment):
    """After how many minutes each text may leave; 0: at once."""
    decided = recheck.recheck_texts(texts, moment)
    return [round(((decided[one.id].until or moment) - moment) / MINUTE, 2) for one in texts]


@pytest.mark.parametrize(("subject", "per_minute", "expected"), [
    (Subject.USER, 1, [0, 1, 0, 0]), (Subject.USER, 4, [0, 0.25, 0, 0]), (Subject.ORGANIZATION, 1, [0, 1, 2, 3]),
    (Subject.ORGANIZATION, 2, [0, 0.5, 1, 1.5]), (Subject.NUMBER, 1, [0, 1, 0, 0]),
])
def test_texts_of_a_batch_queue_behind_each_other(uli, ben, subject, per_minute, expected):
    """A throttle on one user leaves the other alone; one on the organization counts both together."""
    restrict(uli, Restraint.THROTTLE, subject, per_minute=per_minute)
    waits(uli, "one", "two")
    assert minutes(waits(ben, "three", "four"), now()) == expected


def test_automatic_answers_take_no_place_and_wait_for_none(uli):
    restrict(uli, Restraint.THROTTLE, per_minute=1)
    waits(uli, "one")
    waits(uli, "answer", automatic=True)
    assert minutes(waits(uli, "two"), now()) == [0, 0, 1]


# --- automatic answers ---------------------------------------------------------------------------


@pytest.mark.parametrize(("what", "leaves"), [
    ("opted out", True), ("switched off", True), ("old app", True), ("blocked", False), ("number blocked", False),
    ("organization blocked", False), ("campaign", False),
])
def test_an_answer_leaves_unless_the_number_may_not_send_at_all(uli, ben, what, leaves):
    """Whoever has said STOP hears that it counts."""
    texts = waits(uli, automatic=True)
    CHANGES[what][0](uli, ben)
    assert judge(texts) == {"Hello": [] if leaves else ["answer-not-possible"]}


@pytest.mark.parametrize("subject", Subject)
def test_reports_alone_never_stop_an_answer(uli, subject):
    """They stop a text that the user wrote."""
    waits(uli, "answer", automatic=True)
    restrict(uli, Restraint.BLOCK, subject)
    assert judge(waits(uli, "written")) == {"answer": [], "written": ["blocked"]}


def test_where_the_carrier_answers_by_itself_no_answer_leaves(uli, carrier):
    texts = waits(uli, automatic=True)
    carrier.answers_keywords = True
    assert judge(texts) == {"Hello": ["answer-not-possible"]}


# --- what breaks ---------------------------------------------------------------------------------


@pytest.fixture
def breaks(monkeypatch):
    """`breaks(error)` makes looking at the text "poison" fail."""
    def begin(error):
        def examine(body):
            if body == "poison":
                raise error
            return found(body)

        found = recheck.texts.examine_text
        monkeypatch.setattr(recheck.texts, "examine_text", examine)

    return begin


def test_what_cannot_even_be_asked_about_stops_nobody_else(uli, breaks, log_lines):
    """REL-13, REL-18: facts that cannot be gathered are a no for that text alone."""
    texts = waits(uli, "poison", "good")
    breaks(ZeroDivisionError(THEIRS))
    assert judge(texts) == {"poison": ["rule-failed"], "good": []}
    assert any("rule_failed" in line and "ZeroDivisionError" in line for line in log_lines)
    assert not any(THEIRS in line for line in log_lines)


def test_a_database_that_fails_decides_about_no_text(uli, breaks):
    """It says nothing about the texts: they wait, and the worker tries again."""
    texts = waits(uli, "good", "poison")
    breaks(OperationalError("select", {}, OSError("disk I/O error")))
    with pytest.raises(OperationalError):
        recheck.recheck_texts(texts, now())


def test_looking_changes_nothing(uli, begun):
    texts = waits(uli, "one", "two")
    db.session.rollback()
    begun.clear()
    recheck.texts_for_carrier(texts)
    recheck.recheck_texts(texts, now())
    assert WRITES not in begun
    assert {one.state for one in db.session.scalars(select(Message))} == {TextState.QUEUED}
