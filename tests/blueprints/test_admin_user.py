"""One user's texting: three choices, the state, and why; the part is the page's own part."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from portal.extensions import db, now, writing
from portal.models import AccountState, Acknowledgement, AuditEvent, Number, Restriction, Setting, User
from portal.rules.facts import Campaign, Cause, CustomerType, NumberSource, Pstn, Restraint, Subject
from portal.rules.numbers import NumberKind
from portal.services.toggles import toggle
from portal.services.toggles.toggle import SettingValue
from tests.blueprints.reader import Seen, look, press, switch_of, turn

DEFAULT = "Use organization default settings"
NOTHING = "Nothing was changed"


@pytest.fixture
def ada(browse):
    return browse("Ada")


@pytest.fixture
def address(people):
    """`address("Uli")` is the user's page."""
    return lambda name="Uli": f"/admin/users/{people[name].ref}"


@pytest.fixture
def say(inside, people):
    """`say("Rita", "Toronto", SettingValue(...))`: Rita sets texting for a user, a location or Maple."""

    def speak(actor, unit, wish):
        with inside(), writing() as session:
            by = session.get_one(User, people[actor].id)
            units = {"Maple": by.organization, "Toronto": by.location}
            found = units.get(unit) or session.get_one(User, people[unit].id)
            toggle.write_setting(by, found, wish)

    return speak


@pytest.fixture
def change(inside, people):
    """`change("Uli", lambda user: ...)` changes what is stored about a user."""

    def alter(name, how):
        with inside(), writing() as session:
            user = session.get_one(User, people[name].id)
            how(user, session)

    return alter


def everything(inside):
    with inside():
        return [db.session.execute(select(*table.__table__.columns)).all() for table in (Setting, AuditEvent)]


# --- the choice ----------------------------------------------------------------------------------


def test_the_page_holds_state_switch_reasons_account_and_history(ada, address, people):
    seen = look(ada, address())
    assert (seen.heading, seen.title) == ("Uli Brandt", "Uli Brandt · Business Texting")
    texting = seen.region("Business Texting")
    assert "On Can text" in texting.words
    assert "Use organization default settings: follows the organization (on)." in texting.words
    assert "A press on the switch overrides default settings for Uli Brandt." in texting.words
    switch = switch_of(texting)
    assert (switch.get("role"), switch.get("aria-checked"), switch.get("value")) == ("switch", "true", "off")
    assert switch.get("aria-label") == "Business Texting for Uli Brandt"
    assert seen.links["Check a number"] == f"/admin/check?user={people['Uli'].ref}"
    assert seen.region("Account").buttons == [
        "Update details", "Create sign-in link", "Deactivate", "Assign number", "Remove number", "Change role"]
    assert seen.region("Why").words == "Why All set: Uli Brandt can text."
    assert "Nothing has been changed yet." in seen.region("History").words


@pytest.mark.parametrize(("organization", "location", "gives"), [
    (None, None, "would be off (nobody has turned texting on yet)"),
    (True, None, "would be on (organization setting)"), (False, None, "would be off (organization setting)"),
    (True, False, "would be off (setting of Toronto)"), (False, True, "would be on (setting of Toronto)"),
])
def test_the_default_says_what_it_gives_and_where_that_is_set(ada, address, say, organization, location, gives):
    """Whatever the user's own word is."""
    say("Rita", "Maple", SettingValue(organization))
    say("Rita", "Toronto", SettingValue(location))
    say("Rita", "Uli", SettingValue(not location))
    texting = look(ada, address()).region("Business Texting")
    state = "on" if not location else "off"
    assert f"Override default settings: {state}, set by Rita Sandoval, " in texting.words
    assert f"{DEFAULT} {gives}" in texting.words


@pytest.mark.parametrize(("organization", "location", "follows"), [
    (None, None, "nobody has turned texting on yet"),
    (True, None, "follows the organization (on)"), (False, True, "follows Toronto (on)"),
    (True, False, "follows Toronto (off)"),
])
def test_a_user_without_a_setting_follows_and_the_page_says_whom(ada, address, say, organization, location, follows):
    say("Rita", "Maple", SettingValue(organization))
    say("Rita", "Toronto", SettingValue(location))
    assert f"{DEFAULT}: {follows}." in look(ada, address()).region("Business Texting").words


