"""A carrier from the first form to a fault: added, tested, assigned, refused by the other side, turned off."""

import shutil

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import beside, faults
from tests.browser.conftest import PHONE, WIDE
from tests.browser.portal import Portal
from tests.carriers.rigs.kannel import PASSWORD, TOKEN, USER, KannelPeer

pytestmark = pytest.mark.browser


@pytest.fixture
def portal(tmp_path, serving, cookies):
    """A portal of its own over a copy of the demo, which may connect to this machine."""
    made = Portal(tmp_path, CARRIER_NETWORKS="127.0.0.0/8")
    shutil.copy(serving.folder / "demo.kept", made.database)
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture
def kannel():
    """The other side: Kannel, as it answers."""
    peer = KannelPeer()
    yield peer
    peer.close()


def add_kannel(page, peer, password=PASSWORD):
    page.goto("/operator/carriers")
    page.get_by_role("link", name="Add carrier").click()
    page.get_by_role("main").get_by_role("link", name="Kannel").click()
    page.get_by_label("Name", exact=True).fill("Our bridge")
    page.get_by_label("Address", exact=True).fill(peer.address)
    page.get_by_label("User name").fill(USER)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_label("Token").fill(TOKEN)
    page.get_by_role("button", name="Add carrier").click()
    expect(page.get_by_role("heading", name="Our bridge", level=1)).to_be_visible()


def ask_how_it_is(page):
    page.get_by_role("button", name="Test connection").click()
    return page.get_by_role("region", name="Connection")


@pytest.mark.parametrize(("script", "view", "colors"), [
    (True, WIDE, "light"), (True, PHONE, "dark"), (False, PHONE, "light")])
def test_a_carrier_from_the_first_form_to_the_switch(sit_down, kannel, script, view, colors):
    olga = sit_down("Olga", script=script, view=view, color_scheme=colors, reduced_motion="reduce")
    add_kannel(olga, kannel)
    expect(olga.get_by_text("No text leaves by this carrier yet.")).to_be_visible()
    ask_how_it_is(olga)
    expect(olga.get_by_text("The carrier answers, and it accepts the account.").first).to_be_visible()
    assert not kannel.taken
    olga.get_by_role("button", name="Take all texts").click()
    expect(olga.get_by_text("No text has left yet.")).to_be_visible()
    expect(olga.get_by_text("Nothing leaves this machine.")).to_have_count(0)
    if script:
        assert faults(olga) == []
        assert beside(olga) == []
    olga.get_by_role("button", name="Turn off").click()
    expect(olga.get_by_text("This carrier is turned off, and its texts wait.")).to_be_visible()
    olga.get_by_role("button", name="Turn on").click()
    expect(olga.get_by_role("button", name="Turn off")).to_be_visible()




def test_a_wrong_password_is_put_right(sit_down, kannel):
    olga = sit_down("Olga", reduced_motion="reduce")
    add_kannel(olga, kannel, "wrong")
    found = ask_how_it_is(olga)
    expect(found).to_contain_text("it does not accept the account")
    expect(olga.get_by_role("status")).to_contain_text("it does not accept the account")
    assert faults(olga) == []
    assert olga.get_by_label("Password", exact=True).input_value() == ""
    olga.get_by_label("Password", exact=True).fill(PASSWORD)
    olga.get_by_role("button", name="Save").click()
    expect(olga.get_by_text("Olga Weiss typed new secrets of the carrier Our bridge.")).to_be_visible()
    expect(ask_how_it_is(olga)).to_contain_text("it accepts the account")


def test_a_fault_appears_by_itself(sit_down, portal, kannel):
    olga = sit_down("Olga", reduced_motion="reduce")
    add_kannel(olga, kannel)
    portal.python("""
from wsgi import app
from portal.extensions import now, writing
from portal.models import CarrierRecord
with app.app_context(), writing() as session:
    record = session.query(CarrierRecord).one()
    record.fault_code, record.fault_at = "account", now()
""")
    expect(olga.get_by_role("region", name="State")).to_contain_text("does not accept the portal's account")
    expect(olga.get_by_role("status")).to_contain_text("does not accept the portal's account")
    assert faults(olga) == []
    olga.goto("/operator/")
    olga.get_by_role("link", name="The carrier Our bridge: does not accept the account").click()
    ask_how_it_is(olga)
    expect(olga.get_by_role("region", name="State")).to_contain_text("No text leaves by this carrier yet.")


def test_an_organization_and_a_number_are_assigned(sit_down, kannel):
    olga = sit_down("Olga", script=False)
    add_kannel(olga, kannel)
    olga.goto("/operator/")
    olga.get_by_role("link", name="Maple Clinic").click()
    chosen = olga.get_by_role("combobox", name="Carrier", exact=True)
    chosen.select_option("Our bridge")
    olga.get_by_role("button", name="Choose carrier").click()
    expect(chosen.locator("option:checked")).to_have_text("Our bridge")
    olga.get_by_role("checkbox", name="+1 416 555 0101").check()
    olga.get_by_label("Carrier of the chosen numbers").select_option("Our bridge")
    olga.get_by_role("button", name="Set carrier").click()
    expect(olga.get_by_text("Carrier: Our bridge")).to_be_visible()
