"""What is written out comes back the same: SEC-18."""

import csv
import io
import re

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from portal.extensions import db, writing
from portal.models import AccountState, Claim, Number, User
from portal.rules import UserState
from portal.rules.characters import tidy_line
from portal.rules.facts import NumberSource
from portal.rules.numbers import NumberKind
from portal.services import csv_cells, names
from portal.services.imports import (
    ImportColumn,
    ImportTerms,
    RowOutcome,
    UnreadableFile,
    exporting,
    planning,
    reading,
    rows,
)
from portal.services.toggles import toggle, user_list
from portal.services.toggles.eligibility import OrganizationSnapshot
from portal.services.toggles.toggle import SettingValue
from portal.services.toggles.user_list import UserChoice
from tests.data.files import EMAIL, table, user_csv

FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-1", "@SUM(A1)", "'=1", "''=1", "'quoted", "\t=1", "a\"b", "x;y,z", "' =1")
# What a name may be: the portal stores no outer spaces, no breaks and nothing that nobody sees.
NAMES = (st.text(min_size=1, max_size=60) | st.sampled_from(FORMULAS)).map(tidy_line).filter(bool)
VERSIONS = ("", "43.2", "42.30", "43", "4.10.0", "=43", "+43.1", "-", "@1", "1e5", "Mar 5", "x;-y", "007")
AREAS = st.sampled_from(("416", "902", "604", "212"))
LINES = st.integers(110, 199)


@pytest.fixture
def maple(app, people):
    with app.app_context():
        yield db.session.get_one(User, people["Ada"].id).organization_id


def plan(organization_id, content, operator=False):
    terms = ImportTerms(organization_id, administers=True, operator=operator, languages=("en",),
                        zones={"America/Toronto"})
    return planning.plan_import(terms, reading.read_sheet(content))


def exported(organization_id, chosen=exporting.EVERYBODY):
    """The whole file."""
    return b"".join(exporting.user_file(organization_id, chosen))


