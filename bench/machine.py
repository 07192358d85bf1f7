"""On what the figures were taken: the commit and the machine."""

import os
import platform
import sqlite3
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from tests import database_server

ROOT = Path(__file__).resolve().parents[1]


def describe_machine() -> dict[str, str]:
    """Processor, cores, memory and versions, as words."""
    return {"processor": f"{os.cpu_count()} × {_line('/proc/cpuinfo', 'model name') or platform.processor()}",
            "memory": _line("/proc/meminfo", "MemTotal"), "system": platform.system(),
            "python": platform.python_version(), **_describe_database()}


def _describe_database() -> dict[str, str]:
    if not database_server.wanted():
        return {"sqlite": sqlite3.sqlite_version}
    with database_server.connect() as server:
        return {"postgresql": str(server.execute("SHOW server_version").fetchone()[0])}


def _line(file: str, name: str) -> str:
    path = Path(file)
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return next((" ".join(line.partition(":")[2].split()) for line in lines if line.startswith(name)), "")


def commit_id() -> str:
    """The short id of the commit, with "+" where the portal's own files differ from it; "" outside of git."""
    head = _git("rev-parse", "--short", "HEAD")
    return head + "+" * bool(head and _git("status", "--porcelain", "--", "portal"))


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def load_average() -> float:
    """How many processes want a processor, over the last minute."""
    return round(os.getloadavg()[0], 1)


def this_minute() -> str:
    """The time in UTC."""
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M}"
