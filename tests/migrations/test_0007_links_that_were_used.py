"""Revision 0007: nobody hears of the use of a link that was only ended; no address can be read back from buckets."""

import hashlib
import sqlite3
from contextlib import closing

import flask_migrate
import pytest

from portal.app import create_app
from portal.extensions import db

from .test_0002_messages import BEFORE, ask

LINKS = """
INSERT INTO sign_in_links (token_hash, user_id, made_by_id, expires_at, used_at) VALUES
    ('replaced', 1, 1, '2026-11-03', '2026-11-02'), ('open', 1, 1, '2026-11-04', NULL),
    ('old', 1, 1, '2026-10-01', NULL);
"""


@pytest.fixture
def database(tmp_path):
    """A database of revision 0006 with links and buckets, in the open context of its application."""
    app = create_app({}, tmp_path)
    with app.app_context():
        flask_migrate.upgrade(revision="0006")
        file = app.config["SETTINGS"].database
        with closing(sqlite3.connect(file)) as rows, rows:
            rows.executescript(BEFORE)
            rows.executescript(LINKS)
            found = hashlib.sha256(b"sign-in-source:127.0.0.1").hexdigest()
            rows.execute("INSERT INTO buckets (key, tokens, at) VALUES (?, 3, '2026-11-03')", (found,))
        yield file
        db.engine.dispose()


def test_used_links_and_buckets_go_and_open_links_stay(database):
    flask_migrate.upgrade(revision="0007")
    assert ask(database, "SELECT token_hash FROM sign_in_links ORDER BY token_hash") == [("old",), ("open",)]
    assert ask(database, "SELECT * FROM buckets") == []
    flask_migrate.downgrade(revision="0006")
    assert ask(database, "SELECT token_hash FROM sign_in_links ORDER BY token_hash") == [("old",), ("open",)]
