"""What the tests of services share: an open application, and the rows of the cast in it."""

import pytest

from portal.extensions import db
from portal.models import User


@pytest.fixture
def open_app(inside):
    """The application is open throughout the test, which asks no pages."""
    with inside():
        yield


@pytest.fixture
def row(people):
    """`row("Uli")` is the user; inside the application."""
    return lambda name: db.session.get_one(User, people[name].id)


@pytest.fixture
def uli(open_app, row):
    """Uli of Maple Clinic, in the open application."""
    return row("Uli")
