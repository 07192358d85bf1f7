"""Headers on whatever the portal answers, and what an outside examiner makes of them."""

from pathlib import Path

import pytest

from portal.processes import htmx_file
from portal.services.upkeep import housekeeping

PUBLIC = {"PORTAL_URL": "https://texting.example.com", "TRUSTED_HOSTS": "localhost"}
PUBLIC_PAGES = ("/accessibility", "/help", "/limitations", "/limitations/hours", "/limitations/rules.json", "/privacy")
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}


def broken(*_given):
    raise RuntimeError("a fault")


# What is asked for, and the status: as Ada, whatever goes wrong.
ANSWERS = {
    "page": (200, lambda browser: browser.get("/admin/users")),
    "part": (200, lambda browser: browser.get("/notices", part=True)),
    "to another page": (303, lambda browser: browser.get("/")),
    "incomplete": (400, lambda browser: browser.post("/account", token=False)),
    "somebody else's": (403, lambda browser: browser.get("/operator/")),
    "nowhere": (404, lambda browser: browser.get("/nowhere")),
    "wrong method": (405, lambda browser: browser.post("/privacy")),
    "too large": (413, lambda browser: browser.post("/account", data={"language": "x" * 70_000})),
    "not in order": (422, lambda browser: browser.post("/account/password", data={"password": "x"})),
    "fault": (500, lambda browser: browser.get("/health/ready")),
    "file": (200, lambda browser: browser.get("/static/portal.css", buffered=True)),
    "health": (200, lambda browser: browser.get("/health/live")),
    "JSON": (200, lambda browser: browser.get("/limitations/rules.json")),
    "download": (200, lambda browser: browser.get("/admin/users/export")),
    "wrong host": (400, lambda browser: browser.get("/", headers={"Host": "evil.example"})),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_every_answer_has_them(browse, monkeypatch, what):
    """SEC-05: good answers and bad ones, pages and files."""
    monkeypatch.setattr(housekeeping, "is_database_writable", broken)
    code, ask = ANSWERS[what]
    answer = ask(browse("Ada"))
    assert answer.status_code == code
    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
    assert ("HX-Request" in answer.headers["Vary"]) == (what != "file")
    assert "geolocation=()" in answer.headers["Permissions-Policy"]
    assert "Server" not in answer.headers


@pytest.mark.parametrize("htmx", ["cdn", "self"])
def test_the_policy(another, htmx):
    """SEC-05, SEC-14: nothing but our own, and of the CDN exactly one file."""
    said = another(HTMX=htmx).test_client().get("/").headers["Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in said.split("; "))
    script = htmx_file.CDN if htmx == "cdn" else "'self'"
    assert rules == {
        "default-src": "'none'", "script-src": script, "style-src": "'self'", "img-src": "'self'",
        "connect-src": "'self'", "form-action": "'self'", "manifest-src": "'self'", "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }


@pytest.mark.parametrize("name", ["portal.css", "icon.svg"])
def test_a_file_loads_nothing(browse, name):
    """SEC-05: opened by itself, an icon neither asks for anything nor runs anything; where there is none is a page."""
    nobody = browse()
    assert set(nobody.get(f"/static/{name}").headers["Content-Security-Policy"].split("; ")) == {
        "default-src 'none'", "sandbox", "frame-ancestors 'none'"}
    assert "form-action 'self'" in nobody.get(f"/static/no-{name}").headers["Content-Security-Policy"]


def observatory(answer, https):
    """The points of the Mozilla HTTP Observatory for what these headers can earn, 100 to begin with."""
    said, page = answer.headers, answer.text
    policy = said["Content-Security-Policy"]
    cookies = said.getlist("Set-Cookie")
    marks = ("Secure", "HttpOnly", "SameSite=")
    points = {
        "policy": 10 if policy.startswith("default-src 'none'") and "unsafe" not in policy else -25,
        "cookies": 5 if cookies and all(mark in cookie for cookie in cookies for mark in marks) else -20,
        "referrer": 5 if said["Referrer-Policy"] in ("same-origin", "no-referrer", "strict-origin") else -5,
        "frames, by the policy": 5 if "frame-ancestors 'none'" in policy else -20,
        "integrity of foreign scripts": (5 if "integrity=" in page else -50) if "<script src=\"https" in page else 0,
        "resource policy": 10 if said["Cross-Origin-Resource-Policy"] == "same-origin" else 0,
        "embedder policy": 10 if said["Cross-Origin-Embedder-Policy"] == "require-corp" else 0,
        "opener policy": 10 if said["Cross-Origin-Opener-Policy"] == "same-origin" else 0,
        "types": 0 if said["X-Content-Type-Options"] == "nosniff" else -5,
        "https only": 0 if "max-age=31536000" in said.get("Strict-Transport-Security", "") and https else -20,
    }
    return 100 + sum(points.values())


@pytest.mark.parametrize(("htmx", "score"), [("cdn", 160), ("self", 155)])
def test_what_an_examiner_says(another, htmx, score):
    """SEC-05: at least 150 points, over https and with either source of htmx."""
    app = another(HTMX=htmx, **PUBLIC)
    answer = app.test_client().get("/sign-in", base_url="https://localhost")
    assert observatory(answer, app.config["SETTINGS"].https) == score >= 150


def test_https_is_asked_for_only_where_it_is(another, app):
    """A portal on this machine has no https to insist on."""
    assert "Strict-Transport-Security" not in app.test_client().get("/").headers
    public = another(**PUBLIC).test_client().get("/", base_url="https://localhost")
    assert public.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize(
    "address", ["/admin/", "/notices", "/limitations", "/account", "/admin/users/export", "/nowhere"])
def test_nothing_of_the_signed_in_is_kept(browse, address):
    """SEC-33: neither by browsers nor by proxies nor by search engines."""
    answer = browse("Ada").get(address)
    assert (answer.headers["Cache-Control"], answer.headers["X-Robots-Tag"]) == ("no-store", "noindex")


def test_what_strangers_may_keep(browse):
    """Public pages may be found and kept; a page with a form's token may not."""
    nobody = browse()
    assert all("no-store" not in nobody.get(page).headers.get("Cache-Control", "") for page in PUBLIC_PAGES)
    assert nobody.get("/sign-in").headers["Cache-Control"] == "no-store"
    assert nobody.get("/").headers["Cache-Control"] == "no-store"


def test_signing_out_empties_the_browser(browse):
    """SEC-33: what a browser kept all the same is cleared, and the cookie is gone."""
    ada = browse("Ada")
    answer = ada.post("/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "session=;" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize("who", ["Ada", "Nobody"])
def test_files_do_not_depend_on_the_reader(app, browse, monkeypatch, who):
    """A style sheet and htmx are kept by browsers: the same file for everybody, no cookie asked or given."""
    monkeypatch.setattr(htmx_file, "path_of_htmx_file", lambda _instance: Path(app.static_folder) / "icon.svg")
    for name in ("static/portal.css", f"htmx-{htmx_file.HTMX_VERSION}.min.js"):
        answer = browse(who).get(f"/{name}", buffered=True)
        assert answer.status_code == 200
        assert "Cookie" not in answer.headers["Vary"]
        assert "Set-Cookie" not in answer.headers
        assert "no-store" not in answer.headers["Cache-Control"]


def test_a_wrong_method_names_the_right_ones(browse):
    """A 405 says what would be allowed, as HTTP asks."""
    answer = browse().post("/privacy")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_downloads_are_no_pages(browse):
    """A file of users is saved, never shown as a page of the portal."""
    answer = browse("Ada").get("/admin/users/export")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.mimetype == "text/csv"
