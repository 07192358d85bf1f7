"""Files of rows, planned for an organization of the cast."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask import Flask

from portal.extensions import db
from portal.models import User
from portal.services.imports import ImportTerms, planning, reading
from tests.cast import Known
from tests.data.files import user_csv


@pytest.fixture
def plan(app: Flask, organizations: Mapping[str, Known]) -> Iterator[Any]:
    """`plan(row, ...)` is what a file of these rows would do to Maple Clinic; inside the application."""

    def make(*rows: dict[str, str], organization: str = "Maple", administers: bool = True, operator: bool = False,
             content: bytes = b"") -> planning.ImportPlan:
        terms = ImportTerms(organizations[organization].id, administers, operator, ("en",), {"America/Toronto"})
        return planning.plan_import(terms, reading.read_sheet(content or user_csv(*rows)))

    with app.app_context():
        yield make


@pytest.fixture
def user(people: Mapping[str, Known]) -> Any:
    """`user("Uli")` is the record; inside the application."""
    return lambda name: db.session.get_one(User, people[name].id)
