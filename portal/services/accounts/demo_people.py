"""Signing in without a password as one of the people of a demo. Who may do so is for the door to ask."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.extensions import db, writing
from portal.models import AccountState, PortalMark, User

from .. import audit
from . import sessions

# Holds the refs of the people on offer, with blanks between; only the demo writes it.
PEOPLE_MARK = "demo-people"


def list_demo_people() -> list[User]:
    """The people whom this database offers to sign in as, in the demo's order; [] where it is no demo."""
    mark = db.session.get(PortalMark, PEOPLE_MARK)
    refs = mark.value.split() if mark else []
    if not refs:
        return []
    found = select(User).options(joinedload(User.organization)).where(
        User.ref.in_(refs), User.account == AccountState.ACTIVE)
    return sorted(db.session.scalars(found), key=lambda user: refs.index(user.ref))


def find_demo_person(ref: str) -> User | None:
    """The person of the demo with this ref; None for anybody else, and where the database is no demo."""
    return next((user for user in list_demo_people() if user.ref == ref), None)


def begin_demo_session(user: User, browser: str) -> str:
    """Begin a session of a person of the demo and note it in the audit log; returns the key for the cookie."""
    with writing():
        key = sessions.begin_session(user, browser)
        audit.record_event(user, "signed-in", user)
    return key
