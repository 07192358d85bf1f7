"""htmx: one exact file, and markup that gives nobody else anything to do with it."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from portal.processes import htmx_file

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "portal" / "templates").rglob("*.html"))
SOURCES = {path.relative_to(ROOT / "portal" / "templates").as_posix(): path.read_text("utf-8") for path in TEMPLATES}
# What htmx evaluates as code, which the policy forbids and would only fail in the browser.
CODE = re.compile(r"""hx-on\b|hx-(?:vals|headers|request)\s*=\s*["']\s*(?:js|javascript):|"""
                  r"""hx-trigger\s*=\s*["'][^"']*\[""")
# What reaches beyond the element it stands on, or changed its meaning between versions.
BEYOND = re.compile(r":inherited|hx-disable\b|hx-disinherit|hx-inherit|hx-boost|hx-push-url|hx-replace-url|hx-history|"
                    r"hx-ext\b|hx-ws|hx-sse")
ASKING = ("hx-get", "hx-post", "hx-put", "hx-patch", "hx-delete")


class Tags(HTMLParser):
    """The tags of a page or a template with their attributes."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def tags(text):
    # A template's own braces may hold quotes, which would end an attribute.
    return Tags(re.sub(r"{{.*?}}", lambda found: found.group().replace('"', "'"), text, flags=re.DOTALL)).found


def script(app):
    (found,) = [attributes for tag, attributes in tags(app.test_client().get("/").text) if tag == "script"]
    return found


def test_the_page_names_one_exact_file(another):
    """SEC-14: the CDN's address with the full version, checked against the hash before it runs."""
    assert script(another(HTMX="cdn")) == {
        "src": "https://cdn.jsdelivr.net/npm/htmx.org@4.0.1/dist/htmx.min.js", "integrity": htmx_file.INTEGRITY,
        "crossorigin": "anonymous", "defer": None,
    }


def test_the_policy_names_the_same_file(another):
    """SEC-14: no other file of the CDN runs, and no other origin."""
    app = another(HTMX="cdn")
    policy = app.test_client().get("/").headers["Content-Security-Policy"]
    assert f"script-src {script(app)['src']};" in policy
    assert policy.count("://") == 1


def test_the_portal_can_serve_it_itself(another):
    """SEC-14: for networks without internet; nothing foreign is named then."""
    app = another(HTMX="self")
    assert script(app) == {"src": f"/static/{htmx_file.HTMX_NAME}", "defer": None}
    assert "://" not in app.test_client().get("/").headers["Content-Security-Policy"]


def test_the_hash_is_that_of_the_package():
    """SEC-14: computed from the file itself, which `make test` puts there."""
    assert htmx_file.is_htmx_file(htmx_file.path_of_htmx_file(ROOT / "instance").read_bytes())
    assert htmx_file.HTMX_VERSION == "4.0.1"


def test_it_is_told_to_leave_the_history_and_the_styles_alone(browse):
    """SEC-14: by default it would write both, the second against the policy."""
    configured = [attributes["content"] for tag, attributes in tags(browse().get("/").text)
                  if tag == "meta" and attributes.get("name") == "htmx-config"]
    assert configured == ['{"history":false,"includeIndicatorCSS":false}']


@pytest.mark.parametrize("name", SOURCES)
def test_no_template_holds_code_or_reaches_beyond_itself(name):
    """SEC-14: nothing is evaluated, nothing inherited, nothing that another version would read differently."""
    assert CODE.findall(SOURCES[name]) == []
    assert BEYOND.findall(SOURCES[name]) == []


@pytest.mark.parametrize("name", [name for name, text in SOURCES.items() if any(word in text for word in ASKING)])
def test_whatever_asks_says_where_the_answer_goes(name):
    """SEC-14, UX-01: target and swap stand on the element; a form that posts works the same without htmx."""
    for tag, attributes in tags(SOURCES[name]):
        if any(word in attributes for word in ASKING):
            assert attributes["hx-swap"] in ("outerHTML", "innerHTML", "none"), name
            assert attributes["hx-target"], name
        if "hx-get" in attributes and tag == "form":
            # A search while somebody types: Enter does the same without htmx.
            assert (attributes["method"], attributes["action"]) == ("get", attributes["hx-get"]), name
        elif tag == "form" and attributes.get("role") == "search":
            # The same where what is typed stands in no address; its button posts the form.
            assert (attributes["method"], attributes["action"]) == ("post", attributes["hx-post"]), name
            assert "button" in SOURCES[name], name
        elif attributes.get("hx-trigger", "").startswith("input"):
            # What is looked at while somebody types; the form's own button Check does the same without htmx.
            assert 'value="check"' in SOURCES[name], name
        elif "hx-post" in attributes and attributes.get("hx-trigger", "").startswith("change"):
            # What follows from a choice; the page holds the same part already, with every choice in it.
            assert "_preview.html" in SOURCES[name], name
        elif "hx-post" in attributes and attributes.get("hx-trigger") == "intersect once":
            # What comes into view; the page holds a button for it where there is no JavaScript.
            assert "Mark as read" in SOURCES["messaging/thread.html"], name
        elif "hx-post" in attributes and attributes.get("hx-trigger", "").startswith("every"):
            # A poll, which changes nothing; it is posted only where it carries what was searched for.
            assert "hx-get" in attributes, name
        elif "hx-post" in attributes:
            assert (tag, attributes["method"], attributes["action"]) == ("form", "post", attributes["hx-post"]), name
        assert not {"hx-put", "hx-patch", "hx-delete"} & attributes.keys(), name


@pytest.mark.parametrize("name", [name for name, text in SOURCES.items() if 'method="post"' in text])
def test_every_form_carries_the_token(name):
    """SEC-04: as a hidden field, so that it works without htmx; to an address of our own."""
    forms = re.findall(r"<form\b.*?</form>", SOURCES[name], re.DOTALL | re.IGNORECASE)
    for form in (form for form in forms if 'method="post"' in form):
        assert "forms.csrf()" in form or 'name="csrf_token"' in form, form[:200]
        assert "action=" in form
