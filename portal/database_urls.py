"""Where the database is: a SQLite file, or a database of a PostgreSQL server. DATABASE_URL says it."""

import re
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from portal.stored_files import DATABASE_FILE

_FILE, _SERVER, _DRIVER = "sqlite:///", "postgresql:", "postgresql+psycopg:"
_SERVER_DATABASE = re.compile(r"/[A-Za-z0-9_][A-Za-z0-9_.-]*")


def read_database_url(said: str) -> str:
    """What somebody typed, "" too. ValueError: it is neither a file nor a database of a server."""
    readable = _is_of_server(said) if said.startswith(_SERVER) else _is_of_file(said)
    if not readable:
        raise ValueError
    return said


def _is_of_file(said: str) -> bool:
    path = said.removeprefix(_FILE)
    return not said or not (path in {"", said} or path.startswith((":", "file:")) or "?" in path)


def _is_of_server(said: str) -> bool:
    parts = urlsplit(said)
    # ValueError comes from `port` where it is no number.
    return (said.isprintable() and " " not in said and not parts.fragment and parts.port != 0
            and _SERVER_DATABASE.fullmatch(parts.path) is not None)


def complete_database_url(said: str, instance: Path) -> str:
    """With the driver of a server, or the whole path of a file; a relative one lies in the folder `instance`."""
    if is_server_url(said):
        return said.replace(_SERVER, _DRIVER, 1)
    file = instance / unquote(said.removeprefix(_FILE) or DATABASE_FILE.name)
    return _FILE + quote(str(file.absolute()))


def is_server_url(url: str) -> bool:
    """Whether a database is one of a PostgreSQL server."""
    return url.startswith((_SERVER, _DRIVER))


def has_driver() -> bool:
    """Whether what speaks to PostgreSQL is installed."""
    return find_spec("psycopg") is not None


def file_of_database(url: str, instance: Path) -> Path:
    """The file of a database. A server's lies in none: then only what lies beside it is there."""
    if is_server_url(url):
        return DATABASE_FILE.inside(instance.absolute())
    return Path(unquote(url.removeprefix(_FILE)))


def name_of_server(url: str) -> str:
    """The host of a server and the database on it, without the password."""
    parts = urlsplit(url)
    return f"{parts.hostname or 'this machine'}{parts.path}"
