"""A setting is written the same way for one user and for many, with the same event."""

import pytest
from sqlalchemy import select

from portal.extensions import db, writing
from portal.models import AuditEvent, Setting
from portal.services.audit import EventSubject
from portal.services.toggles import toggle
from portal.services.toggles.toggle import SettingChange, SettingValue

pytestmark = pytest.mark.usefixtures("open_app")
ON, OFF, SILENT = SettingValue(True), SettingValue(False), SettingValue(None)


def one_by_one(actor, users, was, wish):
    for user in users:
        assert toggle.current_setting(user).value == was
        toggle.write_setting(actor, user, wish)


def together(actor, users, was, wish):
    toggle.write_settings(actor, [SettingChange(user.id, EventSubject.of(user), was, wish) for user in users])


def settings(ids):
    """The settings of users and the events that they name."""
    rows = db.session.execute(select(Setting, AuditEvent).join(AuditEvent, AuditEvent.id == Setting.event_id).where(
        Setting.unit_id.in_(ids), Setting.level == "user").order_by(Setting.unit_id)).all()
    return [[values_of(word, "said_at", "event_id"), values_of(event, "id", "ref", "at")] for word, event in rows]


def values_of(record, *left_out):
    """The columns of a record but those that are others each time."""
    names = {column.name for column in record.__table__.columns} - set(left_out)
    return {name: getattr(record, name) for name in names}


@pytest.mark.parametrize("by", ["Ada", ""])
def test_one_by_one_and_together_leave_the_same(row, by):
    """Said first, changed, and taken back; by a person and by the command line."""
    left = {}
    for write in (one_by_one, together):
        left[write] = []
        for was, wish in ((SILENT, ON), (ON, OFF), (OFF, SILENT)):
            with writing() as session:
                users = [row("Uli"), row("Ben")]
                write(row(by) if by else None, users, was, wish)
            left[write].append(settings([user.id for user in users]))
        with writing() as session:
            session.query(Setting).filter(Setting.level == "user").delete()
    assert left[one_by_one] == left[together]
    assert [[word["version"] for word, _event in step] for step in left[together]] == [[1, 1], [2, 2], [3, 3]]


def test_many_take_as_many_statements_as_one(row, statements):
    with writing():
        ada, users = row("Ada"), [row(name) for name in ("Uli", "Ben", "Mia")]
        with statements() as seen:
            together(ada, users, SILENT, ON)
    assert [statement.split()[2] for statement in seen] == ["audit_events", "words"]


def test_none_take_none(row, statements):
    with writing():
        ada = row("Ada")
        with statements() as seen:
            together(ada, [], SILENT, ON)
    assert seen == []
