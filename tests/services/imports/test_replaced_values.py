"""What an import has replaced, as Undo needs it."""

import json

import pytest
from sqlalchemy import select

from portal.extensions import db
from portal.models import User
from portal.services.imports.replaced_values import keep_replaced, keep_versions
from tests.data.files import EMAIL

ULI = {EMAIL: "uli@example.com"}


@pytest.fixture
def found_user():
    return lambda email: db.session.scalars(select(User).where(User.email == email)).one()


def test_values_before_and_after_by_column(plan, found_user):
    (step,) = plan({**ULI, "Display Name": "Üli", "Location": "Halifax", "Phone Number": "REMOVE|+14165550101",
                    "Texting": "OFF", "App Version": "44.0", "Preferred Language": "en_US"}).steps
    uli = found_user("uli@example.com")
    kept = json.loads(json.dumps(keep_replaced(step)))
    assert kept == {
        "Display Name": ["Uli Brandt", "Üli"], "Location": [uli.location_id, step.location.id],
        "Phone Number": ["+14165550101", ""], "Texting": [None, False], "App Version": ["43.2", "44.0"],
        "Preferred Language": ["", "en"]}
    assert keep_versions(step, uli) == {"user": uli.version, "setting": 1}


def test_a_new_user_had_nothing(plan):
    (step,) = plan({EMAIL: "new@example.com", "Display Name": "Nia", "Location": "Toronto"}).steps
    assert {was for was, _now in keep_replaced(step).values()} == {None}


def test_the_source_is_that_of_the_number_in_the_row(plan):
    (step,) = plan({**ULI, "Number Source": "OTHER"}, operator=True).steps
    assert keep_replaced(step) == {"Number Source": [None, "other"]}
