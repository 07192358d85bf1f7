"""Texting set for so many users that it takes steps: begun here, found again, taken back. `long_steps` takes the steps.

Whom the change is about is written down when it is confirmed, with the version of each user's setting, and nothing asks
the filter again: steps change whom it finds.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, literal, or_, select

from portal.extensions import db, now, writing
from portal.models import ChangeStage, LongChange, LongChangeUser, Setting, User
from portal.rules.switches import SettingValue

from ..undo_offers import UNDO_OFFERED
from .eligibility import OrganizationSnapshot
from .groups import UserCondition
from .profiles import add_profile_columns


class ChangeUnderWay(Exception):
    """The organization has a long change that has not ended; `ref` is its ref. Nothing was written."""

    def __init__(self, ref: str) -> None:
        super().__init__("under way")
        self.ref = ref


# Built once, because the list of users needs it: building a statement takes longer than running it.
_OPEN = select(LongChange.ref).where(
    LongChange.organization_id == bindparam("organization_id"), LongChange.ended_at.is_(None)).limit(1)


def ref_of_open_change(organization_id: int | None) -> str:
    """The ref of the long change of an organization that has not ended, or ""."""
    return db.session.scalar(_OPEN, {"organization_id": organization_id}) or ""


def find_long_change(organization_id: int | None, ref: str) -> LongChange:
    """A long change of one organization; 404 for one of another organization."""
    found: LongChange = db.one_or_404(select(LongChange).where(
        LongChange.ref == ref, LongChange.organization_id == organization_id))
    return found


def begin_long_change(actor: User, setting: SettingValue, where: Sequence[UserCondition],
                      snapshot: OrganizationSnapshot, seen: int, filters: Mapping[str, str]) -> LongChange:
    """Write down in the open write transaction who gets the setting: two statements, however many they are.

    They are the users whom `where` selects and who have another setting. Those whose setting changed after the audit
    event `seen` are left alone and counted. Raises ChangeUnderWay.
    """
    _refuse_second(snapshot.organization.id)
    change = LongChange(organization_id=snapshot.organization.id, user_id=actor.id, on=setting.on,
                        filters=dict(filters))
    db.session.add(change)
    db.session.flush()
    event, other = func.coalesce(Setting.event_id, 0), Setting.on.is_distinct_from(setting.on)
    columns = (literal(change.id), User.id, Setting.on, func.coalesce(Setting.version, 0))
    found = add_profile_columns(snapshot.members(where)).where(other)
    chosen = found.where(event <= seen).with_only_columns(*columns, maintain_column_froms=True)
    later = found.where(event > seen).with_only_columns(func.count(), maintain_column_froms=True)
    change.left_before = db.session.scalar(later) or 0
    written: Any = db.session.execute(insert(LongChangeUser).from_select(
        ["change_id", "user_id", "had", "version"], chosen))
    change.total = written.rowcount
    return change


def _refuse_second(organization_id: int) -> None:
    if running := ref_of_open_change(organization_id):
        raise ChangeUnderWay(running)


def is_undo_offered(change: LongChange) -> bool:
    """Whether the change can be taken back: it has ended, not more than ten minutes ago, and has changed somebody."""
    return (change.stage is ChangeStage.CHANGED and change.changed > 0
            and change.ended_at is not None and change.ended_at + UNDO_OFFERED > now())


def undo_long_change(actor: User, ref: str) -> bool:
    """Begin to give everybody their earlier setting, in steps; False where it is too late or done already.

    404 for a change of an organization that the actor does not administer. Raises ChangeUnderWay.
    """
    with writing():
        change = find_long_change(actor.organization_id if actor.admin else None, ref)
        if not is_undo_offered(change):
            return False
        _refuse_second(change.organization_id)
        change.stage, change.cursor, change.ended_at = ChangeStage.UNDOING, 0, None
        change.forbidden, change.undone_by_id = [], actor.id
    return True


def erase_old_changes() -> None:
    """Erase the long changes that cannot be undone any more; their events stay in the audit log."""
    over = LongChange.ended_at < now() - UNDO_OFFERED
    old = select(LongChange.id).where(or_(over, LongChange.stage == ChangeStage.UNDONE), LongChange.ended_at.is_not(
        None))
    if db.session.scalar(old.limit(1)) is None:
        return
    with writing() as session:
        session.execute(delete(LongChangeUser).where(LongChangeUser.change_id.in_(old)))
        session.execute(delete(LongChange).where(LongChange.id.in_(old)))
