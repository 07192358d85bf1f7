"""A carrier that hears STOP blocks one of our numbers: what that stops, and whether it is an opt-out."""

import pytest
from sqlalchemy import select

from portal.carriers import words
from portal.carriers.base import OPTED_OUT_CODE, CarrierError, CarrierReceipt, CarrierStatus, Fault
from portal.extensions import db
from portal.models import AuditEvent, CarrierBlock, Direction, Message, OptOutSource, OptOutState, TextState
from portal.services.texting import optouts, outbox, receipts, sending
from portal.services.upkeep import retention
from tests.talks import THEIRS, come, messages

A, B = "+14165550101", "+14165550102"


# How each carrier says that a person texted STOP to this number of ours.
STOP_CODES = [pair for pair, word in words.WORD_OF_CODE.items() if word == OPTED_OUT_CODE]


class StrictCarrier:
    """What a carrier keeps on its own: STOP and START for the one number of ours that was texted."""

    def __init__(self, scripted, code=OPTED_OUT_CODE):
        self.stopped, self.code, scripted.does = set(), code, self.look

    def look(self, text):
        if text.sender in self.stopped:
            raise CarrierError(self.code, Fault.TEXT)

    def text_in(self, body, ours):
        """A text comes in from THEIRS."""
        {"STOP": self.stopped.add, "START": self.stopped.discard}[body](ours)
        come(body, ours)


@pytest.fixture
def strict(carrier, uli):
    return StrictCarrier(carrier)


def send(user, body):
    """Why a text is refused, by the portal or the carrier; [] when the carrier took it."""
    sent = sending.send_text(user, THEIRS, body, f"key of {body}")
    if not sent.decision.allowed:
        return [one.id for one in sent.decision.blocking]
    for _ in range(3):
        outbox.OutboxWorker("test").step()
    db.session.rollback()
    kept = db.session.scalars(select(Message).where(Message.body == body)).one()
    return [kept.code] if kept.state is TextState.FAILED else kept.why


def opt_out(user):
    db.session.rollback()
    row = optouts.optout_of_number(user.organization_id, THEIRS)
    return row and (row.state, row.source)


def blocks():
    db.session.rollback()
    return db.session.scalars(select(CarrierBlock.theirs)).all()


def swallow(strict, ours):
    """The carrier hears STOP and does not pass it on."""
    strict.stopped.add(ours)


OUT, IN_AGAIN = (OptOutState.OUT, OptOutSource.CARRIER), (OptOutState.IN_AGAIN, OptOutSource.STOP)


def test_stop_to_a_and_start_to_b(uli, ben, strict):
    """A stays blocked by the carrier, which the portal learns once; B can text, and nobody has opted out."""
    strict.text_in("STOP", A)
    assert send(ben, "too early") == ["opted-out"]
    strict.text_in("START", B)
    assert send(uli, "from A") == [OPTED_OUT_CODE]
    assert send(ben, "from B") == []
    assert send(uli, "from A again") == ["carrier-blocked"]
    assert opt_out(uli) == IN_AGAIN
    strict.text_in("START", A)
    assert send(uli, "from A at last") == []
    assert (opt_out(uli), blocks()) == (IN_AGAIN, [])


@pytest.mark.parametrize(("kind", "code"), STOP_CODES)
def test_each_carriers_own_code_blocks_the_pair_and_nobody_else(uli, ben, carrier, kind, code):
    """STOP to A, START to B, send from A, send from B: whether it refuses at once or tells by a receipt."""
    strict = StrictCarrier(carrier, words.find_word(kind, code))
    strict.text_in("STOP", A)
    strict.text_in("START", B)
    assert (send(uli, "from A"), send(ben, "from B")) == ([OPTED_OUT_CODE], [])
    assert (send(uli, "from A again"), opt_out(uli), blocks()) == (["carrier-blocked"], IN_AGAIN, [THEIRS])


@pytest.mark.parametrize(("kind", "code"), STOP_CODES)
def test_each_carriers_own_code_in_a_receipt_blocks_the_pair_and_nobody_else(uli, ben, carrier, clock, kind, code):
    come("STOP", A)
    come("START", B)
    clock.forward(minutes=1)
    assert send(uli, "from A") == []
    told(text_of("from A").ref, words.find_word(kind, code))
    assert (send(uli, "from A again"), send(ben, "from B")) == (["carrier-blocked"], [])
    assert (opt_out(uli), blocks()) == (IN_AGAIN, [THEIRS])


