"""What the portal is built on, and the one way to write: `writing()`."""

import secrets
import socket
import string
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel import Locale
from babel.numbers import format_decimal
from flask import current_app, g
from flask_babel import Babel, Domain, get_locale, get_timezone
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as BoundSession
from huey import SqliteHuey
from sqlalchemy import BigInteger, Connection, Engine, Integer, MetaData, event
from sqlalchemy.orm import DeclarativeBase, Session

from portal import databases, nudges
from portal.marks import PlacedSentence
from portal.write_scopes import OutOfScopeError, current_scope, in_scope

if TYPE_CHECKING:
    from portal.carriers.base import Carrier
    from portal.config import Settings

# Constraints have names so that a migration can find them again.
NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """What every table has in common."""

    metadata = MetaData(naming_convention=NAMES)


# SQLite's INTEGER holds as much, and counts ids up by itself only under this name.
Base.registry.update_type_annotation_map({int: BigInteger().with_variant(Integer(), "sqlite")})


# Every sentence, number and moment of a page asks for locale or zone, hundreds of times: what keeps them is asked for
# without the proxy `g`, which takes five times as long, and get_locale looks at it three times.
_present_globals: Callable[[], Any] = g._get_current_object


def present_locale() -> Locale | None:
    """The reader's locale, as Flask-Babel has found it for this request; None outside of one."""
    try:
        locale: Locale | None = getattr(_present_globals().get("_flask_babel"), "babel_locale", None) or get_locale()
    except RuntimeError:  # outside of the application; to look first would take as long as to look
        return None
    return locale


def present_zone() -> tzinfo:
    """The reader's time zone, found in the same way."""
    zone: tzinfo = getattr(_present_globals().get("_flask_babel"), "babel_tzinfo", None) or get_timezone()
    return zone


def write_number(number: float | Decimal) -> str:
    """A number as the reader writes it: "1.234" in German."""
    return _number_in_locale(number, present_locale())


@lru_cache(maxsize=4096)
def _number_in_locale(number: float | Decimal, locale: Locale | None) -> str:
    return str(format_decimal(number, locale=locale))


