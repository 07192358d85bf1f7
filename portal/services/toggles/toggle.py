"""Switching texting on and off, for an organization, a location or a user.

One table of settings, keyed by level and unit. A change and its audit event are one commit. A form can change a
setting only if it was made from the version that is stored now.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from portal.dialects import upsert
from portal.extensions import db, now, writing
from portal.models import AuditEvent, Location, Organization, Setting, UndoKind, User
from portal.rules import Act, Decision, Facts, decide
from portal.rules.facts import ActorFacts, Change, Lock
from portal.rules.switches import Level, SettingValue, lock_above

from .. import audit, undo_offers
from ..refusals import EffectChanged
from .eligibility import OrganizationSnapshot
from .groups import GroupCondition, UserCondition, users_at_location
from .known_units import KnownSetting
from .one_user import read_one_user
from .preview import (
    ToggleOutcome,
    TogglePreview,
    groups_with_outcome,
    preview_for_user,
    preview_toggle,
    read_setting_word,
    setting_word,
)

__all__ = [
    "ChangedSetting",
    "CurrentSetting",
    "SettingChange",
    "SettingValue",
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
    "setting_in_snapshot",
    "setting_word",
    "tidy_setting",
    "users_under_unit",
    "write_setting",
    "write_settings",
]

Unit = Organization | Location | User
NOTHING_SET = SettingValue(None)


@dataclass(frozen=True, slots=True)
class CurrentSetting:
    """The setting stored for a unit, who made it, when (UTC), and its version. Version 0: nothing is stored."""

    value: SettingValue = NOTHING_SET
    version: int = 0
    by: str = ""
    at: datetime | None = None


class StaleSetting(Exception):
    """Another person changed the setting after the form was shown. Nothing was written."""

    def __init__(self, unit: Unit, theirs: CurrentSetting, yours: SettingValue) -> None:
        super().__init__("stale")
        self.unit, self.theirs, self.yours = unit, theirs, yours


def level_of_unit(unit: Unit) -> Level:
    """The level of a unit: organization, location or user."""
    return Level(audit.kind_of_subject(unit))


def current_setting(unit: Unit) -> CurrentSetting:
    """The setting that is stored for a unit now."""
    return _read(_stored_setting(unit))


def _stored_setting(unit: Unit) -> Setting | None:
    return db.session.get(Setting, (level_of_unit(unit), unit.id))


def setting_in_snapshot(snapshot: OrganizationSnapshot, unit: Organization | Location) -> CurrentSetting:
    """The setting that was stored for a unit when the snapshot was read."""
    return _read(snapshot.units.settings.get((level_of_unit(unit), unit.id)))


def _read(stored: Setting | KnownSetting | None) -> CurrentSetting:
    if stored is None:
        return CurrentSetting()
    return CurrentSetting(SettingValue(stored.on, stored.locked, stored.reason), stored.version, stored.said_by,
                          stored.said_at)


def users_under_unit(unit: Unit) -> UserCondition:
    """The condition that selects the users to whom a unit's setting applies."""
    if isinstance(unit, User):
        return User.id == unit.id
    return users_at_location(unit) if isinstance(unit, Location) else GroupCondition(User.organization_id == unit.id)


def preview_change(unit: Unit, setting: SettingValue,
                   snapshot: OrganizationSnapshot | None = None) -> TogglePreview:
    """What a new setting of one unit would do to the users to whom it applies. Nothing is written."""
    snapshot = snapshot or OrganizationSnapshot.read(_organization_id(unit))
    if isinstance(unit, User):
        return preview_for_user(unit, setting, snapshot)
    return preview_toggle(level_of_unit(unit), setting, [users_under_unit(unit)], snapshot)


def _organization_id(unit: Unit) -> int:
    return unit.id if isinstance(unit, Organization) else unit.organization_id or 0


