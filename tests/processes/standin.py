"""The web server as it is really started, with an application that the test writes."""

import os
import socket
import subprocess
from contextlib import closing, suppress
from pathlib import Path

from portal.config import Settings
from portal.processes.serving import commands_of_processes
from tests.patience import LONG, wait_for

ROOT = Path(__file__).resolve().parents[2]


def start_web_server(folder: Path, application: str, **environ: str) -> tuple[subprocess.Popen[bytes], int]:
    """Start the portal's own command for its web server with this program instead, and wait until it answers.

    The process, whose standard error can be read, and its port. `environ` holds settings and variables.
    """
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    (folder / "standin.py").write_text(application)
    settings = Settings.from_environ({"PORT": str(port), **environ}, folder)
    command = [*commands_of_processes(settings)["web server"][:-1], "standin:app"]
    search = f"{folder}:{ROOT}:{os.environ.get('PYTHONPATH', '')}"
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environ | {"PYTHONPATH": search},
                               stderr=subprocess.PIPE)
    wait_for(lambda: _answers(port))
    return process, port


def _answers(port: int) -> bytes:
    """The beginning of an answer, or nothing."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=LONG) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return line.recv(4096)
    return b""
