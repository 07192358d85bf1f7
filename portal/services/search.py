"""Find by name or number what a person may see anyway: people, numbers, opt-outs, conversations, organizations.

Administrators and auditors find the users, numbers and opt-outs of their organization, operators all organizations and
their numbers, members their own conversations. Each kind takes one statement, and gives a few rows.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, case, or_, select, union_all

from portal import lengths
from portal.extensions import db
from portal.models import Claim, Location, Number, OptOut, Organization, User
from portal.rules import addresses

from . import names
from .texting import conversations

# So many of each kind are shown.
MOST_FOUND = 8
# Fewer digits are in nearly every number.
FEWEST_DIGITS = 3


class TypedWords(NamedTuple):
    """What was typed, and the digits of a number in it; "" where it is none."""

    typed: str
    digits: str


class FoundPerson(NamedTuple):
    """A user of the reader's organization, and the name of their location."""

    user: User
    place: str


class FoundNumber(NamedTuple):
    """A number (E.164), the user who has or claims it (None for nobody), and the organization."""

    e164: str
    holder: User | None
    organization: Organization


class FoundRows(NamedTuple):
    """What was found of one kind, at most `MOST_FOUND` rows; `more` says that there are others."""

    rows: Sequence[Any]
    more: bool


def search_portal(actor: User, typed: str) -> Mapping[str, FoundRows]:
    """What a person finds by what they type, by kind; a kind that is not for them is not there.

    `people` are `FoundPerson`, `numbers` `FoundNumber`, `optouts` `OptOut`, `conversations` `InboxRow`, `organizations`
    `Organization`.
    """
    words = _read_words(typed)
    found = {kind: find(actor, words) if words.typed else [] for kind, find in _kinds_of(actor).items()}
    return {kind: FoundRows(rows[:MOST_FOUND], len(rows) > MOST_FOUND) for kind, rows in found.items()}


def _read_words(typed: str) -> TypedWords:
    key, digits = names.key_of_name(typed), names.digits_of_search(typed)
    fits = bool(key) and len(typed) <= lengths.SEARCH_WORDS
    return TypedWords(typed, digits if len(digits) >= FEWEST_DIGITS else "") if fits else TypedWords("", "")


def _kinds_of(actor: User) -> Mapping[str, Callable[[User, TypedWords], Sequence[Any]]]:
    member = actor.organization_id is not None
    inside = member and (actor.admin or actor.auditor)
    return {kind: find for kind, find, theirs in (
        ("organizations", _organizations, actor.operator), ("people", _people, inside),
        ("numbers", _numbers, inside or actor.operator), ("optouts", _optouts, inside),
        ("conversations", _conversations, member)) if theirs}


def _like(key: str) -> str:
    return f"%{names.escape_like(key)}%"


def _first_by_name(kind: type[User | Organization], typed: str) -> tuple[Any, ...]:
    """Names in which a word begins so before all others, in order of names."""
    begins = [names.name_condition(kind.name_key, typed, pattern) for pattern in ("{}%", "% {}%")]
    return case((or_(*begins), 0), else_=1), kind.name_key, kind.id


def _people(actor: User, words: TypedWords) -> Sequence[Any]:
    """They are chosen by what stands in the index of names; nothing else is read of all others."""
    hits = or_(names.name_condition(User.name_key, words.typed),
               User.email_key.like(_like(addresses.key_of_address(words.typed)), escape="\\"))
    first = _first_by_name(User, words.typed)
    chosen = select(User.id).where(User.organization_id == actor.organization_id, User.location_id.is_not(None),
                                   hits).order_by(*first).limit(MOST_FOUND + 1)
    found = select(User, Location.name).join(Location, Location.id == User.location_id).where(
        User.id.in_(chosen.subquery().select())).order_by(*first)
    return [FoundPerson(*row) for row in db.session.execute(found)]


def _organizations(_actor: User, words: TypedWords) -> Sequence[Any]:
    found = select(Organization).where(names.name_condition(Organization.name_key, words.typed))
    return db.session.scalars(found.order_by(*_first_by_name(Organization, words.typed)).limit(MOST_FOUND + 1)).all()


def _numbers(actor: User, words: TypedWords) -> Sequence[Any]:
    if not words.digits:
        return []
    both = union_all(*(_with_digits(kind, actor, words.digits) for kind in (Number, Claim))).subquery()
    found = select(both.c.e164, User, Organization).join(
        Organization, Organization.id == both.c.organization_id).outerjoin(User, User.id == both.c.user_id)
    rows = db.session.execute(found.order_by(both.c.e164, Organization.id).limit(MOST_FOUND + 1))
    return [FoundNumber(*row) for row in rows]


def _with_digits(kind: type[Number | Claim], actor: User, digits: str) -> Select[str, int | None, int]:
    """Operators look through all organizations, everybody else through their own."""
    theirs = () if actor.operator else (kind.organization_id == actor.organization_id,)
    return select(kind.e164, kind.user_id, kind.organization_id).where(kind.e164.like(f"%{digits}%"), *theirs)


def _optouts(actor: User, words: TypedWords) -> Sequence[Any]:
    if not words.digits:
        return []
    found = select(OptOut).where(OptOut.organization_id == actor.organization_id, OptOut.theirs.like(
        f"%{words.digits}%")).order_by(OptOut.theirs)
    return db.session.scalars(found.limit(MOST_FOUND + 1)).all()


def _conversations(actor: User, words: TypedWords) -> Sequence[Any]:
    return conversations.list_inbox_rows(actor, words.typed, most=MOST_FOUND + 1)[0]
