"""Undo a change of texting: of one unit, or of many users at once."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, select

from portal.extensions import db
from portal.models import AuditEvent, Location, Organization, Setting, UndoOffer, User
from portal.rules import Decision
from portal.rules.switches import Level

from .. import audit, undo_offers
from ..key_lists import is_among
from ..toggles import toggle
from ..toggles.eligibility import OrganizationSnapshot
from ..toggles.groups import conditions_in_sql
from .results import Undone, UndoResult
from .stopped_texts import count_stopped_texts

TEXTING_ACTIONS = ("texting", "texting-reason")
_UNITS: dict[Level, type[toggle.Unit]] = {Level.ORGANIZATION: Organization, Level.LOCATION: Location, Level.USER: User}


def find_unit(offer: UndoOffer) -> toggle.Unit:
    """The user, location or organization that an offer is about."""
    unit: toggle.Unit = db.session.get_one(_UNITS[offer.level], offer.unit_id)  # type: ignore[assignment]
    return unit


def undo_setting(actor: User, offer: UndoOffer) -> Undone:
    """Give one unit the setting that it had before, in the open write transaction; nothing if it was changed since."""
    unit = find_unit(offer)
    answer = Undone(UndoResult.DONE, offer.kind, audit.EventSubject.of(unit), now=offer.before["was"])
    if toggle.current_setting(unit).version != offer.version:
        return replace(answer, result=UndoResult.CHANGED_SINCE, since=audit.newest_event_of(unit, TEXTING_ACTIONS))
    was = replace(toggle.read_setting_word(offer.before["was"]), reason=offer.before["reason"])
    decision = toggle.judge_change(actor, unit, was)
    if not decision.allowed:
        return replace(answer, result=UndoResult.REFUSED, decision=decision)
    event = db.session.get_one(AuditEvent, offer.event_id)
    with audit.mark_undone({unit.ref: event.ref}):
        toggle.write_setting(actor, unit, was)
    users, = conditions_in_sql([toggle.users_under_unit(unit)])
    return replace(answer, stopped=count_stopped_texts(offer.organization_id, users, event.at))


def undo_many(actor: User, offer: UndoOffer) -> Undone:
    """Give many users the settings that they had, but those whom others have changed since; in the open transaction.

    The number of statements does not depend on how many they are. It is refused for all if a rule refuses it for one.
    """
    kept = {user_id: (word, version) for user_id, word, version in offer.before["users"]}
    rows = _rows_with_settings(offer.organization_id, kept)
    same = [row for row in rows if row.version == kept[row.id][1]]
    answer = Undone(UndoResult.DONE, offer.kind, audit.EventSubject.of(find_unit(offer)), many=len(same),
                    left=tuple(row.name for row in rows if row not in same))
    if not same:
        return replace(answer, result=UndoResult.CHANGED_SINCE)
    words = {row.id: kept[row.id][0] for row in same}
    if (decision := _refusal(actor, offer, words)) is not None:
        return replace(answer, result=UndoResult.REFUSED, decision=decision)
    _change_back(actor, offer, same, words)
    since = offer.until - undo_offers.UNDO_OFFERED
    return replace(answer, stopped=count_stopped_texts(offer.organization_id, _are_users(words), since))


def _rows_with_settings(organization_id: int, ids: Iterable[int]) -> Sequence[Any]:
    found = select(User.id, User.ref, User.name, Setting.on, Setting.version, AuditEvent.ref.label("event")).join(
        Setting, (Setting.unit_id == User.id) & (Setting.level == Level.USER)).join(
        AuditEvent, AuditEvent.id == Setting.event_id).where(
        User.organization_id == organization_id, _are_users(ids)).order_by(User.name_key, User.id)
    return db.session.execute(found).all()


def _are_users(ids: Iterable[int]) -> ColumnElement[bool]:
    return is_among(User.id, list(ids))


def _refusal(actor: User, offer: UndoOffer, words: dict[int, str]) -> Decision | None:
    """The first decision that refuses one of at most three settings for those who had it; None if all are allowed."""
    snapshot = OrganizationSnapshot.read(offer.organization_id)
    for word in sorted(set(words.values())):
        where = [_are_users(user_id for user_id, had in words.items() if had == word)]
        decision, _effect = toggle.judge_bulk_change(actor, toggle.read_setting_word(word), where, snapshot)
        if not decision.allowed:
            return decision
    return None


def _change_back(actor: User, offer: UndoOffer, rows: Sequence[Any], words: dict[int, str]) -> None:
    changes = [toggle.SettingChange(row.id, audit.EventSubject(Level.USER, offer.organization_id, row.ref, row.name),
                                    toggle.SettingValue(row.on), toggle.read_setting_word(words[row.id]))
               for row in rows]
    with audit.mark_undone({row.ref: row.event for row in rows}):
        toggle.write_settings(actor, changes)
