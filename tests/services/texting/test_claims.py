"""Two carriers beside the pretend one: each gets its own texts, and what one may have goes to no other."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError

from portal.carriers.base import CarrierError, CarrierReceipt, CarrierStatus, Certainty, Fault
from portal.extensions import db, now, writing
from portal.models import CarrierRecord, HandOver, Message, Number, Organization, TextState, UnreadAnswer, User
from portal.services.carriers import account_faults, assignments, carrier_records, desk
from portal.services.texting import breaker, claims, outbox, receipts, sending
from tests.services.carriers.records import add, kind  # noqa: F401 - fixtures
from tests.talks import messages

THEIRS = "+16475552110"
ALL = ("one", "two", "")


@pytest.fixture
def two(add, people, carrier):  # noqa: F811 - a fixture
    """Carriers "one" of Maple Clinic and "two" of Ben's number, live and somewhere else."""
    one, other = add("one"), add("two")
    with writing() as session:
        ben = session.get_one(User, people["Ben"].id)
        session.execute(update(Organization).where(Organization.id == ben.organization_id).values(carrier_id=one.id))
        session.execute(update(Number).where(Number.user_id == ben.id).values(carrier_id=other.id))
    live = {ref: desk.find_carrier(ref) for ref in ("one", "two")}
    for each in live.values():
        each.real = True
    return live


@pytest.fixture
def send(people):
    def send(who, body="Hello", theirs=THEIRS):
        user = db.session.get_one(User, people[who].id)
        assert sending.send_text(user, theirs, body, f"{who} {body}").decision.allowed

    return send


@pytest.fixture
def workers():
    made = {ref: outbox.OutboxWorker(f"worker {ref}", ref) for ref in ALL}

    def work(*refs, times=1):
        for _ in range(times):
            for ref in refs or ALL:
                made[ref].step()

    work.made = made
    return work


def bodies(carriers):
    return {ref: each.bodies for ref, each in carriers.items()}


def states():
    db.session.rollback()
    return {one.body: one.state for one in messages()}


def move(who, ref, people):
    with writing() as session:
        session.execute(update(Number).where(Number.user_id == people[who].id).values(
            carrier_id=session.scalar(select(CarrierRecord.id).where(CarrierRecord.ref == ref))))
        assignments.forget_ways_of_texts()


def test_each_carrier_gets_the_texts_of_its_numbers(two, carrier, send, workers):
    send("Uli", "of Uli")
    send("Ben", "of Ben")
    workers()
    with writing() as session:
        session.execute(update(Organization).values(carrier_id=None))
    send("Uli", "at home")
    workers()
    assert bodies(two) == {"one": ["of Uli"], "two": ["of Ben"]}
    assert carrier.bodies == ["at home"]
    assert {one.body: (one.route, one.carrier) for one in messages()} == {
        "of Uli": ("one", "one"), "of Ben": ("two", "two"), "at home": (carrier.ref, carrier.ref)}


def test_one_that_is_down_holds_up_no_other(two, send, workers):
    def down(_text):
        raise CarrierError("unreachable", Fault.LATER)

    two["one"].does = down
    for n in range(8):
        send("Uli", f"Uli {n}", f"+1647555{1000 + n}")
        send("Ben", f"Ben {n}", f"+1647555{1000 + n}")
    workers(times=20)
    assert len(two["two"].bodies) == 8
    assert len(two["one"].asked) <= 8, "it is left alone for a while"
    assert breaker.is_carrier_failing("one")
    assert not breaker.is_carrier_failing("two")
    assert breaker.is_carrier_failing() is True


def test_a_wrong_password_fails_no_text_and_all_leave_once_it_is_right(two, send, workers):
    def shut(_text):
        raise CarrierError("account", Fault.ACCOUNT)

    two["one"].does = shut
    for n in range(5):
        send("Uli", f"Uli {n}", f"+1647555{1000 + n}")
    workers("one", times=5)
    assert len(two["one"].asked) == 1, "each further one would hear the same"
    assert db.session.scalar(select(func.count()).select_from(HandOver)) == 1
    assert set(states().values()) == {TextState.QUEUED}
    assert {one.tries for one in messages()} == {0}
    assert breaker.is_carrier_failing("one")
    with writing() as session:
        record = session.scalars(select(CarrierRecord).where(CarrierRecord.ref == "one")).one()
        assert (record.fault_code, record.fault_at is not None) == ("account", True)
        record.version += 1
    desk.find_carrier("one").real = True
    workers("one", times=5)
    assert set(states().values()) == {TextState.HANDED_OVER}
    assert not breaker.is_carrier_failing("one")


