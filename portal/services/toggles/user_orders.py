"""Rows of users in an order: of few users sorted, of many read in the order that an index has.

Users without a number stand at the end of the order of numbers, whichever way round it is. Numbers and claims have an
index each, so in that order there are three parts: who has a number, who claims one, and who has neither.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from heapq import merge
from operator import itemgetter
from typing import Any, NamedTuple

from flask import abort
from sqlalchemy import ColumnElement, Select, bindparam, select, tuple_
from sqlalchemy.sql import func

from portal.dialects import Unindexed
from portal.extensions import db
from portal.models import Claim, Location, Number, Setting, User

from ..key_lists import is_among
from .eligibility import OrganizationSnapshot, users_in_groups
from .groups import (
    GroupCondition,
    UserCondition,
    UserGroup,
    conditions_in_sql,
    leads_to_users,
    members_of,
    names_few,
)
from .profiles import CLAIMED, OWN_SETTING, PROFILE_COLUMNS, USER_NUMBER, add_profile_columns


class ListedUser(NamedTuple):
    """What lists show of a user, under the names that it has in `User`."""

    id: int
    ref: str
    name: str
    email: str


class ListPlace(NamedTuple):
    """Where a user stands in every order."""

    e164: str | None
    claimed: bool
    location_id: int | None
    location_key: str | None
    name_key: str
    id: int


class ListPart(NamedTuple):
    """Which users are wanted, in which order, and where from: `most` of them next to a place, or from an end."""

    snapshot: OrganizationSnapshot
    where: Sequence[UserCondition]
    sort: str
    place: ListPlace | None
    most: int
    back: bool

    @property
    def order(self) -> str:
        """The order without its direction."""
        return self.sort.removeprefix("-")

    @property
    def down(self) -> bool:
        """Whether rows are read from the last to the first."""
        return self.sort.startswith("-") is not self.back


# So many users are sorted by number where a location leads to them.
MOST_SORTED = 10_000
ROW_COLUMNS = (USER_NUMBER, Setting.version, *(getattr(User, name) for name in ListedUser._fields))
_AT_NUMBER = len(PROFILE_COLUMNS)
_NAMES: tuple[Any, ...] = (User.name_key, User.id)
_MINE: Any = bindparam("organization_id")


def add_row_columns(found: Select[Any]) -> Select[Any]:
    """The same selection of users, with all that a row of the list needs."""
    return add_profile_columns(found).add_columns(*ROW_COLUMNS)


def find_place(organization_id: int, ref: str) -> ListPlace:
    """Where the user with this ref stands; 404 for one of another organization."""
    found = select(USER_NUMBER, CLAIMED, User.location_id, Location.name_key, *_NAMES).select_from(User).outerjoin(
        Number, Number.user_id == User.id).outerjoin(Claim, Claim.user_id == User.id).outerjoin(
        Location, Location.id == User.location_id)
    row = db.session.execute(found.where(User.ref == ref, User.organization_id == organization_id)).first()
    return ListPlace(*row) if row else abort(404)


def read_rows_in_order(part: ListPart) -> Sequence[Any]:
    """The rows that are wanted, in their order."""
    if part.order == "name" or names_few(part.where):
        return _sorted_rows(part)
    if part.order == "location":
        return _rows_by_location(part)
    return _sorted_rows(part) if _is_of_one_place(part) else _rows_by_number(part)


def _is_of_one_place(part: ListPart) -> bool:
    """Whether so many users of one location are sorted: their numbers may all stand at the far end of the index."""
    return leads_to_users(part.where) and sum(one.many for one in _wanted_groups(part)) <= MOST_SORTED


def _read(part: ListPart, found: Select[Any], where: Iterable[ColumnElement[bool]], most: int) -> list[Any]:
    known = {"organization_id": part.snapshot.organization.id, "most": most}
    # Of columns alone the connection itself makes rows, in half the time.
    return list(db.session.connection().execute(found.where(*where), known))


def _beyond(keys: Sequence[Any], there: Sequence[Any], *, down: bool) -> ColumnElement[bool]:
    place = tuple_(*keys)
    return place < tuple(there) if down else place > tuple(there)


def _turned(keys: Sequence[Any], *, down: bool) -> list[Any]:
    return [key.desc() for key in keys] if down else list(keys)


def _sorted_rows(part: ListPart) -> list[Any]:
    """In the order of names many users are read in that of an index; everything else is for few."""
    beside = () if part.place is None else (
        _beyond(_sort_keys(part.sort), _keys_of_place(part.sort, part.place), down=part.down),)
    found = _in_order(part.sort, down=part.down, led=leads_to_users(part.where))
    return _read(part, found, (*conditions_in_sql(part.where), *beside), part.most)


# Built once for each order: building a statement takes longer than running it.
@cache
def _in_order(sort: str, *, down: bool, led: bool) -> Select[Any]:
    found = add_row_columns(members_of(_MINE, few=led))
    if sort.endswith("location"):
        found = found.join(Location, Location.id == User.location_id)
    return found.order_by(*_turned(_sort_keys(sort), down=down)).limit(bindparam("most"))


def _last_number(sort: str) -> str:
    """A sign that stands behind all numbers, whichever way round."""
    return "" if sort.startswith("-") else "~"


def _sort_keys(sort: str) -> tuple[Any, ...]:
    match sort.removeprefix("-"):
        case "number":
            return func.coalesce(USER_NUMBER, _last_number(sort)), CLAIMED, *_NAMES
        case "location":
            return Location.name_key, *_NAMES
    return _NAMES


def _keys_of_place(sort: str, place: ListPlace) -> tuple[Any, ...]:
    names = place.name_key, place.id
    match sort.removeprefix("-"):
        case "number":
            return place.e164 or _last_number(sort), place.claimed, *names
        case "location":
            return place.location_key, *names
    return names


def _wanted_groups(part: ListPart) -> list[UserGroup]:
    return part.snapshot.groups([one for one in part.where if isinstance(one, GroupCondition)])


def _checked(where: Sequence[UserCondition]) -> list[ColumnElement[bool]]:
    """The conditions as they are asked of rows that are read in another order than that of a location's index."""
    return [Unindexed(User.location_id) == one.location_id
            if isinstance(one, GroupCondition) and one.location_id is not None and one.keys is None else sql
            for one, sql in zip(where, conditions_in_sql(where), strict=True)]


