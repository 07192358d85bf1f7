"""The second cookie: it marks a browser that somebody has signed in with before, and outlasts their sessions."""

from flask import after_this_request, current_app, request
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.models import SignInLink, User
from portal.services.accounts import devices, links


def name() -> str:
    """Browsers take the __Host- prefix only with Secure, for every path and without a domain."""
    return "__Host-device" if current_app.config["SETTINGS"].https else "device"


def given() -> str:
    """What this browser brought along, "" for nothing."""
    return request.cookies.get(name(), "")


def hand_out(value: str) -> None:
    """Set the cookie on the answer to this request."""

    @after_this_request
    def _set(answer: Response) -> Response:
        answer.set_cookie(name(), value, max_age=devices.LASTS, httponly=True, samesite="Lax",
                          secure=current_app.config["SETTINGS"].https)
        return answer


def links_to_tell() -> list[SignInLink]:
    """Links that somebody else made and that opened the account of whoever is signed in, unless read in this browser.

    What is told is what happened in the last year; older links are erased.
    """
    if not current_user.is_authenticated or current_user.link_used_at is None:
        return []
    read_at = devices.read_at(given(), current_user)
    return links.links_used(current_user, read_at) if current_user.link_used_at > read_at else []


def mark_signed_in(user: User) -> None:
    """Remember that this person has signed in here."""
    hand_out(devices.signed_in(given(), user))


def mark_read(user: User) -> None:
    """Remember that this person has read here about links to their account."""
    hand_out(devices.has_read(given(), user))
