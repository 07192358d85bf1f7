"""The reader of a page: the signed-in person, their language and their time zone."""

from datetime import timedelta
from functools import cache
from urllib.parse import parse_qsl, quote, urlencode
from zoneinfo import ZoneInfo

from babel import Locale
from flask import Response, g, has_request_context, request
from flask_babel import refresh
from flask_login import current_user

from portal.extensions import current_settings
from portal.models import User
from portal.web.htmx import find_page_to_open, path_on_this_site
from portal.wording.languages import LANGUAGES, list_zone_names, locale_of_language

LANGUAGE_STAYS = timedelta(days=400)


def signed_in_user() -> User:
    """The signed-in person themselves, for services."""
    actor: User = current_user._get_current_object()
    return actor


def language_of_reader() -> str:
    """The code of the reader's language; English for the command line.

    What the address asks for comes first, then a person's own choice, what was chosen in this browser before, and the
    browser's own language. Before the last comes what a page offers to one invited person.
    """
    if not has_request_context():
        return "en"
    return _chosen_language() or str(g.get("offered_language", "")) or _language_of_browser()


def _chosen_language() -> str:
    """What the reader has chosen, here or before; "" for nothing."""
    own = current_user.language if current_user.is_authenticated else ""
    chosen = (request.args.get("lang", ""), own, request.cookies.get(name_of_language_cookie(), ""))
    return next((code for code in chosen if code in LANGUAGES), "")


def offer_language(code: str) -> None:
    """Write this page and the next ones in this language ("fr"; "" for none), until the reader chooses one.

    Who is signed in reads what was meant for another person, and goes on in their own language.
    """
    if code and not current_user.is_authenticated and not _chosen_language():
        g.offered_language = code
        keep_language_here(code)
        refresh()


def address_of_page(**more: str) -> str:
    """The address of this page in no language in particular, with `more` at its end: to open it again in another one.

    What answers a form may have no page at its address: then it is the page from which the form came.
    """
    if request.method in ("GET", "HEAD"):
        path, asked = quote(request.path), list(request.args.items(multi=True))
    else:
        path, _mark, query = find_page_to_open().partition("?")
        asked = parse_qsl(query, keep_blank_values=True)
    kept = [(name, value) for name, value in asked if name != "lang" and (name != "next" or path_on_this_site(value))]
    query = urlencode([*kept, *more.items()])
    return (path_on_this_site(path) or "/") + (f"?{query}" if query else "")


def name_of_language_cookie() -> str:
    """The name of the cookie that keeps a language; like the others it has the __Host- prefix under https."""
    return "__Host-language" if current_settings().https else "language"


def keep_language_here(code: str) -> None:
    """Let this browser keep a language ("" for none), so that the page to sign in is in it, too."""
    g.language_to_keep = code


def remember_language(answer: Response) -> Response:
    """Store in the browser what `keep_language_here` was given, or what a stranger's address asks for."""
    asked = request.args.get("lang", "") if request.method == "GET" else ""
    if asked in LANGUAGES and not current_user.is_authenticated:
        keep_language_here(asked)
    if "language_to_keep" in g:
        # Without a language it ends at once.
        answer.set_cookie(name_of_language_cookie(), g.language_to_keep, secure=current_settings().https, httponly=True,
                          max_age=LANGUAGE_STAYS if g.language_to_keep else 0, samesite="Lax")
    return answer


def _language_of_browser() -> str:
    """The first language that the browser names and that there is: "fr-CA, en" asks for French."""
    named = (code.replace("_", "-").partition("-")[0].lower() for code, quality in request.accept_languages if quality)
    return next((code for code in named if code in LANGUAGES), "en")


def locale_of_reader() -> Locale:
    """The reader's locale."""
    return _read_locale(locale_of_language(language_of_reader()))


@cache
def _read_locale(name: str) -> Locale:
    """One for all requests, so that what is kept for it is found by its identity."""
    return Locale.parse(name)


def zone_of_reader() -> ZoneInfo:
    """The reader's time zone: their own, else their location's, else UTC."""
    if not current_user.is_authenticated:
        return ZoneInfo("UTC")
    own = current_user.time_zone or (current_user.location.time_zone if current_user.location else "")
    return ZoneInfo(own if own in list_zone_names() else "UTC")
