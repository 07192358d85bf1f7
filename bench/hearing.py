"""How well requests to stop are heard: recall, precision and false alarms.

    python -m bench.hearing                     both parts of the corpus in tests/rules/hearing
    python -m bench.hearing --misses            and every miss of the tuned part
    python -m bench.hearing path/to/ham.tsv     and a file of ordinary texts: label ham, a tab, the text
"""

import argparse
from pathlib import Path

from portal.rules.keywords import Meaning, hear_request
from tests.rules.hearing import Line, lines

STOPS = {Meaning.STOP: "definite", Meaning.LIKELY_STOP: "likely"}


def grade(body: str) -> str:
    """How a text is heard: definite, likely or none."""
    found = hear_request(body)
    return STOPS.get(found.meaning, "none") if found else "none"


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.1%})" if whole else "none"


def measure(requests: list[Line], harmless: list[Line]) -> dict[str, str]:
    """Recall, definite recall, false alarms and precision, each as "part of whole"."""
    told = [(line, grade(line.body)) for line in requests]
    alarms = [grade(line.body) for line in harmless]
    clear = [found for line, found in told if line.grade == "definite"]
    caught, false = sum(found != "none" for _, found in told), sum(found != "none" for found in alarms)
    return {
        "requests heard": _share(caught, len(told)),
        "a keyword and what goes with it: at once": _share(clear.count("definite"), len(clear)),
        "harmless taken for likely": _share(alarms.count("likely"), len(alarms)),
        "harmless taken for definite": _share(alarms.count("definite"), len(alarms)),
        "precision": _share(caught, caught + false),
    }


def _print_misses(requests: list[Line], harmless: list[Line]) -> None:
    for line in requests:
        found = grade(line.body)
        if found == "none" or (line.grade == "definite" and found != "definite"):
            print(f"  missed ({line.grade}, {found}): {line.body!r}")
    for line in harmless:
        if (found := grade(line.body)) != "none":
            print(f"  false alarm ({found}): {line.body!r}  <- {hear_request(line.body)}")


def _ham(path: Path) -> list[Line]:
    rows = (row.split("\t", 1) for row in path.read_text(encoding="utf-8").splitlines() if "\t" in row)
    return [Line("none", "en", body) for label, body in rows if label == "ham"]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ham", nargs="?", type=Path)
    parser.add_argument("--misses", action="store_true")
    asked = parser.parse_args()
    requests, harmless = lines("requests"), lines("harmless")
    for name, aside in (("tuned on", False), ("set aside", True)):
        part = ([line for line in requests if line.aside is aside], [line for line in harmless if line.aside is aside])
        print(f"{name}:")
        for what, figure in measure(*part).items():
            print(f"  {what}: {figure}")
        if asked.misses and not aside:
            _print_misses(*part)
    if asked.ham:
        ham = _ham(asked.ham)
        alarms = [(line.body, hear_request(line.body)) for line in ham]
        print(f"ordinary texts: {len(ham)}")
        for body, found in alarms:
            if found and found.meaning in STOPS:
                print(f"  {STOPS[found.meaning]} by {found.word!r}" + (f": {body}" if asked.misses else ""))


if __name__ == "__main__":
    main()
