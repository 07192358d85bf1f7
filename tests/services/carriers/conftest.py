"""A kind of carrier of the tests, and records of it."""

import pytest

from portal import carriers
from portal.services.carriers import carrier_records
from portal.services.carriers.carrier_records import CarrierInput
from tests.services.carriers.recorded import KIND, SECRETS, SETTINGS

from .records import add, kind  # noqa: F401 - fixtures


@pytest.fixture
def recorded(monkeypatch):
    """The kind "recorded" can be added."""
    monkeypatch.setattr(carriers, "KINDS", {**carriers.KINDS, "recorded": KIND})
    return KIND


@pytest.fixture
def typed():
    """`typed(name="North", window="20")` is what an operator types: settings by name, `secrets` and paces too."""
    def make(name="North", secrets=None, paces=None, **settings):
        return CarrierInput(name, {**SETTINGS, **settings}, SECRETS if secrets is None else secrets, **(paces or {}))

    return make


@pytest.fixture
def olga(open_app, row):
    """An operator, in the open application."""
    return row("Olga")


@pytest.fixture
def north(olga, recorded, typed):
    """A carrier that Olga added."""
    return carrier_records.add_carrier(olga, recorded, typed())
