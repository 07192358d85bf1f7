"""A setting is changed by who may, from the form that shows it, and written the same way for one user and for many."""

import pytest
from sqlalchemy import select

from portal.extensions import db, writing
from portal.models import AuditEvent, Location, Organization, Setting, User
from portal.rules.switches import Level
from portal.services.audit import EventSubject
from portal.services.toggles import toggle
from portal.services.toggles.eligibility import OrganizationSnapshot
from portal.services.toggles.groups import conditions_in_sql
from portal.services.toggles.toggle import SettingChange, SettingValue, StaleSetting, ToggleOutcome

pytestmark = pytest.mark.usefixtures("open_app")
ON, OFF, SILENT = SettingValue(True), SettingValue(False), SettingValue(None)


def one_by_one(actor, users, was, wish):
    for user in users:
        assert toggle.current_setting(user).value == was
        toggle.write_setting(actor, user, wish)


def together(actor, users, was, wish):
    toggle.write_settings(actor, [SettingChange(user.id, EventSubject.of(user), was, wish) for user in users])


def settings(ids):
    """The settings of users and the events that they name."""
    rows = db.session.execute(select(Setting, AuditEvent).join(AuditEvent, AuditEvent.id == Setting.event_id).where(
        Setting.unit_id.in_(ids), Setting.level == "user").order_by(Setting.unit_id)).all()
    return [[values_of(word, "said_at", "event_id"), values_of(event, "id", "ref", "at")] for word, event in rows]


def values_of(record, *left_out):
    """The columns of a record but those that are others each time."""
    names = {column.name for column in record.__table__.columns} - set(left_out)
    return {name: getattr(record, name) for name in names}


@pytest.mark.parametrize("by", ["Ada", ""])
def test_one_by_one_and_together_leave_the_same(row, by):
    """Said first, changed, and taken back; by a person and by the command line."""
    left = {}
    for write in (one_by_one, together):
        left[write] = []
        for was, wish in ((SILENT, ON), (ON, OFF), (OFF, SILENT)):
            with writing() as session:
                users = [row("Uli"), row("Ben")]
                write(row(by) if by else None, users, was, wish)
            left[write].append(settings([user.id for user in users]))
        with writing() as session:
            session.query(Setting).filter(Setting.level == "user").delete()
    assert left[one_by_one] == left[together]
    assert [[word["version"] for word, _event in step] for step in left[together]] == [[1, 1], [2, 2], [3, 3]]


def test_many_take_as_many_statements_as_one(row, statements):
    with writing():
        ada, users = row("Ada"), [row(name) for name in ("Uli", "Ben", "Mia")]
        with statements() as seen:
            together(ada, users, SILENT, ON)
    assert [statement.split()[2] for statement in seen] == ["audit_events", "words"]


def test_none_take_none(row, statements):
    with writing():
        ada = row("Ada")
        with statements() as seen:
            together(ada, [], SILENT, ON)
    assert seen == []


# --- units ---------------------------------------------------------------------------------------


@pytest.fixture
def unit(people, locations, organizations):
    """`unit("Uli")`, `unit("Toronto")` or `unit("Maple")` is what has a setting."""

    def of(name):
        kinds = ((User, people), (Location, locations), (Organization, organizations))
        return next(db.session.get_one(kind, known[name].id) for kind, known in kinds if name in known)

    return of


@pytest.fixture
def read(organizations):
    """`read("Harbor")` is the snapshot of an organization as it is now."""

    def of(name="Maple"):
        db.session.rollback()
        return OrganizationSnapshot.read(organizations[name].id)

    return of


def say(actor, unit, setting):
    with writing():
        toggle.write_setting(actor, unit, setting)


def everything():
    """All settings and events, to see that nothing was written."""
    return [db.session.execute(select(*table.__table__.columns)).all() for table in (Setting, AuditEvent)]


@pytest.mark.parametrize(("name", "level", "users"), [
    ("Maple", Level.ORGANIZATION, ["Ada", "Ben", "Rita", "Uli"]), ("Harbor", Level.ORGANIZATION, ["Mia", "Otto"]),
    ("Toronto", Level.LOCATION, ["Ada", "Ben", "Rita", "Uli"]), ("Halifax", Level.LOCATION, []),
    ("Uli", Level.USER, ["Uli"]),
])
def test_a_setting_applies_to_the_users_of_its_unit(unit, name, level, users):
    assert toggle.level_of_unit(unit(name)) is level
    where = conditions_in_sql([toggle.users_under_unit(unit(name))])
    found = db.session.scalars(select(User.name).where(*where).order_by(User.name))
    assert [each.split()[0] for each in found] == users