@pytest.mark.parametrize("word", [word for word in words.WORDS if word != OPTED_OUT_CODE])
def test_no_other_word_of_a_carrier_blocks_anybody(uli, carrier, word):
    send(uli, "one")
    told(messages()[0].ref, word)
    StrictCarrier(carrier, word).stopped.add(A)
    assert send(uli, "two") == [word]
    assert (opt_out(uli), blocks()) == (None, [])


def test_the_reason_names_our_number(uli, ben, strict):
    strict.text_in("STOP", A)
    strict.text_in("START", B)
    send(uli, "from A")
    (reason,) = sending.send_text(uli, THEIRS, "more", "k").decision.blocking
    assert reason.values["ours"].e164 == A


def test_without_a_start_it_is_an_opt_out_of_the_organization(uli, ben, strict):
    swallow(strict, A)
    assert send(uli, "from A") == [OPTED_OUT_CODE]
    assert opt_out(uli) == OUT
    assert send(ben, "from B") == ["opted-out"]
    event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert (event.action, event.details) == ("opt-out-carrier", {"number": THEIRS})


def test_only_they_can_undo_it(uli, strict):
    swallow(strict, A)
    send(uli, "from A")
    assert not optouts.can_withdraw_optout(optouts.optout_of_number(uli.organization_id, THEIRS))
    strict.text_in("START", A)
    assert send(uli, "again") == []


def test_a_start_counts_though_the_portal_knew_no_stop(uli, ben, strict):
    """The carrier swallowed the STOP to A; the START to B is all that the portal heard."""
    swallow(strict, A)
    strict.text_in("START", B)
    assert send(uli, "from A") == [OPTED_OUT_CODE]
    assert opt_out(uli) == IN_AGAIN
    assert send(ben, "from B") == []


def test_a_start_before_a_text_that_arrived_is_older_than_the_block(uli, strict, clock):
    strict.text_in("STOP", A)
    clock.forward(minutes=1)
    strict.text_in("START", A)
    clock.forward(minutes=1)
    assert send(uli, "arrives") == []
    arrived = db.session.scalars(select(Message).where(Message.body == "arrives")).one()
    receipts.take_receipts("scripted", [CarrierReceipt("ok", CarrierStatus.DELIVERED, reference=arrived.ref)])
    swallow(strict, A)
    send(uli, "is refused")
    assert opt_out(uli) == OUT


def text_of(body):
    return db.session.scalars(select(Message).where(Message.body == body)).one()


def told(ref, code=OPTED_OUT_CODE):
    receipts.take_receipts("scripted", [
        CarrierReceipt("rejected", CarrierStatus.UNDELIVERED, reference=ref, code=code)])
    db.session.rollback()


def test_a_receipt_tells_it_as_well_and_twice_is_once(uli, carrier):
    send(uli, "one")
    ref = messages()[0].ref
    told(ref)
    told(ref)
    assert (opt_out(uli), blocks()) == (OUT, [THEIRS])
    assert [one.body for one in messages(Direction.NOTE)] == ["carrier-out"]


def test_a_receipt_that_comes_late_blocks_nothing_after_start(uli, carrier, clock):
    send(uli, "one")
    ref = messages()[0].ref
    told(ref)
    clock.forward(minutes=1)
    come("START", A)
    told(ref)
    assert (opt_out(uli), blocks()) == (IN_AGAIN, [])


def test_a_text_that_waits_is_stopped(uli, strict):
    """Another text to them waits while the carrier refuses the first."""
    swallow(strict, A)
    sending.send_text(uli, THEIRS, "first", "k1")
    sending.send_text(uli, THEIRS, "second", "k2")
    outbox.OutboxWorker("test").step()
    second = messages()[1]
    assert (second.state, second.why) == (TextState.REFUSED, ["opted-out"])


def test_other_codes_block_nothing(uli, carrier):
    def refuse(_text):
        raise CarrierError("spam", Fault.TEXT)

    carrier.does = refuse
    assert send(uli, "one") == ["spam"]
    assert (opt_out(uli), blocks()) == (None, [])


def test_a_late_start_lifts_nothing(uli, carrier, clock):
    long_ago = clock.now()
    clock.forward(hours=1)
    come("STOP", A, at=clock.now())
    come("START", B, at=long_ago)
    row = optouts.optout_of_number(uli.organization_id, THEIRS)
    assert (row.state, row.started_at) == (OptOutState.OUT, None)


def test_it_stays_until_start_and_goes_when_the_number_is_erased(uli, strict, clock):
    swallow(strict, A)
    send(uli, "from A")
    clock.forward(days=500)
    retention.erase_old_texts()
    assert blocks() == [THEIRS]
    optouts.erase_optout_number(uli.organization, THEIRS)
    assert blocks() == []
    assert send(uli, "more") == ["opted-out"]
