"""What public pages show: one object for each page, and its template sees nothing else of its own.

`tests/web/test_page_objects.py` has the table of these pages and holds their templates to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup

from portal.services.people.organizations import PublicDetails


@dataclass(frozen=True, slots=True)
class AccessibilityPage:
    """The accessibility statement: the day on which it was made, and the day on which it is to be read again."""

    stated_on: date
    review_on: date


@dataclass(frozen=True, slots=True)
class LimitationsPage:
    """All rules, as they are written for many readers at once, or for one to whom some apply."""

    rules: Markup


@dataclass(frozen=True, slots=True)
class QuietHoursPage:
    """When texts that advertise may be sent: the title of the rule, and a row for each state and province."""

    rule: str
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class SenderPage:
    """Who a sender is; `words` are those of the page for each of its languages."""

    sender: PublicDetails
    words: Mapping[str, Mapping[str, str]]
