"""Operators see organizations and set what only the provider sets; they see nobody's users and texts."""

import re
from html import unescape
from urllib.parse import unquote

import pytest
from sqlalchemy import func, select

from portal.blueprints.operator.forms import TIERS
from portal.extensions import db, now, writing
from portal.models import AccountState, AuditEvent, Location, LongChange, Number, Organization, SignInLink, User
from portal.rules import BY_ID
from portal.rules.accents import fold_letters
from portal.rules.facts import Campaign, CustomerType, NumberSource, Pstn, QuietRule, Registration
from portal.services.names import key_of_name
from portal.services.people import organizations as service
from portal.services.texting import sending
from portal.services.upkeep import stuck_work
from portal.services.upkeep.stuck_work import WorkKind
from portal.wording import log
from tests.blueprints.reader import Seen

NEW = {
    "name": "Prairie Dental", "customer_type": "enterprise", "calling_plan": "y", "campaign": "active",
    "brand_tier": "10000", "same_text_most": "25", "location_name": "Winnipeg", "country": "CA",
    "time_zone": "America/Winnipeg", "pstn": "provider", "admin_name": "Petra Stone",
    "admin_email": "petra@example.com",
}
FACTS = {"customer_type": "trial", "add_on": "y", "campaign": "suspended", "brand_tier": "40000",
         "same_text_most": "40", "registration": "us-recipients", "quiet_rule": "hold", "version": "1"}
LINK = re.compile(r"http://127\.0\.0\.1:5000(/welcome/[\w-]+)")


@pytest.fixture
def olga(browse):
    return browse("Olga")


@pytest.fixture
def page(organizations):
    """The address of an organization's page by its first word."""
    return lambda name="Maple": f"/operator/organizations/{organizations[name].ref}"


def summary(answer):
    """The lines of the error summary."""
    found = re.search(r'class="error-summary".*?</section>', answer.text, re.DOTALL)
    return [unescape(line) for line in re.findall(r"<li>(?:<a [^>]*>)?([^<]+)", found.group())] if found else []


def said(answer, browser):
    """What the page after a redirect announces."""
    assert answer.status_code == 303, answer.text
    after = browser.get(answer.headers["Location"])
    return unescape(re.search(r'id="said" role="status">(.*?)</div>', after.text, re.DOTALL).group(1))


def kept(kind, **named):
    return db.session.scalars(select(kind).filter_by(**named)).one()


# --- the list ------------------------------------------------------------------------------------


def test_the_list_shows_every_organization_with_what_is_in_the_way(olga, page):
    text = olga.get("/operator/").text
    assert text.index("Harbor Health") < text.index("Maple Clinic")
    assert f'href="{page()}"' in text
    assert "(not on the provider's PSTN: 1)" in text


def many(count):
    for at in range(count):
        name = f"Customer {at:03}"
        db.session.add(Organization(name=name, name_key=key_of_name(name)))


def test_the_list_is_paged_and_searched_with_the_same_number_of_statements(olga, inside, statements):
    with statements() as few:
        olga.get("/operator/")
    with inside(), writing():
        many(60)
    with statements() as lots:
        first = olga.get("/operator/")
    assert len(lots) == len(few)
    assert "Customer 049" in first.text
    assert "Maple Clinic" not in first.text
    second = olga.get(unescape(re.search(r'rel="next" href="([^"]+)', first.text).group(1)))
    assert "Customer 050" in second.text
    assert "Maple Clinic" in second.text
    assert "Maple Clinic" in olga.get("/operator/?search=MAPLE").text
    assert "Nothing found" in olga.get("/operator/?search=%25").text


def test_an_empty_portal_says_how_to_begin(olga, monkeypatch):
    monkeypatch.setattr(service, "list_organization_rows", lambda *asked: ([], False))
    assert "No organizations yet" in olga.get("/operator/").text


