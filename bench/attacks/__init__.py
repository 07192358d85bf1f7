"""Attacks that once worked, tried again on a running portal: `python -m bench.attacks [NAMES]`.

Every module here is one finding. It has `attack(portal)`, which tries it and yields a `Measure` for each thing
tried: what was measured, the old figure beside it, and whether the attack still works. The command starts a
demo portal (web server and background process, a throwaway folder, a free port), runs the modules that are
named or all of them, prints one table, and ends with 1 when something still works.

    .venv/bin/python -m bench.attacks              # all of them
    .venv/bin/python -m bench.attacks folding      # one

A module that wants other settings says so in `SETTINGS`; it gets a portal of its own.
"""

from typing import NamedTuple


class Measure(NamedTuple):
    """One thing that was tried."""

    finding: str
    tried: str
    measured: str
    works: bool
    before: str
