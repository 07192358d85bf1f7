"""What the tests of texting share: people of two organizations, and a carrier that obeys."""

import pytest

from .acquaintances import writers  # noqa: F401 - a fixture


@pytest.fixture
def uli(uli, carrier):
    """Uli, whose texts the obedient carrier takes."""
    return uli


@pytest.fixture
def ben(uli, row):
    """Ben of Maple Clinic, like Uli."""
    return row("Ben")


@pytest.fixture
def mia(uli, row):
    """Mia of Harbor Health, where texting is off."""
    return row("Mia")