def test_the_first_page_tells_which_long_work_stands_still(olga, inside, organizations):
    """By the organization where it is known; a name is text, whatever it holds."""
    assert "stood still" not in olga.get("/operator/").text
    with inside():
        with writing() as session:
            maple = organizations["Maple"]
            admin = session.scalars(select(User).where(User.organization_id == maple.id)).first()
            change = LongChange(organization_id=maple.id, user_id=admin.id, on=True)
            session.add(change)
        for kind, piece in ((WorkKind.CHANGE, change.id), (WorkKind.IMPORT, 0)):
            stuck_work.note_stuck_work(kind, piece, now())
    page = olga.get("/operator/").text
    assert re.search(r"A change of many users has stood still since [^<]+: Maple Clinic", page)
    assert "Imports or changes of many users have stood still since " in page


def test_a_place_in_the_list_that_does_not_exist_is_404(olga):
    assert olga.get("/operator/?after=nowhere").status_code == 404


# --- a new organization --------------------------------------------------------------------------


def test_a_new_organization_ends_with_the_link_of_its_first_admin(olga, browse, inside):
    answer = olga.post("/operator/organizations/new", data=NEW)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store, no-transform"
    link = LINK.search(answer.text).group(1)
    assert "Petra Stone" in browse().get(link).text
    with inside():
        made = kept(Organization, name="Prairie Dental")
        assert (made.customer_type, made.campaign, made.brand_tier) == (
            CustomerType.ENTERPRISE, Campaign.ACTIVE, 10000)
        assert (made.calling_plan, made.add_on, made.healthcare) == (True, False, False)
        place = kept(Location, organization_id=made.id)
        assert (place.name, place.country, place.pstn) == ("Winnipeg", "CA", Pstn.PROVIDER)
        admin = kept(User, organization_id=made.id)
        assert (admin.admin, admin.account, admin.location_id) == (True, AccountState.INVITED, place.id)
        told = db.session.scalars(select(AuditEvent.action).where(
            AuditEvent.organization_id == made.id).order_by(AuditEvent.id))
        assert list(told) == ["organization-added", "location-added", "user-added", "link-made"]


def test_the_link_is_stored_as_a_hash_only_and_gone_from_the_page(olga, inside):
    answer = olga.post("/operator/organizations/new", data=NEW)
    token = LINK.search(answer.text).group(1).rpartition("/")[2]
    with inside():
        ref = kept(Organization, name="Prairie Dental").ref
        assert token not in db.session.scalars(select(SignInLink.token_hash)).one()
    assert token not in olga.get(f"/operator/organizations/{ref}").text


def test_everything_missing_is_said_at_once_and_nothing_is_written(olga, inside):
    untouched = {name: NEW[name] for name in ("customer_type", "campaign", "brand_tier", "pstn")}
    answer = olga.post("/operator/organizations/new", data={**untouched, "country": "", "time_zone": ""})
    assert answer.status_code == 422
    assert "<title>Error:" in answer.text
    assert summary(answer) == [
        "Enter the name of the organization.", "Enter the name of the location.", "Choose a country.",
        "Choose a time zone.", "Enter the person's name.", "Enter the person's email address."]
    with inside():
        assert db.session.scalar(select(func.count()).select_from(Organization)) == 2


@pytest.mark.parametrize(("typed", "sentence"), [
    ({"name": " MAPLE clinic "}, "An organization of this name exists already."),
    ({"admin_email": "Uli@example.com"},
     "This email address already has an account. Each person needs an address of their own."),
    ({"admin_email": "petra"}, "Enter an address with an @, such as name@example.com."),
    ({"name": "x" * 121}, "Use at most 120 characters."),
], ids=["name taken", "address taken", "no address", "too long"])
def test_what_cannot_be_is_said_without_naming_others(olga, inside, typed, sentence):
    answer = olga.post("/operator/organizations/new", data={**NEW, **typed})
    assert answer.status_code == 422
    assert summary(answer) == [sentence]
    assert not any(name in answer.text for name in ("Uli Brandt", "Maple Clinic"))
    with inside():
        assert db.session.scalar(select(func.count()).select_from(Organization)) == 2


def test_what_was_typed_stays(olga):
    text = olga.post("/operator/organizations/new", data={**NEW, "admin_email": "petra"}).text
    assert 'value="Prairie Dental"' in text
    assert 'value="petra"' in text
    assert '<option selected value="CA">Canada</option>' in text