def write_numbers(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a sentence with each number as the reader writes it. All others are as given."""
    return {name: write_number(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool)
            else value for name, value in values.items()}


class PortalDomain(Domain):
    """Translations that heed the context of a marked sentence, and write numbers in it as its reader does."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._of_locale: dict[Locale | None, Any] = {}

    def get_translations(self) -> Any:
        """Those of the reader's language, by the locale itself: Flask-Babel spells out its name for every sentence."""
        locale = present_locale()
        if locale not in self._of_locale:
            self._of_locale[locale] = super().get_translations()
        return self._of_locale[locale]

    def gettext(self, string: str, **variables: Any) -> str:
        """A sentence in the reader's language; one with a context as it is said there."""
        if isinstance(string, PlacedSentence):
            return self.pgettext(string.context, string, **variables)
        said = str(self.get_translations().ugettext(string))
        return said % write_numbers(variables) if variables else said

    def pgettext(self, context: str, string: str, **variables: Any) -> str:
        """A sentence as it is said in a context."""
        return str(super().pgettext(context, string, **write_numbers(variables)))

    def ngettext(self, singular: str, plural: str, num: int, **variables: Any) -> str:
        """The form for a count, which the sentence prints as `num`."""
        chosen = self.get_translations().ungettext(singular, plural, num)
        return str(chosen) % write_numbers({"num": num, **variables})


class PortalBabel(Babel):
    """Babel with these translations, in code and in templates."""

    @cached_property
    def domain_instance(self) -> PortalDomain:
        """The translations of this application, each file read once."""
        return PortalDomain(domain=self.domain)


_writing: ContextVar[bool] = ContextVar("writing", default=False)


class PortalSession(BoundSession):
    """What is written goes by a connection of its own kind."""

    def get_bind(self, *given: Any, **named: Any) -> Engine | Connection:
        """The engine for a statement."""
        engine = super().get_bind(*given, **named)
        return databases.engine_of_writers(engine) if _writing.get() and isinstance(engine, Engine) else engine


db = SQLAlchemy(model_class=Base, session_options={"class_": PortalSession})
migrate = Migrate(directory="portal/migrations", render_as_batch=True)
login = LoginManager()
babel = PortalBabel()
# SqliteHuey opens its file when it is made: the application names the file and makes the tables.
huey = SqliteHuey("portal", filename=None, create_tables=False, results=False)

# Where the worker listens for the nudge that something is due, or None: at the database's server. The tables stay the
# truth.
_worker: list[Path | None] = []

# What random ids consist of.
LETTERS = string.ascii_letters + string.digits
_UNFAIR = bytes(range(256 - 256 % len(LETTERS), 256))
_LETTER_OF_BYTE = bytes(ord(LETTERS[byte % len(LETTERS)]) for byte in range(256))


def current_settings() -> "Settings":
    """The settings of the application that is running."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def current_carrier() -> "Carrier":
    """The carrier that the application uses."""
    carrier: Carrier = current_app.extensions["carrier"]
    return carrier


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def listen_at(path: Path | None) -> None:
    """Say where the worker listens; None: those of all machines listen at the database's server."""
    _worker[:] = [path]


def wake() -> None:
    """Nudge the worker after a commit. A nudge that nobody hears is made good by the worker's own look."""
    if _worker[0] is None:
        nudges.notify_workers(db.engine)
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as nudge, suppress(OSError):
        nudge.setblocking(False)
        nudge.sendto(b"!", str(_worker[0]))


def make_ref() -> str:
    """A random id for addresses, 71 bits."""
    return draw_letters(12)


def draw_letters(count: int) -> str:
    """So many letters and digits by chance, just under six bits each: an id or a secret that can stand in an address.

    Nothing else is among them: mail programs and phones leave a `-` or `_` at the end of an address out of the link.
    """
    letters = ""
    while len(letters) < count:
        # A byte beyond the last whole round of the letters is thrown away: it would make the first ones likelier.
        letters += secrets.token_bytes(2 * count).translate(_LETTER_OF_BYTE, _UNFAIR).decode()
    return letters[:count]


@event.listens_for(Engine, "connect")
def _set_up(connection: Any, _record: object) -> None:
    databases.set_up_connection(connection)


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    databases.begin_transaction(connection, writes=_writing.get(), about=current_scope())


@contextmanager
def as_writer() -> Iterator[None]:
    """Transactions that begin inside may write. For migrations; services use `writing()`."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


def _turn() -> AbstractContextManager[None]:
    return databases.turn_among_writers(db.engine, current_settings().database)


@contextmanager
def writing(about: int | None = None) -> Iterator[Session]:
    """One short write transaction: forgets what was read, waits for its turn, commits or rolls back.

    A service opens exactly one; nothing is hashed, parsed or rendered inside. `about` is the id of an organization
    where only what is its own is read and changed, ROWS_ALONE where only rows are that were locked before; then others
    write at the same moment, if the database can. Raises OperationalError when others wrote for so long that the turn
    did not come; nothing was begun then.
    """
    if _writing.get():
        raise RuntimeError("writing() inside writing(): a service opens exactly one")
    db.session.rollback()
    with _turn(), as_writer(), in_scope(about):
        try:
            db.session.connection()
            yield db.session()
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise


def write_narrowly(about: int | None, write: Callable[[], None]) -> None:
    """Run `write` in a transaction `about` this; where it raises OutOfScopeError, again in one about everything."""
    try:
        with writing(about):
            write()
    except OutOfScopeError:
        with writing():
            write()


def writers_overlap() -> bool:
    """Whether several write at the same moment, so that rows have to be locked. If not, nobody need look twice."""
    return databases.allows_overlap(db.engine)


def lock_names(names: Iterable[str]) -> None:
    """Hold these names until the open write transaction ends; once in it, and before anything is read there.

    It is for rows that are read and then written, and of which there may be none yet that could be locked.
    """
    databases.hold_names(db.session.connection(), names)


def checkpoint_database() -> None:
    """Move everything into the main file and empty the write-ahead log, where the database is a file."""
    db.session.rollback()
    with _turn(), as_writer(), databases.engine_of_writers(db.engine).connect() as connection:
        databases.empty_write_ahead_log(connection)
