"""What is in the way of texting, counted over all users of an organization, by who can fix it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from portal.models import AccountState, Location
from portal.rules import RULES, Act, Fixer, Rule
from portal.rules.facts import NumberSource
from portal.rules.numbers import NumberKind
from portal.rules.standing import TOGGLE

from .eligibility import OrganizationSnapshot, UserProfile

# What an administrator meets before anybody can text, in the order of the table.
ASKED = tuple(rule for rule in RULES if rule.id != TOGGLE and (
    Act.USE in rule.acts or rule.id in ("campaign", "blocked", "app-version")))
# These say where the trouble is; the others concern people or the whole organization.
PLACES = frozenset({"location-country", "location-pstn"})


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One requirement: how many users fail it, and the locations at which they are.

    It can be open though nobody fails it: what the first user of an empty organization would meet.
    """

    rule: Rule
    users: int = 0
    locations: tuple[Location, ...] = ()
    done: bool = True


@dataclass
class _Failing:
    users: int = 0
    places: set[int] = field(default_factory=set)


def list_checklist_items(roll: OrganizationSnapshot) -> list[ChecklistItem]:
    """Every requirement with the number of users who fail it, in table order; one grouped count."""
    failing: dict[str, _Failing] = {}
    for profile, user_id, many in roll.groups() or _first_users(roll):
        for reason in roll.standing(profile, user_id).reasons:
            found = failing.setdefault(reason.id, _Failing())
            found.users += many
            found.places.add(profile.location_id or 0)
    return [_item(roll, rule, failing.get(rule.id)) for rule in ASKED]


def _first_users(roll: OrganizationSnapshot) -> Iterator[tuple[UserProfile, None, int]]:
    """Nobody yet, but somebody at each location about whom nothing would be wrong."""
    for place in roll.locations or [None]:
        yield UserProfile(place, AccountState.ACTIVE, "", NumberKind.PLAIN, NumberSource.CALLING_PLAN, None), None, 0


def _item(roll: OrganizationSnapshot, rule: Rule, found: _Failing | None) -> ChecklistItem:
    if found is None:
        return ChecklistItem(rule)
    named = (roll.locations[place] for place in found.places if rule.id in PLACES and place in roll.locations)
    return ChecklistItem(rule, found.users, tuple(sorted(named, key=lambda location: location.name_key)), done=False)


def items_for_fixer(found: Iterable[ChecklistItem], fixer: Fixer) -> list[ChecklistItem]:
    """The open items that one side can fix; what the reader could fix is the administrator's to pass on."""
    wanted = {fixer, Fixer.READER} if fixer is Fixer.ADMIN else {fixer}
    return [item for item in found if not item.done and item.rule.fixer in wanted]