@pytest.mark.parametrize(("word", "state", "said", "value"), [
    ("on", "On Can text", "Uli Brandt can now send and receive texts.", True),
    ("off", "Off Override default settings: off", "Uli Brandt can no longer text.", False),
    ("inherit", "On Can text", "Uli Brandt can now send and receive texts.", None),
])
def test_a_press_acts_at_once_without_htmx(ada, address, say, held, word, state, said, value):
    say("Rita", "Uli", SettingValue(not value))
    seen = turn(ada, look(ada, address()), word)
    assert state in seen.region("Business Texting").words
    assert seen.said == said
    assert held() == (value, 2)


def part_of(text):
    """The part of a page or of an answer, without what differs from one form to the next."""
    (found,) = re.findall(r'<div id="user-[\w-]+-texting".*?</section>\n</div>', text, re.DOTALL)
    return re.sub(r'name="csrf_token" value="[^"]+"', "", found)


@pytest.mark.parametrize("word", ["on", "off", "inherit"])
def test_the_part_is_the_part_of_the_page(ada, address, say, word):
    """What is swapped in is byte by byte what a reload would show, and the history holds the change."""
    say("Rita", "Uli", SettingValue(word == "off"))
    answer = turn(ada, look(ada, address()), word, part=True)
    assert answer.status == 200
    assert "HX-Request" in answer.answer.headers["Vary"]
    assert part_of(answer.answer.text) == part_of(ada.get(address()).text)
    history = Seen(answer.answer, next(one for one in answer.all("hx-partial")
                                       if one.get("hx-target") == "#history-card"))
    assert len(history.all("li")) == 2
    assert history.words == look(ada, address()).region("History").words
    assert "Ada Keller" in history.words


def test_a_part_and_a_page_say_the_same_when_nothing_was_chosen(ada, address, inside):
    """UX-02: a summary that takes the focus, the title, 422; nothing is written."""
    before = everything(inside)
    form = look(ada, address()).form("On")
    form.data.pop("word")
    part, page = (Seen(ada.post(form.action, data=form.data, part=part)) for part in (True, False))
    assert part.status == page.status == 422
    assert part_of(part.answer.text) == part_of(page.answer.text)
    assert part.problems == ["Choose one of the three settings."]
    assert part.title.startswith("Error: Uli Brandt")
    assert page.title.startswith("Error: Uli Brandt")
    assert "autofocus" in page.all("section[@class='error-summary']")[0].attrib
    assert everything(inside) == before


@pytest.mark.parametrize("word", ["maybe", "inherit-locked", "on-locked", ""])
def test_words_that_nobody_offered_are_refused(ada, address, inside, word):
    before = everything(inside)
    assert ada.post(f"{address()}/texting", data={"version": 0, "word": word}).status_code == 422
    assert everything(inside) == before


@pytest.mark.parametrize("part", [True, False])
def test_a_press_for_what_holds_already_is_done_and_writes_nothing(ada, address, say, inside, part):
    """Also one from an older page, such as the second of two quick presses."""
    early = look(ada, address())
    say("Rita", "Uli", SettingValue(False))
    before = everything(inside)
    seen = turn(ada, early, "off", part=part)
    assert seen.status == 200
    assert seen.said == "Uli Brandt can no longer text."
    assert everything(inside) == before


# --- somebody else was faster --------------------------------------------------------------------


@pytest.mark.parametrize("part", [True, False])
def test_a_stale_form_shows_theirs_and_yours_and_changes_nothing(ada, address, say, held, part):
    """REL-03"""
    early = look(ada, address())
    say("Rita", "Uli", SettingValue(True))
    seen = turn(ada, early, "off", part=part)
    assert seen.status == 409
    assert "Texting for Uli Brandt has changed since you opened the page" in seen.words
    assert "By Rita Sandoval," in seen.words
    assert "Nothing of yours was saved." in seen.words
    assert seen.rows == [["Business Texting", "on", "off"]]
    assert held() == (True, 1)
    assert look(ada, seen.links["Keep theirs"]).heading == "Uli Brandt"
    assert "can no longer text" in press(ada, seen, "Use mine instead").said
    assert held() == (False, 2)


