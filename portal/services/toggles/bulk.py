"""Change the texting setting of many users at once."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement

from portal.extensions import db, writing
from portal.models import Organization, Setting, UndoKind, User
from portal.rules import Decision
from portal.rules.switches import Level

from .. import undo_offers
from ..audit import EventSubject
from ..refusals import Changed
from .eligibility import OrganizationSnapshot, add_profile_columns
from .toggle import SettingChange, SettingValue, judge_bulk_change, setting_word, write_settings
from .user_list import UserChoice


class BulkChange(NamedTuple):
    """The decision, how many users were changed and how many left alone, and the ref of the offer to undo it, or ""."""

    decision: Decision
    changed: int = 0
    left: int = 0
    undo: str = ""


def change_many_settings(actor: User, setting: SettingValue, chosen: UserChoice, seen: int, shown: int) -> BulkChange:
    """Set texting (on, off or inherit) for every user that the choice selects right now.

    `seen` is the id of the newest audit event when the preview was shown: settings that changed after it stay as they
    are. `shown` is how many users the choice selected then. One commit, with one audit event per changed user.
    Raises Changed if the choice selects more users now than the preview showed.
    """
    with writing():
        snapshot = OrganizationSnapshot.read(actor.organization_id or 0)
        where = chosen.conditions(snapshot)
        decision, effect = judge_bulk_change(actor, setting, where, snapshot)
        if not decision.allowed:
            return BulkChange(decision)
        gone = shown - effect.counts.total()
        if gone < 0:
            raise Changed
        rows = _rows_to_change(snapshot, where, setting)
        unchanged_since = [row for row in rows if (row.event_id or 0) <= seen]
        write_settings(actor, [_change(actor, setting, row) for row in unchanged_since])
        undo = _offer_undo(snapshot.organization, unchanged_since)
    return BulkChange(decision, len(unchanged_since), len(rows) - len(unchanged_since) + gone, undo)


def _offer_undo(organization: Organization, rows: Sequence[Any]) -> str:
    """Keep each user's id, setting and the version that the change has left; "" if nobody was changed."""
    was = [[row.id, setting_word(SettingValue(row.on)), (row.version or 0) + 1] for row in rows]
    return undo_offers.offer_undo(UndoKind.MANY, organization, {"users": was}) if was else ""


def _rows_to_change(snapshot: OrganizationSnapshot, where: Sequence[ColumnElement[bool]],
                    setting: SettingValue) -> list[Any]:
    columns = (User.id, User.ref, User.name, Setting.on, Setting.event_id, Setting.version)
    found = add_profile_columns(snapshot.members(where)).with_only_columns(*columns, maintain_column_froms=True)
    rows = db.session.execute(found.order_by(User.name_key, User.id))
    return [row for row in rows if row.on is not setting.on]


def _change(actor: User, setting: SettingValue, row: Any) -> SettingChange:
    user = EventSubject(Level.USER, actor.organization_id, row.ref, row.name)
    # A user's own setting has neither lock nor reason.
    return SettingChange(row.id, user, SettingValue(row.on), SettingValue(setting.on))
