"""Change the texting setting of many users at once."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, or_, select

from portal.extensions import db, now, writing
from portal.models import AuditEvent, Organization, Setting, UndoKind, User
from portal.rules import Decision
from portal.rules.switches import Level

from .. import undo_offers
from ..audit import EventSubject
from ..refusals import Changed, EffectChanged
from . import long_changes
from .eligibility import OrganizationSnapshot
from .groups import UserCondition
from .passing_time import has_time_told
from .profiles import add_profile_columns
from .toggle import SettingChange, SettingValue, judge_bulk_change, setting_word, write_settings
from .user_list import UserChoice

# So many users are changed in one commit. For more the change takes steps.
MOST_AT_ONCE = 500

# What changes whom a filter finds, or what a change does to them. Settings of single users are not among it: each of
# these users is looked at and left alone.
EFFECT_ACTIONS = frozenset({
    "user-added", "user-changed", "deactivated", "reactivated", "number-assigned", "number-claimed", "number-confirmed",
    "number-rejected", "number-removed", "number-added", "number-dated", "number-marked", "inventory-taken",
    "location-added", "location-changed", "organization-changed", "restricted", "restricted-by-reports",
    "restriction-extended", "restriction-lifted"})
TEXTING_OF_MANY = and_(AuditEvent.action.in_(("texting", "texting-reason")), AuditEvent.subject != Level.USER.value)


class BulkChange(NamedTuple):
    """The decision, how many users were changed and how many left alone, and the ref of the offer to undo it, or "".

    `begun` is the ref of the long change that does it in steps, or "".
    """

    decision: Decision
    changed: int = 0
    left: int = 0
    undo: str = ""
    begun: str = ""


def change_many_settings(actor: User, setting: SettingValue, chosen: UserChoice, seen: int, shown: int,
                         shown_at: datetime | None = None) -> BulkChange:
    """Set texting (on, off or inherit) for every user that the choice selects right now.

    `seen` is the id of the newest audit event when the preview was shown: settings that changed after it stay as they
    are. `shown` is how many users the choice selected then, and `shown_at` when that was, None for now. One commit,
    with one audit event per changed user; more than MOST_AT_ONCE are written down for steps instead, and what was asked
    before is asked again after that.
    Raises Changed if the choice selects more users now than the preview showed, EffectChanged if something else than
    settings of single users has changed since, ChangeUnderWay if the steps of another change have not ended.
    """
    preview = _Shown(seen, shown, shown_at or now())
    with writing():
        judged = _judge(actor, setting, chosen, preview)
        if not judged.decision.allowed:
            return BulkChange(judged.decision)
        rows = _rows_to_change(judged, setting)
        if len(rows) <= MOST_AT_ONCE:
            return _change_at_once(actor, setting, rows, judged, seen)
        change = long_changes.note_long_change(actor, setting, _filters(chosen))
    total = long_changes.write_down_users(change, judged.where, judged.snapshot, seen)
    left = long_changes.count_users_left(change, judged.where, judged.snapshot, seen)
    with writing():
        again = _judge(actor, setting, chosen, preview)
        if not again.decision.allowed:
            return BulkChange(again.decision)
        # Who has left the choice since they were written down is left alone when their turn comes, and counted then.
        gone = again.gone - long_changes.count_users_gone(change, total, again.where, again.snapshot)
        long_changes.open_long_change(change, total, left + gone)
        return BulkChange(again.decision, begun=change.ref)


class _Shown(NamedTuple):
    """What the preview was made of: the newest audit event, how many users the choice selected, and when."""

    seen: int
    total: int
    at: datetime


class _Judged(NamedTuple):
    """What the rules say to a change, whom it is about, and how many fewer the choice selects than was shown."""

    decision: Decision
    snapshot: OrganizationSnapshot
    where: Sequence[UserCondition]
    gone: int


def _judge(actor: User, setting: SettingValue, chosen: UserChoice, shown: _Shown) -> _Judged:
    """Ask the rules in the open write transaction. Raises Changed and EffectChanged."""
    snapshot = OrganizationSnapshot.read(actor.organization_id or 0)
    where = chosen.conditions(snapshot)
    decision, effect = judge_bulk_change(actor, setting, where, snapshot)
    gone = shown.total - effect.counts.total()
    if decision.allowed:
        if gone < 0:
            raise Changed
        _refuse_other_effect(snapshot, shown)
    return _Judged(decision, snapshot, where, gone)


def _change_at_once(actor: User, setting: SettingValue, rows: Sequence[Any], judged: _Judged, seen: int) -> BulkChange:
    unchanged_since = [row for row in rows if (row.event_id or 0) <= seen]
    write_settings(actor, [_change(actor, setting, row) for row in unchanged_since])
    undo = _offer_undo(judged.snapshot.organization.id, unchanged_since)
    return BulkChange(judged.decision, len(unchanged_since), len(rows) - len(unchanged_since) + judged.gone, undo)


def _refuse_other_effect(snapshot: OrganizationSnapshot, shown: _Shown) -> None:
    since = select(AuditEvent.id).where(
        AuditEvent.organization_id == snapshot.organization.id, AuditEvent.id > shown.seen)
    if (db.session.scalar(since.where(or_(AuditEvent.action.in_(EFFECT_ACTIONS), TEXTING_OF_MANY)).limit(1))
            or has_time_told(snapshot, shown.at)):
        raise EffectChanged


def _filters(chosen: UserChoice) -> dict[str, str]:
    """The filters of a choice, without users who were selected one by one."""
    return {name: value for name, value in asdict(chosen).items() if value and name != "refs"}


def _offer_undo(organization_id: int, rows: Sequence[Any]) -> str:
    """Keep each user's id, setting and the version that the change has left; "" if nobody was changed."""
    was = [[row.id, setting_word(SettingValue(row.on)), (row.version or 0) + 1] for row in rows]
    if not was:
        return ""
    return undo_offers.offer_undo(UndoKind.MANY, db.session.get_one(Organization, organization_id), {"users": was})


def _rows_to_change(judged: _Judged, setting: SettingValue) -> Sequence[Any]:
    """The users who have another setting, at most one more than are changed at once."""
    columns = (User.id, User.ref, User.name, Setting.on, Setting.event_id, Setting.version)
    members = add_profile_columns(judged.snapshot.members(judged.where))
    found = members.with_only_columns(*columns, maintain_column_froms=True)
    other = found.where(Setting.on.is_distinct_from(setting.on)).order_by(User.name_key, User.id)
    return db.session.execute(other.limit(MOST_AT_ONCE + 1)).all()


def _change(actor: User, setting: SettingValue, row: Any) -> SettingChange:
    user = EventSubject(Level.USER, actor.organization_id, row.ref, row.name)
    # A user's own setting has neither lock nor reason.
    return SettingChange(row.id, user, SettingValue(row.on), SettingValue(setting.on))