def test_the_part_of_a_clash_takes_the_place_of_the_part(ada, address, say, people):
    early = look(ada, address())
    say("Rita", "Uli", SettingValue(True))
    answer = turn(ada, early, "off", part=True)
    root = next(iter(answer.tree.find("body")))
    assert root.get("id") == f"user-{people['Uli'].ref}-texting"


def test_even_yours_can_be_late_again(ada, address, say, held):
    early = look(ada, address())
    say("Rita", "Uli", SettingValue(True))
    clash = turn(ada, early, "off")
    say("Rita", "Uli", SettingValue(None))
    assert press(ada, clash, "Use mine instead").status == 409
    assert held() == (None, 2)


def test_a_reload_after_an_answer_leads_back_to_the_page(ada, address):
    for part in ("texting", "details", "number", "number/remove", "role", "link", "account"):
        answer = ada.get(f"{address()}/{part}")
        assert (answer.status_code, answer.headers["Location"]) == (303, address())


# --- refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", [True, False])
@pytest.mark.parametrize(("unit", "name", "leads"), [
    ("Maple", "Maple Clinic", "/admin/settings"), ("Toronto", "Toronto", "/admin/locations/")])
def test_under_a_lock_nothing_can_be_said_and_the_page_says_whose_it_is(ada, address, say, held, unit, name, leads,
                                                                         part):
    say("Rita", unit, SettingValue(False, True, "The line is being moved."))
    before = look(ada, address())
    switch = switch_of(before)
    assert "disabled" in switch.attrib
    assert switch.get("title", "").startswith(f"{name} is locked: Rita Sandoval locked it on ")
    assert f"{name} is locked: Rita Sandoval locked it on" in before.region("Business Texting").words
    assert "Reason: The line is being moved. A setting made here has no effect until it is unlocked." in before.words
    assert before.links["Go to the lock"].startswith(leads)
    seen = turn(ada, before, "on", part=part)
    assert seen.status == 422
    assert "Rita Sandoval" in seen.problems[0]
    assert NOTHING in seen.words
    assert held() == (None, 0)


def test_under_a_lock_an_own_word_can_still_be_taken_back(ada, address, say, held):
    say("Rita", "Uli", SettingValue(True))
    say("Rita", "Maple", SettingValue(False, True, "Closed in summer."))
    assert turn(ada, look(ada, address()), "inherit").said == "Texting is off for Uli Brandt."
    assert held() == (None, 2)


@pytest.mark.parametrize("part", [True, False])
def test_without_the_hipaa_notice_nobody_is_switched_on_and_the_notice_leads_back(browse, address, held, part):
    """From the refusal to the notice, and with its confirmation back to the switch."""
    otto = browse("Otto")
    seen = turn(otto, look(otto, address("Mia")), "on", part=part)
    assert seen.status == 422
    assert "confirmed the current HIPAA notice." in seen.problems[0]
    assert held("Mia") == (None, 0)
    notices = look(otto, seen.links["Read the HIPAA notice"])
    assert notices.all("*[@id='notice-hipaa']")
    back = press(otto, notices, "I have read this")
    assert back.heading == "Mia Castellano"
    assert back.said == "Your confirmation is saved."
    turn(otto, back, "on")
    assert held("Mia") == (True, 1)


def test_an_auditor_reads_and_has_nothing_to_press(browse, address):
    seen = look(browse("Rita"), address())
    assert seen.buttons == []
    assert seen.all("main//form") == []
    assert f"On Can text {DEFAULT}: follows the organization (on)." in seen.region("Business Texting").words
    assert "+1 416 555 0101" in seen.region("Account").words


