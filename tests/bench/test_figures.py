"""Figures, ratios and tables; no time is measured here."""

import json
import sys

import pytest

from bench import __main__ as command
from bench.figures import (
    Figure,
    at_share,
    figure_of,
    key_of,
    markdown_table,
    missing_figure,
    plain_table,
    ratios,
    rows_of,
    take_turns,
)
from bench.programs import PROGRAMS, Program
from bench.sizes import size_of, tell_programs


def test_everybody_has_a_turn_in_every_round_and_the_order_is_turned_round():
    seen = []
    given = take_turns({name: lambda name=name: seen.append(name) or len(seen) for name in "abc"}, 3)
    assert "".join(seen) == "abc" "cba" "abc"
    assert given == {"a": [1, 6, 7], "b": [2, 5, 8], "c": [3, 4, 9]}


def test_ratios_are_taken_round_by_round():
    """A machine that is half as fast in one round changes no ratio."""
    assert ratios([30.0, 15.0, 33.0], [100.0, 50.0, 100.0]) == [0.3, 0.3, 0.33]


def test_a_figure_is_the_median_of_its_rounds():
    figure = figure_of("PERF-01", "users list", [0.1, 9.0, 0.3, 0.2, 0.4], "×", limit=0.3, at_least=True)
    assert (figure.measured, figure.low, figure.high, figure.reached) == (0.3, 0.1, 9.0, True)


@pytest.mark.parametrize(("measured", "at_least", "reached"), [
    (2.0, True, True), (1.99, True, False), (2.0, False, True), (2.01, False, False), (None, True, None)])
def test_a_bar_is_reached_from_its_side(measured, at_least, reached):
    assert Figure("", "one", measured, "ms", limit=2, at_least=at_least).reached is reached


def test_a_share_of_all_values():
    values = list(range(100, 0, -1))
    assert (at_share(values, 0.5), at_share(values, 0.99), at_share([7], 0.99)) == (51, 100, 7)


def test_the_table_says_what_was_reached_and_what_was_before():
    reached = figure_of("PERF-01", "users list", [0.31], "×", limit=0.3, at_least=True, said="93 and 300 a second")
    fails = figure_of("PERF-10", "preview", [1463.0, 465.0, 301.2], "ms", limit=300)
    gone = missing_figure("PERF-06", "through Kannel", "not installed")
    rows = rows_of([reached, fails, gone], {key_of(reached): 0.0025})
    assert rows == [
        ("PERF-01", "users list", "0.31 ×", "", "≥ 0.3 ×", "yes", "0.0025 ×", "93 and 300 a second"),
        ("PERF-10", "preview", "465 ms", "301 to 1,463", "≤ 300 ms", "NO", "", ""),
        ("PERF-06", "through Kannel", "not measured", "", "", "", "", "not installed"),
    ]
    head, *lines = plain_table(rows).splitlines()
    assert all(line.index("PERF") == 0 and line[head.index("what"):].startswith(row[1])
               for line, row in zip(lines, rows, strict=True))
    assert markdown_table(rows).splitlines()[2] == f"| {' | '.join(rows[0])} |"


def test_results_go_into_the_page_and_back(tmp_path):
    figures = command._figures_of_process([sys.executable, "-c", WRITES_ONE], Program("", 60, "one"))
    result = {"at": "2026-11-29 12:00", "commit": "abc", "machine": {"python": "3.14"}, "seconds": 1, "load": [0, 1],
              "figures": figures}
    command.write_results({"pages": result}, tmp_path / "latest.json")
    kept = command.read_results(tmp_path / "latest.json")
    assert command.figures_in(kept["pages"]) == [Figure("PERF-01", "one", 1.5, "×")]
    page = command.document(f"Before\n{command.BEGIN}old\n{command.END}After\n", kept, kept)
    assert "old" not in page
    assert "Machine: python 3.14." in page
    assert "| PERF-01 | one | 1.5 × |  |  |  | 1.5 × |  |" in page
    assert command.document(page, kept, kept) == page
    assert page.startswith("Before\n") and page.endswith("After\n")


WRITES_ONE = f"""
import sys
open(sys.argv[1], "w").write({json.dumps(json.dumps([
    {"bar": "PERF-01", "what": "one", "measured": 1.5, "unit": "×"}]))})
"""


NEVER_ENDS = "import threading; threading.Event().wait()"


@pytest.mark.parametrize(("program", "seconds", "said"), [
    ("raise SystemExit(3)", 60, "it ended with code 3"), (NEVER_ENDS, 0, "it was not done after 0 s")])
def test_a_program_that_fails_or_takes_too_long_is_a_line_of_the_table(program, seconds, said):
    (figure,) = command._figures_of_process([sys.executable, "-c", program], Program("", seconds, "x"))
    assert (figure["measured"], figure["said"]) == (None, said)


def test_figures_of_a_server_have_marks_of_their_own_and_stand_beside_those_of_sqlite():
    mine = {"at": "2026-11-29 12:00", "commit": "abc", "machine": {"postgresql": "15"}, "seconds": 1, "load": [0, 1]}
    figure = {"bar": "", "what": "one", "unit": "×"}
    there, here = ({"pages": {**mine, "figures": [{**figure, "measured": many}]}} for many in (1.5, 2.5))
    empty = f"{command.BEGIN}mine\n{command.END}Between\n{command.SERVER_BEGIN}{command.SERVER_END}"
    page = command.document(empty, there, here, (command.SERVER_BEGIN, command.SERVER_END))
    assert "mine\n" in page
    assert "| on SQLite |" in page
    assert "|  | one | 1.5 × |  |  |  | 2.5 × |  |" in page
    assert page.index("Between") < page.index("1.5 ×")
    assert command.document(page, {}, here, (command.SERVER_BEGIN, command.SERVER_END)) == page, "it keeps what it has"


@pytest.mark.parametrize(("on_server", "left_out"), [(True, "decide"), (False, "workers")])
def test_what_is_not_run_says_why(monkeypatch, capsys, on_server, left_out):
    monkeypatch.setattr(command.databases, "is_on_server", lambda: on_server)
    assert command.runnable(["pages", left_out]) == ["pages"]
    assert capsys.readouterr().out.startswith(f"{left_out}: not run; ")


def test_every_program_runs_with_one_of_the_databases():
    assert [name for name, one in PROGRAMS.items() if one.not_on_server and one.not_on_file] == []


def test_a_run_is_as_large_as_it_was_told(monkeypatch):
    monkeypatch.setenv("BENCH_ROUNDS", "")
    monkeypatch.delenv("BENCH_ROUNDS")
    assert size_of("rounds") == 5
    tell_programs("rounds", 1)
    assert size_of("rounds") == 1


def test_every_program_is_there():
    for program in PROGRAMS.values():
        assert (command.machine.ROOT / "bench" / f"{program.module}.py").is_file()
