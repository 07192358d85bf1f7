"""On PostgreSQL several write at once: what must not wait does not, what must not overlap does not."""

import threading
from datetime import timedelta
from itertools import chain

import pytest
from sqlalchemy import func, select, update

from portal.carriers.base import CarrierReceipt, CarrierStatus
from portal.extensions import db, lock_names, now, writing
from portal.models import BrandDay, CarrierRecord, Conversation, Message, OptOut, Receipt, TextState, User
from portal.services.accounts import attempts
from portal.services.texting import claims, inbound, lines, outbox, outcomes, receipts, sending
from portal.write_scopes import ROWS_ALONE
from tests.delivery.beside import beside, count_deadlocks, is_waiting
from tests.patience import wait_for
from tests.services.carriers.records import add, kind  # noqa: F401 - fixtures
from tests.talks import THEIRS, come, hold, messages, text_out

pytestmark = pytest.mark.postgresql
ONE, OTHER = 1001, 1002


@pytest.fixture
def held(app):
    """`held(about)` is a transaction of another thread that stays open within the block."""

    def hold_open(about, then=lambda: None):
        entered, leave = threading.Event(), threading.Event()

        def keep():
            with writing(about):
                answer = then()
                entered.set()
                leave.wait()
            return answer

        class Held:
            def __enter__(self):
                self.kept = beside(app, keep)
                self.thread = self.kept.__enter__()
                entered.wait()
                return self

            def end(self):
                leave.set()

            def __exit__(self, *error):
                leave.set()
                self.kept.__exit__(*error)
                if isinstance(self.thread.answer, BaseException):
                    raise self.thread.answer

        return Held()

    return hold_open


@pytest.mark.parametrize(("first", "second"), [(ONE, OTHER), (ONE, ROWS_ALONE), (ROWS_ALONE, ROWS_ALONE)])
def test_these_write_at_once(uli, held, first, second):
    with held(first), writing(second):
        pass


@pytest.mark.parametrize(("first", "second"), [
    (ONE, ONE), (None, None), (ONE, None), (None, ONE), (ROWS_ALONE, None), (None, ROWS_ALONE), (ONE, ONE + 2**31),
])
def test_these_write_one_after_the_other(app, uli, held, first, second):
    order = []

    def write():
        with writing(second):
            order.append("second")

    with held(first) as one, beside(app, write):
        wait_for(is_waiting)
        order.append("first")
        one.end()
    assert order == ["first", "second"]


def test_names_are_waited_for_and_others_are_not(app, uli, held):
    with held(ROWS_ALONE, lambda: lock_names(["b", "a"])) as one:
        with writing(about=ROWS_ALONE):
            lock_names(["c"])

        def write():
            with writing(about=ROWS_ALONE):
                lock_names(["c", "a"])

        with beside(app, write):
            wait_for(is_waiting)
            one.end()


def test_ids_become_visible_in_their_order_to_a_poll_of_the_organization(app, uli, people):
    """Two write into one conversation; somebody asks again and again for what came after the last line they have."""
    hold(uli.id, text_out("before"))
    talk = db.session.scalars(select(Conversation)).one()
    whose, of, through, talk_id = uli.id, uli.organization_id, talk.number_id, talk.id
    seen, written = [], []

    def write(name):
        for number in range(25):
            with writing(about=of):
                written.append(lines.store_line(
                    organization_id=of, conversation_id=talk_id, user_id=whose, number_id=through, theirs=THEIRS,
                    at=now(), **text_out(f"{name} {number}")))

    def poll():
        found = db.session.scalars(select(Message.id).where(
            Message.conversation_id == talk_id, Message.id > (seen[-1] if seen else 0)).order_by(Message.id)).all()
        db.session.rollback()
        seen.extend(found)

    with beside(app, lambda: write("one")) as one, beside(app, lambda: write("other")) as other:
        wait_for(lambda: poll() or len(written) == 50)
    poll()
    assert (one.answer, other.answer) == (None, None)
    assert seen[1:] == sorted(written)


