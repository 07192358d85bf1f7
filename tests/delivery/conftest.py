"""What the tests of delivery share: a carrier that obeys, and much at the same time."""

import threading

import pytest

from portal.extensions import db
from portal.models import User


@pytest.fixture
def uli(app, people, carrier):
    """Uli, in an open application context, for tests that ask no pages."""
    with app.app_context():
        yield db.session.get_one(User, people["Uli"].id)


@pytest.fixture
def impatient(app, monkeypatch, database_store):
    """A program that has to wait for the write lock gives up at once."""
    database_store.give_up_at_once(monkeypatch)
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def at_once():
    """`at_once(work, given)` does work with each of the given in a thread of its own, all begun together."""

    def run(work, given):
        given = list(given)
        start, answers = threading.Barrier(len(given)), [None] * len(given)

        def one(place):
            start.wait()
            try:
                answers[place] = work(given[place])
            except BaseException as error:  # noqa: BLE001 - a thread that fails is an answer too
                answers[place] = error

        threads = [threading.Thread(target=one, args=(place,)) for place in range(len(given))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    return run
