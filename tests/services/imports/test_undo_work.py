"""Undo of an import: everybody gets back what nobody has changed since, and nothing else changes."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.extensions import db, writing
from portal.models import (
    AccountState,
    AuditEvent,
    Claim,
    ImportRow,
    Location,
    Number,
    RowUndone,
    Setting,
    UploadState,
    User,
)
from portal.rules.switches import Level, SettingValue
from portal.services import imports
from portal.services.imports import AlreadyDone, ImportTerms, OtherWork, RowOutcome, import_work, results
from portal.services.people import numbers, users
from portal.services.refusals import Changed
from portal.services.toggles import toggle
from portal.services.upkeep import housekeeping
from tests.data import control_hub
from tests.data.files import EMAIL, user_csv
from tests.data.imported import import_all, undo_all, work_all

ULI, BEN, RITA, NEW = ({EMAIL: f"{name}@example.com"} for name in ("uli", "ben", "rita", "new"))
NEWCOMER = {**NEW, "Display Name": "Nia New", "Location": "Toronto"}
OWN, FREE = "+14165550101", "+14165550160"

pytestmark = pytest.mark.usefixtures("open_app")


@pytest.fixture
def upload(ada):
    """`upload(row, ...)` is a file that was checked."""
    def keep(*rows, content=b"", operator=False):
        terms = ImportTerms(ada.organization_id, True, operator, ("en", "de", "fr"), {"America/Toronto"})
        return imports.store_upload(ada, terms, "users.csv", content or user_csv(*rows))
    return keep


@pytest.fixture
def small_steps(monkeypatch):
    """Three rows in a commit."""
    for module in (import_work, imports.long_imports, imports.undo_work):
        monkeypatch.setattr(module, "ROWS_PER_STEP", 3)


def found(name):
    return db.session.scalars(select(User).where(User.email == f"{name}@example.com")).one()


def everything():
    """The values of every user that an import can change, by address."""
    db.session.rollback()
    rows = db.session.execute(select(User, Number.e164, Claim.e164, Setting.on).outerjoin(
        Number, Number.user_id == User.id).outerjoin(Claim, Claim.user_id == User.id).outerjoin(
        Setting, (Setting.level == Level.USER) & (Setting.unit_id == User.id)))
    return {user.email: {"name": user.name, "location": user.location_id, "language": user.language,
                         "zone": user.time_zone, "version": user.app_version, "account": user.account,
                         "number": number or claim or "", "on": on} for user, number, claim, on in rows}


CHANGES = ({**ULI, "Display Name": "Üli B.", "Location": "Halifax", "Phone Number": "+14165550102", "Texting": "ON",
            "App Version": "44.0", "Preferred Language": "de", "Time zone": "America/Toronto"},
           {**BEN, "Phone Number": OWN, "Texting": "OFF"}, {**RITA, "Phone Number": "416 555 0177"})


def test_everybody_gets_back_what_they_had(upload, ada):
    before = everything()
    file = upload(*CHANGES)
    assert import_all(ada, file)[RowOutcome.CHANGED] == 3
    changed = everything()
    assert all(changed[one] != before[one] for one in ("uli@example.com", "ben@example.com", "rita@example.com"))
    done = undo_all(ada, file)
    assert everything() == before
    assert (done["restored"], done["closed"], done["left"], file.state) == (3, 0, 0, UploadState.UNDONE)
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "import-undone")).one()
    assert (event.details, event.actor_name) == ({"restored": 3, "left": 0}, "Ada Keller")


def test_new_users_whom_nobody_touched_are_closed_and_come_back_with_the_file(upload, ada):
    content = control_hub.book(60).write()
    file = upload(content=content)
    created = import_all(ada, file)[RowOutcome.CREATED]
    had = everything()
    assert undo_all(ada, file)["closed"] == created > 30
    rows = db.session.scalars(select(User).join(ImportRow, ImportRow.user_id == User.id).where(
        ImportRow.upload_id == file.id)).all()
    assert {user.account for user in rows} == {AccountState.DEACTIVATED}
    assert not any(user.number_or_claim for user in rows)
    again = upload(content=content)
    assert import_all(ada, again)[RowOutcome.CHANGED] > 0
    assert everything() == had
    assert undo_all(ada, again)["closed"] > 0, "and once more"
    assert import_all(ada, upload(content=content))[RowOutcome.WRONG] == file.done["wrong"]
    assert everything() == had


def test_an_account_that_a_person_closed_is_not_opened_by_a_file(upload, ada):
    file = upload(NEWCOMER)
    import_all(ada, file)
    undo_all(ada, file)
    users.reactivate_user(ada, found("new"))
    users.deactivate_user(ada, found("new"))
    again = upload(NEWCOMER)
    assert (again.checked["counts"]["changed"], again.checked["counts"]["unchanged"]) == (0, 1)


@pytest.mark.parametrize("touch", [
    lambda ada: users.save_user_details(ada, found("new"), 1, "Nia Newer", "new@example.com", found("new").location),
    lambda ada: toggle.change_setting(ada, found("new"), SettingValue(False), 0),
    lambda ada: numbers.assign_primary_number(ada, found("new"), FREE, ""),
    lambda ada: chose_a_password(),
])
def test_a_new_user_whom_somebody_has_touched_stays(upload, ada, touch: Callable[[User], None]):
    file = upload(NEWCOMER)
    import_all(ada, file)
    touch(ada)
    before = everything()
    assert undo_all(ada, file)["left"] == 1
    assert everything() == before
    (kept,) = results.list_kept_rows(file, most=10)
    assert (kept.user.email, kept.row.undone) == ("new@example.com", RowUndone.LEFT)


def chose_a_password():
    with writing():
        found("new").password_hash = "chosen"


def test_a_number_that_another_person_has_by_now_stays_theirs(upload, ada):
    file = upload({**ULI, "Phone Number": f"REMOVE|{OWN}", "App Version": "44.0"})
    import_all(ada, file)
    numbers.assign_primary_number(ada, found("rita"), OWN, "")
    assert undo_all(ada, file)["left"] == 1
    assert (found("uli").app_version, found("uli").number_or_claim, found("rita").number.e164) == ("43.2", None, OWN)
    (kept,) = results.list_kept_rows(file, most=10)
    assert kept.row.said == [["Phone Number", OWN, ""]]


def test_a_lock_that_was_set_since_stays_in_force(upload, ada):
    with writing():
        toggle.write_setting(ada, found("uli"), SettingValue(True))
    file = upload({**ULI, "Texting": "OFF"})
    import_all(ada, file)
    with writing():
        toggle.write_setting(ada, ada.organization, SettingValue(False, locked=True, reason="All"))
    assert undo_all(ada, file)["left"] == 1
    assert toggle.current_setting(found("uli")).value.on is False


HANDS = ("name", "location", "version", "number", "texting", "nothing")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(("uli", "ben", "rita", "new")), st.sampled_from(HANDS), st.integers(0, 2)),
                max_size=8))
def test_whatever_others_change_in_between_stays_and_all_else_comes_back(upload, ada, hands):
    """Each value is the one from before the import, or the one that others gave it since."""
    before = everything()
    file = upload(*CHANGES, NEWCOMER)
    import_all(ada, file)
    imported = everything()
    for name, what, which in hands:
        change_by_hand(ada, found(name), what, which)
    touched = everything()
    undo_all(ada, file)
    after = everything()
    for email, values in touched.items():
        for name, value in values.items():
            was = before.get(email, imported[email])[name]
            if name in ("number", "on"):
                # A number may have gone to another person, and a setting that was made again is not the import's.
                assert after[email][name] in (was, value, "")
            elif email != "new@example.com":
                assert after[email][name] == (was if value == imported[email][name] else value), (email, name)
    put_back(before)


def change_by_hand(ada, user, what, which):
    place = db.session.scalars(select(Location).where(
        Location.organization_id == user.organization_id).order_by(Location.id)).all()[which % 2]
    if what in ("name", "location"):
        name = f"By hand {which}" if what == "name" else user.name
        users.save_user_details(ada, user, user.version, name, user.email,
                                place if what == "location" else user.location)
    elif what == "version":
        with writing():
            user.app_version = f"5{which}.0"
    elif what == "number" and user.number_or_claim:
        numbers.remove_primary_number(ada, user, user.number_or_claim.e164)
    elif what == "texting":
        toggle.change_setting(ada, user, SettingValue((None, True, False)[which]), toggle.current_setting(user).version)


def put_back(before):
    """The next example begins as this one did, but for users who are known by now."""
    db.session.rollback()
    with writing() as session:
        for claim in session.scalars(select(Claim)):
            session.delete(claim)
        session.flush()
        for number in session.scalars(select(Number).where(Number.user_id.is_not(None))):
            number.user_id = None
        session.flush()
        for user in session.scalars(select(User)):
            if user.email not in before:
                user.email = user.email_key = f"gone{user.id}@example.com"
                continue
            values = before[user.email]
            user.name, user.location_id, user.language = values["name"], values["location"], values["language"]
            user.time_zone, user.app_version, user.account = values["zone"], values["version"], values["account"]
            number = session.scalars(select(Number).where(Number.e164 == values["number"])).first()
            if number:
                number.user_id = user.id
        for setting in session.scalars(select(Setting).where(Setting.level == Level.USER)):
            setting.on = None


@pytest.mark.usefixtures("small_steps")
def test_small_steps_undo_the_same(upload, ada):
    before = everything()
    file = upload(content=control_hub.book(40).write())
    import_all(ada, file)
    rows = upload(*CHANGES)
    import_all(ada, rows)
    undo_all(ada, rows)
    undo_all(ada, file)
    assert {email: values for email, values in everything().items() if email in before} == before


# --- who, when, and how often --------------------------------------------------------------------


def test_an_import_is_undone_once_and_only_while_its_rows_are_there(upload, ada, clock):
    file, late = upload({**ULI, "App Version": "44.0"}), upload({**BEN, "App Version": "44.0"})
    with pytest.raises(AlreadyDone):
        imports.order_undo(ada, file)
    import_all(ada, file)
    import_all(ada, late)
    undo_all(ada, file)
    with pytest.raises(AlreadyDone):
        imports.order_undo(ada, file)
    clock.forward(days=8)
    housekeeping.erase_outdated_records()
    with pytest.raises(Changed):
        imports.order_undo(found("ada"), late)
    assert found("ben").app_version == "44.0"


def test_one_file_of_an_organization_is_in_work_at_a_time(upload, ada, monkeypatch):
    monkeypatch.setattr(imports.long_imports, "ROWS_PER_STEP", 0)
    first, second = upload({**ULI, "App Version": "44.0"}), upload({**BEN, "App Version": "44.0"})
    imports.order_import(ada, first, first.seal)
    with pytest.raises(OtherWork):
        imports.order_import(ada, second, second.seal)
    work_all()
    imports.order_undo(ada, first)
    with pytest.raises(OtherWork):
        imports.order_import(ada, second, second.seal)
    work_all()
    assert import_all(ada, second)["changed"] == 1


def test_who_began_it_may_be_deactivated_meanwhile(upload, ada, monkeypatch):
    monkeypatch.setattr(imports.long_imports, "ROWS_PER_STEP", 0)
    file = upload({**ULI, "App Version": "44.0"})
    imports.order_import(ada, file, file.seal)
    with writing():
        found("ada").account = AccountState.DEACTIVATED
    work_all()
    assert (found("uli").app_version, file.state) == ("44.0", UploadState.IMPORTED)