def test_of_two_writers_of_an_organization_the_later_has_the_later_id(app, uli, held):
    of = uli.organization_id
    hold(uli.id, text_out("before"))
    talk = db.session.scalars(select(Conversation)).one()
    known = {"organization_id": of, "conversation_id": talk.id, "user_id": uli.id, "number_id": talk.number_id,
             "theirs": THEIRS, "at": now()}
    db.session.rollback()

    def send():
        return sending.send_text(db.session.get_one(User, known["user_id"]), THEIRS, "second", "key")

    with held(of, lambda: lines.store_line(**known, **text_out("first"))) as one, beside(app, send):
        wait_for(is_waiting)
        assert [text.body for text in messages()] == ["before"]
        one.end()
    assert [text.body for text in messages()] == ["before", "first", "second"]


# --- claims --------------------------------------------------------------------------------------


def waiting(uli, many):
    for number in range(many):
        hold(uli.id, text_out(str(number), TextState.QUEUED), theirs=f"+1647555{2000 + number}")


def test_a_worker_takes_what_no_other_is_about_to_take(uli, held):
    waiting(uli, 5)

    def claim_two():
        return db.session.scalars(select(Message.id).order_by(Message.id).limit(2).with_for_update()).all()

    with held(ROWS_ALONE, claim_two):
        assert [one.body for one in claims.claim_texts("a", 9, now())] == ["2", "3", "4"]
    assert [one.body for one in claims.claim_texts("a", 9, now())] == ["0", "1"]


def test_workers_at_once_claim_each_text_once(app, uli, at_once):
    waiting(uli, 60)

    def claim(name):
        got = []
        with app.app_context():
            for _ in range(40):
                got += [one.id for one in claims.claim_texts(name, 2, now())]
        return got

    found = at_once(claim, "abcd")
    assert sorted(chain(*found)) == [one.id for one in messages()]


def test_an_abandoned_text_is_taken_over_once(app, uli, at_once):
    waiting(uli, 30)
    assert len(claims.claim_texts("dead", 99, now())) == 30

    def take_over(name):
        with app.app_context():
            return [one.id for one in claims.list_abandoned_texts(name, now() + timedelta(minutes=1))]

    assert sorted(chain(*at_once(take_over, "abcd"))) == [one.id for one in messages()]


def test_workers_of_a_carrier_share_its_pace(app, uli, add, at_once):  # noqa: F811 - a fixture
    record = add("one", pace=5, tokens=5.0, tokens_at=now(), by_default=True)
    with writing() as session:
        session.execute(update(CarrierRecord).where(CarrierRecord.id == record.id).values(tokens=5, tokens_at=now()))
    waiting(uli, 20)
    moment = now()

    def claim(name):
        with app.app_context():
            return len(claims.claim_texts(name, 3, moment, claims.SendLane("one", alone=False)))

    assert sum(at_once(claim, "abcd")) == 5


def test_stop_leaves_a_text_alone_that_a_worker_is_claiming(app, uli, held):
    """The worker decides about it once more, and its segments count until then."""
    number = uli.number.e164
    assert sending.send_text(uli, THEIRS.replace("647", "212"), "Hello", "key").decision.allowed
    theirs, ours = messages()[0].theirs, messages()[0].id

    def claim():
        db.session.execute(update(Message).where(Message.id == ours).values(state=TextState.CLAIMED))

    with held(ROWS_ALONE, claim) as one, beside(app, lambda: come("STOP", number, theirs)) as stop:
        wait_for(is_waiting)
        one.end()
    assert stop.answer is None
    assert messages()[0].state is TextState.CLAIMED
    assert db.session.scalar(select(func.sum(BrandDay.segments))) == 1
    assert db.session.scalars(select(OptOut)).one().theirs == theirs


# --- what carriers tell --------------------------------------------------------------------------


def test_two_receipts_at_once_are_folded_one_after_the_other(app, uli, held):
    hold(uli.id, text_out(state=TextState.HANDED_OVER, carrier="c", carrier_id="x"))
    ours = messages()[0].id

    def tell(status):
        receipts.take_receipts("c", [CarrierReceipt(status.value, status, id="x")])

    def keep():
        db.session.scalars(select(Message.id).where(Message.id == ours).with_for_update()).one()

    with (held(ROWS_ALONE, keep) as one, beside(app, lambda: tell(CarrierStatus.DELIVERED)) as first,
          beside(app, lambda: tell(CarrierStatus.SENT)) as second):
        wait_for(lambda: is_waiting(2))
        one.end()
    assert (first.answer, second.answer) == (None, None)
    assert messages()[0].state is TextState.DELIVERED
    assert len(db.session.scalars(select(Receipt)).all()) == 2


