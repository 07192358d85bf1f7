"""What the tests of Undo share."""

import pytest
from sqlalchemy import select

from portal.extensions import db
from portal.models import AuditEvent, Location, Number, Organization, SignInSession, User
from portal.services.toggles import toggle
from portal.services.undo.undoing import undo_change


@pytest.fixture
def unit(row, locations, organizations):
    """`unit("Uli")`, `unit("Toronto")` or `unit("Maple")`; inside the application."""

    def find(name):
        for kind, known in ((Location, locations), (Organization, organizations)):
            if name in known:
                return db.session.get_one(kind, known[name].id)
        return row(name)

    return find


@pytest.fixture
def change(unit):
    """`change("Uli", SettingValue(False))`: Ada changes a setting; the ref by which it can be undone."""

    def act(name, setting, by="Ada"):
        return toggle.change_setting(unit(by), unit(name), setting, toggle.current_setting(unit(name)).version).undo

    return act


@pytest.fixture
def undo(row):
    """`undo(ref)`: Ada presses the button."""
    return lambda ref, by="Ada": undo_change(row(by), ref)


@pytest.fixture
def events(open_app):
    """`events()` are the newest events of the audit log, newest first, as action and details."""

    def newest(most=1):
        found = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(most))
        return [(event.action, event.details) for event in found]

    return newest


@pytest.fixture
def everything(open_app):
    """`everything()` is all that Undo may change, as it stands."""
    tables = (AuditEvent, toggle.Setting, User, Number, SignInSession)
    return lambda: [db.session.execute(select(*table.__table__.columns)).all() for table in tables]
