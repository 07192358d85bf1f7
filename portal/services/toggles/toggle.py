"""Switching texting on and off, for an organization, a location or a user.

One table of words, keyed by level and unit. A word is changed in one commit with its audit event, and
only by whoever saw its present version.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, select
from sqlalchemy.dialects.sqlite import insert as upsert

from portal.extensions import db, now, writing
from portal.models import AuditEvent, Location, Organization, Setting, User
from portal.rules import Act, Decision, Facts, decide
from portal.rules.facts import ActorFacts, Change, Lock
from portal.rules.switches import Level, SettingValue, lock_above

from .. import audit
from .eligibility import OrganizationSnapshot
from .preview import (
    RequestedSetting,
    ToggleOutcome,
    TogglePreview,
    groups_with_outcome,
    preview_toggle,
    read_setting_word,
    setting_word,
)

__all__ = [
    "CurrentSetting",
    "RequestedSetting",
    "SettingChange",
    "StaleSetting",
    "ToggleOutcome",
    "TogglePreview",
    "Unit",
    "change_setting",
    "current_setting",
    "groups_with_outcome",
    "judge_bulk_change",
    "judge_change",
    "level_of_unit",
    "lock_over_unit",
    "preview_change",
    "preview_toggle",
    "read_setting_word",
    "setting_word",
    "tidy_setting",
    "users_under_unit",
    "write_setting",
    "write_settings",
]

Unit = Organization | Location | User
SILENCE = RequestedSetting(None)


@dataclass(frozen=True, slots=True)
class CurrentSetting:
    """What a level says now: the wish that was granted, who said it, when, and its version (0: nothing)."""

    wish: RequestedSetting = SILENCE
    version: int = 0
    by: str = ""
    at: datetime | None = None


class StaleSetting(Exception):
    """Somebody else changed the word since the form was shown. Nothing was written."""

    def __init__(self, unit: Unit, theirs: CurrentSetting, yours: RequestedSetting) -> None:
        super().__init__("stale")
        self.unit, self.theirs, self.yours = unit, theirs, yours


def level_of_unit(unit: Unit) -> Level:
    """The level at which a unit speaks."""
    return Level(audit.kind_of_subject(unit))


def current_setting(unit: Unit) -> CurrentSetting:
    """What a unit says now."""
    word = db.session.get(Setting, (level_of_unit(unit), unit.id))
    return CurrentSetting() if word is None else _held(word)


def _held(word: Setting) -> CurrentSetting:
    return CurrentSetting(RequestedSetting(word.on, word.locked, word.reason), word.version, word.said_by, word.said_at)


def users_under_unit(unit: Unit) -> ColumnElement[bool]:
    """The condition that selects the users whom a unit's word concerns."""
    return {Level.ORGANIZATION: User.organization_id, Level.LOCATION: User.location_id,
            Level.USER: User.id}[level_of_unit(unit)] == unit.id


def preview_change(unit: Unit, wish: RequestedSetting, roll: OrganizationSnapshot | None = None) -> TogglePreview:
    """What a wish of one unit would do to the users whom it concerns."""
    roll = roll or OrganizationSnapshot.of(_organization_id(unit))
    return preview_toggle(level_of_unit(unit), wish, [users_under_unit(unit)], roll)


def _organization_id(unit: Unit) -> int:
    return unit.id if isinstance(unit, Organization) else unit.organization_id or 0


def lock_over_unit(unit: Unit, roll: OrganizationSnapshot) -> Lock | None:
    """The lock that a broader level holds over this unit, with who placed it, when and why."""
    return _lock(roll, level_of_unit(unit),
                 unit.id if isinstance(unit, Location) else getattr(unit, "location_id", None))


def _lock(roll: OrganizationSnapshot, level: Level, location_id: int | None) -> Lock | None:
    places = {Level.ORGANIZATION: roll.organization.id, Level.LOCATION: location_id or 0}
    words = {at: roll.words[at, place] for at, place in places.items() if (at, place) in roll.words}
    above = lock_above(level, {at: SettingValue(bool(word.on), word.locked) for at, word in words.items()})
    if above is None:
        return None
    return Lock(above, words[above].said_by, words[above].said_at, words[above].reason)


def judge_change(actor: User, unit: Unit, wish: RequestedSetting, roll: OrganizationSnapshot | None = None) -> Decision:
    """Whether this person may say this word here, with every reason and warning; nothing is written."""
    roll = roll or OrganizationSnapshot.of(_organization_id(unit))
    return _decide(actor, wish, preview_change(unit, wish, roll), lock_over_unit(unit, roll), roll)