@pytest.mark.parametrize("wrong", [
    {"country": "XX"}, {"time_zone": "Mars/Base"}, {"brand_tier": "7"}, {"pstn": "pigeon"},
    {"customer_type": "friend"}, {"campaign": "soon"},
], ids=str)
def test_only_what_the_lists_offer_is_taken(olga, wrong):
    assert olga.post("/operator/organizations/new", data={**NEW, **wrong}).status_code == 422


def test_tiers_are_those_of_the_rule(olga):
    limits = set(BY_ID["daily-brand"].limits.values())
    assert set(TIERS) < limits
    assert len(TIERS) == 5
    assert "200,000 segments a day" in olga.get("/operator/organizations/new").text


OWN = {**NEW, "administrator": "myself", "admin_name": "", "admin_email": "", "numbers": "204 555 0161\n204 555 0162",
       "campaign": "active", "add_on": "y", "turn_on": "y"}


def test_an_operator_administers_an_organization_alone(olga, inside, people):
    """From one form to a person who can text, and the page says how to go on."""
    answer = olga.post("/operator/organizations/new", data=OWN)
    seen = Seen(olga.get(answer.location))
    assert (answer.status_code, seen.heading) == (303, "Prairie Dental")
    assert "Prairie Dental is added, and you administer it. Texting is on." in seen.words
    assert "Everything is set up." in seen.words
    assert seen.links["Add a second person"] == "/admin/users/new"
    first = Seen(olga.get(seen.links["Send a test text"]))
    fields = {one.get("name"): one for one in [*first.all("main//input"), *first.all("main//textarea")]}
    assert fields["number"].get("value") == "+1 204 555 0110"
    assert "Hello from Prairie Dental. This is a test." in first.words
    assert "+1204" not in seen.links["Send a test text"]
    with inside():
        assert kept(User, id=people["Olga"].id).admin


def test_in_healthcare_texting_waits_for_the_notice(olga):
    seen = Seen(olga.get(olga.post("/operator/organizations/new", data={**OWN, "healthcare": "y"}).location))
    assert "Texting is still off." in seen.words
    assert "2 things are left, all yours." in seen.words
    assert seen.links["An administrator confirms the HIPAA notice"] == "/notices"
    assert seen.links["An administrator turns texting on"] == "/admin/settings"


def test_who_belongs_to_an_organization_names_another_person(browse, inside, people, organizations, locations):
    """Neither offered nor taken: an account belongs to one organization."""
    with inside(), writing() as session:
        oskar = session.get(User, people["Oskar"].id)
        oskar.organization_id, oskar.location_id = organizations["Maple"].id, locations["Toronto"].id
    oskar = browse("Oskar")
    assert "I administer it myself" in browse("Olga").get("/operator/organizations/new").text
    assert "I administer it myself" not in oskar.get("/operator/organizations/new").text
    answer = oskar.post("/operator/organizations/new", data=OWN)
    assert answer.status_code == 422
    assert "Enter the person's name." in summary(answer)


@pytest.mark.parametrize(("typed", "sentence"), [
    ({"numbers": "204 555 0161\n12"}, "Line 2 is not a phone number that can be assigned."),
    pytest.param({"numbers": "\n" * 1233 + "12"}, "Line 1234 is not a phone number that can be assigned.",
                 id="far down"),
    ({"numbers": "416 555 0101"}, "+1 416 555 0101 belongs to another organization."),
    ({"name": "MAPLE clinic"}, "An organization of this name exists already."),
], ids=str)
def test_what_was_typed_stays_when_the_form_is_refused(olga, typed, sentence, inside):
    answer = olga.post("/operator/organizations/new", data={**OWN, **typed})
    assert answer.status_code == 422
    assert summary(answer) == [sentence]
    seen = Seen(answer)
    assert {one.get("value") for one in seen.all("main//input[@checked]")} >= {"myself", "y"}
    assert typed.get("numbers", "204 555 0162").splitlines()[-1] in seen.words
    with inside():
        assert kept(User, name="Olga Weiss").organization_id is None


