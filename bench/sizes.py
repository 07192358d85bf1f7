"""How much is measured: of everything as much as the figures in docs/performance.md need, or less to try a program out.

`python -m bench --rounds 1 --users 4000 --texts 20000 --waiting 500` tells its programs by the environment.
"""

import os

_PREFIX = "BENCH_"
# By name: as much as is measured unless said otherwise, and what it is.
SIZES = {
    "rounds": (5, "rounds of what takes turns"),
    "users": (100_000, "users of the large database, 4,000 or more"),
    "texts": (1_000_000, "texts of the large database"),
    "waiting": (5_000, "texts that wait in each round of a drain, a quarter of those in one by several workers"),
}


def size_of(name: str) -> int:
    """How many, as this run was told."""
    return int(os.environ.get(_PREFIX + name.upper(), SIZES[name][0]))


def tell_programs(name: str, many: int) -> None:
    """Measure so many in the programs that this process starts."""
    os.environ[_PREFIX + name.upper()] = str(many)
