"""Search finds what a person may see anyway, and nothing of anybody else."""

import pytest
from sqlalchemy import insert

from portal.extensions import db, writing
from portal.models import AccountState, Claim, Number, OptOut, OptOutSource, OptOutState, User
from portal.rules.numbers import NumberKind
from portal.services import search
from portal.services.search import MOST_FOUND, search_portal
from tests.talks import hold, text_out


@pytest.fixture
def find(app, people, inside):
    """`find("Ada", "uli")` gives by kind what Ada finds, each by what it is called."""
    called = {"people": lambda row: row.user.name, "organizations": lambda row: row.name,
              "numbers": lambda row: row.e164, "optouts": lambda row: row.theirs,
              "conversations": lambda row: row.conversation.name or row.conversation.theirs}
    with inside():
        yield lambda who, typed: {
            kind: [called[kind](row) for row in found.rows]
            for kind, found in search_portal(db.session.get_one(User, people[who].id), typed).items()}


def add(*rows):
    with writing() as session:
        session.add_all(rows)


def named(organization_id, location_id, *names):
    """Users with these names, at once."""
    with writing() as session:
        session.execute(insert(User), [
            {"organization_id": organization_id, "location_id": location_id, "name": name, "name_key": name.casefold(),
             "email": f"x{n}@example.org", "email_key": f"x{n}@example.org", "account": AccountState.ACTIVE}
            for n, name in enumerate(names)])


INSIDE = {"people", "numbers", "optouts", "conversations"}
KINDS = {"Ada": INSIDE, "Otto": INSIDE, "Rita": INSIDE, "Uli": {"conversations"}, "Ben": {"conversations"},
         "Olga": {"organizations", "numbers"}}


@pytest.mark.parametrize("who", KINDS)
@pytest.mark.parametrize("typed", ["a", "555", "", "%"])
def test_the_kinds_go_by_the_roles(find, who, typed):
    assert find(who, typed).keys() == KINDS[who]


def test_people_are_found_by_name_and_address_in_ones_own_organization(find):
    """A letter that all names have finds nobody from elsewhere."""
    assert find("Ada", "ULI")["people"] == ["Uli Brandt"]
    assert find("Ada", "uli@example")["people"] == ["Uli Brandt"]
    assert find("Otto", "uli")["people"] == []
    assert find("Ada", "a")["people"] == ["Ada Keller", "Ben Okafor", "Rita Sandoval", "Uli Brandt"]
    assert find("Otto", "a")["people"] == ["Mia Castellano", "Otto Lang"]


def test_accents_and_case_are_folded(find, organizations, locations):
    named(organizations["Maple"].id, locations["Toronto"].id, "zoe bernard")
    assert find("Ada", "ZOË")["people"] == ["zoe bernard"]


def test_an_umlaut_is_found_by_two_letters_and_stands_first_where_it_begins_a_word(find, organizations, locations):
    named(organizations["Maple"].id, locations["Toronto"].id, "anton sumuller", "eva muller", "ute mueller")
    assert find("Ada", "Mueller")["people"] == ["eva muller", "ute mueller", "anton sumuller"]
    assert find("Ada", "Müller, Ute")["people"] == ["ute mueller"]


@pytest.mark.parametrize("typed", ["%", "_", "\\", "%%%", "a%b", "u_i", "\u200b", "   ", "x" * 201, "a" * 100_000])
def test_nothing_typed_is_a_pattern(find, typed):
    """Wild cards stand for themselves, and what holds no name and no number finds nothing."""
    assert not any(find("Ada", typed).values())
    assert not any(find("Olga", typed).values())


def test_words_that_begin_so_come_first(find, organizations, locations):
    named(organizations["Maple"].id, locations["Toronto"].id, "aaron quill", "a reus", "abreuil", "reuben")
    assert find("Ada", "reu")["people"] == ["a reus", "reuben", "abreuil"]


