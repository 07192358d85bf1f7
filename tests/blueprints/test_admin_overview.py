"""The overview: who can text, what is in the way and who can fix it, what changed."""

import re

import pytest
from sqlalchemy import delete, select, update

from portal.extensions import writing
from portal.models import Acknowledgement, Location, Number, Organization, Setting, User
from portal.rules.facts import Campaign, CustomerType, Pstn
from portal.services.toggles import toggle
from portal.services.toggles.toggle import SettingValue
from tests.blueprints.reader import Seen, look, words

YOURS, THEIRS = "What you can fix", "What the provider must fix"


@pytest.fixture
def ada(browse):
    return browse("Ada")


@pytest.fixture
def troubled(inside, people):
    """Everything that can be in the way is: seven rules that the provider or the admin can fix."""
    with inside(), writing() as session:
        maple = session.get_one(User, people["Ada"].id).organization
        maple.customer_type, maple.calling_plan, maple.add_on = CustomerType.ONLINE, False, False
        maple.campaign = Campaign.PENDING
        toronto = session.get_one(User, people["Ada"].id).location
        toronto.country, toronto.pstn = "FR", Pstn.NOT_SET
        session.get_one(User, people["Ben"].id).app_version = "40.1"


@pytest.fixture
def newly_founded(inside, people):
    """`newly_founded(location=True)`: Ben administers an organization in which nothing is set up."""

    def found(*, location, **facts):
        with inside(), writing() as session:
            new = Organization(name="New Clinic", name_key="new clinic", **facts)
            session.add(new)
            session.flush()
            place = Location(organization_id=new.id, name="Main", name_key="main", country="US",
                             time_zone="America/New_York")
            if location:
                session.add(place)
                session.flush()
            session.execute(update(User).where(User.id == people["Ben"].id).values(
                organization_id=new.id, location_id=None, admin=True))

    return found


def items(seen, part):
    """The titles of a list, in order."""
    return [words(line.find(".//strong")) for line in seen.region(part).all("ul[@class='checklist']/li")]


def tiles(seen):
    """How many stand how, and where each count leads."""
    found = {}
    for tile in seen.all("ul[@class='tiles']//a"):
        label, count = words(tile).rsplit(maxsplit=1)
        found[label] = int(count), tile.get("href")
    return found


# --- who can text --------------------------------------------------------------------------------


def test_tiles_are_as_long_as_their_lists(ada, inside, people):
    with inside(), writing() as session:
        toggle.write_setting(session.get_one(User, people["Ada"].id), session.get_one(User, people["Uli"].id),
                             SettingValue(False))
    found = tiles(look(ada, "/admin/"))
    assert {label: count for label, (count, _) in found.items()} == {
        "Can text": 1, "Receive only": 0, "Off": 1, "Not available": 2}
    for count, address in found.values():
        assert len(look(ada, address).rows) == count


def test_the_chart_tells_the_same_in_words(ada):
    (title,) = look(ada, "/admin/").all("{*}svg[@role='img']/{*}title")
    assert title.text == "Can text: 2; Receive only: 0; Off: 0; Not available: 2"


# --- what is in the way --------------------------------------------------------------------------


def test_the_checklist_stands_by_who_can_fix_it_in_the_order_of_the_table(ada, troubled):
    seen = look(ada, "/admin/")
    headings = [words(heading) for heading in seen.all("main//h2")]
    assert headings[:2] == [YOURS, THEIRS]
    assert [one for one in items(seen, YOURS) if not one.startswith(("Set the", "Switch"))] == [
        "Location in the US or Canada", "Primary number", "Number from the calling plan", "Version of the app"]
    assert items(seen, THEIRS) == ["Enterprise customers only", "Calling plan", "Business Texting add-on",
                                   "Provider's PSTN at the location", "Registered campaign"]
    (fold,) = seen.all("details[@class='fold card']")
    assert words(fold) == ("Done (7) Confirmed number Number that is here already Number that is still here Number that"
                           " stays Active account HIPAA notice read Sending without a block")


def test_every_count_of_the_checklist_is_as_long_as_its_list(ada, troubled):
    seen = look(ada, "/admin/")
    counted = 0
    for line in (*seen.region(YOURS).all("li"), *seen.region(THEIRS).all("li")):
        for words_, address in Seen(seen.answer, line).links.items():
            if words_.endswith((" user", " users")):
                assert len(look(ada, address).rows) == int(words_.split()[0])
                counted += 1
    assert counted == 9


def test_a_rule_about_a_place_names_the_places(ada, troubled, locations):
    (line,) = [one for one in look(ada, "/admin/").region(THEIRS).all("li") if "PSTN" in words(one)]
    assert "Locations: Toronto" in words(line)
    assert Seen(ada.get("/admin/"), line).links["Toronto"] == f"/admin/locations/{locations['Toronto'].ref}"


