"""What a file would do: planned in a fixed number of statements, nothing written."""

import pytest
from sqlalchemy import func, select

from portal import wording
from portal.extensions import db, writing
from portal.models import AccountState, AuditEvent, Claim, Location, Number, Setting, User
from portal.rules.facts import NumberSource
from portal.rules.numbers import NumberKind
from portal.services.imports import ImportColumn, RowOutcome
from tests.data import control_hub
from tests.data.files import EMAIL

ULI, BEN, NEW = ({EMAIL: f"{name}@example.com"} for name in ("uli", "ben", "new"))
NEWCOMER = {**NEW, "Display Name": "Nia New", "Location": "Toronto"}


def said(step):
    return [problem.sentence % problem.values for problem in step.problems]


def shown(step):
    return {change.column: (change.was, change.now) for change in step.changes}


def only(plan):
    step, = plan.steps
    return step


def test_planning_writes_nothing_and_asks_the_same_number_of_statements_for_any_file(plan, statements):
    asked = []
    for many in (1, 40, 400):
        db.session.rollback()
        with statements() as seen:
            plan(content=control_hub.book(many).write())
        assert all(statement.startswith("SELECT") for statement in seen)
        asked.append(len(seen))
    assert asked == [5, 5, 5]


def test_a_new_user(plan):
    step = only(plan({**NEWCOMER, "Phone Number": "416 555-0161", "Preferred Language": "de_DE",
                      "User Status": "Active", "Time zone": "America/Toronto", "Texting": "OFF",
                      "App Version": "43.1"}))
    assert step.outcome is RowOutcome.CREATED
    assert shown(step) == {
        ImportColumn.EMAIL: ("", "new@example.com"), ImportColumn.DISPLAY_NAME: ("", "Nia New"),
        ImportColumn.LOCATION: ("", "Toronto"),
        ImportColumn.NUMBER: ("", "+14165550161"), ImportColumn.LANGUAGE: ("", "de_DE"),
        ImportColumn.STATUS: ("", "Active"),
        ImportColumn.TIME_ZONE: ("", "America/Toronto"), ImportColumn.TEXTING: ("INHERIT", "OFF"),
        ImportColumn.APP_VERSION: ("", "43.1")}


@pytest.mark.parametrize(("written", "meant"), [
    ("Koeln", "Köln"), ("KOLN", "Köln"), ("köln", "Köln"), ("l'Ile", "L’Île"), ("L’Île", "L’Île"),
    ("Koln", "Köln"), ("Baur", None), ("Bauer", "Bauer"),
    # Two are called so; only the whole name says which.
    ("Gorlitz", "Görlitz"), ("Goerlitz", "Goerlitz"), ("LODZ", None), ("Lodz", "Lodz"), ("Łódź", "Łódź"),
])
def test_a_location_is_found_however_its_name_is_written(plan, organizations, written, meant):
    names = {"Köln": "koln", "Görlitz": "gorlitz", "Goerlitz": "goerlitz", "L’Île": "l'ile", "Łódź": "lodz",
             "Bauer": "bauer",
             # As it was before keys had no accents.
             "Lodz": "lodz "}
    with writing() as session:
        session.add_all(Location(organization_id=organizations["Maple"].id, name=name, name_key=key, country="CA",
                                 time_zone="America/Toronto") for name, key in names.items())
    step = only(plan({**NEWCOMER, "Location": written}))
    assert (step.location.name if step.location else None) == meant


def test_a_new_user_needs_a_name_and_a_location(plan):
    assert said(only(plan(NEW))) == ["A new user needs a name.", "A new user needs a location."]
    assert only(plan({**NEW, "Last Name": "New", "Location": "toronto"})).outcome is RowOutcome.CREATED


def test_empty_cells_and_missing_columns_leave_values_alone(plan):
    empty = dict.fromkeys(ImportColumn, "")
    assert only(plan({**empty, **ULI})).outcome is RowOutcome.UNCHANGED
    assert only(plan(ULI)).outcome is RowOutcome.UNCHANGED
    assert only(plan({EMAIL: "ULI@Example.com", "Last Name": "Other"})).outcome is RowOutcome.UNCHANGED


def test_changes_are_told_from_what_to_what(plan):
    step = only(plan({**ULI, "First Name": "Uli", "Last Name": "Brand", "Location": "HALIFAX",
                      "Phone Number": "4165550161", "App Version": "44.0"}))
    assert step.outcome is RowOutcome.CHANGED
    assert shown(step) == {
        ImportColumn.DISPLAY_NAME: ("Uli Brandt", "Uli Brand"), ImportColumn.LOCATION: ("Toronto", "Halifax"),
        ImportColumn.NUMBER: ("+14165550101", "+14165550161"), ImportColumn.APP_VERSION: ("43.2", "44.0")}


@pytest.mark.parametrize("typed", ["(416) 555-0101", "+14165550101", "4165550101", "14165550101", "1 416 555 0101",
                                   "'+14165550101", "416.555.0101"])
