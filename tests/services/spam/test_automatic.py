"""ABU-03: what verified reports lead to by themselves, and what they never do."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from portal.config import Settings
from portal.extensions import db, make_ref, now, writing
from portal.models import Case, Conversation, Message, Number, Restriction, TextState, User
from portal.rules import BY_ID
from portal.rules.facts import Category, Cause, Restraint
from portal.services.spam import appeals, automatic, restrictions
from portal.services.texting import outbox, sending
from portal.services.toggles.eligibility import OrganizationSnapshot, standing_of_user
from portal.services.toggles.known_restrictions import is_restriction_in_force
from tests import talks
from tests.reports import case, number, reported, sent, settle, told

SCAM, OTHER = Category.SCAM, Category.ADVERTISING


def held(moment=None):
    """(restraint, cause, texts a minute, made by nobody) of everything in force, in its order."""
    db.session.rollback()
    found = select(Restriction).where(is_restriction_in_force(moment or now())).order_by(Restriction.id)
    return [(one.restraint, one.cause, one.per_minute, one.made_by_id is None) for one in db.session.scalars(found)]


THROTTLE = (Restraint.THROTTLE, Cause.SPAM, 1, True)
BLOCK = (Restraint.BLOCK, Cause.FRAUD, None, True)


@pytest.mark.parametrize(("many", "category", "expected"), [
    (0, SCAM, []), (1, SCAM, []), (2, SCAM, []), (3, OTHER, [THROTTLE]), (9, SCAM, [THROTTLE]),
    (10, OTHER, [THROTTLE]), (10, SCAM, [THROTTLE, BLOCK]), (12, SCAM, [THROTTLE, BLOCK]),
])
def test_the_steps_of_the_ladder(uli, many, category, expected):
    """Fewer than three: nothing. Three: slowed. Ten, and fraud: blocked. Each step is taken once."""
    reported(uli.id, uli.number, many, recipients=many or 1, category=category)
    assert held() == expected


def test_three_of_a_thousand_are_too_few(uli):
    """One percent of the recipients at least: who texts many is reported by some."""
    sent(uli.id, number(0))
    held_over = db.session.scalars(select(Conversation)).one()
    row = {"organization_id": held_over.organization_id, "conversation_id": held_over.id, "user_id": uli.id,
           "number_id": held_over.number_id, "direction": talks.OUT, "state": TextState.DELIVERED, "at": now(),
           "automatic": False, "region": "CA", "segments": 1, "template": "", "payload": "", "claimed_by": "",
           "tries": 0, "crashes": 0, "carrier": "scripted", "code": "", "why": [], "body": "Hello"}
    with writing() as session:
        session.execute(insert(Message), [
            {**row, "ref": make_ref(), "carrier_id": make_ref(), "theirs": f"+1647557{n:04}"} for n in range(997)])
    reported(uli.id, uli.number, 3)
    assert (held(), case().verified) == ([], 3)
    for index in range(3, 10):
        sent(uli.id, number(index))
        told(uli.number, number(index))
    settle()
    assert case().verified == 10
    assert held() == []
    sent(uli.id, number(11))
    told(uli.number, number(11))
    settle()
    assert held() == [BLOCK]


@pytest.mark.parametrize("share", [0, 1, 29, 30, 33, 34, 100])
def test_the_share_is_that_of_everybody_who_was_texted(uli, share):
    """The portal stops reading texts once it knows; the answer is that of counting them all."""
    reported(uli.id, uli.number, 10)
    enough = [automatic._are_enough(reporters, share, case(), now()) for reporters in range(12)]
    assert enough == [100 * reporters >= share * 10 for reporters in range(12)]


@pytest.mark.parametrize("kind", ["known", "slow", "repeated", "not ours"])
def test_what_never_counts(uli, kind):
    """Neither reports without proof nor those read last, nor one person often."""
    for index in range(20):
        sent(uli.id, number(index), at=now() - timedelta(minutes=1))
    reports = {
        "known": lambda index: told(uli.number), "repeated": lambda index: told(uli.number, number(0)),
        "slow": lambda index: told(uli.number, number(index), suspect="honeypot"),
        "not ours": lambda index: told("+1 604 555 0199", number(index)),
    }
    for index in range(20):
        reports[kind](index)
    settle()
    assert held() == []


def test_days_apart_do_not_add_up(uli, clock):
    for index in range(4):
        sent(uli.id, number(index), at=now() - timedelta(hours=1))
        told(uli.number, number(index))
        settle()
        assert held(clock.now()) == []
        clock.forward(hours=13)
    assert case().verified == 4


@pytest.mark.parametrize(("many", "category"), [(3, OTHER), (10, SCAM)])
def test_it_ends_after_72_hours_at_the_latest(uli, many, category):
    reported(uli.id, uli.number, many, category=category)
    assert held()
    assert all(one.until == one.since + timedelta(hours=72) for one in db.session.scalars(select(Restriction)))
    assert held(now() + timedelta(hours=71, minutes=59))
    assert held(now() + timedelta(hours=72)) == []


def test_what_an_operator_lifted_is_not_brought_back_at_once(uli, people, clock):
    reported(uli.id, uli.number, 3)
    olga = db.session.get_one(User, people["Olga"].id)
    restrictions.end_restriction(olga, db.session.scalars(select(Restriction)).one(), "They had agreed")
    sent(uli.id, number(5))
    told(uli.number, number(5))
    settle()
    assert held() == []
    clock.forward(hours=25)
    for index in range(20, 24):
        sent(uli.id, number(index), at=clock.now() - timedelta(minutes=1))
        told(uli.number, number(index))
    settle()
    assert held(clock.now()) == [THROTTLE]


def test_user_and_admin_are_told(uli, people, browse):
    reported(uli.id, uli.number, 3)
    user = db.session.get_one(User, uli.id)
    assert standing_of_user(user, OrganizationSnapshot.read(user.organization_id)).slowed
    seen = {name: len(appeals.list_restrictions_for_user(db.session.get_one(User, people[name].id), ended=False))
            for name in people}
    assert {name for name, many in seen.items() if many} == {"Uli", "Ada", "Rita"}


# --- what it does to texts -----------------------------------------------------------------------


@pytest.mark.parametrize(("many", "category"), [(3, OTHER), (10, SCAM)])
def test_stop_is_answered_all_the_same(uli, carrier, many, category):
    """Reports alone never keep somebody from hearing that their STOP counts."""
    reported(uli.id, uli.number, many, category=category)
    talks.come("STOP", uli.number, theirs="+16475550199")
    outbox.OutboxWorker("test").step()
    assert [text.recipient for text in carrier.taken.values()] == ["+16475550199"]
    assert "no more texts" in carrier.bodies[0]


def test_a_block_by_an_operator_stops_the_answer_but_not_the_opt_out(uli, carrier, people):
    user = db.session.get_one(User, uli.id)
    with writing():
        restrictions.add_restriction(
            db.session.get_one(User, people["Olga"].id),
            restrictions.RestrictionTerms(Restraint.BLOCK, Cause.FRAUD, "Fraud", now() + timedelta(days=1)),
            restrictions.RestrictionScope(restrictions.Subject.USER, user.organization_id, user_id=uli.id), now())
    talks.come("STOP", uli.number, theirs="+16475550199")
    outbox.OutboxWorker("test").step()
    assert carrier.asked == []
    decision = sending.send_text(db.session.get_one(User, uli.id), "+16475550199", "Hello", "key").decision
    assert {reason.id for reason in decision.blocking} == {"blocked", "opted-out"}


def test_who_sent_it_is_slowed_and_not_who_has_the_number_now(uli, people):
    for index in range(3):
        sent(uli.id, number(index))
    with writing() as session:
        session.scalars(select(Number).where(Number.e164 == uli.number)).one().user_id = people["Ada"].id
    for index in range(3):
        told(uli.number, number(index))
    settle()
    assert db.session.scalars(select(Case.user_id)).one() == uli.id
    assert held() == [THROTTLE]
    assert db.session.scalars(select(Restriction.user_id)).one() == uli.id


# --- settings ------------------------------------------------------------------------------------


@pytest.fixture
def strict(app, monkeypatch):
    """The portal of somebody who set thresholds of their own."""
    chosen = Settings.from_environ({"LADDER_FEW": "2", "LADDER_RATE": "5", "LADDER_HOURS": "24", "LADDER_MANY": "4"},
                                   app.config["SETTINGS"].instance)
    monkeypatch.setitem(app.config, "SETTINGS", chosen)


def test_without_settings_the_table_has_the_thresholds(app):
    assert app.config["SETTINGS"].limits == {"reports-count": dict(BY_ID["reports-count"].limits)}


def test_thresholds_are_settings(uli, strict):
    reported(uli.id, uli.number, 2, category=SCAM)
    (one,) = db.session.scalars(select(Restriction)).all()
    assert (one.restraint, one.per_minute) == (Restraint.THROTTLE, 5)
    assert one.until - one.since == timedelta(hours=24)
    for index in (3, 4):
        sent(uli.id, number(index))
        told(uli.number, number(index))
    settle()
    assert [row[0] for row in held()] == [Restraint.THROTTLE, Restraint.BLOCK]


def test_the_limitations_page_prints_the_settings(browse, strict):
    """And the JSON; strangers read that there are thresholds, and not which."""
    known, stranger = (browse(name).get("/limitations/rules.json").json for name in ("Ada", "Nobody"))
    said = {row["id"]: row for row in known}["reports-count"]
    assert "When 2 people" in said["sentence"]
    assert "slowed to 5 a minute for 24 hours" in said["sentence"]
    assert said["limits"] == {"few": 2, "share": 1, "rate": 5, "many": 4, "hours": 24}
    veiled = {row["id"]: row for row in stranger}["reports-count"]
    assert veiled["limits"] == {}
    assert not any(char.isdigit() for char in veiled["sentence"])
