"""Who gets which number: one holder for each, and nobody's from a row that cannot be carried out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.extensions import db, writing
from portal.models import Claim, Number
from portal.rules.numbers import NumberKind, NumberReading, read_number
from portal.services.imports.columns import ImportColumn
from portal.services.imports.known_people import KnownClaim, KnownNumber, KnownUser
from portal.services.imports.number_holders import NumberHolders
from portal.services.imports.rows import FileRow, RowProblem
from portal.services.imports.steps import RowPlan

ULI, BEN, FREE, OTTO = "+14165550101", "+14165550102", "+14165550161", "+12065550160"
LOST = "%(holder)s already has this number."


def step(line, wanted="", user=0, held="", take_away=False, wrong=False):
    """Row `line` asks for a number, for a user with this id (0: a new one) who holds another one."""
    person = KnownUser(id=user, name=f"User {user}") if user else None
    return RowPlan(FileRow(line, f"{user or line}-user@example.com", number=wanted, take_away=take_away), person,
                   current_number=number(held, user) if held else None,
                   wanted_number=NumberReading(NumberKind.PLAIN, wanted) if wanted else None,
                   problems=[RowProblem("Something else.")] * wrong)


def number(e164, user=None):
    return KnownNumber(e164=e164, kind=NumberKind.PLAIN, user_id=user)


def settled(steps, held=()):
    """The holders after all rows; `held` are the organization's numbers with the ids of their users."""
    holders = NumberHolders({e164: number(e164, user) for e164, user in dict(held).items()},
                            {e164: f"User {user}" for e164, user in dict(held).items()})
    for one in steps:
        holders.consider(one)
    holders.settle()
    return holders


def said(one):
    return [problem.sentence % problem.values for problem in one.problems]


def changed(one):
    change = one.change(ImportColumn.NUMBER)
    return (change.was, change.now) if change else None


# --- what one row asks for -----------------------------------------------------------------------


def test_a_row_without_a_number_asks_for_none():
    one = step(2, user=1, held=ULI)
    settled([one], {ULI: 1})
    assert (changed(one), one.good) == (None, True)


def test_a_number_that_cannot_be_assigned_is_none_to_look_for():
    """The plan has refused it already."""
    one = RowPlan(FileRow(2, "a@example.com", number="911"), wanted_number=NumberReading(NumberKind.EMERGENCY))
    settled([one])
    assert (changed(one), one.problems) == (None, [])


def test_a_number_is_given_in_place_of_the_one_that_was_held():
    one, newcomer = step(2, FREE, user=1, held=ULI), step(3, BEN)
    settled([one, newcomer], {ULI: 1, FREE: None})
    assert (changed(one), changed(newcomer)) == ((ULI, FREE), ("", BEN))
    assert one.change(ImportColumn.NUMBER).value == one.wanted_number
    assert one.good
    assert newcomer.good


def test_the_number_that_the_user_holds_is_no_change():
    one = step(2, ULI, user=1, held=ULI)
    settled([one], {ULI: 1})
    assert (changed(one), one.good) == (None, True)


@pytest.mark.parametrize(("held", "change", "problem"), [
    (ULI, (ULI, ""), []), ("", None, []),
    (BEN, None, ["The user has +1 416 555 0102. Take it away in the same row to give them another number."])])
def test_a_number_is_taken_from_who_holds_it_and_no_other_one(held, change, problem):
    one = step(2, ULI, user=1, held=held, take_away=True)
    settled([one])
    assert (changed(one), said(one)) == (change, problem)


# --- rows that ask for one number ----------------------------------------------------------------


def test_a_number_that_a_colleague_keeps_names_them():
    one = step(2, BEN, user=1, held=ULI)
    settled([one], {ULI: 1, BEN: 2})
    assert said(one) == ["User 2 already has this number."]


def test_two_rows_with_one_number_the_second_names_the_first_line():
    first, second, third = (step(line, FREE) for line in (2, 3, 4))
    settled([first, second, third])
    assert first.good
    assert said(second) == said(third) == ["Line 2 has the same number already."]


def test_two_rows_about_one_user_are_not_two_users():
    """That their address stands there twice is told already."""
    first, second = step(2, FREE, user=1), step(3, FREE, user=1)
    settled([first, second])
    assert second.problems == []


def test_numbers_can_be_swapped_and_handed_on_in_any_order_of_the_rows():
    swapped = [step(2, BEN, user=1, held=ULI), step(3, ULI, user=2, held=BEN)]
    handed = [step(2, ULI), step(3, ULI, user=1, held=ULI, take_away=True)]
    ring = [step(line, f"+1416555010{line % 3}", user=line, held=f"+1416555010{line - 1}") for line in (1, 2, 3)]
    for steps in (swapped, swapped[::-1], handed, handed[::-1], ring):
        for one in steps:
            one.changes.clear()
        settled(steps, {one.current_number.e164: one.user.id for one in steps if one.current_number})
        assert [said(one) for one in steps] == [[]] * len(steps)


