"""Operators add, test, change, assign and turn off carriers; nobody else sees them, and nobody sees a secret."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import carriers
from portal.carriers.base import CarrierCondition, CarrierError, Fault
from portal.extensions import db, now, writing
from portal.models import CarrierRecord, Message, Number, Organization, Receipt, SignInSession, TextState
from portal.services.carriers import carrier_secrets
from tests.blueprints.reader import Seen
from tests.services.carriers.recorded import KIND, Recorded
from tests.talks import hold, text_out

TYPED = {"name": "North", "setting-address": "https://api.example.com", "setting-account": "AC1",
         "setting-port": "2775", "setting-window": "10", "setting-tls": "y", "setting-ids": "as-is"}
TOKEN = "a token that nobody reads"
NEW = {**TYPED, "secret-token": TOKEN}
NOTHING_LEAVES = "Pretend carrier. Nothing leaves this machine."


@pytest.fixture(autouse=True)
def recorded(monkeypatch):
    monkeypatch.setattr(carriers, "KINDS", {**carriers.KINDS, "recorded": KIND})


@pytest.fixture
def olga(browse):
    return browse("Olga")


@pytest.fixture
def north(olga, inside):
    """The address of a carrier that Olga added."""
    return olga.post("/operator/carriers/new/recorded", data=NEW).headers["Location"]


@pytest.fixture
def kept(inside):
    """`kept()`: the only carrier as it is stored, and its secrets; `kept(fault_code="account")` changes it first."""
    def read(**changed):
        with inside():
            if changed:
                with writing() as session:
                    for name, value in changed.items():
                        setattr(session.scalars(select(CarrierRecord)).one(), name, value)
            record = db.session.scalars(select(CarrierRecord)).one()
            return record, carrier_secrets.decrypt_secrets(record.secrets)

    return read


def look(browser, address):
    return Seen(browser.get(address))


def errors(answer):
    return re.findall(r'<p class="error" id="([\w-]+)-error">', answer.text)


# --- adding --------------------------------------------------------------------------------------


def test_without_carriers_the_list_says_what_happens_to_texts(olga):
    seen = look(olga, "/operator/carriers")
    assert "a pretend carrier on this machine takes all texts" in seen.words
    assert "docs/carriers/" in seen.words
    assert seen.links["Add carrier"] == "/operator/carriers/new"


def test_a_kind_is_chosen_first(olga):
    links = look(olga, "/operator/carriers/new").links
    assert links["Recorded"] == "/operator/carriers/new/recorded"
    assert "/operator/carriers/new/pretend" not in links.values()
    for kind in ("pretend", "pigeon"):
        assert olga.get(f"/operator/carriers/new/{kind}").status_code == 404


def test_a_carrier_is_added_and_shown(olga, north, kept):
    seen = look(olga, north)
    assert (seen.heading, seen.said) == ("North", "North is added. Test the connection next.")
    assert "No text leaves by this carrier yet." in seen.words
    assert "by Olga Weiss, and never shown again." in seen.words
    record, secrets = kept()
    assert secrets == {"token": TOKEN}
    assert f"/hooks/{record.ref}" in seen.words
    assert "Olga Weiss added the carrier North." in seen.words
    assert [row[0] for row in look(olga, "/operator/carriers").rows] == ["North Recorded"]


def test_everything_wrong_is_said_at_its_field_and_what_was_typed_stays(olga, inside):
    wrong = {**NEW, "name": "", "setting-address": "http://10.0.0.1", "setting-port": "0", "setting-ids": "other",
             "pace": "0", "secret-token": TOKEN}
    answer = olga.post("/operator/carriers/new/recorded", data=wrong)
    assert answer.status_code == 422
    assert set(errors(answer)) == {"name", "setting-address", "setting-port", "setting-ids", "pace"}
    assert "CARRIER_NETWORKS" in answer.text
    assert 'value="http://10.0.0.1"' in answer.text
    assert TOKEN not in answer.text
    assert "What you typed here is not shown again: type it once more." in answer.text
    with inside():
        assert db.session.scalars(select(CarrierRecord)).all() == []


def test_what_is_wrong_is_said_with_the_name_of_its_field(olga):
    answer = olga.post("/operator/carriers/new/recorded", data={
        **NEW, "setting-address": "http://127.0.0.1:13013", "setting-port": "", "setting-account": ""})
    links = Seen(answer).links
    assert {"Port: Fill this in: the carrier cannot be used without it.",
            "Account name: Fill this in: the carrier cannot be used without it."} <= set(links)
    assert any(words.startswith("Address: 127.0.0.1 is in a network where no carrier may be.")
               and "for example CARRIER_NETWORKS=127.0.0.0/8" in words for words in links)


def test_a_token_that_is_too_short_is_said_at_its_field(olga):
    kannel = {"name": "Kannel", "setting-address": "https://kannel.example.com", "setting-user": "portal",
              "secret-password": "a password", "secret-token": "short", "setting-portal_address": "http://10.1.2.3"}
    answer = olga.post("/operator/carriers/new/kannel", data=kannel)
    assert set(errors(answer)) == {"secret-token", "setting-portal_address"}
    seen = Seen(answer)
    assert "Token: Use at least 24 characters." in seen.links
    assert "If the carrier reaches the portal there" in seen.words
    assert "CARRIER_NETWORKS=10.1.2.3/32" in seen.words


def test_a_name_that_is_that_of_the_kind_is_said_once(olga):
    address = olga.post("/operator/carriers/new/recorded", data={**NEW, "name": "Recorded"}).headers["Location"]
    assert [row[0] for row in look(olga, "/operator/carriers").rows] == ["Recorded"]
    assert "Recorded Recorded" not in look(olga, address).words


def test_a_secret_that_is_needed_is_asked_for(olga):
    assert errors(olga.post("/operator/carriers/new/recorded", data=TYPED)) == ["secret-token"]


def test_what_does_not_fit_together_is_said_above(olga):
    answer = olga.post("/operator/carriers/new/recorded", data={**NEW, "setting-window": "999"})
    assert answer.status_code == 422
    assert "The carrier cannot work with these settings." in answer.text


def test_a_form_that_comes_too_late_shows_no_secret(olga, browse, inside):
    """Neither the page that refuses it, nor what is kept for when its person has signed in again."""
    forged = olga.post("/operator/carriers/new/recorded", data={**NEW, "csrf_token": "x"})
    assert forged.status_code == 400
    assert "North" in forged.text
    assert TOKEN not in forged.text


# --- changing ------------------------------------------------------------------------------------


def change(browser, address, version="1", **typed):
    return browser.post(address, data={**TYPED, "version": version, **typed})


def test_settings_change_and_empty_secrets_stay(olga, north, kept):
    assert change(olga, north, **{"setting-ids": "hex", "pace": "20"}).status_code == 303
    record, secrets = kept()
    assert (record.settings["ids"], record.pace, secrets) == ("hex", 20, {"token": TOKEN})
    seen = look(olga, north)
    assert seen.said.endswith("Saved. It takes effect with the next text.")
    assert ("Olga Weiss changed the carrier North. Texts a second, at most: – → 20. Ids in receipts: As in the answer →"
            " Hexadecimal.") in seen.words


def test_another_address_empties_the_secrets(olga, north, kept):
    change(olga, north, **{"setting-address": "https://other.example.com"})
    assert kept()[1] is None
    seen = look(olga, north)
    assert seen.said.endswith("Saved. The secrets are emptied, and its texts wait until you type them again.")
    assert "This carrier needs its secrets again, and its texts wait. Its secrets are missing: type them below." in (
        seen.words)
    assert "Not set." in seen.words
    assert not seen.all("span[@id='secret-token-optional']")
    assert errors(change(olga, north, "2", **{"setting-address": "https://other.example.com"})) == ["secret-token"]
    assert change(olga, north, "2", **{"setting-address": "https://other.example.com",
                                       "secret-token": "new"}).status_code == 303
    assert kept()[1] == {"token": "new"}


def test_secrets_that_nobody_can_read_are_another_matter(olga, north, kept):
    assert look(olga, north).all("span[@id='secret-token-optional']")
    kept(secrets=b"of another key")
    seen = look(olga, north)
    assert "The portal has none that it can read. Type them below." in seen.words
    assert not seen.all("span[@id='secret-token-optional']")


def test_another_person_was_faster(olga, browse, north, kept):
    change(browse("Oskar"), north, **{"setting-window": "20"})
    answer = change(olga, north, **{"setting-window": "30", "secret-token": "typed by Olga"})
    assert answer.status_code == 409
    seen = Seen(answer)
    assert ["Window", "20", "30"] in seen.rows
    assert "typed by Olga" not in answer.text
    assert seen.all("input[@name='version']")[0].get("value") == "2"
    record, secrets = kept()
    assert (record.settings["window"], secrets) == ("20", {"token": TOKEN})


def test_no_page_ever_shows_a_secret(olga, north):
    for address in ("/operator/carriers", north, f"{north}/news", "/operator/"):
        assert TOKEN not in olga.get(address).text
    assert TOKEN not in change(olga, north, **{"setting-port": "0", "secret-token": TOKEN}).text


def test_a_kind_that_this_version_does_not_know(olga, north, kept):
    kept(kind="pigeon")
    seen = look(olga, north)
    assert "does not know this kind of carrier" in seen.words
    assert "Save" not in seen.buttons
    assert change(olga, north).status_code == 422


# --- a look at it --------------------------------------------------------------------------------


@pytest.mark.parametrize(("answers", "said"), [
    (CarrierCondition(), "The carrier answers, and it accepts the account."),
    (CarrierCondition("12.50 USD", (1, 1)), "The balance is 12.50 USD. 1 of 1 line is up."),
    (CarrierCondition("", (0, 1)), "0 of 1 line is up. Look at the lines that are down"),
    (CarrierCondition("", (1, 2)), "1 of 2 lines are up. Look at the lines that are down"),
    (CarrierError("account", Fault.ACCOUNT), "it does not accept the account. Compare the account name"),
    (CarrierError("no-connection", Fault.LATER), "Nobody answers at this address. If it is a program of yours: is it"),
    (CarrierError("forbidden-address", Fault.LATER), "list that network in CARRIER_NETWORKS"),
    (CarrierError("no-answer", Fault.UNSURE), "it did not answer in time. Try again"),
    (CarrierError("too-fast", Fault.LATER), "asks the portal to come back later. Try again"),
    (CarrierError("X-17", Fault.TEXT), "The carrier refused to be asked. The carrier's code is X-17."),
    (CarrierError("X-18", Fault.UNSURE), "another program may be answering there"),
])
def test_the_connection_is_tested_in_place(olga, north, monkeypatch, answers, said):
    monkeypatch.setattr(Recorded, "answers", answers)
    part = Seen(olga.post(f"{north}/test", part=True))
    assert part.status == 200
    assert part.all("section[@id='carrier-test']")
    assert said in part.words
    assert part.said.startswith(("The carrier", "Nobody", "The address"))


def test_the_connection_is_tested_without_htmx(olga, north, monkeypatch):
    answer = olga.post(f"{north}/test")
    assert (answer.status_code, answer.headers["Location"]) == (303, north)
    assert "accepts the account" in look(olga, north).said
    monkeypatch.setattr(Recorded, "answers", CarrierError("no-connection", Fault.LATER))
    assert "Nobody answers at this address." in Seen(olga.post(f"{north}/test")).words


def test_without_secrets_it_is_not_asked(olga, north, kept):
    kept(secrets=None)
    assert "The carrier was not asked" in Seen(olga.post(f"{north}/test")).words


# --- how it is -----------------------------------------------------------------------------------


def next_poll(seen):
    return next(one.get("hx-get") for one in seen.all("div[@hx-get]") if "/news?" in one.get("hx-get"))


def test_a_fault_appears_by_itself_and_is_announced(olga, north, kept, browse):
    poll = next_poll(look(olga, north))
    assert olga.get(poll, part=True).status_code == 204
    kept(fault_code="account", fault_at=now(), by_default=True)
    news = Seen(olga.get(poll, part=True))
    assert "This carrier does not accept the portal's account, and its texts wait." in news.words
    assert news.said.startswith("This carrier does not accept")
    assert olga.get(next_poll(news), part=True).status_code == 204


def test_refused_calls_appear_by_themselves(olga, north, kept):
    poll = next_poll(look(olga, north))
    assert "calls refused" not in look(olga, "/operator/carriers").words
    kept(refused_calls=1234, refused_since=now(), refused_at=now())
    news = Seen(olga.get(poll, part=True))
    assert "1,234 calls to this carrier's address were refused since" in news.words
    assert "its token or signing key differs" in look(olga, north).words
    assert "calls refused" in look(olga, "/operator/carriers").words


def test_operators_see_it_on_their_first_page_and_in_the_list(olga, north, kept, browse):
    assert "The carrier North" not in look(olga, "/operator/").words
    kept(fault_code="account", fault_at=now())
    for address in ("/operator/", "/operator/carriers"):
        seen = look(olga, address)
        assert seen.links["The carrier North: does not accept the account"] == north
        assert "1 carrier whose texts wait" in "".join(seen.tree.itertext())
    kept(active=False)
    assert "The carrier North" not in look(olga, "/operator/").words


def test_operators_see_on_their_first_page_that_a_carrier_takes_no_texts(olga, north, kept, inside, people):
    kept(by_default=True)
    with inside():
        hold(people["Uli"].id, text_out("one", TextState.QUEUED, code="no-connection", tries=1, changed_at=now(),
                                        at=now() - timedelta(minutes=2)))
    for address in ("/operator/", "/operator/carriers"):
        seen = look(olga, address)
        assert seen.links["The carrier North: takes no texts"] == north
        assert "The portal tries again by itself." in seen.words


def test_what_became_of_the_texts_of_a_day(olga, north, kept, inside, people):
    ref = kept(by_default=True)[0].ref
    by = {"route": ref, "carrier": ref, "left_at": now()}
    with inside():
        hold(people["Uli"].id, text_out("one of Uli's words", **by),
             text_out("two", TextState.FAILED, code="filtered", route=ref),
             text_out("three", TextState.FAILED, code="E-7", route=ref), text_out("four", TextState.QUEUED))
        with writing() as session:
            text = session.scalars(select(Message)).first()
            session.add_all([Receipt(carrier=ref, raw="x", message_id=text.id),
                             *[Receipt(carrier=ref, raw="x") for _ in range(3)]])
    seen = look(olga, north)
    why = ("The mobile networks took it for spam. Try other words, and no shortened links. If that does not help, your"
           " provider can ask the carrier why.")
    assert [why, "1"] in seen.rows
    assert ["The carrier's code is E-7.", "1"] in seen.rows
    assert "3 of 4" in seen.words
    assert "Many reports fit no text." in seen.words
    assert "Uli" not in seen.words
    assert "555" not in seen.words
    assert look(olga, "/operator/carriers").rows[0][2:] == ["1", "1", "2"]


# --- which texts it takes ------------------------------------------------------------------------


def use(browser, address, do):
    return browser.post(f"{address}/use", data={"do": do})


def test_off_and_on(olga, north, kept):
    use(olga, north, "off")
    seen = look(olga, north)
    assert seen.said.endswith("Turned off. Its texts wait.")
    assert "This carrier is turned off, and its texts wait." in seen.words
    assert "Turn on" in seen.buttons
    use(olga, north, "on")
    assert look(olga, north).said.endswith("Turned on.")
    assert kept()[0].active


def test_before_it_takes_all_texts_the_page_says_what_it_replaces(olga, north):
    seen = look(olga, north)
    assert "If it takes all texts, it replaces the pretend carrier." in seen.words
    assert seen.links["Assign it on the page of an organization"] == "/operator/"
    other = olga.post("/operator/carriers/new/recorded", data={**NEW, "name": "South"}).headers["Location"]
    use(olga, north, "default")
    seen = look(olga, north)
    assert seen.said.endswith("It takes all texts now.")
    assert "it replaces" not in seen.words
    assert "If it takes all texts, it replaces North." in look(olga, other).words
    use(olga, other, "default")
    use(olga, other, "no-default")
    assert look(olga, other).said.endswith("It takes only assigned texts now.")


def test_all_texts_or_none(olga, north, kept, browse):
    assert NOTHING_LEAVES in browse("Uli").get("/limitations").text
    use(olga, north, "default")
    assert "No text has left yet." in look(olga, north).words
    for who in ("Olga", "Uli"):
        assert NOTHING_LEAVES not in browse(who).get("/limitations").text
    use(olga, north, "no-default")
    assert NOTHING_LEAVES in browse("Uli").get("/limitations").text
    assert not kept()[0].by_default


def test_operators_read_that_nothing_leaves_only_while_there_is_no_carrier(olga):
    assert NOTHING_LEAVES in olga.get("/limitations").text
    olga.post("/operator/carriers/new/recorded", data=NEW)
    assert NOTHING_LEAVES not in olga.get("/limitations").text


@pytest.mark.parametrize("whole", [True, False])
def test_members_read_that_nothing_leaves_only_where_it_is_so(olga, north, kept, browse, organizations, whole):
    """The texts of their own organization leave by its carrier, or those of one of its numbers by that one's."""
    ref, page = kept()[0].ref, f"/operator/organizations/{organizations['Maple'].ref}"
    for who in ("Uli", "Mia"):
        assert NOTHING_LEAVES in browse(who).get("/limitations").text
    if whole:
        olga.post(f"{page}/carrier", data={"carrier": ref})
    else:
        olga.post(f"{page}/numbers/carrier", data={"numbers": "+14165550101", "number_carrier": ref})
    assert {who: NOTHING_LEAVES in browse(who).get("/limitations").text for who in ("Uli", "Ada", "Mia")} == {
        "Uli": False, "Ada": False, "Mia": True}


