"""Headers on every answer, static files and errors included."""

from flask import Flask, Response, request
from flask_login import current_user

from portal import htmx_file

POLICY = (
    "default-src 'none'; script-src {script}; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
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
FILES = frozenset({"static", "status.htmx"})
# Pages that a browser or a search engine may keep, of readers who are not signed in.
CACHED = frozenset({"notices.limitations", "notices.rules_json", "notices.privacy"})


def send_headers(app: Flask) -> None:
    """Add the headers to whatever the application answers."""
    settings = app.config["SETTINGS"]
    policy = POLICY.format(script="'self'" if settings.htmx == "self" else htmx_file.CDN)

    @app.after_request
    def add(response: Response) -> Response:
        response.headers.update(FIXED)
        response.headers["Content-Security-Policy"] = policy
        response.vary.update(("HX-Request", "Accept-Language"))
        if settings.https:
            response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if request.endpoint not in FILES and (request.endpoint not in CACHED or current_user.is_authenticated):
            response.headers["Cache-Control"] = "no-store"
            response.headers["X-Robots-Tag"] = "noindex"
        return response
