"""Calls that do not prove to be the carrier's are counted, and a stranger cannot make the portal write all the time."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from portal.carriers.base import ForgedWebhook
from portal.extensions import db, now
from portal.models import CarrierRecord
from portal.services.carriers import carrier_records, refused_calls
from portal.services.texting import carrier_news
from tests.services.carriers.recorded import Recorded
from tests.stores import WRITES


@pytest.fixture
def forged(app, north, monkeypatch):
    """`forged(3)` lets so many calls come that the carrier refuses; returns the carrier as it is stored then."""
    def read(_carrier, _webhook):
        raise ForgedWebhook("no")

    def call(many=1):
        for _ in range(many):
            assert carrier_news.answer_webhook(ref, {}, b"who am I").status == 401
        db.session.rollback()
        return db.session.scalars(select(CarrierRecord)).one()

    ref = north.ref
    monkeypatch.setitem(app.extensions, "refused_calls", refused_calls.RefusedCalls())
    monkeypatch.setattr(Recorded, "read", read)
    return call


def test_they_are_counted_and_written_down_once_a_minute(forged, clock, begun):
    clock.stop()
    before = clock.now()
    assert forged().refused_calls == 1
    begun.clear()
    assert forged(50).refused_calls == 1
    assert begun.count(WRITES) == 0
    clock.forward(minutes=1)
    found = forged()
    assert begun.count(WRITES) == 1
    assert (found.refused_calls, found.refused_at - found.refused_since >= timedelta(minutes=1)) == (52, True)
    assert found.refused_since >= before
    assert refused_calls.has_refused_calls(found)


def test_the_log_names_the_carrier(forged, log_lines):
    ref = forged().ref
    assert any("webhook_forged" in line and ref in line and "who am I" not in line for line in log_lines)


def test_after_a_day_of_quiet_a_new_count_begins(forged, clock):
    forged()
    clock.forward(hours=24)
    assert not refused_calls.has_refused_calls(db.session.scalars(select(CarrierRecord)).one())
    assert forged().refused_calls == 1


def test_they_are_forgotten_when_the_secrets_are_typed_again(forged, olga, typed):
    record = forged()
    carrier_records.change_carrier(olga, record, record.version, typed(secrets={"token": "of theirs, at last"}))
    assert (record.refused_calls, record.refused_since, record.refused_at) == (0, None, None)
    assert not refused_calls.has_refused_calls(record)


def test_the_count_is_bounded(forged, clock):
    forged()
    refused_calls._write_refused_calls(db.session.scalars(select(CarrierRecord.ref)).one(), 10**12, now())
    assert db.session.scalars(select(CarrierRecord.refused_calls)).one() == refused_calls.MOST_REFUSED


def test_a_database_that_takes_nothing_changes_no_answer(forged, monkeypatch):
    def broken(*_given):
        raise OperationalError("update", {}, OSError("disk full"))

    monkeypatch.setattr(refused_calls, "_write_refused_calls", broken)
    assert forged(2).refused_calls == 0