def test_users_of_others_are_not_there(ada, address):
    assert ada.get(address("Mia")).status_code == 404
    assert ada.post(f"{address('Mia')}/texting", data={"version": 0, "word": "on"}).status_code == 404
    assert ada.get("/admin/users/nobody").status_code == 404


# --- why -----------------------------------------------------------------------------------------


def restrict(user, session):
    number = session.scalars(select(Number).where(Number.user_id == user.id)).one()
    session.add(Restriction(organization_id=user.organization_id, subject=Subject.NUMBER, number_id=number.id,
                            restraint=Restraint.BLOCK, cause=Cause.SPAM, until=now() + timedelta(days=3)))


def toll_free(user, session):
    number = session.scalars(select(Number).where(Number.user_id == user.id)).one()
    number.kind = NumberKind.TOLL_FREE


def not_from_the_plan(user, session):
    number = session.scalars(select(Number).where(Number.user_id == user.id)).one()
    number.source = NumberSource.OTHER


def give_up(user, session):
    session.scalars(select(Number).where(Number.user_id == user.id)).one().user_id = None


def put(where, **values):
    """Store values at the user, their location or their organization."""

    def store(user, _session):
        unit = user if where == "user" else getattr(user, where)
        for name, value in values.items():
            setattr(unit, name, value)

    return store


def unlearn(_user, session):
    session.execute(delete(Acknowledgement))


LOCATION, SETTINGS, ASK = "Go to the location", "Go to the service settings", "Ask the provider"
READ, HIPAA = "Read the notice", "Read the HIPAA notice"
WHY = {
    "customer-type": (put("organization", customer_type=CustomerType.TRIAL), "enterprise customer (trial).", ASK),
    "calling-plan": (put("organization", calling_plan=False), "no calling plan", ASK),
    "add-on": (put("organization", add_on=False), "has not bought the Business Texting add-on.", ASK),
    "campaign": (put("organization", campaign=Campaign.SUSPENDED), "campaign is suspended, not active.", ASK),
    "location-country": (put("location", country="DE"), "outside the US and Canada: Germany.", LOCATION),
    "location-pstn": (put("location", pstn=Pstn.LOCAL_GATEWAY), "PSTN (local gateway).", LOCATION),
    "primary-number": (give_up, "There is no primary number.", "Assign"),
    "number-source": (toll_free, "not a geographic number from the calling plan: +1 416 555 0101.", "Assign number"),
    "number-source ": (not_from_the_plan, "from the calling plan: +1 416 555 0101.", "Assign number"),
    "account-inactive": (put("user", account=AccountState.DEACTIVATED), "The account is deactivated.",
                         "Go to the account"),
    "app-version": (put("user", app_version="41.3"), "last seen in version 41.3. To send, it must be 42.12", ""),
    "blocked": (restrict, "Sending is blocked for the number until", READ),
    "hipaa-unacknowledged": (unlearn, "confirmed the current HIPAA notice.", HIPAA),
}
STATES = {"app-version": "Receive only", "blocked": "Receive only", "campaign": "Receive only",
          "hipaa-unacknowledged": "Can text"}


def reasons(seen):
    """The lines of Why."""
    return [Seen(seen.answer, line) for line in seen.region("Why").all("li[@class]")]


def action(reason):
    """What can be pressed or followed to remedy a reason."""
    acts = [" ".join(one.itertext()).strip() for one in reason.all("*[@class='button']")]
    return next(iter(acts), "")


@pytest.mark.parametrize("rule", WHY)
def test_every_reason_has_its_sentence_its_remedy_and_its_button(ada, browse, address, change, rule):
    """UX-03"""
    how, sentence, button = WHY[rule]
    change("Uli", how)
    seen = look(ada, address())
    reason = reasons(seen)[0]
    assert sentence in reason.words
    assert action(reason) == button
    assert reason.links["About this rule"] == f"/limitations#{rule.strip()}"
    assert STATES.get(rule, "Not available") in seen.region("Business Texting").words
    theirs = reasons(look(browse("Rita"), address()))[0]
    assert action(theirs) == (button if button == READ else "")
    assert sentence in theirs.words


