"""Users: compared without case and accents, found only in one's own organization, changed by whoever saw them."""

import pytest
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from portal.extensions import db, writing
from portal.models import AccountState, AuditEvent, Claim, Location, Number, SignInLink, User
from portal.rules.numbers import NumberKind
from portal.services.people import numbers
from portal.services.people import users as service
from portal.services.refusals import Changed, Clash

pytestmark = pytest.mark.usefixtures("open_app")


@pytest.fixture
def toronto(locations):
    return db.session.get_one(Location, locations["Toronto"].id)


def everything():
    return [db.session.execute(select(*table.__table__.columns)).all()
            for table in (User, Number, Claim, AuditEvent, SignInLink)]


# --- finding -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("actor", "name", "found"), [
    ("Ada", "Uli", True), ("Ada", "Ada", True), ("Ada", "Mia", False), ("Otto", "Uli", False), ("Ada", "Olga", False),
    ("Olga", "Uli", False), ("Olga", "Oskar", False),
])
def test_people_are_found_only_in_ones_own_organization(row, people, actor, name, found):
    """An operator belongs to none; two of them are nobody's users."""
    if found:
        assert service.find_user(row(actor), people[name].ref).id == people[name].id
    else:
        with pytest.raises(NotFound):
            service.find_user(row(actor), people[name].ref)


# --- changing ------------------------------------------------------------------------------------


def test_a_change_raises_the_version_and_a_second_one_from_the_same_form_is_refused(row, toronto):
    """REL-03"""
    ada, uli = row("Ada"), row("Uli")
    service.save_user_details(ada, uli, 1, "Ulrike", uli.email, toronto)
    assert (uli.name_key, uli.version) == ("ulrike", 2)
    before = everything()
    for refused in (
        lambda: service.save_user_details(ada, uli, 1, "Ulla", uli.email, toronto),
        lambda: service.set_roles(ada, uli, 1, admin=True, auditor=False),
        lambda: numbers.assign_primary_number(ada, uli, "416 555 0177", ""),
        lambda: numbers.remove_primary_number(ada, uli, ""),
    ):
        with pytest.raises(Changed):
            refused()
    assert everything() == before


def test_an_address_is_one_persons_whatever_its_case(row, toronto):
    uli = row("Uli")
    service.save_user_details(row("Ada"), uli, uli.version, uli.name, "ULI@example.com", toronto)
    assert uli.email == "ULI@example.com"
    with pytest.raises(Clash) as clash:
        service.save_user_details(row("Ada"), uli, uli.version, uli.name, "MIA@example.com", toronto)
    assert clash.value.field == "email"
    assert clash.value.values == {}, "whose it is stays unsaid"


@pytest.mark.parametrize("refused", [
    lambda ada, uli, place: service.create_user(ada, "Nia", "uli@example.com", place, "416 555 0177"),
    lambda ada, uli, place: service.create_user(ada, "Nia", "nia@example.com", place, "416 555 0101"),
    lambda ada, uli, place: service.create_user(ada, "Nia", "nia@example.com", place, "none"),
    lambda ada, uli, place: numbers.assign_primary_number(ada, uli, "416 555 0102", "+14165550101"),
    lambda ada, uli, place: service.deactivate_user(uli, ada),
    lambda ada, uli, place: service.set_roles(uli, ada, ada.version, admin=False, auditor=True),
])
def test_what_is_refused_leaves_nothing_behind(row, toronto, refused):
    before = everything()
    with pytest.raises(Clash):
        refused(row("Ada"), row("Uli"), toronto)
    assert everything() == before


def test_a_newcomer_is_invited_with_number_and_link_in_one_commit(row, toronto, bring):
    bring("+14165550177")
    user, token = service.create_user(row("Ada"), " Nia Cole ", " nia@example.com ", toronto, "(416) 555-0177")
    assert (user.name, user.email, user.account, user.password_hash) == (
        "Nia Cole", "nia@example.com", AccountState.INVITED, "")
    assert (user.number.e164, user.number.kind, user.number.source) == ("+14165550177", NumberKind.PLAIN, None)
    assert token not in str(everything())


def test_an_account_closed_or_opened_twice_is_told_once(row):
    ada, uli = row("Ada"), row("Uli")
    service.reactivate_user(ada, uli)
    for act in (service.deactivate_user, service.deactivate_user, service.reactivate_user, service.reactivate_user):
        act(ada, uli)
    told = db.session.scalars(select(AuditEvent.action).where(AuditEvent.subject_ref == uli.ref).order_by(
        AuditEvent.id)).all()
    assert told == ["deactivated", "reactivated"]


