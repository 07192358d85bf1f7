"""What tests of migrations share."""

import pytest

from portal.app import create_app
from portal.extensions import db


@pytest.fixture
def fresh(app, tmp_path):
    """Its own application over a database that does not exist yet, for the open context of a migration."""
    made = create_app({}, tmp_path)
    with made.app_context():
        yield made.config["SETTINGS"].database
        db.engine.dispose()
