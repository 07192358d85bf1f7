"""Switching texting on and off, for an organization, a location or a user.

One table of words, keyed by level and unit. A word is changed in one commit with its audit event, and
only by whoever saw its present version.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement

from portal.extensions import db, now, writing
from portal.models import Location, Organization, User, Word
from portal.rules import Act, Decision, Facts, decide
from portal.rules.facts import Actor, Change, Lock
from portal.rules.switches import Level, Said, lock_above

from .. import audit
from .eligibility import Roll
from .preview import Effect, Outcome, Wish, affected, effect, wish_of, word_of

__all__ = [
    "Effect", "Held", "Outcome", "Stale", "Unit", "Wish", "affected", "effect", "effect_on", "held", "judge",
    "judge_many", "level_of", "lock_over", "say", "tidy", "turn", "under", "wish_of", "word_of",
]

Unit = Organization | Location | User
SILENCE = Wish(None)


@dataclass(frozen=True, slots=True)
class Held:
    """What a level says now: the wish that was granted, who said it, when, and its version (0: nothing)."""

    wish: Wish = SILENCE
    version: int = 0
    by: str = ""
    at: datetime | None = None


class Stale(Exception):
    """Somebody else changed the word since the form was shown. Nothing was written."""

    def __init__(self, unit: Unit, theirs: Held, yours: Wish) -> None:
        super().__init__("stale")
        self.unit, self.theirs, self.yours = unit, theirs, yours


def level_of(unit: Unit) -> Level:
    """The level at which a unit speaks."""
    return Level(audit.kind_of(unit))


def held(unit: Unit) -> Held:
    """What a unit says now."""
    word = db.session.get(Word, (level_of(unit), unit.id))
    return Held() if word is None else _held(word)


def _held(word: Word) -> Held:
    return Held(Wish(word.on, word.locked, word.reason), word.version, word.said_by, word.said_at)


def under(unit: Unit) -> ColumnElement[bool]:
    """The condition that selects the users whom a unit's word concerns."""
    return {Level.ORGANIZATION: User.organization_id, Level.LOCATION: User.location_id,
            Level.USER: User.id}[level_of(unit)] == unit.id


def effect_on(unit: Unit, wish: Wish, roll: Roll | None = None) -> Effect:
    """What a wish of one unit would do to the users whom it concerns."""
    roll = roll or Roll.of(_organization_id(unit))
    return effect(level_of(unit), wish, [under(unit)], roll)


def _organization_id(unit: Unit) -> int:
    return unit.id if isinstance(unit, Organization) else unit.organization_id or 0


def lock_over(unit: Unit, roll: Roll) -> Lock | None:
    """The lock that a broader level holds over this unit, with who placed it, when and why."""
    return _lock(roll, level_of(unit), unit.id if isinstance(unit, Location) else getattr(unit, "location_id", None))


def _lock(roll: Roll, level: Level, location_id: int | None) -> Lock | None:
    places = {Level.ORGANIZATION: roll.organization.id, Level.LOCATION: location_id or 0}
    words = {at: roll.words[at, place] for at, place in places.items() if (at, place) in roll.words}
    above = lock_above(level, {at: Said(bool(word.on), word.locked) for at, word in words.items()})
    if above is None:
        return None
    return Lock(above, words[above].said_by, words[above].said_at, words[above].reason)


def judge(actor: User, unit: Unit, wish: Wish, roll: Roll | None = None) -> Decision:
    """Whether this person may say this word here, with every reason and warning; nothing is written."""
    roll = roll or Roll.of(_organization_id(unit))
    return _decide(actor, wish, effect_on(unit, wish, roll), lock_over(unit, roll), roll)


def judge_many(actor: User, wish: Wish, where: Sequence[ColumnElement[bool]], roll: Roll) -> tuple[Decision, Effect]:
    """Whether this person may say this word for all these users, and what it would do to them.

    A lock above any of them refuses the whole change: it could not do what it says.
    """
    done = effect(Level.USER, wish, where, roll)
    places = {profile.location_id for profile, _user, _many in roll.groups(where)}
    locks = [_lock(roll, Level.USER, place) for place in places]
    return _decide(actor, wish, done, next((lock for lock in locks if lock), None), roll), done


def _decide(actor: User, wish: Wish, done: Effect, lock: Lock | None, roll: Roll) -> Decision:
    return decide(Act.SWITCH, Facts(
        actor=Actor(actor.admin and actor.organization_id == roll.organization.id),
        organization=roll.organization_facts(),
        change=Change(wish.on, done.turns_on, lock, done.idle, done.why),
    ))


def turn(actor: User, unit: Unit, wish: Wish, version: int) -> Decision:
    """Say a word for a unit, unless a rule forbids it; the decision holds every reason.

    `version` is the one that the form was made from (0: nothing was said). Writes the word and its
    audit event in one commit, or nothing when refused or unchanged.
    Raises Stale when somebody else changed the word in between.
    """
    with writing():
        there = held(unit)
        if there.version != version:
            raise Stale(unit, there, wish)
        decision = judge(actor, unit, wish)
        if decision.allowed and there.wish != tidy(unit, wish):
            say(actor, unit, tidy(unit, wish))
    return decision


def tidy(unit: Unit, wish: Wish) -> Wish:
    """A wish without what makes no sense: no lock on silence or on a user's word, no reason without a lock."""
    locked = wish.locked and wish.on is not None and not isinstance(unit, User)
    return replace(wish, locked=locked, reason=wish.reason.strip() if locked else "")


def say(actor: User | None, unit: Unit, wish: Wish) -> None:
    """Write a word and its audit event into the open write transaction, without asking the rules."""
    word = db.session.get(Word, (level_of(unit), unit.id))
    was = _held(word).wish if word else SILENCE
    told = {"was": word_of(was), "now": word_of(wish)} | ({"reason": wish.reason} if wish.reason else {})
    event = audit.record(actor, "texting-reason" if wish.reason else "texting", unit, **told)
    if word is None:
        word = Word(level=level_of(unit), unit_id=unit.id, organization_id=_organization_id(unit), version=0)
        db.session.add(word)
    word.on, word.locked, word.reason = wish.on, wish.locked, wish.reason
    word.version += 1
    word.said_by, word.said_at, word.event_id = event.actor_name, now(), event.id
    db.session.flush()
