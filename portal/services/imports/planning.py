"""What a file would do to an organization: which users it creates or changes, and which rows are wrong.

A fixed number of statements reads all that the rows need, however many rows there are. Nothing is written.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text

from portal.extensions import db
from portal.marks import N_
from portal.models import CLOSED_ROWS, AccountState, ImportRow, RowOutcome, User
from portal.rules import numbers as phone
from portal.rules.characters import tidy_line
from portal.rules.numbers import NumberKind

from ..key_lists import is_among
from ..names import key_of_name, key_with_umlauts
from ..people.addresses_elsewhere import UNCOUNTED, AddressAnswers
from ..toggles.eligibility import OrganizationSnapshot
from ..toggles.known_units import KnownLocation
from . import rows
from .columns import ImportColumn
from .known_people import KnownPerson, KnownUser, read_people
from .number_holders import NumberHolders
from .reading import Sheet
from .rows import FileRow, RowProblem
from .steps import PLAIN_COLUMNS, STATUS, RowPlan
from .texting_changes import TextingJudge


@dataclass(frozen=True, slots=True)
class ImportContext:
    """What is stored about the users of a file before the import.

    `places` are the organization's locations by each spelling that means only one. `users` are its users by address
    key, each with number and texting setting. `closed` are the ids of those whom undoing an import has closed and
    nobody has changed since. `taken` are the address keys of people in other organizations.
    """

    snapshot: OrganizationSnapshot
    places: dict[str, KnownLocation]
    users: dict[str, KnownPerson]
    taken: frozenset[str]
    closed: frozenset[int] = frozenset()
    _named: dict[str, KnownLocation | None] = field(default_factory=dict)

    @classmethod
    def about(cls, organization_id: int, keys: Collection[str]) -> "ImportContext":
        """Read what is stored about these addresses: five statements, however many addresses there are."""
        snapshot = OrganizationSnapshot.read(organization_id)
        users = {one[0].email_key: one for one in read_people(is_among(User.email_key, keys))}
        ours = {key: records for key, records in users.items() if records[0].location_id in snapshot.locations}
        return cls(snapshot, _places_by_spelling(snapshot.places()), ours, frozenset(users.keys() - ours.keys()),
                   _closed_by_undo(user for user, _number, _setting in ours.values()))

    def place_called(self, name: str) -> KnownLocation | None:
        """The location that a file means by a name; None for no location or for several."""
        if name not in self._named:
            self._named[name] = next((self.places[one] for one in _spellings(name) if one in self.places), None)
        return self._named[name]


def _closed_by_undo(users: Iterable[KnownUser]) -> frozenset[int]:
    versions = {user.id: user.version for user in users if not user.active and not user.password_hash}
    if not versions:
        return frozenset()
    rows = db.session.execute(select(ImportRow.user_id, ImportRow.before).where(
        text(CLOSED_ROWS), is_among(ImportRow.user_id, versions.keys())))
    return frozenset(user_id for user_id, before in rows if before["user"] == versions[user_id])


def _spellings(name: str) -> tuple[str, str, str]:
    """A name, its key, and the key in which "Koeln" is Köln."""
    return name, key_of_name(name), key_with_umlauts(name)


def _places_by_spelling(locations: Sequence[KnownLocation]) -> dict[str, KnownLocation]:
    found: dict[str, KnownLocation] = {}
    # The loosest first, so that a name means the location that has exactly this one.
    for spelled in reversed(list(zip(*(_spellings(one.name) for one in locations), strict=True))):
        many = Counter(spelled)
        found |= {one: location for one, location in zip(spelled, locations, strict=True) if many[one] == 1}
    return found


# A version that spreadsheets read as a number: they turn 42.30 into 42.3.
_NUMBER = re.compile(r"\d+(\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class ImportTerms:
    """How a file is read: for which organization, with whose rights, and which languages and time zones exist.

    `administers`: the reader may switch texting there. `operator`: the reader is an operator. Only operators may set
    the source of a number or change the account of an operator. `reader_id`: who ordered it, and hears what it reveals;
    None for who uploaded the file.
    """

    organization_id: int
    administers: bool
    operator: bool
    languages: Collection[str]
    zones: Collection[str]
    reader_id: int | None = None


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What a file does, row by row in the order of the file.

    `refused_addresses` are those of people in other organizations, by key, that this plan reveals to its reader for
    the first time. The caller that shows the plan records them.
    """

    steps: tuple[RowPlan, ...]
    holders: NumberHolders
    refused_addresses: Mapping[str, str] = field(default_factory=dict)

    def of(self, *outcomes: RowOutcome) -> list[RowPlan]:
        """The steps with one of these outcomes."""
        return [step for step in self.steps if step.outcome in outcomes]

    def hold_to(self, marks: Sequence[bytes]) -> None:
        """Mark rows as conflicts that would write something else than was shown; `marks` are those of the rows then."""
        for step, mark in zip(self.steps, marks, strict=True):
            step.conflict = step.writes and step.mark != mark
        self.holders.settle()


