"""Every route for everybody, about the records of Maple Clinic."""

import pytest

from tests.security.maple import settle, tables, undone, walk
from tests.security.table import GETS, POSTS, ROWS, WHO, outcome

# What a page that is open asks for, and what it says, without a click.
BY_THEMSELVES = {"/messages/news", "/messages/<ref>/news", "/messages/<ref>/texts/<text>/read", "/notices/counts",
                 "/operator/carriers/<ref>/news", "/admin/changes/<ref>/progress",
                 "/admin/import/<ref>/progress"}


@pytest.fixture
def held(app):
    """The records that the addresses are about."""
    return settle(app)


@pytest.mark.parametrize("who", WHO)
def test_looking(app, browse, who):
    """SEC-02, SEC-04: every page for everybody; and no page writes."""
    found = {rule: outcome(answer) for rule, answer in walk(app, browse, who).items()}
    assert found == {row.rule: row.codes[who] for row in GETS}


@pytest.mark.parametrize("row", [row for row in POSTS if row.refused], ids=str)
def test_who_may_not_change(app, browse, held, row):
    """SEC-02: a form filled in as it should be is refused, and has changed nothing."""
    browsers = {who: browse(who) for who in row.refused}
    before = tables(app)
    for who, browser in browsers.items():
        answer = browser.post(held.address(row.rule), data=held.form(row.rule))
        assert outcome(answer) == row.codes[who], who
    assert tables(app) == before


@pytest.mark.parametrize("row", POSTS, ids=str)
def test_who_may_change(app, browse, held, row):
    """SEC-02: the same form from whoever may send it."""
    for who in row.passing:
        with undone(app):
            answer = browse(who).post(held.address(row.rule), data=held.form(row.rule))
            assert outcome(answer) == row.codes[who], who


def test_parts_for_the_signed_out(browse, held):
    """SEC-01: the page stays and the live region says what to do; no sign-in page lands inside a table."""
    browser = browse()
    token = {"csrf_token": browser.token()}
    for row in (row for row in ROWS if row.closed):
        sent = {"data": token} if row.method == "POST" else {}
        answer = browser.open(held.address(row.rule), method=row.method, part=True, **sent)
        assert answer.status_code == 401, row
        assert answer.text.count("<hx-partial") == answer.text.count('hx-target="#said"') == 1, row
        asks_by_itself = row.rule in BY_THEMSELVES and (row.method == "POST" or not row.rule.endswith("/read"))
        assert answer.headers["HX-Reswap"] == ("delete" if asks_by_itself else "none"), row