def test_what_the_provider_grants_is_ticked_while_the_carrier_pretends(olga, app, monkeypatch):
    def ticked():
        return {one.get("name") for one in Seen(olga.get("/operator/organizations/new")).all("main//input[@checked]")}

    assert {"calling_plan", "add_on"} <= ticked()
    monkeypatch.setattr(type(app.extensions["carrier"]), "real", True)
    assert not {"calling_plan", "add_on"} & ticked()


def test_the_link_of_an_administrator_says_what_is_missing_on_the_operators_side(olga):
    seen = Seen(olga.post("/operator/organizations/new", data={**NEW, "campaign": "none"}))
    assert "Prairie Dental is added. Send Petra Stone this link." in seen.words
    assert "Still missing on your side: add-on, numbers." in seen.words
    assert seen.links["Email it"].startswith("mailto:petra@example.com?subject=")
    assert LINK.search(unquote(seen.links["Email it"])).group(1) == LINK.search(seen.answer.text).group(1)


def test_the_list_counts_what_is_left(olga):
    rows = {row[0]: row[1] for row in Seen(olga.get("/operator/")).rows}
    assert rows == {"Harbor Health Healthcare": "2 HIPAA notice, texting is off",
                    "Maple Clinic Healthcare": "nothing"}


def test_an_operator_without_organizations_begins_with_the_first(olga, monkeypatch):
    assert olga.get("/").location == "/operator/"
    monkeypatch.setattr(service, "any_organization_exists", lambda: False)
    assert olga.get("/").location == "/operator/organizations/new"


@pytest.mark.parametrize(("who", "page"), [("Olga", "/operator/organizations/new"), ("Ada", "/admin/locations/new")])
def test_another_country_brings_its_time_zones(browse, who, page):
    """For both forms alike; the address holds no more than the two choices."""
    browser = browse(who)
    select = next(one for one in Seen(browser.get(page)).all("select") if one.get("name") == "country")
    asked = {"country": "CA", "time_zone": "America/Toronto"}
    part = Seen(browser.get(select.get("hx-get"), query_string=asked, part=True))
    labels = [one.get("label") for one in part.all("optgroup")]
    assert labels[:2] == ["Canada", "United States"]
    assert labels[2:] == sorted(labels[2:], key=fold_letters)
    assert "Poland" in labels
    assert [one.get("value") for one in part.all("option[@selected]")] == ["America/Toronto"]
    strange = Seen(browser.get(select.get("hx-get"), query_string={"country": "<x>", "time_zone": "<x>"}))
    assert strange.all("option[@selected]")[0].get("value") == ""


# --- one organization ----------------------------------------------------------------------------


def test_the_page_counts_users_and_names_what_the_provider_must_change(olga, page, inside):
    assert "Everything is set up." in olga.get(page()).text
    with inside(), writing():
        maple = kept(Organization, name="Maple Clinic")
        maple.campaign = Campaign.PENDING
    text = olga.get(page()).text
    assert "1 thing is left, and it is yours." in text
    assert "Enter its campaign as active" in text
    assert "Registered campaign" not in text, "said once"
    with inside(), writing():
        kept(Location, name="Toronto").pstn = Pstn.LOCAL_GATEWAY
        kept(Location, name="Halifax").pstn = Pstn.PROVIDER
    text = olga.get(page()).text
    assert "Waiting for you" in text
    assert "4 users" in text


def test_the_page_shows_no_users(olga, page):
    text = olga.get(page()).text
    assert "ada@example.com" in text
    assert not any(address in text for address in ("uli@example.com", "ben@example.com", "rita@example.com"))


