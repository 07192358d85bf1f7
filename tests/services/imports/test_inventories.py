"""Inventories: claims become numbers, other numbers become free, nothing is removed, and all or nothing counts."""

from datetime import date

import pytest
from sqlalchemy import select

from portal.extensions import db, writing
from portal.models import AuditEvent, Claim, Inventory, Number
from portal.services.imports import AlreadyDone, inventories
from portal.services.people import numbers, users
from portal.services.refusals import Changed
from tests import cast

pytestmark = pytest.mark.usefixtures("open_app")
FRESH, OTHER, ULI, MIA = "+14165550134", "+14165550135", "+14165550101", "+12065550161"
HEAD = "Number,Last Number,Organization,From,Until"


@pytest.fixture
def row():
    """`row("Uli")` is the user as they stand now."""
    return cast.as_they_stand


@pytest.fixture
def upload(row):
    """`upload("+1416...,,Maple Clinic,,")`: Olga has uploaded a file with these rows."""
    return lambda *rows: inventories.store_inventory(row("Olga"), "numbers.csv", "\n".join((HEAD, *rows)).encode())


@pytest.fixture
def carry_out(row):
    """Carry out what was shown; the counts."""
    return lambda kept: inventories.carry_out_inventory(row("Olga"), kept, inventories.plan_inventory(kept).seal)


def owners(e164):
    return db.session.scalars(select(Number.organization_id).where(Number.e164 == e164)).all()


def sentences(plan):
    return [(row.line, problem.sentence) for row in plan.wrong for problem in row.problems]


def test_claims_are_confirmed_numbers_added_and_the_rest_listed(row, upload, carry_out):
    numbers.assign_primary_number(row("Ada"), row("Rita"), FRESH, "")
    kept = upload(f"{FRESH},{OTHER},Maple Clinic,,", f"{ULI},,maple clinic,,")
    plan = inventories.plan_inventory(kept)
    assert ([claim.e164 for claim, _user in plan.claims], [one["e164"] for one in plan.fresh], plan.kept) == (
        [FRESH], [OTHER], 1)
    assert (plan.missing_many, [one.e164 for one in plan.missing]) == (1, [row("Ben").number.e164])
    assert carry_out(kept) == {"confirmed": 1, "added": 1, "dated": 0}
    assert (row("Rita").number.e164, db.session.scalars(select(Claim)).all()) == (FRESH, [])
    assert numbers.list_free_numbers(row("Ada")) == [OTHER]
    assert row("Ben").number is not None, "nothing is removed"
    told = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "inventory-taken")).all()
    assert [(one.subject_name, one.details) for one in told] == [
        ("Maple Clinic", {"confirmed": 1, "added": 1, "dated": 0})]


def test_nothing_counts_while_a_row_is_wrong(row, upload, carry_out):
    kept = upload(f"{FRESH},,Maple Clinic,,", f"{MIA},,Maple Clinic,,", f"{OTHER},,Nowhere,,",
                  f"{FRESH},,Maple Clinic,,")
    plan = inventories.plan_inventory(kept)
    assert [line for line, _said in sentences(plan)] == [3, 4, 5]
    assert not plan.writes
    with pytest.raises(Changed):
        carry_out(kept)
    assert owners(FRESH) == []


def test_dates_come_along_and_change(row, upload, carry_out):
    assert carry_out(upload(f"{FRESH},,Maple Clinic,2026-12-01,", f"{ULI},,Maple Clinic,,2100-01-31")) == {
        "confirmed": 0, "added": 1, "dated": 1}
    fresh = db.session.scalars(select(Number).where(Number.e164 == FRESH)).one()
    assert (fresh.from_on, row("Uli").number.until_on) == (date(2026, 12, 1), date(2100, 1, 31))
    kept = upload(f"{ULI},,Maple Clinic,,")
    assert not inventories.plan_inventory(kept).writes, "without days in the file those that are set stay"


def test_another_organization_gets_what_has_left(row, upload, carry_out):
    carry_out(upload(f"{MIA},,Harbor Health,,2020-01-01"))
    assert carry_out(upload(f"{MIA},,Maple Clinic,,"))["added"] == 1
    assert len(owners(MIA)) == 2


def test_the_claim_of_another_organization_or_of_somebody_deactivated_waits(row, upload, carry_out):
    numbers.assign_primary_number(row("Otto"), row("Mia"), FRESH, MIA)
    numbers.assign_primary_number(row("Ada"), row("Rita"), OTHER, "")
    users.deactivate_user(row("Ada"), row("Rita"))
    kept = upload(f"{FRESH},,Maple Clinic,,")
    assert carry_out(kept)["added"] == 1
    assert row("Mia").claim.e164 == FRESH


def test_once_and_as_shown(row, upload, carry_out):
    kept = upload(f"{FRESH},,Maple Clinic,,")
    seal = inventories.plan_inventory(kept).seal
    numbers.assign_primary_number(row("Ada"), row("Rita"), FRESH, "")
    with pytest.raises(Changed):
        inventories.carry_out_inventory(row("Olga"), kept, seal)
    carry_out(kept)
    with pytest.raises(AlreadyDone):
        inventories.carry_out_inventory(row("Olga"), kept, seal)


@pytest.mark.parametrize("left", [None, b"PK\x03\x04"])
def test_a_file_that_was_erased_or_is_damaged_does_nothing(row, upload, left):
    kept = upload(f"{FRESH},,Maple Clinic,,")
    with writing() as session:
        session.get_one(Inventory, kept.id).content = left
    assert inventories.plan_inventory(kept) is None
    with pytest.raises(Changed):
        inventories.carry_out_inventory(row("Olga"), kept, "")


def test_many_numbers_take_the_same_statements(row, upload, carry_out, statements):
    asked = []
    for begin, end in ((200, 201), (300, 999)):
        kept = upload(f"+1416555{begin:04},+1416555{end:04},Maple Clinic,,")
        with statements() as seen:
            carry_out(kept)
        asked.append(len(seen))
    assert asked[0] == asked[1]
