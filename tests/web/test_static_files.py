"""Static files: addresses with a fingerprint, which a browser keeps for a year, and what becomes of old ones."""

import gzip
import hashlib
import os
import re
from pathlib import Path

import brotli
import pytest
from flask import url_for
from hypothesis import given
from hypothesis import strategies as st

from portal.processes import htmx_file
from portal.web import static_files

YEAR = "public, max-age=31536000, immutable"
# As short as it is sent.
HEAVIEST = 25_600
SHEET = ".a{color:red}" * 100


@pytest.fixture
def folder(app, tmp_path, monkeypatch):
    """Static files of the test's own: a style sheet, and htmx where it is kept."""
    kept = tmp_path / "static"
    (kept / "deeper").mkdir(parents=True)
    (kept / "sheet.css").write_text(SHEET)
    (kept / "deeper" / "small.css").write_text(".b { color: blue }")
    (kept / "report.0123456789ab.css").write_text(".c{color:green}")
    (tmp_path / "secret.css").write_text("not for anybody")
    (tmp_path / "htmx.js").write_text("// htmx" * 300)
    monkeypatch.setattr(app, "static_folder", str(kept))
    monkeypatch.setattr(htmx_file, "path_of_htmx_file", lambda _instance: tmp_path / "htmx.js")
    return kept


def address_of(app, name):
    with app.test_request_context():
        return url_for("static", filename=name)


def test_the_address_is_named_by_the_content(app, folder):
    """Every address that a page gives has the fingerprint of what is there, htmx included."""
    told = hashlib.sha256(SHEET.encode()).hexdigest()[:12]
    assert address_of(app, "sheet.css") == f"/static/sheet.{told}.css"
    assert re.fullmatch(r"/static/deeper/small\.[0-9a-f]{12}\.css", address_of(app, "deeper/small.css"))
    assert re.fullmatch(r"/static/htmx-4\.0\.1\.min\.[0-9a-f]{12}\.js", address_of(app, htmx_file.HTMX_NAME))
    assert address_of(app, "none.css") == "/static/none.css"


@pytest.mark.parametrize("name", ["sheet.css", "deeper/small.css", htmx_file.HTMX_NAME])
def test_only_the_named_address_is_kept_for_a_year(app, browse, folder, name):
    """Under its plain name the same file is there, and a browser asks every time."""
    named, plain = browse().get(address_of(app, name)), browse().get(f"/static/{name}")
    assert (named.status_code, named.headers["Cache-Control"]) == (200, YEAR)
    assert (plain.status_code, plain.headers["Cache-Control"]) == (200, "no-cache")
    assert (named.data, named.mimetype) == (plain.data, plain.mimetype)
    assert named.mimetype == ("text/css" if name.endswith("css") else "text/javascript")


def test_an_old_address_leads_to_the_present_content(app, browse, folder):
    """A page from before an upgrade gets the new style sheet, and nobody keeps it under the old address."""
    old = address_of(app, "sheet.css")
    (folder / "sheet.css").write_text(".a{color:black}" * 100)
    new = address_of(app, "sheet.css")
    answer = browse().get(old)
    assert new != old
    assert (answer.status_code, answer.location) == (302, new)
    assert answer.headers["Cache-Control"] == "no-cache"
    followed = browse().get(old, follow_redirects=True)
    assert (followed.text, followed.headers["Cache-Control"]) == (".a{color:black}" * 100, YEAR)


