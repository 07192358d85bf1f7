"""Revision 0010: every organization keeps the rule about campaigns that it had."""


import flask_migrate
import pytest

from .before import database_before
from .test_0002_messages import ask

ROWS = """
INSERT INTO organizations (id, ref, name, name_key, reply_name, help_contact, customer_type, calling_plan, add_on,
    healthcare, campaign, brand_tier, created_at, version, same_text_most) VALUES
    (1, 'canada', 'Canada', 'canada', '', '', 'enterprise', 1, 1, 0, 'none', 2000, '2026-01-01', 1, 25),
    (2, 'both', 'Both', 'both', '', '', 'enterprise', 1, 1, 0, 'none', 2000, '2026-01-01', 1, 25),
    (3, 'states', 'States', 'states', '', '', 'enterprise', 1, 1, 0, 'none', 2000, '2026-01-01', 1, 25),
    (4, 'nowhere', 'Nowhere', 'nowhere', '', '', 'enterprise', 1, 1, 0, 'none', 2000, '2026-01-01', 1, 25);
INSERT INTO locations (id, ref, organization_id, name, name_key, country, time_zone, pstn, version) VALUES
    (1, 'a', 1, 'Toronto', 'toronto', 'CA', 'America/Toronto', 'provider', 1),
    (2, 'b', 2, 'Toronto', 'toronto', 'CA', 'America/Toronto', 'provider', 1),
    (3, 'c', 2, 'Boston', 'boston', 'US', 'America/New_York', 'provider', 1),
    (4, 'd', 3, 'Boston', 'boston', 'US', 'America/New_York', 'provider', 1);
"""
CHOSEN = "SELECT ref, registration, quiet_rule FROM organizations ORDER BY id"
NOT_CHOSEN = [(ref, None, None) for ref in ("canada", "both", "states", "nowhere")]


@pytest.fixture
def database(tmp_path):
    """A database of revision 0009 with four organizations, in the open context of its application."""
    with database_before(tmp_path, "0009", ROWS) as file:
        yield file


@pytest.mark.parametrize("setting", [None, "", "all", " ALL "])
def test_where_all_texts_needed_a_campaign_they_still_do(database, monkeypatch, setting):
    """A clinic in Canada would need one for fewer texts, so what held is written down for it."""
    monkeypatch.delenv("REGISTRATION_REQUIRED", raising=False)
    if setting is not None:
        monkeypatch.setenv("REGISTRATION_REQUIRED", setting)
    flask_migrate.upgrade(revision="0010")
    assert ask(database, CHOSEN) == [("canada", "all", None), *NOT_CHOSEN[1:]]


@pytest.mark.parametrize("setting", ["us-recipients", "none"])
def test_another_setting_of_the_portal_goes_on_to_decide(database, monkeypatch, setting):
    monkeypatch.setenv("REGISTRATION_REQUIRED", setting)
    flask_migrate.upgrade(revision="0010")
    assert ask(database, CHOSEN) == NOT_CHOSEN


def test_nothing_else_changes_up_and_down(database):
    kept = "SELECT id, ref, name, campaign, same_text_most FROM organizations"
    before = ask(database, kept)
    flask_migrate.upgrade(revision="0010")
    assert ask(database, kept) == before
    flask_migrate.downgrade(revision="0009")
    assert ask(database, kept) == before
