"""0002 adds the tables of messages and leaves what was there as it was."""

import flask_migrate
from sqlalchemy import inspect, text

from portal.extensions import as_writer, db

ADDED = {"arrivals", "brand_days", "conversations", "messages", "opt_outs", "receipts"}
BEFORE = """INSERT INTO organizations (ref, name, name_key, reply_name, help_contact, customer_type, calling_plan,
            add_on, healthcare, campaign, brand_tier, created_at, version)
            VALUES ('r', 'Old', 'old', '', '', 'enterprise', 1, 1, 0, 'active', 2000, '2026-01-01 00:00:00', 1)"""


def names():
    with db.engine.connect() as connection:
        return set(inspect(connection).get_table_names())


def kept():
    with db.engine.connect() as connection:
        return connection.execute(text("SELECT name, campaign, version FROM organizations")).all()


def test_rows_of_before_stay_on_the_way_up_and_down(fresh):
    flask_migrate.upgrade(revision="0001")
    with as_writer(), db.engine.begin() as connection:
        connection.execute(text(BEFORE))
    assert not names() & ADDED
    flask_migrate.upgrade(revision="0002")
    assert names() >= ADDED
    assert kept() == [("Old", "active", 1)]
    flask_migrate.downgrade(revision="0001")
    assert not names() & ADDED
    assert kept() == [("Old", "active", 1)]
