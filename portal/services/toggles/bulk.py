"""A word for many users at once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, insert, select, update

from portal.extensions import db, make_ref, now, writing
from portal.models import AuditEvent, Setting, User
from portal.rules import Decision
from portal.rules.switches import Level

from .. import audit
from ..refusals import Changed
from .eligibility import OrganizationSnapshot, add_profile_columns
from .toggle import RequestedSetting, judge_bulk_change, setting_word
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
        _say(actor, wish, mine)
    return decision, len(mine), len(rows) - len(mine) + gone


def _saying_otherwise(roll: OrganizationSnapshot, where: Sequence[ColumnElement[bool]],
                      wish: RequestedSetting) -> list[Any]:
    columns = (User.id, User.ref, User.name, Setting.on, Setting.version, Setting.event_id)
    found = add_profile_columns(roll.members(where)).with_only_columns(*columns, maintain_column_froms=True)
    rows = db.session.execute(found.order_by(User.name_key, User.id))
    return [row for row in rows if row.on is not wish.on]


def _say(actor: User, wish: RequestedSetting, rows: Sequence[Any]) -> None:
    """Words and audit events for many users, in statements of many rows each."""
    if not rows:
        return
    events = _record(actor, wish, rows)
    words = [_word(actor, wish, row, events[row.ref]) for row in rows]
    first = [word for word in words if word["version"] == 1]
    again = [word for word in words if word["version"] > 1]
    if first:
        db.session.execute(insert(Setting), first)
    if again:
        db.session.execute(update(Setting), again)


def _record(actor: User, wish: RequestedSetting, rows: Sequence[Any]) -> dict[str, int]:
    """One audit event for each user, as `audit.record` makes it; returns their ids by the users' refs."""
    last = audit.newest_event_id(actor.organization_id)
    db.session.execute(insert(AuditEvent), [
        {"ref": make_ref(), "organization_id": actor.organization_id, "actor_id": actor.id,
         "actor_name": actor.name, "action": "texting", "subject": "user", "subject_ref": row.ref,
         "subject_name": row.name,
         "details": {"was": setting_word(RequestedSetting(row.on)), "now": setting_word(wish)}} for row in rows])
    # Nobody else writes meanwhile, so everything newer is ours.
    ours = select(AuditEvent.subject_ref, AuditEvent.id).where(
        AuditEvent.organization_id == actor.organization_id, AuditEvent.id > last)
    return dict(db.session.execute(ours).all())


def _word(actor: User, wish: RequestedSetting, row: Any, event_id: int) -> dict[str, Any]:
    return {"level": Level.USER, "unit_id": row.id, "organization_id": actor.organization_id, "on": wish.on,
            "locked": False, "reason": "", "version": (row.version or 0) + 1, "said_by": actor.name, "said_at": now(),
            "event_id": event_id}
