"""What the tests of upkeep share."""

from dataclasses import replace

import pytest


@pytest.fixture
def settle(app, monkeypatch):
    """`settle(backup_days=3)` gives the portal other settings."""
    return lambda **settings: monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], **settings))
