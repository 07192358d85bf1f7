"""Kannel from Debian, started by a test with the configuration that docs/carriers/kannel.md prints.

`python -m tests.peers.install` installs it with apt, for root; no daemon is left running.
"""

import os
import re
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from tests.patience import wait_for

from . import skip_or_fail
from .center import PASSWORD, SYSTEM, MessageCenter

DOCS = Path(__file__).resolve().parents[2] / "docs" / "carriers" / "kannel.md"
BEARERBOX, SMSBOX = "/usr/sbin/bearerbox", "/usr/sbin/smsbox"
USER, USER_PASSWORD, TOKEN = "portal", "an invented password of the tests", "an-invented-token-of-the-tests-0123"
# What asks Debian's scripts whether a daemon may start: 101 is "no".
POLICY = Path("/usr/sbin/policy-rc.d")


class Kannel:
    """Kannel in front of a message center, within `with`. `hook` is where it tells: an http address on this machine.

    `changed` replaces or adds lines of the configuration: {("smsbox", "http-queue-delay"): "1"}.
    """

    def __init__(self, folder: Path, center: MessageCenter, hook: str,
                 changed: Mapping[tuple[str, str], str] | None = None) -> None:
        self.folder, self._center, self.hook = folder, center, hook
        self._changed, self._boxes = dict(changed or {}), list[tuple[subprocess.Popen[bytes], IO[bytes]]]()
        self.sendsms_port, self.admin_port, self._box_port = free_port(), free_port(), free_port()

    @property
    def address(self) -> str:
        """Where the portal hands texts over."""
        return f"http://127.0.0.1:{self.sendsms_port}"

    @property
    def status_address(self) -> str:
        """Where it says how it is."""
        return f"http://127.0.0.1:{self.admin_port}"

    def __enter__(self) -> Self:
        if why := missing():
            skip_or_fail(why)
        self._prepare()
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.stop(signal.SIGKILL)

    def start(self) -> None:
        """Serve, and wait until the line to the center is up."""
        self._begin(BEARERBOX, self._box_port)
        self._begin(SMSBOX, self.sendsms_port)
        wait_for(lambda: "transceiver" in self._center.sessions(), self.log)

    def stop(self, how: int = signal.SIGTERM) -> None:
        """Be gone: in peace by SIGTERM, so that it keeps what it has, or at once by SIGKILL."""
        for box, log in reversed(self._boxes):
            box.send_signal(how)
            box.wait()
            log.close()
        self._boxes.clear()

    def log(self) -> str:
        """The last lines that it wrote, for a test that fails."""
        return "\n".join(file.read_text(errors="replace")[-2000:] for file in sorted(self.folder.glob("*.log")))

    def _begin(self, program: str, port: int) -> None:
        log = (self.folder / f"{Path(program).name}.out").open("ab")
        # Where a clock is moved, Kannel's is too: it tells when a text came in, and nobody answers an old one.
        box = subprocess.Popen([program, "-v", "4", self.folder / "kannel.conf"], stdout=log, stderr=log,
                               stdin=subprocess.DEVNULL)
        self._boxes.append((box, log))
        wait_for(lambda: box.poll() is not None or answers(port), self.log)
        assert box.poll() is None, self.log()

    def _prepare(self) -> None:
        (self.folder / "spool").mkdir(exist_ok=True)
        page = DOCS.read_text(encoding="utf-8")
        table = re.search(r'receipts\.db "(CREATE TABLE [^"]+)"', page)
        assert table
        with sqlite3.connect(self.folder / "receipts.db") as rows:
            rows.execute(table[1])
        rows.close()
        place = self.hook.removeprefix("http://")
        own = {
            ("core", "admin-port"): f"{self.admin_port}", ("core", "smsbox-port"): f"{self._box_port}",
            ("core", "log-file"): f'"{self.folder}/bearerbox.log"',
            ("core", "store-location"): f'"{self.folder}/spool"',
            ("sqlite3-connection", "database"): f'"{self.folder}/receipts.db"',
            ("smsc", "host"): "127.0.0.1", ("smsc", "port"): f"{self._center.port}",
            ("smsc", "smsc-username"): SYSTEM, ("smsc", "smsc-password"): PASSWORD,
            ("smsbox", "sendsms-port"): f"{self.sendsms_port}", ("smsbox", "log-file"): f'"{self.folder}/smsbox.log"',
            ("sendsms-user", "password"): f'"{USER_PASSWORD}"',
            ("sms-service", "post-url"): f'"http://kannel:{TOKEN}@{place}?id=%I"',
            # Nobody waits for the patience of a real one.
            ("smsc", "reconnect-delay"): "1", ("smsbox", "http-queue-delay"): "1", ("core", "sms-resend-freq"): "1",
            ("core", "sms-resend-retry"): "2", **self._changed,
        }
        (self.folder / "kannel.conf").write_text(with_own_lines(printed_config(), own), encoding="utf-8")


def printed_config() -> str:
    """The configuration as the docs page prints it."""
    found = re.search(r"```ini\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return found[1]


def with_own_lines(config: str, own: Mapping[tuple[str, str], str]) -> str:
    """The configuration with other values of these (group, name), each of which it must have; the rest as it is."""
    lines, group, left = [], "", dict(own)
    for line in config.splitlines():
        name, is_setting, value = (part.strip() for part in line.partition("="))
        group = value if name == "group" else group
        changed = left.pop((group, name), None) if is_setting else None
        lines.append(line if changed is None else f"{name} = {changed}")
    assert not left, left
    return "\n".join(lines) + "\n"


def free_port() -> int:
    """A port that nobody listens on, below those that the system gives to whoever asks for any."""
    while True:
        port = 15_000 + secrets.randbelow(15_000)
        with socket.socket() as free, suppress(OSError):
            free.bind(("127.0.0.1", port))
            return port


def answers(port: int) -> bool:
    """Whether somebody listens on this port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def missing() -> str | None:
    """What this machine lacks for Kannel, or None."""
    if all(map(os.path.exists, (BEARERBOX, SMSBOX))):
        return None
    return "Kannel is missing: only root can install it, on Debian or Ubuntu, by `make peers`."


def install() -> None:
    """With apt for root, and without the daemon that the package would start."""
    if not missing() or os.geteuid() or not shutil.which("apt-get"):
        return
    ours = not POLICY.exists()
    if ours:
        POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
        POLICY.chmod(0o755)
    try:
        unasked = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update"], ["install", "-y", "--no-install-recommends", "kannel", "kannel-extras"]):
            subprocess.run(["apt-get", "-qq", *words], check=False, env=unasked, stdout=subprocess.DEVNULL)
    finally:
        if ours:
            POLICY.unlink()
