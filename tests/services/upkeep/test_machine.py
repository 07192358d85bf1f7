"""What the checks of the machine find: keys, disk, clock, web server, certificate, proxy, mail server."""

import http.client
import shutil
import smtplib
import socket
import ssl
import subprocess
import threading
from contextlib import closing, contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import NamedTuple

import pytest

from portal import stored_files
from portal.extensions import now, writing
from portal.models import AuditEvent
from portal.services.upkeep import machine
from portal.services.upkeep.health import Health
from tests.patience import LONG

from .findings import wrong

pytestmark = pytest.mark.usefixtures("open_app")


class Usage(NamedTuple):
    total: int
    used: int
    free: int


# --- keys ----------------------------------------------------------------------------------------


@pytest.fixture
def folder(settle, tmp_path):
    """A folder with a database and three keys, all closed."""
    settle(instance=tmp_path, database_url=f"sqlite:///{tmp_path}/portal.db")
    for name in ("secret_key", "csrf_key", "number_key", "portal.db", "portal.db.before-upgrade-1"):
        (tmp_path / name).write_text("x")
        (tmp_path / name).chmod(0o600)
    return tmp_path


def test_keys_that_only_their_owner_may_read(folder):
    found = machine.check_keys()
    assert found.health is Health.GOOD
    assert found.found.startswith("3 keys lie in files")
    assert found.found.endswith("1 come from the environment.")


@pytest.mark.parametrize("name", ["secret_key", "number_key", "portal.db", "portal.db.before-upgrade-1"])
@pytest.mark.parametrize("mode", [0o604, 0o640, 0o620])
def test_one_that_others_may_read(folder, name, mode):
    (folder / name).chmod(mode)
    assert machine.check_keys().remedy == f"Close them: chmod 600 {folder / name}"
    wrong(machine.check_keys(), name)


# --- disk ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("free", "health"), [(9, Health.WRONG), (10, Health.GOOD), (100, Health.GOOD)])
def test_a_tenth_of_the_disk_is_free(monkeypatch, free, health):
    # What is kept for root is neither used nor free.
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _folder: Usage(110, 100 - free, free))
    assert machine.check_disk().health is health


def test_the_fuller_disk_counts(settle, tmp_path, monkeypatch):
    settle(backup_folder=tmp_path)
    monkeypatch.setattr(machine.shutil, "disk_usage",
                        lambda folder: Usage(100, 95, 5) if folder == tmp_path else Usage(100, 5, 95))
    wrong(machine.check_disk(), "5 %", str(tmp_path))


# --- clock ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kept", "health"), [(True, Health.GOOD), (False, Health.NOTE)])
def test_a_clock_that_nobody_keeps_right_is_worth_a_note(monkeypatch, kept, health):
    monkeypatch.setattr(machine, "is_clock_synchronized", lambda: kept)
    assert machine.check_clock().health is health


def test_a_clock_behind_what_was_written_down():
    with writing() as session:
        session.add(AuditEvent(at=now() + timedelta(hours=1), actor_name="x", action="x", subject="x",
                               subject_name="x"))
    wrong(machine.check_clock(), "audit log")


def test_the_kernel_tells():
    assert machine.is_clock_synchronized() in (True, False)


# --- the web server ------------------------------------------------------------------------------


@contextmanager
def answering(status, seen, **headers):
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append((self.path, self.headers["Host"]))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()

        def log_message(self, *_given):
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join(LONG)


@pytest.mark.parametrize(("status", "health"), [(200, Health.GOOD), (500, Health.WRONG)])
def test_a_web_server_that_answers(settle, status, health):
    seen = []
    with answering(status, seen) as port:
        settle(host="0.0.0.0", port=port, portal_url="https://texting.example.com")
        assert machine.check_web().health is health
    assert seen == [("/health/live", "texting.example.com")]


def test_one_that_does_not(settle):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    settle(port=port)
    wrong(machine.check_web(), "ConnectionRefusedError")


# --- the certificate -----------------------------------------------------------------------------


def test_without_https_none_is_needed():
    assert machine.check_certificate().health is Health.GOOD


@pytest.mark.parametrize(("days", "health"), [(13.9, Health.WRONG), (14.1, Health.GOOD)])
def test_two_weeks_are_left(settle, monkeypatch, days, health):
    settle(portal_url="https://texting.example.com")
    asked = []
    monkeypatch.setattr(machine, "read_certificate_end",
                        lambda *address: asked.append(address) or now() + timedelta(days=days))
    assert machine.check_certificate().health is health
    assert asked == [("texting.example.com", 443)]


