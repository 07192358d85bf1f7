"""What is in the way of texting, counted over all users of an organization, by who can fix it."""

from collections import Counter
from dataclasses import dataclass

from portal.models import Location
from portal.rules import BY_ID, RULES, Act, Fixer, Rule
from portal.rules.standing import TOGGLE

from .standing import Roll

# What an administrator meets before anybody can text, in the order of the table.
ASKED = tuple(rule for rule in RULES if rule.id != TOGGLE and (
    Act.USE in rule.acts or rule.id in ("campaign", "blocked", "app-version")))
# These say where the trouble is; the others concern people or the whole organization.
PLACES = frozenset({"location-country", "location-pstn"})


@dataclass(frozen=True, slots=True)
class Item:
    """One requirement: how many users fail it, and the locations at which they are."""

    rule: Rule
    users: int
    locations: tuple[Location, ...] = ()

    @property
    def done(self) -> bool:
        """Whether nobody fails it."""
        return self.users == 0


def items(roll: Roll) -> list[Item]:
    """Every requirement with the number of users who fail it, in table order; one grouped count."""
    failed: Counter[str] = Counter()
    places: dict[str, set[int]] = {}
    for profile, user_id, many in roll.groups():
        held = roll.standing(profile, user_id)
        for rule_id in {reason.id for reason in (*held.use.reasons, *held.send.reasons)}:
            failed[rule_id] += many
            if rule_id in PLACES and profile.location_id is not None:
                places.setdefault(rule_id, set()).add(profile.location_id)
    return [Item(rule, failed[rule.id], _named(roll, places.get(rule.id, set()))) for rule in ASKED]


def _named(roll: Roll, ids: set[int]) -> tuple[Location, ...]:
    return tuple(sorted((roll.locations[one] for one in ids), key=lambda location: location.name_key))


def for_fixer(found: list[Item], fixer: Fixer) -> list[Item]:
    """The open items that one side can fix; what the reader could fix is the administrator's to pass on."""
    wanted = {fixer, Fixer.READER} if fixer is Fixer.ADMIN else {fixer}
    return [item for item in found if not item.done and item.rule.fixer in wanted]


def known(rule_id: str) -> Rule | None:
    """A rule by the id in an address, or None."""
    return BY_ID.get(rule_id)
