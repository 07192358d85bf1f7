"""Inventories: an operator uploads which numbers each organization has; a dry run says what it would do.

Either all of a file counts or nothing of it. A fixed number of statements reads what the rows need.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import String, bindparam, func, insert, select, update

from portal.dialects import json_values
from portal.extensions import db, now, writing
from portal.marks import N_
from portal.models import AccountState, Claim, Inventory, Number, Organization, User
from portal.rules.numbers import format_number

from .. import audit
from ..names import key_of_name
from ..people import number_claims
from ..people.number_days import current_day, have_common_day, is_still_had
from ..refusals import Changed
from .checks import AlreadyDone
from .decoding import UnreadableFile
from .inventory_rows import InventoryRow, read_inventory
from .uploads import tidy_file_name

MISSING_SHOWN = 200
RECENT_INVENTORIES = 10

_NUMBERS = select(json_values(bindparam("numbers", type_=String), String, "wanted"))


class MissingNumber(NamedTuple):
    """A number that an organization of the file has here and that the file does not name."""

    e164: str
    organization: str


@dataclass
class InventoryPlan:
    """What an inventory does: claims that it confirms, numbers that it adds, dates that it changes.

    `kept` counts numbers that are here already. `missing` holds at most MISSING_SHOWN of `missing_many` numbers that
    the file does not name; nothing happens to them. With a problem in any row nothing is carried out.
    """

    rows: Sequence[InventoryRow]
    claims: list[tuple[Claim, User]] = field(default_factory=list)
    fresh: list[dict[str, Any]] = field(default_factory=list)
    dated: list[tuple[Number, date | None, date | None]] = field(default_factory=list)
    kept: int = 0
    missing: Sequence[MissingNumber] = ()
    missing_many: int = 0
    organizations: Mapping[int, Organization] = field(default_factory=dict)
    dates: dict[str, tuple[date | None, date | None]] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """How many claims it confirms, numbers it adds and dates it changes."""
        return {"confirmed": len(self.claims), "added": len(self.fresh), "dated": len(self.dated)}

    @property
    def wrong(self) -> list[InventoryRow]:
        """The rows with problems."""
        return [row for row in self.rows if row.problems]

    @property
    def writes(self) -> bool:
        """Whether there is anything to carry out."""
        return not self.wrong and bool(self.claims or self.fresh or self.dated)

    @property
    def seal(self) -> str:
        """A hash of what was shown; the form that carries it out sends it back."""
        said = [[claim.ref for claim, _user in self.claims],
                [(one["organization_id"], one["e164"], str(one["from_on"]), str(one["until_on"]))
                 for one in self.fresh],
                [(one.id, str(begin), str(end)) for one, begin, end in self.dated], len(self.wrong)]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def store_inventory(actor: User, name: str, content: bytes) -> Inventory:
    """Keep a file for its dry run. Raises UnreadableFile when it is no inventory."""
    read_inventory(content)
    with writing() as session:
        kept = Inventory(user_id=actor.id, file_name=tidy_file_name(name), content=content)
        session.add(kept)
    return kept


def find_inventory_for_operator(ref: str) -> Inventory:
    """An inventory, for operators; 404 when there is none."""
    found: Inventory = db.one_or_404(select(Inventory).where(Inventory.ref == ref))
    return found


def list_recent_inventories() -> list[tuple[Inventory, str]]:
    """The newest inventories, each with the name of the operator who uploaded it."""
    found = select(Inventory, User.name).join(User, User.id == Inventory.user_id)
    return [(one, name) for one, name in db.session.execute(found.order_by(Inventory.id.desc()).limit(
        RECENT_INVENTORIES))]


def plan_inventory(inventory: Inventory) -> InventoryPlan | None:
    """What a file would do now: five statements, however many numbers it names.

    None once its content was erased or cannot be read any more.
    """
    rows = _read_rows(inventory)
    return _plan(rows) if rows is not None else None


def _read_rows(inventory: Inventory) -> Sequence[InventoryRow] | None:
    if inventory.content is not None:
        with suppress(UnreadableFile):
            return read_inventory(inventory.content)
    return None


def _plan(rows: Sequence[InventoryRow]) -> InventoryPlan:
    plan = InventoryPlan(rows)
    ours = _find_organizations(plan)
    wanted = _wanted_numbers(plan, ours)
    asked = {"numbers": json.dumps(list(wanted))}
    known, claims = _read_numbers(asked), _read_claims(asked)
    for e164, (row, organization_id) in wanted.items():
        _consider(plan, row, e164, organization_id, known.get(e164, []), claims.get((organization_id, e164)))
    _find_missing(plan, asked)
    return plan


def _read_numbers(asked: dict[str, str]) -> dict[str, list[Number]]:
    """The rows about each wanted number, of any organization."""
    known: dict[str, list[Number]] = {}
    for number in db.session.scalars(select(Number).where(Number.e164.in_(_NUMBERS)), asked):
        known.setdefault(number.e164, []).append(number)
    return known


def _read_claims(asked: dict[str, str]) -> dict[tuple[int, str], tuple[Claim, User]]:
    """The claims on the wanted numbers by organization and number; those of deactivated users do not count."""
    found = select(Claim, User).join(User, User.id == Claim.user_id).where(
        Claim.e164.in_(_NUMBERS), User.account != AccountState.DEACTIVATED)
    return {(claim.organization_id, claim.e164): (claim, user) for claim, user in db.session.execute(found, asked)}


def _find_organizations(plan: InventoryPlan) -> dict[int, int]:
    """The organization of each row, by its line; a row without one gets a problem. One statement."""
    keys = {row.line: key_of_name(row.organization) for row in plan.rows}
    found = db.session.scalars(select(Organization).where(Organization.name_key.in_(keys.values()))).all()
    many = Counter(one.name_key for one in found)
    known = {one.name_key: one for one in found if many[one.name_key] == 1}
    lines = {line: known[key].id for line, key in keys.items() if key in known}
    plan.organizations = {one.id: one for one in known.values()}
    _refuse_nameless(row for row in plan.rows if row.organization and row.line not in lines)
    return lines


def _refuse_nameless(rows: Iterable[InventoryRow]) -> None:
    for row in rows:
        row.refuse(N_("There is no organization %(name)s, or there are several. Add it first, or correct the name."),
                   name=row.organization)


def _wanted_numbers(plan: InventoryPlan, ours: dict[int, int]) -> dict[str, tuple[InventoryRow, int]]:
    """Each number of the good rows with its row and organization; a number that stands there twice is a problem."""
    wanted: dict[str, tuple[InventoryRow, int]] = {}
    for row in plan.rows:
        twice = next((e164 for e164 in row.numbers() if e164 in wanted), "")
        if twice:
            row.refuse(N_("Line %(line)s has %(number)s already. Leave it out of one of the two."),
                       number=format_number(twice), line=str(wanted[twice][0].line))
        elif row.line in ours:
            wanted.update((e164, (row, ours[row.line])) for e164 in row.numbers())
    return wanted


def _consider(plan: InventoryPlan, row: InventoryRow, e164: str, organization_id: int, known: Sequence[Number],
              claim: tuple[Claim, User] | None) -> None:
    """Add what one number of a row needs to the plan."""
    mine = next((one for one in known if one.organization_id == organization_id), None)
    begin, end = _days_of_number(row, mine, known)
    others = [one for one in known if one is not mine and have_common_day(begin, end, one)]
    if others:
        _refuse_other(row, others[0])
    elif mine is not None:
        _consider_own(plan, mine, begin, end)
    elif claim is not None:
        plan.claims.append(claim)
        plan.dates[e164] = begin, end
    else:
        plan.fresh.append({"organization_id": organization_id, "e164": e164, "kind": row.kind, "from_on": begin,
                           "until_on": end})


def _consider_own(plan: InventoryPlan, mine: Number, begin: date | None, end: date | None) -> None:
    if (mine.from_on, mine.until_on) == (begin, end):
        plan.kept += 1
    else:
        plan.dated.append((mine, begin, end))


def _days_of_number(row: InventoryRow, mine: Number | None,
                    known: Sequence[Number]) -> tuple[date | None, date | None]:
    """The days that the row names; without any those that are set, and today if it was another organization's."""
    if row.from_on is not None or row.until_on is not None:
        begin, end = row.from_on, row.until_on
    else:
        begin, end = (mine.from_on, mine.until_on) if mine else (None, None)
    return (current_day("") if begin is None and mine is None and known else begin), end