def test_what_is_kept_for_a_year_is_what_the_fingerprint_says(app, browse, folder):
    """Also when a file changes without a sign: what is sent was read together with its fingerprint."""
    named, stat = address_of(app, "sheet.css"), (folder / "sheet.css").stat()
    (folder / "sheet.css").write_text(SHEET.replace("red", "RED"))
    os.utime(folder / "sheet.css", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    answer = browse().get(named)
    assert answer.headers["Cache-Control"] == YEAR
    assert hashlib.sha256(answer.data).hexdigest()[:12] in named


@pytest.mark.parametrize("name", [
    "none.css", "none.0123456789ab.css", "sheet.0123456789AB.css", "sheet.01234.css", "sheet.0123456789ab", "deeper",
    "../secret.css", "..%2fsecret.css", "deeper/../../secret.css", "../secret.0123456789ab.css", "%00.css",
    "a%00.0123456789ab.css", "x" * 300 + ".css", ".0123456789ab.css",
])
def test_nothing_else_is_there(browse, folder, name):
    """Neither folders nor what lies beside them, nor names that no file can have."""
    answer = browse().get(f"/static/{name}")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")


def test_a_name_of_a_file_may_look_like_a_fingerprint(app, browse, folder):
    """The file that is there comes first."""
    assert browse().get("/static/report.0123456789ab.css").text == ".c{color:green}"
    assert browse().get(address_of(app, "report.0123456789ab.css")).headers["Cache-Control"] == YEAR


@pytest.mark.parametrize("coding", ["gzip", "br"])
@pytest.mark.parametrize("name", ["sheet.css", htmx_file.HTMX_NAME])
def test_a_file_is_compressed_for_those_who_take_it(app, browse, folder, name, coding):
    """Each form has an ETag of its own, and who has it already gets no body."""
    address = address_of(app, name)
    plain, packed = browse().get(address), browse().get(address, headers={"Accept-Encoding": coding})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == coding
    assert {"gzip": gzip, "br": brotli}[coding].decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 2
    assert packed.content_length == len(packed.data)
    assert plain.get_etag() != packed.get_etag()
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Accept-Encoding" in packed.headers["Vary"]
    for answer, takes in ((plain, ""), (packed, coding)):
        again = browse().get(address, headers={"If-None-Match": answer.headers["ETag"], "Accept-Encoding": takes})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == answer.headers["ETag"]
        assert "Accept-Encoding" in again.headers["Vary"]
        assert again.headers["Cache-Control"] == YEAR


def test_a_part_of_a_file_is_never_compressed(app, browse, folder):
    """A range counts the bytes of the file itself."""
    answer = browse().get(address_of(app, "sheet.css"), headers={"Range": "bytes=0-9", "Accept-Encoding": "gzip"})
    assert (answer.status_code, answer.text) == (206, SHEET[:10])
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Content-Range"] == f"bytes 0-9/{len(SHEET)}"


def test_a_head_tells_of_the_file_itself(app, browse, folder):
    """No body, and nothing about a compressed one."""
    answer = browse().head(address_of(app, "sheet.css"), headers={"Accept-Encoding": "gzip"})
    assert (answer.status_code, answer.data, answer.content_length) == (200, b"", len(SHEET))
    assert "Content-Encoding" not in answer.headers


def test_a_file_is_read_once(app, folder, monkeypatch):
    """Pages name it each time, and nobody opens it again before it changes."""
    reads = []
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: reads.append(path) or read(path))
    for _ in range(3):
        address_of(app, "sheet.css")
    assert reads == [folder / "sheet.css"]
    with app.app_context():
        assert static_files.find_static_file("sheet.css").content == SHEET.encode()


@pytest.mark.parametrize("htmx", ["cdn", "self"])
def test_pages_name_files_by_their_content(another, folder, htmx):
    """Whatever a page loads from here it names with a fingerprint, and gets it."""
    app = another(HTMX=htmx)
    loaded = re.findall(r'(?:href|src)="(/static/[^"]+)"', app.test_client().get("/").text)
    assert len(loaded) == (4 if htmx == "self" else 3)
    for address in loaded:
        assert app.test_client().get(address).headers["Cache-Control"] == YEAR, address


PIECES = ("a", ":is(b, c)", " > d", "{", "}", ";", "color: red", "margin: calc(1px + 2px)", "\n  ", "/* ; } ' */", ", ",
          " + e", "@media (min-width: 1rem) ", "& :hover", "&:hover")


@pytest.mark.parametrize(("sheet", "short"), [
    ("/* one */\n.a,\n.b > c { color: red; }\n", ".a,.b>c{color:red}"),
    ("a :is(b, c) { margin: calc(1px + 2px) }", "a :is(b,c){margin:calc(1px + 2px)}"),
    ("@media (min-width: 1rem) { &:hover { top: 0; } & :hover { top: 1px } }",
     "@media (min-width:1rem){&:hover{top:0}& :hover{top:1px}}"),
    (".a::after { content: \" /* ;} \" counter(b); }", ".a::after{content:\" /* ;} \" counter(b)}"),
    ("a { b: url(data:x; y  z) }", "a{b:url(data:x; y  z)}"),
    ("/* ' */ a { b: c }", "a{b:c}"),
])
def test_a_stylesheet_is_sent_short(sheet, short):
    """What people read in it goes, and what it says stays; sent again it is the same."""
    assert static_files.shorten_stylesheet(sheet) == short
    assert static_files.shorten_stylesheet(short) == short


@given(st.lists(st.sampled_from(PIECES)))
def test_shortening_takes_only_what_is_between(pieces):
    """Whatever stands in a style sheet: no word and no sign of it is lost."""
    sheet = "".join(pieces)
    bare = re.sub(r"/\*.*?\*/|\s", "", sheet)
    assert re.sub(r"\s", "", static_files.shorten_stylesheet(sheet)) == bare.replace(";}", "}")


def test_the_stylesheet_is_light(app, browse):
    """A first view loads it whole."""
    assert len(browse().get(address_of(app, "portal.css")).data) <= HEAVIEST