def test_one_that_is_turned_off_or_needs_its_secrets_keeps_its_texts_waiting(two, send, workers):
    for values in ({"active": False}, {"active": True, "secrets": b"of another key", "version": 2}):
        with writing() as session:
            session.execute(update(CarrierRecord).where(CarrierRecord.ref == "one").values(**values))
        send("Uli", f"text {len(states())}")
        workers(times=3)
        assert set(states().values()) == {TextState.QUEUED}
    assert desk.has_other_routes()


def test_a_text_that_one_carrier_may_have_goes_to_no_other(two, people, send, workers):
    """It recognizes our reference, the other does not: two texts would arrive."""
    def silent(text):
        two["one"].taken[text.reference] = text
        raise CarrierError("timeout", Fault.UNSURE)

    two["one"].does = silent
    send("Uli")
    workers("one")
    move("Uli", "two", people)
    two["one"].does = lambda _text: None
    workers("two", "", times=4)
    assert two["two"].asked == []
    workers("one", times=4)
    assert states() == {"Hello": TextState.HANDED_OVER}
    assert messages()[0].carrier == "one"
    assert len(two["one"].taken) == 1


@pytest.mark.parametrize(("fault", "asked"), [(Fault.LATER, True), (Fault.ACCOUNT, True)])
def test_a_text_that_a_carrier_certainly_does_not_have_may_go_to_another(two, people, send, workers, fault, asked):
    def refuse(_text):
        raise CarrierError("busy", fault)

    two["one"].does = refuse
    send("Uli")
    workers("one")
    move("Uli", "two", people)
    with writing() as session:
        session.execute(update(Message).values(due_at=now()))
    workers("two")
    assert bool(two["two"].bodies) is asked
    assert messages()[0].carrier == "two"


def test_after_a_deadline_what_a_carrier_may_have_is_unknown_and_not_too_late(two, send, workers):
    def silent(_text):
        raise CarrierError("timeout", Fault.UNSURE)

    two["one"].does = silent
    send("Uli")
    workers("one", times=1)
    workers("one")
    with writing() as session:
        session.execute(update(Message).where(Message.state == TextState.QUEUED).values(
            deadline=now() - timedelta(seconds=1)))
        session.execute(update(Message).where(Message.state == TextState.CLAIMED).values(
            state=TextState.QUEUED, deadline=now() - timedelta(seconds=1)))
    workers("")
    assert states() == {"Hello": TextState.UNKNOWN}


def test_an_unclear_text_is_left_alone_while_a_receipt_may_come(two, send, workers, clock):
    def silent(_text):
        raise CarrierError("timeout", Fault.UNSURE)

    one = two["one"]
    one.does, one.tells, one.settles_after, one.certainty = silent, True, timedelta(minutes=2), Certainty.NONE
    for n in range(2):
        send("Uli", f"text {n}", f"+1647555{1000 + n}")
    workers("one", times=4)
    assert set(states().values()) == {TextState.CLAIMED}
    receipts.take_receipts("one", [CarrierReceipt("1", CarrierStatus.DELIVERED, reference=messages()[0].ref)])
    clock.forward(seconds=60)
    workers("one", times=3)
    assert states() == {"text 0": TextState.DELIVERED, "text 1": TextState.CLAIMED}
    clock.forward(seconds=120)
    workers("one", times=2)
    assert states() == {"text 0": TextState.DELIVERED, "text 1": TextState.UNKNOWN}


def test_an_unclear_text_is_left_alone_no_longer_when_the_clock_is_set_back(two, send, workers, clock):
    """Else its worker would look at it again and again, for as long as the clock was set back."""
    def silent(_text):
        raise CarrierError("timeout", Fault.UNSURE)

    one = two["one"]
    one.does, one.tells, one.settles_after, one.certainty = silent, True, timedelta(minutes=2), Certainty.NONE
    send("Uli")
    workers("one")
    clock.set(hours=-3)
    workers("one", times=2)
    assert states() == {"Hello": TextState.UNKNOWN}
    assert workers.made["one"].step() == 0


def test_looking_up_many_unclear_texts_takes_no_longer_than_a_lease(two, send, workers, clock):
    """Each look-up of a carrier that is down lasts ten seconds; nobody may take the worker for stuck."""
    def down(_text, _since):
        looked_up.append(1)
        clock.forward(seconds=10)
        raise CarrierError("no-answer", Fault.LATER)

    one, looked_up = two["one"], []
    one.certainty, one.real = Certainty.LOOK_UP, False
    for n in range(6):
        send("Uli", f"text {n}", f"+1647555{1000 + n}")
    claims.claim_texts("dead", 10, now(), claims.SendLane("one", alone=False))
    clock.forward(seconds=40)
    one.look_up = down
    workers("one")
    assert len(looked_up) == 1
    clock.forward(seconds=40)
    one.look_up = lambda text, _since: f"id-{text.reference}"
    workers("one", times=2)
    assert set(states().values()) == {TextState.HANDED_OVER}


