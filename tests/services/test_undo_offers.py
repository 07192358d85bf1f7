"""Offers are found by administrators of the organization alone, hold what was before, and are erased when over."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from werkzeug.exceptions import NotFound

from portal.extensions import db, now, writing
from portal.models import UndoKind, UndoOffer
from portal.rules.switches import Level
from portal.services import undo_offers

pytestmark = pytest.mark.usefixtures("open_app")


@pytest.fixture
def ref(uli):
    """An offer about Uli."""
    with writing():
        return undo_offers.offer_undo(UndoKind.ROLE, uli, {"admin": False}, version=3)


def test_an_offer_keeps_what_was_before(ref, row, people):
    offer = undo_offers.find_offer(row("Ada"), ref)
    assert (offer.kind, offer.level, offer.unit_id, offer.before, offer.version) == (
        UndoKind.ROLE, Level.USER, people["Uli"].id, {"admin": False}, 3)
    assert offer.until - now() <= timedelta(minutes=10)
    assert (offer.done_at, len(ref)) == (None, 12)


@pytest.mark.parametrize("name", ["Otto", "Uli", "Rita", "Olga"])
def test_nobody_else_finds_it(ref, row, name):
    with pytest.raises(NotFound):
        undo_offers.find_offer(row(name), ref)


def test_what_is_over_is_erased(ref, clock, statements):
    with statements() as seen:
        assert undo_offers.erase_old_offers() == 0
    assert len(seen) == 1
    clock.forward(minutes=11)
    assert undo_offers.erase_old_offers() == 1
    assert db.session.scalar(select(func.count()).select_from(UndoOffer)) == 0
