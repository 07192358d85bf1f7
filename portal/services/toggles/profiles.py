"""The facts about one user that the rules use: selected with users, or read from the counts that the database keeps."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func

from portal.models import AccountState, Claim, Number, Setting, User
from portal.rules.facts import NumberSource
from portal.rules.numbers import NumberKind
from portal.rules.switches import Level


class UserProfile(NamedTuple):
    """The facts about a user that the rules use, except restrictions on that user alone.

    `own_setting` is the setting of the user alone: True (on), False (off) or None (inherit). `claimed`: the kind and
    the source belong to a number that no operator has confirmed. `from_on` and `until_on` are the days between which
    the organization has the number, if they are set.
    """

    location_id: int | None
    account: AccountState
    app_version: str
    kind: NumberKind | None
    source: NumberSource | None
    own_setting: bool | None
    claimed: bool = False
    from_on: date | None = None
    until_on: date | None = None


OWN_SETTING = and_(Setting.level == Level.USER, Setting.unit_id == User.id)
# A user has a number or claims one, never both.
USER_NUMBER: ColumnElement[str | None] = func.coalesce(Number.e164, Claim.e164)
KIND: ColumnElement[NumberKind | None] = func.coalesce(Number.kind, Claim.kind)
SOURCE: ColumnElement[NumberSource | None] = func.coalesce(Number.source, Claim.source)
CLAIMED = Claim.id.is_not(None)
PROFILE_COLUMNS = (User.location_id, User.account, User.app_version, KIND, SOURCE, Setting.on, CLAIMED, Number.from_on,
                   Number.until_on)
# All of them but the location in one text, as the database keeps it and counts it.
FACTS = User.facts


def join_profile(found: Select[Any]) -> Select[Any]:
    """The same selection of users, joined to what their profiles are read from."""
    return found.outerjoin(Number, Number.user_id == User.id).outerjoin(Claim, Claim.user_id == User.id).outerjoin(
        Setting, OWN_SETTING)


def add_profile_columns(found: Select[Any]) -> Select[Any]:
    """The same selection of users, with the columns of `UserProfile` added at the end."""
    return join_profile(found).add_columns(*PROFILE_COLUMNS)


def split_profile(row: Sequence[Any]) -> tuple[UserProfile, Sequence[Any]]:
    """The profile at the start of a row selected with `add_profile_columns`, and the rest of the row."""
    return UserProfile(*row[:len(PROFILE_COLUMNS)]), row[len(PROFILE_COLUMNS):]


@lru_cache(maxsize=4096)
def read_profile(location_id: int, written: str) -> UserProfile:
    """The profile of users at a location of whom this is written."""
    account, kind, source, own, claimed, first, last, app_version = written.split("|", 7)
    return UserProfile(
        location_id, AccountState(account), app_version, NumberKind(kind) if kind else None,
        NumberSource(source) if source else None, own == "on" if own else None, bool(claimed),
        date.fromisoformat(first) if first else None, date.fromisoformat(last) if last else None)


def write_profile(profile: UserProfile) -> str:
    """What is written of the users of a profile, whatever their location."""
    own = {None: "", True: "on", False: "off"}[profile.own_setting]
    days = (day.isoformat() if day else "" for day in (profile.from_on, profile.until_on))
    return "|".join((profile.account, profile.kind or "", profile.source or "", own,
                     "claimed" if profile.claimed else "", *days, profile.app_version))
