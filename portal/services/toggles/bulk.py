"""A word for many users at once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement

from portal.extensions import db, writing
from portal.models import Setting, User
from portal.rules import Decision
from portal.rules.switches import Level

from ..audit import EventSubject
from ..refusals import Changed
from .eligibility import OrganizationSnapshot, add_profile_columns
from .toggle import RequestedSetting, SettingChange, judge_bulk_change, write_settings
from .user_list import UserChoice


def change_many_settings(actor: User, wish: RequestedSetting, chosen: UserChoice, seen: int,
                         shown: int) -> tuple[Decision, int, int]:
    """Say one word for all users of the actor's organization who are chosen at this moment.

    `seen` is the newest audit event when the effect was shown: words changed after it are left alone.
    `shown` is how many users were chosen then. Returns the decision, how many users were changed and how
    many were left alone. One commit, with one audit event for each changed user.
    Raises Changed when more users are chosen by now than were shown.
    """
    with writing():
        roll = OrganizationSnapshot.of(actor.organization_id or 0)
        where = chosen.conditions(roll)
        decision, effect = judge_bulk_change(actor, wish, where, roll)
        if not decision.allowed:
            return decision, 0, 0
        gone = shown - effect.counts.total()
        if gone < 0:
            raise Changed
        rows = _saying_otherwise(roll, where, wish)
        mine = [row for row in rows if (row.event_id or 0) <= seen]
        write_settings(actor, [_change(actor, wish, row) for row in mine])
    return decision, len(mine), len(rows) - len(mine) + gone


def _saying_otherwise(roll: OrganizationSnapshot, where: Sequence[ColumnElement[bool]],
                      wish: RequestedSetting) -> list[Any]:
    columns = (User.id, User.ref, User.name, Setting.on, Setting.event_id)
    found = add_profile_columns(roll.members(where)).with_only_columns(*columns, maintain_column_froms=True)
    rows = db.session.execute(found.order_by(User.name_key, User.id))
    return [row for row in rows if row.on is not wish.on]


def _change(actor: User, wish: RequestedSetting, row: Any) -> SettingChange:
    user = EventSubject(Level.USER, actor.organization_id, row.ref, row.name)
    # A user's own setting has neither lock nor reason.
    return SettingChange(row.id, user, RequestedSetting(row.on), RequestedSetting(wish.on))
