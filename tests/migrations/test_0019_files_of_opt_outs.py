"""Revision 0019: files from before hold users."""


import flask_migrate
import pytest

from .before import database_before
from .test_0002_messages import BEFORE, ask

BEFOREHAND, REVISION = "0018", "0019"
FILE = """
INSERT INTO uploads (id, ref, organization_id, user_id, uploaded_at, file_name, size, done, links_given)
    VALUES (1, 'file', 1, 1, '2026-11-03', 'users.csv', 3, '{}', 0)
"""


@pytest.fixture
def database(tmp_path):
    """A database of the revision before with a file, in the open context of its application."""
    with database_before(tmp_path, BEFOREHAND, BEFORE, FILE) as file:
        yield file


def test_files_stay_up_and_down(database):
    held = "SELECT ref, file_name, size FROM uploads"
    before = ask(database, held)
    flask_migrate.upgrade(revision=REVISION)
    assert ask(database, held) == before
    assert ask(database, "SELECT opt_outs FROM uploads") == [(0,)]
    flask_migrate.downgrade(revision=BEFOREHAND)
    assert ask(database, held) == before
