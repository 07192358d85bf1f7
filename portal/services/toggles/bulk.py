"""Change the texting setting of many users at once."""

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
from .toggle import SettingChange, SettingValue, judge_bulk_change, write_settings
from .user_list import UserChoice


def change_many_settings(actor: User, setting: SettingValue, chosen: UserChoice, seen: int,
                         shown: int) -> tuple[Decision, int, int]:
    """Set texting (on, off or inherit) for every user that the choice selects right now.

    `seen` is the id of the newest audit event when the preview was shown: settings that changed after it stay as they
    are. `shown` is how many users the choice selected then. Returns the decision, how many users were changed and how
    many were left alone. One commit, with one audit event per changed user.
    Raises Changed if the choice selects more users now than the preview showed.
    """
    with writing():
        snapshot = OrganizationSnapshot.read(actor.organization_id or 0)
        where = chosen.conditions(snapshot)
        decision, effect = judge_bulk_change(actor, setting, where, snapshot)
        if not decision.allowed:
            return decision, 0, 0
        gone = shown - effect.counts.total()
        if gone < 0:
            raise Changed
        rows = _rows_to_change(snapshot, where, setting)
        unchanged_since = [row for row in rows if (row.event_id or 0) <= seen]
        write_settings(actor, [_change(actor, setting, row) for row in unchanged_since])
    return decision, len(unchanged_since), len(rows) - len(unchanged_since) + gone


def _rows_to_change(snapshot: OrganizationSnapshot, where: Sequence[ColumnElement[bool]],
                    setting: SettingValue) -> list[Any]:
    columns = (User.id, User.ref, User.name, Setting.on, Setting.event_id)
    found = add_profile_columns(snapshot.members(where)).with_only_columns(*columns, maintain_column_froms=True)
    rows = db.session.execute(found.order_by(User.name_key, User.id))
    return [row for row in rows if row.on is not setting.on]


def _change(actor: User, setting: SettingValue, row: Any) -> SettingChange:
    user = EventSubject(Level.USER, actor.organization_id, row.ref, row.name)
    # A user's own setting has neither lock nor reason.
    return SettingChange(row.id, user, SettingValue(row.on), SettingValue(setting.on))