def plan_import(terms: ImportTerms, sheet: Sheet, answers: AddressAnswers = UNCOUNTED) -> ImportPlan:
    """What the rows of a file would do now, as `plan_rows`."""
    return plan_rows(terms, rows.read_rows(sheet, terms.languages, terms.zones), answers)


def plan_rows(terms: ImportTerms, asked: Sequence[FileRow], answers: AddressAnswers = UNCOUNTED) -> ImportPlan:
    """What some rows of a file would do now: five statements, however many rows there are.

    `answers` limits what the plan may reveal about addresses of people in other organizations.
    """
    planner = RowPlanner(terms, answers)
    steps = planner.plan_next(asked)
    planner.holders.settle()
    return ImportPlan(steps, planner.holders, planner.refused)


@dataclass
class RowPlanner:
    """Plans the rows of a file, some at a time: of the rows before it keeps what other rows may have to do with.

    `refused` are addresses that the plan reveals, as in `ImportPlan`. In the end, `holders.settle` says which of the
    steps fail because of another one.
    """

    terms: ImportTerms
    answers: AddressAnswers
    holders: NumberHolders = field(default_factory=lambda: NumberHolders({}, {}))
    refused: dict[str, str] = field(default_factory=dict)

    def plan_next(self, asked: Sequence[FileRow]) -> tuple[RowPlan, ...]:
        """The steps of the next rows."""
        known = ImportContext.about(self.terms.organization_id, {row.key for row in asked})
        self.answers, fresh = self.answers.about([row.key for row in asked], known.taken)
        emails = {row.key: row.email for row in asked}
        self.refused.update((key, emails[key]) for key in fresh)
        steps = tuple(_drafted(known, row, self.terms.operator, self.answers) for row in asked)
        self.holders.look_up(self.terms.organization_id, steps)
        judge = TextingJudge(known.snapshot, self.terms.administers)
        for step in steps:
            self.holders.consider(step)
            judge.consider(step)
            if self.terms.operator:
                _certify(step, self.holders)
        return steps


def _drafted(known: ImportContext, row: FileRow, operator: bool, answers: AddressAnswers) -> RowPlan:
    """A step with everything except numbers and texting: those depend on other rows."""
    user, current_number, own_setting = known.users.get(row.key, (None, None, None))
    step = RowPlan(row, user, current_number=current_number, own_setting=own_setting, problems=list(row.problems))
    step.location = _location(step, known)
    step.wanted_number = _wanted_number(step)
    if user is not None:
        _compare(step, user, known.snapshot.locations[user.location_id or 0])
        if user.id in known.closed:
            _reopen(step, user)
        if step.changes and user.operator and not operator:
            _wrong(step, N_("This person is an operator too. Only an operator can change this account."))
    elif said := answers.say(row.key, taken=row.key in known.taken):
        _wrong(step, said)
    else:
        _introduce(step)
    return step


def _wrong(step: RowPlan, sentence: str, **values: Any) -> None:
    step.problems.append(RowProblem(sentence, values))


