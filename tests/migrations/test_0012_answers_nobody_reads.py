"""Revision 0012: locations stay what they are, answer by the keyword and are always open."""


import flask_migrate
import pytest

from .before import database_before
from .test_0002_messages import BEFORE, ask


@pytest.fixture
def database(tmp_path):
    """A database of revision 0011, in the open context of its application."""
    with database_before(tmp_path, "0011", BEFORE) as file:
        yield file


def test_locations_stay_up_and_down(database):
    held = "SELECT id, ref, organization_id, name, country, time_zone FROM locations"
    people = "SELECT id, location_id FROM users"
    before = ask(database, held), ask(database, people)
    assert before[0]
    flask_migrate.upgrade(revision="0012")
    assert (ask(database, held), ask(database, people)) == before
    assert set(ask(database, "SELECT answer_language, opening_hours FROM locations")) == {("keyword", "")}
    assert set(ask(database, "SELECT answers_unread FROM organizations")) == {(None,)}
    assert ask(database, "PRAGMA foreign_key_check") == []
    flask_migrate.downgrade(revision="0011")
    assert (ask(database, held), ask(database, people)) == before
