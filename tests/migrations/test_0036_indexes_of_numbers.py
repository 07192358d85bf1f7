"""Revision 0036: indexes only; numbers stay."""

import flask_migrate
import pytest

from .before import database_before
from .test_0002_messages import BEFORE, ask

BEFOREHAND, REVISION = "0035", "0036"
LISTED = "SELECT e164 FROM numbers WHERE organization_id = 1 AND e164 > '+1' ORDER BY e164 LIMIT 50"


@pytest.fixture
def database(tmp_path):
    """A database of the revision before, in the open context of its application."""
    with database_before(tmp_path, BEFOREHAND, BEFORE) as file:
        yield file


def test_numbers_stay_and_are_read_in_their_order(database):
    before = ask(database, "SELECT * FROM numbers")
    flask_migrate.upgrade(revision=REVISION)
    assert ask(database, "SELECT * FROM numbers") == before
    (plan,) = ask(database, f"EXPLAIN QUERY PLAN {LISTED}")
    assert plan[-1] == "SEARCH numbers USING COVERING INDEX ix_numbers_list (organization_id=? AND e164>?)"
    flask_migrate.downgrade(revision=BEFOREHAND)
    assert ask(database, "SELECT * FROM numbers") == before