def test_the_same_number_in_any_spelling_changes_nothing(plan, typed):
    assert only(plan({**ULI, "Phone Number": typed})).outcome is RowOutcome.UNCHANGED


def test_a_number_that_somebody_holds_may_stay_even_if_nobody_could_get_it_today(plan, row):
    with writing():
        row("Uli").number.e164 = "+11234567890"
    assert only(plan({**ULI, "Phone Number": "'+11234567890"})).outcome is RowOutcome.UNCHANGED
    assert only(plan({**ULI, "Phone Number": "123-456-7890"})).outcome is RowOutcome.WRONG


@pytest.mark.parametrize(("typed", "part"), [
    ("1.41697E+10", "1.41697E+10. A spreadsheet has shortened it"), ("123-456-7890", "no such area code"),
    ("416 5550", "too short"), ("555-HELP", "letters"), ("+1 416 555 0101 x22", "extension"),
    ("911", "Short codes and service numbers"), ("12345", "Short codes"), ("REMOVE|1.4E+10", "spreadsheet")])
def test_numbers_that_cannot_be_assigned(plan, typed, part, app):
    step = only(plan({**ULI, "Phone Number": typed}))
    assert step.outcome is RowOutcome.WRONG
    with app.test_request_context():
        assert part in " ".join(wording.translate_sentence(one.sentence, one.values) for one in step.problems)


def test_a_number_is_read_as_it_is_dialed_at_the_location(plan, people, row):
    ada = row("Ada")
    with writing() as session:
        session.add(Location(organization_id=ada.organization_id, name="Berlin", name_key="berlin", country="DE",
                             time_zone="Europe/Berlin"))
    step = only(plan({**ULI, "Location": "Berlin", "Phone Number": "030 23125678"}))
    assert shown(step)[ImportColumn.NUMBER] == ("+14165550101", "+493023125678")


def test_an_unknown_location_is_wrong_and_named_and_nothing_else_is_hidden_by_it(plan):
    step = only(plan({**ULI, "Location": "Atlantis", "Phone Number": "1.41697E+10", "Texting": "perhaps"}))
    assert len(step.problems) == 3
    assert any("Atlantis" in sentence for sentence in said(step))


def test_other_organizations_locations_do_not_exist(plan):
    assert "Seattle" in said(only(plan({**ULI, "Location": "Seattle"})))[0]


@pytest.mark.parametrize("email", ["otto@example.com", "OLGA@example.com"])
def test_an_address_that_is_taken_elsewhere_says_so_and_names_nobody(plan, email):
    step = only(plan({**NEWCOMER, EMAIL: email}))
    assert said(step) == ["This email address already has an account. Each person needs an address of their own."]


def test_a_number_of_another_organization_is_planned_like_one_that_nobody_has(plan):
    theirs, nobodys = (only(plan({**ULI, "Phone Number": number})) for number in ("+12065550160", "+12065550169"))
    assert (theirs.outcome, shown(theirs)) == (RowOutcome.CHANGED,
                                               {ImportColumn.NUMBER: ("+14165550101", "+12065550160")})
    assert (nobodys.outcome, shown(nobodys)) == (RowOutcome.CHANGED,
                                                 {ImportColumn.NUMBER: ("+14165550101", "+12065550169")})


def test_numbers_can_be_swapped_and_handed_on_in_one_file(plan):
    swapped = plan({**ULI, "Phone Number": "+14165550102"}, {**BEN, "Phone Number": "+14165550101"})
    assert [step.outcome for step in swapped.steps] == [RowOutcome.CHANGED] * 2
    handed = plan({**NEWCOMER, "Phone Number": "+14165550101"}, {**ULI, "Phone Number": "REMOVE|+14165550101"})
    assert [step.outcome for step in handed.steps] == [RowOutcome.CREATED, RowOutcome.CHANGED]


def test_only_operators_say_where_a_number_comes_from(plan):
    row = {**ULI, "Number Source": "OTHER"}
    assert only(plan(row)).outcome is RowOutcome.UNCHANGED
    change, = only(plan(row, operator=True)).changes
    assert (change.was, change.now, change.value) == ("", "OTHER", NumberSource.OTHER)
    gone = only(plan({**row, "Phone Number": "REMOVE|+14165550101"}, operator=True))
    assert list(shown(gone)) == [ImportColumn.NUMBER]
    assert only(plan({EMAIL: "ada@example.com", "Number Source": "OTHER"},
                     operator=True)).outcome is RowOutcome.UNCHANGED


def test_the_source_goes_with_the_number_that_the_user_will_have(plan, row):
    with writing() as session:
        session.add(Number(organization_id=row("Uli").organization_id, e164="+14165550161", kind=NumberKind.PLAIN,
                           source=NumberSource.OTHER))
    step = only(plan({**ULI, "Phone Number": "+14165550161", "Number Source": "OTHER"}, operator=True))
    assert list(shown(step)) == [ImportColumn.NUMBER]


def test_leavers_are_inactive_in_the_file_and_active_here(plan):
    inactive = {"User Status": "Inactive"}
    found = plan({**BEN, **inactive}, ULI, {**NEWCOMER, **inactive},
                 {EMAIL: "ada@example.com", **inactive, "Location": "Nowhere"})
    assert [step.user.name for step in found.steps if step.is_leaver] == ["Ben Okafor"]


