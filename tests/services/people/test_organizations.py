"""Organizations: listed, set up and changed by operators, each with a first location and a first admin."""

import pytest
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from portal.extensions import db, writing
from portal.models import AccountState, AuditEvent, Location, Number, Organization, User
from portal.rules.facts import Pstn
from portal.services.names import key_of_name
from portal.services.people import locations as location_service
from portal.services.people import organizations as service
from portal.services.refusals import Changed, Clash

pytestmark = pytest.mark.usefixtures("open_app")
PLACE = {"name": "Main", "country": "CA", "time_zone": "America/Toronto", "pstn": Pstn.PROVIDER}


@pytest.fixture
def olga(row):
    return row("Olga")


@pytest.fixture
def maple(organizations):
    return db.session.get_one(Organization, organizations["Maple"].id)


def everything():
    return [db.session.execute(select(*table.__table__.columns)).all()
            for table in (Organization, Location, Number, User, AuditEvent)]


def told():
    """The newest event: what happened to what."""
    event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    return event.action, event.subject_name, event.details


# --- the list ------------------------------------------------------------------------------------


def test_the_list_is_by_name_and_pages_show_everybody_once():
    with writing() as session:
        session.add_all(Organization(name=f"Same {n % 2}", name_key=key_of_name(f"Same {n % 2}")) for n in range(7))
    names, after = [], ""
    while True:
        rows, more = service.list_organization_rows(search="same", after=after, most=3)
        names += [row.organization.ref for row in rows]
        if not more:
            break
        after = rows[-1].organization.ref
    assert len(names) == len(set(names)) == 7


@pytest.mark.parametrize(("search", "found"), [
    ("", ["Harbor Health", "Maple Clinic"]), (" MAPLE ", ["Maple Clinic"]), ("%", []), ("_", []), ("nobody", []),
])
def test_the_search_takes_what_is_typed_literally(search, found):
    assert [row.organization.name for row in service.list_organization_rows(search)[0]] == found


def test_a_row_counts_users_locations_and_those_on_other_networks():
    rows = {row.organization.name: row[1:] for row in service.list_organization_rows()[0]}
    assert rows == {"Harbor Health": (2, 1, 0, "US", 2, 0, 1, False, False),
                    "Maple Clinic": (4, 2, 1, "CA", 2, 0, 1, True, True)}


def test_one_row_is_that_of_the_list(maple):
    assert service.find_organization_row(maple) in service.list_organization_rows()[0]
    assert service.any_organization_exists()


def test_what_is_not_there_is_not_found():
    for missing in (lambda: service.find_organization_for_operator("x"),
                    lambda: service.list_organization_rows(after="x")):
        with pytest.raises(NotFound):
            missing()


# --- setting up ----------------------------------------------------------------------------------


def test_an_organization_comes_with_a_location_and_an_invited_admin(olga):
    organization, admin, token = service.create_organization(olga, {"name": "New Clinic", "calling_plan": True}, PLACE,
                                                             ("Nia Cole", "nia@example.com"))
    assert (admin.admin, admin.account, admin.location.name) == (True, AccountState.INVITED, "Main")
    assert service.first_admin(organization) is admin
    assert [place.name for place in location_service.locations_of_organization(organization)] == ["Main"]
    assert token not in str(everything())


def test_an_operator_can_be_its_admin_on_the_same_account(olga, row):
    """The first number is theirs; the others are free. No link is made: they are signed in."""
    organization, admin, token = service.create_organization(olga, {"name": "Own Books"}, PLACE, None,
                                                             "416 555 0190\n416 555 0191")
    assert admin is olga
    assert token == ""
    assert (olga.operator, olga.admin, olga.organization_id) == (True, True, organization.id)
    found = service.find_organization_row(organization)
    assert (found.users, found.numbers, found.free_numbers, found.admins_signed_in) == (1, 2, 1, 1)
    assert olga.number.e164 == "+14165550190"
    told = db.session.scalars(select(AuditEvent.action).where(
        AuditEvent.organization_id == organization.id).order_by(AuditEvent.id))
    assert list(told) == ["organization-added", "location-added", "user-added", "role-changed", "number-added",
                          "number-added", "number-assigned"]
    before = everything()
    with pytest.raises(Clash) as refused:
        service.create_organization(olga, {"name": "Second"}, PLACE, None)
    assert refused.value.field == "administrator"
    assert everything() == before


@pytest.mark.parametrize("typed", ["12", "206 555 0160"])
def test_a_number_that_cannot_be_had_leaves_nothing_behind(olga, typed):
    """It is none, or another organization's."""
    before = everything()
    with pytest.raises(Clash):
        service.create_organization(olga, {"name": "New"}, PLACE, ("Nia Cole", "nia@example.com"), typed)
    assert everything() == before


@pytest.mark.parametrize(("name", "address", "field"), [
    ("MAPLE CLINIC", "nia@example.com", "name"), ("New", "ULI@example.com", "admin_email"),
])
def test_a_name_or_an_address_that_is_taken_leaves_nothing_behind(olga, name, address, field):
    before = everything()
    with pytest.raises(Clash) as clash:
        service.create_organization(olga, {"name": name}, PLACE, ("Nia Cole", address))
    assert clash.value.field == field
    assert everything() == before


# --- changing ------------------------------------------------------------------------------------


def test_only_what_changes_is_told_and_from_what_to_what(olga, maple):
    service.save_organization_details(olga, maple, maple.version,
                                      {"add_on": False, "calling_plan": True, "name": "Maple Group"})
    assert told() == ("organization-changed", "Maple Group",
                      {"changes": [["add_on", "True", "False"], ["name", "Maple Clinic", "Maple Group"]]})
    assert (maple.name_key, maple.version) == ("maple group", 2)
    before = everything()
    service.save_organization_details(olga, maple, 2, {"add_on": False})
    assert everything() == before


def test_a_stale_form_changes_nothing(olga, maple):
    """REL-03"""
    service.save_organization_details(olga, maple, maple.version, {"add_on": False})
    before = everything()
    with pytest.raises(Changed):
        service.save_organization_details(olga, maple, 1, {"healthcare": False})
    assert everything() == before


# --- finding, from the command line ----------------------------------------------------------------


def test_an_organization_is_meant_by_its_id_or_else_by_its_name(maple):
    for said in (maple.ref, "Maple Clinic", "  MAPLE CLINIC "):
        assert service.find_organization_for_cli(said) is maple
    for said in ("", "Maple", "%"):
        assert service.find_organization_for_cli(said) is None


def test_of_two_of_one_name_none_is_meant(maple):
    with writing() as session:
        session.add(Organization(name="Maple Clinic", name_key=maple.name_key))
    assert service.find_organization_for_cli("Maple Clinic") is None
    assert service.find_organization_for_cli(maple.ref).id == maple.id


def test_an_id_goes_before_a_name(maple, organizations):
    with writing() as session:
        session.get_one(Organization, organizations["Harbor"].id).name_key = maple.ref
    assert service.find_organization_for_cli(maple.ref).id == maple.id
