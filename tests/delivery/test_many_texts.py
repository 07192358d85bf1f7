"""Many texts are read with as many questions to the database as few, and with as much work for it.

The times are in bench/page_growth.py; here the database counts its own steps, which no other process changes.
"""

import pytest
from sqlalchemy import Engine, event

from portal.extensions import db
from tests.delivery.long_talks import begin, fill, pages

FEW, MANY = 1_000, 20_000
# SQLite is asked for a sign of life after so many steps.
STEPS = 10


@pytest.fixture
def steps(app, inside):
    """`steps(ask)` is how many tens of steps the database takes to answer."""
    taken = []

    def watch(connection, _record):
        connection.set_progress_handler(lambda: taken.append(1), STEPS)

    def counted(ask):
        taken.clear()
        assert ask().status_code in (200, 204)
        return len(taken)

    with inside():
        db.engine.dispose()
    event.listen(Engine, "connect", watch)
    yield counted
    event.remove(Engine, "connect", watch)


@pytest.fixture
def read(browse, steps, statements):
    """`read(ref)` reads every page of texting, and gives statements and steps of each."""
    uli = browse("Uli")

    def questions(ask):
        with statements() as seen:
            ask()
        return len(seen)

    return lambda ref: {name: (questions(ask), steps(ask)) for name, ask in pages(uli, ref).items()}


@pytest.mark.slow
def test_twenty_thousand_texts_cost_no_more_than_a_thousand(inside, people, read):
    with inside():
        ref = begin(people["Uli"].id, people["Ben"].id)
        fill(ref, FEW)
    few = read(ref)
    with inside():
        fill(ref, MANY)
    many = read(ref)
    assert {name: asked for name, (asked, _) in many.items()} == {name: asked for name, (asked, _) in few.items()}
    assert min(took for _, took in few.values()) > 0, "nothing was counted"
    assert {name: (few[name][1], took) for name, (_, took) in many.items() if took > 1.5 * few[name][1] + 20} == {}