def test_a_file_neither_closes_nor_opens_an_account(plan, row):
    with writing():
        row("Ben").account, row("Rita").account = AccountState.DEACTIVATED, AccountState.INVITED
        row("Rita").password_hash = ""
    ben, uli, rita = plan({**BEN, "User Status": "Active"}, {**ULI, "User Status": "Inactive"},
                          {EMAIL: "rita@example.com", "User Status": "Verified"}).steps
    assert (ben.outcome, uli.outcome) == (RowOutcome.UNCHANGED, RowOutcome.UNCHANGED)
    assert shown(rita) == {ImportColumn.STATUS: ("Invited", "Active")}


def test_only_operators_change_an_operators_account(plan, row):
    with writing():
        row("Uli").operator = True
    row = {**ULI, "Display Name": "Uli B.", "Phone Number": "+14165550161"}
    assert said(only(plan(row))) == ["This person is an operator too. Only an operator can change this account."]
    assert only(plan(row, operator=True)).outcome is RowOutcome.CHANGED
    assert only(plan({**ULI, "Phone Number": "+14165550161"})).outcome is RowOutcome.CHANGED


def test_marks_notice_whatever_would_be_written_over(plan, row):
    rows = {**ULI, "App Version": "44.0"}, {**BEN, "App Version": "43.2"}, {**NEWCOMER}
    marks = [step.mark for step in plan(*rows).steps]
    with writing():
        row("Ben").app_version = "45.0"
        row("Uli").app_version = "43.9"
    again = plan(*rows)
    again.hold_to(marks)
    assert [step.outcome for step in again.steps] == [RowOutcome.CONFLICT, RowOutcome.CONFLICT, RowOutcome.CREATED]


def test_who_waits_for_a_number_of_a_conflict_does_not_get_it(plan, row):
    rows = ({**NEWCOMER, "Phone Number": "+14165550101"},
            {**ULI, "Phone Number": "REMOVE|+14165550101", "App Version": "9"})
    marks = [step.mark for step in plan(*rows).steps]
    with writing():
        row("Uli").app_version = "45.0"
    again = plan(*rows)
    again.hold_to(marks)
    assert [step.outcome for step in again.steps] == [RowOutcome.WRONG, RowOutcome.CONFLICT]


def test_the_generated_export_is_planned_as_it_was_meant(plan):
    book = control_hub.book()
    steps = plan(content=book.write()).steps
    assert len(steps) == len(book.lines)
    for line, step in zip(book.lines, steps, strict=True):
        assert (step.outcome is RowOutcome.WRONG) == bool(line.fault), (line, step.problems)
        if not line.fault:
            assert (step.wanted_number.e164 if step.wanted_number else "") == line.e164


def test_nothing_is_stored_by_planning(plan):
    tables = (User, Number, Setting, AuditEvent)
    before = [db.session.scalar(select(func.count()).select_from(table)) for table in tables]
    plan(content=control_hub.book().write())
    assert not db.session.new
    assert not db.session.dirty
    assert [db.session.scalar(select(func.count()).select_from(table)) for table in tables] == before


def test_the_steps_of_an_outcome_come_in_the_order_of_the_file(plan):
    made = plan({**ULI, "App Version": "44"}, {**BEN, "Location": "Atlantis"}, NEWCOMER, {EMAIL: "ada@example.com"})
    uli, ben, new, ada = made.steps
    assert made.of(RowOutcome.CREATED, RowOutcome.CHANGED) == [uli, new]
    assert (made.of(RowOutcome.WRONG), made.of(RowOutcome.UNCHANGED)) == ([ben], [ada])
    assert made.of(RowOutcome.CONFLICT) == made.of() == []


def test_numbers_that_will_wait_for_an_operator_are_counted(plan, row, bring):
    """What the organization has not got is claimed; a claim that stays waits on, a row that is wrong claims nothing."""
    bring("+14165550161")
    with writing() as session:
        session.add(Claim(organization_id=row("Ada").organization_id, user_id=row("Ada").id, e164="+14165550162",
                          kind=NumberKind.PLAIN))

    def unconfirmed(*rows):
        found = plan(*rows)
        return sum(found.holders.leaves_claim(step) for step in found.steps if step.good)

    assert unconfirmed({**ULI, "Phone Number": "+14165550161"}, {**NEWCOMER, "Phone Number": "+14165550101"}) == 0
    assert unconfirmed({**ULI, "Phone Number": "+14165550163"}, {**NEWCOMER, "Phone Number": "+14165550164"}) == 2
    assert unconfirmed({EMAIL: "ada@example.com"}, ULI, {**BEN, "Phone Number": "REMOVE|+14165550102"}) == 1
    assert unconfirmed({EMAIL: "ada@example.com", "Phone Number": "REMOVE|+14165550162"},
                       {**ULI, "Phone Number": "+14165550163", "Location": "Atlantis"}) == 0
