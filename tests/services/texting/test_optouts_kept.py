"""A STOP counts for ten years and longer, also after the organization has left (Code of Virginia, 59.1-514)."""

import re
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

import portal
from portal.extensions import db, writing
from portal.models import AccountState, Conversation, Message, Number, Organization, User
from portal.rules import BY_ID
from portal.rules.facts import Campaign
from portal.services.texting import optouts, sending
from portal.services.upkeep import retention
from tests.talks import THEIRS, come

ULI = "+14165550101"
YEARS = BY_ID["opt-out-kept"].limits["years"]
DAYS = 366 * YEARS + 1


def leave(organization_id):
    """The organization leaves: nothing is booked any more, nobody has an account or a number."""
    with writing() as session:
        session.execute(update(Organization).where(Organization.id == organization_id).values(
            calling_plan=False, add_on=False, campaign=Campaign.NONE))
        session.execute(update(User).where(User.organization_id == organization_id).values(
            account=AccountState.DEACTIVATED))
        session.execute(update(Number).where(Number.organization_id == organization_id).values(user_id=None))


def return_to_portal(organization_id, user_id):
    with writing() as session:
        session.execute(update(Organization).where(Organization.id == organization_id).values(
            calling_plan=True, add_on=True, campaign=Campaign.ACTIVE))
        session.execute(update(User).where(User.id == user_id).values(account=AccountState.ACTIVE))
        session.execute(update(Number).where(Number.e164 == ULI).values(user_id=user_id))


def blocking(user):
    db.session.rollback()
    return [one.id for one in sending.send_text(user, THEIRS, "Hello", "k").decision.blocking]


def test_a_stop_outlives_its_organization_and_ten_years(uli, clock):
    """What is kept is the opt-out alone: texts and conversations are long gone."""
    mine, me = uli.organization_id, uli.id
    come("STOP", ULI)
    leave(mine)
    clock.forward(days=DAYS)
    retention.erase_old_texts()
    assert [db.session.scalars(select(kind)).all() for kind in (Message, Conversation)] == [[], []]
    assert [one.theirs for one in optouts.list_optout_rows(mine, optouts.LISTED)] == [THEIRS]
    return_to_portal(mine, me)
    assert blocking(db.session.get_one(User, me)) == ["opted-out"]


def test_an_erased_number_is_still_opted_out_then(uli, clock):
    come("STOP", ULI)
    optouts.erase_optout_number(uli.organization, THEIRS)
    clock.forward(days=DAYS)
    retention.erase_old_texts()
    assert blocking(uli) == ["opted-out"]


def test_a_stop_to_an_organization_that_has_left_counts_too(uli):
    mine, me = uli.organization_id, uli.id
    leave(mine)
    come("STOP", ULI)
    return_to_portal(mine, me)
    assert blocking(db.session.get_one(User, me)) == ["opted-out"]


def test_no_organization_with_opt_outs_can_be_deleted(uli):
    come("STOP", ULI)
    kinds = [table for table in reversed(db.metadata.sorted_tables) if table.name not in ("opt_outs", "organizations")]
    with pytest.raises(IntegrityError), writing() as session:
        for table in kinds:
            session.execute(delete(table))
        session.execute(delete(Organization))
    db.session.rollback()
    assert optouts.optout_of_number(uli.organization_id, THEIRS) is not None


def test_nothing_in_the_portal_deletes_opt_outs():
    files = [*Path(portal.__file__).parent.rglob("*.py")]
    deleting = re.compile(r"delete\(\s*OptOut\b|DELETE FROM opt_outs", re.IGNORECASE)
    found = [file.name for file in files if deleting.search(file.read_text(encoding="utf-8"))]
    assert found == []
