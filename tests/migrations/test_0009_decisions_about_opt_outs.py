"""The revision about decisions: opt-outs from before stay what they are, and likely ones are looked at anew."""


import flask_migrate
import pytest

from .before import database_before
from .test_0002_messages import BEFORE, ask

OUT = """
INSERT INTO opt_outs (id, ref, organization_id, theirs, consent, source, language, said, said_at, note)
    VALUES (1, 'out', 1, '+16475550110', 'out', 'wording', 'en', 'lose my number', '2026-11-02 00:00:00', ''),
           (2, 'likely', 1, '+16475550111', 'likely-out', 'wording', 'en', 'leave me', '2026-11-03 00:00:00', '');
"""


@pytest.fixture
def database(tmp_path):
    """A database of the revision before with two opt-outs, in the open context of its application."""
    with database_before(tmp_path, "0008", BEFORE, OUT) as file:
        yield file


def test_opt_outs_stay_up_and_down(database):
    held = "SELECT ref, theirs, consent, source, said FROM opt_outs"
    before = ask(database, held)
    flask_migrate.upgrade(revision="0009")
    assert ask(database, held) == before
    assert ask(database, "SELECT told_at, step, due_at FROM opt_outs ORDER BY id") == [
        (None, 0, None), (None, 0, "2026-11-03 00:00:00")]
    flask_migrate.downgrade(revision="0008")
    assert ask(database, held) == before
