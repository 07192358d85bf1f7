"""What the tests of reports and restrictions share."""

import pytest


@pytest.fixture
def uli(open_app, people):
    """Uli as the cast knows them, in the open application: their id, and their number as text."""
    return people["Uli"]
