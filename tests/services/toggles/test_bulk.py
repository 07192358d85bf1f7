"""A word for many: all of them in one commit, each with an event, and nobody else's change is lost."""

import pytest
from sqlalchemy import func, select

from portal.extensions import db, writing
from portal.models import AuditEvent, Setting, User
from portal.services import audit
from portal.services.refusals import Changed
from portal.services.toggles import bulk, toggle
from portal.services.toggles.toggle import SettingValue
from portal.services.toggles.user_list import UserChoice

pytestmark = pytest.mark.usefixtures("open_app")
EVERYBODY = UserChoice()


@pytest.fixture
def turn(row):
    """`turn(SettingValue(False))` turns everybody, by Ada, who saw all of Maple Clinic a moment ago."""

    def act(wish, chosen=EVERYBODY, *, actor="Ada", shown=4):
        who = row(actor)
        return bulk.change_many_settings(who, wish, chosen, audit.newest_event_id(who.organization_id), shown)[:3]

    return act


def words():
    """Everybody's own word, with its version."""
    found = db.session.execute(select(User.name, Setting.on, Setting.version).join(
        Setting, (Setting.unit_id == User.id) & (Setting.level == "user")))
    return {name.split()[0]: (on, version) for name, on, version in found}


def events():
    return db.session.scalar(select(func.count()).select_from(AuditEvent))


def test_only_words_that_change_are_written(turn, row):
    with writing():
        toggle.write_setting(row("Ada"), row("Uli"), SettingValue(False))
        toggle.write_setting(row("Ada"), row("Ben"), SettingValue(True))
    before = events()
    decision, changed, left = turn(SettingValue(False))
    assert (decision.allowed, changed, left) == (True, 3, 0)
    assert words() == {"Ada": (False, 1), "Ben": (False, 2), "Rita": (False, 1), "Uli": (False, 1)}
    assert events() == before + 3
    assert turn(SettingValue(False))[1:] == (0, 0)
    assert events() == before + 3


def test_silence_is_nothing_to_take_back(turn):
    before = events()
    assert turn(SettingValue(None))[1:] == (0, 0)
    assert (words(), events()) == ({}, before)


def test_the_events_are_as_if_each_had_been_said_by_itself(turn, row):
    turn(SettingValue(False))
    with writing():
        toggle.write_setting(row("Ada"), row("Uli"), SettingValue(True))
        toggle.write_setting(row("Ada"), row("Uli"), SettingValue(False))
    single, _, bulk_ = audit.list_events_about(row("Uli"))
    same = ("organization_id", "actor_id", "actor_name", "action", "subject", "subject_ref", "subject_name")
    assert [getattr(single, name) for name in same] == [getattr(bulk_, name) for name in same]
    assert bulk_.details == {"was": "inherit", "now": "off"}
    assert len({event.ref for event in audit.list_events(row("Ada").organization_id)}) == 7


def test_each_word_names_its_own_event(turn):
    turn(SettingValue(False))
    for word, user in db.session.execute(select(Setting, User).join(User, User.id == Setting.unit_id).where(
            Setting.level == "user")):
        assert db.session.get_one(AuditEvent, word.event_id).subject_ref == user.ref


def test_whoever_is_no_admin_there_changes_nothing(turn, row):
    before = events()
    for name in ("Rita", "Uli"):
        assert [reason.id for reason in turn(SettingValue(False), actor=name)[0].blocking] == ["not-yours"]
    with writing():
        row("Ada").admin = False
    assert not turn(SettingValue(False))[0].allowed
    assert (words(), events()) == ({}, before)


def test_refs_of_others_select_nobody(turn, people):
    chosen = UserChoice(refs=(people["Mia"].ref, people["Uli"].ref))
    assert turn(SettingValue(False), chosen, shown=1)[1:] == (1, 0)
    assert words() == {"Uli": (False, 1)}


@pytest.mark.parametrize(("shown", "left"), [(4, 0), (6, 2)])
def test_who_is_not_there_any_more_is_counted(turn, shown, left):
    assert turn(SettingValue(False), shown=shown)[1:] == (4, left)


def test_more_than_were_shown_is_refused(turn):
    before = events()
    with pytest.raises(Changed):
        turn(SettingValue(False), shown=3)
    assert (words(), events()) == ({}, before)


def test_a_failure_in_the_middle_leaves_nothing_behind(turn, monkeypatch):
    before = events()
    monkeypatch.setattr(toggle, "_setting_columns", lambda *given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        turn(SettingValue(False))
    assert (words(), events()) == ({}, before)


def test_who_was_changed_since_the_effect_was_shown_is_left_alone(row):
    """REL-04: a single change inside a change of many survives."""
    ada, ben = row("Ada"), row("Ben")
    seen = audit.newest_event_id(ada.organization_id)
    toggle.change_setting(ada, ben, SettingValue(True), 0)
    decision, changed, left = bulk.change_many_settings(ada, SettingValue(False), EVERYBODY, seen, shown=4)[:3]
    assert (decision.allowed, changed, left) == (True, 3, 1)
    assert toggle.current_setting(ben).value == SettingValue(True)
    assert toggle.current_setting(row("Uli")).value == SettingValue(False)
