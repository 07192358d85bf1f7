"""What pages of operators show: one object for each page, and its template sees nothing else of its own.

`tests/web/test_page_objects.py` has the table of these pages and holds their templates to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.services.records.requests import RequestRow

from .records_forms import OperatorRecordsForm


@dataclass(frozen=True, slots=True)
class OperatorRecordsPage:
    """The requests that wait for an operator; `older` is the last id shown if more follow."""

    rows: Sequence[RequestRow]
    newest: bool
    older: int | None


@dataclass(frozen=True, slots=True)
class OperatorRequestPage:
    """One request around the form to decide it."""

    row: RequestRow
    form: OperatorRecordsForm

    @property
    def errors(self) -> bool:
        """Whether the form was refused; the title says so."""
        return bool(self.form.errors)