def test_numbers_of_ones_own_organization(find, people, bring, organizations):
    bring("+14165550177")
    add(Claim(organization_id=organizations["Maple"].id, user_id=people["Rita"].id, e164="+14165550178",
              kind=NumberKind.PLAIN))
    assert find("Ada", "416 555-01")["numbers"] == ["+14165550101", "+14165550102", "+14165550177", "+14165550178"]
    assert find("Otto", "416 555-01")["numbers"] == []
    assert find("Otto", "0160")["numbers"] == ["+12065550160"]
    assert find("Ada", "01")["numbers"] == []
    assert find("Ada", "٠١٧٧")["numbers"] == ["+14165550177"]


def test_a_number_is_given_with_its_holder(find, people, bring, inside):
    bring("+14165550177")
    found = search_portal(db.session.get_one(User, people["Ada"].id), "5550101")["numbers"].rows
    assert [(one.holder.name, one.organization.name) for one in found] == [("Uli Brandt", "Maple Clinic")]
    (free,) = search_portal(db.session.get_one(User, people["Ada"].id), "5550177")["numbers"].rows
    assert free.holder is None


def test_operators_find_organizations_and_all_numbers_and_no_people(find):
    assert find("Olga", "clin") == {"organizations": ["Maple Clinic"], "numbers": []}
    assert find("Olga", "555 01")["numbers"] == ["+12065550160", "+12065550161", "+14165550101", "+14165550102"]
    assert find("Olga", "uli") == {"organizations": [], "numbers": []}


def test_optouts_of_ones_own_organization(find, organizations):
    add(*(OptOut(organization_id=organizations[name].id, theirs=theirs, state=OptOutState.OUT, source=OptOutSource.STOP)
          for name, theirs in (("Maple", "+16475550110"), ("Harbor", "+16475550111"))))
    assert find("Ada", "647555")["optouts"] == ["+16475550110"]
    assert find("Otto", "647555")["optouts"] == ["+16475550111"]
    assert "optouts" not in find("Uli", "647555")


def test_conversations_are_ones_own(find, people):
    hold(people["Uli"].id, text_out(), name="Jane Cooper")
    hold(people["Ben"].id, text_out(), theirs="+16475550111", name="Jane Doe")
    assert find("Uli", "jane")["conversations"] == ["Jane Cooper"]
    assert find("Ben", "jane")["conversations"] == ["Jane Doe"]
    assert find("Ada", "jane")["conversations"] == []
    assert find("Uli", "0110")["conversations"] == ["Jane Cooper"]


def test_a_few_of_each_and_whether_there_are_more(find, people, organizations, locations):
    named(organizations["Maple"].id, locations["Toronto"].id, *(f"quill {n:02}" for n in range(MOST_FOUND)))
    ada = db.session.get_one(User, people["Ada"].id)
    assert (len(search_portal(ada, "quill")["people"].rows), search_portal(ada, "quill")["people"].more) == (8, False)
    with writing() as session:
        session.add(User(organization_id=ada.organization_id, location_id=locations["Halifax"].id, name="Quill A",
                         name_key="quill a", email="q@example.com", email_key="q@example.com"))
    assert (len(search_portal(ada, "quill")["people"].rows), search_portal(ada, "quill")["people"].more) == (8, True)


@pytest.mark.parametrize(("who", "most"), [("Ada", 4), ("Uli", 1), ("Olga", 2)])
def test_each_kind_asks_once(find, people, statements, who, most):
    """However much there is."""
    actor = db.session.get_one(User, people[who].id)
    with statements() as seen:
        search_portal(actor, "4165550101")
    assert len(seen) <= most
    with statements() as seen:
        search_portal(actor, " ")
    assert seen == []


def test_free_numbers_are_numbers_too(find, bring):
    bring("+14165550179")
    assert find("Ada", "0179")["numbers"] == ["+14165550179"]
    assert db.session.query(Number).filter_by(e164="+14165550179").one().user_id is None
    assert search.FEWEST_DIGITS == 3
