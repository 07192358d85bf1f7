"""The overview: who can text, what is in the way and who can fix it, what changed."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select, update

from portal.blueprints.admin import text_chart
from portal.extensions import now, writing
from portal.models import Acknowledgement, Location, Number, Organization, Restriction, Setting, TextState, User
from portal.rules.facts import Campaign, Cause, CustomerType, Pstn, Restraint, Subject
from portal.services.toggles import toggle
from portal.services.toggles.toggle import SettingValue
from portal.web import kept_parts
from tests.blueprints.reader import Seen, look, words
from tests.talks import hold, text_in, text_out

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


@pytest.fixture
def write_texts(inside, people):
    """`write_texts(days=1, delivered=3, received=2)`: so many texts of Uli, that many days ago."""

    def write(days, received=0, **sent):
        at = now() - timedelta(days=days)
        out = [text_out(state=TextState(state), at=at) for state, many in sent.items() for _ in range(many)]
        with inside():
            hold(people["Uli"].id, *out, *(text_in(at=at) for _ in range(received)))

    return write


def items(seen, part):
    """The titles of a list, in order."""
    return [words(line.find(".//strong")) for line in seen.region(part).all("ul[@class='tasks']/li")]


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
    shares, texts = look(ada, "/admin/").all("{*}svg[@role='img']/{*}title")
    assert shares.text == "Can text: 2; Receive only: 0; Off: 0; Not available: 2"
    assert texts.text == "0 texts sent, 0 of them not delivered; 0 received"


def test_the_answer_stands_first_in_words_that_add_up(ada, browse, inside):
    assert look(ada, "/admin/").words.count("2 of 4 people can text. 2 cannot, and you can fix all of them.") == 1
    assert "2 of 4 people can text. 2 cannot." in look(browse("Rita"), "/admin/").words, "an auditor fixes nothing"
    with inside(), writing() as session:
        session.execute(update(Organization).values(calling_plan=False))
        session.execute(update(User).where(User.name == "Ben Okafor").values(app_version="40.1"))
    assert "0 of 4 people can text. 4 cannot." in look(ada, "/admin/").words, "the provider has to act first"
    with inside(), writing() as session:
        session.execute(update(Organization).values(calling_plan=True))
    assert "1 of 4 people can text. 1 is turned off or can only receive. 2 cannot" in look(ada, "/admin/").words


def test_an_alarm_says_who_and_how_many(ada, browse, inside, people):
    assert "slowed or blocked" not in look(ada, "/admin/").words
    with inside(), writing() as session:
        for name in ("Uli", "Ben"):
            user = session.get_one(User, people[name].id)
            session.add(Restriction(organization_id=user.organization_id, subject=Subject.USER, user_id=user.id,
                                    restraint=Restraint.THROTTLE, cause=Cause.BURST, per_minute=1))
    part = look(ada, "/admin/").region(YOURS)
    assert "2 people are slowed or blocked: Ben Okafor, Uli Brandt" in part.words
    assert part.links["Read why"] == "/notices#restrictions"
    assert "slowed or blocked" not in look(browse("Otto"), "/admin/").words


# --- texts over time -----------------------------------------------------------------------------


def test_texts_stand_in_a_chart_and_in_a_table(ada, browse, write_texts):
    write_texts(days=1, delivered=3, undelivered=2, received=4)
    write_texts(days=40, delivered=5)
    seen = look(ada, "/admin/").region("Texts")
    assert seen.all("{*}svg[@role='img']/{*}title")[0].text == "5 texts sent, 2 of them not delivered; 4 received"
    assert len(seen.rows) == 14
    assert [row[1:] for row in seen.rows if row[1] != "0"] == [["5", "2", "4"]]
    seen = look(ada, seen.links["90 days"]).region("Texts")
    assert seen.all("{*}svg[@role='img']/{*}title")[0].text == "10 texts sent, 2 of them not delivered; 4 received"
    assert len(seen.rows) == 13
    assert "0 texts sent" in look(browse("Otto"), "/admin/?days=90").region("Texts").all("{*}svg/{*}title")[0].text


@pytest.fixture
def drawn(ada, monkeypatch):
    """`drawn()`: what the chart says, and the days in its table; `drawn.times` is how often it was drawn.

    It is noon where Ada is, `drawn.day` days from today.
    """
    zone = ZoneInfo("America/Toronto")
    today = now().astimezone(zone).date()
    draw = text_chart.draw_chart

    def look_at(address="/admin/", name="Texts"):
        seen = look(ada, address).region(name)
        return seen.all("{*}svg[@role='img']/{*}title")[0].text, [row[0] for row in seen.rows]

    def count(*told):
        look_at.times += 1
        return draw(*told)

    look_at.times, look_at.day = 0, 0
    monkeypatch.setattr(text_chart, "draw_chart", count)
    monkeypatch.setattr(text_chart, "now", lambda: datetime.combine(
        today + timedelta(days=look_at.day), time(12), zone).astimezone(UTC))
    kept_parts.forget_parts()
    return look_at


def test_the_same_counts_are_drawn_once(drawn, write_texts):
    write_texts(days=1, delivered=3)
    assert drawn() == drawn()
    assert drawn.times == 1


def test_other_counts_another_language_and_another_day_are_drawn_anew(drawn, write_texts):
    write_texts(days=1, delivered=3)
    _said, days = drawn()
    write_texts(days=1, received=1)
    assert drawn()[0] == "3 texts sent, 0 of them not delivered; 1 received"
    german, names = drawn("/admin/?lang=de", "SMS")
    assert german.endswith("1 empfangen")
    assert names != days
    drawn.day = 1
    assert drawn()[1][1:] == days[:-1]
    assert drawn.times == 4


def test_a_span_that_is_not_offered_is_the_usual_one(ada):
    for asked in ("0", "-1", "15", "9" * 400, "x", "14%00"):
        assert len(look(ada, f"/admin/?days={asked}").region("Texts").rows) == 14


# --- what is in the way --------------------------------------------------------------------------


def test_the_checklist_stands_by_who_can_fix_it_in_the_order_of_the_table(ada, troubled):
    seen = look(ada, "/admin/")
    headings = [words(heading) for heading in seen.all("main//h2")]
    assert headings[:2] == [YOURS, THEIRS]
    assert [one for one in items(seen, YOURS) if one[0].isdigit()] == [
        "4 users are at locations outside the US and Canada", "2 users have no number",
        "2 users have numbers that cannot text", "1 user needs a newer Webex App to send"]
    assert items(seen, THEIRS) == [
        "4 users wait for an enterprise contract", "4 users wait for the calling plan",
        "4 users wait for the Business Texting add-on", "4 users wait for the provider's PSTN",
        "4 users wait for the campaign"]
    (fold,) = seen.all("details[@class='fold card']")
    assert words(fold) == ("Done (7) Confirmed number Number that is here already Number that is still here Number that"
                           " stays Active account HIPAA notice read Sending without a block")


def test_every_count_of_the_checklist_is_as_long_as_its_list(ada, troubled):
    seen = look(ada, "/admin/")
    counted = 0
    for line in seen.region(YOURS).all("li"):
        for address in Seen(seen.answer, line).links.values():
            if "rule=" in address:
                assert len(look(ada, address).rows) == int(words(line).split()[0])
                counted += 1
    assert counted == 4


def test_a_rule_about_a_place_names_the_places(ada, troubled, locations):
    (line,) = [one for one in look(ada, "/admin/").region(THEIRS).all("li") if "PSTN" in words(one)]
    assert "Locations: Toronto" in words(line)
    assert Seen(ada.get("/admin/"), line).links["Toronto"] == f"/admin/locations/{locations['Toronto'].ref}"


def test_what_the_provider_must_fix_leads_to_one_letter(ada, browse, troubled):
    part = look(ada, "/admin/").region(THEIRS)
    assert [words(one) for one in part.all("summary")] == ["Why?"] * 5
    assert part.links["Ask the provider"] == "/admin/provider-request"
    assert "Ask the provider" not in look(browse("Rita"), "/admin/").words


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
    assert items(seen, YOURS) == ["Add a location", "Add users", "Choose the name in automatic replies",
                                  "Add the help contact"]
    (step,) = [line for line in seen.region(YOURS).all("li") if words(line).startswith("Add a location")]
    assert Seen(seen.answer, step).links == {"Add": "/admin/locations/new"}
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
    assert "No administrator has confirmed the HIPAA notice yet. Nobody can turn texting on before one does." in (
        seen.words)
    assert seen.links["Read the notice"] == "/notices"
    assert "HIPAA notice read" not in seen.words
    assert "Turn texting on" in items(seen, YOURS)


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
    assert "Rita Sandoval turned texting off for Uli Brandt (was: on)." in part.words
    assert part.links["All changes"] == "/admin/audit"


def test_an_auditor_sees_the_same_without_ways_to_change(browse, inside):
    with inside(), writing() as session:
        session.execute(delete(Setting))
    seen = look(browse("Rita"), "/admin/")
    assert seen.buttons == []
    assert "Add the help contact" in items(seen, YOURS)
    assert set(seen.region(YOURS).links) == {"About this rule", "See them"}
