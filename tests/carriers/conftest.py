"""The pretend carrier at a clock that stands still, and a portal that hears what it tells."""

import pytest

from .rigs import COLLEAGUE
from .rigs.pretend import Clock, Portal, pretend


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def carrier(tmp_path, clock):
    return pretend(tmp_path, own={COLLEAGUE}, clock=clock)


@pytest.fixture
def portal(carrier, clock):
    return Portal(carrier, clock)
