"""Carry out a plan inside the open write transaction, in few statements for many rows.

Each change gets the audit event that it gets when an administrator makes it by hand.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select

from portal.extensions import db, make_ref
from portal.models import AccountState, Claim, Number, RowOutcome, User
from portal.rules.facts import NumberSource

from .. import audit
from ..key_lists import is_among
from ..names import key_of_name
from ..people.users import list_user_columns
from ..toggles.toggle import SettingChange, SettingValue, write_settings
from .columns import ImportColumn
from .planning import ImportPlan
from .steps import PLAIN_COLUMNS, RowChange, RowPlan

# Columns that are details of a user, with their names in the audit log.
DETAILS = {**PLAIN_COLUMNS, ImportColumn.LOCATION: "location", ImportColumn.STATUS: "account"}
# Those among them that are kept as they are; a location is kept by its id.
PLAIN_DETAILS = DETAILS.keys() - {ImportColumn.LOCATION}

Pairs = Sequence[tuple[RowPlan, User]]


class _Diary:
    """The events of one import, kept back so that they are stored together."""

    def __init__(self, actor: User) -> None:
        self.actor = actor
        self.events: list[audit.EventToRecord] = []

    def note(self, action: str, user: User, **details: Any) -> None:
        """Keep an event about a user for later."""
        self.events.append((action, user, details))


def carry_out_plan(actor: User, plan: ImportPlan) -> list[User]:
    """Write what the good rows of a plan do; returns the new users in the order of the file.

    The caller holds the write transaction, and the plan was made inside it.
    """
    diary, steps = _Diary(actor), plan.of(RowOutcome.CREATED, RowOutcome.CHANGED)
    created = _add_newcomers([step for step in steps if step.user is None])
    new = iter(created)
    pairs = [(step, step.user or next(new)) for step in steps]
    for step, user in pairs:
        if step.user is None:
            diary.note("user-added", user)
            if not user.active:
                diary.note("deactivated", user)
        else:
            _detail(diary, step, user)
    _free(pairs)
    fresh = _assign(diary, pairs, plan.holders.numbers)
    _certify(diary, pairs, {**plan.holders.numbers, **{claim.e164: claim for claim in fresh}})
    _add(fresh)
    audit.record_events(actor, diary.events)
    write_settings(actor, list(_setting_changes(pairs)))
    return created


def _add_newcomers(steps: Sequence[RowPlan]) -> list[User]:
    """Store the new users with two statements; returns them in the order of the steps."""
    rows = [{"ref": make_ref(), **_newcomer_columns(step)} for step in steps]
    if not rows:
        return []
    db.session.execute(insert(User), rows)
    users = db.session.scalars(select(User).where(is_among(User.ref, [row["ref"] for row in rows])))
    by_ref = {user.ref: user for user in users}
    return [by_ref[row["ref"]] for row in rows]


def _newcomer_columns(step: RowPlan) -> dict[str, Any]:
    if step.location is None:
        raise RuntimeError("a new user without a location is no good step")
    details = {DETAILS[change.column]: change.value for change in step.changes if change.column in PLAIN_DETAILS}
    return {"account": AccountState.INVITED, "language": "", "time_zone": "", "app_version": "",
            **details, **list_user_columns(step.row.name, step.row.email,
                                           step.location.organization_id, step.location.id)}


def _set(step: RowPlan, user: User) -> list[list[str]]:
    """Give a user the details of a step; returns [field, was, now] for each."""
    changes = []
    for change in step.changes:
        if change.column is ImportColumn.LOCATION:
            user.location_id = change.value.id
        elif change.column in DETAILS:
            setattr(user, DETAILS[change.column], change.value)
        if change.column in DETAILS:
            changes.append([DETAILS[change.column], change.was, change.now])
    user.name_key = key_of_name(user.name)
    return changes


def _detail(diary: _Diary, step: RowPlan, user: User) -> None:
    was_active, changes = user.active, _set(step, user)
    if not changes:
        return
    user.version += 1
    if user.active is not was_active:
        diary.note("reactivated" if user.active else "deactivated", user)
        changes = [one for one in changes if one[0] != DETAILS[ImportColumn.STATUS]]
    if changes:
        diary.note("user-changed", user, changes=changes)


def _free(pairs: Pairs) -> None:
    """Free all numbers that users give up before any is assigned, so that two users can swap theirs."""
    given_up = [step.current_number for step, _user in pairs
                if step.current_number and step.change(ImportColumn.NUMBER)]
    for number in given_up:
        if isinstance(number, Number):
            number.user_id = None
    gone = [claim.id for claim in given_up if isinstance(claim, Claim)]
    if gone:
        db.session.execute(delete(Claim).where(is_among(Claim.id, gone)))
    db.session.flush()


def _assign(diary: _Diary, pairs: Pairs, numbers: dict[str, Number | Claim]) -> list[Claim]:
    """Assign the numbers of the organization; returns new claims on all other numbers, for `_add` to store."""
    fresh = []
    for step, user in pairs:
        change = step.change(ImportColumn.NUMBER)
        if change is None:
            continue
        number, what = numbers.get(change.now), "number-removed"
        if isinstance(number, Number):
            number.user_id, what = user.id, "number-assigned"
        elif change.now:
            fresh.append(_claim(diary.actor, user, change, number))
            what = "number-claimed"
        diary.note(what, user, number=change.now or change.was)
    return fresh


def _claim(actor: User, user: User, change: RowChange, before: Claim | None) -> Claim:
    """A new claim, also on a number that another user gives up: a claim says who entered it, and when."""
    return Claim(organization_id=user.organization_id or 0, user_id=user.id, e164=change.now, kind=change.value.kind,
                 by_id=actor.id, source=before.source if before else None)


def _add(fresh: Sequence[Claim]) -> None:
    if fresh:
        columns = ("organization_id", "user_id", "e164", "kind", "source", "by_id")
        db.session.execute(insert(Claim), [{name: getattr(claim, name) for name in columns} for claim in fresh])


def _certify(diary: _Diary, pairs: Pairs, numbers: Mapping[str, Number | Claim]) -> None:
    for step, user in pairs:
        change, moved = step.change(ImportColumn.SOURCE), step.change(ImportColumn.NUMBER)
        number = numbers[moved.now] if moved and moved.now else step.current_number
        if change is None or number is None:
            continue
        source: NumberSource = change.value
        diary.note("number-marked", user, number=number.e164,
                   changes=[["source", str(number.source or ""), str(source)]])
        number.source = source


def _setting_changes(pairs: Pairs) -> Iterator[SettingChange]:
    for step, user in pairs:
        if change := step.change(ImportColumn.TEXTING):
            was, wish = SettingValue(step.own_setting.on if step.own_setting else None), SettingValue(change.value)
            yield SettingChange(user.id, audit.EventSubject.of(user), was, wish)
