"""The list of users: what selects them, one page after another, and never anybody of another organization."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import ColumnElement, insert
from werkzeug.exceptions import NotFound

from portal import lengths
from portal.extensions import db, writing
from portal.models import AccountState, Claim, User
from portal.rules import BY_ID, UserState
from portal.rules.numbers import NumberKind
from portal.services.names import key_of_name
from portal.services.toggles import groups, toggle, user_list
from portal.services.toggles.eligibility import OrganizationSnapshot, profile_of_user
from portal.services.toggles.groups import FewCondition
from portal.services.toggles.toggle import SettingValue, ToggleOutcome
from portal.services.toggles.user_list import OWN_SETTING_FILTER, UserChoice

from .houses import QUICK, furnished, house, one_by_one

pytestmark = pytest.mark.usefixtures("open_app")
EVERYBODY = ["Ada", "Ben", "Rita", "Uli"]


@pytest.fixture
def read(organizations):
    """`read("Harbor")` is the snapshot of an organization as it is now."""

    def of(name="Maple"):
        db.session.rollback()
        return OrganizationSnapshot.read(organizations[name].id)

    return of


@pytest.fixture
def chosen(read):
    """`chosen(texting="off")` are the first names of the users whom a choice selects."""

    def names(organization="Maple", **choice):
        snapshot = read(organization)
        rows = user_list.list_user_rows(snapshot, UserChoice(**choice).conditions(snapshot)).rows
        assert user_list.count_users(snapshot, UserChoice(**choice).conditions(snapshot)) == len(rows)
        return [one.user.name.split()[0] for one in rows]

    return names


@pytest.fixture
def crowd(organizations, locations):
    """Twelve more users of Maple Clinic, some of the same name."""
    with writing() as session:
        session.add_all(User(organization_id=organizations["Maple"].id, location_id=locations["Halifax"].id,
                             name=f"Kim {n % 3}", name_key=key_of_name(f"Kim {n % 3}"), email=f"kim{n}@example.com",
                             email_key=f"kim{n}@example.com") for n in range(12))


ORDERED = ["Éa Ar", "Ea Bar", "Łódź", "Lodz 2", "Straße", "Strasse 2", "Über", "Uber 2", "Źi", "Zi 2", "Żuk"]


@pytest.mark.parametrize("sort", ["name", "-name", "location", "-location"])
def test_pages_of_names_with_accents_miss_nobody(read, organizations, locations, sort):
    """One after the other and back again, in the order of the plain letters."""
    with writing() as session:
        session.add_all(User(organization_id=organizations["Maple"].id, location_id=locations["Halifax"].id, name=name,
                             name_key=key_of_name(name), email=f"x{n}@e.org", email_key=f"x{n}@e.org")
                        for n, name in enumerate(reversed(ORDERED)))
    where = UserChoice(search="@e.org").conditions(read())
    there, back, beside = [], [], {}
    while (page := user_list.list_user_rows(read(), where, **beside, most=2, sort=sort)).rows:
        there += [row.user.name for row in page.rows]
        beside = {"after": page.rows[-1].user.ref}
    while (page := user_list.list_user_rows(read(), where, before=beside["after"], most=2, sort=sort)).rows:
        back = [row.user.name for row in page.rows] + back
        beside = {"after": page.rows[0].user.ref}
    assert there == (ORDERED[::-1] if sort.startswith("-") else ORDERED)
    assert back == there[:-1]


# --- searching -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("search", "found"), [
    ("", EVERYBODY), ("   ", EVERYBODY), ("BRANDT", ["Uli"]), ("brándt", ["Uli"]), ("rita@", ["Rita"]),
    ("example.com", EVERYBODY), ("0102", ["Ben"]), ("(416) 555-01", ["Ben", "Uli"]), ("+1 416 555 0101", ["Uli"]),
    ("41", []), ("%", []), ("_", []), ("\\", []), ("a%a", []), ("Mia", []), ("0161", []), ("nobody", []),
])
def test_a_search_looks_in_names_addresses_and_numbers(chosen, search, found):
    """Literally, without case and accents, from three digits on, and only among one's own."""
    assert chosen(search=search) == found


