"""Run something with the clock moved: `python tests/clocks.py CLOCK COMMAND ...`, or `all` before a pytest.

A clock is a distance such as +40d or -3h, a moment in UTC such as 2028-02-29T12:00:00, or a time of today's such as
23:59:50. The clock goes on from there, for the command and for whatever it starts but Chromium, which hangs under it;
waiting takes as long as ever. Debian's libfaketime does it; `--install` installs it with apt where it is missing.
"""

import os
import re
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

LIBRARY = "faketime/libfaketime.so.1"
PLACES = ("/usr/lib", "/usr/local/lib", "/usr/lib64")
UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
# Under each of these `make clocks` runs the tests.
CLOCKS = {
    "+40d": "past every month, and past what is kept for 30 days",
    "+400d": "past every year",
    "2028-02-29T12:00:00": "a day that most years do not have",
    "2026-03-08T06:59:40": "over the change to daylight saving time in Toronto",
    "2026-11-01T05:59:40": "over the end of daylight saving time in Toronto: an hour that comes twice",
    "2026-12-31T23:59:40": "over midnight and the end of a year in UTC",
}
# What neither reads nor writes days runs under one of them, and not under each. Under that one rows that no statement
# puts in order come the other way round, see `tests/conftest.py`.
WHOLE = "+40d"
DAYLESS = (
    "tests/migrations", "tests/security", "tests/bench", "tests/web", "tests/carriers", "tests/wording", "tests/models",
    "tests/services/upkeep/test_restoring.py",
    "tests/processes/test_arrivals.py", "tests/processes/test_serving.py", "tests/test_house.py",
    "tests/test_layers.py", "tests/test_lengths.py", "tests/test_stored_files.py", "tests/test_write_turns.py",
    "tests/test_valid_html.py", "tests/test_dialects.py",
    "tests/blueprints/test_pseudo_pages.py", "tests/blueprints/test_numbers_shown.py",
    "tests/blueprints/test_stored_words.py",
)
CHECK = "import time; began = time.monotonic(); time.sleep(0.01); print(time.time(), time.monotonic() - began)"


def seconds_away(clock: str) -> int:
    """How far from now a clock is, in seconds. Raises ValueError for what is no clock."""
    if found := re.fullmatch(r"([+-]\d+)([dhms])", clock):
        return int(timedelta(**{UNITS[found[2]]: int(found[1])}).total_seconds())
    moment = datetime.fromisoformat(f"{datetime.now(UTC):%Y-%m-%d}T{clock}" if "-" not in clock else clock)
    return int(moment.replace(tzinfo=UTC).timestamp() - time.time())


def library() -> Path | None:
    """The library that moves the clock."""
    found = (file for place in PLACES for file in (Path(place) / LIBRARY, *Path(place).glob(f"*/{LIBRARY}")))
    return next((file for file in found if file.is_file()), None)


def environ(clock: str) -> dict[str, str]:
    """The environment in which the clock is moved, checked."""
    moves = library()
    if moves is None:
        sys.exit("Moving the clock needs libfaketime: install the package faketime (Debian, Ubuntu).")
    away = seconds_away(clock)
    given = os.environ | {
        "LD_PRELOAD": str(moves), "FAKETIME": f"{away:+}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        # Files keep their dates, or else every Python would compile anew what is already compiled.
        "NO_FAKE_STAT": "1",
        "PYTHONPATH": f"{Path(__file__).parent / 'moved'}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
    }
    told = subprocess.run([sys.executable, "-c", CHECK], env=given, check=True, capture_output=True, text=True).stdout
    reads, slept = map(float, told.split())
    if abs(reads - time.time() - away) > 60 or not 0.01 <= slept < 60:
        sys.exit(f"libfaketime does not move the clock here: {told}")
    return given


def install() -> None:
    """Install it with apt as root; other users install it by hand."""
    if library() is None and os.geteuid() == 0:
        unasked = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update"], ["install", "-y", "--no-install-recommends", "faketime"]):
            subprocess.run(["apt-get", "-qq", *words], check=False, env=unasked)


def run(clock: str, command: list[str]) -> int:
    """The command's exit code."""
    given = environ(clock)
    begins = datetime.now(UTC) + timedelta(seconds=int(given["FAKETIME"][:-1]))
    print(f"--- clock {clock} ({begins:%Y-%m-%d %H:%M:%S} UTC) {CLOCKS.get(clock, '')}", flush=True)
    return subprocess.run(command, env=given, check=False).returncode


def main(clock: str, *command: str) -> int:
    """Run under one clock, or under all and say which failed."""
    if clock == "--install":
        install()
        return 0
    if clock != "all":
        return run(clock, list(command))
    without = [f"--ignore={path}" for path in DAYLESS]
    os.environ.pop("ROWS", None)
    failed = [one for one in CLOCKS if one != WHOLE and run(one, [*command, *without])]
    os.environ["ROWS"] = "reversed"
    failed += [WHOLE] * bool(run(WHOLE, list(command)))
    if failed:
        print(f"Failed under: {', '.join(failed)}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
