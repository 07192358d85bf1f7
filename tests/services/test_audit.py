"""The audit log is added to in the same commit as the change, and never changed."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portal.extensions import db, writing
from portal.marks import StoredWords
from portal.models import AuditEvent, Organization
from portal.services import audit
from portal.services.people.users import deactivate_user, reactivate_user, save_user_details

pytestmark = pytest.mark.usefixtures("open_app")
COLUMNS = "id, ref, at, actor_name, action, subject, subject_ref, subject_name, details"
REPLACE = "INSERT OR REPLACE INTO audit_events ({columns}) SELECT {chosen} FROM audit_events LIMIT 1"


@pytest.fixture
def ada(row):
    return row("Ada")


@pytest.fixture
def maple(organizations):
    return organizations["Maple"].id


def rows():
    return db.session.execute(select(*AuditEvent.__table__.columns).order_by(AuditEvent.id)).all()


@pytest.mark.parametrize("statement", [
    "UPDATE audit_events SET actor_name = 'Nobody'",
    "UPDATE audit_events SET at = at",
    "DELETE FROM audit_events",
    "DELETE FROM audit_events WHERE id = (SELECT max(id) FROM audit_events)",
    pytest.param(REPLACE.format(columns=COLUMNS, chosen=COLUMNS.replace("actor_name", "'Nobody'")),
                 marks=pytest.mark.sqlite),
    pytest.param(REPLACE.format(columns=COLUMNS, chosen=COLUMNS.replace("id", "99", 1)), marks=pytest.mark.sqlite),
    pytest.param("TRUNCATE audit_events CASCADE", marks=pytest.mark.postgresql),
], ids=["change all", "change nothing", "remove all", "remove one", "replace by id", "replace by ref", "empty"])
def test_no_event_is_ever_changed_or_removed(statement):
    before = rows()
    with pytest.raises(DBAPIError, match="can only be added to"), writing() as session:
        session.execute(text(statement))
    assert rows() == before != []


def test_the_change_stands_or_falls_with_its_event(ada, uli, monkeypatch):
    before = rows()
    monkeypatch.setattr(audit, "record_event", lambda *given, **told: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        deactivate_user(ada, uli)
    assert uli.active
    assert rows() == before


def test_a_change_without_a_sentence_is_a_mistake(ada, uli):
    with pytest.raises(KeyError), writing():
        audit.record_event(ada, "never-heard-of", uli)


def test_who_what_whom_and_when_stay_as_they_were(ada, uli):
    """A later name does not rewrite history; the subject is found by its ref."""
    location = uli.location
    deactivate_user(ada, uli)
    save_user_details(ada, uli, uli.version, "Ulrike Brandt", uli.email, location)
    renamed, closed = audit.list_events_about(uli)
    assert (closed.actor_name, closed.subject_name, closed.subject_ref) == ("Ada Keller", "Uli Brandt", uli.ref)
    assert (closed.action, closed.details, closed.actor_id) == ("deactivated", {}, ada.id)
    assert renamed.details == {"changes": [["name", "Uli Brandt", "Ulrike Brandt"]]}
    assert closed.at <= renamed.at
    assert audit.event_sentence(renamed)[1]["subject"] == "Ulrike Brandt"


def test_the_command_line_is_an_actor_too(uli):
    with writing():
        event = audit.record_event(None, "deactivated", uli)
        assert (event.actor_id, event.actor_name) == (None, StoredWords.COMMAND_LINE)


def test_pages_come_newest_first_and_follow_each_other(ada, uli, maple):
    for _ in range(4):
        deactivate_user(ada, uli)
        reactivate_user(ada, uli)
    first = audit.list_events(maple, most=5)
    rest = audit.list_events(maple, before=first[-1].id)
    ids = [event.id for event in (*first, *rest)]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == len(rows())
    assert audit.newest_event_id(maple) == ids[0]


@pytest.mark.parametrize(("asked", "many"), [
    ({"who": "Ada"}, 2), ({"who": "Uli"}, 0), ({"who": "%"}, 0), ({"who": audit.NOT_SIGNED_IN}, 0),
    ({"action": "deactivated"}, 1), ({"action": "texting"}, 1), ({}, 2),
])
def test_filters_by_who_and_by_kind(ada, uli, maple, people, asked, many):
    deactivate_user(ada, uli)
    asked = {name: people[value].ref if value in people else value for name, value in asked.items()}
    assert len(audit.list_events(maple, **asked)) == many


def test_a_span_has_its_first_moment_and_not_its_last(ada, uli, maple):
    deactivate_user(ada, uli)
    at = audit.list_events(maple)[0].at
    moment = timedelta(microseconds=1)
    assert len(audit.list_events(maple, since=at, until=at + moment)) == 1
    assert audit.list_events(maple, since=at + moment) == []
    assert at not in [event.at for event in audit.list_events(maple, until=at)]


def test_no_organization_sees_the_events_of_another(ada, uli, maple, organizations):
    deactivate_user(ada, uli)
    event = audit.list_events_about(uli)[0]
    harbor = organizations["Harbor"].id
    assert audit.find_event(maple, event.ref) is event
    for other in (harbor, None):
        assert audit.find_event(other, event.ref) is None
        assert audit.list_events(other, subject="user", ref=uli.ref) == []
    assert audit.list_events(harbor) == []
    assert audit.newest_event_id(harbor) == 0
    assert audit.list_events_about(db.session.get_one(Organization, harbor)) == []


def test_many_events_are_added_in_their_order_with_one_statement(ada, uli, statements):
    with writing():
        person, toronto, maker = map(audit.EventSubject.of, (uli, uli.location, ada))
        with statements() as seen:
            added = audit.record_events(ada, [
                ("deactivated", person, {}), ("location-changed", toronto, {"changes": [["pstn", "a", "b"]]}),
                ("reactivated", maker, {})])
    assert len(seen) == 1
    stored = rows()[-3:]
    assert [(one.ref, one.actor_name, one.action) for one in stored] == [
        (one["ref"], "Ada Keller", one["action"]) for one in added]
    assert [(one.subject, one.subject_name, one.details) for one in stored] == [
        ("user", "Uli Brandt", {}), ("location", "Toronto", {"changes": [["pstn", "a", "b"]]}),
        ("user", "Ada Keller", {})]


def test_one_event_and_many_are_stored_alike(ada, uli):
    with writing():
        audit.record_event(ada, "deactivated", uli)
        audit.record_events(ada, [("deactivated", uli, {})])
    one, other = (one._mapping for one in rows()[-2:])
    assert {name for name in one if one[name] != other[name]} <= {"id", "ref", "at"}


def test_no_events_take_no_statement(ada, statements):
    with writing(), statements() as seen:
        assert audit.record_events(ada, []) == []
    assert seen == []


def test_of_many_none_is_stored_when_one_has_no_sentence(ada, uli):
    before = rows()
    with pytest.raises(KeyError), writing():
        audit.record_events(ada, [("deactivated", uli, {}), ("never-heard-of", uli, {})])
    assert rows() == before


@pytest.mark.parametrize(("action", "name"), [
    ("deactivated", StoredWords.COMMAND_LINE), ("password-by-link", StoredWords.LINK_HOLDER),
    ("opt-out-web", StoredWords.WEB_VISITOR), ("opt-out-overdue", StoredWords.PORTAL_ITSELF),
    ("restricted-by-reports", StoredWords.REPORTS),
])
def test_who_acts_without_an_account_follows_from_the_action(ada, uli, action, name):
    """Also for old events, which name the command line for everybody who was not signed in."""
    with writing():
        event = audit.record_event(None, action, uli)
        signed_in = audit.record_event(ada, action, uli)
        assert (audit.event_actor_name(event), audit.event_actor_name(signed_in)) == (name, "Ada Keller")
    old = AuditEvent(action=action, actor_id=None, actor_name=StoredWords.COMMAND_LINE)
    assert audit.event_actor_name(old) == name
