"""An import that is killed again and again ends as one that nobody disturbed: nothing lost, nothing done twice."""

import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bench.control_hub_file import write_export
from portal.app import create_app
from portal.extensions import db
from portal.models import AuditEvent, Claim, ImportRow, Number, Setting, Upload, UploadState, User
from portal.services import imports
from portal.services.imports import check_work, long_imports
from tests.crash.importer import OFFERED
from tests.data.imported import import_all, undo_all

ROOT = Path(__file__).parents[2]
ROWS, SEED = 90, 5
# With this seed the first processes are killed after two or three lines of the five that a check prints.
EARLY = 19


@pytest.fixture
def places(app, tmp_path, people, monkeypatch):
    """Two portals with the same file, checked: one is left in peace."""
    monkeypatch.setattr(long_imports, "ROWS_PER_STEP", 0)
    settings = app.config["SETTINGS"]
    with app.app_context():
        ada = db.session.get_one(User, people["Ada"].id)
        terms = imports.ImportTerms(ada.organization_id, True, False, ("en",), {"America/Toronto"})
        ref = imports.store_upload(ada, terms, "users.csv", write_export(ROWS)).ref
        db.session.remove()
        db.engine.dispose()
    for name in ("peace", "kills"):
        (tmp_path / name).mkdir()
        shutil.copyfile(settings.database, tmp_path / name / "portal.db")
        for key in ("secret_key", "csrf_key", "carrier_key"):
            shutil.copyfile(settings.instance / key, tmp_path / name / key)
    return tmp_path / "peace", tmp_path / "kills", people["Ada"].id, ref


def inside(place, ada_id, ref, do):
    """What a function gives of Ada and her file, in the portal at a place."""
    app = create_app({}, place)
    with app.app_context():
        given = do(db.session.get_one(User, ada_id), db.session.scalars(select(Upload).where(Upload.ref == ref)).one())
        db.session.remove()
        db.engine.dispose()
    return given


def kill_again_and_again(place, dice):
    """Let processes work, and kill each in one of its first steps; how many were killed."""
    killed = 0
    while True:
        process = subprocess.Popen([sys.executable, "-m", "tests.crash.importer", str(place)], cwd=ROOT,
                                   stdout=subprocess.PIPE, text=True)
        lines = [process.stdout.readline() for _ in range(dice.randrange(2, 6))]
        if "" in lines:
            process.stdout.close()
            assert process.wait() == 0
            return killed
        process.kill()
        process.stdout.close()
        process.wait()
        killed += 1


def left_behind(_ada, upload):
    """Everything that an import leaves, without ids that chance draws."""
    users = select(User.email, User.name, User.location_id, User.account, User.language, User.version, Number.e164,
                   Claim.e164, Setting.on).outerjoin(Number, Number.user_id == User.id).outerjoin(
        Claim, Claim.user_id == User.id).outerjoin(Setting, Setting.unit_id == User.id).order_by(User.email)
    events = select(AuditEvent.subject_name, AuditEvent.action, func.count()).group_by(
        AuditEvent.subject_name, AuditEvent.action).order_by(AuditEvent.subject_name, AuditEvent.action)
    rows = select(ImportRow.line, ImportRow.outcome, ImportRow.undone, ImportRow.said).order_by(ImportRow.line)
    found = [[tuple(row) for row in db.session.execute(one)] for one in (users, events, rows)]
    return [*found, upload.state, {name: many for name, many in upload.done.items() if name != "users"}]


def kept_by_check(_ada, upload):
    """Everything that a check finds out."""
    rows = db.session.execute(select(
        ImportRow.line, ImportRow.outcome, ImportRow.position, ImportRow.asked, ImportRow.mark, ImportRow.said,
    ).where(ImportRow.upload_id == upload.id).order_by(ImportRow.line))
    return [tuple(row) for row in rows], upload.state, upload.checked, upload.total, upload.cursor


@pytest.mark.slow
def test_a_check_is_begun_anew_until_one_comes_to_its_end(places, monkeypatch):
    monkeypatch.setattr(check_work, "ROWS_PER_COMMIT", 1)
    peace, kills, *mine = places
    before = inside(peace, *mine, kept_by_check)
    for place in (peace, kills):
        inside(place, *mine, lambda ada, one: imports.order_check(
            one, imports.ImportTerms(ada.organization_id, True, False, *OFFERED)))
    inside(peace, *mine, lambda _ada, _one: imports.check_next_upload(*OFFERED))
    assert kill_again_and_again(kills, random.Random(EARLY)) >= 1
    assert inside(kills, *mine, kept_by_check) == inside(peace, *mine, kept_by_check) == before
    assert before[1] is UploadState.CHECKED


@pytest.mark.slow
def test_it_goes_on_where_it_was_and_so_does_its_undo(places):
    peace, kills, *mine = places
    dice = random.Random(SEED)
    for order, whole, state in ((lambda ada, one: imports.order_import(ada, one, one.seal), import_all,
                                 UploadState.IMPORTED), (imports.order_undo, undo_all, UploadState.UNDONE)):
        inside(peace, *mine, whole)
        inside(kills, *mine, order)
        assert kill_again_and_again(kills, dice) > 1
        expected, found = inside(peace, *mine, left_behind), inside(kills, *mine, left_behind)
        assert found == expected
        assert found[3] is state