@pytest.mark.parametrize(("unit", "name", "button", "leads"), [
    ("Maple", "Maple Clinic", SETTINGS, "/admin/settings"), ("Toronto", "Toronto", LOCATION, "/admin/locations/"),
    ("Uli", "Uli Brandt", "", ""),
])
@pytest.mark.parametrize("locked", [True, False])
def test_who_is_off_reads_who_turned_it_off_and_is_led_there(ada, address, say, unit, name, button, leads, locked):
    locked = locked and unit != "Uli"
    say("Rita", unit, SettingValue(False, locked, "Closed." * locked))
    seen = look(ada, address())
    (reason,) = reasons(seen)
    assert f"Texting is off. Rita Sandoval turned it off for {name} on " in reason.words
    assert (f"{name} is locked. Unlock it there first." if locked else "Turn it on above.") in reason.words
    assert action(reason) == button
    assert reason.links.get(button, "").startswith(leads)
    assert switch_of(seen).get("aria-checked") == "false"


def test_where_nobody_ever_spoke_it_is_off(ada, address, say, change):
    change("Uli", lambda _user, session: session.execute(delete(Setting)))
    seen = look(ada, address())
    assert "Off Use organization default settings: nobody has turned texting on yet." in seen.words
    assert action(reasons(seen)[0]) == ""


def test_all_reasons_are_told_at_once(ada, address, change):
    for rule in ("add-on", "campaign", "location-pstn", "primary-number", "app-version"):
        change("Uli", WHY[rule][0])
    told = [reason.links["About this rule"].partition("#")[2] for reason in reasons(look(ada, address()))]
    # A number whose source nobody marked counts as the location's; without one there is nothing to say about it.
    assert told == ["add-on", "location-pstn", "primary-number", "campaign", "app-version"]


@pytest.mark.parametrize("rule", [rule for rule, (_how, _sentence, button) in WHY.items() if button == ASK])
def test_a_request_leads_to_the_letter_which_names_no_person(ada, address, change, people, rule):
    change("Uli", WHY[rule][0])
    letter = look(ada, look(ada, address()).links["Ask the provider"])
    assert "Maple Clinic" in letter.words
    assert "4 users are waiting for it." in letter.words
    assert not re.search(r"\d{3} ?555|\+1", letter.words)
    assert people["Uli"].email not in letter.words


def test_who_is_slowed_can_text_and_is_told_so(ada, address, change, inside):
    def slow(user, session):
        session.add(Restriction(organization_id=user.organization_id, subject=Subject.USER, user_id=user.id,
                                restraint=Restraint.THROTTLE, cause=Cause.BURST, per_minute=6))

    change("Uli", slow)
    seen = look(ada, address())
    assert "Can text, slowed" in seen.words
    assert ("Texts from Uli Brandt are slowed to 6 a minute, because of too many texts at once. No end is set."
            in seen.words)
    assert "All set" not in seen.words
    assert "slowed" not in look(ada, address("Ben")).words


def test_a_free_number_is_assigned_inside_the_reason(ada, address, change, inside, people):
    change("Uli", give_up)
    seen = look(ada, address())
    (reason,) = reasons(seen)
    assert [one.text for one in reason.all("option")] == ["+1 416 555 0101"]
    assert press(ada, seen, "Assign").said == "The number is assigned."
    with inside():
        assert db.session.get_one(User, people["Uli"].id).number.e164 == "+14165550101"


@pytest.mark.parametrize(("how", "state"), [
    (give_up, "Not available: no number"), (toll_free, "Not available: number not from the calling plan"),
    (WHY["app-version"][0], "Receive only: app version 41.3 is too old"), (restrict, "Receive only: blocked until "),
])
def test_beside_a_switch_that_is_on_stands_what_keeps_them_from_texting(ada, address, change, how, state):
    change("Uli", how)
    seen = look(ada, address())
    assert switch_of(seen).get("aria-checked") == "true"
    assert f"On {state}" in seen.region("Business Texting").words
