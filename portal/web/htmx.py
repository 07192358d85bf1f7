"""Answering with a page or with a part of it."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Response, current_app, make_response, redirect, render_template, request, session

from portal.web.toast import Toast, Tone, tell_next_page

# Longer than any address of a page here.
LONGEST_PATH = 2000


def wants_part() -> bool:
    """Whether htmx asks; it says so in a header, and the answer varies by it."""
    return "HX-Request" in request.headers


def path_on_this_site(address: str) -> str:
    """A path of this portal, or "" for anything that might lead elsewhere.

    A second slash or a backslash begins the name of another host; browsers drop control characters first.
    """
    own = address.startswith("/") and not address.startswith("//") and "\\" not in address
    return address if own and address.isprintable() else ""


def find_page_behind() -> str:
    """The page from which htmx asks or a form comes, as a path of this portal; "" where nothing says it."""
    said = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    try:
        parts = urlsplit(said[:LONGEST_PATH])
    except ValueError:
        return ""
    return path_on_this_site(parts._replace(scheme="", netloc="", fragment="").geturl())


def find_other_page_behind() -> str:
    """The page of this portal from which an address was opened or a form was sent; "" where that is none, or itself."""
    said = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    behind = find_page_behind() if said.startswith(request.host_url) else ""
    return "" if behind.partition("?")[0] in ("", "/", request.path) else behind


def find_page_to_open() -> str:
    """Where a person goes on after signing in: some forms go to addresses that are no pages."""
    routes = current_app.create_url_adapter(request)
    own = request.path if routes and routes.test(request.path, "GET") else ""
    behind = find_page_behind()
    # Some browsers say no more than the host.
    return behind if behind not in ("", "/") else own


def respond_session_ended(swap: str = "none") -> Response:
    """The page stays with all that is typed in it, and its live region says that the session has ended.

    `swap` "delete" removes the element that asks on a timer, so that the reader hears it once.
    """
    back = find_page_behind()
    kept = bool(back) and session.get("kept") == back.partition("?")[0]
    answer = make_response(render_template("shared/_ended.html", back=back, kept=kept, outdated=False), 401)
    answer.headers["HX-Reswap"] = swap
    return answer


def respond_without_words(status: int) -> Response:
    """The answer to a failed request that nobody made by a click: the page stays with all that is typed in it.

    An element that is refused goes and asks no more; one that met a fault on our side asks again.
    """
    return Response(status=status, headers={"HX-Reswap": "none" if status >= 500 else "delete"})


def respond_page_outdated() -> Response:
    """The same for a page of an earlier session in a browser in which somebody has signed in since."""
    answer = make_response(render_template("shared/_ended.html", back=find_page_behind(), kept=False,
                                           outdated=True), 400)
    answer.headers["HX-Reswap"] = "none"
    return answer


def respond(page: str, part: str, context: Mapping[str, Any], *, title: str,
            rest: Callable[[], Mapping[str, Any]] = dict, ok: bool = True, go: str = "", said: str = "",
            tone: Tone = Tone.DONE, undo: str = "", status: int = 422) -> Response:
    """The answer to a form: the part for htmx, else a redirect to `go`; either with `status` when refused.

    `context` is what the part needs, `rest` gives what the page needs besides or instead. The page includes the
    part, so that the two cannot differ. `said` is announced in the page's live region in this `tone`, with a button
    that undoes it where `undo` is the ref of an offer; `title` is the page's, which says when there is an error.
    """
    code = 200 if ok else status
    if wants_part():
        body = render_template(part, errors=not ok, **context)
        told = render_template("shared/_said.html", title=title, errors=not ok,
                               toasts=[Toast(said, tone.value, undo)] if said else [])
        return make_response(body + told, code)
    if ok:
        if said:
            tell_next_page(said, tone, undo)
        return make_response(redirect(go, 303))
    return make_response(render_template(page, errors=True, **{**context, **rest()}), code)


def reload_page(page: str) -> Response:
    """The page is no longer true: htmx loads the one that the reader has open again, a form leads to `page`."""
    if wants_part():
        return Response(headers={"HX-Refresh": "true"})
    return make_response(redirect(page, 303))
