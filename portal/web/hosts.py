"""Under which host names the portal answers, behind a proxy or to a supervisor that asks by address."""

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from portal.config import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Supervisors ask by address, and learn nothing but whether the portal is well.
HEALTH = frozenset({"/health/live", "/health/ready"})


class OwnNameMiddleware:
    """Puts right what a request says about the portal itself, after the proxies have been believed."""

    def __init__(self, application: "WSGIApplication", settings: Settings) -> None:
        self.application, self.settings = application, settings

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[Any]:
        """A name is the same in capitals, and https is what PORTAL_URL says, not what a header says."""
        environ["HTTP_HOST"] = environ.get("HTTP_HOST", "").lower()
        if environ.get("PATH_INFO") in HEALTH:
            environ["HTTP_HOST"] = self.settings.portal_host
        if self.settings.https:
            environ["wsgi.url_scheme"] = "https"
        return self.application(environ, start_response)


def measure_body() -> None:
    """Read a body that does not say how long it is, as it would be read if it said so: whole, or not at all."""
    environ = request.environ
    if not environ.get("wsgi.input_terminated") or request.content_length is not None:
        return
    most = request.max_content_length or 0
    body = _read(environ["wsgi.input"], most + 1)
    too_long = len(body) > most
    environ["wsgi.input"] = io.BytesIO(b"" if too_long else body)
    environ["CONTENT_LENGTH"] = "0" if too_long else str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    if too_long:
        raise RequestEntityTooLarge


def _read(stream: Any, most: int) -> bytes:
    """Read a body in chunks; where they are none, the request is bad and nothing of ours is broken."""
    try:
        return bytes(stream.read(most))
    except (ParseException, OSError) as error:
        raise BadRequest from error
