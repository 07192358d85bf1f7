"""A word for many users at once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, bindparam, insert, select, update

from portal.extensions import db, new_ref, now, writing
from portal.models import AuditEvent, User, Word
from portal.rules import Decision
from portal.rules.switches import Level

from .standing import Roll, with_profile
from .toggles import Wish, judge_many, word_of


def turn_many(actor: User, wish: Wish, where: Sequence[ColumnElement[bool]], seen: int) -> tuple[Decision, int, int]:
    """Say one word for all users of the actor's organization who meet the conditions.

    `seen` is the newest audit event when the effect was shown: words changed after it are left alone.
    Returns the decision, how many users were changed and how many were left alone. One commit, with
    one audit event for each changed user.
    """
    with writing():
        roll = Roll.of(actor.organization_id or 0)
        decision, _effect = judge_many(actor, wish, where, roll)
        if not decision.allowed:
            return decision, 0, 0
        columns = (User.id, User.ref, User.name, Word.on, Word.version, Word.event_id)
        found = with_profile(roll.members(where)).with_only_columns(*columns, maintain_column_froms=True)
        rows = [row for row in db.session.execute(found) if row.on is not wish.on]
        mine = [row for row in rows if (row.event_id or 0) <= seen]
        _say(actor, wish, mine)
    return decision, len(mine), len(rows) - len(mine)


def _say(actor: User, wish: Wish, rows: Sequence[Any]) -> None:
    """Words and audit events for many users, two statements of many rows each."""
    if not rows:
        return
    moment, organization_id = now(), actor.organization_id or 0
    refs = {row.id: new_ref() for row in rows}
    db.session.execute(insert(AuditEvent), [
        {"ref": refs[row.id], "organization_id": organization_id, "at": moment, "actor_id": actor.id,
         "actor_name": actor.name, "action": "texting", "subject": "user", "subject_ref": row.ref,
         "subject_name": row.name, "details": {"was": word_of(Wish(row.on)), "now": word_of(wish)}}
        for row in rows])
    newest = db.session.scalar(select(AuditEvent.id).order_by(AuditEvent.id.desc()).limit(1))
    values = [{"level": Level.USER, "unit_id": row.id, "organization_id": organization_id, "on": wish.on,
               "locked": False, "reason": "", "version": (row.version or 0) + 1, "said_by": actor.name,
               "said_at": moment, "event_id": newest} for row in rows]
    known = {row.id for row in rows if row.version is not None}
    fresh = [value for value in values if value["unit_id"] not in known]
    if fresh:
        db.session.execute(insert(Word), fresh)
    if len(fresh) < len(values):
        _rewrite([value for value in values if value["unit_id"] in known])


def _rewrite(values: list[dict[str, object]]) -> None:
    table = Word.metadata.tables["words"]
    found = update(table).where(table.c.level == Level.USER, table.c.unit_id == bindparam("of"))
    db.session.connection().execute(
        found.values(on=bindparam("word"), version=bindparam("next"), said_by=bindparam("by"),
                     said_at=bindparam("at"), event_id=bindparam("event")),
        [{"of": one["unit_id"], "word": one["on"], "next": one["version"], "by": one["said_by"], "at": one["said_at"],
          "event": one["event_id"]} for one in values])