def test_a_receipt_that_comes_while_its_id_is_stored_is_found_later(app, uli, monkeypatch):
    waiting(uli, 1)
    claimed = claims.claim_texts("a", 1, now())
    looked, go_on, own = threading.Event(), threading.Event(), outcomes._believe

    def pause(rows):
        looked.set()
        go_on.wait()
        own(rows)

    monkeypatch.setattr(outcomes, "_believe", pause)
    result = outcomes.TextResult.of(claimed[0], TextState.HANDED_OVER, carrier_id="x", left_at=now())
    with beside(app, lambda: outcomes.record_results([result], "a")) as recorded:
        looked.wait()
        receipts.take_receipts(claimed[0].route, [CarrierReceipt("delivered", CarrierStatus.DELIVERED, id="x")])
        go_on.set()
    assert recorded.answer is None
    assert messages()[0].state is TextState.HANDED_OVER
    outbox.OutboxWorker("b").step()
    assert messages()[0].state is TextState.DELIVERED
    assert db.session.scalars(select(Receipt)).one().message_id == messages()[0].id


def test_every_look_reaches_back_further_than_a_write_takes(uli, monkeypatch, clock):
    seen, worker = [], outbox.OutboxWorker("a")
    monkeypatch.setattr(receipts, "adopt_late_receipts", lambda since: seen.append(since) or 0)
    clock.stop()
    worker.step()
    clock.forward(seconds=2)
    worker.step()
    clock.set(hours=-3)
    worker.step()
    assert seen[0] is None
    assert seen[1] == clock.now() + timedelta(hours=3) - timedelta(seconds=2) - outbox.LONGEST_WRITE
    assert seen[2] == clock.now() - outbox.LONGEST_WRITE


def test_a_carrier_that_got_stop_is_believed_about_everything(uli):
    hold(uli.id, text_out(state=TextState.HANDED_OVER, carrier="c", carrier_id="x", left_at=now()))
    receipts.take_receipts("c", [CarrierReceipt("stop", CarrierStatus.UNDELIVERED, id="x", code="opted-out")])
    assert messages()[0].state is TextState.UNDELIVERED


def test_texts_of_two_organizations_come_in_at_once(app, people, inside, held, organizations, carrier):
    with inside():
        ours = db.session.get_one(User, people["Uli"].id).number.e164
        db.session.rollback()
        with held(organizations["Harbor"].id):
            come("Hi", ours)
        with held(organizations["Maple"].id) as one, beside(app, lambda: come("Hi again", ours)):
            wait_for(is_waiting)
            one.end()


def test_a_number_that_has_gone_meanwhile_is_seen(uli, monkeypatch, organizations):
    """What a look before the turn said is not believed."""
    monkeypatch.setattr(inbound, "_organization_ahead", lambda _recipient: organizations["Harbor"].id)
    come("Hi", uli.number.e164)
    assert [one.body for one in messages(lines.Direction.IN)] == ["Hi"]


# --- tries ---------------------------------------------------------------------------------------


def test_tries_at_once_never_get_more_than_there_are(app, uli, at_once):
    allowance, more = (attempts.Allowance(name, 3, timedelta(minutes=15)) for name in ("three", "more"))

    def take(number):
        wanted = [(allowance, "somebody"), (more, f"place {number % 2}")]
        with app.app_context():
            return attempts.take_tokens(*wanted[::1 if number % 3 else -1])

    assert sum(wait is None for wait in at_once(take, range(12))) == 3


def test_no_deadlock_where_everybody_does_everything(app, uli, people, at_once):
    """Texts out and in, STOP, claims, results and receipts of two organizations, many at once."""
    users = [people[name].id for name in ("Uli", "Ben")]
    before = count_deadlocks()

    def work(place):
        with app.app_context():
            if place % 2:
                worker = outbox.OutboxWorker(str(place))
                return sum(worker.step() for _ in range(15))
            user = db.session.get_one(User, users[place // 2 % 2])
            ours = user.number.e164
            for number in range(10):
                theirs = f"+1212555{2000 + (number * 7 + place) % 20}"
                sending.send_text(user, theirs, f"{place} {number}", f"{place} {number}")
                come("STOP" if number % 5 == 4 else "Hi", ours, theirs)
            return 0

    answers = at_once(work, range(6))
    assert not [one for one in answers if isinstance(one, BaseException)], answers
    assert count_deadlocks() == before