def lock_over_unit(unit: Unit, snapshot: OrganizationSnapshot) -> Lock | None:
    """The lock that a broader level has put on this unit, with its author, time and reason; None without a lock."""
    return _lock(snapshot, level_of_unit(unit),
                 unit.id if isinstance(unit, Location) else getattr(unit, "location_id", None))


def _lock(snapshot: OrganizationSnapshot, level: Level, location_id: int | None) -> Lock | None:
    places = {Level.ORGANIZATION: snapshot.organization.id, Level.LOCATION: location_id or 0}
    settings = snapshot.units.settings
    stored = {at: settings[at, place] for at, place in places.items() if (at, place) in settings}
    above = lock_above(level, {at: one.value for at, one in stored.items()})
    if above is None:
        return None
    unit = snapshot.locations[location_id or 0] if above is Level.LOCATION else snapshot.organization
    return Lock(above, stored[above].said_by, stored[above].said_at, stored[above].reason, unit.name)


def judge_change(actor: User, unit: Unit, setting: SettingValue,
                 snapshot: OrganizationSnapshot | None = None) -> Decision:
    """Whether this person may change this unit's setting, with every reason and warning. Nothing is written."""
    return _judge(actor, unit, setting, snapshot)[0]


def _judge(actor: User, unit: Unit, setting: SettingValue,
           snapshot: OrganizationSnapshot | None = None) -> tuple[Decision, TogglePreview]:
    """Without a snapshot one user is judged by what concerns this user alone."""
    if snapshot is None and isinstance(unit, User):
        known = read_one_user(unit.id)
        snapshot, effect = known.snapshot, preview_for_user(unit, setting, known.snapshot, known.profile)
    else:
        snapshot = snapshot or OrganizationSnapshot.read(_organization_id(unit))
        effect = preview_change(unit, setting, snapshot)
    return _decide(actor, setting, effect, lock_over_unit(unit, snapshot), snapshot), effect


def judge_bulk_change(actor: User, setting: SettingValue, where: Sequence[UserCondition],
                      snapshot: OrganizationSnapshot) -> tuple[Decision, TogglePreview]:
    """Whether this person may set texting for all users whom `where` selects, and what that would do to them.

    If a lock applies to any of these users, the whole change is refused: it could not do what its preview says.
    """
    effect = preview_toggle(Level.USER, setting, where, snapshot)
    places = {place for group in snapshot.groups(where) for place in group.places}
    locks = [_lock(snapshot, Level.USER, place) for place in sorted(places)]
    return _decide(actor, setting, effect, next((lock for lock in locks if lock), None), snapshot), effect


def _decide(actor: User, setting: SettingValue, effect: TogglePreview, lock: Lock | None,
            snapshot: OrganizationSnapshot) -> Decision:
    return decide(Act.SWITCH, Facts(
        actor=ActorFacts(actor.admin and actor.organization_id == snapshot.organization.id),
        organization=snapshot.organization_facts(),
        change=Change(setting.on, effect.turns_on, lock, effect.idle, effect.why),
    ))


@dataclass(frozen=True, slots=True)
class ChangedSetting:
    """The answer to a change: the decision, what it does, and by which ref it can be undone, "" if nothing was changed.
    """

    decision: Decision
    effect: TogglePreview
    undo: str = ""

    @property
    def allowed(self) -> bool:
        """Whether the setting is now as asked for."""
        return self.decision.allowed


def change_setting(actor: User, unit: Unit, setting: SettingValue, version: int, shown: str = "") -> ChangedSetting:
    """Change the setting of a unit, unless a rule forbids it; the decision holds every reason.

    `version` is the version that the form showed (0: nothing was set), `shown` the mark of the effect that it showed,
    "" if it showed none. Writes the setting, its audit event and the offer to undo it in one commit, or nothing if the
    change is refused or the setting is as asked for already. Raises StaleSetting if the stored version is another one,
    unless it says what is asked for; EffectChanged if the effect is not as shown any more.
    """
    wish, undo = tidy_setting(unit, setting), ""
    with writing():
        # Held on to until it is written: the session forgets what nobody holds, and would read it again.
        stored = _stored_setting(unit)
        current = _read(stored)
        if current.version != version and current.value != wish:
            raise StaleSetting(unit, current, setting)
        decision, effect = _judge(actor, unit, wish)
        if decision.allowed and current.value != wish:
            if shown not in ("", effect.mark):
                raise EffectChanged
            event = write_setting(actor, unit, wish)
            undo = undo_offers.offer_undo(UndoKind.TEXTING, unit, keep_setting(current.value), event=event,
                                          version=current.version + 1)
    return ChangedSetting(decision, effect, undo)


