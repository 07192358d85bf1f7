"""What the requirement files pin is the same in all of them, whole, and cannot be exchanged on the way."""

import re
import tomllib
from itertools import combinations
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# By file, the extra of pyproject.toml that it has beside what the portal itself needs.
EXTRAS = {"requirements.txt": None, "requirements-postgresql.txt": "postgresql", "requirements-dev.txt": "dev"}
ALONE = ("bench/libraries.txt", "tests/postgresql.txt")
PIN = re.compile(r"([\w.-]+)(?:\[[\w,-]+\])?==([^\s;]+)((?: ;[^-]+)?)((?: +--hash=sha256:[0-9a-f]{64})+)")


def pins(file):
    """By name: its version, where it is installed, and the hashes of the files that may come for it.

    The file holds nothing else, but for comments.
    """
    lines = (ROOT / file).read_text(encoding="utf-8").replace("\\\n", "").splitlines()
    found = [PIN.fullmatch(line) or pytest.fail(line) for line in lines if not line.lstrip().startswith("#")]
    return {each[1]: (each[2], each[3].strip(), frozenset(each[4].split())) for each in found}


def names(requirements):
    """The packages of some lines such as psycopg[binary]>=3.3."""
    return {re.split(r"[\[<>=~! ;]", line)[0].lower() for line in requirements}


@pytest.mark.parametrize("file", [*EXTRAS, *ALONE])
def test_every_package_is_pinned_with_hashes(file):
    assert pins(file)


@pytest.mark.parametrize(("one", "other"), list(combinations(EXTRAS, 2)))
def test_two_files_pin_the_same(one, other):
    first, second = pins(one), pins(other)
    differ = {name for name in first.keys() & second.keys() if first[name] != second[name]}
    assert differ == set(), "make lock"


@pytest.mark.parametrize("file", EXTRAS)
def test_a_file_has_all_that_the_project_asks_for(file):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = names(project["dependencies"])
    if extra := EXTRAS[file]:
        asked |= names(project["optional-dependencies"][extra])
        assert pins("requirements.txt").keys() <= pins(file).keys()
    assert asked <= pins(file).keys()