def test_facts_are_saved_and_told_to_the_log(olga, page, inside):
    assert said(olga.post(page(), data=FACTS), olga).strip() == "<p>Saved. It takes effect with the next text.</p>"
    with inside():
        maple = kept(Organization, name="Maple Clinic")
        assert (maple.customer_type, maple.campaign, maple.brand_tier, maple.version) == (
            CustomerType.TRIAL, Campaign.SUSPENDED, 40000, 2)
        assert (maple.calling_plan, maple.add_on, maple.healthcare) == (False, True, False)
        assert maple.same_text_most == 40
        assert (maple.registration, maple.quiet_rule) == (Registration.US_RECIPIENTS, QuietRule.HOLD)
        assert not maple.keyword_blocks
        event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
        assert (event.actor_name, event.action) == ("Olga Weiss", "organization-changed")
        assert ["customer_type", "enterprise", "trial"] in event.details["changes"]


def test_a_stale_form_writes_nothing_and_shows_both(olga, page, inside):
    olga.post(page(), data=FACTS)
    late = {**FACTS, "customer_type": "online"}
    answer = olga.post(page(), data=late)
    assert answer.status_code == 409
    assert "These settings have changed since you opened the page" in answer.text
    assert re.search(r'Theirs">trial</td>\s*<td [^>]+>online<', answer.text)
    assert re.search(r'checked[^>]* value="online"', answer.text)
    assert re.search(r'name="version"[^>]* value="2"', answer.text)
    with inside():
        assert kept(Organization, name="Maple Clinic").customer_type is CustomerType.TRIAL
    assert olga.post(page(), data={**late, "version": "2"}).status_code == 303


def test_what_is_left_to_the_portal_is_told_in_words(olga, page, inside):
    """In the form, in a conflict and in the audit log: the portal's own setting is no dash."""
    shown = olga.get(page()).text
    assert shown.count(">As this portal is set<") == 2
    olga.post(page(), data={**FACTS, "registration": "", "quiet_rule": ""})
    with inside():
        maple = kept(Organization, name="Maple Clinic")
        assert (maple.registration, maple.quiet_rule) == (None, None)
    conflict = olga.post(page(), data=FACTS)
    assert re.search(r'Theirs">as this portal is set</td>\s*<td [^>]+>texts to US numbers<', conflict.text)
    olga.post(page(), data={**FACTS, "version": "2"})
    with inside():
        event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
        said = log.event_in_words("%(changes)s", {"changes": event.details["changes"]})
    assert "Texts that need an active campaign: as this portal is set → texts to US numbers." in said
    assert "In quiet hours: as this portal is set → hold the text until it may leave." in said


@pytest.mark.parametrize("name", ["registration", "quiet_rule"])
def test_an_unknown_choice_is_refused(olga, page, name):
    assert olga.post(page(), data={**FACTS, name: "some"}).status_code == 422


@pytest.mark.parametrize("typed", ["", "0", "1001", "-1", "many", "2.5", "9" * 5000])
def test_how_many_equal_texts_is_a_number(olga, page, typed, inside):
    answer = olga.post(page(), data={**FACTS, "same_text_most": typed})
    assert answer.status_code == 422
    assert summary(answer) == ["Enter a whole number from 1 to 1,000."]
    assert f'value="{typed}"' in answer.text
    with inside():
        assert kept(Organization, name="Maple Clinic").same_text_most == 25


def test_equal_texts_are_counted_against_the_organizations_own_number(olga, page, inside, people):
    olga.post(page(), data={**FACTS, "customer_type": "enterprise", "calling_plan": "y", "campaign": "active",
                            "same_text_most": "2", "quiet_rule": "warn"})
    with inside():
        uli = db.session.get_one(User, people["Uli"].id)
        told = [sending.send_text(uli, f"+1647555011{n}", "Sale!", f"key {n}").decision.allowed for n in range(3)]
    assert told == [True, True, False]


def test_nothing_but_the_facts_can_be_set(olga, page, inside):
    olga.post(page(), data={**FACTS, "name": "Owned", "ref": "owned", "reply_name": "Owned", "id": "9"})
    with inside():
        maple = kept(Organization, name="Maple Clinic")
        assert (maple.reply_name, maple.ref == "owned") == ("", False)


