"""From the lengths of compressed pages nobody learns a secret that opens something."""

import re
from itertools import chain

import pytest

from portal.services.upkeep import machine
from portal.web import compression
from tests.cast import SECRET_ADDRESS
from tests.security.maple import settle, undone
from tests.security.table import FORMS, GETS

GZIP = {"Accept-Encoding": "gzip"}
# The views that show a secret: a sign-in link, a file of them, the link of a report, the form behind a sign-in link,
# texts that were released. A new one gets the mark `shows_secret` and a name here.
SECRETS = {
    "admin.add_user": "/admin/users/new", "admin.create_user_link": "/admin/users/<ref>/link",
    "admin.show_user_link": "/admin/users/<ref>/link/show", "admin.download_import_links": "/admin/import/<ref>/links",
    "admin.open_released_texts": "/admin/records/released/<ref>",
    "auth.show_welcome": "/welcome/<token>", "auth.choose_password": "/welcome/<token>",
    "messaging.report_text": "/messages/<ref>/texts/<text>/report",
    "operator.add_organization": "/operator/organizations/new",
    "operator.create_admin_link": "/operator/organizations/<ref>/sign-in-link",
    "operator.show_admin_link": "/operator/organizations/<ref>/sign-in-link/show",
    "spam.show_report_status": "/report-spam/status/<token>", "spam.show_report_thanks": "/report-spam/thanks/<token>",
}
ROWS = {(row.method, row.rule): row for row in chain(GETS, FORMS)}


def method_of(app, endpoint):
    """The method by which the view shows its secret: by a form, if it takes one."""
    methods = set().union(*(rule.methods for rule in app.url_map.iter_rules() if rule.endpoint == endpoint))
    return "POST" if "POST" in methods else "GET"


def is_plain(answer):
    return "Content-Encoding" not in answer.headers and "no-transform" in answer.headers.get("Cache-Control", "")


def test_these_views_are_marked_and_no_others(app):
    """SEC-33: the list here and the marks in the views say the same."""
    marked = {name for name, view in app.view_functions.items() if view in compression.VIEWS_WITH_SECRETS}
    assert marked == SECRETS.keys()


@pytest.mark.parametrize("endpoint", SECRETS)
def test_what_shows_a_secret_is_never_compressed(app, browse, endpoint):
    """SEC-33: whatever the browser takes, neither here nor by a proxy that heeds the header."""
    held, rule, method = settle(app), SECRETS[endpoint], method_of(app, endpoint)
    row = ROWS[method, rule]
    with undone(app):
        answer = browse(row.passing[0]).open(held.address(rule), method=method, headers=GZIP) if method == "GET" else \
            browse(row.passing[0]).post(held.address(rule), data=held.form(rule), headers=GZIP)
        assert is_plain(answer)
        page = browse(row.passing[0]).open(held.address(rule), method=method, headers=GZIP, part=True)
        assert is_plain(page)


def test_the_link_of_a_report_is_never_compressed(app, browse):
    """SEC-33: beside the text, and without htmx on the next page, which is any page of the conversation."""
    held, rule = settle(app), "/messages/<ref>/texts/<text>/report"
    for part in (True, False):
        with undone(app):
            uli = browse("Uli")
            answer = uli.post(held.address(rule), headers=GZIP, part=part)
            answer = answer if part else uli.get(answer.location, headers=GZIP)
            assert re.search(r"/report-spam/status/\w{24}", answer.text)
            assert is_plain(answer)
            assert "Content-Encoding" in uli.get(f"/messages/{held.conversation}", headers=GZIP).headers


def test_the_doctor_asks_for_a_page_that_is_never_compressed(browse):
    """SEC-33: it is there on every portal, and large enough for a proxy to want to compress it."""
    answer = browse().get(machine.NEVER_COMPRESSED, headers=GZIP)
    assert answer.status_code == 404
    assert is_plain(answer)
    assert len(answer.data) >= compression.SMALLEST


def test_the_suite_looks_for_secrets_on_every_page():
    """What `tests/cast.py` looks for in all answers of all tests finds each kind of link."""
    token = "a1B2" * 6
    for address in (f"/welcome/{token}", f"/report-spam/status/{token}", f"/report-spam/thanks/{token}"):
        assert SECRET_ADDRESS.search(f'<a href="https://texting.example.com{address}">')
    assert not SECRET_ADDRESS.search("/welcome/ /report-spam/status")
