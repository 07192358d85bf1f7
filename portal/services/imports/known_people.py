"""Users with their numbers and settings as an import reads them: plain values, some thousands at a time.

The session would take longer to make objects of them, and to find what changed in these, than the rest of a step takes.
What a step changes, it changes in these values, and `store_...` writes it with one statement.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Table, bindparam, delete, select, update

from portal.extensions import db
from portal.models import AccountState, Claim, Number, Setting, User
from portal.rules.facts import NumberSource
from portal.rules.numbers import NumberKind

from ..audit import EventSubject
from ..key_lists import is_among
from ..toggles.groups import UserCondition
from ..toggles.profiles import OWN_SETTING


@dataclass(eq=False, slots=True)
class KnownUser:
    """A user under the names that they have in `User`."""

    id: int
    name: str
    ref: str = ""
    organization_id: int | None = None
    location_id: int | None = None
    name_key: str = ""
    email: str = ""
    email_key: str = ""
    account: AccountState = AccountState.INVITED
    operator: bool = False
    language: str = ""
    time_zone: str = ""
    app_version: str = ""
    password_hash: str = ""
    version: int = 1

    @property
    def active(self) -> bool:
        """Whether the person may sign in and text."""
        return self.account is not AccountState.DEACTIVATED

    @property
    def subject(self) -> EventSubject:
        """The user as the audit log names them now."""
        return EventSubject("user", self.organization_id, self.ref, self.name)


@dataclass(eq=False, slots=True)
class KnownNumber:
    """A number of the organization under the names that it has in `Number`."""

    e164: str
    kind: NumberKind
    id: int = 0
    source: NumberSource | None = None
    user_id: int | None = None
    from_on: date | None = None
    until_on: date | None = None


@dataclass(eq=False, slots=True)
class KnownClaim:
    """A number that waits for an operator, under the names that it has in `Claim`."""

    e164: str
    kind: NumberKind
    id: int = 0
    source: NumberSource | None = None
    user_id: int | None = None


class OwnSetting(NamedTuple):
    """The texting setting of a user alone."""

    on: bool | None
    version: int


KnownPerson = tuple[KnownUser, KnownNumber | KnownClaim | None, OwnSetting | None]

USER_FIELDS, NUMBER_FIELDS, CLAIM_FIELDS = (
    tuple(one.name for one in fields(kind)) for kind in (KnownUser, KnownNumber, KnownClaim))
NUMBER_COLUMNS = tuple(getattr(Number, name) for name in NUMBER_FIELDS)
CLAIM_COLUMNS = tuple(getattr(Claim, name) for name in CLAIM_FIELDS)
_USER_ENDS, _NUMBER_ENDS = len(USER_FIELDS), len(USER_FIELDS) + len(NUMBER_FIELDS)
_CLAIM_ENDS = _NUMBER_ENDS + len(CLAIM_FIELDS)
_PEOPLE: Any = select(*(getattr(User, name) for name in USER_FIELDS), *NUMBER_COLUMNS, *CLAIM_COLUMNS,
                      Setting.on, Setting.version).select_from(User).outerjoin(
    Number, Number.user_id == User.id).outerjoin(Claim, Claim.user_id == User.id).outerjoin(Setting, OWN_SETTING)
# What an import can change of a user, and the name by which it changes.
_STORED = ("location_id", "name", "name_key", "account", "language", "time_zone", "app_version", "version")
_USERS, _NUMBERS, _CLAIMS = (kind.metadata.tables[kind.__tablename__] for kind in (User, Number, Claim))


def read_people(which: UserCondition) -> Iterator[KnownPerson]:
    """The users for whom a condition holds, each with number and own setting: one statement."""
    # Of columns alone the connection itself makes rows, in half the time.
    db.session.flush()
    for row in db.session.connection().execute(_PEOPLE.where(which)):
        setting = OwnSetting(*row[_CLAIM_ENDS:])
        yield (KnownUser(*row[:_USER_ENDS]), make_known_number(row[_USER_ENDS:_NUMBER_ENDS],
                                                               row[_NUMBER_ENDS:_CLAIM_ENDS]),
               setting if setting.version is not None else None)


def make_known_number(number: Any, claim: Any) -> KnownNumber | KnownClaim | None:
    """A number or a claim from the columns of both, of which at most one has values."""
    if number[0] is not None:
        return KnownNumber(*number)
    return KnownClaim(*claim) if claim[0] is not None else None


def store_user_details(users: Collection[KnownUser]) -> None:
    """Write everything about these users that an import can change."""
    _store(_USERS, _STORED, [{"of": one.id, **{f"new_{name}": getattr(one, name) for name in _STORED}}
                             for one in users])


def free_numbers(numbers: Collection[KnownNumber | KnownClaim]) -> None:
    """Take numbers away from their users; a claim is gone."""
    held = [one.id for one in numbers if isinstance(one, KnownNumber)]
    claims = [one.id for one in numbers if isinstance(one, KnownClaim)]
    if held:
        db.session.execute(update(_NUMBERS).where(is_among(_NUMBERS.c.id, held)).values(user_id=None))
    if claims:
        db.session.execute(delete(_CLAIMS).where(is_among(_CLAIMS.c.id, claims)))


def store_number_users(numbers: Collection[KnownNumber]) -> None:
    """Write whose these numbers are."""
    _store(_NUMBERS, ("user_id",), [{"of": one.id, "new_user_id": one.user_id} for one in numbers])


def store_number_sources(numbers: Collection[KnownNumber | KnownClaim]) -> None:
    """Write where these numbers come from."""
    for table, kind in ((_NUMBERS, KnownNumber), (_CLAIMS, KnownClaim)):
        _store(table, ("source",), [{"of": one.id, "new_source": one.source} for one in numbers
                                    if isinstance(one, kind)])


def _store(table: Table, names: Collection[str], rows: list[dict[str, Any]]) -> None:
    if rows:
        db.session.execute(update(table).where(table.c.id == bindparam("of")).values(
            {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}), rows)
