"""The button Undo: finds the offer, and writes what it takes back in one commit with the mark that it was used."""

from collections.abc import Callable, Mapping

from portal.extensions import now, writing
from portal.models import UndoKind, UndoOffer, User

from .. import audit, undo_offers
from ..refusals import Clash
from . import people, settings
from .results import Undone, UndoResult

UNDOING: Mapping[UndoKind, Callable[[User, UndoOffer], Undone]] = {
    UndoKind.TEXTING: settings.undo_setting, UndoKind.MANY: settings.undo_many, UndoKind.NUMBER: people.undo_number,
    UndoKind.ROLE: people.undo_roles, UndoKind.ACCOUNT: people.undo_account, UndoKind.DETAILS: people.undo_details,
}


def undo_change(actor: User, ref: str) -> Undone:
    """Undo the change with this offer, as a new change by the actor; the answer says whether and why not.

    The offer is used up only when something was undone. 404 for an offer of another organization, for a person who
    does not administer it, and once it is erased.
    """
    try:
        with writing():
            offer = undo_offers.find_offer(actor, ref)
            answer = _too_late(offer) or UNDOING[offer.kind](actor, offer)
            if answer.result is UndoResult.DONE:
                offer.done_at, offer.done_by = now(), actor.name
    except Clash as clash:
        # The transaction is rolled back.
        offer = undo_offers.find_offer(actor, ref)
        return Undone(UndoResult.REFUSED, offer.kind, _subject(offer), clash=clash)
    return answer


def _too_late(offer: UndoOffer) -> Undone | None:
    if offer.done_at is not None:
        return Undone(UndoResult.DONE_BEFORE, offer.kind, _subject(offer), by=offer.done_by)
    return Undone(UndoResult.TOO_LATE, offer.kind, _subject(offer)) if offer.until <= now() else None


def _subject(offer: UndoOffer) -> audit.EventSubject:
    return audit.EventSubject.of(settings.find_unit(offer))