def test_a_search_finds_numbers_that_are_claimed(chosen, row, organizations):
    with writing() as session:
        session.add(Claim(organization_id=organizations["Maple"].id, user_id=row("Rita").id, e164="+14165550134",
                          kind=NumberKind.PLAIN))
    assert chosen(search="0134") == ["Rita"]


SIGNS = st.text("aeouäöß lLzŁé.-'\"%_\\1", min_size=1, max_size=9)
NAMES = st.one_of(SIGNS, st.sampled_from(["Müller", "Mueller", "Muller", "Zoé Lefèvre", "Michael Oe", "Joe Blue"]))
TYPED = st.one_of(NAMES, st.sampled_from(["ue", "ü", "e", "Lefèvre, Zoé", "example", "@e", "m", "416", "ada 555"]))


@QUICK
@given(named=st.lists(NAMES, min_size=1, max_size=6), typed=st.lists(TYPED, min_size=1, max_size=4))
def test_few_are_found_like_many(open_app, organizations, locations, named, typed):
    """Whether users are looked up by their ids, or the list is read in its order."""
    with suppress(Undo), writing() as session:
        session.execute(insert(User), [{
            "organization_id": organizations["Maple"].id, "location_id": locations["Halifax"].id, "name": name,
            "name_key": key_of_name(name), "email": f"x{n}@example.org", "email_key": f"x{n}@example.org",
            "account": AccountState.ACTIVE} for n, name in enumerate(named)])
        snapshot = OrganizationSnapshot.read(organizations["Maple"].id)
        for one in typed:
            with pytest.MonkeyPatch.context() as patch:
                few = found_with(snapshot, one, FewCondition)
                patch.setattr(groups, "LEAST_MANY", 0)
                assert few == found_with(snapshot, one, ColumnElement)
        raise Undo


class Undo(Exception):
    """Takes an example back."""


def found_with(snapshot, typed, kind):
    """The refs of those whom a search finds, in three orders; all ways to count them agree."""
    where = user_list.search_conditions(snapshot.organization.id, typed)
    assert all(isinstance(one, kind) for one in where)
    pages = [user_list.list_user_rows(snapshot, where, sort=sort, most=100).rows
             for sort in ("name", "-number", "location")]
    assert {len(page) for page in pages} == {user_list.count_users(snapshot, where)} == {
        snapshot.counts(where).total()}
    return [[row.user.ref for row in page] for page in pages]


def test_a_search_that_is_too_long_finds_nobody_and_looks_nowhere(chosen):
    assert chosen(search="a" * lengths.SEARCH_WORDS) == []
    (condition,) = user_list.search_conditions(1, "a" * (lengths.SEARCH_WORDS + 1))
    assert str(condition) == "false"
    assert user_list.search_conditions(1, " ") == []


# --- filtering -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("choice", "found"), [
    ({"texting": UserState.CAN_TEXT}, ["Ben", "Uli"]), ({"texting": UserState.NOT_AVAILABLE}, ["Ada", "Rita"]),
    ({"texting": UserState.OFF}, []), ({"texting": OWN_SETTING_FILTER}, []),
    ({"rule": "primary-number"}, ["Ada", "Rita"]), ({"rule": "location-country"}, []),
    ({"rule": "primary-number", "search": "rita"}, ["Rita"]),
    ({"texting": UserState.CAN_TEXT, "rule": "primary-number"}, []),
])
def test_filters_select_by_state_and_by_the_rule_in_the_way(chosen, choice, found):
    assert chosen(**choice) == found


def test_the_own_setting_filter_knows_on_and_off_but_no_setting_that_was_taken_back(chosen, row):
    for name, on in (("Uli", False), ("Ben", True), ("Rita", True), ("Rita", None)):
        with writing():
            toggle.write_setting(row("Ada"), row(name), SettingValue(on))
    assert chosen(texting=OWN_SETTING_FILTER) == ["Ben", "Uli"]
    assert chosen(texting=UserState.OFF) == ["Uli"]