def judge_bulk_change(actor: User, wish: RequestedSetting, where: Sequence[ColumnElement[bool]],
                      roll: OrganizationSnapshot) -> tuple[Decision, TogglePreview]:
    """Whether this person may say this word for all these users, and what it would do to them.

    A lock above any of them refuses the whole change: it could not do what it says.
    """
    done = preview_toggle(Level.USER, wish, where, roll)
    places = {profile.location_id for profile, _user, _many in roll.groups(where)}
    locks = [_lock(roll, Level.USER, place) for place in places]
    return _decide(actor, wish, done, next((lock for lock in locks if lock), None), roll), done


def _decide(actor: User, wish: RequestedSetting, done: TogglePreview, lock: Lock | None,
            roll: OrganizationSnapshot) -> Decision:
    return decide(Act.SWITCH, Facts(
        actor=ActorFacts(actor.admin and actor.organization_id == roll.organization.id),
        organization=roll.organization_facts(),
        change=Change(wish.on, done.turns_on, lock, done.idle, done.why),
    ))


def change_setting(actor: User, unit: Unit, wish: RequestedSetting, version: int) -> Decision:
    """Say a word for a unit, unless a rule forbids it; the decision holds every reason.

    `version` is the one that the form was made from (0: nothing was said). Writes the word and its
    audit event in one commit, or nothing when refused or unchanged.
    Raises Stale when somebody else changed the word in between.
    """
    with writing():
        there = current_setting(unit)
        if there.version != version:
            raise StaleSetting(unit, there, wish)
        decision = judge_change(actor, unit, wish)
        if decision.allowed and there.wish != tidy_setting(unit, wish):
            write_setting(actor, unit, tidy_setting(unit, wish))
    return decision


def tidy_setting(unit: Unit, wish: RequestedSetting) -> RequestedSetting:
    """A wish without what makes no sense: no lock on silence or on a user's word, no reason without a lock."""
    locked = wish.locked and wish.on is not None and not isinstance(unit, User)
    return replace(wish, locked=locked, reason=wish.reason.strip() if locked else "")


@dataclass(frozen=True, slots=True)
class SettingChange:
    """One setting to write: of which unit (its id, and as the audit log names it), what it was and what it will be."""

    unit_id: int
    unit: audit.EventSubject
    was: RequestedSetting
    wish: RequestedSetting


# A setting that exists already keeps its row and counts its version up.
_TABLE = Setting.metadata.tables["words"]
_EVENT = select(AuditEvent.id).where(AuditEvent.ref == bindparam("event_ref")).scalar_subquery()
_FIRST = upsert(_TABLE).values(event_id=_EVENT)
_WRITTEN = _FIRST.on_conflict_do_update(index_elements=["level", "unit_id"], set_={
    **{name: _FIRST.excluded[name] for name in ("on", "locked", "reason", "said_by", "said_at", "event_id")},
    "version": _TABLE.c.version + 1})


def write_setting(actor: User | None, unit: Unit, wish: RequestedSetting) -> None:
    """Write one setting and its audit event into the open write transaction, without asking the rules.

    Through the session, so that a setting which it has loaded stays up to date.
    """
    word = db.session.get(Setting, (level_of_unit(unit), unit.id))
    change = SettingChange(unit.id, audit.EventSubject.of(unit), _held(word).wish if word else SILENCE, wish)
    action, _subject, told = _event_to_record(change)
    event = audit.record_event(actor, action, unit, **told)
    word = word or Setting(version=0)
    columns = _setting_columns(change, event.actor_name)
    for name, value in {**columns, "version": word.version + 1, "event_id": event.id}.items():
        setattr(word, name, value)
    db.session.add(word)
    db.session.flush()


def write_settings(actor: User | None, changes: Sequence[SettingChange]) -> None:
    """Do for many settings what `write_setting` does for one: two statements, however many there are.

    What the session has loaded of these settings is out of date until the commit.
    """
    events = audit.record_events(actor, [_event_to_record(change) for change in changes])
    rows = [{**_setting_columns(change, event["actor_name"]), "version": 1, "event_ref": event["ref"]}
            for change, event in zip(changes, events, strict=True)]
    if rows:
        db.session.execute(_WRITTEN, rows)


def _event_to_record(change: SettingChange) -> audit.EventToRecord:
    reason = change.wish.reason
    told = {"was": setting_word(change.was), "now": setting_word(change.wish)} | ({"reason": reason} if reason else {})
    return "texting-reason" if reason else "texting", change.unit, told


def _setting_columns(change: SettingChange, said_by: str) -> dict[str, Any]:
    """The columns of a setting, but for its version and its event."""
    return {"level": Level(change.unit.kind), "unit_id": change.unit_id,
            "organization_id": change.unit.organization_id, "on": change.wish.on, "locked": change.wish.locked,
            "reason": change.wish.reason, "said_by": said_by, "said_at": now()}
