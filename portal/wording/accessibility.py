"""When the accessibility statement was made, and when it has to be read again; its page is in the notices."""

import sys
from datetime import UTC, date, datetime

STATED_ON, REVIEW_ON = date(2026, 11, 29), date(2027, 5, 31)


def remind_to_review_statement(today: date | None = None) -> None:
    """Print from REVIEW_ON on that the statement has to be reviewed. `make check` ends with it."""
    if (today or datetime.now(UTC).date()) >= REVIEW_ON:
        sys.stdout.write(f"Review the accessibility statement, as was planned for {REVIEW_ON}: compare"
                         " portal/templates/notices/accessibility.html with what tests/browser tests. Then set"
                         " STATED_ON and REVIEW_ON in portal/wording/accessibility.py. Nothing fails until then.\n")
