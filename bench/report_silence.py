"""Whether the time of a report tells if the number that it names is one of the portal's own.

Repeat with `.venv/bin/python -m bench.report_silence [HOW MANY]`, 400 unless said otherwise. Own and foreign numbers
in turn, each from a place of its own; the medians are to be equal but for chance. That both ask the database the
same is held by tests/blueprints/test_spam_silence.py.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

import flask_migrate

from portal.app import create_app
from tests import cast
from tests.reports import SPAM, number, sent

FOREIGN = "+16045550199"


def main(folder: Path, tries: int) -> None:
    """Measure and print."""
    app = create_app({}, folder)
    app.test_client_class = cast.Browser
    with app.app_context():
        flask_migrate.upgrade()
        cast.settle()
        uli = cast.people()["Uli"]
        sent(uli.id, number(1))
    took: dict[str, list[float]] = {uli.number: [], FOREIGN: []}
    browser = app.test_client()
    for index in range(tries):
        sender = (uli.number, FOREIGN)[index % 2]
        typed = {"sender": sender, "body": SPAM, "theirs": number(1), "category": "scam"}
        place = {"REMOTE_ADDR": f"10.0.{index // 50}.{index % 50}"}
        began = time.perf_counter()
        if browser.post("/report-spam", data=typed, environ_overrides=place).status_code != 303:
            raise SystemExit("A report was refused.")
        took[sender].append(1000 * (time.perf_counter() - began))
    own, foreign = (statistics.median(one) for one in took.values())
    print(f"milliseconds for a report: own {own:.2f}, foreign {foreign:.2f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        main(Path(place), int(sys.argv[1]) if len(sys.argv) > 1 else 400)
