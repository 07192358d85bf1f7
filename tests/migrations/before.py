"""A database as it was before a revision."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import flask_migrate

from portal.app import create_app
from portal.extensions import db


@contextmanager
def database_before(folder: Path, revision: str, *scripts: str) -> Iterator[Path]:
    """The file of a database at this revision in which the scripts were run, in the open context of its application."""
    app = create_app({}, folder)
    with app.app_context():
        flask_migrate.upgrade(revision=revision)
        file = app.config["SETTINGS"].database
        with closing(sqlite3.connect(file)) as rows, rows:
            for script in scripts:
                rows.executescript(script)
        yield file
        db.engine.dispose()
