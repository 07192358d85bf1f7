"""What the tests of upkeep share."""

from dataclasses import replace

import pytest

from portal.config import Settings


@pytest.fixture
def settle(app, monkeypatch):
    """`settle(backup_days=3)` gives the portal other settings."""
    return lambda **settings: monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], **settings))


@pytest.fixture
def on_server(monkeypatch):
    """The settings say that the database is one of a server, whichever of the two the test runs over."""
    monkeypatch.setattr(Settings, "embedded", property(lambda _self: False))