def test_strangers_are_not_told_what_carries_texts(browse):
    assert NOTHING_LEAVES not in browse().get("/limitations").text


def test_a_test_text_is_offered_only_while_it_reaches_nobody(olga, north, kept, inside, browse):
    assert "5550110" in re.sub(r"\D", "", str(Seen(browse("Uli").get("/messages/new?test=1")).all(
        "input[@name='number']")[0].get("value")))
    kept(by_default=True)
    assert not Seen(browse("Uli").get("/messages/new?test=1")).all("input[@name='number']")[0].get("value")


def test_one_that_was_never_used_is_removed(olga, north):
    use(olga, north, "default")
    refused = use(olga, north, "remove")
    assert refused.status_code == 422
    assert "Texts leave by this carrier. Assign another one first." in refused.text
    use(olga, north, "no-default")
    answer = use(olga, north, "remove")
    assert answer.headers["Location"] == "/operator/carriers"
    assert look(olga, "/operator/carriers").said.endswith("North is removed.")
    assert olga.get(north).status_code == 404


def test_what_no_button_says_is_refused(olga, north):
    assert use(olga, north, "explode").status_code == 400


def test_an_organization_and_a_number_get_a_carrier(olga, north, kept, inside, organizations):
    ref, page = kept()[0].ref, f"/operator/organizations/{organizations['Maple'].ref}"
    assert "By which" not in olga.get(page).text
    olga.post(f"{page}/carrier", data={"carrier": ref})
    assert [one.get("value") for one in look(olga, page).all("select[@id='carrier']/option[@selected]")] == [ref]
    olga.post(f"{page}/numbers/carrier", data={"numbers": "+14165550101", "number_carrier": ref})
    seen = look(olga, page)
    assert "Carrier: North" in seen.words
    assert "The carrier of 1 number has changed." in seen.said
    with inside():
        assert db.session.scalars(select(Organization.name).where(Organization.carrier_id.is_not(None))).all() == [
            "Maple Clinic"]
        assert db.session.scalars(select(Number.e164).where(Number.carrier_id.is_not(None))).all() == ["+14165550101"]
    assert "Maple Clinic" in look(olga, north).links
    assert "Maple Clinic (1 number)" in look(olga, north).words


