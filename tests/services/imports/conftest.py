"""Files of rows, planned for an organization of the cast."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask import Flask

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
