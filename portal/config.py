"""Settings: what the environment says, typed, completed, and refused when it would be unsafe."""

import ipaddress
import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from portal import database_urls, stored_files
from portal.variables import SETTINGS, RefusedSetting, document_settings

__all__ = ["RefusedSetting", "Settings"]

_SHORTEST_KEY = 32
# So many processes serve at most where nobody has said how many: each takes memory, and one writes at a time.
MOST_BY_ITSELF = 4
# Each is called like the setting that can stand in for it.
_KEY_FILES = (stored_files.SECRET_KEY_FILE, stored_files.CSRF_KEY_FILE, stored_files.NUMBER_KEY_FILE,
              stored_files.CARRIER_KEY_FILE)
# The last one is the key printed in Flask's own documentation.
_KNOWN_KEYS = ("changeme", "change-me", "change_me", "secret", "password", "insecure", "192b9bdd22ab9ed4")


@dataclass(frozen=True, slots=True)
class Settings:
    """One field per variable, named like it in lower case, and what follows from them."""

    instance: Path
    host: str
    port: int
    portal_url: str
    trusted_hosts: tuple[str, ...]
    proxy_hops: int
    database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    csrf_key: str = field(repr=False)
    number_key: str = field(repr=False)
    carrier_key: str = field(repr=False)
    carrier_networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
    htmx: Literal["cdn", "self"]
    processes: int
    threads: int
    request_seconds: int
    debug: bool
    service: str
    provider: str
    provider_email: str
    operator: str
    privacy_contact: str
    offer_url: str
    registration_url: str
    demo: bool
    demo_password: str = field(repr=False)
    territories: frozenset[str]
    app_version_rule: Literal["block", "warn"]
    registration_required: Literal["all", "us-recipients", "none"]
    brand_cap_rule: Literal["warn", "hold", "block"]
    quiet_hours_rule: Literal["warn", "hold"]
    route_988: bool
    desk_zone: str
    report_delay: int
    mail_server: str
    mail_from: str
    mail_user: str
    mail_password: str = field(repr=False)
    backup_folder: Path | None
    backup_days: int
    ladder_few: int
    ladder_share: int
    ladder_rate: int
    ladder_many: int
    ladder_hours: int

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], instance: Path) -> "Settings":
        """Read and complete every setting; makes the key files when no key is given.

        Refused: a value is not understood or would be unsafe, or a key file cannot be used.
        """
        said = {setting.name.lower(): setting.value(environ) for setting in SETTINGS}
        said["portal_url"] = said["portal_url"] or _own_address(said["host"], said["port"])
        said["database_url"] = database_urls.complete_database_url(said["database_url"], instance)
        said["processes"] = said["processes"] or min(_count_cores(), MOST_BY_ITSELF)
        said["operator"] = said["operator"] or said["provider"]
        said["mail_from"] = said["mail_from"] or f"reports@{urlsplit(said['portal_url']).hostname}"
        settings = cls(instance=instance, **said)
        _refuse_without_driver(settings)
        _refuse_unsafe(settings)
        _refuse_keys_of_its_own(settings)
        keys: dict[str, Any] = {
            file.name: getattr(settings, file.name) or read_or_make_key(file.inside(instance)) for file in _KEY_FILES}
        return replace(settings, trusted_hosts=_answers_to(settings), **keys)

    @property
    def https(self) -> bool:
        """People open the portal over https."""
        return self.portal_url.startswith("https:")

    @property
    def loopback(self) -> bool:
        """The portal listens to this machine only; a proxy on it may still let others in."""
        return _is_loopback(self.host)

    @property
    def private(self) -> bool:
        """Nobody but this machine opens the portal, not even through a proxy."""
        return self.loopback and _is_loopback(self.portal_host)

    @property
    def public(self) -> bool:
        """People anywhere can open the portal, as far as its address tells: https, and no name of one network only."""
        return self.https and _is_known_everywhere(self.portal_host)

    @property
    def limits(self) -> dict[str, dict[str, int]]:
        """Limits of rules that are settings here, by the rule's id; they stand in for those of the table."""
        return {"reports-count": {"few": self.ladder_few, "share": self.ladder_share, "rate": self.ladder_rate,
                                  "many": self.ladder_many, "hours": self.ladder_hours}}

    @property
    def portal_host(self) -> str:
        """Host name in the portal's address, without the port."""
        return urlsplit(self.portal_url).hostname or ""

    @property
    def embedded(self) -> bool:
        """The database is a file that this machine alone opens, with SQLite; else it is one of a PostgreSQL server."""
        return not database_urls.is_server_url(self.database_url)

    @property
    def database(self) -> Path:
        """The file the database lies in. A server's lies in none: then only what lies beside it is there."""
        return database_urls.file_of_database(self.database_url, self.instance)

    @property
    def shown_database(self) -> str:
        """Where the database is, without a password: its file, or the server's host and its name there."""
        return str(self.database) if self.embedded else database_urls.name_of_server(self.database_url)

    def to_flask(self) -> dict[str, object]:
        """What Flask and its extensions read."""
        return {
            "DEBUG": self.debug,
            "SECRET_KEY": self.secret_key,
            "TRUSTED_HOSTS": list(self.trusted_hosts),
            "PREFERRED_URL_SCHEME": "https" if self.https else "http",
            "MAX_CONTENT_LENGTH": 64 * 1024,
            "MAX_FORM_MEMORY_SIZE": 64 * 1024,
            "MAX_FORM_PARTS": 1000,
            # Browsers take the __Host- prefix only with Secure, for every path and without a domain.
            "SESSION_COOKIE_NAME": "__Host-session" if self.https else "session",
            "SESSION_COOKIE_SECURE": self.https,
            "SESSION_COOKIE_PATH": "/",
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            # Longer than any session: it is still known then whose page was left open (services/accounts/sessions.py).
            "PERMANENT_SESSION_LIFETIME": timedelta(days=3),
            # A page that polls must not keep its session alive.
            "SESSION_REFRESH_EACH_REQUEST": False,
            # Its own key, because Flask-WTF knows no fallback keys for rotation.
            "WTF_CSRF_SECRET_KEY": self.csrf_key,
            # A form left open over lunch still saves: the session ends it, not the clock.
            "WTF_CSRF_TIME_LIMIT": None,
            # The portal asks itself where a form comes from: see origins.py.
            "WTF_CSRF_SSL_STRICT": False,
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "BABEL_DEFAULT_LOCALE": "en",
        }


