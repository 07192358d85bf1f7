"""Select users by search and filters: one page of them to show, or all of them for a bulk change."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort
from sqlalchemy import ColumnElement, Select, bindparam, false, func, or_, select

from portal import lengths
from portal.extensions import db
from portal.models import Claim, Number, User
from portal.rules import BY_ID, Rule, Standing, UserState, addresses
from portal.rules.switches import Level

from .. import names
from ..names import ROWS_PER_PAGE, key_of_name
from ..people.locations import find_location
from . import toggle, user_orders
from .eligibility import OrganizationSnapshot, users_in_groups
from .groups import FewCondition, GroupCondition, UserCondition, UserGroup, members_of, name_few, users_at_location
from .profiles import UserProfile, split_profile
from .toggle import ToggleOutcome
from .user_orders import ListedUser, add_row_columns

# The filter for users with a setting of their own, offered next to the four states.
OWN_SETTING_FILTER = "own-setting"

# Fewer digits are in nearly every number.
FEWEST_DIGITS = 3
DEFAULT_ORDER = "name"

Conditions = list[UserCondition]


@dataclass(frozen=True, slots=True)
class UserChoice:
    """The users whom the filters select, or exactly those in `refs` if there are any. Unknown values filter nothing.

    `location` is a ref, `texting` a `UserState` or OWN_SETTING_FILTER, `rule` the id of a rule that stops them.
    `outcome`, `level` and `wish` belong together: users for whom the setting `wish` (as the audit log writes it) at
    that level would have that `ToggleOutcome`. `sort` selects nobody: it is the order of the list, "name",
    "number" or "location", with "-" in front where it is turned round.
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
        placed = list(self._placed(snapshot))
        where = [*found, *placed, *self._standing(snapshot, placed)]
        return [*where, *self._with_outcome(snapshot, where)]

    @property
    def broken(self) -> Rule | None:
        """The rule that stops these users, if the filter names one."""
        return BY_ID.get(self.rule)

    def _placed(self, snapshot: OrganizationSnapshot) -> Iterator[UserCondition]:
        if self.location:
            yield users_at_location(find_location(snapshot.organization.id, self.location))

    def _standing(self, snapshot: OrganizationSnapshot, placed: Conditions) -> Iterator[UserCondition]:
        if wanted := list(self._wanted(snapshot)):
            groups = snapshot.groups(placed)
            yield users_in_groups(snapshot, [one for one in groups if all(fits(one) for fits in wanted)])

    def _wanted(self, snapshot: OrganizationSnapshot) -> Iterator[Callable[[UserGroup], bool]]:
        def standing(one: UserGroup) -> Standing:
            return snapshot.standing(one.profile, one.user_id)

        if self.texting == OWN_SETTING_FILTER:
            yield lambda one: one.profile.own_setting is not None
        elif self.texting in set(UserState):
            yield lambda one: standing(one).state == self.texting
        if self.broken:
            yield lambda one: self.rule in {reason.id for reason in standing(one).reasons}

    def _with_outcome(self, snapshot: OrganizationSnapshot, where: Conditions) -> Iterator[UserCondition]:
        if self.outcome in set(ToggleOutcome) and self.level in set(Level):
            setting = toggle.read_setting_word(self.wish)
            groups = toggle.groups_with_outcome(Level(self.level), setting, ToggleOutcome(self.outcome), where,
                                                snapshot)
            yield users_in_groups(snapshot, groups)


_ROW = add_row_columns(members_of(bindparam("organization_id"))).where(User.ref == bindparam("ref"))


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
    beside, back = after or before, bool(before)
    place = user_orders.find_place(snapshot.organization.id, beside) if beside else None
    asked = user_orders.ListPart(snapshot, where, sort, place, most=most + 1, back=back)
    rows = [_row(snapshot, row) for row in user_orders.read_rows_in_order(asked)]
    more, rows = len(rows) > most, rows[:most]
    return UserPage(rows[::-1], more, True) if back else UserPage(rows, bool(after), more)


def find_user_row(snapshot: OrganizationSnapshot, ref: str) -> UserRow:
    """The line of one user; 404 for one of another organization."""
    known = {"organization_id": snapshot.organization.id, "ref": ref}
    row = db.session.connection().execute(_ROW, known).first()
    return _row(snapshot, row) if row else abort(404)


def _row(snapshot: OrganizationSnapshot, row: Any) -> UserRow:
    profile, (e164, version, *listed) = split_profile(row)
    user = ListedUser(*listed)
    return UserRow(user, e164 or "", snapshot.standing(profile, user.id), profile, version or 0)


def count_users(snapshot: OrganizationSnapshot, where: Sequence[UserCondition]) -> int:
    """How many users meet the conditions."""
    if all(isinstance(one, GroupCondition) for one in where):
        return sum(one.many for one in snapshot.groups(where))
    found = snapshot.members(where).add_columns(User.id)
    return int(db.session.scalar(select(func.count()).select_from(found.subquery())) or 0)


def look_up_users(snapshot: OrganizationSnapshot, typed: str, most: int = 5) -> tuple[list[User], bool]:
    """The users whom a typed name or address means: exact matches, else those with these whole words in their name,
    else all whom a search finds.

    At most `most` of them; True when there are more.
    """
    if len(typed) > lengths.EMAIL_ADDRESS:
        return [], False
    organization_id, key = snapshot.organization.id, key_of_name(typed)
    named = select(User.id).where(User.organization_id == organization_id, User.name_key == key)
    exact = named.union_all(select(User.id).where(User.email_key == addresses.key_of_address(typed)))
    found = list_user_rows(snapshot, [FewCondition(User.id.in_(exact))], most=most)
    if not found.rows:
        where = search_conditions(organization_id, typed)
        whole = names.name_condition(" " + User.name_key + " ", typed, "% {} %")
        # These whole words are among the parts of names that the search has found.
        found = list_user_rows(snapshot, [*where, whole], most=most)
        found = found if found.rows else list_user_rows(snapshot, where, most=most)
    ids = [row.user.id for row in found.rows]
    users = {user.id: user for user in db.session.scalars(select(User).where(User.id.in_(ids)))} if ids else {}
    return [users[one] for one in ids], found.later
