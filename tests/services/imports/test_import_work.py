"""The import in steps: the same as at one go, with a bounded number of statements for each step."""

import pytest
from sqlalchemy import select

from portal.extensions import db, writing
from portal.models import Claim, User
from portal.services import imports
from portal.services.imports import ImportTerms, RowOutcome, import_work, long_imports
from tests.data import control_hub
from tests.data.files import EMAIL, user_csv
from tests.data.imported import import_all, work_all

pytestmark = pytest.mark.usefixtures("open_app")


@pytest.fixture
def upload(ada):
    """`upload(content)` is a file that was checked."""
    terms = ImportTerms(ada.organization_id, True, False, ("en",), {"America/Toronto"})
    return lambda content: imports.store_upload(ada, terms, "users.csv", content)


@pytest.fixture
def steps_of(monkeypatch):
    """`steps_of(3)`: so many rows in a commit, none of them within the request."""
    def cut(rows):
        monkeypatch.setattr(import_work, "ROWS_PER_STEP", rows)
        monkeypatch.setattr(long_imports, "ROWS_PER_STEP", 0)
    return cut


def people(many, numbered=True):
    return user_csv(*({EMAIL: f"p{n}@example.com", "Display Name": f"P {n}", "Location": "Toronto", "Texting": "OFF",
                       "Phone Number": f"+1647555{n:04}" if numbered else ""} for n in range(many)))


def test_each_step_takes_the_same_statements_however_many_rows(upload, ada, steps_of, statements):
    asked = {}
    for rows in (40, 8):
        steps_of(rows)
        file = upload(people(3 * rows).replace(b"p", b"q" if rows == 8 else b"r"))
        imports.order_import(ada, file, file.seal)
        imports.work_on_imports()
        with statements() as seen:
            imports.work_on_imports()
        asked[rows] = len(seen)
        work_all()
    assert asked[40] == asked[8] < 40


@pytest.mark.parametrize("rows", [1, 7, 100])
def test_the_size_of_a_step_makes_no_difference(upload, ada, steps_of, rows):
    steps_of(rows)
    done = import_all(ada, upload(control_hub.book(60).write()))
    assert done["created"] > 30
    assert done["created"] == len(done["users"]) + 9, "nine come with a closed account"


def test_users_who_hand_numbers_on_get_them_whatever_the_order_and_the_step(upload, ada, steps_of):
    """A chain from the last line to the first, and two who swap: one row in a commit, but for the swap."""
    numbers = [f"+1647555{n:04}" for n in range(6)]
    import_all(ada, upload(people(6)))
    steps_of(1)
    wanted = {"p0": numbers[1], "p1": numbers[2], "p2": f"REMOVE|{numbers[2]}", "p4": numbers[5], "p5": numbers[4]}
    file = upload(user_csv(*({EMAIL: f"{name}@example.com", "Phone Number": number}
                             for name, number in wanted.items())))
    assert import_all(ada, file)[RowOutcome.CHANGED] == 5
    held = dict(db.session.execute(select(User.email, Claim.e164).join(Claim, Claim.user_id == User.id)).all())
    assert held == {f"{name}@example.com": number for name, number in (
        ("p0", numbers[1]), ("p1", numbers[2]), ("p3", numbers[3]), ("p4", numbers[5]), ("p5", numbers[4]))}


def test_who_waits_for_a_number_that_is_not_given_up_after_all_is_left_out(upload, ada, steps_of, row):
    """Both rows are in commits of their own, and the first one has become a conflict."""
    steps_of(1)
    file = upload(user_csv({EMAIL: "new@example.com", "Display Name": "Nia", "Location": "Toronto",
                            "Phone Number": "+14165550101", "App Version": ""},
                           {EMAIL: "uli@example.com", "Phone Number": "REMOVE|+14165550101", "App Version": "9"}))
    assert file.total == 2
    with writing():
        row("Uli").app_version = "45.0"
    done = import_all(ada, file)
    assert (done["conflict"], done["wrong"], done["created"]) == (1, 1, 0)
