"""Which doors are open. All others are closed to strangers and to people without the role."""

from collections.abc import Callable

from flask import Flask, Response, abort, redirect, request, session, url_for
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as AnyResponse

from portal import logs
from portal.extensions import login, now
from portal.models import User
from portal.services.accounts import sessions
from portal.web.htmx import respond_session_ended, wants_part
from portal.web.kept_forms import follow_returned_form, keep_posted_form, note_ended_session

# Views that answer strangers too.
OPEN_VIEWS = frozenset({
    "static", "auth.show_home", "auth.sign_in", "auth.submit_sign_in", "auth.sign_in_as_demo_person",
    "auth.show_welcome", "auth.choose_password", "auth.choose_language",
    "notices.show_limitations", "notices.show_quiet_hours", "notices.export_rules", "notices.show_privacy",
    "notices.show_accessibility", "notices.show_help", "notices.show_sender",
    "spam.redirect_to_report_form", "spam.show_report_form", "spam.submit_report", "spam.show_report_thanks",
    "spam.show_report_status",
    "hooks.take_webhook", "status.show_liveness", "status.show_readiness", "status.send_htmx_file",
})

# Auditors may not post, but for these two. Both only read; they are POST so that phone numbers stay out of URLs.
READING_BY_POST = frozenset({"admin.show_check_result", "admin.search_optouts", "admin.search_consents"})
# What an auditor does as the second person: releases texts that an administrator asked for, and reads them.
SECOND_PERSON = frozenset({"admin.decide_request", "admin.open_released_texts"})
# Nothing to read here, only a form for what an auditor may not do.
CHANGING_ONLY = frozenset({"admin.add_location", "admin.add_user", "admin.show_deactivation",
                           "admin.show_location_answers", "admin.show_provider_request"})

# Who may pass into a blueprint, besides being signed in.
ROLE_OF_BLUEPRINT: dict[str, Callable[[User], bool]] = {
    "admin": lambda user: user.organization_id is not None and (user.admin or (user.auditor and _reads())),
    "messaging": lambda user: user.organization_id is not None,
    "operator": lambda user: user.operator,
}

# Requests that the browser makes without a click: files, pages that ask again on a timer, texts that come into view. It
# keeps nobody's session alive, and files do not even look at it: each would depend on the cookie.
BY_ITSELF = frozenset({"static", "status.send_htmx_file", "messaging.show_new_lines", "messaging.show_inbox_news",
                       "messaging.mark_text_read", "notices.show_counts",
                       "operator.show_carrier_news", "admin.show_long_change_progress",
                       "admin.show_import_progress"})

# Those that mostly have nothing to say, and forms that mostly lead on to another page: it is enough to know the person.
MOSTLY_SILENT = frozenset({("GET", "messaging.show_new_lines"), ("GET", "messaging.show_inbox_news"),
                           ("POST", "messaging.write_new_text")})


def guard_views(app: Flask) -> None:
    """Stand before every request."""
    login.init_app(app)
    # Nobody is remembered here, and to look for it would make every file depend on the cookie.
    app.after_request_funcs[None].remove(login._update_remember_cookie)  # noqa: SLF001 - it has no switch
    login.session_protection = None  # it believes any X-Forwarded-For; our sessions are rows of our own
    login.user_loader(_person)
    app.before_request(_stop)
    app.after_request(_stay)


def _person(key: str) -> User | None:
    used = session.get("used")
    alone = (request.method, request.endpoint) in MOSTLY_SILENT
    return sessions.session_holder(key, used, alone=alone) if used else None


def _reads() -> bool:
    looks = request.method in ("GET", "HEAD", "OPTIONS") and request.endpoint not in CHANGING_ONLY
    return looks or request.endpoint in READING_BY_POST | SECOND_PERSON


def _stop() -> AnyResponse | None:
    """Stop a request whose sender may not come in."""
    if request.endpoint is None or request.endpoint in OPEN_VIEWS:
        return None
    if not current_user.is_authenticated:
        return _sign_in_first()
    may = ROLE_OF_BLUEPRINT.get(request.blueprint or "")
    if may is not None and not may(current_user):
        logs.log_security_event("authz_fail")
        abort(403)
    return None


def _sign_in_first() -> AnyResponse:
    if "_user_id" in session:
        logs.log_security_event("session_expired")
        note_ended_session()
    kept = keep_posted_form()
    if wants_part():
        # The page stays as it is. Somebody may have signed in from another tab since it asked: their cookie stays, too.
        session.modified = False
        return respond_session_ended("delete" if request.endpoint in BY_ITSELF else "none")
    if kept:
        return redirect(url_for("auth.sign_in", next=kept), 303)
    if request.form.keys() - {"csrf_token"}:
        abort(401)  # a page that keeps what was typed
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("auth.sign_in", next=back), 303)


def _stay(response: Response) -> Response:
    """Remember in the signed cookie when a session was last used."""
    if request.endpoint not in BY_ITSELF and "_user_id" in session and _is_reader_known():
        minute = now().replace(second=0, microsecond=0)
        if session.get("used") != minute:
            session["used"] = minute
        follow_returned_form(response.status_code, response.location)
    return response


def _is_reader_known() -> bool:
    """Whether somebody is signed in; not where the database cannot say so. The answer is made, and goes out anyway."""
    try:
        return bool(current_user.is_authenticated)
    except SQLAlchemyError:
        return False
