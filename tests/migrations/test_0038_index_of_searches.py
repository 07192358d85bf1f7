"""Revision 0038: an index only; users stay, and a search reads nothing but that index."""

import flask_migrate
import pytest

from .before import database_before
from .test_0002_messages import BEFORE, ask

BEFOREHAND, REVISION = "0037", "0038"
SEARCH = """SELECT id FROM users WHERE organization_id = 1 AND location_id IS NOT NULL
AND (name_key LIKE '%a%' OR email_key LIKE '%a%') ORDER BY name_key, id"""


@pytest.fixture
def database(tmp_path):
    """A database of the revision before, in the open context of its application."""
    with database_before(tmp_path, BEFOREHAND, BEFORE) as file:
        yield file


def test_users_stay_and_a_search_reads_the_index_alone(database):
    before, found = ask(database, "SELECT * FROM users"), ask(database, SEARCH)
    flask_migrate.upgrade(revision=REVISION)
    assert (ask(database, "SELECT * FROM users"), ask(database, SEARCH)) == (before, found)
    (plan,) = ask(database, f"EXPLAIN QUERY PLAN {SEARCH}")
    assert plan[-1] == "SEARCH users USING COVERING INDEX ix_users_list (organization_id=?)"
    flask_migrate.downgrade(revision=BEFOREHAND)
    assert ask(database, "SELECT * FROM users") == before
