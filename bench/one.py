"""Run one program of measurements and write its figures; `python -m bench` starts it so: `bench.one NAME FILE`."""

import importlib
import json
import sys
from dataclasses import asdict
from pathlib import Path

from .programs import PROGRAMS


def main(name: str, file: Path) -> None:
    """Measure, and write the figures as JSON."""
    program = importlib.import_module(f"bench.{PROGRAMS[name].module}")
    file.write_text(json.dumps([asdict(one) for one in program.measure()]), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
