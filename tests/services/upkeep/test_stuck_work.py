"""What stands still is kept by kind and piece, with the organization that waits for it, until it goes on."""

from datetime import timedelta

import pytest

from portal.extensions import db, now, writing
from portal.models import LongChange, PortalMark, Upload
from portal.services.upkeep import health, stuck_work
from portal.services.upkeep.health import Health
from portal.services.upkeep.stuck_work import StuckWork, WorkKind
from tests.stores import WRITES

pytestmark = pytest.mark.usefixtures("open_app")
SINCE = now() - timedelta(hours=2)


@pytest.fixture
def pieces(row):
    """The ids of a file and of a change of Maple Clinic, by the kind of work."""
    ada = row("Ada")
    mine = {"organization_id": ada.organization_id, "user_id": ada.id}
    with writing() as session:
        kept = {WorkKind.IMPORT: Upload(**mine, file_name="users.csv"), WorkKind.CHANGE: LongChange(**mine, on=True)}
        session.add_all(kept.values())
    return {kind: one.id for kind, one in kept.items()} | {WorkKind.CHECK: kept[WorkKind.IMPORT].id}


@pytest.mark.parametrize("kind", WorkKind)
def test_it_is_told_with_the_organization_that_waits_for_it(pieces, kind):
    stuck_work.note_stuck_work(kind, pieces[kind], SINCE)
    stuck_work.note_stuck_work(kind, pieces[kind], SINCE)
    assert stuck_work.list_stuck_work() == [StuckWork(kind, SINCE, "Maple Clinic")]
    stuck_work.forget_stuck_work(kind, pieces[kind])
    assert stuck_work.list_stuck_work() == []


@pytest.mark.parametrize("kind", WorkKind)
def test_what_was_erased_and_what_cannot_be_found_has_no_organization(kind):
    for piece in (0, 999):
        stuck_work.note_stuck_work(kind, piece, SINCE)
    assert {one.organization for one in stuck_work.list_stuck_work()} == {""}


def test_the_oldest_comes_first_and_other_marks_are_left_alone(pieces):
    with writing() as session:
        session.add(PortalMark(name="worker", value=SINCE.isoformat()))
    stuck_work.note_stuck_work(WorkKind.IMPORT, pieces[WorkKind.IMPORT], SINCE)
    stuck_work.note_stuck_work(WorkKind.CHANGE, pieces[WorkKind.CHANGE], SINCE - timedelta(hours=1))
    assert [one.kind for one in stuck_work.list_stuck_work()] == [WorkKind.CHANGE, WorkKind.IMPORT]
    stuck_work.forget_all_stuck_work()
    assert stuck_work.list_stuck_work() == []
    assert db.session.get(PortalMark, "worker") is not None


def test_a_kind_of_another_version_is_passed_over_and_forgotten():
    with writing() as session:
        session.add(PortalMark(name="stuck letters 3", value=SINCE.isoformat()))
    assert stuck_work.list_stuck_work() == []
    stuck_work.forget_all_stuck_work()
    assert db.session.get(PortalMark, "stuck letters 3") is None


def test_where_nothing_stands_still_nothing_is_written(begun):
    stuck_work.forget_all_stuck_work()
    assert WRITES not in begun


def test_the_health_check_tells_it_without_names(pieces):
    assert health.check_long_work().health is Health.GOOD
    stuck_work.note_stuck_work(WorkKind.IMPORT, pieces[WorkKind.IMPORT], SINCE)
    found = health.check_long_work()
    assert found.health is Health.WRONG
    assert health.print_moment(SINCE) in found.found
    assert "Maple" not in found.line