def _refuse_other(row: InventoryRow, other: Number) -> None:
    """Say once for a row that another organization has a number of it."""
    if not row.problems:
        row.refuse(N_("Another organization has %(number)s. Set the day on which it leaves there, or take it out of"
                      " this file."), number=format_number(other.e164))


def _find_missing(plan: InventoryPlan, asked: dict[str, str]) -> None:
    absent = (Number.organization_id.in_(list(plan.organizations)), is_still_had(current_day("")),
              Number.e164.not_in(_NUMBERS))
    found = select(Number.e164, Organization.name).join(Organization, Organization.id == Number.organization_id)
    rows = db.session.execute(found.where(*absent).order_by(Number.e164).limit(MISSING_SHOWN), asked).all()
    plan.missing = [MissingNumber(*row) for row in rows]
    plan.missing_many = db.session.scalar(select(func.count()).select_from(Number).where(*absent), asked) or 0


def carry_out_inventory(actor: User, inventory: Inventory, seal: str) -> dict[str, int]:
    """Do what a file says, in one commit; returns the counts.

    Raises AlreadyDone if it was done before, and Changed if it would do something else than was shown.
    """
    rows = _read_rows(inventory)
    with writing():
        if inventory.done_at is not None:
            raise AlreadyDone
        plan = _plan(rows) if rows is not None else None
        if plan is None or plan.seal != seal or not plan.writes:
            raise Changed
        inventory.done_at, inventory.done = now(), plan.counts
        _write_plan(actor, plan)
    return inventory.done


def _write_plan(actor: User, plan: InventoryPlan) -> None:
    """Store what a plan says, in the open write transaction, with one event for each organization."""
    counts = _count_by_organization(plan)
    number_claims.make_claimed_numbers(actor, plan.claims, plan.dates)
    if plan.fresh:
        db.session.execute(insert(Number), plan.fresh)
    if plan.dated:
        db.session.execute(update(Number), [{"id": one.id, "from_on": begin, "until_on": end}
                                            for one, begin, end in plan.dated])
    audit.record_events(actor, [("inventory-taken", plan.organizations[one], many) for one, many in counts.items()])


def _count_by_organization(plan: InventoryPlan) -> dict[int, dict[str, int]]:
    counted = {"confirmed": Counter(claim.organization_id for claim, _user in plan.claims),
               "added": Counter(one["organization_id"] for one in plan.fresh),
               "dated": Counter(one.organization_id for one, _begin, _end in plan.dated)}
    touched = sorted({one for many in counted.values() for one in many})
    return {one: {name: many[one] for name, many in counted.items()} for one in touched}
