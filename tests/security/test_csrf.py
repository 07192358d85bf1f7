"""Forms that another site, or another session, made up are refused before anything happens."""

import pytest
from sqlalchemy import select

from portal.extensions import db
from portal.models import Report
from portal.rules.cases import Lane
from tests.security.maple import settle, tables
from tests.security.table import FORMS

# Whoever is signed in already and sends an old sign-in form is led on: see test_edges.py.
# Strangers report without it as well, when their session has ended meanwhile: see below.
# A form that none of these people may send has a test of its own.
NEEDED = [row for row in FORMS if row.rule != "/report-spam" and row.passing]
PUBLIC = {"PORTAL_URL": "https://texting.example.com", "TRUSTED_HOSTS": "localhost"}


@pytest.mark.parametrize("token", ["", "made-up", "of another session"])
def test_every_form_needs_the_token_of_its_session(app, browse, token):
    """SEC-04: without it, with a wrong one, with a stranger's: 400 for every route that changes something."""
    held = settle(app)
    token = browse("Mia").token() if token == "of another session" else token
    browsers = {who: browse(who) for who in {row.passing[0] for row in NEEDED}}
    before = tables(app)
    for row in (row for row in NEEDED if row.rule != "/sign-in"):
        sent = {**held.form(row.rule), "csrf_token": token}
        answer = browsers[row.passing[0]].post(held.address(row.rule), data=sent, token=False)
        assert answer.status_code == 400, row
    assert tables(app) == before


@pytest.mark.parametrize("token", ["", "made-up", "of another session"])
def test_a_report_without_it_is_taken_and_read_last(app, browse, inside, token):
    """SEC-04: another site that sends reports by its visitors' browsers gets them into the slow lane only."""
    token = browse("Mia").token() if token == "of another session" else token
    typed = {"sender": "416 555 0101", "body": "You won!", "csrf_token": token}
    assert browse().post("/report-spam", data=typed, token=False).status_code == 303
    with inside():
        assert db.session.scalars(select(Report.lane)).one() is Lane.SLOW


def test_the_protection_is_on(app):
    """SEC-04: the tests run with it, as the portal does; a form that stays open over lunch still saves."""
    assert app.config.get("WTF_CSRF_ENABLED", True)
    assert app.config["WTF_CSRF_TIME_LIMIT"] is None
    assert app.config["WTF_CSRF_SECRET_KEY"] != app.config["SECRET_KEY"]


@pytest.mark.parametrize(("referer", "code"), [
    ("https://localhost/account", 303), ("https://evil.example/", 400), ("http://localhost/account", 400), ("", 400),
])
def test_over_https_the_form_comes_from_here(another, browse, referer, code):
    """SEC-04: the second lock, which a page with `Referrer-Policy: no-referrer` would break."""
    ada = browse("Ada", another(**PUBLIC))
    answer = ada.post("/account", data={"language": "", "time_zone": ""}, base_url="https://localhost",
                      headers={"Referer": referer})
    assert answer.status_code == code


def test_a_header_does_not_stand_in_for_the_session(browse):
    """SEC-04: the token in the header counts as in the field, and only with its session."""
    ada = browse("Ada")
    sent = {"data": {"language": "", "time_zone": ""}, "token": False}
    assert ada.post("/account", **sent, headers={"X-CSRFToken": ada.token()}).status_code == 303
    assert ada.post("/account", **sent, headers={"X-CSRFToken": browse("Mia").token()}).status_code == 400
    assert ada.post("/account", **sent, headers={"HX-Request": "true"}).status_code == 400
