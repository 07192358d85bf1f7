"""A change of many users is written down when it is confirmed: who, what they had, and nothing else is touched."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from werkzeug.exceptions import NotFound

from portal.extensions import db, now, writing
from portal.models import ChangeStage, LongChange, LongChangeUser
from portal.services import audit
from portal.services.refusals import EffectChanged
from portal.services.toggles import bulk, long_changes, long_steps, toggle
from portal.services.toggles.toggle import SettingValue
from portal.services.toggles.user_list import OWN_SETTING_FILTER, UserChoice
from tests.stores import WRITES

pytestmark = pytest.mark.usefixtures("open_app")
OFF = SettingValue(False)
EVERYBODY = UserChoice()


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    """All four users of Maple Clinic are more than are changed at once."""
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 3)


@pytest.fixture
def begin(row):
    """`begin()`: Ada turns everybody off, in steps; the change."""

    def act(chosen=EVERYBODY, shown=4):
        ada = row("Ada")
        answer = bulk.change_many_settings(ada, OFF, chosen, audit.newest_event_id(ada.organization_id), shown)
        return db.session.scalars(select(LongChange).where(LongChange.ref == answer.begun)).one()

    return act


def finish():
    """Take every step."""
    while long_steps.step_long_change():
        pass


def test_confirm_writes_down_who_and_changes_nobody(begin, row):
    with writing():
        toggle.write_setting(row("Ada"), row("Uli"), SettingValue(True))
    before = audit.newest_event_id(row("Ada").organization_id)
    change = begin(UserChoice(search="", sort="-name"), shown=5)
    assert (change.total, change.changed, change.left_before, change.stage) == (4, 0, 1, ChangeStage.CHANGING)
    assert change.filters == {"sort": "-name"}
    found = db.session.execute(select(LongChangeUser.user_id, LongChangeUser.had, LongChangeUser.version)).all()
    assert {one: tuple(rest) for one, *rest in found} == {
        row(name).id: (True, 1) if name == "Uli" else (None, 0) for name in ("Ada", "Ben", "Rita", "Uli")}
    assert audit.newest_event_id(row("Ada").organization_id) == before


def test_it_takes_as_many_statements_for_many_as_for_few(row, statements, monkeypatch):
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 1)
    counts = []
    for chosen, shown in ((UserChoice(search="an"), 2), (UserChoice(search="@example.com"), 4)):
        seen = audit.newest_event_id(row("Ada").organization_id)
        with statements() as asked:
            bulk.change_many_settings(row("Ada"), SettingValue(shown == 2), chosen, seen, shown)
        counts.append(len(asked))
        finish()
    assert counts[0] == counts[1]


def in_between(monkeypatch, act):
    """Let another person act after the change is written down and before it is opened."""
    count = long_changes.count_users_left

    def late(*given):
        monkeypatch.setattr(long_changes, "count_users_left", count)
        act()
        return count(*given)

    monkeypatch.setattr(long_changes, "count_users_left", late)


def test_others_come_to_write_while_it_is_written_down(begin, begun, monkeypatch):
    monkeypatch.setattr(long_changes, "USERS_PER_COMMIT", 2)
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 1)
    begun.clear()
    change = begin()
    # It is noted, the users of the organization are looked at two by two, and it is opened.
    assert begun.count(WRITES) == 1 + 2 + 1
    assert change.total == db.session.scalar(select(func.count()).select_from(LongChangeUser)) == 4
    finish()
    clock_after = now() - timedelta(minutes=11)
    with writing() as session:
        session.execute(update(LongChange).values(ended_at=clock_after))
    begun.clear()
    long_changes.erase_old_changes()
    assert begun.count(WRITES) == 3 + 1
    assert db.session.scalar(select(func.count()).select_from(LongChangeUser)) == 0


def test_who_is_changed_by_others_while_it_is_written_down_is_left_alone(begin, row, monkeypatch):
    def turn_on():
        with writing():
            toggle.write_setting(row("Ada"), row("Uli"), SettingValue(True))

    in_between(monkeypatch, turn_on)
    change = begin()
    finish()
    assert (change.total, change.changed, change.left, change.left_before) == (4, 3, 1, 0)
    assert toggle.current_setting(row("Uli")).value.on is True


@pytest.mark.parametrize("late", [True, False])
def test_who_leaves_the_choice_while_it_is_written_down_is_counted_once(begin, row, monkeypatch, late):
    """Whether they are written down already or not."""
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 1)
    with writing():
        for name in ("Uli", "Ben"):
            toggle.write_setting(row("Ada"), row(name), SettingValue(True))

    def leave():
        with writing():
            toggle.write_setting(row("Ada"), row("Uli"), SettingValue(None))

    if late:
        in_between(monkeypatch, leave)
    else:
        write = long_changes.write_down_users
        monkeypatch.setattr(long_changes, "write_down_users", lambda *given: [leave(), write(*given)][1])
    change = begin(UserChoice(texting=OWN_SETTING_FILTER), shown=2)
    finish()
    assert (change.changed, change.left + change.left_before) == (1, 1)


def test_what_comes_in_between_is_asked_again_and_nothing_is_begun(begin, row, monkeypatch, clock):
    def add():
        with writing():
            audit.record_event(None, "user-added", row("Ben"))

    in_between(monkeypatch, add)
    with pytest.raises(EffectChanged):
        begin()
    assert not long_steps.step_long_change()
    assert long_changes.ref_of_open_change(row("Ada").organization_id) == ""
    clock.set(minutes=11)
    long_changes.erase_old_changes()
    assert db.session.scalar(select(func.count()).select_from(LongChange)) == 0


def test_of_two_that_are_written_down_at_once_one_is_begun(begin, monkeypatch):
    in_between(monkeypatch, begin)
    with pytest.raises(long_changes.ChangeUnderWay):
        begin()
    assert db.session.scalar(select(func.count()).where(LongChange.ended_at.is_(None))) == 1


def test_a_second_one_waits_for_the_end_of_the_first(begin, row, monkeypatch):
    change = begin()
    with pytest.raises(long_changes.ChangeUnderWay) as running:
        begin()
    assert running.value.ref == change.ref
    assert long_changes.ref_of_open_change(row("Ada").organization_id) == change.ref
    assert long_changes.ref_of_open_change(row("Otto").organization_id) == ""
    finish()
    assert long_changes.ref_of_open_change(row("Ada").organization_id) == ""


def test_only_the_own_organization_finds_it(begin, row):
    change = begin()
    assert long_changes.find_long_change(row("Rita").organization_id, change.ref).id == change.id
    for who in ("Otto", "Olga"):
        with pytest.raises(NotFound):
            long_changes.find_long_change(row(who).organization_id, change.ref)


@pytest.mark.parametrize("who", ["Otto", "Rita", "Uli", "Olga"])
def test_only_its_administrators_undo_it(begin, row, who):
    change = begin()
    finish()
    with pytest.raises(NotFound):
        long_changes.undo_long_change(row(who), change.ref)


def test_undo_is_offered_once_after_the_end_and_for_ten_minutes(begin, row, clock):
    change = begin()
    assert not long_changes.is_undo_offered(change)
    assert not long_changes.undo_long_change(row("Ada"), change.ref)
    finish()
    assert long_changes.is_undo_offered(change)
    clock.set(minutes=11)
    assert not long_changes.undo_long_change(row("Ada"), change.ref)
    clock.set(minutes=-11)
    assert long_changes.undo_long_change(row("Ada"), change.ref)
    assert not long_changes.undo_long_change(row("Ada"), change.ref)
    finish()
    assert not long_changes.undo_long_change(row("Ada"), change.ref)


def test_an_undo_waits_for_the_end_of_another_change(begin, row):
    first = begin()
    finish()
    with writing() as session:
        session.execute(update(toggle.Setting).where(toggle.Setting.level == "user").values(on=True))
    begin()
    with pytest.raises(long_changes.ChangeUnderWay):
        long_changes.undo_long_change(row("Ada"), first.ref)


def test_what_cannot_be_undone_any_more_is_erased(begin, row, clock):
    begin()
    clock.set(days=1)
    long_changes.erase_old_changes()
    assert db.session.scalar(select(func.count()).select_from(LongChange)) == 1, "it has not ended"
    finish()
    long_changes.erase_old_changes()
    assert db.session.scalar(select(func.count()).select_from(LongChangeUser)) == 4, "it can be undone"
    with writing() as session:
        session.execute(update(LongChange).values(ended_at=now() - timedelta(minutes=11)))
    long_changes.erase_old_changes()
    assert db.session.scalar(select(func.count()).select_from(LongChange)) == 0
    assert db.session.scalar(select(func.count()).select_from(LongChangeUser)) == 0


def test_who_comes_later_is_not_changed(begin, row):
    """Between effect and Confirm as well: then the effect is shown anew."""
    ada = row("Ada")
    seen = audit.newest_event_id(ada.organization_id)
    with writing():
        audit.record_event(None, "user-added", row("Ben"))
    with pytest.raises(EffectChanged):
        bulk.change_many_settings(ada, OFF, UserChoice(), seen, 4)