def cells(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_template_has_every_column_and_nothing_else(maple):
    assert cells(exporting.template_file()) == [[str(column) for column in ImportColumn]]


def test_everybody_of_the_organization_is_exported_in_one_statement(maple, statements, monkeypatch):
    """However few lie in memory at once; the others are those that the filters need."""
    monkeypatch.setattr(exporting, "ROWS_AT_ONCE", 1)
    with statements() as seen:
        content = exported(maple)
    assert (len(seen), sum("users.email" in one for one in seen)) == (4, 1)
    assert [row[EMAIL] for row in table(content)] == [
        "ada@example.com", "ben@example.com", "rita@example.com", "uli@example.com"]
    assert table(content)[3] == dict.fromkeys(map(str, ImportColumn), "") | {
        EMAIL: "uli@example.com", "Display Name": "Uli Brandt", "User Status": "Active",
        "Phone Number": "'+14165550101", "Location": "Toronto", "Texting": "INHERIT", "App Version": "'43.2"}


def test_all_rows_are_those_of_one_moment(maple, monkeypatch, database_store):
    """Whoever changes something while the file is on its way: a line never contradicts one that went before."""
    monkeypatch.setattr(exporting, "ROWS_AT_ONCE", 1)
    monkeypatch.setattr(csv_cells, "PIECE_SIZE", 1)
    pieces = exporting.user_file(maple)
    first = [next(pieces) for _ in range(3)]
    with database_store.other() as other:
        other.execute("UPDATE users SET name = 'Someone else'")
    assert [row["Display Name"] for row in table(b"".join([*first, *pieces]))] == [
        "Ada Keller", "Ben Okafor", "Rita Sandoval", "Uli Brandt"]


SHOWN = st.builds(UserChoice, search=st.sampled_from(["", "", "e", "555", "@", "zz", "%"]),
                  texting=st.sampled_from(["", "", *UserState, "own-setting"]),
                  rule=st.sampled_from(["", "", "primary-number", "texting-off"]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(chosen=SHOWN, names_=st.lists(NAMES, min_size=4, max_size=4), place=NAMES, version=st.sampled_from(VERSIONS),
       on=st.sampled_from([None, True, False]), account=st.sampled_from(AccountState), claimed=st.booleans())
def test_the_export_of_a_filter_is_the_list_and_changes_nothing_when_it_is_imported(
        maple, chosen, names_, place, on, version, account, claimed):
    with writing() as session:
        everybody = session.scalars(select(User).where(User.organization_id == maple).order_by(User.id)).all()
        for user, name in zip(everybody, names_, strict=True):
            user.name, user.name_key, user.app_version = name, names.key_of_name(name), version
        rita = everybody[-1]
        rita.account, rita.location.name = account, place
        rita.location.name_key = names.key_of_name(place)
        toggle.write_setting(everybody[0], rita, SettingValue(on))
        session.execute(delete(Claim))
        if claimed:
            session.add(Claim(organization_id=maple, user_id=rita.id, e164="+16475550190", kind=NumberKind.PLAIN))
    snapshot = OrganizationSnapshot.read(maple)
    shown = user_list.list_user_rows(snapshot, chosen.conditions(snapshot)).rows
    content = exported(maple, chosen)
    assert [row[EMAIL] for row in table(content)] == [row.user.email for row in shown]
    if shown:
        assert [(step.outcome, step.changes, step.problems) for step in plan(maple, content).steps] == [
            (RowOutcome.UNCHANGED, [], [])] * len(shown)


@pytest.mark.parametrize("operator", [False, True])
def test_export_and_import_again_changes_nothing(maple, operator):
    ada, ben, rita, uli = db.session.scalars(
        select(User).where(User.organization_id == maple).order_by(User.name_key))
    with writing() as session:
        ben.account, rita.account, rita.password_hash = AccountState.DEACTIVATED, AccountState.INVITED, ""
        uli.language, uli.time_zone = "de_DE", "America/Toronto"
        toggle.write_setting(ada, uli, SettingValue(False))
        toggle.write_setting(ada, ada.organization, SettingValue(True, locked=True, reason="All"))
        number = session.scalars(select(Number).where(Number.user_id == uli.id)).one()
        number.source = NumberSource.CALLING_PLAN
    again = plan(maple, exported(maple), operator)
    assert [(step.outcome, step.changes, step.problems, step.row.notes) for step in again.steps] == [
        (RowOutcome.UNCHANGED, [], [], ())] * 4


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(name=NAMES, version=st.sampled_from(VERSIONS), area=AREAS, line=LINES)
def test_whatever_a_user_is_called_the_round_trip_is_exact(maple, name, version, area, line):
    e164 = f"+1{area}5550{line}"
    with writing() as session:
        ben = session.scalars(select(User).where(User.email == "ben@example.com")).one()
        number = session.scalars(select(Number).where(Number.user_id == ben.id)).one()
        ben.name, ben.name_key, ben.app_version = name, names.key_of_name(name), version
        number.e164, number.kind = e164, NumberKind.PLAIN
    content = exported(maple)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in cells(content) for cell in row)
    assert [step.outcome for step in plan(maple, content).steps] == [RowOutcome.UNCHANGED] * 4
    read = {row.email: row
            for row in rows.read_rows(reading.read_sheet(content), (), {"America/Toronto"})}["ben@example.com"]
    assert (read.name, read.number, read.app_version) == (name, e164, version)


CELLS = st.text(max_size=20).filter(lambda cell: "\0" not in cell)


@settings(deadline=None, max_examples=300)
@example([["\r", "0"]], reading.Separator.COMMA)
@example([["\t", "0"], ["\u200b'=1", "'"]], reading.Separator.COMMA)
@given(st.lists(st.lists(CELLS, min_size=2, max_size=6), max_size=8), st.sampled_from(list(reading.Separator)))
def test_an_error_file_has_the_cells_that_came(lines, separator):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows([[EMAIL, "X"], ["first@example.com", "x"], *lines])
    try:
        sheet = reading.read_sheet(text.getvalue().encode())
    except (UnreadableFile, UnicodeEncodeError):
        return
    content = b"".join(exporting.error_file(sheet, {line.number: "=why" for line in sheet.lines}))
    again = reading.read_sheet(content)
    assert again.header == (EMAIL, "X", "Error")
    assert [sheet.cells(line) for line in sheet.lines] == [again.cells(line) for line in again.lines]


def test_an_error_file_has_the_rows_that_failed_and_why(maple):
    sheet = reading.read_sheet(user_csv({EMAIL: "a@example.com", "Extra": "=cmd"},
                                        {EMAIL: "b@example.com", "Extra": "+1"},
                               separator=";") + b"c@example.com;x;more\r\n")
    pieces = exporting.error_file(sheet, {2: "One reason.", 4: "Another."})
    assert not isinstance(pieces, bytes), "whoever hands it out never holds all of it"
    content = b"".join(pieces)
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")) == [
        [EMAIL, "Extra", "Error"], ["a@example.com", "'=cmd", "One reason."],
        ["c@example.com", "x", "Another.", "more"]]


def test_links_cannot_be_formulas():
    assert table(exporting.link_file([("=Ann", "a@example.com", "https://example.com/welcome/x")])) == [
        {"name": "'=Ann", "email": "a@example.com", "link": "https://example.com/welcome/x"}]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(name=NAMES, place=NAMES, version=st.sampled_from(VERSIONS), separator=st.sampled_from(list(reading.Separator)))
def test_a_program_that_opens_the_export_and_saves_it_with_another_separator_changes_nothing(
        maple, name, place, version, separator):
    with writing() as session:
        ben = session.scalars(select(User).where(User.email == "ben@example.com")).one()
        ben.name, ben.name_key, ben.app_version = name, names.key_of_name(name), version
        ben.location.name, ben.location.name_key = place, names.key_of_name(place)
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows(cells(exported(maple)))
    again = plan(maple, text.getvalue().encode("utf-16"))
    assert [(step.outcome, step.changes) for step in again.steps] == [(RowOutcome.UNCHANGED, [])] * 4


def opened(content, splits):
    """What a spreadsheet shows that splits lines at another character: its cells, one after the other."""
    return [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=splits)
            for cell in row]