def _location(step: RowPlan, known: ImportContext) -> KnownLocation | None:
    """The user's location after the import: the one in the file, else the one they have."""
    if step.row.location:
        found = known.place_called(step.row.location)
        if found is None:
            _wrong(step, N_("There is no location %(name)s. Add it first, or correct the name."),
                   name=step.row.location)
        return found
    return known.snapshot.locations[step.user.location_id or 0] if step.user else None


def _wanted_number(step: RowPlan) -> phone.NumberReading | None:
    """The number of the row, read as people dial it at the location; None without one."""
    typed = step.row.number
    if not typed:
        return None
    if step.current_number and typed == step.current_number.e164:
        return phone.NumberReading(step.current_number.kind, typed)
    reading = phone.read_number(typed, step.location.country if step.location else "US")
    if reading.kind is NumberKind.UNREADABLE:
        _wrong(step, N_("This is not a phone number that can be assigned: %(number)s. %(problem)s"),
               number=typed, problem=reading.problem)
    elif not reading.e164:
        _wrong(step, N_("Short codes and service numbers cannot be anybody's primary number."))
    return reading


def _introduce(step: RowPlan) -> None:
    """Add the values of a new user to the step."""
    row = step.row
    if not row.name:
        _wrong(step, N_("A new user needs a name."))
    if not row.location:
        _wrong(step, N_("A new user needs a location."))
    step.to(ImportColumn.EMAIL, "", row.email, row.email)
    for column, name in PLAIN_COLUMNS.items():
        step.to(column, "", getattr(row, name), getattr(row, name))
    step.to(ImportColumn.LOCATION, "", step.location.name if step.location else "", step.location)
    if row.active is not None:
        account = AccountState.DEACTIVATED if row.closed else AccountState.INVITED
        _account(step, "", AccountState.ACTIVE if row.active else account)


def _compare(step: RowPlan, user: KnownUser, there: KnownLocation) -> None:
    """Add what the row changes about a stored user to the step."""
    for column, name in PLAIN_COLUMNS.items():
        half = column is ImportColumn.DISPLAY_NAME and step.row.part_of_name
        was = getattr(user, name)
        if (value := getattr(step.row, name)) and not half and not _same(column, was, value):
            step.to(column, was, value, value)
    if step.location:
        step.to(ImportColumn.LOCATION, there.name, step.location.name, step.location)
    if user.active and not user.password_hash:
        _invite(step, user)


def _invite(step: RowPlan, user: KnownUser) -> None:
    """Change between invited and active, for users without a password. A file never closes or reopens an account."""
    if step.row.active is not None and not step.row.closed:
        _account(step, STATUS[user.account], AccountState.ACTIVE if step.row.active else AccountState.INVITED)


def _reopen(step: RowPlan, user: KnownUser) -> None:
    """Open an account that undoing an import has closed, unless the file says that the person is inactive."""
    if not step.row.closed:
        _account(step, STATUS[user.account], AccountState.ACTIVE if step.row.active else AccountState.INVITED)


def _same(column: ImportColumn, was: str, said: str) -> bool:
    """Whether a file repeats the stored value: old names may be untidy, spreadsheets turn versions into numbers."""
    if column is ImportColumn.APP_VERSION and _NUMBER.fullmatch(was) and _NUMBER.fullmatch(said):
        return Decimal(was) == Decimal(said)
    return tidy_line(was) == said


def _account(step: RowPlan, was: str, account: AccountState) -> None:
    step.to(ImportColumn.STATUS, was, STATUS[account], account)


def _certify(step: RowPlan, holders: NumberHolders) -> None:
    """Add the source of the number that the user will have; only operators set it."""
    source, changed = step.row.source, step.change(ImportColumn.NUMBER)
    number = holders.numbers.get(changed.now) if changed else step.current_number
    if source is None or (changed and not changed.now) or (not changed and not number):
        return
    was = number.source.name if number and number.source else ""
    step.to(ImportColumn.SOURCE, was, source.value, source.meant)
