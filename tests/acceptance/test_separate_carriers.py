"""Two organizations on two carriers of which one is mute or down: the texts of the other do not wait for it."""

import pytest
from sqlalchemy import select

from portal.extensions import db, writing
from portal.models import Acknowledgement, Organization, TextState, User
from portal.services.people.notices import HIPAA
from portal.services.toggles import toggle
from tests.acceptance.running import number_of
from tests.patience import wait_for
from tests.peers.center import PASSWORD, SYSTEM, MessageCenter

pytestmark = pytest.mark.slow

TEXTS = 12


@pytest.fixture
def harbor(portal, people):
    """Harbor Health texts as well."""
    with portal.inside(), writing() as session:
        otto = session.get_one(User, people["Otto"].id)
        session.add(Acknowledgement(user_id=otto.id, organization_id=otto.organization_id, as_admin=True,
                                    notice=HIPAA.id, version=HIPAA.version))
        harbor = session.scalars(select(Organization).where(Organization.name == "Harbor Health")).one()
        toggle.write_setting(otto, harbor, toggle.SettingValue(True))


@pytest.fixture
def other_center(tmp_path):
    (tmp_path / "other").mkdir()
    with MessageCenter(tmp_path / "other") as made:
        yield made


def add_center(portal, center, name):
    typed = {"host": "127.0.0.1", "port": str(center.port), "tls": "", "account": SYSTEM}
    return portal.add_carrier("smpp", {"password": PASSWORD}, typed, name)


@pytest.mark.usefixtures("harbor")
@pytest.mark.parametrize("fault", ["mute", "down"])
def test_the_other_carrier_goes_on(portal, center, other_center, fault):
    portal.assign("Maple", add_center(portal, center, "Maple's"))
    portal.assign("Harbor", add_center(portal, other_center, "Harbor's"))
    portal.send(number_of(10), "The first by Maple's")
    portal.send("+12125552110", "The first by Harbor's", "Mia")
    wait_for(lambda: {one.state for one in portal.texts()} == {TextState.DELIVERED}, lambda: str(portal.texts()))
    center.mute() if fault == "mute" else center.stop()
    mine = [portal.send(f"+164755522{place:02}", f"Maple {place}") for place in range(TEXTS)]
    if fault == "mute":
        # It has a text and says nothing: whoever waited for it would wait now.
        wait_for(lambda: len(center.texts()) > 1)
    theirs = [portal.send(f"+121255522{place:02}", f"Harbor {place}", "Mia") for place in range(TEXTS)]
    portal.wait_until_ended(theirs)
    with portal.inside():
        found = {one.ref: one for one in portal.texts()}
        db.session.rollback()
    assert {found[ref].state for ref in theirs} == {TextState.DELIVERED}
    # Each text takes the mute one ten seconds and the other none, so most of its texts are still there.
    still = [ref for ref in mine if found[ref].state in {TextState.QUEUED, TextState.CLAIMED}]
    assert len(still) > TEXTS / 2
