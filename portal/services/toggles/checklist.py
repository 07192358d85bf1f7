"""What keeps users of an organization from texting: each requirement, how many users fail it, and who can fix it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from portal.models import AccountState
from portal.rules import RULES, Act, Fixer, Rule, Standing, UserState
from portal.rules.facts import NumberSource
from portal.rules.numbers import NumberKind
from portal.rules.standing import TOGGLE

from .eligibility import OrganizationSnapshot
from .groups import UserGroup
from .known_units import KnownLocation
from .profiles import UserProfile

# The requirements that an administrator meets before the first user can text, in the order of the rule table.
ASKED = tuple(rule for rule in RULES if rule.id != TOGGLE and (
    Act.USE in rule.acts or rule.id in ("campaign", "blocked", "app-version")))
# Rules about a location: only for these does the list name the locations.
PLACES = frozenset({"location-country", "location-pstn"})


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One requirement: how many users fail it, and the locations at which they are.

    An item can be open with 0 users: then it is what the first user of an empty organization would fail.
    """

    rule: Rule
    users: int = 0
    locations: tuple[KnownLocation, ...] = ()
    done: bool = True


@dataclass
class _Failing:
    users: int = 0
    places: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an organization has come: its users by state, how many of those who cannot text an administrator alone
    could help, and every requirement in table order."""

    states: Counter[UserState]
    fixable: int
    items: list[ChecklistItem]


def list_checklist_items(snapshot: OrganizationSnapshot) -> list[ChecklistItem]:
    """Every requirement with the number of users who fail it, in table order; one grouped count."""
    return read_progress(snapshot).items


def read_progress(snapshot: OrganizationSnapshot) -> Progress:
    """How far the organization of a snapshot has come; one grouped count answers everything."""
    failing: dict[str, _Failing] = {}
    states: Counter[UserState] = Counter()
    fixable = 0
    for group in snapshot.groups() or _first_users(snapshot):
        standing, many = snapshot.standing(group.profile, group.user_id), group.many
        states[standing.state] += many
        fixable += many if _admins_alone_can_help(standing) else 0
        for reason in standing.reasons:
            found = failing.setdefault(reason.id, _Failing())
            found.users += many
            found.places.update(group.places if reason.id in PLACES else ())
    return Progress(states, fixable, [_item(snapshot, rule, failing.get(rule.id)) for rule in ASKED])


def _admins_alone_can_help(standing: Standing) -> bool:
    """Whether somebody is not available, for reasons that administrators can all take away by themselves."""
    return standing.state is UserState.NOT_AVAILABLE and all(
        reason.rule.fixer is Fixer.ADMIN for reason in standing.use.blocking)


def _first_users(snapshot: OrganizationSnapshot) -> Iterator[UserGroup]:
    """For an organization without users: one imagined user per location with nothing wrong about them, counted 0."""
    for place in snapshot.locations or [None]:
        profile = UserProfile(place, AccountState.ACTIVE, "", NumberKind.PLAIN, NumberSource.CALLING_PLAN, None)
        yield UserGroup(profile, None, 0, str(place or 0))


def _item(snapshot: OrganizationSnapshot, rule: Rule, found: _Failing | None) -> ChecklistItem:
    if found is None:
        return ChecklistItem(rule)
    named = (snapshot.locations[place] for place in found.places if rule.id in PLACES and place in snapshot.locations)
    return ChecklistItem(rule, found.users, tuple(sorted(named, key=lambda location: location.name_key)), done=False)


def items_for_fixer(found: Iterable[ChecklistItem], fixer: Fixer) -> list[ChecklistItem]:
    """The open items that one side can fix; administrators also see what only users can fix, to tell them."""
    wanted = {fixer, Fixer.READER} if fixer is Fixer.ADMIN else {fixer}
    return [item for item in found if not item.done and item.rule.fixer in wanted]
