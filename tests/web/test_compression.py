"""Which answers are compressed, and which never are."""

import brotli
import pytest
from flask import Flask, Response, flash
from markupsafe import Markup

from portal.web import compression
from tests.cast import UNPACK, page_text

PAGE = "<p>A page of some size.</p>\n" * 100
WANTED = {"Accept-Encoding": "gzip, deflate, br, zstd"}


def answer_with(content=PAGE, status=200, mimetype="text/html", **headers):
    return Response(content, status, {name.replace("_", "-"): value for name, value in headers.items()},
                    mimetype=mimetype)


@pytest.fixture
def small():
    """An application of nothing but views that answer with what the test gives."""
    app = Flask(__name__)
    app.secret_key = "of the test"
    compression.compress_answers(app)
    return app


@pytest.fixture
def ask(small):
    """`ask(answer, method, **headers)` lets a view answer that."""

    def asked(answer, method="GET", cookie="", **headers):
        small.view_functions["view"] = lambda: answer
        if "view" not in {rule.endpoint for rule in small.url_map.iter_rules()}:
            small.add_url_rule("/", "view", methods=["GET", "POST"])
        client = small.test_client()
        if cookie:
            client.set_cookie("session", cookie)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.open("/", method=method, headers={**WANTED, **named})

    return asked


@pytest.mark.parametrize("mimetype", sorted(compression.TYPES))
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("status", [200, 422])
def test_text_of_some_size_is_compressed(ask, mimetype, method, status):
    """The same text, in fewer bytes that are counted right."""
    answer = ask(answer_with(mimetype=mimetype, status=status), method)
    assert answer.headers["Content-Encoding"] == "br"
    assert page_text(answer) == PAGE
    assert answer.content_length == len(answer.data) < len(PAGE)
    assert answer.headers["Vary"] == "Accept-Encoding"


def in_pieces():
    return answer_with(iter([PAGE, PAGE]))


@pytest.mark.parametrize("make", [
    lambda: answer_with("x" * (compression.SMALLEST - 1)), lambda: answer_with(mimetype="text/csv"),
    lambda: answer_with(mimetype="image/png"), lambda: answer_with(status=400), lambda: answer_with(status=206),
    lambda: answer_with(status=303), lambda: answer_with("", status=204), lambda: answer_with(status=500),
    lambda: answer_with(ETag='"these bytes"'), lambda: answer_with(Content_Encoding="br"),
    lambda: answer_with(Content_Disposition="attachment"), in_pieces,
])
def test_all_else_stays_as_it_is(ask, make):
    """Small or no text, errors, empty answers, parts, files to save, what comes in pieces or is packed already."""
    plain, answer = make(), ask(make())
    assert answer.headers.get("Content-Encoding") == plain.headers.get("Content-Encoding")
    assert answer.data == plain.data
    assert answer.headers.get("ETag") == plain.headers.get("ETag")


@pytest.mark.parametrize(("accepted", "packed"), [
    ("gzip", "gzip"), ("GZIP", "gzip"), ("br, gzip;q=0.1", "br"), ("br;q=0.1, gzip", "gzip"), ("gzip, br", "br"),
    ("*", "br"), ("gzip, identity", "gzip"), ("", None), ("br", "br"), ("BR", "br"), ("br;q=0, gzip", "gzip"),
    ("identity", None), ("gzip;q=0", None), ("*;q=0", None), ("gzip;q=0.5, identity", None),
    ("gzip;q=x", None), ("gzipped", None), ("brotli", None), ("zstd", None),
])
def test_only_who_takes_it_gets_it(ask, accepted, packed):
    """And everybody between is told that the answer depends on it."""
    answer = ask(answer_with(), Accept_Encoding=accepted)
    assert answer.headers.get("Content-Encoding") == packed
    assert page_text(answer) == PAGE
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_a_head_and_a_range_get_the_plain_length(ask):
    """A HEAD has no body to compress, a range counts the plain bytes."""
    head, part = ask(answer_with(), "HEAD"), ask(answer_with(), Range="bytes=0-9")
    for answer in (head, part):
        assert "Content-Encoding" not in answer.headers
        assert answer.headers["Vary"] == "Accept-Encoding"
    assert (head.data, head.content_length) == (b"", len(PAGE))


