"""Errors in plain words: what happened, what to do, and what was typed."""

from collections.abc import Mapping

from flask import Flask, Response, current_app, g, make_response, redirect, render_template, request
from flask_babel import gettext
from flask_login import AnonymousUserMixin, current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, SecurityError

from portal import logs
from portal.extensions import current_settings
from portal.marks import N_
from portal.web.counts import counts_for_reader
from portal.web.doors import BY_ITSELF
from portal.web.htmx import (
    find_page_behind,
    find_page_to_open,
    path_on_this_site,
    respond_page_outdated,
    respond_session_ended,
    respond_without_words,
    wants_part,
)
from portal.web.typed_fields import list_typed_fields

# Heading, what happened, what to do; by status.
ERROR_SENTENCES: Mapping[int, tuple[str, str, str]] = {
    400: (N_("This did not work"), N_("The page had been open for too long, or the request was not complete."),
          N_("Open the page again and repeat what you did.")),
    401: (N_("Your session has ended"), N_("You are not signed in any more. Nothing was saved."),
          N_("Sign in again and repeat what you did.")),
    403: (N_("This is not for your role"), N_("Your account does not have the role that this page needs."),
          N_("Ask an administrator of your organization if you should have it.")),
    404: (N_("There is nothing here"), N_("This address leads nowhere, or not for you."),
          N_("Check the address, or start from the first page.")),
    405: (N_("This did not work"), N_("This address cannot be used that way."), N_("Start from the first page.")),
    409: (N_("Another person was faster"), N_("The record has changed since you opened the page. Nothing was saved."),
          N_("Open the page again and repeat your change if it is still needed.")),
    413: (N_("This is too large"), N_("The portal does not take that much at once. Nothing was saved."),
          N_("Send less, or split the file.")),
    429: (N_("Too many tries"), N_("There were too many tries in a short time."), N_("Wait a while and try again.")),
    500: (N_("Something broke on our side"), N_("The request could not be finished. The fault has been recorded."),
          N_("Try again. If it happens again, tell the people who run this portal. Reference: %(reference)s")),
    503: (N_("The portal is busy"), N_("The database did not answer in time. Nothing was saved."),
          N_("Try again in a moment.")),
}
# What a form was refused for, which setting to look at, and what is said instead of the words for 400.
FORGED = {
    "The CSRF session token is missing.": ("no session cookie", "PORTAL_URL"),
    "The CSRF token is missing.": ("no token", ""),
    "The CSRF token is invalid.": ("token not signed here", "CSRF_KEY"),
    "The CSRF tokens do not match.": ("token of another session", "SECRET_KEY"),
    "no origin": ("no Origin and no Referer", "PORTAL_URL"),
    "another origin": ("another Origin or Referer", "PORTAL_URL"),
}
ORIGINS = {
    "no origin": (N_("This did not work"), N_("Nothing says from which page the form comes. Nothing was saved."),
                  N_("A browser or a proxy has taken Origin and Referer away: let it send them to this portal.")),
    "another origin": (N_("This did not work"), N_("The form comes from another address than the portal's own."
                                                   " Nothing was saved."),
                       N_("Open the portal at %(address)s and repeat what you did. If you did, tell the people who run"
                          " it to look at PORTAL_URL.")),
}


def register_error_pages(app: Flask) -> None:
    """Answer every error with a page that helps."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(Exception, _broken)


def error_page(code: int, words: tuple[str, str, str] | None = None) -> Response:
    """The page for a status, or in words of its own; nothing for what a browser asks without a click."""
    _know_the_reader()
    if wants_part() and request.endpoint in BY_ITSELF:
        return respond_without_words(code)
    heading, text, what_to_do = words or ERROR_SENTENCES.get(code, ERROR_SENTENCES[500 if code >= 500 else 400])
    answer = make_response(render_template(
        "shared/error.html", code=code, heading=gettext(heading), text=gettext(text), errors=True,
        what_to_do=gettext(what_to_do, reference=logs.request_id(), address=current_settings().portal_url),
        kept=list_typed_fields() if code != 404 else [], back=find_page_to_open(), behind=find_way_back(),
    ), code)
    if wants_part():
        # A page instead of a part: it replaces the content, not the part that was asked for.
        answer.headers.update({"HX-Retarget": "#main", "HX-Reselect": "#main", "HX-Reswap": "outerHTML"})
    return answer


def find_way_back() -> str:
    """The page on which the reader was, if it says so and is another one; else ""."""
    behind = find_page_behind()
    return "" if behind.partition("?")[0] in ("", "/", request.path) else behind


def _know_the_reader() -> None:
    """Where the database cannot say who reads, the page is for nobody in particular."""
    try:
        counts_for_reader()  # this asks the database who reads, and how much waits for them
    except SQLAlchemyError:
        g._login_user = AnonymousUserMixin()  # noqa: SLF001 - Flask-Login's only place for it


def _forged(error: CSRFError) -> Response:
    """Say in the log what a form lacks and which setting has to do with it, and on the page what to do."""
    known = str(error.description)
    cause, setting = FORGED.get(known, ("token", "CSRF_KEY"))
    _know_the_reader()
    logs.log_security_event("csrf_refused", cause=cause, setting=setting)
    if wants_part() and not current_user.is_authenticated:
        return respond_session_ended()
    if wants_part() and request.endpoint not in BY_ITSELF:
        # Whoever has signed in here since, the page stays with all that is typed in it.
        return respond_page_outdated()
    if request.endpoint == "auth.submit_sign_in" and current_user.is_authenticated:
        # The person has signed in since, in another window: there is nothing left to do here.
        return make_response(redirect(path_on_this_site(request.form.get("next", "")) or "/", 303))
    return error_page(400, ORIGINS.get(known))


def _http(error: HTTPException) -> Response:
    if isinstance(error, SecurityError):
        logs.security.warning("host_refused", extra={"fields": {"setting": "PORTAL_URL, TRUSTED_HOSTS"}})
        # The host is not ours: addresses cannot be built from it, so the answer is plain.
        return Response("This address is not served here.\n", 400, mimetype="text/plain")
    if error.response is not None or (error.code or 500) < 400:
        return make_response(error.get_response())
    answer = error_page(error.code or 500)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.allow.update(error.valid_methods)
    return answer


def _busy(error: OperationalError) -> Response:
    current_app.logger.error("database_unavailable", exc_info=error)
    return error_page(503)


def _broken(error: Exception) -> Response:
    current_app.logger.error("unhandled_error", exc_info=error)
    if current_app.debug:
        raise error
    return error_page(500)
