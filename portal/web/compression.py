"""Compressed answers, and those that never are.

From the length of a compressed page somebody who watches the network could guess a secret in it letter by letter, if
they can also choose what else stands there (BREACH). So the tokens of forms are masked anew in every answer
(form_tokens.py), pages with a one-time secret stay as they are, and so does what another site makes a browser ask for.
"""

import zlib
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request
from markupsafe import Markup

from portal.web.toast import Toast, list_toasts

TYPES = frozenset({"text/html", "text/css", "text/javascript", "application/json", "image/svg+xml"})
# What fits into one packet gains nothing.
SMALLEST = 1024
# Measured with bench/wire.py: 9 takes up to twice as long for one hundredth less, 1 gives a tenth more.
LEVEL = 6
GZIP_FRAME = 31

# The code of a page, and of a page that says what is wrong in its form.
PAGES = (200, 422)

View = TypeVar("View", bound=Callable[..., Any])
# Filled by `shows_secret`.
VIEWS_WITH_SECRETS: set[Callable[..., Any]] = set()


def shows_secret(view: View) -> View:
    """Mark a view whose answers may hold a secret that opens something: they are never compressed.

    Stands between the route and the view.
    """
    VIEWS_WITH_SECRETS.add(view)
    return view


def show_toasts() -> list[Toast]:
    """What the page before has left to say. A link may be among it, and that may be a secret one."""
    said = list_toasts()
    g.secret_said = any(isinstance(one.words, Markup) for one in said)
    return said


def compress_answers(app: Flask) -> None:
    """Compress what is worth it. To be registered before all else that looks at answers: the first comes last."""
    app.after_request(_compress)
    app.jinja_env.globals["list_toasts"] = show_toasts


def pack_content(content: bytes, level: int = LEVEL) -> bytes:
    """The bytes in gzip's format, without a time in it: the same content gives the same bytes."""
    return zlib.compress(content, level, GZIP_FRAME)


def is_gzip_wanted() -> bool:
    """Whether the browser takes gzip, at least as gladly as the plain content, and asks for the whole of it."""
    best = request.accept_encodings.best_match(("gzip", "identity"))
    return best == "gzip" and request.method != "HEAD" and "Range" not in request.headers


def _compress(answer: Response) -> Response:
    if answer.mimetype in TYPES:
        answer.vary.add("Accept-Encoding")
    if _may_tell():
        # No proxy compresses it either.
        answer.cache_control.no_transform = True
    elif _is_worth_it(answer) and is_gzip_wanted():
        answer.set_data(pack_content(answer.get_data()))
        answer.headers["Content-Encoding"] = "gzip"
    return answer


def _may_tell() -> bool:
    """Whether the length of the answer might tell something to those who should not know it."""
    view = current_app.view_functions.get(request.endpoint or "")
    elsewhere = request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")
    return view in VIEWS_WITH_SECRETS or g.get("secret_said", False) or (elsewhere and bool(request.cookies))


def _is_worth_it(answer: Response) -> bool:
    """A whole page or other text of some size. What has an ETag stands for these very bytes."""
    if answer.mimetype not in TYPES or answer.status_code not in PAGES or answer.is_streamed:
        return False
    untouched = not {"Content-Encoding", "Content-Disposition", "ETag"} & set(answer.headers.keys())
    return untouched and not answer.direct_passthrough and len(answer.get_data()) >= SMALLEST
