"""Who gets which number. A number has one holder; a file may move a number from one user to another."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, func, null, select, union_all

from portal.extensions import db
from portal.marks import N_
from portal.models import Claim, Number, User
from portal.rules.facts import NumberFacts
from portal.rules.numbers import format_number

from ..key_lists import is_among
from ..people.number_days import current_day
from ..toggles.known_units import KnownLocation
from .columns import ImportColumn
from .known_people import CLAIM_COLUMNS, NUMBER_COLUMNS, KnownClaim, KnownNumber, make_known_number
from .rows import FileRow, RowProblem
from .steps import RowPlan


def _ours(organization_id: int, wanted_number: Collection[str]) -> Select[*tuple[Any, ...]]:
    """The organization's numbers and claims among those wanted, each with the name of its holder."""
    numbers = select(Number.id, null()).where(Number.organization_id == organization_id,
                                              is_among(Number.e164, wanted_number))
    claims = select(null(), Claim.id).where(Claim.organization_id == organization_id,
                                            is_among(Claim.e164, wanted_number))
    number_id, claim_id = union_all(numbers, claims).subquery().c
    return select(*NUMBER_COLUMNS, *CLAIM_COLUMNS, User.name).select_from(number_id.table).outerjoin(
        Number, Number.id == number_id).outerjoin(Claim, Claim.id == claim_id).outerjoin(
        User, User.id == func.coalesce(Number.user_id, Claim.user_id))


@dataclass
class NumberHolders:
    """The numbers that the rows of a file name, and the rows that need the number of another user.

    `numbers` are the organization's numbers and the claims of its users, as far as the rows that are looked at now name
    them. `first` is the first row of the file that wants a number.
    `waiting` holds (step, id of the holder, name of the holder); `givers` the steps of users who give theirs up, by id.
    """

    numbers: dict[str, KnownNumber | KnownClaim]
    names: dict[str, str]
    first: dict[str, FileRow] = field(default_factory=dict)
    givers: dict[int, RowPlan] = field(default_factory=dict)
    waiting: list[tuple[RowPlan, int, str]] = field(default_factory=list)

    @classmethod
    def of(cls, organization_id: int, steps: Sequence[RowPlan]) -> "NumberHolders":
        """The numbers that all rows want."""
        holders = cls({}, {})
        holders.look_up(organization_id, steps)
        return holders

    def look_up(self, organization_id: int, steps: Sequence[RowPlan]) -> None:
        """Read the numbers that the next rows want: one statement. It never looks at other organizations."""
        found = _ours(organization_id, {step.wanted_number.e164 for step in steps if step.wanted_number})
        ends = len(NUMBER_COLUMNS)
        rows = [(make_known_number(row[:ends], row[ends:-1]), row[-1]) for row in db.session.execute(found)]
        self.numbers = {one.e164: one for one, _name in rows if one}
        self.names = {one.e164: name for one, name in rows if one}

    def consider(self, step: RowPlan) -> None:
        """Add the change of the user's number to a step, or the problem that forbids it."""
        if step.wanted_number is None or not step.wanted_number.e164:
            return
        current_number = step.current_number.e164 if step.current_number else ""
        if step.row.take_away:
            self._take(step, current_number)
        else:
            self._give(step, current_number, step.wanted_number.e164)
        if step.user is not None and current_number and step.change(ImportColumn.NUMBER):
            self.givers[step.user.id] = step

    def consider_back(self, step: RowPlan) -> None:
        """Add the problem that forbids a change of the number which a step has already, because it undoes another."""
        change = step.change(ImportColumn.NUMBER)
        if change is None or step.user is None:
            return
        self._ask_back(step, step.user.id, change.now)
        if step.current_number:
            self.givers[step.user.id] = step

    def _ask_back(self, step: RowPlan, user_id: int, e164: str) -> None:
        number = self.numbers.get(e164)
        if step.location and isinstance(number, KnownNumber):
            self._refuse_gone(step, number, step.location)
        if number is not None and number.user_id not in (None, user_id):
            self.waiting.append((step, number.user_id or 0, self.names[e164]))

    def _take(self, step: RowPlan, current_number: str) -> None:
        if step.wanted_number and current_number not in ("", step.wanted_number.e164):
            self._wrong(step, N_("The user has %(number)s. Take it away in the same row to give them another number."),
                        number=format_number(current_number))
        elif current_number:
            step.to(ImportColumn.NUMBER, current_number, "", None)

    def _give(self, step: RowPlan, current_number: str, e164: str) -> None:
        first, number = self.first.setdefault(e164, step.row), self.numbers.get(e164)
        if first.key != step.row.key:
            self._wrong(step, N_("Line %(line)s has the same number already."), line=str(first.line))
        if step.location and isinstance(number, KnownNumber):
            self._refuse_gone(step, number, step.location)
        if number is not None and number.user_id is not None and current_number != e164:
            self.waiting.append((step, number.user_id, self.names[e164]))
        step.to(ImportColumn.NUMBER, current_number, e164, step.wanted_number)

    def _refuse_gone(self, step: RowPlan, number: KnownNumber, location: KnownLocation) -> None:
        days = NumberFacts(from_on=number.from_on, until_on=number.until_on, today=current_day(location.time_zone))
        if days.gone:
            self._wrong(step, N_("%(number)s has left your organization. Choose another number, or ask the provider"
                                 " if it is back."), number=format_number(number.e164))

    def _wrong(self, step: RowPlan, sentence: str, **values: Any) -> None:
        step.problems.append(RowProblem(sentence, values))

    def leaves_claim(self, step: RowPlan) -> bool:
        """Whether the user of a row that is looked at now has a number that waits for an operator, once it is done."""
        change = step.change(ImportColumn.NUMBER)
        if change is None:
            return isinstance(step.current_number, KnownClaim)
        return bool(change.now) and not isinstance(self.numbers.get(change.now), KnownNumber)

    def list_open_steps(self) -> list[RowPlan]:
        """The steps that other rows have to do with: they need another user's number, or give theirs up."""
        found = {id(step): step for step in self.givers.values()} | {id(one[0]): one[0] for one in self.waiting}
        return list(found.values())

    def settle(self) -> None:
        """Add a problem to every row whose number no other row gives up; rows that waited for that row fail in turn."""
        asking: dict[int, list[tuple[RowPlan, int, str]]] = {}
        for one in self.waiting:
            asking.setdefault(one[1], []).append(one)
        lost = [one for one in self.waiting if not self._given_up(one[1])]
        failed: set[int] = set()
        while lost:
            step, _holder, name = lost.pop()
            failed.add(id(step))
            gave = self._giver_by(step)
            self._wrong(step, N_("%(holder)s already has this number."), holder=name)
            lost += asking.get(gave, ())
        self.waiting = [one for one in self.waiting if id(one[0]) not in failed]

    def _giver_by(self, step: RowPlan) -> int:
        """The id of the user who gives a number up by this step, as long as it is good; 0 for nobody."""
        gives = step.good and step.user is not None and self.givers.get(step.user.id) is step
        return step.user.id if gives and step.user else 0

    def _given_up(self, holder: int) -> bool:
        return holder in self.givers and self.givers[holder].good