def keep_setting(setting: SettingValue) -> dict[str, str]:
    """A setting as an offer to undo a change keeps it."""
    return {"was": setting_word(setting), "reason": setting.reason}


def tidy_setting(unit: Unit, setting: SettingValue) -> SettingValue:
    """A setting without parts that mean nothing: a lock needs on or off and no user, a reason needs a lock."""
    locked = setting.locked and setting.on is not None and not isinstance(unit, User)
    return replace(setting, locked=locked, reason=setting.reason.strip() if locked else "")


@dataclass(frozen=True, slots=True)
class SettingChange:
    """One setting to write: the unit's id, the unit as the audit log names it, the setting before and after."""

    unit_id: int
    unit: audit.EventSubject
    was: SettingValue
    now: SettingValue


# A setting that is stored already keeps its row, and its version goes up by one.
_TABLE = Setting.metadata.tables["words"]
_EVENT = select(AuditEvent.id).where(AuditEvent.ref == bindparam("event_ref")).scalar_subquery()
_FIRST = upsert(_TABLE).values(event_id=_EVENT)
_WRITTEN = _FIRST.on_conflict_do_update(index_elements=["level", "unit_id"], set_={
    **{name: _FIRST.excluded[name] for name in ("on", "locked", "reason", "said_by", "said_at", "event_id")},
    "version": _TABLE.c.version + 1})


def write_setting(actor: User | None, unit: Unit, setting: SettingValue) -> AuditEvent:
    """Write one setting and its audit event, which is returned, into the open write transaction; no rule is asked.

    It writes through the session, so that a setting which the session has loaded stays up to date.
    """
    stored = _stored_setting(unit)
    was = _read(stored).value
    change = SettingChange(unit.id, audit.EventSubject.of(unit), was, setting)
    action, _subject, details = _event_to_record(change)
    event = audit.record_event(actor, action, unit, **details)
    stored = stored or Setting(version=0)
    columns = _setting_columns(change, event.actor_name)
    for name, value in {**columns, "version": stored.version + 1, "event_id": event.id}.items():
        setattr(stored, name, value)
    db.session.add(stored)
    db.session.flush()
    return event


def write_settings(actor: User | None, changes: Sequence[SettingChange]) -> None:
    """Write many settings with their audit events: two statements, however many settings there are.

    Settings that the session has loaded before are out of date until the commit.
    """
    events = audit.record_events(actor, [_event_to_record(change) for change in changes])
    rows = [{**_setting_columns(change, event["actor_name"]), "version": 1, "event_ref": event["ref"]}
            for change, event in zip(changes, events, strict=True)]
    if rows:
        db.session.execute(_WRITTEN, rows)


def _event_to_record(change: SettingChange) -> audit.EventToRecord:
    details = {"was": setting_word(change.was), "now": setting_word(change.now)}
    if not (reason := change.now.reason):
        return "texting", change.unit, details
    return "texting-reason", change.unit, details | {"reason": reason}


def _setting_columns(change: SettingChange, said_by: str) -> dict[str, Any]:
    """The columns of a setting, without its version and its event."""
    return {"level": Level(change.unit.kind), "unit_id": change.unit_id,
            "organization_id": change.unit.organization_id, "on": change.now.on, "locked": change.now.locked,
            "reason": change.now.reason, "said_by": said_by, "said_at": now()}
