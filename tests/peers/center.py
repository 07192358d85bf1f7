"""The message center of center.js, started by a test: SMPP over TCP and TLS on free ports, and its controls.

`python -m tests.peers.install` fetches the npm package that it needs into `.cache/peers`.
"""

import ipaddress
import json
import shutil
import subprocess
import urllib.request
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from . import peer_environment, skip_or_fail

FOLDER = Path(__file__).resolve().parents[2] / ".cache" / "peers"
PACKAGE = "smpp@0.5.1"
MODULES = FOLDER / "node_modules"
PROGRAM = Path(__file__).with_name("center.js")
SYSTEM, PASSWORD = "portal", "secret"
# Not by way of a proxy of the environment.
ASK = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class MessageCenter:
    """A center that serves within `with`. `settings` are those of center.js: `MessageCenter(folder, ids="mixed")`.

    `port` and `tls_port` speak SMPP; `certificate` (PEM) is what a client of the TLS port has to trust.
    """

    port = tls_port = control_port = 0

    def __init__(self, folder: Path, **settings: str | int) -> None:
        self.certificate, self._key = folder / "center.pem", folder / "center.key"
        self._settings = {name.upper(): str(value) for name, value in settings.items()}
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Serve; once more on the same ports after `stop`, and without what was taken before."""
        if why := missing():
            skip_or_fail(why)
        if not self.certificate.exists():
            write_certificate(self.certificate, self._key)
        ports = {"PORT": self.port, "TLS_PORT": self.tls_port, "CONTROL_PORT": self.control_port}
        environment = peer_environment(
            NODE_PATH=str(MODULES), CERT=str(self.certificate), KEY=str(self._key),
            **{"SYSTEM": SYSTEM, "PASSWORD": PASSWORD, **self._settings},
            **{name: str(port) for name, port in ports.items()})
        self._process = subprocess.Popen(["node", str(PROGRAM)], env=environment, stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        told = self._process.stdout.readline()
        assert told, "the message center did not start"
        ready = json.loads(told)
        self.port, self.tls_port, self.control_port = ready["plain"], ready["tls"], ready["control"]

    def stop(self) -> None:
        """Be gone at once, with every line."""
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def control(self, path: str, **told: Any) -> Any:
        """What the center says to one of its controls."""
        body = json.dumps(told).encode() if told else None
        with ASK.open(f"http://127.0.0.1:{self.control_port}{path}", body, 30) as answer:
            return json.loads(answer.read())

    def texts(self) -> list[dict[str, Any]]:
        """Every submit_sm that was taken, in their order."""
        return list(self.control("/texts"))

    def whole_texts(self) -> list[tuple[str, str]]:
        """(number, words) of every text that was taken whole, its parts joined, in the order of their first part."""
        found: dict[tuple[Any, ...], dict[int, str]] = {}
        total: dict[tuple[Any, ...], int] = {}
        for at, one in enumerate(self.texts()):
            part = one["part"] or {"key": f"alone {at}", "number": 1, "total": 1}
            key = (one["to"], one["from"], part["key"])
            found.setdefault(key, {})[part["number"]] = one["text"]
            total[key] = part["total"]
        return [(key[0], _join(parts[number] for number in sorted(parts)))
                for key, parts in found.items() if len(parts) == total[key]]

    def acks(self) -> list[int]:
        """The status of every answer to what the center told, in their order."""
        return list(self.control("/acks"))

    def sessions(self) -> list[str]:
        """How each line is bound: transceiver, transmitter, receiver, or "" if it is not."""
        return list(self.control("/sessions"))

    def text_in(self, sender: str, recipient: str, text: str, **how: Any) -> None:
        """Make a text come in. `coding`: gsm, ucs2, latin1. `parts` with `by` udh, sar or payload; `backwards`."""
        self.control("/mo", **{"from": sender, "to": recipient, "text": text, **how})

    def report(self, text_id: str, word: str) -> None:
        """Tell now what became of a text that was taken: DELIVRD, UNDELIV, ..."""
        self.control("/report", id=text_id, word=word)

    def drop(self) -> None:
        """Break every line."""
        self.control("/drop")

    def mute(self) -> None:
        """Take texts and answer nothing any more, until `reset`."""
        self.control("/mute")

    def change(self, **settings: str | int) -> None:
        """Change settings while it serves, until `reset`."""
        self.control("/settings", **{name: str(value) for name, value in settings.items()})

    def reset(self) -> None:
        """Forget everything that was taken; settings as at the start. Lines stay."""
        self.control("/reset")


def _join(parts: Iterable[str]) -> str:
    """The words of all parts; a character may be cut in half between two of them."""
    return "".join(parts).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def write_certificate(certificate: Path, key: Path) -> None:
    """A certificate for localhost and 127.0.0.1 that vouches for itself, good for a day around the real present."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    places = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1)).not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(places), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                          serialization.NoEncryption()))


def missing() -> str | None:
    """What this machine lacks for a message center, or None."""
    told = MODULES / "smpp" / "package.json"
    if not told.is_file() or f"smpp@{json.loads(told.read_text(encoding='utf-8'))['version']}" != PACKAGE:
        return f"The message center of the tests needs {PACKAGE}: `make peers` fetches it with npm."
    return None if shutil.which("node") else "The message center of the tests needs node."


def install() -> None:
    """Fetch the npm package."""
    if missing() and shutil.which("npm"):
        FOLDER.mkdir(parents=True, exist_ok=True)
        quietly = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(["npm", "install", "--prefix", FOLDER, *quietly, PACKAGE], check=False)
