"""Each step changes its users once, whoever kills it, and asks the rules and the version of every setting again."""

import pytest
from sqlalchemy import select

from portal.extensions import db, writing
from portal.models import AccountState, AuditEvent, ChangeStage, LongChange, LongChangeUser, Setting, User
from portal.services import audit
from portal.services.toggles import bulk, long_changes, long_steps, toggle
from portal.services.toggles.toggle import SettingValue
from portal.services.toggles.user_list import UserChoice

pytestmark = pytest.mark.usefixtures("open_app")
ON, OFF = SettingValue(True), SettingValue(False)
EVERYBODY = UserChoice()


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    """Two of the four users of Maple Clinic a step."""
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 1)
    monkeypatch.setattr(long_steps, "USERS_PER_STEP", 2)


@pytest.fixture
def begin(row):
    """`begin()`: Ada turns everybody off, in steps; the change."""

    def act(wish=OFF, chosen=EVERYBODY, shown=4):
        ada = row("Ada")
        answer = bulk.change_many_settings(ada, wish, chosen, audit.newest_event_id(ada.organization_id), shown)
        return db.session.scalars(select(LongChange).where(LongChange.ref == answer.begun)).one()

    return act


def say(row, name, value):
    """Another person changes the setting of one user."""
    with writing():
        toggle.write_setting(row("Rita"), row(name), value)


def own_settings():
    """Everybody's own setting and its version."""
    found = db.session.execute(select(User.name, Setting.on, Setting.version).join(
        Setting, (Setting.unit_id == User.id) & (Setting.level == "user")))
    return {name.split()[0]: (on, version) for name, on, version in found}


def events():
    """Of whom each event of texting tells, in their order."""
    return [one.subject_name.split()[0] for one in db.session.scalars(select(AuditEvent).where(
        AuditEvent.action == "texting", AuditEvent.subject == "user").order_by(AuditEvent.id))]


def finish():
    """Take every step; how many there were."""
    taken = 0
    while long_steps.step_long_change():
        taken += 1
    return taken


def test_two_users_a_step_until_nobody_is_left(begin):
    change = begin()
    steps = [(long_steps.step_long_change(), change.changed, change.stage.value) for _ in range(4)]
    assert steps == [(True, 2, "changing"), (True, 4, "changing"), (True, 4, "changed"), (False, 4, "changed")]
    assert own_settings() == dict.fromkeys(("Ada", "Ben", "Rita", "Uli"), (False, 1))
    assert sorted(events()) == ["Ada", "Ben", "Rita", "Uli"]
    assert (change.left, change.forbidden, change.ended_at is None) == (0, [], False)


def test_the_filter_is_not_asked_again_once_steps_change_whom_it_finds(begin, row):
    """Those who are off are turned on: after the first step the filter finds fewer."""
    for name in ("Ada", "Ben", "Rita", "Uli"):
        say(row, name, OFF)
    change = begin(ON, UserChoice(texting="off"), shown=2)
    finish()
    assert change.total == 2
    assert {name: on for name, (on, _) in own_settings().items()} == {
        "Ada": False, "Rita": False, "Ben": True, "Uli": True}


def test_who_is_changed_by_another_person_between_steps_stays_so(begin, row):
    change = begin()
    long_steps.step_long_change()
    say(row, "Rita", ON)
    say(row, "Ada", SettingValue(None))
    finish()
    assert own_settings()["Rita"] == (True, 1)
    assert own_settings()["Ada"] == (None, 2)
    assert (change.changed, change.left) == (3, 1)


