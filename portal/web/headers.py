"""Headers on every answer, static files and errors included."""

from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask_login import current_user
from werkzeug.routing import RequestRedirect

from portal.processes import htmx_file

POLICY = (
    "default-src 'none'; script-src {script}; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# What is no page loads nothing.
POLICY_OF_FILES = "default-src 'none'; sandbox; frame-ancestors 'none'"
# The headers of a request on which a page depends. A stranger's language stands in a cookie. A file depends on none.
WHAT_DECIDES = ("HX-Request", "Accept-Language", "Cookie")
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Never no-referrer: the protection of forms under https compares the Referer.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}

# The same for everybody; a browser keeps them and asks whether they changed.
FILES = frozenset({"static", "status.send_htmx_file"})
# Pages that a browser or a search engine may keep, of readers who are not signed in.
CACHED = frozenset({"notices.show_limitations", "notices.show_quiet_hours", "notices.export_rules",
                    "notices.show_privacy", "notices.show_accessibility", "notices.show_help"})


def send_headers(app: Flask) -> None:
    """Add the headers to every answer of the application."""
    settings = app.config["SETTINGS"]
    policy = POLICY.format(script="'self'" if settings.htmx == "self" else htmx_file.CDN)

    @app.after_request
    def add(response: Response) -> Response:
        response.headers.update(FIXED)
        _say_what_it_may(response, policy)
        if settings.https:
            response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if isinstance(request.routing_exception, RequestRedirect) and not settings.private:
            # Without its last slash an address leads on; behind a proxy the host is not what people see.
            path = urlsplit(response.location or "/")._replace(scheme="", netloc="").geturl()
            response.location = settings.portal_url + path
        _say_who_may_keep(response)
        return response


def _say_what_it_may(response: Response, policy_of_pages: str) -> None:
    """What the browser may load for it, and on which headers of a request it depends."""
    is_file = request.endpoint in FILES and response.status_code < 400
    response.headers["Content-Security-Policy"] = POLICY_OF_FILES if is_file else policy_of_pages
    response.vary.update(() if is_file else WHAT_DECIDES)


def _say_who_may_keep(response: Response) -> None:
    if response.status_code >= 400 or not may_be_cached():
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex"
    elif "Set-Cookie" in response.headers:
        # The chosen language is one reader's; a proxy would hand the cookie on to others.
        response.cache_control.private = True


def may_be_cached() -> bool:
    """Whether this is the same for everybody; an error never is: it carries the reader's name and form token."""
    return request.endpoint in FILES or (request.endpoint in CACHED and not current_user.is_authenticated)
