"""Start the web server and the background process, and say at which address people open the portal."""

import contextvars
import math
import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from portal import stored_files
from portal.config import RefusedSetting, Settings
from portal.variables import PORTAL_URL

from .supervising import run_module, supervise_processes

# Ports below 65,536 that browsers do not open, because they belong to something else (https://fetch.spec.whatwg.org,
# "bad port"): an address with one of them leads nowhere.
UNSAFE_PORTS = frozenset({
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104,
    109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515,
    526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049,
    3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
})

# The settings that decide at which address people open the portal.
SAY_ADDRESS = ("PORTAL_URL", "HOST", "PORT")

_ROOT = Path(__file__).resolve().parents[2]


def serve_until_stopped(settings: Settings) -> int:
    """Serve until INT or TERM; the exit code: 0 asked to stop, else what went wrong.

    For the main thread of a process of its own, without others and without an open database: it keeps the signals to
    itself, and both programs go on from what it has loaded. Refused: the port is taken.
    """
    _refuse_taken_port(settings)
    note_address(settings)
    print(describe_startup(settings), flush=True)
    os.chdir(_ROOT)
    return supervise_processes(_programs(settings))


def serve_pages(settings: Settings) -> int:
    """Go on as the web server alone, in this process; a service manager starts the background process.

    The exit code: 0 asked to stop; gunicorn ends the process itself where something went wrong.
    Refused: the port is taken.
    """
    _refuse_taken_port(settings)
    note_address(settings)
    print(describe_startup(settings), flush=True)
    os.chdir(_ROOT)
    # In an empty context: none of its threads and processes begins within what the command has begun.
    contextvars.Context().run(_programs(settings)["web server"])
    return 0


def describe_startup(settings: Settings) -> str:
    """Where the portal can be opened and what is worth knowing before, one thing a line."""
    lines = [f"{settings.service}: {settings.portal_url} (Ctrl-C stops it)"]
    if settings.portal_url != _listens_at(settings):
        lines.append(f"Listening at {_listens_at(settings)}.")
    if settings.https and not settings.proxy_hops:
        lines.append("PROXY_HOPS is 0: all visitors seem to come from the proxy; limits count them as one.")
    if settings.port in UNSAFE_PORTS:
        lines.append(f"Browsers refuse port {settings.port}: set another PORT, such as 5000.")
    if settings.debug:
        lines.append("DEBUG is on: errors show tracebacks.")
    return "\n".join(lines)


def note_address(settings: Settings) -> None:
    """Keep the address at which the portal starts, beside its database, for the commands that print links."""
    stored_files.ADDRESS_FILE.beside(settings.database).write_text(f"{settings.portal_url}\n", encoding="ascii")


def address_for_links(settings: Settings, environ: Mapping[str, str]) -> str:
    """The address that a link begins with: as the settings say where they say something, else as last started."""
    if any(environ.get(name, "").strip() for name in SAY_ADDRESS):
        return settings.portal_url
    try:
        noted = stored_files.ADDRESS_FILE.beside(settings.database).read_text(encoding="ascii")
        return PORTAL_URL.read(noted.strip()) or settings.portal_url
    except (OSError, ValueError):
        return settings.portal_url


def refuse_demo_off_loopback(settings: Settings, is_demo: bool) -> None:
    """Refused: the database holds the demo people, whose password is known, and others can get in."""
    if is_demo and not settings.private:
        raise RefusedSetting(
            f"DATABASE_URL leads to a demo database ({settings.shown_database}) that others could sign in to: "
            "start with a new file, or leave HOST and PORTAL_URL on this machine."
        )


def commands_of_processes(settings: Settings) -> Mapping[str, Sequence[str]]:
    """The two programs by what people call them: a Python, "-m", a module and its words."""
    threads = math.ceil(settings.threads / settings.processes)
    address = _listens_at(settings).removeprefix("http://")
    return {
        "web server": [
            sys.executable, "-m", "gunicorn", "--config", "python:portal.processes.gunicorn_conf",
            "--bind", address, "--workers", str(settings.processes), "--threads", str(threads), "wsgi:app",
        ],
        "background process": [sys.executable, "-m", "flask", "--app", "wsgi", "work"],
    }


def _programs(settings: Settings) -> Mapping[str, Callable[[], None]]:
    """The same two, to go on in this process or a fork of it, from what it has loaded."""
    return {name: partial(run_module, *words)
            for name, (_python, _m, *words) in commands_of_processes(settings).items()}


def _listens_at(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


def _refuse_taken_port(settings: Settings) -> None:
    """Gunicorn would try for seconds and then say it in a stack of log lines."""
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
        family, kind, _, _, address = found[0]
        with socket.socket(family, kind) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        raise RefusedSetting(
            f"PORT {settings.port} at HOST {settings.host} cannot be used ({error.strerror}): "
            "end the program that holds it or set another PORT."
        ) from error