@pytest.mark.parametrize(("mine", "others", "stays"), [
    (AccountState.ACTIVE, (), True), (AccountState.ACTIVE, (AccountState.INVITED, AccountState.DEACTIVATED), True),
    (AccountState.ACTIVE, (AccountState.ACTIVE,), False), (AccountState.INVITED, (AccountState.INVITED,), False),
    (AccountState.INVITED, (AccountState.DEACTIVATED,), True), (AccountState.DEACTIVATED, (), False),
])
def test_who_is_the_last_admin(row, mine, others, stays):
    """Whoever can sign in counts; among people who have not come yet, each counts."""
    ada = row("Ada")
    with writing():
        row("Ada").account = mine
        for name, account in zip(("Uli", "Ben"), others, strict=False):
            row(name).admin, row(name).account = True, account
    if stays:
        with pytest.raises(Clash):
            service.set_roles(ada, ada, ada.version, admin=False, auditor=False)
    else:
        service.set_roles(ada, ada, ada.version, admin=False, auditor=False)
        assert not ada.admin


def test_an_operator_may_do_what_an_admin_may_not(row):
    with writing():
        row("Uli").operator = True
    with pytest.raises(Clash):
        service.deactivate_user(row("Ada"), row("Uli"))
    service.deactivate_user(row("Olga"), row("Uli"))
    assert not row("Uli").active


@pytest.mark.parametrize(("actor", "name", "found"), [
    ("Ada", "Uli", True), ("Ada", "Ada", True), ("Ada", "Mia", False), ("Ada", "Olga", False), ("Otto", "Uli", False),
    ("Otto", "Mia", True), ("Uli", "Uli", False), ("Rita", "Uli", False), ("Olga", "Uli", False),
    ("Olga", "Oskar", False),
])
def test_only_their_administrator_finds_a_user_by_id(row, people, actor, name, found):
    """An auditor, the user and an operator are none."""
    user = service.find_user_for_admin(row(actor), people[name].id)
    assert (user.id if user else None) == (people[name].id if found else None)


def test_an_id_that_nobody_has_finds_nobody(row):
    assert service.find_user_for_admin(row("Ada"), 0) is None


def test_the_first_users_stand_by_name_and_belong_to_the_organization(row, people):
    mine, everybody = row("Ada").organization_id, [each.id for each in people.values()]
    assert [user.name for user in service.list_first_users(mine, everybody, 2)] == ["Ada Keller", "Ben Okafor"]
    assert [user.name for user in service.list_first_users(mine, [people["Uli"].id, people["Mia"].id], 9)] == [
        "Uli Brandt"]
    assert service.list_first_users(mine, [], 3) == []


def test_actors_are_those_who_decide_and_those_who_are_named(organizations, people):
    maple = organizations["Maple"].id

    def names(*given):
        return [user.name for user in service.list_actors(*given)]

    assert names(maple, [], []) == ["Ada Keller", "Rita Sandoval"]
    everybody = [each.id for each in people.values()]
    assert names(maple, everybody, []) == ["Ada Keller", "Ben Okafor", "Rita Sandoval", "Uli Brandt"]
    assert "Uli Brandt" in names(maple, [], [people["Uli"].ref])
    assert "Uli Brandt" not in names(organizations["Harbor"].id, everybody, [people["Uli"].ref])


def test_preferences_are_ones_own_and_no_event(row):
    before = len(everything()[3])
    service.set_preferences(row("Uli"), "fr", "America/Halifax")
    db.session.rollback()
    assert (row("Uli").language, row("Uli").time_zone) == ("fr", "America/Halifax")
    assert (row("Ben").language, row("Ben").time_zone) == ("", "")
    service.set_preferences(row("Uli"), "", "")
    db.session.rollback()
    assert (row("Uli").language, row("Uli").time_zone) == ("", "")
    assert len(everything()[3]) == before


@pytest.mark.parametrize(("account", "counted"), [
    (AccountState.ACTIVE, 2), (AccountState.INVITED, 1), (AccountState.DEACTIVATED, 1),
])
def test_operators_who_can_sign_in_are_counted(row, people, account, counted):
    with writing():
        row("Oskar").account = account
    assert service.count_operators() == counted
    assert service.count_operators(but=[people["Olga"].id]) == counted - 1
    assert service.count_operators(but=[people["Ada"].id]) == counted, "no operator"
    assert service.count_operators(but=(each.id for each in people.values())) == 0
