"""New users: name, address, number and sign-in link in one commit."""

from portal.extensions import db, writing
from portal.models import Location, User
from portal.rules.numbers import Reading

from .. import audit
from ..accounts.passwords import add_link
from .numbers import give_number, read_number
from .users import new, taken


def add(actor: User, name: str, email: str, location: Location, number: str = "") -> tuple[User, str]:
    """Add a user with an optional primary number; returns them and the token of their sign-in link.

    Raises Clash when the address or the number is taken or the number cannot be read.
    """
    reading = read_number(number, location) if number.strip() else None
    with writing():
        # An address that cannot be used is counted, and that stays; of the user nothing does.
        clash = taken(actor, email)
        if clash is None:
            return _add(actor, new(name, email, location), reading)
    raise clash


def _add(actor: User, user: User, reading: Reading | None) -> tuple[User, str]:
    db.session.add(user)
    db.session.flush()
    audit.record(actor, "user-added", user)
    if reading:
        give_number(actor, user, reading)
    return user, add_link(actor, user)
