"""Texting set for so many users that it takes steps: begun here, found again, taken back. `long_steps` takes the steps.

Whom the change is about is written down when it is confirmed, with the version of each user's setting, and nothing asks
the filter again: steps change whom it finds. That takes many short commits, `note_long_change`, `write_down_users` and
`open_long_change`: nobody waits for a second to write. Who is changed by others meanwhile has another version.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, exists, func, insert, literal, or_, select, true

from portal.extensions import db, now, writing
from portal.models import ChangeStage, LongChange, LongChangeUser, Setting, User
from portal.rules.switches import SettingValue

from ..key_lists import is_among
from ..undo_offers import UNDO_OFFERED
from .eligibility import OrganizationSnapshot
from .groups import UserCondition
from .profiles import add_profile_columns

# So many rows are written or erased in one commit, so that others come to write in between.
USERS_PER_COMMIT = 2000


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


def note_long_change(actor: User, setting: SettingValue, filters: Mapping[str, str]) -> LongChange:
    """Add a change to the open write transaction, still without users, and closed: no step is taken.

    If nobody opens it, it is erased like one that ended now. Raises ChangeUnderWay.
    """
    _refuse_second(actor.organization_id)
    change = LongChange(organization_id=actor.organization_id, user_id=actor.id, on=setting.on, filters=dict(filters),
                        ended_at=now())
    db.session.add(change)
    return change


def write_down_users(change: LongChange, where: Sequence[UserCondition], snapshot: OrganizationSnapshot,
                     seen: int) -> int:
    """Write down who gets the setting of a closed change, in many short write transactions; how many they are.

    They are the users whom `where` selects and who have another setting. Those whose setting changed after the audit
    event `seen` are left alone.
    """
    change_id, other = change.id, Setting.on.is_distinct_from(change.on)
    columns = (literal(change_id), User.id, Setting.on, func.coalesce(Setting.version, 0))
    chosen = add_profile_columns(snapshot.members(where)).where(other, _event_of_setting() <= seen).with_only_columns(
        *columns, maintain_column_froms=True)
    members = db.session.scalars(snapshot.members().add_columns(User.id).order_by(User.id)).all()
    total = 0
    for start in range(0, len(members), USERS_PER_COMMIT):
        with writing() as session:
            written: Any = session.execute(insert(LongChangeUser).from_select(
                ["change_id", "user_id", "had", "version"],
                chosen.where(is_among(User.id, members[start:start + USERS_PER_COMMIT]))))
            total += written.rowcount
    return total


def _event_of_setting() -> ColumnElement[int]:
    return func.coalesce(Setting.event_id, 0)


def count_users_left(change: LongChange, where: Sequence[UserCondition], snapshot: OrganizationSnapshot,
                     seen: int) -> int:
    """How many users `where` selects whom a change that is written down leaves alone, for what came after `seen`."""
    return _count_users(snapshot, where, Setting.on.is_distinct_from(change.on), _event_of_setting() > seen,
                        ~_is_noted(change))


def count_users_gone(change: LongChange, total: int, where: Sequence[UserCondition],
                     snapshot: OrganizationSnapshot) -> int:
    """How many of the `total` users who are written down `where` selects no more."""
    return total - _count_users(snapshot, where, _is_noted(change))


def _is_noted(change: LongChange) -> ColumnElement[bool]:
    return exists().where(LongChangeUser.change_id == change.id, LongChangeUser.user_id == User.id)


def _count_users(snapshot: OrganizationSnapshot, where: Sequence[UserCondition],
                 *more: ColumnElement[bool]) -> int:
    found = add_profile_columns(snapshot.members(where)).where(*more)
    return db.session.scalar(found.with_only_columns(func.count(), maintain_column_froms=True)) or 0


def open_long_change(change: LongChange, total: int, left: int) -> None:
    """Open a change that is written down, in the open write transaction: from now on steps carry it out.

    `total` users are changed, `left` were left alone before. Raises ChangeUnderWay.
    """
    _refuse_second(change.organization_id)
    change.total, change.left_before, change.began_at, change.ended_at = total, left, now(), None


def _refuse_second(organization_id: int | None) -> None:
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
    for change_id in db.session.scalars(old).all():
        while _erase_next_users(change_id):
            pass
        with writing() as session:
            session.execute(delete(LongChange).where(LongChange.id == change_id, LongChange.ended_at.is_not(None)))


def _erase_next_users(change_id: int) -> bool:
    """Erase some rows of an old change, in a commit of their own; whether there may be more."""
    mine = select(LongChangeUser.user_id).where(LongChangeUser.change_id == change_id)
    with writing() as session:
        last = session.scalar(mine.order_by(LongChangeUser.user_id).offset(USERS_PER_COMMIT - 1).limit(1))
        up_to = LongChangeUser.user_id <= last if last else true()
        session.execute(delete(LongChangeUser).where(LongChangeUser.change_id == change_id, up_to))
    return last is not None