def test_the_connection_of_a_location(olga, page, locations, inside):
    halifax = locations["Halifax"].ref
    answer = olga.post(f"{page()}/locations/{halifax}", data={f"at-{halifax}-pstn": "provider"})
    assert "PSTN connection of Halifax: the provider's PSTN." in said(answer, olga)
    with inside():
        assert kept(Location, name="Halifax").pstn is Pstn.PROVIDER


def test_a_connection_that_does_not_exist_is_refused(olga, page, locations, inside):
    halifax = locations["Halifax"].ref
    assert olga.post(f"{page()}/locations/{halifax}", data={f"at-{halifax}-pstn": "pigeon"}).status_code == 422
    with inside():
        assert kept(Location, name="Halifax").pstn is Pstn.LOCAL_GATEWAY


def test_a_location_is_found_through_its_own_organization_only(olga, page, locations):
    seattle = locations["Seattle"].ref
    answer = olga.post(f"{page()}/locations/{seattle}", data={f"at-{seattle}-pstn": "not-set"})
    assert answer.status_code == 404


# --- numbers -------------------------------------------------------------------------------------


def test_a_number_is_added(olga, page, inside):
    answer = olga.post(f"{page()}/numbers", data={"number": "(902) 555-0170"})
    assert "Added: +1 902 555 0170." in said(answer, olga)
    with inside():
        number = kept(Number, e164="+19025550170")
        assert (number.user_id, number.source) == (None, None)


@pytest.mark.parametrize(("typed", "sentence"), [
    ("", "Enter a number."),
    ("416 555 0101", "This organization has this number already. Change its dates in the list below."),
    ("206 555 0160", "+1 206 555 0160 belongs to another organization."),
    ("416 555 01", "This is not a phone number that can be assigned. It is too short."),
    ("72345", "Short codes and service numbers cannot be anybody's primary number."),
])
def test_a_number_that_cannot_be_added(olga, page, typed, sentence):
    answer = olga.post(f"{page()}/numbers", data={"number": typed})
    assert answer.status_code == 422
    assert summary(answer) == [sentence]
    assert "Harbor" not in answer.text


def test_numbers_show_their_holders_and_what_is_odd_about_them(olga, page):
    olga.post(f"{page()}/numbers", data={"number": "833 555 0160"})
    text = olga.get(page()).text
    assert re.search(r"\+1 416 555 0101.*?Uli Brandt.*?not marked", text, re.DOTALL)
    assert re.search(r"\+1 833 555 0160</span>\s*<span class=\"badge block\">toll-free.*?nobody", text, re.DOTALL)


def test_chosen_numbers_are_marked_and_no_others(olga, page, inside):
    chosen = {"numbers": ["+14165550101", "+14165550102", "+12065550160"], "source": "other"}
    assert "2 marks have changed." in said(olga.post(f"{page()}/numbers/marks", data=chosen), olga)
    with inside():
        assert kept(Number, e164="+14165550101").source is NumberSource.OTHER
        assert kept(Number, e164="+12065550160").source is None
    assert "not from the plan" in olga.get(page()).text
    back = {"numbers": "+14165550101", "source": "unmarked"}
    assert "1 mark has changed." in said(olga.post(f"{page()}/numbers/marks", data=back), olga)
    with inside():
        assert kept(Number, e164="+14165550101").source is None


@pytest.mark.parametrize("wrong", [{"source": "other"}, {"numbers": "+14165550101", "source": "heaven"}], ids=str)
def test_a_mark_needs_numbers_and_a_source(olga, page, wrong, inside):
    assert olga.post(f"{page()}/numbers/marks", data=wrong).status_code == 422
    with inside():
        assert kept(Number, e164="+14165550101").source is None


def test_numbers_are_paged_and_searched(olga, page, organizations, inside):
    with inside(), writing() as session:
        session.add_all(Number(organization_id=organizations["Maple"].id, e164=f"+1902555{at:04}", kind="plain")
                        for at in range(160, 200))
    first = olga.get(page())
    assert "+1 902 555 0182" in first.text
    assert "+1 902 555 0183" not in first.text
    onward = unescape(re.search(r'rel="next" href="([^"#]+)', first.text).group(1))
    assert "+1 902 555 0183" in olga.get(onward).text
    found = olga.get(f"{page()}?search=555-0171").text
    assert "+1 902 555 0171" in found
    assert "+1 902 555 0172" not in found
    assert "No number has these digits" in olga.get(f"{page()}?search=999").text