def test_what_a_carrier_took_is_stored_before_anything_else_is(two, send, workers, monkeypatch):
    """Whatever keeps the database busy then, the text is not unclear."""
    def busy(_ref):
        raise OperationalError("", {}, Exception())

    two["one"].certainty = Certainty.NONE
    send("Uli")
    monkeypatch.setattr(account_faults, "forget_fault", busy)
    with pytest.raises(OperationalError):
        workers("one")
    assert states() == {"Hello": TextState.HANDED_OVER}


def test_a_text_that_a_carrier_may_have_is_not_canceled(two, send, workers):
    def silent(_text):
        raise CarrierError("timeout", Fault.UNSURE)

    two["one"].does = silent
    send("Uli")
    workers("one")
    assert [(one.state, one.may_be_at) for one in messages()] == [(TextState.QUEUED, "one")]
    assert not sending.cancel_waiting_text(messages()[0])
    receipts.take_receipts("one", [CarrierReceipt("1", CarrierStatus.DELIVERED, reference=messages()[0].ref)])
    assert states() == {"Hello": TextState.DELIVERED}


def add_answers(people, count):
    with writing() as session:
        uli = session.scalars(select(Number).where(Number.user_id == people["Uli"].id)).one()
        session.add_all(UnreadAnswer(
            organization_id=uli.organization_id, theirs=f"+1647555{1000 + n}", number_id=uli.id, ref=f"answer {n}",
            at=now(), body=f"answer {n}", keyword=True) for n in range(count))


def test_an_answer_that_nobody_reads_leaves_by_no_carrier_that_is_off(two, people, workers):
    with writing() as session:
        session.execute(update(CarrierRecord).where(CarrierRecord.ref == "one").values(active=False))
    add_answers(people, 1)
    workers("one", times=2)
    assert two["one"].asked == []
    with writing() as session:
        session.execute(update(CarrierRecord).values(active=True))
    workers("one")
    assert two["one"].asked == ["answer 0"]


def test_answers_behind_one_that_the_account_could_not_send_wait_on(two, people, workers, clock):
    def shut(_text):
        raise CarrierError("account", Fault.ACCOUNT)

    two["one"].does = shut
    add_answers(people, 3)
    workers("one", times=3)
    assert two["one"].asked == ["answer 0"]
    assert breaker.is_carrier_failing("one")
    with writing() as session:
        session.execute(update(CarrierRecord).values(version=2))
    desk.find_carrier("one").real = True
    workers("one")
    assert sorted(desk.find_carrier("one").bodies) == ["answer 1", "answer 2"]


def test_after_a_crash_the_carrier_that_tells_has_the_same_patience(two, send, workers, clock):
    one = two["one"]
    one.tells, one.settles_after, one.certainty = True, timedelta(minutes=2), Certainty.NONE
    send("Uli")
    assert claims.claim_texts("dead", 10, now(), claims.SendLane("one", alone=False))
    clock.forward(seconds=40)
    workers("one", times=2)
    assert states() == {"Hello": TextState.CLAIMED}
    clock.forward(seconds=120)
    workers("one", times=2)
    assert states() == {"Hello": TextState.UNKNOWN}


def test_a_carrier_that_cannot_tell_is_never_asked_to_send_again(two, send, workers):
    """A list that has nothing proves nothing: a person decides."""
    def cannot_tell(_text, _since):
        raise CarrierError("no-look-up", Fault.UNSURE)

    one = two["one"]
    one.certainty, one.look_up = Certainty.LOOK_UP, cannot_tell
    send("Uli")
    claims.claim_texts("dead", 10, now(), claims.SendLane("one", alone=False))
    with writing() as session:
        session.execute(update(Message).values(lease_until=now() - timedelta(seconds=1)))
    workers("one", times=3)
    assert (states(), one.asked) == ({"Hello": TextState.UNKNOWN}, [])


def test_a_receipt_counts_only_from_the_carrier_that_may_have_the_text(two, send, workers):
    send("Uli")
    workers("one")
    told = CarrierReceipt("1", CarrierStatus.DELIVERED, reference=messages()[0].ref, parts=2)
    receipts.take_receipts("two", [told])
    assert states() == {"Hello": TextState.HANDED_OVER}
    receipts.take_receipts("one", [told])
    assert states() == {"Hello": TextState.DELIVERED}


