"""Errors in plain words: what happened, what to do, and what was typed."""

from flask import Flask, Response, current_app, g, make_response, redirect, render_template, request
from flask_babel import gettext
from flask_login import AnonymousUserMixin, current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, SecurityError

from portal import logs
from portal.extensions import current_settings
from portal.web.counts import counts_for_reader
from portal.web.doors import BY_ITSELF
from portal.web.error_words import ORIGIN_WORDS, ErrorWords, words_of_error
from portal.web.htmx import (
    find_other_page_behind,
    find_page_to_open,
    path_on_this_site,
    respond_page_outdated,
    respond_session_ended,
    respond_without_words,
    wants_part,
)
from portal.web.typed_fields import list_typed_fields

# What a form was refused for, and which setting to look at.
FORGED = {
    "The CSRF session token is missing.": ("no session cookie", "PORTAL_URL"),
    "The CSRF token is missing.": ("no token", ""),
    "The CSRF token is invalid.": ("token not signed here", "CSRF_KEY"),
    "The CSRF tokens do not match.": ("token of another session", "SECRET_KEY"),
    "no origin": ("no Origin and no Referer", "PORTAL_URL"),
    "another origin": ("another Origin or Referer", "PORTAL_URL"),
}


def register_error_pages(app: Flask) -> None:
    """Answer every error with a page that helps."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(Exception, _broken)


def error_page(code: int, words: ErrorWords | None = None) -> Response:
    """The page for a status, or in words of its own; nothing for what a browser asks without a click."""
    _know_the_reader()
    if wants_part() and request.endpoint in BY_ITSELF:
        return respond_without_words(code)
    kept = list_typed_fields() if code != 404 else []
    said = words or words_of_error(code, current_user._get_current_object(), request.blueprint or "", kept=bool(kept))
    answer = make_response(render_template(
        "shared/error.html", code=code, heading=gettext(said.heading), text=gettext(said.text), errors=True,
        what_to_do=gettext(said.what_to_do, reference=logs.request_id(), address=current_settings().portal_url),
        kept=kept, back=find_page_to_open(), behind=find_other_page_behind(),
    ), code)
    if wants_part():
        # A page instead of a part: it replaces the content, not the part that was asked for.
        answer.headers.update({"HX-Retarget": "#main", "HX-Reselect": "#main", "HX-Reswap": "outerHTML"})
    return answer


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
        # A person may have signed in here since: the page stays with all that is typed in it.
        return respond_page_outdated()
    if request.endpoint == "auth.submit_sign_in" and current_user.is_authenticated:
        # The person has signed in since, in another window: there is nothing left to do here.
        return make_response(redirect(path_on_this_site(request.form.get("next", "")) or "/", 303))
    return error_page(400, ORIGIN_WORDS.get(known))


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
