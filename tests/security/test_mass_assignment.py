"""Whatever else stands in a form: only what the form is for changes."""

import pytest
from sqlalchemy import BigInteger, Boolean

from portal.extensions import db
from tests.security.maple import settle, tables, undone
from tests.security.table import FORMS, POSTS, outcome

# What a form may hold besides what stands in it filled in.
BOXES = {
    "/admin/settings": {"locked"}, "/admin/locations/<ref>/texting": {"locked"},
    "/admin/locations/new": {"in_quebec"}, "/operator/organizations/new": {"in_quebec"},
    "/admin/users": {"everybody"}, "/admin/users/<ref>/role": {"role-admin"}, "/sign-in": {"next"},
    "/operator/carriers/<ref>": {"pace", "number_pace", "at_once"},
    "/operator/carriers/new/<kind>": {"pace", "number_pace", "at_once"},
    "/report-spam": {"stop"}, "/admin/organization": {"consent_required", "answers_unread", "healthcare"},
}
PREFIXES = ("", "details-", "number-", "role-", "lift-", "extend-", "withdraw-", "correct-")
# Whose pages hold several forms.
PREFIXED = ("/admin/users", "/admin/consents", "/operator/restrictions", "/operator/cases")
# Different every time: chance and the clock.
CHANCE = {"ref", "key", "key_hash", "token_hash", "password_hash", "at", "began_at", "ended_at", "expires_at",
          "used_at", "said_at", "uploaded_at", "imported_at", "created_at", "subject_ref", "tokens", "changed_at",
          "due_at", "deadline", "last_at", "submission_key", "token", "since", "closed_at",
          "lifted_at", "decided_at", "until", "ends_at", "done_at", "secrets", "secrets_at",
          "seal", "checked_at", "undone_at"}


@pytest.fixture(scope="module")
def columns():
    """Every column name, with a value that would do harm: somebody else's id, yes to every right, a word."""
    harm = {Boolean: "y", BigInteger: "2"}
    every = [column for table in db.metadata.tables.values() for column in table.columns]
    return {column.name: harm.get(type(column.type), "harm") for column in every}


def everything(columns, row, form):
    """The form with every column name that it does not know itself, plain and with each prefix that its page knows."""
    known = form.keys() | BOXES.get(row.rule, set())
    prefixes = [prefix for prefix in PREFIXES if not prefix or row.rule.startswith(PREFIXED)]
    added = {prefix + name: value for prefix in prefixes for name, value in columns.items()}
    return {name: value for name, value in added.items() if name not in known} | form


def changed(app, before):
    """Rows that came, went or are different, without what chance decides."""
    found = {}
    for name, rows in tables(app).items():
        table = db.metadata.tables.get(name)
        steady = [i for i, column in enumerate(table.columns) if column.name not in CHANCE] if table is not None else []
        was, now = ({repr([row[i] for i in steady]) for row in side} for side in (before[name], rows))
        found[name] = (sorted(was - now), sorted(now - was))
    return found


@pytest.mark.parametrize("row", FORMS, ids=str)
def test_other_fields_change_nothing(app, browse, columns, row):
    """SEC-17: with every column name posted along, a form does exactly what it does without."""
    held, who, done = settle(app), (row.passing or row.refused)[0], []
    for fill in (lambda form: form, lambda form: everything(columns, row, form)):
        with undone(app):
            browser, before = browse(who), tables(app)
            answer = browser.post(held.address(row.rule), data=fill(held.form(row.rule)))
            done.append((answer.status_code, changed(app, before)))
    assert done[0] == done[1]


def test_an_auditor_changes_nothing_with_any_field(app, browse, columns):
    """SEC-17: not even with every field at once."""
    held, rita = settle(app), browse("Rita")
    before = tables(app)
    for row in (row for row in POSTS if "Rita" in row.refused):
        answer = rita.post(held.address(row.rule), data=everything(columns, row, held.form(row.rule)))
        assert outcome(answer) == row.codes["Rita"], row
    assert tables(app) == before


@pytest.mark.parametrize("name", ["location", "details-location"])
def test_a_record_of_another_organization_is_no_choice(app, browse, locations, people, name):
    """SEC-17: a location of another organization cannot be chosen by sending its id."""
    sent = {"name": "A B", "email": "ab@example.com", "details-name": "A B", "details-email": "ab@example.com",
            "details-version": 1, name: locations["Seattle"].ref}
    address = "/admin/users/new" if name == "location" else f"/admin/users/{people['Uli'].ref}/details"
    ada = browse("Ada")
    before = tables(app)
    assert ada.post(address, data=sent).status_code == 422
    assert tables(app) == before


def test_a_change_to_many_stays_at_home(app, browse, people):
    """SEC-17: people of another organization are passed over, however they are named."""
    otto = browse("Otto")
    before = tables(app)
    sent = {"user": [people["Uli"].ref, people["Ben"].ref], "bulk": "off", "step": "confirm", "seen": 9999}
    assert otto.post("/admin/users", data=sent).status_code == 303
    assert tables(app) == before


def test_the_first_of_two_counts(browse, people, inside):
    """SEC-17: a field that is sent twice has its first value, everywhere."""
    ada = browse("Ada")
    ada.post(f"/admin/users/{people['Uli'].ref}/texting", data={"version": "0", "word": ["off", "on"]})
    assert "Off" in ada.get(f"/admin/users/{people['Uli'].ref}").text
