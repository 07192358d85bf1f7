"""A mail server on this machine that speaks SMTP, keeps what it took and refuses what it is told to refuse."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


class MailPeer(socketserver.ThreadingTCPServer):
    """`letters` are those taken; `refused` maps an address to the answer that it gets."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.letters: list[EmailMessage] = []
        self.refused: dict[str, str] = {}

    @property
    def address(self) -> str:
        """What MAIL_SERVER says."""
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class _Talk(socketserver.StreamRequestHandler):
    server: Any

    def handle(self) -> None:
        self._say("220 here")
        for line in self.rfile:
            said = line.decode().strip()
            if said.upper().startswith("RCPT"):
                address = said.partition("<")[2].partition(">")[0]
                self._say(self.server.refused.get(address, "250 yes"))
            elif said.upper() == "DATA":
                self._say("354 go on")
                self.server.letters.append(message_from_bytes(self._read_letter(), policy=policy.default))
                self._say("250 taken")
            else:
                self._say("221 bye" if said.upper() == "QUIT" else "250 yes")

    def _read_letter(self) -> bytes:
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)

    def _say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())


@contextmanager
def open_mail_peer() -> Iterator[MailPeer]:
    """A mail server that listens until the end of the block."""
    with MailPeer() as peer:
        thread = threading.Thread(target=peer.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield peer
        finally:
            peer.shutdown()
            thread.join()
