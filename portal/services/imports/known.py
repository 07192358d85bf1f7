"""What is known about those whom a file names, read in a fixed number of statements."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from portal.extensions import db
from portal.models import Claim, Location, Number, User, Word

from ..people.users import key_of
from ..toggles.eligibility import OWN_WORD, Roll

Held = tuple[User, Number | Claim | None, Word | None]


@dataclass(frozen=True, slots=True)
class Known:
    """An organization as the rows of a file meet it.

    `places` are its locations by key of their name, `users` its users by key of their address with
    their numbers and words, `taken` the keys of addresses that belong to somebody else.
    """

    roll: Roll
    places: dict[str, Location]
    users: dict[str, Held]
    taken: frozenset[str]

    @classmethod
    def about(cls, organization_id: int, keys: Collection[str]) -> "Known":
        """Read what there is about these addresses: six statements, however many they are."""
        roll = Roll.of(organization_id)
        found = select(User, Number, Claim, Word).outerjoin(Number, Number.user_id == User.id).outerjoin(
            Claim, Claim.user_id == User.id).outerjoin(Word, OWN_WORD)
        rows = db.session.execute(found.where(User.email_key.in_(keys)))
        users: dict[str, Held] = {user.email_key: (user, number or claim, word) for user, number, claim, word in rows}
        ours = {key: held for key, held in users.items() if held[0].location_id in roll.locations}
        places = {key_of(location.name): location for location in roll.locations.values()}
        return cls(roll, places, ours, frozenset(users.keys() - ours.keys()))
