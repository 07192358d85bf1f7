"""Run the measurements, print the table, write bench/results/latest.json: `make bench`, `make bench ARGS="pages wire"`.

`make bench DB=postgresql` runs those that make sense there on a PostgreSQL server of its own, says of the others why
not, and writes bench/results/postgresql.json.

Each program runs in a process of its own, one after the other, and is ended when its time is up. `--document` runs
nothing and puts the newest figures into docs/performance.md, beside those of bench/results/before.json. What is smaller
than it should be (`--rounds 1`) tries a program out and is not kept.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from . import databases, machine
from .figures import HEAD, Figure, key_of, markdown_table, missing_figure, plain_table, rows_of
from .programs import PROGRAMS, Program
from .sizes import SIZES, tell_programs

RESULTS = machine.ROOT / "bench" / "results"
LATEST, BEFORE, ON_SERVER = (RESULTS / f"{name}.json" for name in ("latest", "before", "postgresql"))
PAGE = machine.ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->\n"
SERVER_BEGIN, SERVER_END = "<!-- on PostgreSQL -->\n", "<!-- end of PostgreSQL -->\n"
# They are made once; on a slow disk that takes minutes.
SECONDS_FOR_DATABASES = 1800
HEADS = {(BEGIN, END): HEAD, (SERVER_BEGIN, SERVER_END): tuple(
    "on SQLite" if name == "before" else name for name in HEAD)}
Results = dict[str, dict[str, Any]]


def main() -> None:
    """As the words after the command say."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter,
                                     epilog="\n".join(f"{name:9} {one.what}" for name, one in PROGRAMS.items()))
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PROGRAMS))
    parser.add_argument("--document", action="store_true", help="write docs/performance.md")
    for name, (many, what) in SIZES.items():
        parser.add_argument(f"--{name}", type=int, metavar="N", help=f"{what}, {many:,} unless said otherwise")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(PROGRAMS):
        parser.error(f"no such program: {', '.join(sorted(unknown))}")
    if asked.document:
        write_page()
        return
    for name in SIZES:
        if many := getattr(asked, name):
            tell_programs(name, many)
    with databases.server_of_run():
        run_programs(runnable(asked.names or list(PROGRAMS)), keep=not any(getattr(asked, name) for name in SIZES))


def write_page() -> None:
    """Put the newest figures into the page."""
    latest = read_results(LATEST)
    page = document(PAGE.read_text("utf-8"), latest, read_results(BEFORE))
    page = document(page, read_results(ON_SERVER), latest, (SERVER_BEGIN, SERVER_END))
    PAGE.write_text(page, "utf-8")


def runnable(names: list[str]) -> list[str]:
    """Those of the programs that run with this database; of the others it is said why not."""
    why = {name: PROGRAMS[name].not_on_server if databases.is_on_server() else PROGRAMS[name].not_on_file
           for name in names}
    for name, said in why.items():
        if said:
            print(f"{name}: not run; {said}", flush=True)
    return [name for name in names if not why[name]]


def run_programs(names: list[str], *, keep: bool) -> None:
    """Run, print, and keep what was measured; on a server beside what SQLite gave, else beside what was before."""
    kept, other, head = (LATEST, BEFORE, HEAD) if not databases.is_on_server() else (
        ON_SERVER, LATEST, HEADS[SERVER_BEGIN, SERVER_END])
    if any(PROGRAMS[name].large for name in names):
        subprocess.run([sys.executable, "-m", "bench.big_data"], cwd=machine.ROOT, check=True,
                       timeout=SECONDS_FOR_DATABASES)
    for name in names:
        print(f"{name}: {PROGRAMS[name].what}", flush=True)
        result = run_program(name, PROGRAMS[name])
        if keep:
            write_results({**read_results(kept), name: result}, kept)
        print(plain_table(rows_of(figures_in(result), values_in(read_results(other))), head))
        print(f"{result['seconds']} s, load {result['load'][0]} to {result['load'][1]}\n", flush=True)


def run_program(name: str, program: Program) -> dict[str, Any]:
    """What one program gives, with when, on which commit and under which load."""
    told = {"at": machine.this_minute(), "commit": machine.commit_id(), "machine": machine.describe_machine()}
    before, began = machine.load_average(), time.monotonic()
    figures = _figures_of_process([sys.executable, "-m", "bench.one", name], program)
    return {**told, "seconds": round(time.monotonic() - began), "load": [before, machine.load_average()],
            "figures": figures}


def _figures_of_process(command: list[str], program: Program) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as place:
        file = Path(place, "figures.json")
        child = subprocess.Popen([*command, str(file)], cwd=machine.ROOT, start_new_session=True)
        try:
            code = child.wait(program.seconds)
            why = f"it ended with code {code}"
        except subprocess.TimeoutExpired:
            why = f"it was not done after {program.seconds} s"
        finally:
            _end_group(child)
        if file.exists():
            return list(json.loads(file.read_text("utf-8")))
    return [asdict(missing_figure("", program.what, why))]


def _end_group(child: "subprocess.Popen[bytes]") -> None:
    """End what a program has left running, servers above all."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    finally:
        child.wait()


def read_results(file: Path) -> Results:
    """What was kept, by program; nothing if there is no such file."""
    return dict(json.loads(file.read_text("utf-8"))) if file.exists() else {}


def write_results(results: Results, file: Path) -> None:
    """Keep all, in the order of the programs."""
    file.parent.mkdir(exist_ok=True)
    ordered = {name: results[name] for name in PROGRAMS if name in results}
    file.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n", "utf-8")


def figures_in(result: Mapping[str, Any]) -> list[Figure]:
    """The figures of one program."""
    return [Figure(**one) for one in result["figures"]]


def values_in(results: Results) -> dict[str, float]:
    """Every measured value, by what it is found again."""
    return {key_of(one): one.measured for result in results.values() for one in figures_in(result)
            if one.measured is not None}


def document(page: str, latest: Results, before: Results, marks: tuple[str, str] = (BEGIN, END)) -> str:
    """The page with these figures between two marks, each beside an earlier one or that of the other database.

    Without figures, as where nothing was measured on a server, the page keeps those that it has.
    """
    if not latest:
        return page
    begin, end = marks
    head, _begin, rest = page.partition(begin)
    _old, _end, tail = rest.partition(end)
    machines = {", ".join(f"{name} {said}" for name, said in one["machine"].items()) for one in latest.values()}
    sections = "\n".join([f"Machine: {each}.\n" for each in sorted(machines)] + [
        *_sections(latest, values_in(before), HEADS[marks])])
    return f"{head}{begin}\n{sections}\n{end}{tail}"


def _sections(results: Results, before: Mapping[str, float], head: Sequence[str]) -> Iterable[str]:
    for name, result in results.items():
        load = " to ".join(str(one) for one in result["load"])
        yield (f"### `{name}`: {PROGRAMS[name].what}\n\n{markdown_table(rows_of(figures_in(result), before), head)}\n\n"
               f"Commit `{result['commit']}`, {result['at']} UTC, {result['seconds']} s, load {load}.\n")


if __name__ == "__main__":
    main()
