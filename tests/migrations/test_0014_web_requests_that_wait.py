"""Revision 0014: requests on the web from before go on warning, and none of them waits for a person."""


import flask_migrate
import pytest

from .before import database_before
from .test_0002_messages import BEFORE, ask

BEFOREHAND, REVISION = "0013", "0014"
ASKED = "INSERT INTO web_asks (id, organization_id, theirs, at) VALUES (1, 1, '+16475550110', '2026-11-03')"


@pytest.fixture
def database(tmp_path):
    """A database of the revision before with a request, in the open context of its application."""
    with database_before(tmp_path, BEFOREHAND, BEFORE, ASKED) as file:
        yield file


def test_requests_stay_up_and_down(database):
    held = "SELECT id, organization_id, theirs, at FROM web_asks"
    before = ask(database, held)
    flask_migrate.upgrade(revision=REVISION)
    assert ask(database, held) == before
    assert ask(database, "SELECT ref, waits FROM web_asks") == [(None, 0)]
    flask_migrate.downgrade(revision=BEFOREHAND)
    assert ask(database, held) == before