def test_a_pace_holds_back_what_it_does_not_allow(two, send, workers, clock):
    clock.stop()
    with writing() as session:
        session.execute(update(CarrierRecord).where(CarrierRecord.ref == "one").values(pace=2, tokens_at=clock.now()))
    for n in range(6):
        send("Uli", f"text {n}", f"+1647555{1000 + n}")
    workers("one", times=3)
    assert (len(two["one"].bodies), workers.made["one"].is_paced) == (0, True)
    for expected in (2, 4, 6):
        clock.forward(seconds=1)
        workers("one", times=3)
        assert len(two["one"].bodies) == expected
    workers("one")
    assert not workers.made["one"].is_paced


def test_too_many_at_once_slow_the_carrier_down_and_fail_nothing(two, send, workers):
    def too_fast(_text):
        raise CarrierError("too-fast", Fault.LATER)

    two["one"].does = too_fast
    for n in range(4):
        send("Uli", f"text {n}", f"+1647555{1000 + n}")
    workers("one")
    assert len(two["one"].asked) == 1
    assert set(states().values()) == {TextState.QUEUED}
    record = db.session.scalars(select(CarrierRecord).where(CarrierRecord.ref == "one")).one()
    assert record.pace_now is not None
    assert not breaker.is_carrier_failing("one")


def test_a_recipient_whose_queue_is_full_neither_holds_up_nor_slows_down_the_others(two, send, workers, clock):
    def too_fast(text):
        if text.body == "text 0":
            raise CarrierError("too-fast", Fault.LATER)

    two["one"].certainty, two["one"].at_once, two["one"].does = Certainty.NONE, 1, too_fast
    for n in range(3):
        send("Uli", f"text {n}", f"+1647555{1000 + n}")
    workers("one", times=2)
    paces = []
    for _ in range(6):
        clock.forward(seconds=2)
        workers("one", times=2)
        db.session.rollback()
        paces.append(db.session.scalars(select(CarrierRecord.pace_now).where(CarrierRecord.ref == "one")).one())
    assert two["one"].bodies == ["text 1", "text 2"]
    assert two["one"].asked.count("text 0") > 1
    assert len(set(paces)) == 1


def test_a_number_with_a_pace_sends_one_text_at_a_time(two, people, send, workers, clock):
    clock.stop()
    with writing() as session:
        session.execute(update(CarrierRecord).where(CarrierRecord.ref == "one").values(number_pace=1))
    for n in range(3):
        send("Uli", f"text {n}", f"+1647555{1000 + n}")
    for expected in (1, 2, 3):
        workers("one", times=3)
        assert len(two["one"].bodies) == expected
        clock.forward(seconds=1.1)


def test_numbers_with_a_pace_leave_by_carriers_of_their_own(two, people, send, workers):
    with writing() as session:
        session.execute(update(CarrierRecord).values(number_pace=1))
    move("Uli", "two", people)
    move("Ben", "one", people)
    send("Uli", "of Uli")
    send("Ben", "of Ben")
    workers(times=3)
    assert (two["one"].bodies, two["two"].bodies) == (["of Ben"], ["of Uli"])


def test_a_number_with_many_texts_leaves_room_for_those_of_others(two, people, send, workers, clock, monkeypatch):
    clock.stop()
    monkeypatch.setattr(claims, "_BY_NUMBER", claims._BY_NUMBER.limit(3))
    with writing() as session:
        session.execute(update(CarrierRecord).where(CarrierRecord.ref == "one").values(number_pace=1))
    move("Ben", "one", people)
    for n in range(6):
        send("Uli", f"text {n}", f"+1647555{1000 + n}")
    send("Ben", "of Ben")
    workers("one", times=3)
    assert two["one"].bodies == ["text 0", "of Ben"]
    clock.set(hours=-3)
    workers("one", times=3)
    assert two["one"].bodies[2:] == [], "they were accepted later than now"
    clock.set(hours=3)
    clock.forward(seconds=2)
    workers("one")
    assert two["one"].bodies[2:] == ["text 1"]


@pytest.mark.parametrize(("certainty", "at_once", "size"), [
    (Certainty.NONE, 1, 1), (Certainty.NONE, 10, 10), (Certainty.KEY, 8, 100), (Certainty.LOOK_UP, 4, 4)])
