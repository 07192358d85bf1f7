"""New users: name, address, number and sign-in link in one commit."""

from portal.extensions import writing
from portal.models import Location, User

from . import audit
from .accounts import add_link
from .people import new, refuse_taken
from .primary_numbers import give_number, read_number


def add(actor: User, name: str, email: str, location: Location, number: str = "") -> tuple[User, str]:
    """Add a user with an optional primary number; returns them and the token of their sign-in link.

    Raises Clash when the address or the number is taken or the number cannot be read.
    """
    reading = read_number(number, location) if number.strip() else None
    with writing() as session:
        refuse_taken(email)
        user = new(name, email, location)
        session.add(user)
        session.flush()
        audit.record(actor, "user-added", user)
        if reading:
            give_number(actor, user, reading)
        return user, add_link(actor, user)
