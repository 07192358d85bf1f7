"""Undo a change of texting: of one unit, or of many users at once."""

from dataclasses import replace

from portal.extensions import db
from portal.models import AuditEvent, Location, Organization, UndoOffer, User
from portal.rules.switches import Level

from .. import audit
from ..toggles import toggle
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
    return replace(answer, stopped=count_stopped_texts(offer.organization_id, toggle.users_under_unit(unit), event.at))
