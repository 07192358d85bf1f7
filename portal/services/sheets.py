"""Lines of CSV that a spreadsheet takes for data and never for formulas."""

import csv
import io
from collections.abc import Sequence

# A cell that begins so would be evaluated by a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")


def guarded(cell: str) -> str:
    """The cell with an apostrophe before whatever a spreadsheet might evaluate, or take for a guard."""
    return f"'{cell}" if cell.startswith((*FORMULA, "'")) else cell


def unguarded(cell: str) -> str:
    """The cell without exactly the apostrophe that `guarded` puts before it."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*FORMULA, "'")) else cell


def line(cells: Sequence[str]) -> str:
    """One line of CSV, every cell guarded."""
    out = io.StringIO()
    csv.writer(out).writerow([guarded(cell) for cell in cells])
    return out.getvalue()
