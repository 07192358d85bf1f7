"""Every route is known, and closed unless the list of open doors names it."""

import pytest
from werkzeug.routing import Rule

from portal.web import doors
from tests.security.table import POSTS, ROWS

# Blueprints that ask for no role: their pages are everybody's own, or public.
FOR_EVERYBODY = {"auth", "hooks", "notices", "search", "spam", "status"}


def plain(rule: Rule) -> str:
    """A rule without its converters, as the table has it."""
    shown = ("<" + part + ">" if dynamic else part for dynamic, part in rule._trace[1:])
    return "".join(shown)


@pytest.fixture
def routes(app):
    """(method, rule, endpoint) of everything that the portal answers."""
    rules = list(app.url_map.iter_rules())
    return {(method, plain(rule), rule.endpoint) for rule in rules for method in rule.methods - {"HEAD", "OPTIONS"}}


def test_every_route_stands_in_the_table(routes):
    """SEC-01: a route that comes or goes is seen here, until tests/security/table.py says who may pass."""
    assert {(method, rule) for method, rule, _ in routes} == {(row.method, row.rule) for row in ROWS}
    assert len(ROWS) == len(routes)


def test_every_route_is_open_or_closed(routes):
    """SEC-01: a signed-out person is sent to sign in, but for the doors on the list."""
    closed = {(method, rule) for method, rule, endpoint in routes if endpoint not in doors.OPEN_VIEWS}
    assert {(row.method, row.rule) for row in ROWS if row.closed} == closed


def test_the_list_of_open_doors_names_only_doors(routes):
    """SEC-01: no name on the list is left over, none lets anybody change more than their own sign-in and
    language, or write more than a report."""
    endpoints = {endpoint for _, _, endpoint in routes}
    assert endpoints >= doors.OPEN_VIEWS
    assert endpoints >= doors.READING_BY_POST | doors.CHANGING_ONLY | doors.BY_ITSELF
    changing = {endpoint for method, _, endpoint in routes if method != "GET"}
    assert changing & doors.OPEN_VIEWS == {"auth.submit_sign_in", "auth.choose_password", "auth.choose_language",
                                           "auth.sign_in_as_demo_person", "hooks.take_webhook",
                                           "spam.submit_report"}


def test_every_blueprint_says_who_may_pass(app):
    """SEC-01: a new blueprint is for a role, or listed here as everybody's."""
    assert set(app.blueprints) == doors.ROLE_OF_BLUEPRINT.keys() | FOR_EVERYBODY


def test_a_new_route_is_closed_without_a_word(another):
    """SEC-01: nobody has to remember a decorator."""
    app = another()
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = app.test_client().get("/forgotten")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/forgotten")


def test_only_get_and_post(routes):
    """Forms know no other method, so nothing else is offered."""
    assert {method for method, _, _ in routes} == {"GET", "POST"}
    assert len(POSTS) == sum(method == "POST" for method, _, _ in routes)
