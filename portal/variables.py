"""The environment variables of the portal: one table that reads, refuses and documents them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from portal.database_urls import read_database_url
from portal.marks import N_
from portal.stored_files import CARRIER_KEY_FILE, CSRF_KEY_FILE, DATABASE_FILE, NUMBER_KEY_FILE, SECRET_KEY_FILE

# Who provides the numbers where nobody has said it; its readers get it in their language.
UNNAMED_PROVIDER = N_("the provider")
TERRITORIES = ("PR", "VI", "GU", "AS", "MP")

_HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_IPV6 = re.compile(r"[0-9a-f:]*:[0-9a-f:.]*")


class RefusedSetting(Exception):
    """A setting the portal does not start with. The words name it and say what to do."""


@dataclass(frozen=True, slots=True)
class ValueKind:
    """How a value is read (ValueError: not one of these) and the words that go on after "use"."""

    allowed: str
    read: Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: `default` as it would be typed, `otherwise` what an empty one means."""

    name: str
    kind: ValueKind
    default: str
    description: str
    otherwise: str = ""

    def value(self, environ: Mapping[str, str]) -> Any:
        """What the variable says; an empty one counts as not given. Refused: not of its kind."""
        said = environ.get(self.name, "").strip() or self.default
        try:
            return self.kind.read(said)
        except ValueError:
            # Without the value: it may be a password.
            raise RefusedSetting(f"{self.name} is not understood: use {self.kind.allowed}.") from None


def one_of_words(*words: str) -> ValueKind:
    return ValueKind(" or ".join(words), lambda said: words[words.index(said.lower())])


def number_between(least: int, most: int) -> ValueKind:
    def read(said: str) -> int:
        value = int(said) if said.isascii() and said.isdigit() else least - 1
        if not least <= value <= most:
            raise ValueError
        return value

    return ValueKind(f"a whole number from {least} to {most}", read)


def _line(said: str) -> str:
    if len(said) > 200 or not said.isprintable():
        raise ValueError
    return said


def _host(said: str) -> str:
    name = said.lower()
    if _HOST_NAME.fullmatch(name):
        return name
    if _IPV6.fullmatch(name.strip("[]")):
        return name.strip("[]")
    raise ValueError


def _trusted(said: str) -> tuple[str, ...]:
    names = tuple(name.strip().lower() for name in said.split(",") if name.strip())
    if not all(_HOST_NAME.fullmatch(name.removeprefix(".")) for name in names):
        raise ValueError
    return names


def _address(said: str, *schemes: str) -> SplitResult:
    parts = urlsplit(said)
    clean = said.isprintable() and " " not in said and "@" not in parts.netloc and parts.port != 0
    if not clean or parts.scheme not in schemes or not _HOST_NAME.fullmatch(parts.hostname or ""):
        raise ValueError
    return parts


def _portal_url(said: str) -> str:
    parts = _address(said.rstrip("/"), "http", "https") if said else None
    if parts and (parts.path or parts.query or parts.fragment):
        raise ValueError
    return f"{parts.scheme}://{parts.netloc.lower()}" if parts else ""


def _link(said: str) -> str:
    return _address(said, "https").geturl() if said else ""


def _territories(said: str) -> frozenset[str]:
    chosen = {word.strip() for word in said.upper().split(",")}
    if chosen != {"NONE"} and not chosen <= set(TERRITORIES):
        raise ValueError
    return frozenset(chosen - {"NONE"})


def _networks(said: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(one.strip()) for one in said.split(",") if one.strip())


def _zone(said: str) -> str:
    try:
        return ZoneInfo(said).key
    except (OSError, ZoneInfoNotFoundError) as error:
        raise ValueError from error


def _email(said: str) -> str:
    if said and (len(said) > 200 or not _EMAIL.fullmatch(said)):
        raise ValueError
    return said


def _mail_server(said: str) -> str:
    parts = _address(said, "smtp", "smtps") if said else None
    if parts and (parts.path or parts.query or parts.fragment):
        raise ValueError
    return said


def _folder(said: str) -> Path | None:
    if said and not (said.startswith("/") and said.isprintable()):
        raise ValueError
    return Path(said) if said else None


ON_OR_OFF = ValueKind("1 or 0", lambda said: bool(("0", "1").index(said)))
PROCESS_COUNT = ValueKind("a whole number from 1 to 16", lambda said: number_between(1, 16).read(said) if said else 0)
LINE = ValueKind("one line of at most 200 characters", _line)
HOST = ValueKind("an address like 127.0.0.1 or a host name", _host)
HOSTS = ValueKind("host names without ports, separated by commas", _trusted)
PORTAL_URL = ValueKind("an address like https://texting.example.com, without a path", _portal_url)
FOLDER = ValueKind("the full path of a folder like /var/backups/portal", _folder)
LINK = ValueKind("an address that begins with https://", _link)
DATABASE = ValueKind(f"a file like sqlite:////var/lib/portal/{DATABASE_FILE.name}, or a database of a PostgreSQL"
                     " server like postgresql://portal:password@db.example.com/portal", read_database_url)
