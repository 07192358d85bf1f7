"""Run the measurements, print the table, write bench/results/latest.json: `make bench`, `make bench ARGS="pages wire"`.

Each program runs in a process of its own, one after the other, and is ended when its time is up. `--document` runs
nothing and puts the newest figures into docs/performance.md, beside those of bench/results/before.json.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from . import machine
from .figures import Figure, key_of, markdown_table, missing_figure, plain_table, rows_of
from .programs import PROGRAMS, Program

RESULTS = machine.ROOT / "bench" / "results"
LATEST, BEFORE = RESULTS / "latest.json", RESULTS / "before.json"
PAGE = machine.ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->\n"
# They are made once; on a slow disk that takes minutes.
SECONDS_FOR_DATABASES = 1800
Results = dict[str, dict[str, Any]]


def main() -> None:
    """As the words after the command say."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter,
                                     epilog="\n".join(f"{name:9} {one.what}" for name, one in PROGRAMS.items()))
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PROGRAMS))
    parser.add_argument("--document", action="store_true", help="write docs/performance.md")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(PROGRAMS):
        parser.error(f"no such program: {', '.join(sorted(unknown))}")
    if asked.document:
        PAGE.write_text(document(PAGE.read_text("utf-8"), read_results(LATEST), read_results(BEFORE)), "utf-8")
        return
    names = asked.names or list(PROGRAMS)
    if any(PROGRAMS[name].large for name in names):
        subprocess.run([sys.executable, "-m", "bench.big_data"], cwd=machine.ROOT, check=True,
                       timeout=SECONDS_FOR_DATABASES)
    for name in names:
        print(f"{name}: {PROGRAMS[name].what}", flush=True)
        result = run_program(name, PROGRAMS[name])
        write_results({**read_results(LATEST), name: result})
        print(plain_table(rows_of(figures_in(result), values_in(read_results(BEFORE)))))
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


def write_results(results: Results) -> None:
    """Keep all, in the order of the programs."""
    RESULTS.mkdir(exist_ok=True)
    ordered = {name: results[name] for name in PROGRAMS if name in results}
    LATEST.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n", "utf-8")


def figures_in(result: Mapping[str, Any]) -> list[Figure]:
    """The figures of one program."""
    return [Figure(**one) for one in result["figures"]]


def values_in(results: Results) -> dict[str, float]:
    """Every measured value, by what it is found again."""
    return {key_of(one): one.measured for result in results.values() for one in figures_in(result)
            if one.measured is not None}


def document(page: str, latest: Results, before: Results) -> str:
    """The page with these figures between its two marks."""
    head, _begin, rest = page.partition(BEGIN)
    _old, _end, tail = rest.partition(END)
    machines = {", ".join(f"{name} {said}" for name, said in one["machine"].items()) for one in latest.values()}
    sections = "\n".join([f"Machine: {each}.\n" for each in sorted(machines)] + [*_sections(latest, values_in(before))])
    return f"{head}{BEGIN}\n{sections}\n{END}{tail}"


def _sections(results: Results, before: Mapping[str, float]) -> Iterable[str]:
    for name, result in results.items():
        load = " to ".join(str(one) for one in result["load"])
        yield (f"### `{name}`: {PROGRAMS[name].what}\n\n{markdown_table(rows_of(figures_in(result), before))}\n\n"
               f"Commit `{result['commit']}`, {result['at']} UTC, {result['seconds']} s, load {load}.\n")


if __name__ == "__main__":
    main()
