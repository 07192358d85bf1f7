"""Primary numbers: read, assigned if the organization has them, else claimed; nobody learns what others have."""

import pytest
from sqlalchemy import func, select

from portal.extensions import db, writing
from portal.marks import StoredWords
from portal.models import AuditEvent, Claim, Location, Number, Organization
from portal.rules.facts import NumberSource
from portal.rules.numbers import NumberKind, NumberProblem, read_number
from portal.services.people import numbers as service
from portal.services.people.organizations import find_organization_row
from portal.services.refusals import Changed, Clash

pytestmark = pytest.mark.usefixtures("open_app")
ULI, BEN, OTTO, FRESH = "+14165550101", "+14165550102", "+12065550160", "+14165550177"


def count_all_and_free(organization):
    """All numbers of an organization, and the free ones."""
    row = find_organization_row(organization)
    return row.numbers, row.free_numbers



@pytest.fixture
def maple(organizations):
    return db.session.get_one(Organization, organizations["Maple"].id)


@pytest.fixture
def toronto(locations):
    return db.session.get_one(Location, locations["Toronto"].id)


@pytest.fixture
def held(row):
    """`held("Uli")` is the number that they have and whether it is theirs, or None."""

    def of(name):
        db.session.rollback()
        found = row(name).number_or_claim
        return (found.e164, isinstance(found, Number)) if found else None

    return of


def everything():
    return [db.session.execute(select(*table.__table__.columns)).all() for table in (Number, Claim, AuditEvent)]


def told():
    """The newest event: what happened to what."""
    event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    return event.action, event.subject_name, event.details


# --- reading -------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["", "911", "411", "72345", "12", "416 555 01O1", "4165550101 ext. 5"])
def test_what_is_no_number_is_nobodys(toronto, typed):
    with pytest.raises(Clash) as clash:
        service.read_primary_number(typed, toronto)
    assert clash.value.field == "number"


def test_what_cannot_be_read_is_refused_with_its_problem(toronto):
    with pytest.raises(Clash) as clash:
        service.read_primary_number("12", toronto)
    assert clash.value.values == {"problem": NumberProblem.TOO_SHORT}


@pytest.mark.parametrize(("typed", "e164", "kind"), [
    ("(416) 555-0101", ULI, NumberKind.PLAIN), ("+1 416 555 0101", ULI, NumberKind.PLAIN),
    ("1-833-555-0160", "+18335550160", NumberKind.TOLL_FREE), ("+44 20 7946 0018", "+442079460018", NumberKind.ABROAD),
])
def test_a_number_is_read_with_its_kind(toronto, typed, e164, kind):
    """One that could never text is read as well: the rules say so, on every page, with the reason."""
    reading = service.read_primary_number(typed, toronto)
    assert (reading.e164, reading.kind) == (e164, kind)


def test_a_number_is_read_as_people_write_it_where_they_work():
    london = Location(country="GB")
    assert service.read_primary_number("020 7946 0018", london).e164 == "+442079460018"


# --- assigning -----------------------------------------------------------------------------------


def test_a_number_of_the_organization_is_assigned(row, held, bring):
    bring(FRESH)
    assert service.assign_primary_number(row("Ada"), row("Rita"), "416 555 0177", "").assigned is True
    assert held("Rita") == (FRESH, True)
    assert told() == ("number-assigned", "Rita Sandoval", {"number": FRESH})


@pytest.mark.parametrize("number", [FRESH, OTTO])
def test_any_other_number_is_claimed(row, held, number):
    assert service.assign_primary_number(row("Ada"), row("Rita"), number, "").assigned is False
    assert held("Rita") == (number, False)
    assert told() == ("number-claimed", "Rita Sandoval", {"number": number})


def test_nobody_learns_that_another_organization_has_a_number(row, statements):
    """The same statements with the same answer, whether Harbor Health has the number or nobody."""
    asked = []
    for name, number, shown in (("Uli", FRESH, ULI), ("Ben", OTTO, BEN)):
        db.session.close()
        ada, user = row("Ada"), row(name)
        with statements() as seen:
            answer = service.assign_primary_number(ada, user, number, shown)
        asked.append((answer.assigned, seen))
    assert asked[0] == asked[1]


