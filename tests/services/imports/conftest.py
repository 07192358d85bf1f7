"""Files of rows, planned for an organization of the cast."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask import Flask

from portal.services.imports import ImportTerms, optout_files, planning, reading
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
def maple(uli: Any) -> Any:
    """Maple Clinic, in the open application."""
    return uli.organization


@pytest.fixture
def ada(uli: Any, row: Any) -> Any:
    """Its administrator."""
    return row("Ada")


@pytest.fixture
def store(ada: Any, maple: Any) -> Any:
    """`store(content)` keeps a file of opt-outs."""
    def kept(content: bytes | str) -> Any:
        content = content if isinstance(content, bytes) else content.encode()
        return optout_files.store_optout_file(ada, maple, "opt-outs.csv", content)
    return kept


@pytest.fixture
def carry(ada: Any, maple: Any, store: Any) -> Any:
    """`carry("Number\\n...")` imports a file and gives the counts."""
    return lambda content: optout_files.import_optout_file(ada, maple, store(content))
