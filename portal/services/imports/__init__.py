"""Users from a file: read it, plan what it would do, do it, and write the same file out again.

`decoding` turns bytes into text, `reading` text into lines, `rows` lines into typed rows: they know no
database. `planning` holds the rows against the organization, `writing` carries a plan out, `uploads` keeps the
files in between, `exporting` writes files.
"""

from .columns import Column
from .decoding import Unreadable
from .exporting import error_file, link_file, template, user_file
from .planning import Plan, Terms
from .reading import MOST_COLUMNS, MOST_ROWS
from .rows import Problem
from .steps import Change, Outcome, Step
from .uploads import Again, Checked, check, find, give_links, keep, recent, run

__all__ = [
    "MOST_COLUMNS", "MOST_ROWS", "Again", "Change", "Checked", "Column", "Outcome", "Plan", "Problem", "Step", "Terms",
    "Unreadable", "check", "error_file", "find", "give_links", "keep", "link_file", "recent", "run", "template",
    "user_file",
]
