"""M3: when reports are looked into is chance, so that nobody outside can time what was found."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.extensions import db, now
from portal.models import Report, User
from portal.processes.worker import WorkerThread
from portal.rules.cases import Match
from portal.services.spam import batches
from portal.services.texting import sending
from tests.reports import number, report, sent, told

FOREIGN = "+16045550199"


@pytest.fixture
def later(app, monkeypatch):
    """The portal as people run it: reports wait for a batch."""
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], report_delay=60))


@pytest.fixture
def chance(monkeypatch):
    """`chance.append(7)`: the next batch begins after seven seconds; what was asked of chance stands in `asked`."""
    drawn, asked = [], []

    def draw(least, most):
        asked.append((least, most))
        return drawn.pop(0) if drawn else most

    monkeypatch.setattr(batches, "draw_seconds", draw)
    draw.drawn, draw.asked = drawn, asked
    return draw


def waiting():
    db.session.rollback()
    return db.session.scalar(select(func.count(Report.id)).where(Report.matched == Match.WAITING))


def written(statements, work):
    """The changes that some work made to the database."""
    with statements() as seen:
        work()
    return [one for one in seen if one.split()[0] in ("INSERT", "UPDATE", "DELETE")]


@pytest.mark.parametrize("sender", ["own", "foreign"])
def test_in_the_first_seconds_nothing_happens(uli, app, tmp_path, later, chance, clock, statements, sender):
    """No lock is taken and nothing is written that could be told from outside, whoever the sender is."""
    sent(uli.id, number(1))
    told(uli.number if sender == "own" else FOREIGN, number(1))
    work = WorkerThread(app, tmp_path / "sock")
    for _ in range(5):
        assert written(statements, work._work) == []
        clock.forward(seconds=0.99)
    assert waiting() == 1
    assert chance.asked == [(5, 60)]
    clock.forward(seconds=60)
    work._work()
    assert waiting() == 0


def test_all_that_came_before_go_together(uli, later, chance, clock):
    clock.stop()
    chance.drawn.extend([30, 40])
    sent(uli.id, number(1))
    step = batches.ReportBatches().step
    filed = [told(uli.number, number(1))]
    assert step() == 0
    clock.forward(seconds=20)
    filed.append(told(FOREIGN, number(2)))
    assert step() == 0
    clock.forward(seconds=9)
    filed.append(told(FOREIGN, number(3)))
    assert step() == 0
    clock.forward(seconds=1.1)
    assert step() == 2
    assert [report(one).matched for one in filed] == [Match.VERIFIED, Match.UNMATCHED, Match.WAITING]
    assert step() == 0
    assert step() == 0
    clock.forward(seconds=39)
    assert step() == 0
    clock.forward(seconds=2)
    assert step() == 1
    assert waiting() == 0


def test_the_moment_is_chance():
    drawn = {round(batches.draw_seconds(5, 60), 6) for _ in range(200)}
    assert len(drawn) > 190
    assert all(5 <= one <= 60 for one in drawn)


def test_a_clock_that_was_set_back_keeps_nothing_waiting(uli, later, chance, clock):
    step = batches.ReportBatches().step
    told(FOREIGN, number(1))
    clock.forward(days=3)
    assert step() == 0
    clock.forward(days=-3)
    assert step() == 0
    clock.forward(seconds=61)
    assert step() == 1


def test_it_can_be_at_once(uli):
    told(FOREIGN, number(1))
    assert batches.ReportBatches().step() == 1


def test_texts_that_nobody_asked_about_wait_for_no_batch(uli, app, tmp_path, later, chance, carrier):
    told(uli.number, number(1), stop=True)
    sending.send_text(db.session.get_one(User, uli.id), number(2), "Hello", "key")
    db.session.rollback()
    WorkerThread(app, tmp_path / "sock")._work()
    assert carrier.bodies == ["Hello"]
    assert waiting() == 1
    assert now() - db.session.scalars(select(Report.at)).one() < timedelta(minutes=1)
