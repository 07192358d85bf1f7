"""How often each page asks the database: as often for two hundred users as for four."""

import pytest
from sqlalchemy import insert

from portal.extensions import make_ref, writing
from portal.models import AccountState, AuditEvent, Location, Number, Setting, User
from portal.rules.facts import Pstn
from portal.rules.numbers import NumberKind
from portal.rules.switches import Level
from tests import database_server
from tests.security.maple import settle
from tests.security.table import GETS

# The most statements for one answer: the one about who is signed in and, on every page, the one that counts what waits
# are among them.
MOST = {
    "Ada": {
        "/accessibility": 2, "/account": 3, "/account/time-zones": 1,
        "/admin/": 11, "/admin/audit": 4, "/admin/audit/<ref>": 4, "/admin/audit/export": 3,
        "/admin/changes/<ref>": 3, "/admin/check": 2, "/admin/consents": 3, "/admin/consents/<ref>": 4,
        "/admin/import": 3, "/admin/import/<ref>": 8, "/admin/import/template": 1,
        "/admin/import/<ref>/rows/<kind>": 4,
        "/admin/locations": 6, "/admin/locations/<ref>": 9,
        "/admin/locations/<ref>/answers": 3,
        "/admin/locations/new": 2, "/admin/opt-outs": 6, "/admin/opt-outs/<ref>": 3, "/admin/opt-outs/export": 3,
        "/admin/organization": 5, "/admin/provider-request": 7,
        "/admin/records": 3, "/admin/records/<ref>": 4, "/admin/records/holds": 3, "/admin/records/holds/<ref>": 4,
        "/admin/settings": 6, "/admin/users": 9,
        "/admin/opt-outs/import": 2, "/admin/opt-outs/import/<ref>": 5,
        "/admin/users/<ref>": 12, "/admin/users/<ref>/deactivate": 12,
        "/admin/users/export": 5, "/admin/users/new": 4, "/help": 3, "/limitations": 6, "/limitations/hours": 2,
        "/limitations/rules.json": 1, "/notices": 7, "/notices/counts": 2, "/privacy": 2,
        "/search": 2,
        "/restrictions/<ref>/appeal": 6,
    },
    "Uli": {"/messages/": 12, "/messages/<ref>": 24, "/messages/<ref>/news": 6,
            "/messages/news": 7,
            "/messages/new": 15},
    # Over a server she also sees which workers there are.
    "Olga": {"/operator/": 10 + database_server.wanted(),
             "/operator/carriers": 7, "/operator/carriers/new": 2, "/operator/carriers/new/<kind>": 2,
             "/operator/carriers/<ref>": 11, "/operator/carriers/<ref>/news": 10, "/operator/web-requests": 3,
             "/operator/organizations/<ref>/opt-outs": 3, "/operator/organizations/<ref>/opt-outs/<upload>": 6,
             "/operator/addresses": 4,
             "/operator/claims": 5, "/operator/claims/earlier": 3,
             "/operator/inventory": 3, "/operator/inventory/<ref>": 9,
             "/operator/records": 3, "/operator/records/<ref>": 3,
             "/operator/cases": 5, "/operator/cases/<ref>": 16, "/operator/cases/<ref>.csv": 7,
             "/operator/appeals/<ref>": 6, "/operator/restrictions": 5, "/operator/restrictions/<ref>": 4,
             "/operator/organizations/<ref>": 16, "/operator/organizations/new": 2},
    # Who is not signed in costs nothing; the start page asks whether there is any account at all, and the page to sign
    # in on its own machine whether this is a demo.
    "Nobody": {
        "/": 1, "/accessibility": 0, "/health/live": 0, "/help": 0, "/limitations": 0,
        "/limitations/hours": 0, "/limitations/rules.json": 0, "/privacy": 0, "/report-spam": 1,
        "/report-spam/status/<token>": 1, "/report-spam/thanks/<token>": 2, "/sign-in": 1,
        "/static/<filename>": 0, "/welcome/<token>": 3, "/who/<ref>": 1,
    },
}


def crowd(organization_id):
    """Two hundred users of every kind at ten more locations, with words, numbers and events of their own."""
    with writing() as session:
        event = session.query(AuditEvent).first()
        session.execute(insert(Location), [
            {"organization_id": organization_id, "name": f"Site {n}", "name_key": f"site {n}", "country": "CA",
             "time_zone": "America/Toronto", "pstn": list(Pstn)[n % 4]} for n in range(10)])
        places = [place.id for place in session.query(Location).filter_by(organization_id=organization_id)]
        session.execute(insert(User), [
            {"organization_id": organization_id, "location_id": places[n % len(places)], "name": f"User {n:03}",
             "name_key": f"user {n:03}", "email": f"user{n}@example.com", "email_key": f"user{n}@example.com",
             "account": list(AccountState)[n % 3], "app_version": ("42.9", "43.2", "")[n % 3]} for n in range(200)])
        users = session.query(User).filter(User.name_key.startswith("user ")).all()
        session.execute(insert(Number), [
            {"organization_id": organization_id, "e164": f"+1416556{n:04}", "kind": NumberKind.PLAIN,
             "user_id": user.id if n % 2 else None} for n, user in enumerate(users)])
        session.execute(insert(Setting), [
            {"level": Level.USER, "unit_id": user.id, "organization_id": organization_id, "on": bool(n % 2),
             "said_by": "Ada Keller", "event_id": event.id} for n, user in enumerate(users) if n % 3])
        session.execute(insert(AuditEvent), [
            {"organization_id": organization_id, "actor_name": "Ada Keller", "action": "user-added",
             "subject": "user", "subject_ref": user.ref, "subject_name": user.name, "ref": make_ref()}
            for user in users])


@pytest.fixture
def ask(app, browse, statements):
    """`ask()` counts the statements of each page, by reader and route."""
    held = settle(app)
    browsers = {who: browse(who) for who in MOST}

    def count():
        found = {who: {} for who in MOST}
        for who, rule in ((who, rule) for who, rules in MOST.items() for rule in rules):
            with statements() as seen:
                assert browsers[who].get(held.address(rule), buffered=True).status_code == 200, rule
            found[who][rule] = len(seen)
        return found

    return count


def test_every_page_has_its_number():
    """A new page says how often it asks."""
    counted = {rule for rules in MOST.values() for rule in rules}
    assert counted >= {row.rule for row in GETS if "200" in row.codes.values()}


def test_pages_ask_no_more_when_there_are_more_users(ask, inside, organizations):
    """Lists are paged and counts are grouped, so no page slows down as its organization grows."""
    few = ask()
    assert {(who, rule): (count, MOST[who][rule]) for who, counts in few.items() for rule, count in counts.items()
            if count > MOST[who][rule]} == {}
    with inside():
        crowd(organizations["Maple"].id)
    assert ask() == few
