"""What pages of administration show: one object for each page, and its template sees nothing else of its own.

`tests/web/test_page_objects.py` has the table of these pages and holds their templates to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup
from wtforms import Field

from portal.models import AuditEvent, ConsentRecord, Location, User
from portal.services.toggles.known_units import KnownLocation
from portal.services.toggles.toggle import SettingValue
from portal.services.toggles.user_list import UserChoice
from portal.services.toggles.user_orders import ListedUser
from portal.wording import ReasonText, StateLabel

from .consent_forms import CorrectConsentForm, TypedConsentForm, WithdrawConsentForm
from .forms import AccountStateForm, NewLocationForm, UserDetailsForm, UserNumberForm, UserRoleForm
from .location_forms import DAY_NAMES, LocationAnswersForm
from .sorting import ListHead
from .toggle_forms import UserToggleForm

# --- a list: the users ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListPager:
    """How many rows there are, in words, and the addresses of other pages; "" where there is none."""

    shown: str
    first: str
    previous: str
    next: str


class StandingWords(NamedTuple):
    """What the list says of all users of one group: their state, and what it comes from.

    `why` says in a few words what stops them, else who set what counts. `on` is the setting that holds; `locked` names
    the broader level that is locked, or is "".
    """

    state: StateLabel
    why: str
    on: bool
    locked: str


@dataclass(frozen=True, slots=True)
class UserLine:
    """One user in the list; `number` is "" without one, `claimed` says that the provider has not confirmed it.

    `place` is the name of their location, `version` is that of their own setting.
    """

    user: ListedUser
    place: str
    number: str
    claimed: bool
    version: int
    said: StandingWords


@dataclass(frozen=True, slots=True)
class FilterChip:
    """A filter as a link: its words, how many it finds (None where nobody counts), where it leads."""

    label: str
    many: int | None
    address: str
    current: bool


@dataclass(frozen=True, slots=True)
class UsersPage:
    """The list of users with its filters.

    `filters` are those in use, by name; `hidden_filter` describes one that has no field on the page, or is "".
    `everybody` labels the checkbox for all users on the filter; `chips` are the filter Texting; `heads` sort. `refused`
    says why a press on a switch did nothing; `running` is the address of a change of many that is under way, or "".
    `rows` are the users as they stand on the page.
    """

    rows: Markup
    pager: ListPager
    chosen: UserChoice
    filters: dict[str, str]
    hidden_filter: str
    everybody: str
    locations: Sequence[KnownLocation]
    chips: Sequence[FilterChip]
    heads: Mapping[str, ListHead]
    refused: Sequence[ReasonText] = ()
    running: str = ""

    @property
    def finds_some(self) -> bool:
        """Whether a search or a filter leaves users out; an order does not."""
        return bool(self.filters.keys() - {"sort"})


# --- a record: one user --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UserTexting:
    """Whether texting is on for a user, who set it, what comes of it, and why.

    `on` is the setting that holds and `state` what comes of it. `own` says what their own setting is, "" without one;
    `default` what the default settings give. `locked` says who locked a broader level, "" where nobody has, with its
    reason and the address of the lock. `refused` are the reasons against a press; `slowed` is "" where nothing slows
    their texts.
    """

    form: UserToggleForm
    on: bool
    state: StateLabel
    own: str
    default: str
    locked: str
    lock_reason: str
    lock_address: str
    reasons: Sequence[ReasonText]
    slowed: str
    refused: Sequence[ReasonText]


@dataclass(frozen=True, slots=True)
class UserAccount:
    """The forms about a user's account, and the numbers that they can get."""

    details: UserDetailsForm
    number: UserNumberForm
    role: UserRoleForm
    access: AccountStateForm
    disputed: bool
    free_numbers: Sequence[str]


@dataclass(frozen=True, slots=True)
class UserAdminPage:
    """The page about one user. The part about texting gets the same object, without account and history."""

    user: User
    part_id: str
    texting: UserTexting
    account: UserAccount | None = None
    history: Sequence[tuple[AuditEvent, str]] = ()
    errors: bool = False


# --- a form: the answers of a location -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AnswerExample:
    """What people get to read and when: the code of each language with the words."""

    when: str
    bodies: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class LocationAnswersPage:
    """Language of answers and opening hours of a location, and examples of its answers."""

    form: LocationAnswersForm
    location: Location
    examples: Sequence[AnswerExample]
    errors: bool = False

    @property
    def spans(self) -> list[tuple[Field, Field]]:
        """The fields of beginning and end, for each kind of day."""
        return [(self.form[f"{name}_from"], self.form[f"{name}_to"]) for name in DAY_NAMES]


# --- a form: a new location ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewLocationPage:
    """The form for a new location."""

    form: NewLocationForm

    @property
    def errors(self) -> bool:
        """Whether the form was refused; the title says so."""
        return bool(self.form.errors)


# --- locations -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LocationLine:
    """One location in the list; `state` says which level decided whether texting is on there.

    `own` is the location's own setting with its `version`; `locked` names the organization where that is locked.
    """

    location: KnownLocation
    state: str
    users: int
    on: bool
    own: SettingValue
    version: int
    locked: str


@dataclass(frozen=True, slots=True)
class LocationsPage:
    """The list of locations, in the order that its heads tell."""

    lines: Sequence[LocationLine]
    heads: Mapping[str, ListHead]


# --- consents ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """One consent; `can` says whether it can still be corrected and withdrawn."""

    record: ConsentRecord
    can: bool
    writer: str
    state: str
    proof: str


@dataclass(frozen=True, slots=True)
class ConsentsPage:
    """The list of consents around the form for a new one; `older` is the last id shown if more follow."""

    form: TypedConsentForm
    lines: Sequence[ConsentLine]
    search: str
    newest: bool
    older: int | None

    @property
    def errors(self) -> bool:
        """Whether the form was refused; the title says so."""
        return bool(self.form.errors)


@dataclass(frozen=True, slots=True)
class ConsentPage:
    """One consent, and the forms to withdraw and to correct it."""

    shown: ConsentLine
    withdrawing: WithdrawConsentForm
    correcting: CorrectConsentForm

    @property
    def errors(self) -> bool:
        """Whether one of the forms was refused; the title says so."""
        return bool(self.withdrawing.errors or self.correcting.errors)
