"""Long texts in parts: whatever the order and however often each part comes, the text is taken once and whole."""

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.carriers.base import IncomingText, TextPart
from portal.extensions import db, now
from portal.models import Arrival, ArrivedPart, Direction, Message, OptOut, OptOutState, User
from portal.services.texting import arrived_parts, carrier_news, inbound, outbox

THEIRS, ULI = "+16475550110", "+14165550101"
keys = map("key-{}".format, count())


@pytest.fixture
def uli(app, people, carrier):
    with app.app_context():
        yield db.session.get_one(User, people["Uli"].id)


def part(body, number, total, key="ref-7", text_id="", theirs=THEIRS):
    return IncomingText(text_id or f"{key}-{number}", theirs, ULI, body, part=TextPart(key, number, total))


def bodies():
    db.session.rollback()
    return db.session.scalars(select(Message.body).where(Message.direction == Direction.IN).order_by(
        Message.id)).all()


def come(*parts):
    carrier_news.store_news("scripted", list(parts))


@given(order=st.permutations([1, 2, 3]), again=st.lists(st.sampled_from([1, 2, 3]), max_size=4))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_in_any_order_and_with_any_repetition_it_is_one_text(uli, order, again):
    key, before = next(keys), len(bodies())
    words = {1: "It is ", 2: "a long ", 3: "text."}
    for number in [*order, *again, *order]:
        come(part(words[number], number, 3, key))
    assert bodies()[before:] == ["It is a long text."]
    assert db.session.scalars(select(ArrivedPart)).all() == []


def test_a_stop_counts_once_the_text_is_whole(uli):
    come(part("ST", 1, 2))
    assert db.session.scalars(select(OptOut)).all() == []
    come(part("OP", 2, 2))
    assert db.session.scalars(select(OptOut.state)).all() == [OptOutState.OUT]


def test_halves_of_a_character_find_each_other(uli):
    come(part("Look \ud83d", 1, 2), part("\ude00!", 2, 2))
    come(part("Lone \ud83d", 1, 2, "other"), part("half", 2, 2, "other"))
    assert bodies() == ["Look 😀!", "Lone \ufffdhalf"]


def test_parts_of_two_people_and_of_two_texts_stay_apart(uli):
    come(part("a1", 1, 2), part("b1", 1, 2, text_id="b1", theirs="+16475550111"), part("c1", 1, 2, "ref-8"))
    come(part("c2", 2, 2, "ref-8"), part("b2", 2, 2, text_id="b2", theirs="+16475550111"), part("a2", 2, 2))
    assert sorted(bodies()) == ["a1a2", "b1b2", "c1c2"]


def test_a_later_text_with_the_same_reference_is_not_mixed_with_one_that_lacks_a_part(uli, clock):
    come(part("OLD one ", 1, 2, text_id="old-1"))
    clock.forward(seconds=60)
    come(part("NEW one ", 1, 2, text_id="new-1"), part("NEW two", 2, 2, text_id="new-2"))
    assert bodies() == ["NEW one NEW two"]
    clock.forward(seconds=601)
    outbox.OutboxWorker("test").step()
    assert bodies() == ["NEW one NEW two", "OLD one  […] "]


def test_what_never_comes_is_a_gap_after_ten_minutes(uli, clock):
    come(part("It is ", 1, 3), part("text.", 3, 3), part("second", 2, 3, "ref-8"))
    worker = outbox.OutboxWorker("test")
    worker.step()
    assert bodies() == []
    clock.forward(seconds=601)
    worker.step()
    assert bodies() == ["It is  […] text.", " […] second […] "]
    come(part("It is ", 1, 3), part("text.", 3, 3))
    clock.forward(seconds=601)
    worker.step()
    assert len(bodies()) == 2, "told again after it was taken"


def test_a_clock_that_was_set_back_makes_no_part_wait_for_ever(uli, clock):
    clock.forward(seconds=86_400)
    come(part("It is ", 1, 2))
    clock.forward(seconds=-86_400)
    assert inbound.receive_lone_parts(now()) == 1
    assert bodies() == ["It is  […] "]


@pytest.mark.parametrize(("number", "total"), [(0, 2), (3, 2), (1, 0), (1, 255), (-1, 1)])
def test_a_part_that_cannot_be_one_is_a_text_of_its_own(uli, number, total):
    come(part("odd", number, total))
    assert bodies() == ["odd"]


def test_each_id_is_remembered(uli):
    come(part("a", 1, 2), part("b", 2, 2))
    db.session.rollback()
    assert sorted(db.session.scalars(select(Arrival.carrier_id))) == ["ref-7-1", "ref-7-2"]
    assert arrived_parts.is_arrival_known("scripted", "ref-7-2")
    assert not arrived_parts.is_arrival_known("elsewhere", "ref-7-2")
    assert timedelta(hours=1) > arrived_parts.WAITS_FOR_PARTS, "as docs/privacy.md says"
