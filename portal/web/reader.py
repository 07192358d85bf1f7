"""The reader of a page: the signed-in person, their language and their time zone."""

from datetime import timedelta
from functools import lru_cache
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, available_timezones

from flask import Response, has_request_context, request
from flask_login import current_user

from portal.extensions import current_settings
from portal.models import User
from portal.web.htmx import path_on_this_site

# By their codes in settings; each is called what its speakers call it.
LANGUAGES = {"en": "English", "de": "Deutsch", "pl": "Polski", "fr": "Français"}
# French is that of Canada, also where dates and numbers are written.
LOCALES = {"fr": "fr_CA"}
LANGUAGE_COOKIE, LANGUAGE_STAYS = "language", timedelta(days=400)


def signed_in_user() -> User:
    """The signed-in person themselves, for services."""
    actor: User = current_user._get_current_object()
    return actor


def language_of_reader() -> str:
    """The code of the reader's language; English for the command line.

    What the address asks for comes first, then a person's own choice, what was chosen in this browser before, and the
    browser's own language.
    """
    if not has_request_context():
        return "en"
    own = current_user.language if current_user.is_authenticated else ""
    chosen = (request.args.get("lang", ""), own, request.cookies.get(LANGUAGE_COOKIE, ""))
    return next((code for code in chosen if code in LANGUAGES), "") or _language_of_browser()


def address_in_language(code: str) -> str:
    """The address of this page that asks for a language: to link to, and to hand on."""
    others = [(name, value) for name, value in request.args.items(multi=True)
              if name != "lang" and (name != "next" or path_on_this_site(value))]
    return f"{request.path}?{urlencode([*others, ('lang', code)])}"


def remember_language(answer: Response) -> Response:
    """Keep the language that an address asked for, for a stranger's next pages. Who is signed in has a setting."""
    code = request.args.get("lang", "")
    if code in LANGUAGES and request.method == "GET" and not current_user.is_authenticated:
        answer.set_cookie(LANGUAGE_COOKIE, code, max_age=LANGUAGE_STAYS, secure=current_settings().https,
                          httponly=True, samesite="Lax")
    return answer


def _language_of_browser() -> str:
    """The first language that the browser names and that there is: "fr-CA, en" asks for French."""
    named = (code.replace("_", "-").partition("-")[0].lower() for code, quality in request.accept_languages if quality)
    return next((code for code in named if code in LANGUAGES), "en")


def locale_of_language(code: str) -> str:
    """The locale in which a language is written here: "fr_CA" for "fr"; English for what is not known."""
    return LOCALES.get(code, code if code in LANGUAGES else "en")


def locale_of_reader() -> str:
    """The reader's locale."""
    return locale_of_language(language_of_reader())


@lru_cache(maxsize=1)
def list_zone_names() -> tuple[str, ...]:
    """The names of all time zones with a place in them."""
    return tuple(sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))


def zone_of_reader() -> ZoneInfo:
    """The reader's time zone: their own, else their location's, else UTC."""
    if not current_user.is_authenticated:
        return ZoneInfo("UTC")
    own = current_user.time_zone or (current_user.location.time_zone if current_user.location else "")
    return ZoneInfo(own if own in list_zone_names() else "UTC")
