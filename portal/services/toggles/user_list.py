"""Select users by search and filters: one page of them to show, or all of them for a bulk change."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from flask import abort
from sqlalchemy import ColumnElement, Select, bindparam, false, func, or_, select, tuple_

from portal import lengths
from portal.extensions import db
from portal.models import Claim, Location, Number, Setting, User
from portal.rules import BY_ID, Rule, Standing, UserState, addresses
from portal.rules.switches import Level

from .. import names
from ..names import ROWS_PER_PAGE, key_of_name
from ..people.locations import find_location
from . import toggle
from .eligibility import OrganizationSnapshot, users_in_groups
from .groups import (
    GroupCondition,
    UserCondition,
    conditions_in_sql,
    members_of,
    name_few,
    names_few,
    users_at_location,
)
from .profiles import USER_NUMBER, UserProfile, add_profile_columns, split_profile
from .toggle import ToggleOutcome

# The filter for users with a setting of their own, offered next to the four states.
OWN_SETTING_FILTER = "own-setting"

# Fewer digits are in nearly every number.
FEWEST_DIGITS = 3
DEFAULT_ORDER = "name"
# What the list can be sorted by. Users without a number stand at the end, whichever way round: `last` makes them so.
USER_ORDERS: Mapping[str, Callable[[str], tuple[Any, ...]]] = {
    "name": lambda _last: (User.name_key, User.id),
    "number": lambda last: (func.coalesce(USER_NUMBER, last), User.name_key, User.id),
    "location": lambda _last: (Location.name_key, User.name_key, User.id),
}

Conditions = list[UserCondition]


@dataclass(frozen=True, slots=True)
class UserChoice:
    """The users whom the filters select, or exactly those in `refs` if there are any. Unknown values filter nothing.

    `location` is a ref, `texting` a `UserState` or OWN_SETTING_FILTER, `rule` the id of a rule that stops them.
    `outcome`, `level` and `wish` belong together: users for whom the setting `wish` (as the audit log writes it) at
    that level would have that `ToggleOutcome`. `sort` selects nobody: it is the order of the list, a key of
    `USER_ORDERS` with "-" in front where it is turned round.
    """

    search: str = ""
    location: str = ""
    texting: str = ""
    rule: str = ""
    level: str = ""
    wish: str = ""
    outcome: str = ""
    sort: str = DEFAULT_ORDER
    refs: tuple[str, ...] = ()

    def conditions(self, snapshot: OrganizationSnapshot) -> Conditions:
        """The choice as SQL conditions on users of the snapshot's organization; 404 for a location elsewhere."""
        if self.refs:
            return [User.ref.in_(self.refs)]
        found = search_conditions(snapshot.organization.id, self.search)
        where = [*found, *self._placed(snapshot), *self._standing(snapshot)]
        return [*where, *self._with_outcome(snapshot, where)]

    @property
    def broken(self) -> Rule | None:
        """The rule that stops these users, if the filter names one."""
        return BY_ID.get(self.rule)

    def _placed(self, snapshot: OrganizationSnapshot) -> Iterator[UserCondition]:
        if self.location:
            yield users_at_location(find_location(snapshot.organization.id, self.location))

    def _standing(self, snapshot: OrganizationSnapshot) -> Iterator[UserCondition]:
        if self.texting == OWN_SETTING_FILTER:
            yield users_in_groups(snapshot, [
                (one.profile, one.user_id) for one in snapshot.groups() if one.profile.own_setting is not None])
        elif self.texting in set(UserState):
            yield _users_with(snapshot, lambda standing: standing.state == self.texting)
        if self.broken:
            yield _users_with(snapshot, lambda standing: self.rule in {reason.id for reason in standing.reasons})

    def _with_outcome(self, snapshot: OrganizationSnapshot, where: Conditions) -> Iterator[UserCondition]:
        if self.outcome in set(ToggleOutcome) and self.level in set(Level):
            setting = toggle.read_setting_word(self.wish)
            groups = toggle.groups_with_outcome(Level(self.level), setting, ToggleOutcome(self.outcome), where,
                                                snapshot)
            yield users_in_groups(snapshot, groups)


def _users_with(snapshot: OrganizationSnapshot, fits: Callable[[Standing], bool]) -> UserCondition:
    return users_in_groups(snapshot, ((one.profile, one.user_id) for one in snapshot.groups()
                                  if fits(snapshot.standing(one.profile, one.user_id))))


class ListedUser(NamedTuple):
    """What lists show of a user, under the names that it has in `User`."""

    id: int
    ref: str
    name: str
    email: str


LISTED_COLUMNS = tuple(getattr(User, name) for name in ListedUser._fields)
# Users of an organization, with all that a row needs; the second time for few of them.
_ROWS, _ROWS_OF_FEW = (
    add_profile_columns(members_of(bindparam("organization_id"), few=few)).add_columns(
        USER_NUMBER, Setting.version, *LISTED_COLUMNS) for few in (False, True))
_ROW = _ROWS.where(User.ref == bindparam("ref"))


@dataclass(frozen=True, slots=True)
class UserRow:
    """A line of the list: the user, their number ("" for none), their standing, and the version of their setting."""

    user: ListedUser
    number: str
    standing: Standing
    profile: UserProfile
    version: int = 0


@dataclass(frozen=True, slots=True)
class UserPage:
    """Some rows in their order, and whether there are users before and after them."""

    rows: list[UserRow]
    earlier: bool
    later: bool


