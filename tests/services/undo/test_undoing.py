"""Undo is for administrators of the organization, once, for ten minutes; restrictions and confirmations never are."""

import pytest
from sqlalchemy import func, select
from werkzeug.exceptions import NotFound

from portal.extensions import db, writing
from portal.models import UndoKind, UndoOffer
from portal.rules.switches import SettingValue
from portal.services import undo_offers
from portal.services.toggles import toggle
from portal.services.undo.results import UndoResult
from portal.services.undo.undoing import UNDOING

pytestmark = pytest.mark.usefixtures("open_app")
OFF = SettingValue(False)


def test_the_second_press_changes_nothing(change, undo, everything):
    ref = change("Uli", OFF)
    assert undo(ref).result is UndoResult.DONE
    before = everything()
    answer = undo(ref)
    assert (answer.result, answer.by) == (UndoResult.DONE_BEFORE, "Ada Keller")
    assert everything() == before


@pytest.mark.parametrize(("later", "result"), [
    (9, UndoResult.DONE), (10, UndoResult.TOO_LATE), (300, UndoResult.TOO_LATE),
])
def test_it_is_offered_for_ten_minutes(unit, change, undo, clock, later, result):
    ref = change("Uli", OFF)
    clock.forward(minutes=later)
    assert undo(ref).result is result
    assert toggle.current_setting(unit("Uli")).value.on is (None if result is UndoResult.DONE else False)


def test_another_administrator_may_press_it(unit, change, undo):
    with writing():
        unit("Ben").admin = True
    assert undo(change("Uli", OFF), by="Ben").result is UndoResult.DONE
    assert toggle.current_setting(unit("Uli")).by == "Ben Okafor"


@pytest.mark.parametrize("by", ["Otto", "Uli", "Rita", "Olga"])
def test_for_everybody_else_there_is_nothing(change, undo, everything, by):
    """An administrator elsewhere, a member, an auditor, an operator."""
    ref = change("Uli", OFF)
    before = everything()
    with pytest.raises(NotFound):
        undo(ref, by=by)
    assert everything() == before
    assert undo(ref).result is UndoResult.DONE


def test_what_was_erased_is_not_found(change, undo, clock):
    ref = change("Uli", OFF)
    clock.forward(minutes=11)
    assert undo_offers.erase_old_offers() == 1
    with pytest.raises(NotFound):
        undo(ref)


def test_only_these_kinds_of_change_can_be_undone():
    """Never restrictions, confirmed notices, decisions about opt-outs or cases."""
    assert UNDOING.keys() == set(UndoKind)
    assert set(UndoKind) == {"texting", "many", "number", "role", "account", "details"}


def test_undo_offers_no_undo(change, undo):
    undo(change("Uli", OFF))
    assert db.session.scalar(select(func.count()).select_from(UndoOffer)) == 1
