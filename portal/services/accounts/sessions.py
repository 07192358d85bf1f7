"""Sessions: signed-in browsers, one row each, so that the portal can end a session at once.

The cookie holds a random key; the table holds its hash. The signed cookie says when
the session was last used, so that reading a page writes nothing.
"""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.orm import joinedload

from portal import lengths
from portal.extensions import db, now, writing
from portal.models import SignInLink, SignInSession, User

from .. import hashes
from ..key_lists import is_among

ABSOLUTE = timedelta(hours=12)
IDLE_WITH_ROLE = timedelta(minutes=30)
IDLE = timedelta(hours=12)
# A used link that another person made for the account.
BY_SOMEBODY_ELSE = (SignInLink.used_at.is_not(None),
                    or_(SignInLink.made_by_id.is_(None), SignInLink.made_by_id != SignInLink.user_id))
# A time further ahead was written before the clock was set back. Its age is unknown, so the session has ended.
CLOCK_LEEWAY = timedelta(minutes=5)


# The person with the key of a session, what is to be known of the session, and when a link last opened their account.
# Built once, because every request needs it: building a statement takes longer than running it.
_LINK_USED_AT = select(func.max(SignInLink.used_at)).correlate(SignInSession).where(
    SignInLink.user_id == SignInSession.user_id, *BY_SOMEBODY_ELSE).scalar_subquery().label("link_used_at")
_HOLDER = select(User, SignInSession.began_at, SignInSession.ended_at, _LINK_USED_AT).join(
    SignInSession, SignInSession.user_id == User.id).where(SignInSession.key_hash == bindparam("key_hash"))
_HOLDER_AT_PLACE = _HOLDER.options(joinedload(User.organization), joinedload(User.location))


def begin_session(user: User, browser: str) -> str:
    """Add a session to the open write transaction; returns the key for the cookie."""
    key = secrets.token_urlsafe(32)
    db.session.add(SignInSession(key_hash=hashes.token_hash(key), user_id=user.id,
                                 browser=browser[:lengths.BROWSER_NAME]))
    db.session.flush()
    return key


def _within(moment: datetime, period: timedelta) -> bool:
    """Whether a moment lies at most so long back, and not ahead."""
    return -CLOCK_LEEWAY <= now() - moment <= period


def session_holder(key: str, last_used: datetime, *, alone: bool = False) -> User | None:
    """The person whose session this is; None if it ended, ran out or was idle for too long.

    Their organization and location come with them; with `alone` these are read when they are asked for.
    """
    row = db.session.execute(_HOLDER if alone else _HOLDER_AT_PLACE, {"key_hash": hashes.token_hash(key)}).first()
    if row is None or row.ended_at is not None or not row.User.active:
        return None
    user: User = row.User
    idle = IDLE_WITH_ROLE if user.has_role else IDLE
    if not (_within(row.began_at, ABSOLUTE) and _within(last_used, idle)):
        return None
    user.session_key, user.link_used_at = key, row.link_used_at
    return user


def end_session_by_ref(user: User, ref: str) -> bool:
    """End one session of this person by its ref; False when there is none to end."""
    with writing() as session:
        found = update(SignInSession).where(SignInSession.user_id == user.id, SignInSession.ref == ref,
                                            SignInSession.ended_at.is_(None))
        return bool(session.execute(found.values(ended_at=now())).rowcount)  # type: ignore[attr-defined]


def end_session_by_key(key: str) -> None:
    """End the session with this key."""
    with writing() as session:
        mine = SignInSession.key_hash == hashes.token_hash(key)
        session.execute(update(SignInSession).where(mine).values(ended_at=now()))


def end_all_sessions(user: User) -> None:
    """End every session of a person, in the open write transaction."""
    mine = update(SignInSession).where(SignInSession.user_id == user.id, SignInSession.ended_at.is_(None))
    db.session.execute(mine.values(ended_at=now()))


def end_links(user: User) -> None:
    """End every open sign-in link of a person, in the open write transaction: it runs out at once."""
    end_links_of_users([user.id])


def end_links_of_users(users: Collection[int]) -> None:
    """End every open sign-in link of several people (ids), in one statement."""
    theirs = update(SignInLink).where(is_among(SignInLink.user_id, users), SignInLink.used_at.is_(None),
                                      SignInLink.expires_at > now())
    db.session.execute(theirs.values(expires_at=now()))


def list_open_sessions(user: User) -> list[SignInSession]:
    """The sessions of a person that are still open, newest first."""
    found = select(SignInSession).where(SignInSession.user_id == user.id, SignInSession.ended_at.is_(None),
                                        SignInSession.began_at > now() - ABSOLUTE)
    return list(db.session.scalars(found.order_by(SignInSession.id.desc())))


def is_current_session(session: SignInSession, key: str) -> bool:
    """Whether a session is the one with this key."""
    return secrets.compare_digest(session.key_hash, hashes.token_hash(key))
