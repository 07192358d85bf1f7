"""Asking a carrier how it is."""

import pytest

from portal.carriers.base import CarrierCondition, CarrierError, Fault
from portal.extensions import db, now, writing
from portal.models import CarrierRecord
from portal.services.carriers import connection
from portal.services.carriers.connection import NEEDS_SECRETS, ConnectionAnswer, ask_carrier
from tests.services.carriers.recorded import Recorded


def change(record, **values):
    with writing() as session:
        for name, value in values.items():
            setattr(session.get_one(CarrierRecord, record.id), name, value)


def test_a_carrier_that_works(north):
    assert ask_carrier(north) == ConnectionAnswer(CarrierCondition("12.50 USD"))


def test_nothing_is_held_open_while_it_is_asked(north, monkeypatch):
    def look(self):
        assert not db.session().in_transaction()
        return CarrierCondition()

    monkeypatch.setattr(Recorded, "check", look)
    assert ask_carrier(north).condition


@pytest.mark.parametrize("fault", Fault)
def test_what_is_wrong(north, monkeypatch, fault):
    change(north, fault_code="account", fault_at=now())
    monkeypatch.setattr(Recorded, "answers", CarrierError("a-code", fault))
    assert ask_carrier(north) == ConnectionAnswer(None, "a-code", fault)
    assert north.fault_code == "account"


def test_a_fault_is_over_once_the_carrier_answers(north, monkeypatch):
    change(north, fault_code="account", fault_at=now())
    woken = []
    monkeypatch.setattr(connection, "wake", lambda: woken.append(1))
    assert ask_carrier(north).condition
    assert (north.fault_code, north.fault_at, woken) == ("", None, [1])


def test_without_secrets_it_is_not_asked(north):
    change(north, secrets=None)
    assert ask_carrier(north) == ConnectionAnswer(code=NEEDS_SECRETS)
