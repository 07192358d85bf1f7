"""Whatever is done with texts, in any order: the counts are those that counting anew finds."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update

from portal.extensions import db, writing
from portal.models import Direction, Message, QuarterCount, TextState
from portal.models.quarter_counts import TEXT_COUNTING
from portal.services.upkeep.recounting import find_wrong_counts
from tests.services.toggles.houses import QUICK, Undo
from tests.talks import hold, text_out

START = datetime(2025, 3, 9, 5, 0, tzinfo=UTC)
MOMENTS = st.integers(0, 3599).map(lambda seconds: START + timedelta(seconds=seconds, microseconds=seconds % 7))
STATES, PARTS = st.sampled_from(TextState), st.integers(0, 2)


def add_text(first, direction, state, at):
    db.session.execute(insert(Message).values(**first | {"direction": direction, "state": state, "at": at}))


def change_state(part, state):
    db.session.execute(update(Message).where(Message.id % 3 == part).values(state=state))


def move(part, at):
    db.session.execute(update(Message).where(Message.id % 3 == part).values(at=at))


def erase(part):
    db.session.execute(delete(Message).where(Message.id % 3 == part))


WRITES = st.lists(st.one_of(
    st.tuples(st.just(add_text), st.sampled_from(Direction), STATES, MOMENTS),
    st.tuples(st.just(change_state), PARTS, STATES), st.tuples(st.just(move), PARTS, MOMENTS),
    st.tuples(st.just(erase), PARTS)), max_size=20)


@pytest.fixture
def first(inside, people):
    """What others are made from: the columns of a text that is stored; in a context that stays open."""
    with inside():
        hold(people["Uli"].id, text_out(state=TextState.DELIVERED, at=START))
        held = db.session.query(Message).one()
        yield {column.name: getattr(held, column.name) for column in Message.__table__.columns
               if column.name not in {"id", "ref", "submission_key"}}


@QUICK
@given(writes=WRITES)
def test_the_counts_of_texts_are_those_of_counting_anew(first, writes):
    with suppress(Undo), writing():
        for write, *given_to_it in writes:
            write(*((first, *given_to_it) if write is add_text else given_to_it))
            assert find_wrong_counts() == 0, write.__name__
        assert db.session.query(QuarterCount).filter_by(sent=0, received=0).count() == 0
        raise Undo


@pytest.mark.parametrize(("minute", "quarter"), [(0, 0), (14, 0), (15, 15), (29, 15), (30, 30), (44, 30), (45, 45),
                                                (59, 45)])
def test_a_text_counts_in_its_quarter_of_an_hour(first, minute, quarter):
    with suppress(Undo), writing():
        move(db.session.scalar(select(Message.id)) % 3, START.replace(minute=minute, second=59, microsecond=999999))
        assert [one.at for one in db.session.query(QuarterCount)] == [START.replace(minute=quarter)]
        raise Undo


@pytest.mark.sqlite
def test_texts_have_their_triggers(first):
    """A migration that makes the table anew must not lose them."""
    rows = db.session.execute(text("SELECT tbl_name, sql FROM sqlite_master WHERE name LIKE 'quarter_counts_%'"))
    assert sorted(map(tuple, rows)) == sorted(TEXT_COUNTING)
