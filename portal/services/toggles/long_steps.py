"""The steps of long changes. Each commits settings, audit events, counts and how far it has come together.

A process that is killed in a step leaves the state before it. The next one goes on from there: nothing is done twice.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, tuple_

from portal.extensions import db, now, writing
from portal.models import AuditEvent, ChangeStage, LongChange, LongChangeUser, Setting, User
from portal.rules.switches import Level, SettingValue

from .. import audit
from .eligibility import OrganizationSnapshot
from .profiles import OWN_SETTING
from .toggle import SettingChange, judge_bulk_change, write_settings

USERS_PER_STEP = 500
NOT_YOURS = "not-yours"


@dataclass(frozen=True, slots=True)
class _Step:
    """Some users of a change in the order of their ids: those who have the expected version still, and the others.

    Each row has the id, ref and name of a user, `on`, `version` and `event` of their setting now, and what they `had`.
    """

    change: LongChange
    same: Sequence[Any]
    others: Sequence[Any]
    last: bool

    def setting_for(self, row: Any) -> bool | None:
        return row.had if self.change.undoes else self.change.on


def find_change_in_work(resting: Collection[int] = ()) -> int | None:
    """The id of the long change that has waited longest, but for those that rest; None without one."""
    found = select(LongChange.id).where(LongChange.ended_at.is_(None), LongChange.id.not_in(resting))
    return db.session.scalar(found.order_by(LongChange.began_at, LongChange.id).limit(1))


def step_change(change_id: int) -> bool:
    """Take one step of a long change; False if it has ended."""
    with writing() as session:
        change = session.get(LongChange, change_id)
        if change is None or change.ended_at is not None:
            return False
        _take(change)
    return True


def step_long_change() -> bool:
    """Take one step of the long change that has waited longest; False when none is open."""
    found = find_change_in_work()
    return found is not None and step_change(found)


def _take(change: LongChange) -> None:
    step = _read_step(change)
    change.forbidden = change.forbidden or _forbidding_rules(step)
    if change.forbidden:
        _end_early(step)
        return
    with audit.mark_undone({row.ref: row.event for row in step.same} if step.change.undoes else {}):
        write_settings(_actor(change), [_setting_change(step, row) for row in step.same])
    _count(step)
    if step.last:
        _end(change)


def _read_step(change: LongChange) -> _Step:
    found = select(User.id, User.ref, User.name, Setting.on, func.coalesce(Setting.version, 0).label("version"),
                   AuditEvent.ref.label("event"), LongChangeUser.had, LongChangeUser.version.label("expected")).join(
        LongChangeUser, LongChangeUser.user_id == User.id).outerjoin(Setting, OWN_SETTING).outerjoin(
        AuditEvent, AuditEvent.id == Setting.event_id).where(
        LongChangeUser.change_id == change.id, LongChangeUser.user_id > change.cursor)
    rows = db.session.execute(found.order_by(LongChangeUser.user_id).limit(USERS_PER_STEP)).all()
    # Undo finds one version more: that of the change itself.
    added = int(change.undoes)
    same, others = ([row for row in rows if (row.version == row.expected + added) is fits] for fits in (True, False))
    return _Step(change, same, others, len(rows) < USERS_PER_STEP)


def _forbidding_rules(step: _Step) -> list[str]:
    """The ids of the rules that forbid the step, asked for each setting that it gives; they end the whole stage."""
    actor = _actor(step.change)
    if not actor.active:
        return [NOT_YOURS]
    snapshot = OrganizationSnapshot.read(step.change.organization_id)
    for setting, ids in _ids_by_setting(step).items():
        decision, _effect = judge_bulk_change(actor, SettingValue(setting), [_are_users(ids)], snapshot)
        if not decision.allowed:
            return [reason.id for reason in decision.blocking]
    return []


def _ids_by_setting(step: _Step) -> Mapping[bool | None, list[int]]:
    by_setting: dict[bool | None, list[int]] = {}
    for row in step.same:
        by_setting.setdefault(step.setting_for(row), []).append(row.id)
    return by_setting


def _are_users(ids: Iterable[int]) -> ColumnElement[bool]:
    return User.id.in_(list(ids))


def _actor(change: LongChange) -> User:
    """Who began the stage: a step is their act, so it ends when they lose their role or their account."""
    return db.session.get_one(User, change.undone_by_id or change.user_id)


def _setting_change(step: _Step, row: Any) -> SettingChange:
    user = audit.EventSubject(Level.USER, step.change.organization_id, row.ref, row.name)
    return SettingChange(row.id, user, SettingValue(row.on), SettingValue(step.setting_for(row)))


def _count(step: _Step) -> None:
    change, rows = step.change, [*step.same, *step.others]
    change.cursor = max((row.id for row in rows), default=change.cursor)
    if step.change.undoes:
        change.undone += len(step.same)
        change.not_undone += len(step.others)
        return
    change.changed += len(step.same)
    change.left += len(step.others)
    _forget_rows(change, step.others)


def _end_early(step: _Step) -> None:
    """End a stage that a rule forbids. The users whom a change has not reached are forgotten first, as many in a step
    as it would have changed: Undo takes whoever is left for changed."""
    if not step.change.undoes:
        _forget_rows(step.change, [*step.same, *step.others])
    if step.last or step.change.undoes:
        _end(step.change)


def _end(change: LongChange) -> None:
    change.stage = ChangeStage.UNDONE if change.undoes else ChangeStage.CHANGED
    change.ended_at = now()


def _forget_rows(change: LongChange, rows: Iterable[Any]) -> None:
    ids = [(change.id, row.id) for row in rows]
    db.session.execute(delete(LongChangeUser).where(
        tuple_(LongChangeUser.change_id, LongChangeUser.user_id).in_(ids)))