def test_no_more_are_claimed_than_a_crash_may_leave_unknown(two, certainty, at_once, size):
    two["one"].certainty, two["one"].at_once = certainty, at_once
    assert outbox.batch_size_of_carrier(two["one"]) == size


def test_an_id_that_another_text_has_proves_nothing(two, send, workers):
    """The same words between the same numbers: the carrier cannot tell them apart."""
    one = two["one"]
    one.certainty = Certainty.LOOK_UP
    send("Uli", "first")
    workers("one")
    send("Uli", "second")
    known = messages()[0].carrier_id
    one.look_up = lambda _text, _since: known
    claims.claim_texts("dead", 10, now(), claims.SendLane("one", alone=False))
    with writing() as session:
        session.execute(update(Message).where(Message.state == TextState.CLAIMED).values(
            lease_until=now() - timedelta(seconds=1)))
    workers("one", times=2)
    assert states() == {"first": TextState.HANDED_OVER, "second": TextState.UNKNOWN}


def test_a_batch_of_many_asks_for_its_carrier_no_more_often_than_one_of_two(two, send, workers, statements):
    def asked(count, begin):
        for n in range(count):
            send("Uli", f"text {begin + n}", f"+1647555{1000 + begin + n}")
        with statements() as found:
            assert workers.made["one"].step() == count
        return sum("FROM carriers" in one for one in found)

    workers("one")
    assert asked(2, 0) == asked(12, 100)


# --- which texts a carrier looks at --------------------------------------------------------------------------


def plans(statements, lane):
    """How SQLite looks for the texts of a lane that are due: the line of each plan that says by which index."""
    with statements() as seen:
        claims.has_due_texts(now(), lane)
    connection = db.session.connection()
    told = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}", (None,) * one.count("?")).all() for one in seen]
    db.session.rollback()
    return [steps[0][-1] for steps in told]


@pytest.mark.sqlite
def test_a_carrier_finds_its_own_texts_without_looking_at_those_of_others(two, statements):
    for lane in (claims.SendLane("one", alone=False), claims.SendLane("", alone=False)):
        assert ["USING INDEX ix_messages_wanted (wanted=? AND due_at<?)" in one or
                "USING COVERING INDEX ix_messages_wanted (wanted=?)" in one or
                "USING INDEX ix_messages_wanted (wanted=?)" in one for one in plans(statements, lane)] == [True, True]
    alone, = plans(statements, claims.SendLane("", alone=True))
    assert "USING INDEX ix_messages_due (due_at<?)" in alone


def test_queued_texts_go_another_way_as_soon_as_an_operator_says_so(two, carrier, send, workers, people):
    for n in range(3):
        send("Uli", f"text {n}", f"+1647555{1000 + n}")
    claims.claim_texts("looks", 0, now(), claims.SendLane("two", alone=False))
    assert {one.wanted for one in messages()} == {"one"}
    olga = db.session.get_one(User, people["Olga"].id)
    organization = db.session.get_one(Organization, db.session.get_one(User, people["Uli"].id).organization_id)
    assignments.choose_organization_carrier(olga, organization, "two")
    assert {one.wanted for one in messages()} == {None}
    workers("one", "two", "")
    assert (len(two["one"].bodies), len(two["two"].bodies), len(carrier.bodies)) == (0, 3, 0)


@pytest.mark.parametrize("change", ["number", "default"])
def test_each_way_to_assign_a_carrier_lets_queued_texts_be_looked_at_again(two, send, people, change):
    send("Uli", "waits")
    with writing() as session:
        session.execute(update(Message).values(wanted="one"))
    olga, uli = (db.session.get_one(User, people[name].id) for name in ("Olga", "Uli"))
    if change == "number":
        organization = db.session.get_one(Organization, uli.organization_id)
        assert assignments.choose_number_carrier(olga, organization, [uli.number.e164], "two") == 1
    else:
        record = db.session.scalars(select(CarrierRecord).where(CarrierRecord.ref == "two")).one()
        carrier_records.set_default_carrier(olga, record, default=True)
    assert [one.wanted for one in messages()] == [None]


def test_a_text_that_was_overlooked_goes_its_way_after_a_while(two, send, workers, people):
    """Somebody changes an assignment in a way that nobody thought of: it is taken by no wrong carrier meanwhile."""
    send("Uli", "waits")
    with writing() as session:
        session.execute(update(Message).values(wanted="two"))
    workers("one", "two")
    assert (two["one"].bodies, two["two"].bodies) == ([], [])
    assert (claims.look_again_at_routes(), claims.look_again_at_routes()) == (1, 0)
    workers("one", "two")
    assert (two["one"].bodies, two["two"].bodies) == (["waits"], [])