def search_conditions(organization_id: int, search: str) -> Conditions:
    """The condition for a search in an organization by name, email address or number; none if `search` is empty."""
    if not search.strip():
        return []
    if len(search) > lengths.SEARCH_WORDS:
        return [false()]
    digits = names.digits_of_search(search)
    held = () if len(digits) < FEWEST_DIGITS else (User.id.in_(_holders(kind, digits)) for kind in (Number, Claim))
    return [name_few(organization_id, or_(condition_of_name(search), *held))]


def condition_of_name(search: str) -> ColumnElement[bool]:
    """The condition for a part of a name or email address."""
    address = addresses.key_of_address(search)
    return or_(names.name_condition(User.name_key, search),
               User.email_key.like(f"%{names.escape_like(address)}%", escape="\\"))


def _holders(kind: type[Number | Claim], digits: str) -> Select[Any]:
    """Who has or claims a number with these digits."""
    return select(kind.user_id).where(kind.e164.like(f"%{digits}%"), kind.user_id.is_not(None))


def list_user_rows(snapshot: OrganizationSnapshot, where: Sequence[UserCondition], after: str = "",
                   before: str = "", most: int = ROWS_PER_PAGE, sort: str = DEFAULT_ORDER) -> UserPage:
    """Users in an order, at most `most`, next after or next before the user with that ref; 404 if it is not theirs."""
    found, beside = _in_order(sort, back=bool(before), few=names_few(where)), after or before
    if where:
        found = found.where(*conditions_in_sql(where))
    if beside:
        found = found.where(_comes_next(snapshot, sort, beside, back=bool(before)))
    known = {"organization_id": snapshot.organization.id, "most": most + 1}
    # Of columns alone the connection itself makes rows, in half the time.
    rows = [_row(snapshot, row) for row in db.session.connection().execute(found, known)]
    more, rows = len(rows) > most, rows[:most]
    return UserPage(rows[::-1], more, True) if before else UserPage(rows, bool(after), more)


def find_user_row(snapshot: OrganizationSnapshot, ref: str) -> UserRow:
    """The line of one user; 404 for one of another organization."""
    known = {"organization_id": snapshot.organization.id, "ref": ref}
    row = db.session.connection().execute(_ROW, known).first()
    return _row(snapshot, row) if row else abort(404)


# Built once for each order: building a statement takes longer than running it.
@cache
def _in_order(sort: str, *, back: bool, few: bool) -> Select[Any]:
    """The first users of an organization in an order, or the last, with all that a row needs."""
    keys, down = _order_keys(sort), sort.startswith("-") is not back
    found = _ROWS_OF_FEW if few else _ROWS
    if keys[0] is Location.name_key:
        found = found.join(Location, Location.id == User.location_id)
    return found.order_by(*(key.desc() for key in keys) if down else keys).limit(bindparam("most"))


def _order_keys(sort: str) -> tuple[Any, ...]:
    # Signs that stand before and after all numbers.
    return USER_ORDERS[sort.removeprefix("-")]("" if sort.startswith("-") else "~")


def _comes_next(snapshot: OrganizationSnapshot, sort: str, beside: str, *, back: bool) -> ColumnElement[bool]:
    """The condition for users after the one with the ref `beside`, or `back` from there."""
    keys = _order_keys(sort)
    place, there = tuple_(*keys), _place_of(snapshot, beside, keys)
    return place < there if sort.startswith("-") is not back else place > there


def _place_of(snapshot: OrganizationSnapshot, ref: str, keys: Sequence[Any]) -> tuple[Any, ...]:
    """Where a user stands in an order; 404 for one of another organization."""
    found = select(*keys).select_from(User).outerjoin(Number, Number.user_id == User.id).outerjoin(
        Claim, Claim.user_id == User.id).outerjoin(Location, Location.id == User.location_id)
    row = db.session.execute(found.where(User.ref == ref, User.organization_id == snapshot.organization.id)).first()
    return tuple(row) if row else abort(404)


def _row(snapshot: OrganizationSnapshot, row: Any) -> UserRow:
    profile, (e164, version, *listed) = split_profile(row)
    user = ListedUser(*listed)
    return UserRow(user, e164 or "", snapshot.standing(profile, user.id), profile, version or 0)


def count_users(snapshot: OrganizationSnapshot, where: Sequence[UserCondition]) -> int:
    """How many users meet the conditions."""
    if all(isinstance(one, GroupCondition) for one in where):
        return sum(one.many for one in snapshot.groups(where))
    found = add_profile_columns(snapshot.members(where)).with_only_columns(User.id, maintain_column_froms=True)
    return int(db.session.scalar(select(func.count()).select_from(found.subquery())) or 0)


def look_up_users(snapshot: OrganizationSnapshot, typed: str, most: int = 5) -> tuple[list[User], bool]:
    """The users whom a typed name or address means: exact matches, else those with these whole words in their name,
    else all whom a search finds.

    At most `most` of them; True when there are more.
    """
    if len(typed) > lengths.EMAIL_ADDRESS:
        return [], False
    key = key_of_name(typed)
    exact = or_(User.email_key == addresses.key_of_address(typed), User.name_key == key)
    whole = names.name_condition(" " + User.name_key + " ", typed, "% {} %")
    found = list_user_rows(snapshot, [exact], most=most)
    if not found.rows:
        found = list_user_rows(snapshot, [whole], most=most)
    if not found.rows:
        found = list_user_rows(snapshot, search_conditions(snapshot.organization.id, typed), most=most)
    ids = [row.user.id for row in found.rows]
    users = {user.id: user for user in db.session.scalars(select(User).where(User.id.in_(ids)))} if ids else {}
    return [users[one] for one in ids], found.later