@pytest.mark.parametrize("choice", [
    {"texting": "asleep"}, {"rule": "no-such-rule"}, {"outcome": "no-such-outcome", "level": "user", "wish": "on"},
    {"outcome": ToggleOutcome.TURN_OFF, "level": "galaxy", "wish": "off"}, {"level": "user", "wish": "off"},
])
def test_unknown_values_filter_nothing(chosen, choice):
    assert chosen(**choice) == EVERYBODY


def test_a_location_filters_within_the_organization(chosen, locations, row):
    with writing():
        row("Ben").location_id = locations["Halifax"].id
    assert chosen(location=locations["Halifax"].ref) == ["Ben"]
    assert chosen(location=locations["Toronto"].ref) == ["Ada", "Rita", "Uli"]


@pytest.mark.parametrize("ref", ["Seattle", "nowhere"])
def test_a_location_elsewhere_is_not_found(read, locations, ref):
    maple = read()
    with pytest.raises(NotFound):
        UserChoice(location=locations[ref].ref if ref in locations else ref).conditions(maple)


@pytest.mark.parametrize(("level", "wish", "outcome", "found"), [
    ("organization", "off", ToggleOutcome.TURN_OFF, ["Ben", "Uli"]),
    ("organization", "off", ToggleOutcome.NOT_AVAILABLE, ["Ada", "Rita"]),
    ("organization", "on", ToggleOutcome.UNCHANGED, ["Ben", "Uli"]),
    ("user", "off", ToggleOutcome.TURN_OFF, ["Ben", "Uli"]), ("user", "on", ToggleOutcome.TURN_ON, []),
])
def test_an_outcome_selects_whom_a_setting_would_do_this_to(chosen, level, wish, outcome, found):
    assert chosen(level=level, wish=wish, outcome=outcome) == found


def test_an_outcome_selects_within_the_other_filters(chosen):
    assert chosen(level="user", wish="off", outcome=ToggleOutcome.TURN_OFF, search="uli") == ["Uli"]


def test_refs_select_exactly_these_whatever_the_filters_say(chosen, people):
    refs = people["Uli"].ref, people["Rita"].ref
    assert chosen(refs=refs, search="nobody", texting=UserState.OFF) == ["Rita", "Uli"]


def test_refs_of_a_stranger_select_nobody(chosen, people):
    assert chosen(refs=(people["Mia"].ref, people["Olga"].ref)) == []
    assert chosen("Harbor", refs=(people["Mia"].ref, people["Uli"].ref)) == ["Mia"]


def test_the_rule_of_a_choice_is_named():
    assert UserChoice(rule="primary-number").broken is BY_ID["primary-number"]
    assert UserChoice(rule="no-such-rule").broken is UserChoice().broken is None


@QUICK
@given(drawn=house)
def test_the_users_of_a_state_are_those_who_are_in_it_one_by_one(small, drawn):
    """The list, its count and the state of a single user never disagree."""
    with furnished(small, drawn):
        snapshot = OrganizationSnapshot.read(small[0])
        alone = one_by_one(snapshot)
        for state in UserState:
            where, held = UserChoice(texting=state).conditions(snapshot), {
                user for user, (found, _on, _eligible) in alone.items() if found is state}
            assert {one.user.id for one in user_list.list_user_rows(snapshot, where).rows} == held
            assert user_list.count_users(snapshot, where) == len(held)


# --- rows and pages --------------------------------------------------------------------------------


def test_a_row_is_a_user_with_number_standing_and_profile(read, row):
    rows = user_list.list_user_rows(read(), []).rows
    assert [(one.user.name, one.number) for one in rows] == [
        ("Ada Keller", ""), ("Ben Okafor", "+14165550102"), ("Rita Sandoval", ""), ("Uli Brandt", "+14165550101")]
    assert rows[3].profile == profile_of_user(row("Uli"))
    assert [one.standing.state for one in rows] == [
        UserState.NOT_AVAILABLE, UserState.CAN_TEXT, UserState.NOT_AVAILABLE, UserState.CAN_TEXT]