def _count_cores() -> int:
    """How many cores this process may use; other systems than Linux tell only how many there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _is_known_everywhere(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".localhost", ".local", ".lan", ".internal", ".home.arpa"))


def _own_address(host: str, port: int) -> str:
    # Werkzeug matches no IPv6 address against its trusted hosts, so such a portal goes by its name.
    name = "localhost" if ":" in host and _is_loopback(host) else host
    return f"http://{name}:{port}"


def _answers_to(settings: Settings) -> tuple[str, ...]:
    local = ("localhost", "127.0.0.1") if settings.loopback else ()
    return tuple(dict.fromkeys((settings.portal_host, *local, *settings.trusted_hosts)))


def _refuse_without_driver(settings: Settings) -> None:
    if not settings.embedded and not database_urls.has_driver():
        raise RefusedSetting("DATABASE_URL leads to PostgreSQL; its driver is not installed: run make postgresql.")


def _refuse_keys_of_its_own(settings: Settings) -> None:
    """Machines that share a database share their keys: none of them makes its own."""
    missing = [file.name.upper() for file in _KEY_FILES
               if not getattr(settings, file.name) and not file.inside(settings.instance).exists()]
    if missing and not settings.embedded and not settings.private:
        raise RefusedSetting(
            f"{' and '.join(missing)} must be set, because DATABASE_URL leads to PostgreSQL and other machines can open"
            " the portal: all machines that use the database need the same keys. Give 32 or more random characters for"
            " each, or copy the key files from the instance folder of another machine.")


def _refuse_unsafe(settings: Settings) -> None:
    if not settings.https and not settings.loopback:
        raise RefusedSetting(
            "PORTAL_URL must be an https address when HOST lets other machines in: set it to the address of "
            "the proxy that encrypts, or leave HOST at 127.0.0.1."
        )
    if not settings.https and not _is_loopback(settings.portal_host):
        raise RefusedSetting("PORTAL_URL must begin with https:// unless it leads to this machine itself.")
    if settings.debug and not settings.private:
        raise RefusedSetting("DEBUG shows secrets to visitors: set it to 0 when others can open the portal.")
    if not settings.private:
        _refuse_guessable_keys(settings)


def _refuse_guessable_keys(settings: Settings) -> None:
    _refuse_guessable("SECRET_KEY", settings.secret_key)
    _refuse_guessable("CSRF_KEY", settings.csrf_key)
    _refuse_guessable("NUMBER_KEY", settings.number_key)
    for key in settings.carrier_key.split(","):
        _refuse_guessable("CARRIER_KEY", key.strip())


def _refuse_guessable(name: str, key: str) -> None:
    if not key:
        return
    few_characters = len(set(key)) < 8
    if len(key) < _SHORTEST_KEY or few_characters or any(known in key.lower() for known in _KNOWN_KEYS):
        raise RefusedSetting(
            f"{name} can be guessed: give {_SHORTEST_KEY} or more random characters, or leave it empty "
            "to have one made."
        )


def read_or_make_key(file: Path) -> str:
    """The key in this file, made at the first start."""
    try:
        if not file.exists():
            _make_key(file)
        key = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        name = file.name.upper()
        raise RefusedSetting(f"{file} cannot be used ({error}): make it readable, or set {name}.") from error
    if len(key) < _SHORTEST_KEY:
        raise RefusedSetting(f"{file} holds no whole key: remove it to have a new one made; all sign in anew.")
    return key


def _make_key(file: Path) -> None:
    """Written apart and linked into place, so that of two first starts both read the one whole key."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = stored_files.FILE_DRAFT.beside(file, random=secrets.token_hex(8))
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(secrets.token_urlsafe(48) + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


if __name__ == "__main__":
    sys.stdout.write(document_settings())
