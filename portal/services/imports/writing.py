"""Carry out a plan inside the open write transaction, in few statements for many rows.

Each change gets the audit event that it gets when an administrator makes it by hand.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import select

from portal.extensions import db, make_ref, now
from portal.models import AccountState, Claim, RowOutcome, User
from portal.rules.facts import NumberSource
from portal.rules.numbers import NumberKind

from .. import audit
from ..key_lists import is_among
from ..many_rows import insert_rows
from ..names import key_of_name
from ..people.users import list_user_columns
from ..toggles.toggle import SettingChange, SettingValue, write_settings
from .columns import ImportColumn
from .known_people import (
    KnownClaim,
    KnownNumber,
    KnownUser,
    free_numbers,
    store_number_sources,
    store_number_users,
    store_user_details,
)
from .planning import ImportPlan
from .steps import PLAIN_COLUMNS, RowChange, RowPlan

# Columns that are details of a user, with their names in the audit log.
DETAILS = {**PLAIN_COLUMNS, ImportColumn.LOCATION: "location", ImportColumn.STATUS: "account"}
# Those among them that are kept as they are; a location is kept by its id.
PLAIN_DETAILS = DETAILS.keys() - {ImportColumn.LOCATION}


class Newcomer(NamedTuple):
    """A user whom the import has just stored. They are not read back: a file may bring twenty thousand."""

    id: int
    subject: audit.EventSubject
    active: bool
    version: int = 1


Person = KnownUser | Newcomer
Pairs = Sequence[tuple[RowPlan, Person]]


@dataclass
class NewClaim:
    """The columns of a claim that is to be stored."""

    organization_id: int
    user_id: int
    e164: str
    kind: NumberKind
    source: NumberSource | None
    by_id: int
    ref: str = field(default_factory=make_ref)


class _Diary:
    """The events of one import, kept back so that they are stored together."""

    def __init__(self, actor: User) -> None:
        self.actor = actor
        self.events: list[audit.EventToRecord] = []

    def note(self, action: str, person: Person, **details: Any) -> None:
        """Keep an event about a user for later."""
        self.events.append((action, person.subject, details))


def carry_out_plan(actor: User, plan: ImportPlan) -> list[Newcomer]:
    """Write what the good rows of a plan do; returns the new users in the order of the file.

    The caller holds the write transaction, and the plan was made inside it.
    """
    diary, steps = _Diary(actor), plan.of(RowOutcome.CREATED, RowOutcome.CHANGED)
    created = _add_newcomers([step for step in steps if step.user is None])
    new = iter(created)
    pairs: Pairs = [(step, step.user or next(new)) for step in steps]
    store_user_details(list(_changed_users(diary, pairs)))
    # All that users give up before any is assigned, so that two users can swap theirs.
    free_numbers([step.current_number for step, _person in pairs
                  if step.current_number and step.change(ImportColumn.NUMBER)])
    fresh = _assign(diary, pairs, plan.holders.numbers)
    _certify(diary, pairs, {**plan.holders.numbers, **{claim.e164: claim for claim in fresh}})
    _add(fresh)
    audit.record_events(actor, diary.events)
    write_settings(actor, list(_setting_changes(pairs)))
    return created


def _add_newcomers(steps: Sequence[RowPlan]) -> list[Newcomer]:
    """Store the new users with two statements; returns them in the order of the steps."""
    moment = now()
    rows = [{"ref": make_ref(), "created_at": moment, **_newcomer_columns(step)} for step in steps]
    if not rows:
        return []
    insert_rows(User, rows)
    stored = select(User.ref, User.id).where(is_among(User.ref, [row["ref"] for row in rows]))
    ids = {row.ref: row.id for row in db.session.execute(stored)}
    return [Newcomer(ids[row["ref"]], audit.EventSubject("user", row["organization_id"], row["ref"], row["name"]),
                     row["account"] is not AccountState.DEACTIVATED) for row in rows]


def _newcomer_columns(step: RowPlan) -> dict[str, Any]:
    if step.location is None:
        raise RuntimeError("a new user without a location is no good step")
    details = {DETAILS[change.column]: change.value for change in step.changes if change.column in PLAIN_DETAILS}
    return {"account": AccountState.INVITED, "language": "", "time_zone": "", "app_version": "",
            **details, **list_user_columns(step.row.name, step.row.email,
                                           step.location.organization_id, step.location.id)}


def _set(step: RowPlan, user: KnownUser) -> list[list[str]]:
    """Give a user the details of a step; returns [field, was, now] for each."""
    changes = []
    for change in step.changes:
        if change.column is ImportColumn.LOCATION:
            user.location_id = change.value.id
        elif change.column in DETAILS:
            setattr(user, DETAILS[change.column], change.value)
        if change.column in DETAILS:
            changes.append([DETAILS[change.column], change.was, change.now])
        if change.column is ImportColumn.DISPLAY_NAME:
            user.name_key = key_of_name(user.name)
    return changes


def _changed_users(diary: _Diary, pairs: Pairs) -> Iterator[KnownUser]:
    """Note who is new and what changes of whom; yields the users who change."""
    for step, person in pairs:
        if isinstance(person, KnownUser):
            if _detail(diary, step, person):
                yield person
        else:
            diary.note("user-added", person)
            if not person.active:
                diary.note("deactivated", person)


def _detail(diary: _Diary, step: RowPlan, user: KnownUser) -> bool:
    """Give a user the details of a step, and note that; whether there are any."""
    was_active, changes = user.active, _set(step, user)
    if not changes:
        return False
    user.version += 1
    if user.active is not was_active:
        diary.note("reactivated" if user.active else "deactivated", user)
        changes = [one for one in changes if one[0] != DETAILS[ImportColumn.STATUS]]
    if changes:
        diary.note("user-changed", user, changes=changes)
    return True


def _assign(diary: _Diary, pairs: Pairs, numbers: Mapping[str, KnownNumber | KnownClaim]) -> list[NewClaim]:
    """Assign the numbers of the organization; returns new claims on all other numbers, for `_add` to store."""
    fresh, assigned = [], []
    for step, person in pairs:
        change = step.change(ImportColumn.NUMBER)
        if change is None:
            continue
        number, what = numbers.get(change.now), "number-removed"
        if isinstance(number, KnownNumber):
            number.user_id, what = person.id, "number-assigned"
            assigned.append(number)
        elif change.now:
            fresh.append(_claim(diary.actor, person, change, number))
            what = "number-claimed"
        diary.note(what, person, number=change.now or change.was)
    store_number_users(assigned)
    return fresh


def _claim(actor: User, person: Person, change: RowChange, before: KnownClaim | None) -> NewClaim:
    """A new claim, also on a number that another user gives up: a claim says who entered it, and when."""
    return NewClaim(person.subject.organization_id or 0, person.id, change.now, change.value.kind,
                    before.source if before else None, actor.id)


def _add(fresh: Sequence[NewClaim]) -> None:
    moment = now()
    insert_rows(Claim, [{**vars(claim), "at": moment} for claim in fresh])


def _certify(diary: _Diary, pairs: Pairs, numbers: Mapping[str, KnownNumber | KnownClaim | NewClaim]) -> None:
    certified = []
    for step, person in pairs:
        change, moved = step.change(ImportColumn.SOURCE), step.change(ImportColumn.NUMBER)
        number = numbers[moved.now] if moved and moved.now else step.current_number
        if change is None or number is None:
            continue
        source: NumberSource = change.value
        diary.note("number-marked", person, number=number.e164,
                   changes=[["source", str(number.source or ""), str(source)]])
        number.source = source
        if not isinstance(number, NewClaim):
            certified.append(number)
    store_number_sources(certified)


def _setting_changes(pairs: Pairs) -> Iterator[SettingChange]:
    for step, person in pairs:
        if change := step.change(ImportColumn.TEXTING):
            was, wish = SettingValue(step.own_setting.on if step.own_setting else None), SettingValue(change.value)
            yield SettingChange(person.id, person.subject, was, wish)
