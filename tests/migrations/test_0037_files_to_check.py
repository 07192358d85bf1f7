"""Revision 0037: an index only; files stay, and those that wait for their check are found by it."""

import flask_migrate
import pytest

from .before import database_before
from .test_0002_messages import BEFORE, ask

BEFOREHAND, REVISION = "0036", "0037"
UNCHECKED = "SELECT id FROM uploads WHERE state = 'checking' AND NOT opt_outs AND content IS NOT NULL"


@pytest.fixture
def database(tmp_path):
    """A database of the revision before, in the open context of its application."""
    with database_before(tmp_path, BEFOREHAND, BEFORE) as file:
        yield file


def test_files_stay_and_those_to_check_are_found_by_an_index(database):
    before = ask(database, "SELECT * FROM uploads")
    flask_migrate.upgrade(revision=REVISION)
    assert ask(database, "SELECT * FROM uploads") == before
    (plan,) = ask(database, f"EXPLAIN QUERY PLAN {UNCHECKED}")
    assert "ix_uploads_unchecked" in plan[-1]
    flask_migrate.downgrade(revision=BEFOREHAND)
    assert ask(database, "SELECT * FROM uploads") == before
