"""Pages that are the same for every stranger: made once in each language, kept compressed, sent with an ETag.

Who is signed in, or has something to be told that nobody else is told, gets a page of their own; of that, too, the
part that is the same for all may be kept. A page depends on its language, on the settings of the application and on
what is handed to the function that makes it, and on nothing else: these are what it is kept under.
"""

from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any

from flask import Flask, Response, current_app, request, session
from flask_login import current_user

from portal.web import kept_parts
from portal.web.kept_content import KeptContent, answer_with_content, keep_content
from portal.web.reader import language_of_reader

# More than there are pages, languages and states of what they tell; older ones go.
MOST_KEPT = 100
# What the session of a stranger may hold without a word of it on the page.
SAYS_NOTHING = frozenset({"csrf_token", "_permanent"})


def is_reader_like_all() -> bool:
    """Whether this reader gets what every stranger gets in their language.

    Nobody is signed in or was, the page before has left nothing to say, and the address asks for nothing but a
    language: a page repeats its address in the links to its other languages.
    """
    own = session.keys() - SAYS_NOTHING or request.args.keys() - {"lang"}
    return not own and not current_user.is_authenticated


def answer_all_strangers(make: Callable[..., str], *told: Hashable, mimetype: str = "text/html") -> Response:
    """What `make(*told)` writes; for a reader like all others it was made before, and has an ETag."""
    if is_reader_like_all():
        return answer_with_content(_keep_compressed(keep_words(make, *told)), mimetype)
    return Response(make(*told), mimetype=mimetype)


def keep_words(make: Callable[..., str], *told: Hashable) -> str:
    """What `make(*told)` writes in the reader's language, made once for all who are told the same."""
    app: Any = current_app
    return _make_once(app._get_current_object(), language_of_reader(), make, told)


def forget_pages() -> None:
    """Make every page anew: what pages are made of has changed under a running portal, as tests do."""
    _make_once.cache_clear()
    kept_parts.forget_parts()


@lru_cache(maxsize=MOST_KEPT)
def _make_once(_app: Flask, _language: str, make: Callable[..., str], told: tuple[Hashable, ...]) -> str:
    return make(*told)


@lru_cache(maxsize=MOST_KEPT)
def _keep_compressed(page: str) -> KeptContent:
    return keep_content(page.encode())
