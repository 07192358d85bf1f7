"""Locations: found only through their organization, one of each name, connected by the provider alone."""

from itertools import product

import pytest
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from portal.extensions import db, writing
from portal.marks import StoredWords
from portal.models import AccountState, AuditEvent, Location, Organization, User
from portal.rules.facts import Pstn
from portal.services.people import locations as service
from portal.services.refusals import Clash

pytestmark = pytest.mark.usefixtures("open_app")
WHERE = {"Toronto": "Maple", "Halifax": "Maple", "Seattle": "Harbor"}


@pytest.fixture
def person(people):
    """`person("Uli")` is the user."""
    return lambda name: db.session.get_one(User, people[name].id)


@pytest.fixture
def olga(person):
    return person("Olga")


@pytest.fixture
def maple(organizations):
    return db.session.get_one(Organization, organizations["Maple"].id)


@pytest.fixture
def harbor(organizations):
    return db.session.get_one(Organization, organizations["Harbor"].id)


@pytest.fixture
def halifax(locations):
    return db.session.get_one(Location, locations["Halifax"].id)


def everything():
    return [db.session.execute(select(*table.__table__.columns)).all() for table in (Location, AuditEvent)]


def told():
    """The newest event: what happened to what, and who did it."""
    event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    return event.action, event.subject_name, event.details, event.actor_name


def names(found):
    return [place.name for place in found]


# --- finding -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "asking"), list(product(WHERE, ("Maple", "Harbor", None))))
def test_a_location_is_found_only_through_its_own_organization(locations, organizations, name, asking):
    """An operator belongs to no organization, and None finds nothing."""
    mine = organizations[asking].id if asking else None
    if WHERE[name] == asking:
        assert service.find_location(mine, locations[name].ref).id == locations[name].id
    else:
        with pytest.raises(NotFound):
            service.find_location(mine, locations[name].ref)


@pytest.mark.parametrize("ref", ["", "x", "%"])
def test_a_ref_that_nobody_has_is_not_found(maple, ref):
    with pytest.raises(NotFound):
        service.find_location(maple.id, ref)


@pytest.mark.parametrize(("actor", "found"), [
    ("Ada", ["Halifax", "Toronto"]), ("Uli", ["Halifax", "Toronto"]), ("Otto", ["Seattle"]), ("Olga", []),
])
def test_the_locations_of_an_actor_are_those_of_their_organization(person, actor, found):
    assert names(service.locations_of_actor(person(actor))) == found


def test_locations_are_listed_by_name_without_case_and_accents(person, maple, harbor, olga):
    for name in ("Édmonton", "dundas", "Zürich", "aurora"):
        service.create_location(olga, maple, name, "CA", "America/Toronto")
    by_name = ["aurora", "dundas", "Édmonton", "Halifax", "Toronto", "Zürich"]
    assert names(service.locations_of_organization(maple)) == by_name
    assert names(service.locations_of_actor(person("Ada"))) == by_name
    assert names(service.locations_of_organization(harbor)) == ["Seattle"]


def test_users_are_counted_by_location(person, maple, harbor, locations):
    """Nobody works in Halifax, so it has no row; a closed account still counts, and a stranger's never does."""
    assert service.count_users_by_location(maple) == {locations["Toronto"].id: 4}
    assert service.count_users_by_location(harbor) == {locations["Seattle"].id: 2}
    with writing():
        ben = person("Ben")
        ben.location_id, ben.account = locations["Halifax"].id, AccountState.DEACTIVATED
    assert service.count_users_by_location(maple) == {locations["Toronto"].id: 3, locations["Halifax"].id: 1}


def test_counting_takes_one_statement(maple, statements):
    assert maple.id
    with statements() as seen:
        service.count_users_by_location(maple)
    assert len(seen) == 1


# --- adding --------------------------------------------------------------------------------------


def test_a_location_is_added_with_its_event(olga, maple):
    added = service.create_location(olga, maple, "  Ottawa\n", "CA", "America/Toronto")
    assert (added.name, added.name_key, added.country, added.time_zone) == (
        "Ottawa", "ottawa", "CA", "America/Toronto")
    assert (added.pstn, added.version) == (Pstn.NOT_SET, 1), "the provider connects it later"
    assert told() == ("location-added", "Ottawa", {}, "Olga Weiss")
    assert service.find_location(maple.id, added.ref) is added


def test_the_provider_adds_it_with_its_connection(olga, maple):
    added = service.create_location(olga, maple, "Ottawa", "CA", "America/Toronto", Pstn.PROVIDER)
    assert added.pstn is Pstn.PROVIDER


@pytest.mark.parametrize("name", ["TORONTO", " toronto ", "Torontó", "Tor\u200bonto"])
def test_a_location_is_called_so_once_in_its_organization(olga, maple, harbor, name):
    """Another organization may well have one of that name."""
    before = everything()
    with pytest.raises(Clash) as clash:
        service.create_location(olga, maple, name, "CA", "America/Toronto")
    assert clash.value.field == "name"
    assert everything() == before
    assert service.create_location(olga, harbor, name, "CA", "America/Toronto").organization_id == harbor.id


PLACE = {"name": "Ottawa", "country": "CA", "time_zone": "America/Toronto", "pstn": Pstn.OTHER_PROVIDER}


def test_a_location_is_added_within_a_larger_change(maple):
    """It has its id before the commit, and the command line is an actor too."""
    with writing():
        added = service.new_location(None, maple, PLACE)
        assert added.id
    assert (added.name, added.country, added.time_zone, added.pstn) == tuple(PLACE.values())
    assert told() == ("location-added", "Ottawa", {}, StoredWords.COMMAND_LINE)


def test_a_larger_change_that_fails_leaves_no_location(maple):
    before = everything()
    with pytest.raises(ZeroDivisionError), writing():
        service.new_location(None, maple, PLACE)
        raise ZeroDivisionError
    assert everything() == before


def test_a_name_that_is_taken_stops_a_larger_change(maple):
    before = everything()
    with pytest.raises(Clash), writing():
        service.new_location(None, maple, {**PLACE, "name": "halifax"})
    assert everything() == before


# --- connecting ----------------------------------------------------------------------------------


def test_a_new_connection_is_told_with_the_one_before(olga, halifax):
    service.set_location_pstn(olga, halifax, Pstn.PROVIDER)
    assert told() == ("location-changed", "Halifax", {"changes": [["pstn", "local-gateway", "provider"]]},
                      "Olga Weiss")
    db.session.rollback()
    assert (halifax.pstn, halifax.version) == (Pstn.PROVIDER, 2)


def test_the_same_connection_again_changes_nothing(olga, halifax):
    before = everything()
    service.set_location_pstn(olga, halifax, halifax.pstn)
    assert everything() == before


def test_no_other_location_is_connected(olga, halifax, locations):
    service.set_location_pstn(olga, halifax, Pstn.NOT_SET)
    found = dict(db.session.execute(select(Location.name, Location.pstn)).all())
    assert found == {"Toronto": Pstn.PROVIDER, "Halifax": Pstn.NOT_SET, "Seattle": Pstn.PROVIDER}
