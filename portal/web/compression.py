"""Compressed answers, and those that never are.

From the length of a compressed page somebody who watches the network could guess a secret in it letter by letter, if
they can also choose what else stands there (BREACH). So the tokens of forms are masked anew in every answer
(form_tokens.py), pages with a one-time secret stay as they are, and so does what another site makes a browser ask for.
"""

import zlib
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import brotli
from flask import Flask, Response, current_app, g, request
from markupsafe import Markup

from portal.web.toast import Toast, list_toasts

TYPES = frozenset({"text/html", "text/css", "text/javascript", "application/json", "image/svg+xml"})
# What fits into one packet gains nothing.
SMALLEST = 1024
GZIP_FRAME = 31


class Coding(NamedTuple):
    """One way to compress, as `pack(content, level)`: at the level for an answer, and for what is compressed once."""

    pack: Callable[[bytes, int], bytes]
    level: int
    hardest: int


# Measured with bench/wire.py. Brotli at 5 takes as long as gzip at 6 for a twentieth less; at 11 it takes forty times
# as long for a tenth less again. Of gzip, 9 takes up to twice as long as 6 for one hundredth less. Brotli comes first;
# browsers ask for it over https only.
CODINGS = {
    "br": Coding(lambda content, level: brotli.compress(content, mode=brotli.MODE_TEXT, quality=level), 5, 11),
    "gzip": Coding(lambda content, level: zlib.compress(content, level, GZIP_FRAME), 6, 9),
}

# The code of a page, and of a page that says what is wrong in its form.
PAGES = (200, 422)

View = TypeVar("View", bound=Callable[..., Any])
# Filled by `shows_secret`.
VIEWS_WITH_SECRETS: set[Callable[..., Any]] = set()


def shows_secret(view: View) -> View:
    """Mark a view whose answers may hold a secret that opens something: they are never compressed.

    Stands between the route and the view. Where the view takes a form, its empty form holds no secret yet.
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


def pack_content(content: bytes, coding: str, once: bool = False) -> bytes:
    """The bytes as `coding` of CODINGS writes them, without a time in it: the same content gives the same bytes.

    once: it is done for many answers and may take its time.
    """
    chosen = CODINGS[coding]
    return chosen.pack(content, chosen.hardest if once else chosen.level)


def wanted_coding() -> str:
    """The coding that the browser takes, at least as gladly as the plain content; "" if it asks for that, or a part."""
    best = request.accept_encodings.best_match((*CODINGS, "identity"))
    whole = request.method != "HEAD" and "Range" not in request.headers
    return best if whole and best in CODINGS else ""


def _compress(answer: Response) -> Response:
    if answer.mimetype in TYPES:
        answer.vary.add("Accept-Encoding")
    if _may_tell():
        # No proxy compresses it either.
        answer.cache_control.no_transform = True
    elif _is_worth_it(answer) and (coding := wanted_coding()):
        answer.set_data(pack_content(answer.get_data(), coding))
        answer.headers["Content-Encoding"] = coding
    return answer


def _may_tell() -> bool:
    """Whether the length of the answer might tell something to those who should not know it."""
    elsewhere = request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")
    return _may_show_secret() or g.get("secret_said", False) or (elsewhere and bool(request.cookies))


def _may_show_secret() -> bool:
    """Whether this is an answer of a marked view, other than the empty form of one that takes a form."""
    if current_app.view_functions.get(request.endpoint or "") not in VIEWS_WITH_SECRETS:
        return False
    rules = current_app.url_map.iter_rules(request.endpoint)
    return request.method == "POST" or not any("POST" in (rule.methods or ()) for rule in rules)


def _is_worth_it(answer: Response) -> bool:
    """A whole page or other text of some size. What has an ETag stands for these very bytes."""
    if answer.mimetype not in TYPES or answer.status_code not in PAGES or answer.is_streamed:
        return False
    untouched = not {"Content-Encoding", "Content-Disposition", "ETag"} & set(answer.headers.keys())
    return untouched and not answer.direct_passthrough and len(answer.get_data()) >= SMALLEST