def test_the_number_before_is_free_again(row, held):
    service.remove_primary_number(row("Ada"), row("Ben"), BEN)
    assert service.assign_primary_number(row("Ada"), row("Uli"), BEN, ULI).assigned is True
    assert held("Uli") == (BEN, True)
    assert service.list_free_numbers(row("Ada")) == [ULI]


def test_a_number_stays_with_its_organization(row):
    ada, uli, ben = row("Ada"), row("Uli"), row("Ben")
    service.remove_primary_number(ada, uli, ULI)
    assert service.list_free_numbers(ada) == [ULI]
    assert service.list_free_numbers(row("Otto")) == []
    service.assign_primary_number(ada, ben, "+1 416 555 0101", BEN)
    assert service.list_free_numbers(ada) == [BEN]
    assert db.session.scalar(select(func.count()).select_from(Number)) == 4


def test_a_colleagues_number_is_refused_with_their_name(row):
    before = everything()
    with pytest.raises(Clash) as clash:
        service.assign_primary_number(row("Ada"), row("Uli"), BEN, ULI)
    assert (clash.value.field, clash.value.values) == ("number", {"holder": "Ben Okafor"})
    assert everything() == before


@pytest.mark.parametrize("shown", ["", BEN, "+14165550199"])
def test_a_form_that_showed_another_number_changes_nothing(row, shown):
    """REL-03"""
    before = everything()
    for stale in (lambda: service.assign_primary_number(row("Ada"), row("Uli"), FRESH, shown),
                  lambda: service.remove_primary_number(row("Ada"), row("Uli"), shown)):
        with pytest.raises(Changed):
            stale()
    assert everything() == before


@pytest.mark.parametrize(("name", "number", "assigned"), [("Uli", ULI, True), ("Rita", FRESH, False)])
def test_the_same_number_again_changes_nothing(row, name, number, assigned):
    with writing():
        service.give_primary_number(row("Ada"), row(name), read_number(number))
    before = everything()
    with writing():
        assert service.give_primary_number(row("Ada"), row(name), read_number(number)) is assigned
    assert everything() == before


def test_a_number_is_given_within_a_larger_change_whichever_one_they_have(row, held):
    with writing():
        assert service.give_primary_number(None, row("Uli"), read_number(FRESH)) is False
    assert held("Uli") == (FRESH, False)
    assert db.session.scalars(select(Claim)).one().by_id is None
    assert db.session.scalars(select(AuditEvent.actor_name).order_by(AuditEvent.id.desc())).first() \
        == StoredWords.COMMAND_LINE


def test_a_larger_change_that_fails_gives_no_number(row):
    before = everything()
    with pytest.raises(ZeroDivisionError), writing():
        service.give_primary_number(row("Ada"), row("Rita"), read_number(FRESH))
        raise ZeroDivisionError
    assert everything() == before


# --- removing ------------------------------------------------------------------------------------


def test_a_number_that_is_removed_stays_with_the_organization(row, held, maple):
    service.remove_primary_number(row("Ada"), row("Uli"), ULI)
    assert held("Uli") is None
    assert told() == ("number-removed", "Uli Brandt", {"number": ULI})
    assert count_all_and_free(maple) == (2, 1)


def test_a_claim_that_is_removed_is_gone(row, held):
    service.assign_primary_number(row("Ada"), row("Rita"), FRESH, "")
    service.remove_primary_number(row("Ada"), row("Rita"), FRESH)
    assert held("Rita") is None
    assert db.session.scalars(select(Claim)).all() == []
    assert service.list_free_numbers(row("Ada")) == []


def test_where_nothing_is_removed_nothing_is_told(row):
    before = everything()
    service.remove_primary_number(row("Ada"), row("Rita"), "")
    assert everything() == before


# --- numbers of the organization -----------------------------------------------------------------


@pytest.mark.parametrize(("typed", "sentence"), [
    ("416 555 0101", "This organization has this number already."),
    ("206 555 0160", "belongs to another organization."), ("12", "This is not a phone number"),
])
def test_a_number_belongs_to_one_organization(row, maple, typed, sentence):
    before = everything()
    with pytest.raises(Clash, match=sentence):
        service.add_organization_number(row("Olga"), maple, typed)
    assert everything() == before