EMAIL = ValueKind("one address like requests@example.com, without a name", _email)
MAIL = ValueKind("an address like smtp://mail.example.com:587, or smtps:// for TLS from the start", _mail_server)
ZONE = ValueKind("a time zone like America/Toronto", _zone)
NETWORKS = ValueKind("networks like 127.0.0.0/8, separated by commas", _networks)
TERRITORY_LIST = ValueKind(f"none, or some of {', '.join(TERRITORIES)} separated by commas", _territories)

# The web server reads this one, not the application.
REQUEST_SECONDS = Variable(
    "REQUEST_SECONDS", number_between(1, 600), "60",
    "Seconds that a request may take to arrive, uploads included; the portal closes slower connections.")

SETTINGS = (
    Variable("HOST", HOST, "127.0.0.1",
             "Address to listen on. Anything but this machine itself needs an https `PORTAL_URL`."),
    Variable("PORT", number_between(1, 65535), "5000", "Port to listen on."),
    Variable("PORTAL_URL", PORTAL_URL, "",
             "Address people open the portal at. Must be https unless only this machine can open it.",
             "http://`HOST`:`PORT`"),
    Variable("TRUSTED_HOSTS", HOSTS, "",
             "Further host names the portal answers to. It always answers to the host of `PORTAL_URL`, and to "
             "localhost when it listens on this machine only. A leading dot covers the names below.",
             "none"),
    Variable("PROXY_HOPS", number_between(0, 5), "0",
             "Reverse proxies in front of the portal whose `X-Forwarded-For` and `-Host` it believes. They must set"
             " these, not pass on what visitors write, and should buffer requests and answers."),
    Variable("DATABASE_URL", DATABASE, "",
             "The database. A relative file lies in instance/. A server's, of PostgreSQL 15 or newer, is for several"
             " machines that share it (docs/machines.md): run `make postgresql` once on each. It must be in"
             " UTF-8 and sort by code point. In a password, write %40 for @ and %2F for /.",
             f"the file {DATABASE_FILE.name} in instance/"),
    Variable("SECRET_KEY", LINE, "",
             "Signs sessions. Once others can reach the portal, it refuses a short or well-known one.",
             f"made at the first start and kept in instance/{SECRET_KEY_FILE.name}"),
    Variable("CSRF_KEY", LINE, "",
             "Signs forms. The portal refuses the same keys as for `SECRET_KEY`.",
             f"made at the first start and kept in instance/{CSRF_KEY_FILE.name}"),
    Variable("NUMBER_KEY", LINE, "",
             "Key of the hashes that stand for erased numbers and for the numbers of people who reported spam.",
             f"made at the first start and kept in instance/{NUMBER_KEY_FILE.name}"),
    Variable("HTMX", one_of_words("cdn", "self"), "cdn",
             "Where browsers load htmx from: the CDN, or this portal (after `make htmx`)."),
    Variable("PROCESSES", PROCESS_COUNT, "",
             "Processes of the web server. More than the machine has cores gain nothing.",
             "one for each core, at most 4"),
    Variable("THREADS", number_between(8, 200), "32",
             "Requests that the portal answers at the same time, by all its processes together."),
    REQUEST_SECONDS,
    Variable("DEBUG", ON_OR_OFF, "0",
             "Show tracebacks in the browser. The portal refuses that once others can reach it."),
    Variable("SERVICE", LINE, "Business Texting", "Name of the service, in titles and headers."),
    Variable("PROVIDER", LINE, UNNAMED_PROVIDER, "Who provides the numbers and carries the texts."),
    Variable("PROVIDER_EMAIL", EMAIL, "",
             "Address of the provider. With it, administrators open their request to the provider as a letter in their"
             " own mail program.", "requests are copied"),
    Variable("OPERATOR", LINE, "", "Who runs this portal and answers for its data.", "the same as `PROVIDER`"),
    Variable("PRIVACY_CONTACT", LINE, "", "Whom to ask about privacy and tell what is not accessible.", "not shown"),
    Variable("OFFER_URL", LINK, "", "Page where an organization orders Business Texting.", "not shown"),
    Variable("REGISTRATION_URL", LINK, "",
             "Page where an organization registers its brand and campaigns.", "not shown"),
    Variable("CARRIER_KEY", LINE, "",
             "Encrypts the secrets of carriers that operators type. It never travels in a backup. To change it, put the"
             " new one in front of the old one with a comma between; the next change of each carrier uses the new one.",
             f"made at the first start and kept in instance/{CARRIER_KEY_FILE.name}"),
    Variable("CARRIER_NETWORKS", NETWORKS, "",
             "Private networks that a carrier may be in, for example 127.0.0.0/8 for a Kannel on this machine. A"
             " carrier at any other private address is not connected to; link-local addresses are never allowed.",
             "none: carriers have public addresses"),
    Variable("DEMO", ON_OR_OFF, "1", "Whether `make run` fills a new portal with demo organizations."),
    Variable("DEMO_PASSWORD", LINE, "",
             "Password of all demo people.", "chosen and printed when the demo is made"),
    Variable("TERRITORIES", TERRITORY_LIST, "PR", "US territories people may text to."),
    Variable("APP_VERSION_RULE", one_of_words("block", "warn"), "block",
             "Whether an app version that is too old keeps its user from sending, or only warns."),
    Variable("REGISTRATION_REQUIRED", one_of_words("all", "us-recipients", "none"), "all",
             "Which texts need an active 10DLC campaign. Operators can choose otherwise for an organization; where "
             "they have not, and all its locations are in Canada, `all` means us-recipients."),
    Variable("BRAND_CAP_RULE", one_of_words("warn", "hold", "block"), "hold",
             "What a brand's used-up daily limit does: warn, hold texts until midnight Pacific where they are still "
             "worth sending then, or refuse them."),
    Variable("QUIET_HOURS_RULE", one_of_words("warn", "hold"), "warn",
             "What quiet hours do: warn, or hold a text until the first minute allowed. Operators can choose otherwise "
             "for an organization."),
    Variable("ROUTE_988", ON_OR_OFF, "0",
             "Hand texts to the crisis line 988 to the carrier, if it supports them; otherwise they are refused with "
             "what to do. A host whose service reaches all US mobile phones asks counsel whether it must."),
    Variable("DESK_ZONE", ZONE, "America/New_York",
             "Time zone of the desk that decides spam cases; its working hours set their targets."),
    Variable("REPORT_DELAY", number_between(0, 600), "60",
             "The portal looks into a report of spam at a random moment between 5 and so many seconds later: "
             "otherwise its effect on the portal's speed could tell whose number it names. 0: at once, to try things "
             "out."),
    Variable("MAIL_SERVER", MAIL, "",
             "Mail server for three kinds of letters: what came of a report of spam, what operators must know "
             "(`flask doctor --mail`), and what concerns a person's own account: with it, sign-in links go to the "
             "person and are not shown. smtp:// switches to TLS before it says anything, except to a server on this "
             "machine.",
             "no email is sent, and no address asked for"),
    Variable("MAIL_FROM", LINE, "", "Address that such mail comes from.", "reports@ the host of `PORTAL_URL`"),
    Variable("MAIL_USER", LINE, "", "Name to sign in to the mail server with.", "no sign-in"),
    Variable("MAIL_PASSWORD", LINE, "", "Password to sign in to the mail server with.", "none"),
    Variable("BACKUP_FOLDER", FOLDER, "",
             "Folder where `flask backup` puts backups under a name of their own. `flask doctor` looks there for the "
             "newest one. Of machines that share a database, one makes them.", "none: each backup is given a name"),
    Variable("BACKUP_DAYS", number_between(1, 400), "14",
             "Days after which `flask backup` deletes a backup of that folder; the newest three always stay."),
    Variable("LADDER_FEW", number_between(2, 1000), "3",
             "Verified reporters within 24 hours that make the portal slow a sender down."),
    Variable("LADDER_SHARE", number_between(0, 100), "1",
             "Percent of the sender's recipients who must have reported as well."),
    Variable("LADDER_RATE", number_between(1, 60), "1", "Texts a minute that such a sender may still send."),
    Variable("LADDER_MANY", number_between(3, 10_000), "10",
             "Verified reporters within 24 hours that make the portal block a sender, if they report fraud."),
    Variable("LADDER_HOURS", number_between(1, 72), "72", "Hours after which the portal ends such a restriction."),
)


def document_settings() -> str:
    """docs/settings.md: the table for people."""
    rows = "".join(
        f"| `{row.name}` | {f'`{row.default}`' if row.default else row.otherwise} "
        f"| {row.kind.allowed} | {row.description} |\n"
        for row in SETTINGS
    )
    return _INTRODUCTION + rows


_INTRODUCTION = """\
# Settings

The portal reads its settings from environment variables when it starts, for example
`PORT=8000 PROVIDER="Example Telecom" make run`. An empty variable counts as not given. With a value that it
does not understand, or that would be unsafe, the portal does not start: it names the variable and says what to do.

`python -m portal.config > docs/settings.md` writes this page from the table in `portal/variables.py`.

| Variable | Default | Allowed | What it does |
| --- | --- | --- | --- |
"""
