"""Outside numbers by the names that a member gave them, so that a person can be texted by name."""

from typing import NamedTuple

from sqlalchemy import func, select

from portal.extensions import db
from portal.models import Conversation, User

from ..names import is_name_meant, key_of_name, name_condition

MOST_OFFERED = 50


class NamedNumber(NamedTuple):
    """What a member calls an outside number, and the number (E.164)."""

    name: str
    number: str


def list_named_numbers(user: User, most: int = MOST_OFFERED) -> list[NamedNumber]:
    """The numbers that the member has named and not blocked, those of the latest conversations first."""
    named = select(Conversation.name, Conversation.theirs).where(
        Conversation.user_id == user.id, Conversation.name != "", Conversation.blocked.is_(False))
    latest = named.group_by(Conversation.name, Conversation.theirs).order_by(func.max(Conversation.last_id).desc())
    return [NamedNumber(*row) for row in db.session.execute(latest.limit(most))]


def is_typed_name(typed: str) -> bool:
    """Whether this is a name and no number: it has a letter and no digit."""
    return any(char.isalpha() for char in typed) and not any(char.isdigit() for char in typed)


def number_to_text(user: User, typed: str) -> str:
    """The number (E.164) that the member calls by the typed name if it is one alone, else what was typed."""
    found = numbers_with_name(user, typed) if is_typed_name(typed) else []
    return found[0] if len(found) == 1 else typed


def numbers_with_name(user: User, typed: str) -> list[str]:
    """The numbers (E.164) that the member calls by this name; case and accents do not matter, blocked ones count.

    "Mueller" is Müller where nobody is called Mueller, and never Muller: a text must not go to another person.
    """
    named = select(Conversation.theirs, Conversation.name).where(
        Conversation.user_id == user.id, Conversation.name != "").order_by(Conversation.theirs)
    same = named.where(Conversation.name_key == key_of_name(typed))
    alike = named.where(name_condition(Conversation.name_key, typed, "{}"))
    rows = db.session.execute(same).all() or [
        row for row in db.session.execute(alike) if is_name_meant(typed, row.name)]
    return list(dict.fromkeys(row.theirs for row in rows))[:MOST_OFFERED]