@pytest.mark.parametrize("step", range(3))
@pytest.mark.parametrize("broken", ["_end", "_count", "write_settings", "_forbidding_rules"])
def test_a_step_that_is_killed_leaves_nothing_and_is_taken_again(begin, monkeypatch, broken, step):
    change = begin()
    for _ in range(step):
        long_steps.step_long_change()
    before = own_settings(), events(), change.cursor, change.changed
    with monkeypatch.context() as patch:
        patch.setattr(long_steps, broken, lambda *given: 1 / 0)
        if (broken, step) in (("_end", 0), ("_end", 1)):
            return
        with pytest.raises(ZeroDivisionError):
            long_steps.step_long_change()
    assert (own_settings(), events(), change.cursor, change.changed) == before
    finish()
    assert own_settings() == dict.fromkeys(("Ada", "Ben", "Rita", "Uli"), (False, 1))
    assert sorted(events()) == ["Ada", "Ben", "Rita", "Uli"]


def test_an_administrator_who_loses_the_role_or_the_account_ends_it(begin, row):
    """A step is an act of the person who began it; what is done stays done, and other administrators can undo it."""
    for lose in ("role", "account"):
        change = begin(OFF if lose == "role" else ON)
        long_steps.step_long_change()
        with writing():
            ada = row("Ada")
            ada.admin, ada.account = lose != "role", AccountState.DEACTIVATED if lose == "account" else ada.account
        finish()
        assert (change.stage, change.changed, change.forbidden) == (ChangeStage.CHANGED, 2, ["not-yours"])
        assert len(list(db.session.scalars(select(LongChangeUser).where(LongChangeUser.change_id == change.id)))) == 2
        with writing():
            row("Ben").admin = True
        assert long_changes.undo_long_change(row("Ben"), change.ref)
        finish()
        assert change.undone == 2
        with writing():
            row("Ada").admin, row("Ada").account = True, AccountState.ACTIVE


def test_a_lock_ends_it_with_the_rule_that_forbids_the_rest(begin, row):
    change = begin()
    long_steps.step_long_change()
    with writing():
        toggle.write_setting(row("Rita"), row("Ada").organization, SettingValue(True, locked=True, reason="Trial run"))
    finish()
    assert (change.stage, change.changed, change.forbidden) == (ChangeStage.CHANGED, 2, ["locked-above"])
    assert sum(on is False for on, _ in own_settings().values()) == 2


def test_undo_gives_back_what_each_had_but_leaves_alone_whom_others_changed(begin, row):
    say(row, "Uli", ON)
    change = begin()
    finish()
    say(row, "Ben", ON)
    last = audit.newest_event_id(change.organization_id)
    assert long_changes.undo_long_change(row("Ada"), change.ref)
    assert finish() == 3
    assert {name: on for name, (on, _) in own_settings().items()} == {
        "Ada": None, "Ben": True, "Rita": None, "Uli": True}
    assert (change.stage, change.undone, change.not_undone) == (ChangeStage.UNDONE, 3, 1)
    changed = {one.subject_ref: one.ref for one in db.session.scalars(select(AuditEvent).where(
        AuditEvent.action == "texting", AuditEvent.id <= last).order_by(AuditEvent.id))}
    for event in db.session.scalars(select(AuditEvent).where(AuditEvent.id > last)):
        assert event.details["undid"] == changed[event.subject_ref]


def test_an_undo_that_is_killed_goes_on(begin, row, monkeypatch):
    change = begin()
    finish()
    long_changes.undo_long_change(row("Ada"), change.ref)
    long_steps.step_long_change()
    with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
        patch.setattr(long_steps, "_count", lambda *given: 1 / 0)
        long_steps.step_long_change()
    finish()
    assert (change.undone, change.not_undone) == (4, 0)
    assert own_settings() == dict.fromkeys(("Ada", "Ben", "Rita", "Uli"), (None, 2))


def test_a_step_asks_as_often_for_many_as_for_few(begin, statements, monkeypatch):
    counts = []
    begin()
    for many in (1, 3):
        monkeypatch.setattr(long_steps, "USERS_PER_STEP", many)
        with statements() as asked:
            long_steps.step_long_change()
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_without_work_it_looks_with_one_statement(statements):
    with statements() as asked:
        assert not long_steps.step_long_change()
    assert len(asked) == 1
