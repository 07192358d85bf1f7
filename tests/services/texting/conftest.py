"""What the tests of texting share: people of two organizations, and a carrier that obeys."""

import pytest

from portal.extensions import db
from portal.models import User


@pytest.fixture
def uli(app, people, carrier):
    """Uli of Maple Clinic, in an open application context: these tests ask no pages."""
    with app.app_context():
        yield db.session.get_one(User, people["Uli"].id)


@pytest.fixture
def ben(uli, people):
    """Ben of Maple Clinic, like Uli."""
    return db.session.get_one(User, people["Ben"].id)


@pytest.fixture
def mia(uli, people):
    """Mia of Harbor Health, where texting is off."""
    return db.session.get_one(User, people["Mia"].id)