@pytest.mark.parametrize("name", ["B;=1+1", "C\u200b;\ufeff=2", 'D;"=3"', "E;＝4", "F; +5", "G|@6", "H;'=7",
                                  "=8", "＝9"])
@pytest.mark.parametrize("splits", [",", ";", "\t", "|"])
def test_no_cell_of_an_export_begins_a_formula_wherever_the_line_is_split(maple, name, splits):
    with writing() as session:
        ben = session.scalars(select(User).where(User.email == "ben@example.com")).one()
        ben.name = ben.location.name = name
    for cell in opened(exported(maple), splits):
        assert not re.match(r"[\s\"\u200b\ufeff]*[=+@＝-]", cell), cell


def saved_by_a_spreadsheet(content):
    """What a spreadsheet saves when somebody only opens the file: numbers are written its own way."""
    def shown(cell):
        if re.fullmatch(r"\d+\.\d+", cell):
            return cell.rstrip("0").rstrip(".")
        return f"{float(cell):.5E}" if re.fullmatch(r"[+-]?\d{12,}", cell) else cell

    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows([shown(cell) for cell in row] for row in cells(content))
    return text.getvalue().encode("utf-8-sig")


@pytest.mark.parametrize("version", ["42.30", "42.3", "42.0", "50.100", "42", "42.30.0"])
def test_a_spreadsheet_in_between_changes_nothing(maple, version):
    with writing() as session:
        for user in session.scalars(select(User).where(User.organization_id == maple)):
            user.app_version = version
    again = plan(maple, saved_by_a_spreadsheet(exported(maple)))
    assert [(step.outcome, step.changes) for step in again.steps] == [(RowOutcome.UNCHANGED, [])] * 4


@pytest.mark.parametrize(("stored", "said", "changes"), [
    ("42.30", "42.3", False), ("42.30", "42.300", False), ("42.0", "42", False), ("42.30", "42.4", True),
    ("42.3.0", "42.3", True), ("42.30", "43", True), ("", "42.3", True), ("42.3", "42.03", True)])
def test_lost_zeros_are_no_other_version(maple, stored, said, changes):
    with writing() as session:
        session.scalars(select(User).where(User.email == "ben@example.com")).one().app_version = stored
    step, = plan(maple, user_csv({EMAIL: "ben@example.com", "App Version": said})).steps
    assert (step.outcome is RowOutcome.CHANGED) == changes


def test_names_stored_untidily_before_are_no_change(maple):
    with writing() as session:
        session.scalars(select(User).where(User.email == "ben@example.com")).one().name = "Be\u200bn Zoe\u0308 "
    assert [step.outcome for step in plan(maple, exported(maple)).steps] == [RowOutcome.UNCHANGED] * 4
