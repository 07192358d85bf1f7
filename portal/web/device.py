"""The second cookie: it marks a browser in which a person has signed in before, and outlasts the sessions."""

from flask import after_this_request, request
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.extensions import current_settings
from portal.models import SignInLink, User
from portal.services.accounts import devices, links


def name_of_device_cookie() -> str:
    """Browsers take the __Host- prefix only with Secure, for every path and without a domain."""
    return "__Host-device" if current_settings().https else "device"


def read_device_cookie() -> str:
    """What this browser brought along, "" for nothing."""
    return request.cookies.get(name_of_device_cookie(), "")


def set_device_cookie(value: str) -> None:
    """Set the cookie on the answer to this request."""

    @after_this_request
    def _set(answer: Response) -> Response:
        answer.set_cookie(name_of_device_cookie(), value, max_age=devices.COOKIE_LASTS, httponly=True, samesite="Lax",
                          secure=current_settings().https)
        return answer


def list_links_to_tell() -> list[SignInLink]:
    """Links made by another person that opened the signed-in person's account, unless already seen in this browser.

    Only links of the last year are told; older ones are erased.
    """
    if not current_user.is_authenticated or current_user.link_used_at is None:
        return []
    read_at = devices.links_read_until(read_device_cookie(), current_user)
    return links.list_links_used_by_others(current_user, read_at) if current_user.link_used_at > read_at else []


def remember_sign_in(user: User) -> None:
    """Remember that this person has signed in here."""
    set_device_cookie(devices.cookie_after_sign_in(read_device_cookie(), user))


def note_links_read(user: User) -> None:
    """Remember that this person has read here about links to their account."""
    set_device_cookie(devices.cookie_after_links_read(read_device_cookie(), user))