@pytest.mark.parametrize("name", ["Maple", "Toronto", "Uli"])
@pytest.mark.parametrize("on", [True, False, None])
@pytest.mark.parametrize("locked", [True, False])
def test_a_lock_needs_on_or_off_and_no_user_and_a_reason_needs_a_lock(unit, name, on, locked):
    lasts = locked and on is not None and name != "Uli"
    assert toggle.tidy_setting(unit(name), SettingValue(on, locked, " Trial ")) == SettingValue(
        on, lasts, "Trial" if lasts else "")


def test_what_was_never_set_has_version_0(unit):
    assert toggle.current_setting(unit("Uli")) == toggle.CurrentSetting()
    said = toggle.current_setting(unit("Maple"))
    assert (said.value, said.version, said.by) == (ON, 1, "Ada Keller")


# --- locks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("locked", "name", "at"), [
    ((), "Uli", None), (("Maple",), "Uli", Level.ORGANIZATION), (("Maple",), "Toronto", Level.ORGANIZATION),
    (("Maple",), "Maple", None), (("Toronto",), "Uli", Level.LOCATION), (("Toronto",), "Toronto", None),
    (("Halifax",), "Uli", None), (("Toronto",), "Maple", None), (("Maple", "Toronto"), "Uli", Level.ORGANIZATION),
])
def test_only_a_broader_lock_is_over_a_unit_and_the_broadest_counts(unit, read, locked, name, at):
    for each in locked:
        say(unit("Ada"), unit(each), SettingValue(False, True, f"Locked at {each}"))
    lock = toggle.lock_over_unit(unit(name), read())
    assert (lock and lock.level) == at
    if lock:
        said = toggle.current_setting(unit(locked[0]))
        assert (lock.who, lock.at, lock.reason) == ("Ada Keller", said.at, f"Locked at {locked[0]}")


def test_the_lock_of_another_organization_is_over_nobody_here(unit, read):
    say(unit("Otto"), unit("Harbor"), SettingValue(False, locked=True))
    assert toggle.lock_over_unit(unit("Uli"), read()) is None
    assert toggle.lock_over_unit(unit("Mia"), read("Harbor")).level is Level.ORGANIZATION


# --- judging -------------------------------------------------------------------------------------


def reasons(decision):
    return [reason.id for reason in decision.blocking]


@pytest.mark.parametrize("name", ["Maple", "Toronto", "Uli"])
@pytest.mark.parametrize(("actor", "why"), [
    ("Ada", []), ("Otto", ["not-yours"]), ("Uli", ["not-yours"]), ("Rita", ["not-yours"]), ("Olga", ["not-yours"]),
])
def test_an_administrator_changes_settings_of_their_own_organization_alone(unit, actor, name, why):
    """An administrator elsewhere, a user, an auditor and an operator change none; nothing is written either way."""
    before = everything()
    assert reasons(toggle.judge_change(unit(actor), unit(name), OFF)) == why
    assert everything() == before
    assert toggle.change_setting(unit(actor), unit(name), OFF, toggle.current_setting(unit(name)).version
                                 ).allowed is (not why)
    assert (everything() != before) is (not why)


@pytest.mark.parametrize(("setting", "why"), [(ON, ["locked-above"]), (OFF, ["locked-above"]), (SILENT, [])])
def test_under_a_lock_a_setting_is_only_taken_back(unit, setting, why):
    say(unit("Ada"), unit("Toronto"), SettingValue(True, locked=True))
    assert reasons(toggle.judge_change(unit("Ada"), unit("Uli"), setting)) == why
    assert reasons(toggle.judge_change(unit("Ada"), unit("Toronto"), setting)) == []


@pytest.mark.parametrize(("setting", "why"), [(ON, ["hipaa-unacknowledged"]), (OFF, []), (SILENT, [])])
def test_without_the_notice_nothing_is_switched_on(unit, setting, why):
    assert reasons(toggle.judge_change(unit("Otto"), unit("Harbor"), setting)) == why


