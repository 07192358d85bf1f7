"""Where a form comes from: besides its token, the browser has to name this portal."""

from urllib.parse import urlsplit

from flask import Flask, request
from flask_wtf.csrf import CSRFError

from portal.extensions import current_settings
from portal.web.form_tokens import csrf

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def guard_forms(app: Flask) -> None:
    """Look at every form that needs a token, where people come over https."""
    if app.config["SETTINGS"].https:
        app.before_request(_ask)


def _ask() -> None:
    if request.method not in UNSAFE or request.endpoint is None or csrf._is_exempt():  # noqa: SLF001 - as it asks itself
        return
    said = request.headers.get("Origin", "")
    said = request.headers.get("Referer", "") if said in ("", "null") else said
    if not said:
        raise CSRFError("no origin")
    if origin_of_address(said) != _own():
        raise CSRFError("another origin")


def _own() -> tuple[str, str, int | None]:
    """PORTAL_URL's origin; under a further name of TRUSTED_HOSTS that one's.

    Of PORTAL_URL's own name the port is PORTAL_URL's: a proxy may leave it out of Host, and what answers at another
    port of that machine is not the portal.
    """
    known, here = origin_of_address(current_settings().portal_url), origin_of_address(request.host_url)
    return known if here[1] == known[1] else here


def origin_of_address(address: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of an address; the port of https where none is named."""
    try:
        parts = urlsplit(address)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return "", "", None
    return parts.scheme, (parts.hostname or "").lower(), port
