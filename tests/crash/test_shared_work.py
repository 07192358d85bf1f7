"""Two workers over the database of a server share long work, and each is killed in the middle of a step: everything is
done once, as if one had done it in peace.
"""

import os
import queue
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bench.control_hub_file import write_export
from portal.extensions import db
from portal.models import AuditEvent, LongChange, LongChangeUser, Setting, Upload, UploadState, User
from portal.rules.switches import SettingValue
from portal.services import audit, imports
from portal.services.imports import check_work, long_imports
from portal.services.toggles import bulk, long_steps
from portal.services.toggles.user_list import UserChoice
from portal.services.upkeep import stuck_work
from portal.wording.languages import LANGUAGES, list_zone_names
from tests.crash.test_import_kills import kept_by_check, left_behind
from tests.data.imported import import_all, undo_all
from tests.patience import wait_for

pytestmark = [pytest.mark.postgresql, pytest.mark.slow]
ROOT = Path(__file__).parents[2]
ROWS, WORKERS = 90, 2


class SharedWork:
    """Two workers. Each stands still before every commit, until it is let go or killed."""

    def __init__(self, instance, environ):
        self.instance, self.environ = instance, environ
        self.stands, self.listeners = queue.Queue(), {}
        self.processes = [self.begin(place) for place in range(WORKERS)]

    def begin(self, place):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.long_worker", str(self.instance)], cwd=ROOT, text=True,
            env={**os.environ, **self.environ}, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.listeners[place] = threading.Thread(target=self.listen, args=(place, process))
        self.listeners[place].start()
        return process

    def listen(self, place, process):
        with process.stdout as lines:
            for _line in lines:
                self.stands.put((place, process))

    def kill(self, place):
        process = self.processes[place]
        process.kill()
        process.wait()
        self.listeners[place].join()
        with suppress(OSError):
            process.stdin.close()

    def work_until(self, is_done, kill_at):
        """Let steps be committed until everything is done, but for these, counted from 1: there a worker is killed."""
        number = 0
        while wait_for(lambda: not self.stands.empty() or is_done()) and not is_done():
            assert [one.poll() for one in self.processes] == [None] * WORKERS
            place, process = self.stands.get()
            if process is not self.processes[place]:
                continue
            number += 1
            if number in kill_at:
                self.kill(place)
                self.processes[place] = self.begin(place)
            else:
                process.stdin.write("go on\n")
                process.stdin.flush()
        assert number > max(kill_at)

    def end(self):
        for place in range(WORKERS):
            self.kill(place)


@pytest.fixture
def shared(app, database_environ):
    """`shared()` begins the two workers over the database of the test."""
    begun = []

    def begin():
        begun.append(SharedWork(app.config["SETTINGS"].instance, database_environ))
        return begun[0]

    yield begin
    for one in begun:
        one.end()


@pytest.fixture
def ada(app, people, monkeypatch):
    """Ada, in the open application, in which everything is left to the workers."""
    monkeypatch.setattr(long_imports, "ROWS_PER_STEP", 0)
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 1)
    with app.app_context():
        yield db.session.get_one(User, people["Ada"].id)
        db.session.remove()


@pytest.fixture
def file(ada):
    """A file of hers, checked."""
    return imports.store_upload(ada, terms_of(ada), "users.csv", write_export(ROWS))


def terms_of(ada):
    """Those of the workers."""
    return imports.ImportTerms(ada.organization_id, True, False, LANGUAGES, frozenset(list_zone_names()))


@pytest.fixture
def peace(ada, database_store):
    """`peace(act, look)`: what `look` sees after `act`, which is then as if it had never been."""

    def see(act, look):
        database_store.keep("before")
        act()
        found = look()
        db.session.rollback()
        database_store.put_back("before")
        db.session.rollback()
        return found

    return see


def state_of(file):
    db.session.rollback()
    return db.session.scalar(select(Upload.state).where(Upload.id == file.id))


def test_a_check_that_was_killed_is_taken_up_by_another_worker(ada, file, shared, monkeypatch):
    monkeypatch.setattr(check_work, "ROWS_PER_COMMIT", 1)
    before = kept_by_check(ada, file)
    imports.order_check(file, terms_of(ada))
    db.session.rollback()
    shared().work_until(lambda: state_of(file) is UploadState.CHECKED, {2})
    assert kept_by_check(ada, file) == before


def test_an_import_and_its_undo_are_done_once(ada, file, shared, peace):
    workers = None
    for order, whole, state in ((lambda: imports.order_import(ada, file, file.seal), import_all, UploadState.IMPORTED),
                                (lambda: imports.order_undo(ada, file), undo_all, UploadState.UNDONE)):
        expected = peace(lambda whole=whole: whole(ada, file), lambda: left_behind(ada, file))
        order()
        db.session.rollback()
        workers = workers or shared()
        workers.work_until(lambda state=state: state_of(file) is state, {1, 4, 6})
        assert left_behind(ada, file) == expected
        assert state_of(file) is state
    assert stuck_work.list_stuck_work() == []


def changed(_ada):
    """What a change of everybody leaves, without ids that chance draws."""
    settings = select(User.email, Setting.on, Setting.version).join(
        Setting, (Setting.unit_id == User.id) & (Setting.level == "user")).order_by(User.email)
    events = select(AuditEvent.subject_name, AuditEvent.action, func.count()).where(
        AuditEvent.subject == "user").group_by(AuditEvent.subject_name, AuditEvent.action).order_by(
        AuditEvent.subject_name, AuditEvent.action)
    change = select(LongChange.changed, LongChange.left, LongChange.total, LongChange.stage)
    return [[tuple(row) for row in db.session.execute(one)] for one in (settings, events, change)] + [
        db.session.scalar(select(func.count()).select_from(LongChangeUser))]


def turn_off(ada):
    """Order that nobody of her organization may text."""
    many = db.session.scalar(select(func.count(User.id)).where(User.organization_id == ada.organization_id))
    return bulk.change_many_settings(ada, SettingValue(False), UserChoice(), audit.newest_event_id(ada.organization_id),
                                     many)


def finish_change(ada):
    turn_off(ada)
    while long_steps.step_long_change():
        pass


def is_change_over():
    db.session.rollback()
    return db.session.scalar(select(LongChange.ended_at)) is not None


def test_a_change_of_everybody_is_made_once(ada, file, shared, peace):
    import_all(ada, file)
    expected = peace(lambda: finish_change(ada), lambda: changed(ada))
    assert turn_off(ada).begun
    db.session.rollback()
    shared().work_until(is_change_over, {1, 4, 6})
    assert changed(ada) == expected
    assert expected[2][0][0] > 40
    assert stuck_work.list_stuck_work() == []
