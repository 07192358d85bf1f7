"""Cells that a spreadsheet would run: made harmless on the way out, restored on the way in."""

import re

# The wide forms are run as well by spreadsheets in Chinese, Japanese and Korean.
_BEGINS = "[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
_RISKY = re.compile(f"'*{_BEGINS}")
_GUARDED = re.compile(f"'+{_BEGINS}")


def guard(value: str) -> str:
    """A value as a cell that no spreadsheet takes for a formula: with an apostrophe before it if need be.

    A value that already looks guarded gets one more, so that `unguard` always gives back what went in.
    Source: the OWASP advice on CSV injection.
    """
    return f"'{value}" if _RISKY.match(value) else value


def unguard(cell: str) -> str:
    """The value of a cell: exactly one guard taken off where there is one. A cell is never run."""
    return cell[1:] if _GUARDED.match(cell) else cell
