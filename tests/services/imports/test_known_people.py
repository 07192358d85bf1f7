"""Users as plain values: read as the session reads them, and written back with what has changed of them alone."""

import pytest
from sqlalchemy import select

from portal.extensions import db, writing
from portal.models import AccountState, Claim, Number, User
from portal.rules.facts import NumberSource
from portal.rules.numbers import NumberKind
from portal.services.imports import known_people
from portal.services.imports.known_people import CLAIM_FIELDS, NUMBER_FIELDS, USER_FIELDS, KnownClaim, KnownNumber
from portal.services.toggles import toggle
from portal.services.toggles.toggle import SettingValue

pytestmark = pytest.mark.usefixtures("open_app")
FREE = "+14165550161"


@pytest.fixture
def read_everybody(row):
    """`read_everybody()`: all users by address, one of whom claims a number and one of whom has a setting."""
    with writing() as session:
        session.add(Claim(organization_id=row("Rita").organization_id, user_id=row("Rita").id, e164=FREE,
                          kind=NumberKind.PLAIN))
    toggle.change_setting(row("Ada"), row("Ben"), SettingValue(False), 0)
    return lambda: {one[0].email: one for one in known_people.read_people(User.id > 0)}


def values(record, names):
    return {name: getattr(record, name) for name in names}


def test_they_are_read_as_they_are_stored(read_everybody):
    known = read_everybody()
    stored = db.session.scalars(select(User)).all()
    assert len(known) == len(stored)
    for user in stored:
        found, number, _setting = known[user.email]
        assert values(found, USER_FIELDS) == values(user, USER_FIELDS)
        assert (found.active, found.subject.ref) == (user.active, user.ref)
        assert (number is None) is (user.number_or_claim is None)
        if number:
            names = NUMBER_FIELDS if user.number else CLAIM_FIELDS
            assert values(number, names) == values(user.number_or_claim, names)
    assert isinstance(known["uli@example.com"][1], KnownNumber)
    assert isinstance(known["rita@example.com"][1], KnownClaim)
    assert (known["ben@example.com"][2], known["uli@example.com"][2]) == ((False, 1), None)


def test_what_changes_is_written_and_nothing_else(read_everybody, row):
    before = read_everybody()
    (uli, number, _none), (_rita, claim, _none) = before["uli@example.com"], before["rita@example.com"]
    uli.name, uli.account, uli.version = "Üli", AccountState.DEACTIVATED, 7
    number.source, claim.source = NumberSource.OTHER, NumberSource.CALLING_PLAN
    with writing():
        known_people.store_user_details([uli])
        known_people.store_number_sources([number, claim])
    after = read_everybody()
    assert (row("Uli").name, row("Uli").account, row("Uli").version) == ("Üli", AccountState.DEACTIVATED, 7)
    assert [after[one][1].source for one in ("uli@example.com", "rita@example.com")] == [number.source, claim.source]
    for email, (found, _number, _setting) in after.items():
        assert values(found, USER_FIELDS) == values(before[email][0], USER_FIELDS)


def test_numbers_are_freed_and_claims_go(read_everybody):
    known = read_everybody()
    number, claim = known["uli@example.com"][1], known["rita@example.com"][1]
    with writing():
        known_people.free_numbers([number, claim])
        known_people.free_numbers([])
    assert db.session.scalars(select(Claim)).all() == []
    assert db.session.get_one(Number, number.id).user_id is None
    number.user_id = known["rita@example.com"][0].id
    with writing():
        known_people.store_number_users([number])
    assert read_everybody()["rita@example.com"][1].e164 == number.e164
