"""Browsers in which a person has signed in before. A signed cookie keeps strangers' tries from counting there.

This is OWASP's "device cookie". For each person the cookie holds a random id with its own bucket of tries, a hash of
the password they signed in with, and until when they have read who used links to their account. After a new password
every other browser counts as a stranger's: a person who knew the old password must not guess the new one from there.
The database stores none of this.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

from portal.extensions import now
from portal.models import User

from .. import hashes

# The longest that browsers keep a cookie.
COOKIE_LASTS = timedelta(days=400)
# The most people per browser; the cookie drops the person who used it least recently.
PEOPLE_PER_BROWSER = 8


@dataclass(frozen=True, slots=True)
class DeviceMark:
    """One person's part of the cookie: the browser's id, a hash of their password, and until when they read.

    `read` is in seconds since 1970 (UTC).
    """

    id: str
    fits: str
    read: float = 0


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="device")


def _who(user_id: int) -> str:
    return hashes.keyed_hash(str(user_id), "device")[:16]


def _fitting(hashed: str) -> str:
    return hashes.keyed_hash(hashed, "device-password")[:16]


def _marks(cookie: str) -> dict[str, DeviceMark]:
    try:
        marks = _signer().loads(cookie, max_age=int(COOKIE_LASTS.total_seconds()))
        return {who: DeviceMark(*values) for who, values in marks.items()}
    except (BadData, AttributeError, TypeError, ValueError):
        return {}


def _mark(cookie: str, user: User) -> DeviceMark:
    return _marks(cookie).get(_who(user.id), DeviceMark("", "")) if cookie else DeviceMark("", "")


def links_read_until(cookie: str, user: User) -> datetime:
    """The moment up to which a person has read, in this browser, who used links to their account."""
    return datetime.fromtimestamp(_mark(cookie, user).read, UTC)


def find_device_id(cookie: str, user_id: int, hashed: str) -> str:
    """This browser's id for a person who signed in here with the password of this hash, else ""."""
    mark = _marks(cookie).get(_who(user_id))
    return mark.id if mark and mark.id and hashed and secrets.compare_digest(mark.fits, _fitting(hashed)) else ""


def cookie_after_sign_in(cookie: str, user: User) -> str:
    """The cookie after a person has signed in with their present password."""
    mark, fits = _mark(cookie, user), _fitting(user.password_hash)
    kept = mark.id if mark.fits == fits else secrets.token_urlsafe(12)
    return _with(cookie, user, DeviceMark(kept, fits, mark.read))


def cookie_after_links_read(cookie: str, user: User) -> str:
    """The cookie after a person has read who used links to their account, until now."""
    return _with(cookie, user, replace(_mark(cookie, user), read=now().timestamp()))


def _with(cookie: str, user: User, mark: DeviceMark) -> str:
    others = {who: one for who, one in _marks(cookie).items() if who != _who(user.id)}
    marks = {**dict(list(others.items())[1 - PEOPLE_PER_BROWSER:]), _who(user.id): mark}
    return str(_signer().dumps({who: [one.id, one.fits, one.read] for who, one in marks.items()}))