@pytest.fixture
def tls(tmp_path):
    """A TLS server at localhost; its port and its certificate, which ends in 30 days and which nobody trusts."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make a certificate with")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run([openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
                    "-days", "30", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
                   check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        def serve():
            line, _address = listening.accept()
            try:
                with context.wrap_socket(line, server_side=True) as secured:
                    secured.recv(1)
            except OSError:
                line.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1], certificate
        thread.join(LONG)


def test_a_certificate_is_read_over_the_network(settle, tls, monkeypatch):
    port, certificate = tls
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    settle(portal_url=f"https://localhost:{port}")
    found = machine.check_certificate()
    assert found.health is Health.GOOD, found
    assert f"localhost:{port} ends at" in found.found


def test_browsers_refuse_one_that_nobody_trusts(settle, tls):
    settle(portal_url=f"https://localhost:{tls[0]}")
    wrong(machine.check_certificate(), "Browsers refuse", "self-signed")


def test_an_address_that_does_not_answer(settle):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    settle(portal_url=f"https://localhost:{port}")
    wrong(machine.check_certificate(), "does not answer")


# --- the proxy -----------------------------------------------------------------------------------


def test_without_https_there_is_no_proxy(monkeypatch):
    monkeypatch.setattr(machine, "read_encoding", None)
    assert machine.check_proxy().health is Health.GOOD


@pytest.mark.parametrize("encoding", ["", "gzip", "br"])
def test_a_proxy_that_compresses_what_must_keep_its_length(settle, monkeypatch, encoding):
    settle(portal_url="https://texting.example.com")
    asked = []
    monkeypatch.setattr(machine, "read_encoding", lambda *given: asked.append(given) or encoding)
    if encoding:
        assert "gzip off;" in wrong(machine.check_proxy(), "compresses pages").remedy
    else:
        assert machine.check_proxy().health is Health.GOOD
    assert asked == [("texting.example.com", 443, machine.NEVER_COMPRESSED)]


@pytest.mark.parametrize("error", [OSError("no way"), http.client.BadStatusLine("x")])
def test_one_that_does_not_answer_is_worth_a_note(settle, monkeypatch, error):
    def broken(*_given):
        raise error

    settle(portal_url="https://texting.example.com")
    monkeypatch.setattr(machine, "read_encoding", broken)
    assert machine.check_proxy().health is Health.NOTE


@pytest.mark.parametrize("headers", [{}, {"Content_Encoding": "gzip"}])
def test_the_encoding_is_read_over_the_network(monkeypatch, headers):
    monkeypatch.setattr(machine.http.client, "HTTPSConnection", http.client.HTTPConnection)
    seen = []
    with answering(404, seen, **headers) as port:
        assert machine.read_encoding("127.0.0.1", port, machine.NEVER_COMPRESSED) == headers.get("Content_Encoding", "")
    assert seen == [(machine.NEVER_COMPRESSED, f"127.0.0.1:{port}")]


# --- the mail server -----------------------------------------------------------------------------


def test_no_mail_server_is_worth_a_note():
    assert machine.check_mail().health is Health.NOTE


@pytest.mark.parametrize("error", [None, OSError("no way"), smtplib.SMTPAuthenticationError(535, b"secret words")])
def test_a_mail_server_is_asked_and_gets_no_letter(settle, monkeypatch, error):
    settle(mail_server="smtp://localhost", mail_password="hidden")
    asked = []

    class Server:
        def noop(self):
            asked.append("noop")

    @contextmanager
    def connected():
        if error:
            raise error
        yield Server()

    monkeypatch.setattr(machine.letters, "connect_mail_server", connected)
    if error is None:
        assert machine.check_mail().health is Health.GOOD
        assert asked == ["noop"]
    else:
        found = wrong(machine.check_mail(), type(error).__name__)
        assert "secret" not in str(found)
        assert "hidden" not in str(found)


def test_every_row_of_a_key_is_looked_at():
    """A key that the portal keeps in a file and that nobody looks at would stay open unseen."""
    keys = {row.name for row in stored_files.list_stored_files() if row.name.endswith("_key")}
    assert keys == {"secret_key", "csrf_key", "number_key", "carrier_key", "webhook_key"}