@pytest.mark.parametrize(("site", "cookie", "packed"), [
    ("cross-site", "one", False), ("same-site", "one", False), ("cross-site", "", True), ("same-origin", "one", True),
    ("none", "one", True), ("", "one", True),
])
def test_another_site_learns_no_lengths(ask, site, cookie, packed):
    """What another site makes the reader's browser ask for tells nothing of what only the reader may see."""
    answer = ask(answer_with(), cookie=cookie, Sec_Fetch_Site=site)
    assert ("Content-Encoding" in answer.headers) == packed
    assert ("no-transform" in answer.headers.get("Cache-Control", "")) != packed


def test_a_view_that_is_marked_is_never_compressed(small):
    """Neither here nor by a proxy that heeds the header; what was said about keeping it stays."""
    small.add_url_rule("/", "view", compression.shows_secret(lambda: answer_with(Cache_Control="no-store")))
    answer = small.test_client().get("/", headers=WANTED)
    assert answer.text == PAGE
    assert answer.headers["Cache-Control"] == "no-store, no-transform"


def test_of_a_marked_view_with_a_form_only_the_answer_is_plain(small):
    """The empty form holds no secret yet."""
    view = compression.shows_secret(answer_with)
    small.add_url_rule("/", "view", view, methods=["GET"])
    small.add_url_rule("/", "view", view, methods=["POST"])
    client = small.test_client()
    assert client.get("/", headers=WANTED).headers["Content-Encoding"] == "br"
    assert "Content-Encoding" not in client.post("/", headers=WANTED).headers


@pytest.mark.parametrize(("said", "packed"), [("Saved.", True), (Markup('<a href="/x">Follow</a>'), False)])
def test_a_page_that_shows_a_link_from_before_is_never_compressed(small, said, packed):
    """A link that the page before has left to say may be a secret one."""

    @small.get("/say")
    def say():
        flash(said)
        return ""

    @small.get("/show")
    def show():
        return "".join(one.words for one in compression.show_toasts()) + PAGE

    client = small.test_client()
    client.get("/say")
    first, second = (client.get("/show", headers=WANTED) for _ in range(2))
    assert ("Content-Encoding" in first.headers) == packed
    assert "Content-Encoding" in second.headers
    assert page_text(first) == str(said) + PAGE


@pytest.mark.parametrize("coding", compression.CODINGS)
def test_packing_is_the_same_every_time(coding):
    """There is no time in it, and no name."""
    packed, once = (compression.pack_content(PAGE.encode(), coding, once=once) for once in (False, True))
    assert packed == compression.pack_content(PAGE.encode(), coding)
    assert {UNPACK[coding](one).decode() for one in (packed, once)} == {PAGE}
    assert coding != "gzip" or packed[:8] == b"\x1f\x8b\x08" + b"\x00" * 5


@pytest.mark.parametrize(("headers", "method", "wanted"), [
    (WANTED, "GET", "br"), (WANTED, "POST", "br"), (WANTED, "HEAD", ""), ({}, "GET", ""),
    ({**WANTED, "Range": "bytes=0-1"}, "GET", ""),
])
def test_who_wants_it_packed(small, headers, method, wanted):
    """Who says so, and asks for the whole content."""
    with small.test_request_context(headers=headers, method=method):
        assert compression.wanted_coding() == wanted


@pytest.mark.parametrize(("address", "part"), [("/admin/users", False), ("/admin/users", True), ("/admin/", False)])
def test_pages_of_the_portal_are_compressed(browse, address, part):
    """Pages and parts, with all the headers that they have otherwise."""
    ada = browse("Ada")
    plain, packed = ada.get(address, part=part), ada.get(address, part=part, headers=WANTED)
    assert packed.headers["Content-Encoding"] == "br"
    assert len(brotli.decompress(packed.data)) == len(plain.data) > 2 * len(packed.data)
    assert packed.headers["Cache-Control"] == "no-store"
    assert {"Accept-Encoding", "HX-Request"} <= set(packed.headers["Vary"].split(", "))


def test_the_pages_use_it(browse):
    """Where a page says what the one before has left, it goes through `show_toasts`."""
    assert browse().application.jinja_env.globals["list_toasts"] is compression.show_toasts
