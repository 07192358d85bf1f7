"""How the machine around the portal is: keys, disk, clock, web server, certificate, proxy, mail server."""

import ctypes
import http.client
import shutil
import smtplib
import socket
import ssl
import stat
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import select

from portal import stored_files
from portal.extensions import current_settings, db, now
from portal.models import AuditEvent

from .. import letters
from .health import Health, HealthFinding, print_moment

LEAST_FREE_PERCENT = 10
LEAST_DAYS_LEFT = 14
NETWORK_TIMEOUT = 10
# Two processes that write at the same moment may differ by a little.
AHEAD = timedelta(minutes=5)
# A page whose length could tell a secret: the portal never compresses it, not even to say that there is no such report.
NEVER_COMPRESSED = "/report-spam/status/nobody"
# What adjtimex answers where no program keeps the clock right.
_NOT_SYNCHRONIZED = 5


def check_keys() -> HealthFinding:
    """Whether the keys are there and only their owner may read them; the same for the database and its companions."""
    settings = current_settings()
    rows = (stored_files.SECRET_KEY_FILE, stored_files.CSRF_KEY_FILE, stored_files.NUMBER_KEY_FILE)
    files = [row.inside(settings.instance) for row in rows]
    files.append(stored_files.WEBHOOK_KEY_FILE.inside(stored_files.CARRIER_FOLDER.beside(settings.database)))
    # A key that is no file was given in the environment: without either the portal would not have started.
    open_files = [file for file in (*files, *_database_files(settings.database)) if file.exists() and _is_open(file)]
    if open_files:
        listed = " ".join(map(str, open_files))
        return HealthFinding(Health.WRONG, f"Others than the owner may read {', '.join(map(str, open_files))}.",
                             f"Close them: chmod 600 {listed}")
    many = sum(file.exists() for file in files)
    elsewhere = f" {len(files) - many} come from the environment." if many < len(files) else ""
    return HealthFinding(Health.GOOD, f"{many} keys lie in files that only their owner may read.{elsewhere}")


def _database_files(database: Path) -> Iterator[Path]:
    yield database
    for row in (stored_files.WRITE_AHEAD_LOG, stored_files.SHARED_MEMORY, stored_files.QUEUE_FILE):
        yield row.beside(database)
    for copy in (stored_files.UPGRADE_COPY, stored_files.RESTORE_COPY):
        yield from copy.all_beside(database, moment="*")


def _is_open(file: Path) -> bool:
    return bool(stat.S_IMODE(file.stat().st_mode) & 0o077)


def check_disk() -> HealthFinding:
    """Whether a tenth of the disk is free, for the database and for its backups."""
    settings = current_settings()
    folders = [folder for folder in (settings.database.parent, settings.backup_folder) if folder and folder.is_dir()]
    free = {folder: _free_percent(folder) for folder in folders}
    tight = min(free, key=lambda folder: free[folder])
    found = f"{free[tight]} % of the disk under {tight} is free."
    if free[tight] >= LEAST_FREE_PERCENT:
        return HealthFinding(Health.GOOD, found)
    return HealthFinding(Health.WRONG, found, "Make room: a full disk stops every text."
                         " Look at old backups and journals (journalctl --vacuum-time=30d).")


def _free_percent(folder: Path) -> int:
    usage = shutil.disk_usage(folder)
    return usage.free * 100 // (usage.used + usage.free)


def check_clock() -> HealthFinding:
    """Whether the clock stands before what was already written down, or no program keeps it right."""
    newest = db.session.scalar(select(AuditEvent.at).order_by(AuditEvent.id.desc()).limit(1))
    found = f"The clock stands at {print_moment(now())}"
    if newest and newest > now() + AHEAD:
        return HealthFinding(Health.WRONG, f"{found}; the newest event of the audit log is of {print_moment(newest)}.",
                             "Set it: timedatectl set-ntp true.")
    if not is_clock_synchronized():
        return HealthFinding(Health.NOTE, f"{found}; no program keeps it right.",
                             "Install one: apt install systemd-timesyncd. Quiet hours follow this clock.")
    return HealthFinding(Health.GOOD, f"{found}, and a program keeps it right.")


def is_clock_synchronized() -> bool:
    """Whether a program keeps this machine's clock right, as far as the kernel tells; True where it does not tell."""
    if sys.platform != "linux":
        return True
    # Filled with zeros it changes nothing; it is longer than the structure that the kernel fills.
    return int(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))) != _NOT_SYNCHRONIZED