def test_a_carrier_that_is_not_there_is_no_choice(olga, north, organizations):
    page = f"/operator/organizations/{organizations['Maple'].ref}"
    for address, data in ((f"{page}/carrier", {"carrier": "gone"}),
                          (f"{page}/numbers/carrier", {"numbers": "+14165550101", "number_carrier": "gone"})):
        answer = olga.post(address, data=data)
        assert answer.status_code == 422
        assert "Choose one of the values on offer." in answer.text


# --- members -------------------------------------------------------------------------------------


def test_members_read_why_their_texts_wait(browse, north, kept):
    said = "The carrier takes no texts at the moment. Yours wait, and leave once it does."
    kept(by_default=True)
    uli = browse("Uli")
    assert said not in uli.get("/messages/").text
    for changed in ({"fault_code": "account"}, {"fault_code": "", "active": False}):
        kept(**changed)
        assert said in uli.get("/messages/").text


# --- what must not be kept -----------------------------------------------------------------------


def test_a_form_that_comes_after_the_session_keeps_no_secret(olga, people, inside, database_store):
    """Its person gets back what they typed once they have signed in again, but for secrets."""
    olga.get("/operator/carriers/new/recorded")
    with inside(), writing() as session:
        for row in session.scalars(select(SignInSession)):
            row.ended_at = now()
    assert olga.post("/operator/carriers/new/recorded", data=NEW).status_code in {303, 401}
    kept = database_store.content()
    assert b"North" in kept
    assert TOKEN.encode() not in kept


