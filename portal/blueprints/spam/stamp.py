"""When a form was made, signed: programs fill in forms faster than people, or keep one for days."""

import secrets
from datetime import timedelta

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from portal.extensions import now

# In the place of a stamp, in a form that is made for many. Drawn anew in each process, so that it stands nowhere else.
NO_STAMP = secrets.token_urlsafe(24)
QUICKEST, SLOWEST = timedelta(seconds=3), timedelta(hours=24)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="made")


def make_form_stamp() -> str:
    """A stamp for a form that is made now."""
    return str(_signer().dumps(now().timestamp()))


def find_stamp_flaw(stamp: str) -> str:
    """What is odd about the stamp of a form that comes back: "fast", "stale", "forged" (or none), "" for nothing."""
    try:
        age = timedelta(seconds=now().timestamp() - float(_signer().loads(stamp)))
    except BadData:
        return "forged"
    if age < QUICKEST:
        return "fast"
    return "stale" if age > SLOWEST else ""
