"""Start the web server and the background process, keep both going, and end both together."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from portal import stored_files
from portal.config import RefusedSetting, Settings
from portal.variables import PORTAL_URL

# Seconds between the signal to stop and the kill; gunicorn's graceful_timeout and the worker's fit into it.
SECONDS_TO_STOP = 30

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
_ASKED = {signal.SIGINT, signal.SIGTERM}
_PR_SET_PDEATHSIG = 1
# Loaded before any fork, where little is safe.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def serve_until_stopped(settings: Settings) -> int:
    """Serve until INT or TERM; the exit code: 0 asked to stop, else what went wrong.

    For the main thread of a process of its own: it keeps the signals to itself. Refused: the port is taken.
    """
    _refuse_taken_port(settings)
    note_address(settings)
    print(describe_startup(settings), flush=True)
    return supervise_processes(commands_of_processes(settings))


def become_web_server(settings: Settings) -> NoReturn:
    """Put the web server alone in the place of this process; a service manager starts the background process.

    Refused: the port is taken.
    """
    _refuse_taken_port(settings)
    note_address(settings)
    print(describe_startup(settings), flush=True)
    command = list(commands_of_processes(settings)["web server"])
    os.chdir(_ROOT)
    os.execv(command[0], command)  # noqa: S606 - no shell is wanted


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
            f"DATABASE_URL leads to a demo database ({settings.database}) that others could sign in to: "
            "start with a new file, or leave HOST and PORTAL_URL on this machine."
        )


def commands_of_processes(settings: Settings) -> Mapping[str, Sequence[str]]:
    """The two programs by what people call them."""
    address = _listens_at(settings).removeprefix("http://")
    return {
        "web server": [
            sys.executable, "-m", "gunicorn", "--config", "python:portal.processes.gunicorn_conf",
            "--bind", address, "--threads", str(settings.threads), "wsgi:app",
        ],
        "background process": [sys.executable, "-m", "flask", "--app", "wsgi", "work"],
    }


def supervise_processes(programs: Mapping[str, Sequence[str]], grace: float = SECONDS_TO_STOP) -> int:
    """Run all until asked to stop or one ends; TERM the others once, kill after `grace` seconds.

    The exit code: 0 asked to stop and all did, 1 one had to be killed or ended without an error,
    else the code of the one that ended first (128 + n for signal n, as in a shell).
    """
    signal.signal(signal.SIGCHLD, lambda *_: None)  # ignored, as it is by default, sigwait would never see it
    signal.pthread_sigmask(signal.SIG_BLOCK, {*_ASKED, signal.SIGCHLD})
    children = {name: _start(command) for name, command in programs.items()}
    ended = _first_end(children)
    for child in children.values():
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
    killed = _wait_or_kill(list(children.values()), grace)
    if ended is None:
        return 1 if killed else 0
    code = children[ended].returncode
    print(f"The {ended} ended by itself (code {code}), so the portal stops.", file=sys.stderr)
    return 128 - code if code < 0 else code or 1


def _first_end(children: Mapping[str, "subprocess.Popen[bytes]"]) -> str | None:
    """Wait; the name of the child that ended, or None when asked to stop."""
    while True:
        for name, child in children.items():
            if child.poll() is not None:
                return name
        # Blocked signals stay pending: an end between the look above and this line is not missed.
        if signal.sigwait({*_ASKED, signal.SIGCHLD}) in _ASKED:
            return None


def _wait_or_kill(children: Sequence["subprocess.Popen[bytes]"], grace: float) -> bool:
    """Whether a child had to be killed. What a child leaves behind of its group goes with it."""
    deadline, killed = time.monotonic() + grace, False
    for child in children:
        try:
            child.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            killed = True
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    return killed


def _start(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    # In a session of its own: Ctrl-C in the terminal reaches the supervisor only, which signals once.
    return subprocess.Popen(
        command, cwd=_ROOT, start_new_session=True,
        preexec_fn=_tie_to(os.getpid()),  # noqa: PLW1509 - unsafe with threads, and the supervisor has none
    )


def _tie_to(parent: int) -> Callable[[], None]:
    """What a child does before it becomes its program: hear signals again, and stop when the parent is gone.

    The kernel sends the signal, so it also comes after kill -9 and the programs need not know. The fork
    is safe because the supervisor has one thread. Other systems than Linux cannot do it and go without.
    """

    def tie() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {*_ASKED, signal.SIGCHLD})
        if _LIBC and (_LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM) or os.getppid() != parent):
            os._exit(1)

    return tie


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