def check_web() -> HealthFinding:
    """Whether the web server answers on this machine, without the proxy."""
    settings = current_settings()
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - compared, not bound
    line = http.client.HTTPConnection(host, settings.port, timeout=NETWORK_TIMEOUT)
    try:
        line.request("GET", "/health/live", headers={"Host": settings.portal_host})
        status = line.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        status = 0
        said = type(error).__name__
    else:
        said = f"status {status}"
    finally:
        line.close()
    if status == http.client.OK:
        return HealthFinding(Health.GOOD, f"The web server answers at port {settings.port}.")
    return HealthFinding(Health.WRONG, f"The web server does not answer at port {settings.port} ({said}).",
                         "Restart it (systemctl restart portal-web) and read why it stopped"
                         " (journalctl -u portal-web).")


def check_certificate() -> HealthFinding:
    """Whether browsers trust the certificate of PORTAL_URL for two more weeks; takes at most twice ten seconds."""
    settings = current_settings()
    if not settings.https:
        return HealthFinding(Health.GOOD, "No certificate is needed: the portal is opened on this machine only.")
    renew = "Renew it: certbot renew, or read what Caddy says (journalctl -u caddy)."
    try:
        end = read_certificate_end(settings.portal_host, urlsplit(settings.portal_url).port or 443)
    except ssl.SSLCertVerificationError as error:
        return HealthFinding(Health.WRONG, f"Browsers refuse {settings.portal_url}: {error.verify_message}.", renew)
    except OSError as error:
        return HealthFinding(Health.WRONG, f"{settings.portal_url} does not answer ({type(error).__name__}).",
                             "Look at the proxy in front of the portal (systemctl status nginx or caddy), at the"
                             " firewall and at the name's address.")
    found = f"The certificate of {settings.portal_url} ends at {print_moment(end)}."
    if end - now() >= timedelta(days=LEAST_DAYS_LEFT):
        return HealthFinding(Health.GOOD, found)
    return HealthFinding(Health.WRONG, found, renew)


def read_certificate_end(host: str, port: int) -> datetime:
    """When the certificate there runs out (UTC). Raises ssl.SSLCertVerificationError if it is not trusted, OSError."""
    trusted = ssl.create_default_context()
    with (socket.create_connection((host, port), NETWORK_TIMEOUT) as line,
          trusted.wrap_socket(line, server_hostname=host) as secured):
        certificate = secured.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)


def check_proxy() -> HealthFinding:
    """Whether the proxy leaves pages as they are that must not be compressed; takes at most ten seconds."""
    settings = current_settings()
    if not settings.https:
        return HealthFinding(Health.GOOD, "No proxy is needed: the portal is opened on this machine only.")
    try:
        encoding = read_encoding(settings.portal_host, urlsplit(settings.portal_url).port or 443, NEVER_COMPRESSED)
    except (OSError, http.client.HTTPException) as error:
        return HealthFinding(Health.NOTE, f"Whether the proxy compresses cannot be asked ({type(error).__name__}).",
                             "See under certificate.")
    if not encoding:
        return HealthFinding(Health.GOOD, "The proxy compresses no page whose length could tell a secret.")
    return HealthFinding(Health.WRONG, "The proxy compresses pages whose length could tell a secret.",
                         "Let it compress nothing, the portal does that: in nginx gzip off; beside server_name,"
                         " in Caddy no encode.")


def read_encoding(host: str, port: int, path: str) -> str:
    """How a page there is compressed for browsers, "" if it is not. Raises OSError, HTTPException."""
    with closing(http.client.HTTPSConnection(host, port, timeout=NETWORK_TIMEOUT)) as line:
        line.request("GET", path, headers={"Accept-Encoding": "gzip, br, zstd"})
        return str(line.getresponse().getheader("Content-Encoding", ""))


def check_mail() -> HealthFinding:
    """Whether the mail server lets the portal in; no letter is sent."""
    if not current_settings().mail_server:
        return HealthFinding(Health.NOTE, "No mail server is set: nobody gets mail when something is wrong.",
                             "Set MAIL_SERVER.")
    try:
        with letters.connect_mail_server() as server:
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        return HealthFinding(Health.WRONG, f"The mail server does not let the portal in ({type(error).__name__}).",
                             "Look at MAIL_SERVER, MAIL_USER and MAIL_PASSWORD, and at the firewall.")
    return HealthFinding(Health.GOOD, "The mail server lets the portal in.")