def test_a_number_is_added_for_admins_to_assign(row, maple):
    added = service.add_organization_number(row("Olga"), maple, "416 555 0177")
    assert (added.e164, added.kind, added.organization_id, added.user_id) == (FRESH, NumberKind.PLAIN, maple.id, None)
    assert told() == ("number-added", "Maple Clinic", {"number": FRESH})
    assert service.list_free_numbers(row("Ada")) == [FRESH]
    assert service.list_free_numbers(row("Otto")) == []


def test_free_numbers_are_listed_in_order_and_not_without_end(row, bring):
    bring("+14165550179", FRESH, "+14165550178")
    assert service.list_free_numbers(row("Ada")) == [FRESH, "+14165550178", "+14165550179"]
    assert service.list_free_numbers(row("Ada"), most=2) == [FRESH, "+14165550178"]


def test_numbers_are_listed_in_order_with_their_holders(row, maple):
    service.add_organization_number(row("Olga"), maple, "416 555 0100")
    rows, more = service.list_number_rows(maple, most=2)
    assert ([(number.e164, holder) for number, holder in rows], more) == (
        [("+14165550100", ""), (ULI, "Uli Brandt")], True)
    rest, more = service.list_number_rows(maple, after=rows[-1][0].e164)
    assert ([holder for _number, holder in rest], more) == (["Ben Okafor"], False)
    assert count_all_and_free(maple) == (3, 1)


@pytest.mark.parametrize(("search", "found"), [
    ("", [ULI, BEN]), ("555-0102", [BEN]), ("(416)", [ULI, BEN]), ("0160", []), ("206", []), ("Uli", [ULI, BEN]),
])
def test_the_search_for_numbers_reads_digits_alone_and_no_other_organizations(maple, search, found):
    assert [number.e164 for number, _holder in service.list_number_rows(maple, search)[0]] == found


def test_numbers_are_counted_within_one_organization(organizations):
    harbor = db.session.get_one(Organization, organizations["Harbor"].id)
    assert count_all_and_free(harbor) == (2, 0)
    with writing() as session:
        session.add(Organization(name="Empty", name_key="empty"))
    empty = db.session.scalars(select(Organization).where(Organization.name == "Empty")).one()
    assert count_all_and_free(empty) == (0, 0)
    assert service.list_number_rows(empty) == ([], False)


def test_marks_reach_only_ones_own_numbers(row, maple):
    chosen, olga = [ULI, OTTO, "+19999999999"], row("Olga")
    assert service.set_number_sources(olga, maple, chosen, NumberSource.OTHER) == 1
    assert told() == ("number-marked", "Maple Clinic", {"number": ULI, "changes": [["source", "", "other"]]})
    assert service.set_number_sources(olga, maple, chosen, NumberSource.OTHER) == 0
    assert service.set_number_sources(olga, maple, chosen, None) == 1
    assert {number.source for number in db.session.scalars(select(Number))} == {None}


def test_each_number_that_is_marked_has_an_event(row, maple):
    before = len(everything()[-1])
    assert service.set_number_sources(row("Olga"), maple, [ULI, BEN], NumberSource.CALLING_PLAN) == 2
    assert len(everything()[-1]) == before + 2
    assert service.set_number_sources(row("Olga"), maple, [], NumberSource.OTHER) == 0


# --- several at once, for a new organization ---------------------------------------------------------


@pytest.mark.parametrize(("typed", "found"), [
    ("", []), (" \n\n", []), ("416 555 0190\r\n\n (416) 555-0191 \n+1 416 555 0190", ["+14165550190", "+14165550191"]),
])
def test_numbers_are_read_one_in_each_line_and_each_once(typed, found):
    assert [one.e164 for one in service.read_new_numbers(typed, "CA")] == found


@pytest.mark.parametrize(("typed", "values"), [
    ("416 555 0190\n12", {"line": "2"}), ("72345", {"line": "1"}), ("x" * 2000, {"line": "1"}),
    ("416 555 0190\n" * 51, {"most": 50}),
])
def test_a_line_that_is_no_number_is_named(typed, values):
    with pytest.raises(Clash) as refused:
        service.read_new_numbers(typed, "CA")
    assert (refused.value.field, refused.value.values) == ("numbers", values)
