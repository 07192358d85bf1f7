"""What the tests of the toggle share."""

import pytest

from . import houses


@pytest.fixture
def small(inside):
    """The ids of an organization with two locations and five users, in a context that stays open."""
    with inside():
        yield houses.found_small()
