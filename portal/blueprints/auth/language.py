"""The buttons of the languages, which are on every page."""

from flask import abort, redirect, request, url_for
from flask_babel import refresh
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.services.people import users
from portal.web import reader
from portal.web.htmx import path_on_this_site
from portal.wording.languages import LANGUAGES

from . import bp


@bp.post("/account/language")
def choose_language() -> Response:
    """Set the language by its button, and open the page again that showed it. Whose session has ended is a stranger."""
    code, back = request.form.get("language", ""), path_on_this_site(request.form.get("back", ""))
    if code not in LANGUAGES:
        abort(404)
    if current_user.is_authenticated:
        set_reader_language(code, current_user.time_zone)
    else:
        reader.keep_language_here(code)
    return redirect(back or url_for("auth.show_home"), 303)


def set_reader_language(code: str, zone: str) -> None:
    """Set the reader's own language and time zone; what is said from here on is in that language already."""
    users.set_preferences(current_user, code, zone)
    reader.keep_language_here(code)
    refresh()
