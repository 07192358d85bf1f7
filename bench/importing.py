"""Users from a file: the dry run, the import, the same file again and Undo, in rows a second beside `store` (PERF-09).

In this process, into a new organization of a new database in each round; the ceiling stores 20,000 rows, 1,000 in a
transaction. The file is the export of `control_hub_file`. Memory is measured in a process of its own: by how much the
largest resident size grows over all four.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import flask_migrate

from portal.app import create_app
from portal.extensions import db
from portal.models import Upload, User
from portal.services import imports
from tests import cast

from .control_hub_file import ROWS, count_good_rows, write_export
from .databases import new_database
from .figures import Figure, figure_of, ratios, take_turns
from .machine import ROOT
from .served import stored_a_second

BATCH = 1000
STEPS = ("dry run", "import", "dry run of the same file", "undo")
LANGUAGES, ZONES = ("en", "de", "fr", "pl"), frozenset({"America/Toronto", "America/Halifax", "America/Vancouver"})


def measure() -> list[Figure]:
    """Each step, as a share of the ceiling, and the memory of all."""
    rates: dict[str, list[float]] = {name: [] for name in STEPS}

    def import_once() -> float:
        for name, seconds in import_file(write_export()).items():
            rates[name].append(ROWS / seconds)
        return rates["import"][-1]

    took = take_turns({"import": import_once, "store": lambda: stored_a_second(BATCH, ROWS)})
    stored = statistics.median(took["store"])
    return [figure_of("PERF-09", f"{name} of {ROWS:,} rows, of the ceiling of stored rows",
                      ratios(rates[name], took["store"]), "×", limit=0.3, at_least=True,
                      said=f"{statistics.median(rates[name]):,.0f} and {stored:,.0f} rows/s") for name in rates] + [
        Figure("PERF-09", f"memory for {ROWS:,} rows", measure_memory(), "MB", said="growth of the largest size")]


def measure_memory() -> float:
    """Megabytes by which a process grows that does all of it once."""
    done = subprocess.run([sys.executable, "-m", "bench.importing"], cwd=ROOT, capture_output=True, text=True,
                          check=True)
    return float(done.stdout)


def import_file(content: bytes) -> dict[str, float]:
    """Seconds of each step, in a portal of its own."""
    with tempfile.TemporaryDirectory() as place, new_database() as environ:
        app = create_app(environ, Path(place))
        with app.app_context():
            flask_migrate.upgrade()
            cast.settle()
            took = _import(content)
            db.session.remove()
            db.engine.dispose()
    return took


def _import(content: bytes) -> dict[str, float]:
    ada = db.session.query(User).filter_by(email_key="ada@example.com").one()
    terms = imports.ImportTerms(ada.organization_id or 0, True, False, LANGUAGES, ZONES)
    kept: list[Upload] = []
    steps: tuple[Callable[[], object], ...] = (
        lambda: kept.append(imports.store_upload(ada, terms, "users.csv", content)) or _work(),
        lambda: imports.order_import(ada, kept[0], kept[0].seal) or _work(),
        lambda: kept.append(imports.store_upload(ada, terms, "users.csv", content)) or _work(),
        lambda: imports.order_undo(ada, kept[0]) or _work())
    took = {}
    for name, step in zip(STEPS, steps, strict=True):
        began = time.perf_counter()
        step()
        took[name] = time.perf_counter() - began
    done, again = kept[0].done, kept[1].checked["counts"]
    if not done["created"] == again["unchanged"] == done["closed"] == count_good_rows(ROWS):
        raise SystemExit(f"Not every row was imported: {done} {again}"[:500])
    return took


def _work() -> None:
    while imports.check_next_upload(LANGUAGES, ZONES) or imports.work_on_imports():
        pass


def _largest() -> float:
    """Megabytes, by the kernel's own line: getrusage would begin with the size of the process that started this one."""
    line = next(one for one in Path("/proc/self/status").read_text("ascii").splitlines() if one.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    file = write_export()
    before = _largest()
    import_file(file)
    print(_largest() - before)