# --- by location: the locations in the order of their names, and the users of each ---------------


def _rows_by_location(part: ListPart) -> list[Any]:
    places = {place for group in _wanted_groups(part) for place in group.places}
    where = [*_checked(part.where), is_among(Unindexed(Location.id), places)]
    if part.place is None:
        return _read(part, _by_location(down=part.down), where, part.most)
    names = part.place.name_key, part.place.id
    here = [*_checked(part.where), User.location_id == part.place.location_id, _beyond(_NAMES, names, down=part.down)]
    rows = _read(part, _in_order("name", down=part.down, led=True), here, part.most)
    left = part.most - len(rows)
    if left:
        further = _beyond((Location.name_key,), (part.place.location_key,), down=part.down)
        rows += _read(part, _by_location(down=part.down), [*where, further], left)
    return rows


@cache
def _by_location(*, down: bool) -> Select[Any]:
    found = add_row_columns(members_of(_MINE, few=True)).join(Location, Location.id == User.location_id)
    return found.where(Location.organization_id == _MINE).order_by(
        *_turned((Location.name_key, *_NAMES), down=down)).limit(bindparam("most"))


# --- by number: who has one and who claims one, merged, then all others ---------------------------


def _rows_by_number(part: ListPart) -> list[Any]:
    groups = _wanted_groups(part)
    rows: list[Any] = []
    for read in (_numberless_rows, _numbered_rows) if part.back else (_numbered_rows, _numberless_rows):
        rows += read(part, groups) if len(rows) < part.most else []
    return rows[:part.most]


def _numbered_rows(part: ListPart, groups: Sequence[UserGroup]) -> list[Any]:
    """Nobody when the place is behind all numbers and they are read from there on."""
    if part.place is not None and part.place.e164 is None and not part.back:
        return []
    numbered = [one for one in groups if one.profile.kind]
    read = [_rows_with(part, Number, [one for one in numbered if not one.profile.claimed]),
            _rows_with(part, Claim, [one for one in numbered if one.profile.claimed])]
    return list(merge(*read[::-1] if part.down else read, key=itemgetter(_AT_NUMBER), reverse=part.down))


def _rows_with(part: ListPart, kind: type[Number | Claim], groups: Sequence[UserGroup]) -> list[Any]:
    if not groups:
        return []
    inside = users_in_groups(part.snapshot, groups)
    beside = [_next_number(kind, part.place, down=part.down)] if part.place and part.place.e164 else []
    found = _in_order("number", down=part.down, led=True) if inside.few else _by_number(kind, down=part.down)
    return _read(part, found, [*_checked(part.where), *conditions_in_sql([inside]), *beside], part.most)


def _next_number(kind: type[Number | Claim], place: ListPlace, *, down: bool) -> ColumnElement[bool]:
    # A number that one user has and another claims stands with the first one first.
    if down:
        return kind.e164 <= place.e164 if place.claimed and kind is Number else kind.e164 < place.e164
    return kind.e164 >= place.e164 if kind is Claim and not place.claimed else kind.e164 > place.e164


@cache
def _by_number(kind: type[Number | Claim], *, down: bool) -> Select[Any]:
    """Users in the order of the index of numbers or of claims."""
    other = Claim if kind is Number else Number
    found = select(*PROFILE_COLUMNS, *ROW_COLUMNS).select_from(kind).join(User, User.id == kind.user_id).outerjoin(
        other, other.user_id == User.id).outerjoin(Setting, OWN_SETTING)
    return found.where(
        kind.organization_id == _MINE, Unindexed(User.organization_id) == _MINE, User.location_id.is_not(None),
    ).order_by(*_turned((kind.e164,), down=down)).limit(bindparam("most"))


def _numberless_rows(part: ListPart, groups: Sequence[UserGroup]) -> list[Any]:
    """Nobody when the place is a number and they are read back from there."""
    inside = [one for one in groups if not one.profile.kind]
    if not inside or (part.back and part.place is not None and part.place.e164 is not None):
        return []
    where = [*part.where, users_in_groups(part.snapshot, inside)]
    place = part.place if part.place and part.place.e164 is None else None
    return _sorted_rows(part._replace(where=where, sort=part.sort.replace("number", "name"), place=place))
