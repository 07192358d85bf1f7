"""Switching texting on and off, for an organization, a location or a user.

One table of words, keyed by level and unit. A word is changed in one commit with its audit event, and
only by whoever saw its present version. The effect that is shown before is computed by the same code
that decides afterwards.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement

from portal.extensions import db, now, writing
from portal.models import Location, Organization, User, Word
from portal.rules import BY_ID, Act, Decision, Facts, decide
from portal.rules.facts import Actor, Change, Lock
from portal.rules.switches import Effective, Level, Said, lock_above, resolve

from . import audit
from .standing import Profile, Roll

Unit = Organization | Location | User


class Outcome(StrEnum):
    """What a change does to a user."""

    TURN_ON = "turn-on"
    TURN_OFF = "turn-off"
    OWN_WORD = "own-setting"
    UNCHANGED = "unchanged"
    NOT_AVAILABLE = "not-available"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants a level to say; `on` None takes its word back."""

    on: bool | None
    locked: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """What a level says now: the wish that was granted, who said it, when, and its version (0: nothing)."""

    wish: Wish = Wish(None)
    version: int = 0
    by: str = ""
    at: datetime | None = None


class Stale(Exception):
    """Somebody else changed the word since the form was shown. Nothing was written."""

    def __init__(self, unit: Unit, theirs: Held, yours: Wish) -> None:
        super().__init__("stale")
        self.unit, self.theirs, self.yours = unit, theirs, yours


@dataclass(frozen=True, slots=True)
class Effect:
    """How many users a change turns on, turns off, leaves alone or cannot reach.

    `ignored` own words are kept and do not apply while the change is locked; `idle` users are switched
    on and still cannot text, because of the rules whose ids are in `why`.
    """

    counts: Counter[Outcome]
    ignored: int
    idle: int
    why: tuple[str, ...]
    turns_on: bool


    @classmethod
    def only(cls, outcome: Outcome) -> "Effect":
        """An effect on one user, to name an outcome by."""
        return cls(Counter({outcome: 1}), 0, 0, (), turns_on=False)


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


def _after(roll: Roll, profile: Profile, level: Level, wish: Wish) -> Effective:
    said = {at: word for at, word in roll.said(profile).items() if at is not level}
    if wish.on is not None:
        said[level] = Said(wish.on, wish.locked)
    return resolve(said)


def _outcome(before: Effective, after: Effective, level: Level, eligible: bool) -> Outcome:
    if not eligible:
        return Outcome.NOT_AVAILABLE
    if before.on != after.on:
        return Outcome.TURN_ON if after.on else Outcome.TURN_OFF
    narrower = list(Level)[list(Level).index(level) + 1:]
    return Outcome.OWN_WORD if after.level in narrower else Outcome.UNCHANGED


@dataclass(frozen=True, slots=True)
class _Group:
    """Users whom a change meets in the same way."""

    profile: Profile
    user_id: int | None
    many: int
    before: Effective
    after: Effective
    outcome: Outcome


def _met(roll: Roll, level: Level, wish: Wish, where: Iterable[ColumnElement[bool]]) -> list[_Group]:
    met = []
    for profile, user_id, many in roll.groups(where):
        before, after = roll.effective(profile), _after(roll, profile, level, wish)
        outcome = _outcome(before, after, level, roll.standing(profile, user_id).eligible)
        met.append(_Group(profile, user_id, many, before, after, outcome))
    return met


def effect(level: Level, wish: Wish, where: Sequence[ColumnElement[bool]], roll: Roll) -> Effect:
    """What a change at a level would do to the users selected by `where`: exact counts, nothing written."""
    groups = _met(roll, level, wish, where)
    counts: Counter[Outcome] = Counter()
    for group in groups:
        counts[group.outcome] += group.many
    idle = [group for group in groups if group.outcome is Outcome.NOT_AVAILABLE and group.after.on]
    broken = {reason.id for group in idle for reason in roll.standing(group.profile, group.user_id).use.blocking}
    return Effect(
        counts,
        _ignored(roll, level, wish, groups),
        sum(group.many for group in idle),
        tuple(rule for rule in BY_ID if rule in broken and rule != "texting-off"),
        wish.on is True or any(group.after.on and not group.before.on for group in groups),
    )


def _ignored(roll: Roll, level: Level, wish: Wish, groups: list[_Group]) -> int:
    if not wish.locked:
        return 0
    places = [word for at, word in roll.words.items() if at[0] is Level.LOCATION and word.on is not None]
    users = sum(group.many for group in groups if group.profile.word is not None)
    return users + (len(places) if level is Level.ORGANIZATION else 0)


def effect_on(unit: Unit, wish: Wish, roll: Roll | None = None) -> Effect:
    """What a wish of one unit would do to the users whom it concerns."""
    roll = roll or Roll.of(_organization_id(unit))
    return effect(level_of(unit), wish, [under(unit)], roll)


def affected(level: Level, wish: Wish, outcome: Outcome, where: Sequence[ColumnElement[bool]],
             roll: Roll) -> list[tuple[Profile, int | None]]:
    """The groups of users for whom a change has this outcome, for `standing.belonging`."""
    return [(group.profile, group.user_id) for group in _met(roll, level, wish, where)
            if group.outcome is outcome]


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
    done = effect_on(unit, wish, roll)
    return decide(Act.SWITCH, Facts(
        actor=Actor(actor.admin and actor.organization_id == roll.organization.id),
        organization=roll.organization_facts(),
        change=Change(wish.on, done.turns_on, lock_over(unit, roll), done.idle, done.why),
    ))


def judge_many(actor: User, wish: Wish, where: Sequence[ColumnElement[bool]], roll: Roll) -> tuple[Decision, Effect]:
    """Whether this person may say this word for all these users, and what it would do to them.

    A lock above any of them refuses the whole change: it could not do what it says.
    """
    done = effect(Level.USER, wish, where, roll)
    concerned = {profile.location_id for profile, _user, _many in roll.groups(where)}
    locks = (lock for lock in (_lock(roll, Level.USER, location_id) for location_id in concerned) if lock)
    return decide(Act.SWITCH, Facts(
        actor=Actor(actor.admin and actor.organization_id == roll.organization.id),
        organization=roll.organization_facts(),
        change=Change(wish.on, done.turns_on, next(locks, None), done.idle, done.why),
    )), done


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


def word_of(wish: Wish) -> str:
    """A wish in one of the five words that the audit log keeps."""
    if wish.on is None:
        return "inherit"
    return ("on" if wish.on else "off") + ("-locked" if wish.locked else "")


def wish_of(word: str) -> Wish:
    """The wish for one of those words; anything else is silence."""
    said = {"on": Wish(True), "off": Wish(False), "on-locked": Wish(True, True), "off-locked": Wish(False, True)}
    return said.get(word, Wish(None))


def say(actor: User | None, unit: Unit, wish: Wish) -> None:
    """Write a word and its audit event into the open write transaction, without asking the rules."""
    word = db.session.get(Word, (level_of(unit), unit.id))
    was = _held(word).wish if word else Wish(None)
    told = {"was": word_of(was), "now": word_of(wish)} | ({"reason": wish.reason} if wish.reason else {})
    event = audit.record(actor, "texting-reason" if wish.reason else "texting", unit, **told)
    if word is None:
        word = Word(level=level_of(unit), unit_id=unit.id, organization_id=_organization_id(unit), version=0)
        db.session.add(word)
    word.on, word.locked, word.reason = wish.on, wish.locked, wish.reason
    word.version += 1
    word.said_by, word.said_at, word.event_id = event.actor_name, now(), event.id
    db.session.flush()
