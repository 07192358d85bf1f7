"""One row the other way round: each value for itself."""

import pytest

from portal.models import RowOutcome, RowUndone, User
from portal.services.imports.known_people import read_people
from portal.services.imports.reversed_rows import DoneRow, reverse_row
from portal.services.imports.texting_changes import TextingJudge
from portal.services.toggles.eligibility import OrganizationSnapshot

pytestmark = pytest.mark.usefixtures("open_app")


@pytest.fixture
def reverse(uli):
    """`reverse({"Display Name": [was, imported]})` for Uli."""
    judge = TextingJudge(OrganizationSnapshot.read(uli.organization_id), administers=True)

    def made(values, out_of_reach=False):
        row = DoneRow(position=0, line=2, outcome=RowOutcome.CHANGED, user_id=uli.id,
                      said=[[name, "", ""] for name in values], before={"values": values, "user": 1, "setting": 0})
        return reverse_row(row, next(read_people(User.id == uli.id)), judge, is_out_of_reach=out_of_reach)
    return made


def test_what_is_as_the_import_left_it_comes_back_and_the_rest_stays(reverse):
    made = reverse({"Display Name": ["U. B.", "Uli Brandt"], "App Version": ["42.0", "44.0"]})
    assert [(one.column.value, one.was, one.now) for one in made.step.changes] == [
        ("Display Name", "Uli Brandt", "U. B.")]
    assert (made.left, made.result, made.said) == ({"App Version"}, RowUndone.LEFT, [["App Version", "", ""]])


def test_a_location_that_is_gone_and_an_account_that_is_in_use_stay(reverse, uli):
    made = reverse({"Location": [-1, uli.location_id], "User Status": ["invited", "active"]})
    assert (made.step.changes, made.left) == ([], {"Location", "User Status"})


def test_a_number_that_is_taken_by_now_stays_alone(reverse):
    made = reverse({"Phone Number": ["+14165550199", "+14165550101"], "Display Name": ["U. B.", "Uli Brandt"]})
    assert len(made.step.changes) == 2
    made.leave_taken_number()
    assert len(made.step.changes) == 2, "there is no problem"
    made.step.problems.append("taken")
    made.leave_taken_number()
    assert ([one.now for one in made.step.changes], made.left) == (["U. B."], {"Phone Number"})


def test_who_may_be_changed_by_operators_only_stays(reverse):
    assert reverse({"Display Name": ["U. B.", "Uli Brandt"]}, out_of_reach=True).result is RowUndone.LEFT