@pytest.mark.parametrize("secret", ["a", "<script>alert(1)</script>", "\u00e9\u4e2d\U0001f600", "x" * 200])
def test_whatever_the_secret_is_it_is_stored_only_encrypted(olga, kept, secret, database_store):
    olga.post("/operator/carriers/new/recorded", data={**TYPED, "secret-token": f"{TOKEN} {secret}"[-200:]})
    _record, stored = kept()
    assert stored["token"].endswith(secret[-1])
    assert stored["token"].encode() not in database_store.content()


def test_no_log_holds_a_secret(olga, caplog, capsys):
    olga.post("/operator/carriers/new/recorded", data={**NEW, "setting-port": "0"})
    olga.post("/operator/carriers/new/recorded", data=NEW)
    assert TOKEN not in caplog.text + "".join(capsys.readouterr())


def test_another_organization_is_not_alarmed(browse, north, inside, people):
    """A carrier that refuses texts is a matter of those whose numbers leave by it."""
    said = "The carrier takes no texts at the moment."
    with inside():
        with writing() as session:
            maple = session.scalars(select(Organization).where(Organization.name == "Maple Clinic")).one()
            maple.carrier_id = session.scalar(select(CarrierRecord.id))
        failed = {"code": "no-connection", "tries": 1, "changed_at": now()}
        hold(people["Ben"].id, *[text_out(f"{n}", TextState.QUEUED, **failed) for n in range(5)])
    assert said in browse("Uli").get("/messages/").text
    assert said not in browse("Mia").get("/messages/").text