def test_what_the_provider_must_fix_comes_with_a_text_to_copy(ada, browse, troubled):
    """Ready to send: who asks, which rule, where it stands; and nobody's number or address."""
    part = look(ada, "/admin/").region(THEIRS)
    assert [words(one) for one in part.all("summary")] == ["Copy request"] * 5
    for text in ("".join(area.itertext()) for area in part.all("textarea")):
        assert "at Maple Clinic" in text
        assert re.search(r"http://127\.0\.0\.1:5000/limitations#[\w-]+\n", text)
        assert not re.search(r"555|\+1|@", text)
    (pstn,) = [text for text in ("".join(area.itertext()) for area in part.all("textarea")) if "PSTN" in text]
    assert "The user's location must reach the telephone network through the provider's own PSTN." in pstn
    assert "Concerns: Toronto" in pstn
    assert "Copy request" not in look(browse("Rita"), "/admin/").words


def test_with_everything_in_order_the_page_says_so(ada, inside):
    with inside(), writing() as session:
        session.execute(update(Organization).values(reply_name="Maple", help_contact="911"))
        for n, user in enumerate(session.scalars(select(User).where(User.name.in_(
                ["Ada Keller", "Rita Sandoval"])))):
            session.add(Number(organization_id=user.organization_id, e164=f"+1416555017{n}", kind="plain",
                               user_id=user.id))
    seen = look(ada, "/admin/")
    assert "Nothing. Everything on your side is in order." in seen.region(YOURS).words
    assert "Nothing. Everything on the provider's side is in order." in seen.region(THEIRS).words


# --- the beginning -------------------------------------------------------------------------------


def test_a_new_organization_sees_what_to_set_up(app, newly_founded, people):
    newly_founded(location=False)
    seen = look(app.test_client().sign_in(people["Ben"].id), "/admin/")
    assert items(seen, YOURS) == ["Add a location", "Add users", "Set the name in automatic replies",
                                  "Set the help contact"]
    assert seen.links["Add a location"] == "/admin/locations/new"
    assert items(seen, THEIRS) == ["Calling plan", "Business Texting add-on", "Registered campaign"]
    assert tiles(seen)["Can text"][0] == 0


def test_what_the_first_user_would_meet_is_not_done(app, newly_founded, people):
    """An organization without users fails nobody; that is no reason to call its requirements met."""
    newly_founded(location=True, calling_plan=True, customer_type=CustomerType.TRIAL)
    seen = look(app.test_client().sign_in(people["Ben"].id), "/admin/")
    assert items(seen, THEIRS) == ["Enterprise customers only", "Business Texting add-on",
                                   "Provider's PSTN at the location", "Registered campaign"]
    assert "Locations: Main" in seen.region(THEIRS).words
    assert "users" not in seen.region(THEIRS).words.replace("user's", "")
    (fold,) = seen.all("details[@class='fold card']")
    assert "Calling plan" in words(fold)
    assert "Primary number" in words(fold)


def test_who_has_not_confirmed_the_hipaa_notice_is_asked_first_and_it_is_not_done(browse):
    seen = look(browse("Otto"), "/admin/")
    assert "No administrator has confirmed the HIPAA notice yet. Nobody can switch texting on before one does." in (
        seen.words)
    assert seen.links["Read the notice"] == "/notices"
    assert "HIPAA notice read" not in seen.words
    assert "Switch texting on" in items(seen, YOURS)


def test_a_notice_that_is_confirmed_is_done(ada, inside):
    assert "HIPAA notice read" in look(ada, "/admin/").words
    with inside(), writing() as session:
        session.execute(delete(Acknowledgement))
    assert "HIPAA notice read" not in look(ada, "/admin/").words
    with inside(), writing() as session:
        session.execute(update(Organization).values(healthcare=False))
    assert "HIPAA" not in look(ada, "/admin/").words


# --- what changed --------------------------------------------------------------------------------


def test_recent_changes_are_changes_and_no_visits(ada, browse, inside, people):
    browse().post("/sign-in", data={"email": "uli@example.com", "password": "correct horse battery staple"})
    with inside(), writing() as session:
        for on in (True, False) * 5:
            toggle.write_setting(session.get_one(User, people["Rita"].id), session.get_one(User, people["Uli"].id),
                                 SettingValue(on))
    part = look(ada, "/admin/").region("Recent changes")
    assert len(part.all("li")) == 8
    assert "signed in" not in part.words
    assert "Rita Sandoval changed texting. For: Uli Brandt. Before: on. Now: off." in part.words
    assert part.links["All changes"] == "/admin/audit"


def test_an_auditor_sees_the_same_without_ways_to_change(browse, inside):
    with inside(), writing() as session:
        session.execute(delete(Setting))
    seen = look(browse("Rita"), "/admin/")
    assert seen.buttons == []
    assert "Set the help contact" in items(seen, YOURS)
    assert not {"Set the help contact", "Switch texting on", "Add users"} & set(seen.links)