# --- the first admin -----------------------------------------------------------------------------


def test_a_new_link_for_the_first_admin(olga, browse, page):
    answer = olga.post(f"{page()}/sign-in-link")
    assert answer.status_code == 200
    assert "Ada Keller" in browse().get(LINK.search(answer.text).group(1)).text


def test_no_link_without_an_admin_whose_account_is_open(olga, page, inside):
    with inside(), writing():
        kept(User, email="ada@example.com").account = AccountState.DEACTIVATED
    assert olga.post(f"{page()}/sign-in-link").status_code == 404
    assert "Create sign-in link" not in olga.get(page()).text


# --- doors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["", "/numbers", "/numbers/marks", "/numbers/dates", "/sign-in-link",
                                  "/locations/any"])
def test_a_reload_leads_back_to_the_page(olga, page, part):
    answer = olga.get(page() + part)
    assert answer.status_code == (303 if part else 200)
    assert not part or answer.headers["Location"] == page()


@pytest.mark.parametrize("part", ["", "/numbers", "/numbers/marks", "/numbers/dates", "/sign-in-link"])
def test_only_operators_come_in(browse, page, part):
    assert browse("Ada").post(page() + part).status_code == 403
    assert browse().post(page() + part).status_code in (303, 400)
    assert browse("Olga").post("/operator/organizations/nowhere" + part).status_code == 404


def test_the_page_takes_the_same_number_of_statements_whatever_its_size(olga, page, organizations, inside,
                                                                       statements):
    with statements() as few:
        olga.get(page())
    with inside(), writing() as session:
        maple = organizations["Maple"].id
        session.add_all(Number(organization_id=maple, e164=f"+1902555{at:04}", kind="plain") for at in range(160, 200))
        session.add_all(Location(organization_id=maple, name=f"Site {at}", name_key=f"site {at}", country="CA",
                                 time_zone="America/Toronto") for at in range(20))
    with statements() as lots:
        olga.get(page())
    assert len(lots) == len(few) <= 20


# --- the days on which numbers come and leave ------------------------------------------------------


def test_dates_are_set_and_shown(olga, page):
    dated = {"numbers": ["+14165550101"], "from_on": "2020-02-29", "until_on": "2100-03-01"}
    assert "The dates of 1 number are set." in said(olga.post(f"{page()}/numbers/dates", data=dated), olga)
    shown = olga.get(page()).text
    assert "Comes: 29 Feb 2020" in shown
    assert "Leaves: 1 Mar 2100" in shown


@pytest.mark.parametrize(("dated", "sentence"), [
    ({"from_on": "2100-01-01"}, "Choose at least one number in the list."),
    ({"numbers": ["+14165550101"], "until_on": "soon"}, "Enter a day, such as 2026-05-31."),
    ({"numbers": ["+14165550101"], "until_on": "9999-01-01"}, "Enter a day, such as 2026-05-31."),
    ({"numbers": ["+14165550101"], "from_on": "2100-01-02", "until_on": "2100-01-02"},
     "A number cannot leave before it has come. Enter a later day."),
])
def test_dates_that_cannot_be_set(olga, page, dated, sentence):
    answer = olga.post(f"{page()}/numbers/dates", data=dated)
    assert answer.status_code == 422
    assert summary(answer) == [sentence]
    assert all(f'value="{typed}"' in answer.text for name, typed in dated.items() if name != "numbers")
    assert ("checked" in answer.text.partition('value="+14165550101"')[2][:80]) == ("numbers" in dated)


def test_administrators_see_the_dates(olga, browse, page, people):
    olga.post(f"{page()}/numbers/dates", data={"numbers": [people["Uli"].number], "until_on": "2100-03-01"})
    assert "Leaves: 1 Mar 2100" in browse("Ada").get(f"/admin/users/{people['Uli'].ref}").text
