"""What a switch of the whole organization would do, among 100,000 users (PERF-10).

Milliseconds of processor time of the preview by itself, as the page asks for it, in this process, in turns with the
same in an organization of 100 users, and beside what SQLite needs to read every user's row once. Memory is the most
that Python holds besides during one preview (tracemalloc, in a run that is not timed).
"""

import statistics
import tempfile
import time
import tracemalloc
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from portal.extensions import db
from portal.models import Organization
from portal.rules.switches import SettingValue
from portal.services.toggles import toggle
from portal.services.toggles.eligibility import OrganizationSnapshot

from . import big_data
from .figures import Figure, figure_of, take_turns

MOST_MS, MOST_GROWTH = 300, 1.2
READ = text("SELECT count(*), max(location_id || account || app_version) FROM users NOT INDEXED")


def measure() -> list[Figure]:
    """Time and memory at both sizes."""
    with tempfile.TemporaryDirectory() as place, big_data.over_copy(big_data.SMALL, Path(place, "small")) as small, \
            big_data.over_copy(big_data.LARGE, Path(place, "large")) as large:
        for app in (small, large):
            preview(app)
        took = take_turns({"small": lambda: preview(small), "large": lambda: preview(large),
                           "read": lambda: read_users(large)})
        memory = [peak_memory(app) for app in (small, large)]
    few, read = (statistics.median(took[name]) for name in ("small", "read"))
    return [
        figure_of("PERF-10", "preview a switch for 100,000 users", took["large"], "ms", limit=MOST_MS,
                  said=f"{few:.1f} ms for 100 users; SQLite reads all users in {read:.0f} ms"),
        figure_of("PERF-10", "memory of the preview, 100,000 users beside 100", [memory[1] / memory[0]], "×",
                  limit=MOST_GROWTH, said=f"{memory[0]:.0f} and {memory[1]:.0f} kB"),
    ]


def preview(app: Flask) -> float:
    """Milliseconds of processor time."""
    with app.app_context():
        organization = db.session.query(Organization).one()
        db.session.rollback()
        began = time.process_time()
        snapshot = OrganizationSnapshot.read(organization.id)
        effect = toggle.preview_change(organization, SettingValue(False), snapshot)
        took = 1e3 * (time.process_time() - began)
        if not effect.counts:
            raise SystemExit("The preview counts nobody.")
    return took


def read_users(app: Flask) -> float:
    """Milliseconds that SQLite takes to read every row of the users, once."""
    with app.app_context():
        began = time.process_time()
        db.session.execute(READ).one()
        return 1e3 * (time.process_time() - began)


def peak_memory(app: Flask) -> float:
    """Kilobytes at most during one preview, besides what was there before."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        preview(app)
        return (tracemalloc.get_traced_memory()[1] - before) / 1e3
    finally:
        tracemalloc.stop()