@pytest.mark.parametrize("most", [1, 3, 5, 16, 50])
def test_pages_show_everybody_once_in_both_directions(crowd, read, most):
    """Also among users of the same name; each page says whether there are users before and after it."""
    snapshot = read()
    everybody = [one.user.ref for one in user_list.list_user_rows(snapshot, []).rows]
    assert len(everybody) == len(set(everybody)) == 16
    page, pages = user_list.list_user_rows(snapshot, [], most=most), []
    while True:
        pages.append([one.user.ref for one in page.rows])
        assert page.earlier is (len(pages) > 1)
        if not page.later:
            break
        page = user_list.list_user_rows(snapshot, [], after=pages[-1][-1], most=most)
    assert [ref for page in pages for ref in page] == everybody
    for number in range(len(pages) - 1, 0, -1):
        back = user_list.list_user_rows(snapshot, [], before=pages[number][0], most=most)
        assert [one.user.ref for one in back.rows] == pages[number - 1]
        assert (back.earlier, back.later) == (number > 1, True)


@pytest.mark.parametrize("name", ["Mia", "Olga", "nobody"])
def test_a_page_after_a_stranger_is_not_found(read, people, name):
    """Where they would stand in the list must not tell how they are called."""
    snapshot, ref = read(), people[name].ref if name in people else name
    for place in ({"after": ref}, {"before": ref}):
        with pytest.raises(NotFound):
            user_list.list_user_rows(snapshot, [], **place)


def test_a_page_is_one_statement_however_many_users_there_are(crowd, read, statements):
    snapshot = read()
    for most in (2, 16):
        with statements() as seen:
            assert len(user_list.list_user_rows(snapshot, [], most=most).rows) == most
        assert len(seen) == 1


# --- counting and looking up -----------------------------------------------------------------------


def test_all_are_counted(crowd, read):
    assert user_list.count_users(read(), []) == 16


def test_each_organization_counts_its_own(read):
    assert (user_list.count_users(read(), []), user_list.count_users(read("Harbor"), [])) == (4, 2)


@pytest.mark.parametrize(("typed", "found"), [
    ("ULI BRANDT", ["Uli Brandt"]), ("uli@EXAMPLE.com", ["Uli Brandt"]), ("uli", ["Uli Brandt"]),
    ("0102", ["Ben Okafor"]),
    ("Mia Castellano", []), ("mia@example.com", []), ("nobody", []),
])
def test_whoever_is_meant_is_found_by_the_whole_before_a_part(read, typed, found):
    users, more = user_list.look_up_users(read(), typed)
    assert ([user.name for user in users], more) == (found, False)


def test_an_exact_name_hides_those_who_only_contain_it(read, row):
    with writing():
        row("Ben").name, row("Ben").name_key = "Uli Brandtner", "uli brandtner"
    assert [user.name for user in user_list.look_up_users(read(), "Uli Brandt")[0]] == ["Uli Brandt"]
    assert [user.name for user in user_list.look_up_users(read(), "Uli Bra")[0]] == ["Uli Brandt", "Uli Brandtner"]


def test_too_many_who_may_be_meant_are_not_all_listed(crowd, read):
    assert [user.name for user in user_list.look_up_users(read(), "brandt")[0]] == ["Uli Brandt"], "a whole word"
    users, more = user_list.look_up_users(read(), "kim", most=2)
    assert (len(users), more) == (2, True)
    assert user_list.look_up_users(read(), "Kim 1", most=4)[1] is False
    assert user_list.look_up_users(read(), "Kim 1", most=3)[1] is True


def test_what_is_longer_than_any_address_means_nobody(read, statements):
    snapshot = read()
    with statements() as seen:
        assert user_list.look_up_users(snapshot, "a" * (lengths.EMAIL_ADDRESS + 1)) == ([], False)
    assert seen == []
