"""What each way to fail means for a text, as a table over faults, certainty and what the carrier tells."""

from datetime import timedelta

import pytest

from portal.carriers.base import CarrierError, Certainty, Fault
from portal.extensions import now
from portal.models import Message, TextState
from portal.rules import deny_failed_rule
from portal.services.texting import text_results
from tests.services.carrier import Scripted


def claimed(**more):
    return Message(**{"id": 1, "ref": "ref-1", "route": "one", "tries": 3, "crashes": 0, "may_be_at": "", "code": "",
                      "due_at": now() - timedelta(minutes=1), **more})


def told(error, one=None, **more):
    carrier = Scripted()
    for name, value in more.items():
        setattr(carrier, name, value)
    return text_results.fail_text(one or claimed(), error, carrier)


@pytest.mark.parametrize(("code", "fault", "state", "tries", "may_be_at"), [
    ("filtered", Fault.TEXT, TextState.FAILED, 3, ""), ("busy", Fault.LATER, TextState.QUEUED, 3, ""),
    ("too-fast", Fault.LATER, TextState.QUEUED, 2, ""), ("account", Fault.ACCOUNT, TextState.QUEUED, 2, ""),
    ("timeout", Fault.UNSURE, TextState.CLAIMED, 3, "one"),
])
def test_what_a_fault_means(code, fault, state, tries, may_be_at):
    result = told(CarrierError(code, fault))
    assert (result.state, result.code, result.tries, result.may_be_at) == (state, code, tries, may_be_at)


@pytest.mark.parametrize("fault", [Fault.LATER, Fault.ACCOUNT])
def test_who_may_have_it_from_an_earlier_try_stays_known(fault):
    """It was refused now, and may have been taken before."""
    assert told(CarrierError("busy", fault), claimed(may_be_at="one")).may_be_at == "one"


def test_a_text_that_nobody_looked_at_keeps_its_place():
    one = claimed()
    for code, fault in (("account", Fault.ACCOUNT), ("too-fast", Fault.LATER)):
        assert told(CarrierError(code, fault), one).due_at == one.due_at


def test_a_text_that_is_too_fast_even_at_the_slower_pace_lets_others_go_first():
    once = told(CarrierError("too-fast", Fault.LATER), claimed())
    again = told(CarrierError("too-fast", Fault.LATER), claimed(code=once.code))
    assert (again.tries, again.code) == (3, "too-fast")
    assert again.due_at > once.due_at


@pytest.mark.parametrize("tries", [1, 5, 50, 10_000])
def test_no_try_waits_longer_than_five_minutes(tries):
    for _ in range(20):
        due = told(CarrierError("busy", Fault.LATER), claimed(tries=tries)).due_at
        assert due - now() <= text_results.LONGEST_WAIT


@pytest.mark.parametrize(("tells", "settles", "waits"), [(True, 120, True), (True, 0, False), (False, 120, False)])
def test_patience_only_where_a_receipt_may_tell(tells, settles, waits):
    result = told(CarrierError("timeout", Fault.UNSURE), tells=tells, settles_after=timedelta(seconds=settles))
    assert (result.lease_until > now()) is waits


@pytest.mark.parametrize(("certainty", "late", "state", "may_be_at"), [
    (Certainty.KEY, False, TextState.QUEUED, "one"), (Certainty.KEY, True, TextState.UNKNOWN, "one"),
    (Certainty.LOOK_UP, False, TextState.QUEUED, ""), (Certainty.LOOK_UP, True, TextState.QUEUED, ""),
    (Certainty.NONE, False, TextState.UNKNOWN, "one"), (Certainty.NONE, True, TextState.UNKNOWN, "one"),
])
def test_after_a_crash(certainty, late, state, may_be_at):
    result = text_results.queue_again(claimed(may_be_at="one"), certainty, late=late)
    assert (result.state, result.may_be_at) == (state, may_be_at)


def test_a_text_that_a_carrier_may_have_is_not_said_to_be_refused():
    refused = deny_failed_rule("a rule", ValueError())
    assert text_results.refuse_text(claimed(may_be_at="one"), refused, now()).state is TextState.UNKNOWN
    assert text_results.refuse_text(claimed(), refused, now()).state is TextState.REFUSED


def test_three_crashes_put_a_text_aside():
    states = [text_results.note_crash(claimed(crashes=crashes), "KeyError").state for crashes in range(3)]
    assert states == [TextState.CLAIMED, TextState.CLAIMED, TextState.QUARANTINED]
    assert text_results.put_back_text(claimed()).tries == 2
    assert text_results.leave_unclear(claimed()).code == "no-answer"


@pytest.mark.parametrize(("given", "kept"), [
    ("id-1", "id-1"), ("id\0-1", "id-1"), ("id-\ud83d", "id-\ufffd"), ("\U0001f600", "\U0001f600"), ("\0", "")])
def test_an_id_of_a_carrier_is_one_that_every_database_takes(given, kept):
    """The carrier has the text: an id that cannot be stored would hand it over again."""
    result = text_results.judge_answer(claimed(), given, Scripted(), now())
    assert (result.state, result.carrier_id) == (TextState.HANDED_OVER, kept)
