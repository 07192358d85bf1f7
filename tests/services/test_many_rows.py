"""Many rows at once: one statement, the defaults of the table, and nothing for nothing."""

import pytest
from sqlalchemy import select

from portal.extensions import db, writing
from portal.models import AuditEvent
from portal.services.many_rows import insert_rows
from tests.stores import READ_ONLY, REFUSED_TO_READERS

pytestmark = pytest.mark.usefixtures("open_app")


def events(many):
    return [{"actor_name": "Ada", "action": "user-added", "subject": "user", "subject_name": f"P {n}",
             "details": {"n": n}} for n in range(many)]


def test_rows_are_stored_with_one_statement_and_their_defaults(statements):
    with writing(), statements() as seen:
        insert_rows(AuditEvent, events(30))
    assert len([one for one in seen if "INSERT" in one]) == 1
    found = db.session.scalars(select(AuditEvent).where(AuditEvent.actor_name == "Ada", AuditEvent.actor_id.is_(None)))
    stored = {event.subject_name: event for event in found}
    assert [stored[f"P {n}"].details for n in range(30)] == [{"n": n} for n in range(30)]
    assert len({event.ref for event in stored.values()}) == 30
    assert all(event.at.tzinfo for event in stored.values())


def test_no_rows_take_no_statement(statements):
    with writing(), statements() as seen:
        insert_rows(AuditEvent, [])
    assert not [one for one in seen if "INSERT" in one]


def test_a_reader_stores_nothing():
    with pytest.raises(REFUSED_TO_READERS, match=READ_ONLY):
        insert_rows(AuditEvent, events(1))
    db.session.rollback()