def test_a_snapshot_that_was_read_before_is_not_read_again(unit, read, statements):
    ada, uli, snapshot = unit("Ada"), unit("Uli"), read()
    assert ada.id
    assert uli.id
    with statements() as seen:
        decision = toggle.judge_change(ada, uli, OFF, snapshot)
        effect = toggle.preview_change(uli, OFF, snapshot)
    assert len(seen) == 2
    assert (decision, effect) == (toggle.judge_change(ada, uli, OFF), toggle.preview_change(uli, OFF))


@pytest.mark.parametrize(("name", "counts"), [
    ("Maple", {ToggleOutcome.TURN_OFF: 2, ToggleOutcome.NOT_AVAILABLE: 2}), ("Uli", {ToggleOutcome.TURN_OFF: 1}),
    ("Halifax", {}), ("Ada", {ToggleOutcome.NOT_AVAILABLE: 1}),
])
def test_a_preview_counts_the_users_of_the_unit(unit, name, counts):
    before = everything()
    assert toggle.preview_change(unit(name), OFF).counts == counts
    assert everything() == before


def test_a_change_of_many_is_judged_as_one(unit, read):
    """A lock over one of them stops all; a lock where none of them works stops nobody."""
    where = [User.name.in_(["Uli Brandt", "Ben Okafor"])]
    decision, effect = toggle.judge_bulk_change(unit("Ada"), OFF, where, read())
    assert (reasons(decision), effect.counts) == ([], {ToggleOutcome.TURN_OFF: 2})
    assert reasons(toggle.judge_bulk_change(unit("Otto"), OFF, where, read())[0]) == ["not-yours"]
    say(unit("Ada"), unit("Halifax"), SettingValue(True, locked=True))
    assert reasons(toggle.judge_bulk_change(unit("Ada"), OFF, where, read())[0]) == []
    with writing():
        unit("Ben").location_id = unit("Halifax").id
    assert reasons(toggle.judge_bulk_change(unit("Ada"), OFF, where, read())[0]) == ["locked-above"]
    assert reasons(toggle.judge_bulk_change(unit("Ada"), OFF, [User.name == "Uli Brandt"], read())[0]) == []


# --- changing ------------------------------------------------------------------------------------


def test_a_change_is_written_with_its_event(unit):
    decision = toggle.change_setting(unit("Ada"), unit("Toronto"), SettingValue(False, True, " Trial run "), 0)
    assert decision.allowed
    said = toggle.current_setting(unit("Toronto"))
    assert (said.value, said.version, said.by) == (SettingValue(False, True, "Trial run"), 1, "Ada Keller")
    event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert (event.action, event.subject_name, event.details) == (
        "texting-reason", "Toronto", {"was": "inherit", "now": "off-locked", "reason": "Trial run"})


@pytest.mark.parametrize("same", [ON, SettingValue(True, reason="without a lock it means nothing")])
def test_what_changes_nothing_is_not_written(unit, same):
    before = everything()
    assert toggle.change_setting(unit("Ada"), unit("Maple"), same, 1).allowed
    assert everything() == before


@pytest.mark.parametrize("version", [0, 2], ids=["older", "newer"])
def test_a_stale_form_changes_nothing_and_hears_what_was_said(unit, version):
    """REL-03"""
    before = everything()
    with pytest.raises(StaleSetting) as stale:
        toggle.change_setting(unit("Ada"), unit("Maple"), SettingValue(False, True, "Mine"), version)
    assert everything() == before
    assert stale.value.theirs.value == ON
    assert (stale.value.theirs.by, stale.value.theirs.version) == ("Ada Keller", 1)
    assert stale.value.yours == SettingValue(False, True, "Mine")


def test_of_two_with_the_same_form_one_is_first(unit):
    """REL-03: both saw that nothing was said."""
    ada, uli = unit("Ada"), unit("Uli")
    assert toggle.change_setting(ada, uli, OFF, 0).allowed
    with pytest.raises(StaleSetting):
        toggle.change_setting(ada, uli, ON, 0)
    assert toggle.current_setting(uli).value == OFF


def test_a_word_taken_back_is_not_as_if_nothing_had_been_said(unit):
    """REL-03: a form from before the first word is stale even when the user says nothing again."""
    ada, uli = unit("Ada"), unit("Uli")
    toggle.change_setting(ada, uli, OFF, 0)
    toggle.change_setting(ada, uli, SILENT, 1)
    with pytest.raises(StaleSetting):
        toggle.change_setting(ada, uli, OFF, 0)