def test_rows_that_wait_for_a_row_that_is_wrong_fail_in_turn():
    newcomer, uli, ben = step(2, ULI), step(3, BEN, user=1, held=ULI), step(4, FREE, user=2, held=BEN, wrong=True)
    settled([newcomer, uli, ben], {ULI: 1, BEN: 2})
    assert said(newcomer) == ["User 1 already has this number."]
    assert said(uli) == ["User 2 already has this number."]
    assert said(ben) == ["Something else."]


def test_settling_again_after_a_conflict_takes_back_what_hung_on_it():
    """And says nothing twice."""
    newcomer, uli = step(2, ULI), step(3, FREE, user=1, held=ULI)
    holders = settled([newcomer, uli], {ULI: 1})
    assert newcomer.good
    uli.conflict = True
    holders.settle()
    holders.settle()
    assert newcomer.problems == [RowProblem(LOST, {"holder": "User 1"})]


# What each of five users asks for: a number from 0 to 6 (the first five are held), nothing, or to give theirs up.
WISHES = st.lists(st.tuples(st.sampled_from([*range(7), "nothing", "give up"]), st.booleans()), min_size=5, max_size=7)


@settings(deadline=None)
@given(WISHES, st.permutations(range(5)))
def test_a_number_never_has_two_holders(wishes, order):
    """Users 1 to 5 hold the first five numbers; all that ask beyond them are new users."""
    e164 = [f"+1416555010{index}" for index in range(7)]
    held = {e164[index]: user + 1 for index, user in enumerate(order)}
    mine = {user: number for number, user in held.items()}
    steps = []
    for line, (wish, wrong) in enumerate(wishes, start=1):
        user = line if line <= 5 else 0
        wanted = {"nothing": "", "give up": mine.get(user, "")}.get(wish) if isinstance(wish, str) else e164[wish]
        steps.append(step(line, wanted, user, mine.get(user, ""), take_away=wish == "give up", wrong=wrong))
    settled(steps, held)
    has = dict(mine)
    for line, one in enumerate(steps, start=1):
        if one.good and changed(one):
            has[line] = one.change(ImportColumn.NUMBER).now
    kept = [number for number in has.values() if number]
    assert len(kept) == len(set(kept))


@settings(deadline=None)
@given(st.permutations(range(5)), st.permutations(range(5)))
def test_whoever_asks_for_a_number_that_another_row_gives_up_gets_it(before, after):
    """All numbers may change hands at once."""
    numbers = [f"+1416555010{index}" for index in range(5)]
    steps = [step(user, numbers[after[user - 1]], user, numbers[before[user - 1]]) for user in range(1, 6)]
    settled(steps, {numbers[before[user - 1]]: user for user in range(1, 6)})
    assert all(one.good for one in steps)


# --- what is stored ------------------------------------------------------------------------------


@pytest.fixture
def ids(app, organizations):
    with app.app_context():
        yield {name: organizations[name].id for name in ("Maple", "Harbor")}


def test_numbers_of_the_organization_are_read_with_their_holders_in_one_statement(ids, bring, statements):
    bring(FREE)
    with statements() as seen:
        holders = NumberHolders.of(ids["Maple"], [step(2, ULI), step(3, BEN), step(4, FREE), step(5)])
    assert len(seen) == 1
    assert set(holders.numbers) == {ULI, BEN, FREE}
    assert holders.names == {ULI: "Uli Brandt", BEN: "Ben Okafor", FREE: None}


def test_a_claim_of_a_colleague_is_a_number_that_they_hold(ids, people):
    with writing() as session:
        session.add(Claim(organization_id=ids["Maple"], user_id=people["Ada"].id, e164=FREE, kind=NumberKind.PLAIN))
    one = step(2, FREE)
    holders = NumberHolders.of(ids["Maple"], [one])
    assert isinstance(holders.numbers[FREE], KnownClaim)
    holders.consider(one)
    holders.settle()
    assert said(one) == ["Ada Keller already has this number."]


@pytest.mark.parametrize(("reader", "e164"), [("Maple", OTTO), ("Harbor", ULI), ("Maple", FREE), ("Harbor", FREE)])
def test_numbers_and_claims_of_another_organization_are_like_those_that_nobody_has(ids, people, reader, e164):
    """A file must not tell who is where: a number of strangers is planned as if it were free."""
    other = "Harbor" if reader == "Maple" else "Maple"
    with writing() as session:
        session.add(Claim(organization_id=ids[other], user_id=people["Mia" if other == "Harbor" else "Ada"].id,
                          e164=FREE, kind=read_number(FREE).kind))
    one, nobodys = step(2, e164), step(2, "+14165550199")
    for each in (one, nobodys):
        holders = NumberHolders.of(ids[reader], [each])
        assert (holders.numbers, holders.names) == ({}, {})
        holders.consider(each)
        holders.settle()
    assert one.problems == nobodys.problems == []
    assert db.session.scalar(db.select(Number.organization_id).where(Number.e164 == OTTO)) == ids["Harbor"]
