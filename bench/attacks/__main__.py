"""Run the attacks and print the table."""

import importlib
import pkgutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

import bench.attacks
from bench.attacks import Measure
from bench.attacks.target import Target


def modules(names: Iterable[str]) -> Iterator[ModuleType]:
    """The modules with these names, or all that attack something."""
    found = [one.name for one in pkgutil.iter_modules(bench.attacks.__path__) if not one.name.startswith("_")]
    if unknown := set(names) - set(found):
        raise SystemExit(f"There is no attack called {', '.join(sorted(unknown))}. There are: {', '.join(found)}")
    for name in names or found:
        module = importlib.import_module(f"bench.attacks.{name}")
        if hasattr(module, "attack"):
            yield module


def run(module: ModuleType) -> list[Measure]:
    """One attack on a portal of its own, so that no attack pays for another."""
    with tempfile.TemporaryDirectory() as folder:
        target = Target(Path(folder), **getattr(module, "SETTINGS", {}))
        try:
            return list(module.attack(target))
        finally:
            target.stop()


def main(names: list[str]) -> int:
    """Attack, print, and say by the exit code whether anything still works."""
    works = False
    for module in modules(names):
        print(f"\n{module.__name__.rpartition('.')[2]}: {(module.__doc__ or '').splitlines()[0]}", flush=True)
        for one in run(module):
            works = works or one.works
            print(f"  {'STILL WORKS' if one.works else 'held':<11}  {one.finding:<4} {one.tried:<58}"
                  f" {one.measured:<38} before: {one.before}", flush=True)
    return int(works)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
