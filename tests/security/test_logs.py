"""What the portal writes down about itself: that something happened, never about whom."""

import json
import logging
import re

import pytest
from sqlalchemy.exc import OperationalError

from portal import logs
from portal.services.people import users
from portal.services.upkeep import housekeeping
from tests import cast

# The OWASP logging vocabulary, as far as the portal has something to say.
SECURITY = {"authn_login_success", "authn_login_fail", "authz_fail", "excess_rate_limit_exceeded", "session_expired"}
OURS = {"unhandled_error", "database_unavailable"}
CANARY = {"name": "Quillon Canary", "email": "quillon.canary@example.com", "number": "+1 416 555 0187"}
SEEN = re.compile(r"quillon|canary|4165550187|555.?0187", re.IGNORECASE)
BREAKING = "a\r\nb\nc\x1b[31md\u2028e\u2029f\x85g\x00"


def of(lines):
    """The lines as objects; each is one line of JSON in ASCII."""
    assert all(line.isascii() and line.isprintable() for line in lines)
    return [json.loads(line) for line in lines]


@pytest.fixture
def broken(monkeypatch):
    """`broken(error)` makes the search for a person fail with it."""
    def make(error):
        def fail(*given, **named):
            raise error

        monkeypatch.setattr(users, "find_user", fail)

    return make


def go_through(browse):
    """The canary through every kind of page and answer."""
    ada, otto, nobody = browse("Ada"), browse("Otto"), browse()
    place = re.search(r'<option value="([^"]+)">Toronto', ada.get("/admin/users/new").text).group(1)
    assert ada.post("/admin/users/new", data={**CANARY, "location": place}).status_code == 200
    assert ada.get("/admin/users?search=quillon.canary").status_code == 200
    assert otto.post("/admin/users/new", data={**CANARY, "location": "x"}).status_code == 422
    assert ada.post("/admin/check", data={"user": CANARY["email"], "number": CANARY["number"]}).status_code == 200
    assert nobody.post("/sign-in", data={"email": CANARY["email"], "password": "Quillon"}).status_code == 422
    assert nobody.get(f"/quillon-canary?x={CANARY['email']}", headers={"User-Agent": "Canary"}).status_code == 404
    assert nobody.post("/account", data=CANARY).status_code == 401
    assert ada.post("/account", data=CANARY, token=False).status_code == 400
    assert browse("Uli").get("/admin/users?search=canary").status_code == 403


def test_no_name_no_address_no_number(browse, log_lines, broken):
    """SEC-20: nothing that a person typed, found or is called stands in any line, faults included."""
    go_through(browse)
    for error, code in (ValueError(str(CANARY)), 500), (OperationalError("SELECT", CANARY, Exception("canary")), 503):
        broken(error)
        assert browse("Ada").get("/admin/users/quillon-canary").status_code == code
    assert {line["event"] for line in of(log_lines)} >= {"authn_login_fail", "authz_fail", *OURS}
    assert [line for line in log_lines if SEEN.search(line)] == []


def test_the_words_are_the_agreed_ones(browse, log_lines, clock):
    """SEC-20: whoever collects the lines knows what to look for."""
    nobody, ada = browse(), browse("Ada")
    for password in (cast.PASSWORD, "wrong", *["wrong"] * 10):
        nobody.post("/sign-in", data={"email": "ben@example.com", "password": password})
        nobody.post("/sign-out")
    browse("Ben").get("/operator/")
    clock.forward(minutes=31)
    ada.get("/admin/")
    assert {line["event"] for line in of(log_lines)} == SECURITY
    assert {line["logger"] for line in of(log_lines)} == {"portal.security"}


def test_who_is_an_id(browse, log_lines, people):
    """SEC-20: a line tells when, how bad, what, by which account, in which request, and at which door."""
    browse("Uli").get("/operator/")
    (line,) = of(log_lines)
    assert line.pop("at").endswith("+00:00")
    assert re.fullmatch("[0-9a-f]{12}", line.pop("request"))
    assert line == {"level": "warning", "logger": "portal.security", "event": "authz_fail", "user": people["Uli"].id,
                    "endpoint": "operator.organizations"}


def test_a_fault_is_found_by_its_reference(browse, log_lines, monkeypatch):
    """SEC-20: the page of a fault shows the id under which the log tells type and place, and no more."""
    monkeypatch.setattr(housekeeping, "is_database_writable", lambda: {}["quillon"])
    page = browse().get("/health/ready")
    (line,) = of(log_lines)
    assert line["request"] in page.text
    assert (line["error"], line["level"]) == ("KeyError", "error")
    assert any("portal/blueprints/status" in place for place in line["trace"])
    assert "quillon" not in log_lines[0] + page.text
    assert "Traceback" not in page.text


@pytest.mark.parametrize("where", ["path", "query", "agent", "email"])
def test_no_input_ends_a_line(browse, log_lines, where):
    """SEC-20: line breaks, escapes and separators that somebody sends stay out of the log or inside a string."""
    nobody, agent = browse(), "a\x1b[31mb\x85c\x00\u00e9"
    {
        "path": lambda: nobody.get(f"/admin/{BREAKING}"),
        "query": lambda: nobody.get("/admin/", query_string={"x": BREAKING}),
        "agent": lambda: nobody.get("/admin/", headers={"User-Agent": agent}),
        "email": lambda: nobody.post("/sign-in", data={"email": BREAKING, "password": BREAKING}),
    }[where]()
    browse("Uli").get("/operator/")
    assert of(log_lines)


def test_a_value_in_a_line_stays_one_line():
    """SEC-20: whatever a line is given, the line is one, and gives it back."""
    record = logging.LogRecord("portal", logging.WARNING, "", 0, BREAKING, (), None)
    record.fields = {"about": BREAKING}
    line = logs.JsonLineFormatter().format(record)
    assert len(line.splitlines()) == 1
    assert of([line])[0]["about"] == of([line])[0]["event"] == BREAKING
