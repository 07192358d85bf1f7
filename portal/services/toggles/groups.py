"""Users in groups for whom the rules say the same: those with the same facts, at locations that are alike.

For everybody, for a location and for groups that a filter names, the counts that the database keeps are enough, however
many users there are. Any other condition counts the users whom it selects.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, String, bindparam, func, not_, select
from sqlalchemy.orm import aliased

from portal.dialects import JsonObjectOf, Unindexed, json_rows
from portal.extensions import db
from portal.models import Location, ProfileCount, User

from ..key_lists import is_among
from .profiles import FACTS, UserProfile, read_profile, write_profile

# The plain table: there are many rows, and none of them is an object that anybody changes.
_COUNTS = ProfileCount.__table__.c

# The counts of so many organizations stay in memory in groups, unless what is read of them is longer than this.
REMEMBERED_COUNTS, LONGEST_REMEMBERED = 16, 100_000

# Built once, because every list needs it: building a statement takes longer than running it.
_KEPT = select(_COUNTS.location_id, JsonObjectOf(_COUNTS.facts, _COUNTS.many)).where(
    _COUNTS.organization_id == bindparam("organization_id")).group_by(_COUNTS.location_id).order_by(_COUNTS.location_id)
_KEPT_AT = _KEPT.where(_COUNTS.location_id == bindparam("location_id"))

# Fewer users are few: they are looked up one by one. Of more, reading a list in its order soon finds a page.
LEAST_MANY = 1000
# Whom a search finds, in the order of names, because all that it compares stands in the index of that order.
_FOUND = select(User.id).where(
    User.organization_id == bindparam("organization_id"), User.location_id.is_not(None),
).order_by(User.name_key, User.id).limit(bindparam("most"))

_LED = aliased(User)

# What identifies a group: one of the locations and the facts in one text, or the id of a restricted user.
GroupKey = tuple[int, str] | int


class UserGroup(NamedTuple):
    """So many users for whom the rules say the same; `user_id` if it is one user with a restriction of their own.

    `profile` is that of some of them: others have the same facts at other locations. `place_ids` names these, each with
    how many users it has: "3:12,4:1".
    """

    profile: UserProfile
    user_id: int | None
    many: int
    place_ids: str

    @property
    def places(self) -> list[int]:
        """The ids of their locations, each once."""
        return [int(one.partition(":")[0]) for one in self.place_ids.split(",")]

    def without(self, alone: Counter[int]) -> "UserGroup | None":
        """The group without so many users at these locations, whom its counts hold; None if nobody is left."""
        pairs = (one.split(":") for one in self.place_ids.split(","))
        left = {int(place): int(many) - alone[int(place)] for place, many in pairs}
        left = {place: many for place, many in left.items() if many}
        return self._replace(
            profile=self.profile._replace(location_id=min(left)), many=sum(left.values()),
            place_ids=",".join(f"{place}:{many}" for place, many in left.items())) if left else None


@dataclass(frozen=True, slots=True)
class GroupCondition:
    """A condition on users that holds for whole groups or for none: at one location, and in one of these groups.

    None: at any location, in any group. `few` says that it leads to few users.
    """

    sql: ColumnElement[bool]
    location_id: int | None = None
    keys: frozenset[GroupKey] | None = None
    few: bool = False


@dataclass(frozen=True, slots=True)
class FewCondition:
    """A condition that names by their ids the few users who can meet it."""

    sql: ColumnElement[bool]


UserCondition = ColumnElement[bool] | GroupCondition | FewCondition


def users_at_location(location: Location) -> GroupCondition:
    """The condition that selects the users of a location."""
    return GroupCondition(User.location_id == location.id, location.id)


def members_of(organization_id: Any, *, few: bool = False) -> Select[Any]:
    """The users of an organization (id or parameter), as a selection still without columns.

    `few` of them are found by another condition: the indexes that begin with the organization hold all its users.
    """
    mine = Unindexed(User.organization_id) if few else User.organization_id
    return select().select_from(User).where(mine == organization_id, User.location_id.is_not(None))


def members_who(organization_id: int, where: Sequence[UserCondition]) -> Select[Any]:
    """The users of an organization who meet the conditions, as a selection still without columns."""
    return members_of(organization_id, few=leads_to_users(where)).where(*conditions_in_sql(where))


def name_few(organization_id: int, condition: ColumnElement[bool]) -> UserCondition:
    """A condition on names and addresses; if few users meet it, as their ids, so that nobody else is looked at again.

    It takes one statement, which reads no users, only the index of their names.
    """
    known = {"organization_id": organization_id, "most": LEAST_MANY}
    ids = db.session.scalars(_FOUND.where(condition), known).all()
    return condition if len(ids) == LEAST_MANY else FewCondition(is_among(User.id, ids))


def names_few(where: Iterable[UserCondition]) -> bool:
    """Whether one of the conditions names few users."""
    return any(isinstance(one, FewCondition) or (isinstance(one, GroupCondition) and one.few) for one in where)


def leads_to_users(where: Sequence[UserCondition]) -> bool:
    """Whether one of the conditions says where to find the users: one by one, or in the index of a location."""
    return names_few(where) or any(isinstance(one, GroupCondition) and one.location_id is not None for one in where)


def are_few(groups: Iterable[UserGroup]) -> bool:
    """Whether there are few users in all of these groups."""
    return sum(one.many for one in groups) < LEAST_MANY


def list_places(groups: Iterable[UserGroup]) -> list[tuple[int, str]]:
    """Where the index has the users of these groups, without those who are groups of one: location and facts."""
    return [(place, write_profile(one.profile)) for one in groups if one.user_id is None for place in one.places]


def has_facts_at(places: Sequence[tuple[int, str]]) -> ColumnElement[bool]:
    """Whether a user has these facts at one of these locations, for few users: each pair is looked up in the index."""
    table, (place, facts) = json_rows(json.dumps(places), "places", Integer, String)
    return User.id.in_(select(_LED.id).select_from(table).join(_LED, (
        _LED.location_id == place) & (_LED.facts == facts)))


def conditions_in_sql(where: Iterable[UserCondition]) -> list[ColumnElement[bool]]:
    """The conditions as a selection of users takes them."""
    return [one.sql if isinstance(one, GroupCondition | FewCondition) else one for one in where]


# By location its id, and the text of a JSON object: how many users have which facts.
KeptCounts = tuple[tuple[int, str], ...]


def _read_counts(counted: KeptCounts) -> Iterator[tuple[int, str, int]]:
    return ((place, held, many) for place, written in counted for held, many in json.loads(written).items())


def _group_counts(counted: Iterable[Any], alike: Mapping[int, int]) -> tuple[UserGroup, ...]:
    """The groups of users at the locations of `alike`, from rows: a location, facts, how many users have them there."""
    found: defaultdict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
    for place, held, many in counted:
        if place in alike:
            found[held, alike[place]].append((place, many))
    return tuple(
        UserGroup(read_profile(places[0][0], held), None, sum(many for _place, many in places),
                  ",".join(f"{place}:{many}" for place, many in places))
        for (held, _like), places in sorted(found.items()))


@lru_cache(maxsize=REMEMBERED_COUNTS)
def _remember_groups(counted: KeptCounts, alike: tuple[tuple[int, int], ...]) -> tuple[UserGroup, ...]:
    """The same, made once for the same counts: to group them takes longer than to read them."""
    return _group_counts(_read_counts(counted), dict(alike))


@dataclass(frozen=True, slots=True)
class Grouping:
    """How the users of an organization fall into groups.

    `restricted` are the ids of those who are a group of one each, `alike` names for each location one that stands for
    all that the rules cannot tell from it.
    """

    organization_id: int
    restricted: Collection[int]
    alike: Mapping[int, int]

    def key_of(self, profile: UserProfile, user_id: int | None) -> GroupKey:
        """What identifies the group with a user or, without one, with this profile."""
        place = profile.location_id or 0
        return user_id if user_id is not None else (self.alike.get(place, place), write_profile(profile))

    def places_like(self, place: int) -> list[int]:
        """The locations that one stands for."""
        return [one for one, other in self.alike.items() if other == place]

    def list_groups(self, where: Sequence[UserCondition]) -> list[UserGroup]:
        """The users who meet the conditions, in groups."""
        whole = [one for one in where if isinstance(one, GroupCondition)]
        if len(whole) < len(where):
            return [*self._counted(where), *self._alone(where)]
        alone = list(self._alone([one for one in whole if one.location_id is not None]))
        found = chain(self._without(self._kept(whole), alone), alone)
        wanted = [one.keys for one in whole if one.keys is not None]
        return [one for one in found if all(self.key_of(one.profile, one.user_id) in keys for keys in wanted)]

    def _without(self, groups: Iterable[UserGroup], alone: Collection[UserGroup]) -> Iterator[UserGroup]:
        """The groups without users who are groups of their own; the kept counts know nothing of restrictions."""
        less: defaultdict[GroupKey, Counter[int]] = defaultdict(Counter)
        for one in alone:
            less[self.key_of(one.profile, None)].update(one.places)
        for group in groups:
            key = self.key_of(group.profile, None) if less else 0
            left = group.without(less[key]) if key in less else group
            if left is not None:
                yield left

    def _kept(self, whole: Iterable[GroupCondition]) -> Iterable[UserGroup]:
        places = {one.location_id for one in whole if one.location_id is not None}
        if len(places) > 1:
            return ()
        known = {"organization_id": self.organization_id, "location_id": next(iter(places), None)}
        found = db.session.connection().execute(_KEPT_AT if places else _KEPT, known)
        counted = tuple((place, written) for place, written in found)
        if places or sum(len(written) for _place, written in counted) > LONGEST_REMEMBERED:
            return _group_counts(_read_counts(counted), self.alike)
        return _remember_groups(counted, tuple(self.alike.items()))

    def _counted(self, where: Sequence[UserCondition]) -> Iterable[UserGroup]:
        members = members_who(self.organization_id, [*where, not_(User.id.in_(self.restricted))])
        found = members.add_columns(User.location_id, FACTS, func.count()).group_by(User.location_id, FACTS).order_by(
            User.location_id)
        return _group_counts(db.session.connection().execute(found), self.alike)

    def _alone(self, where: Sequence[UserCondition]) -> Iterator[UserGroup]:
        if self.restricted:
            members = members_who(self.organization_id, [*where, FewCondition(User.id.in_(self.restricted))])
            for place, written, user_id in db.session.execute(members.add_columns(User.location_id, FACTS, User.id)):
                yield UserGroup(read_profile(place, written), user_id, 1, f"{place}:1")
