"""The organization: its name, and what people who answer by keyword get to read."""

import pytest
from sqlalchemy import select

from portal.extensions import db, writing
from portal.models import AuditEvent, Organization
from portal.services.people import organizations as service
from tests.blueprints.reader import look, press

PAGE = "/admin/organization"
REPLY, HELP = "Name in automatic replies", "Help contact"


@pytest.fixture
def ada(browse):
    return browse("Ada")


@pytest.fixture
def stored(inside, organizations):
    """`stored()` is what the organization has: name, reply name, help contact."""

    def read():
        with inside():
            maple = db.session.get_one(Organization, organizations["Maple"].id)
            return maple.name, maple.reply_name, maple.help_contact

    return read


def test_the_values_are_saved_and_the_log_tells(ada, stored):
    seen = look(ada, PAGE)
    assert seen.heading == "Organization"
    assert [button for button in seen.buttons if button.startswith("Save")] == ["Save"]
    seen = press(ada, seen, "Save", {"Name": " Maple Group ", REPLY: "Maple: Clinic & Co. #1", HELP: "+1 416 555 0100"})
    assert seen.said == "Saved."
    assert stored() == ("Maple Group", "Maple: Clinic & Co. #1", "+1 416 555 0100")
    assert "Name: Maple Clinic → Maple Group. Name in automatic replies: – → Maple: Clinic & Co. #1." in (
        look(ada, "/admin/audit").words)


def test_what_the_provider_sets_is_only_read(ada, stored, inside):
    seen = look(ada, PAGE).region("What the provider sets")
    assert "Type of customer enterprise Calling plan yes Business Texting add-on yes Healthcare yes" in seen.words
    assert seen.all("input") == []
    ada.post(PAGE, data={**look(ada, PAGE).form("Save").data, "add_on": "", "campaign": "none", "brand_tier": "9"})
    with inside():
        assert db.session.scalars(select(Organization.brand_tier).distinct()).all() == [2000]


@pytest.mark.parametrize(("label", "typed", "problem"), [
    ("Name", "", "Enter the name of the organization."), ("Name", "n" * 121, "Use at most 120 characters."),
    (REPLY, "r" * 31, "Use at most 30 characters."), (HELP, "h" * 81, "Use at most 80 characters."),
    (REPLY, "Klinik Ümläut", "Not possible here: Ü ä"), (REPLY, "Maple 🍁", "Not possible here: 🍁"),
    (REPLY, "a{b}[c]~^|\\€`", "Not possible here: [ \\ ] ^ ` { | } ~ €"), (HELP, "Łódź", "Not possible here: ó Ł ź"),
    (REPLY, "Maple\nClinic", "Not possible here:"), (REPLY, "Maple\u200bClinic", "Not possible here:"),
])
def test_replies_hold_only_what_every_phone_shows_in_one_segment(ada, stored, label, typed, problem):
    seen = press(ada, look(ada, PAGE), "Save", {label: typed})
    assert seen.status == 422
    assert problem in seen.problems[0]
    assert seen.title.startswith("Error: ")
    assert stored() == ("Maple Clinic", "", "")


def test_exactly_thirty_plain_characters_fit(ada, stored):
    assert press(ada, look(ada, PAGE), "Save", {REPLY: "r" * 30}).said == "Saved."
    assert stored()[1] == "r" * 30


def test_stale_values_are_told_and_what_was_typed_stays(ada, inside, people, organizations, stored):
    """REL-03"""
    early = look(ada, PAGE)
    with inside():
        maple = db.session.get_one(Organization, organizations["Maple"].id)
        service.save_organization_details(None, maple, maple.version, {"reply_name": "Theirs"})
    seen = press(ada, early, "Save", {REPLY: "Mine", HELP: "911"})
    assert seen.status == 409
    assert ("They saved this: Name: Maple Clinic; Name in automatic replies: Theirs; Help contact: –;"
            in seen.problems[0])
    assert seen.form("Save").data["reply_name"] == ["Mine"]
    assert stored() == ("Maple Clinic", "Theirs", "")
    assert press(ada, seen, "Save").said == "Saved."
    assert stored() == ("Maple Clinic", "Mine", "911")


def test_saving_what_is_there_already_leaves_no_trace(ada, inside):
    press(ada, look(ada, PAGE), "Save")
    with inside():
        assert db.session.scalars(select(AuditEvent).where(AuditEvent.action == "organization-changed")).all() == []


def test_an_auditor_reads_and_has_nothing_to_press(browse):
    seen = look(browse("Rita"), PAGE)
    assert seen.buttons == []
    assert "Name Maple Clinic Name in automatic replies – Help contact –" in seen.region("What you set").words


ANSWERS = "Answer texts that nobody reads"


@pytest.mark.parametrize(("healthcare", "said", "ticked"), [
    (True, None, True), (False, None, False), (True, False, False), (False, True, True)])
def test_answers_to_texts_that_nobody_reads(browse, inside, organizations, healthcare, said, ticked):
    with inside(), writing() as session:
        maple = session.get_one(Organization, organizations["Maple"].id)
        maple.healthcare, maple.answers_unread = healthcare, said
    assert f"{ANSWERS} {'yes' if ticked else 'no'}" in look(browse("Rita"), PAGE).words


def test_what_nobody_has_switched_goes_on_to_follow_healthcare(ada, inside, organizations):
    def read():
        with inside():
            return db.session.get_one(Organization, organizations["Maple"].id).answers_unread

    press(ada, look(ada, PAGE), "Save", {"Name": "Maple Group"})
    assert read() is None
    press(ada, look(ada, PAGE), "Save", {ANSWERS: False})
    assert read() is False
    assert f"{ANSWERS}: in healthcare only → no." in look(ada, "/admin/audit").words
    press(ada, look(ada, PAGE), "Save", {ANSWERS: True})
    assert read() is True
