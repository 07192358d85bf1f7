"""Revision 0008: opt-outs from before stay what they are, and know no time of the carrier."""


import flask_migrate
import pytest

from .before import database_before
from .test_0002_messages import BEFORE, ask

OUT = """
INSERT INTO opt_outs (id, ref, organization_id, theirs, consent, source, language, said, said_at, note)
    VALUES (1, 'out', 1, '+16475550110', 'out', 'stop', 'en', 'STOP', '2026-11-02', '');
"""


@pytest.fixture
def database(tmp_path):
    """A database of revision 0007 with an opt-out, in the open context of its application."""
    with database_before(tmp_path, "0007", BEFORE, OUT) as file:
        yield file


def test_opt_outs_stay_up_and_down(database):
    held = "SELECT ref, theirs, consent, said FROM opt_outs"
    before = ask(database, held)
    flask_migrate.upgrade(revision="0008")
    assert ask(database, held) == before
    assert ask(database, "SELECT carrier_at FROM opt_outs") == [(None,)]
    flask_migrate.downgrade(revision="0007")
    assert ask(database, held) == before
