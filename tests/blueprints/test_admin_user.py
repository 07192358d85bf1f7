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
from tests.blueprints.reader import Seen, look, press

DEFAULT = "Use organization default settings"
ON, OFF = "Override default settings: on", "Override default settings: off"


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


@pytest.fixture
def held(inside, people):
    """`held("Uli")` is the user's own word and its version."""

    def read(name="Uli"):
        with inside():
            found = toggle.current_setting(db.session.get_one(User, people[name].id))
            return found.value.on, found.version

    return read


def everything(inside):
    with inside():
        return [db.session.execute(select(*table.__table__.columns)).all() for table in (Setting, AuditEvent)]


# --- the choice ----------------------------------------------------------------------------------


def test_the_page_holds_state_choice_reasons_account_and_history(ada, address, people):
    seen = look(ada, address())
    assert (seen.heading, seen.title) == ("Uli Brandt", "Uli Brandt · Business Texting")
    texting = seen.region("Business Texting")
    assert "Can text set by the organization" in texting.words
    assert [label.text for label in texting.all("label")] == [DEFAULT, ON, OFF]
    assert seen.links["Check a number"] == f"/admin/check?user={people['Uli'].ref}"
    assert seen.region("Account").buttons == [
        "Update details", "Create sign-in link", "Deactivate", "Assign number", "Remove number", "Change role"]
    assert [button for button in seen.buttons if button.startswith("Save")] == ["Save"]
    assert seen.region("Why").words == "Why Nothing is in the way: every requirement is met and texting is on."
    assert "Nothing has been changed yet." in seen.region("History").words


@pytest.mark.parametrize(("organization", "location", "gives"), [
    (None, None, "Off, as nothing is set for the location or the organization"),
    (True, None, "On, set for the whole organization"), (False, None, "Off, set for the whole organization"),
    (True, False, "Off, set at the location Toronto"), (False, True, "On, set at the location Toronto"),
])
def test_the_default_says_what_it_gives_and_where_that_is_set(ada, address, say, organization, location, gives):
    """Whatever the user's own word is."""
    say("Rita", "Maple", SettingValue(organization))
    say("Rita", "Toronto", SettingValue(location))
    say("Rita", "Uli", SettingValue(not location))
    assert f"{DEFAULT} gives: {gives} Override" in look(ada, address()).region("Business Texting").words


@pytest.mark.parametrize(("choice", "state", "word"), [
    (ON, "Can text set for this user", True), (OFF, "Off set for this user", False),
    (DEFAULT, "Can text set by the organization", None),
])
def test_saving_without_htmx(ada, address, say, held, choice, state, word):
    say("Rita", "Uli", SettingValue(not word))
    seen = press(ada, look(ada, address()), "Save", {choice: True})
    assert state in seen.region("Business Texting").words
    assert seen.said == ("Saved. Uli Brandt cannot send texts. Texting is switched off. Decided at: user. Locked: no."
                         if word is False else "Saved. Uli Brandt can now send and receive texts.")
    assert held() == (word, 2)


def part_of(text):
    """The part of a page or of an answer, without what differs from one form to the next."""
    (found,) = re.findall(r'<div id="user-[\w-]+-texting".*?</section>\n</div>', text, re.DOTALL)
    return re.sub(r'name="csrf_token" value="[^"]+"', "", found)


@pytest.mark.parametrize("choice", [ON, OFF, DEFAULT])
def test_the_part_is_the_part_of_the_page(ada, address, say, choice):
    """What is swapped in is byte by byte what a reload would show."""
    say("Rita", "Uli", SettingValue(False))
    answer = press(ada, look(ada, address()), "Save", {choice: True}, part=True)
    assert answer.status == 200
    assert "HX-Request" in answer.answer.headers["Vary"]
    assert part_of(answer.answer.text) == part_of(ada.get(address()).text)
    assert answer.said.startswith("Saved.")


def test_a_part_and_a_page_say_the_same_when_nothing_was_chosen(ada, address, inside):
    """UX-02: a summary that takes the focus, the same words at the field, the title, 422; nothing is written."""
    before = everything(inside)
    form = look(ada, address()).form("Save")
    form.data.pop("word")
    part, page = (Seen(ada.post(form.action, data=form.data, part=part)) for part in (True, False))
    assert part.status == page.status == 422
    assert part_of(part.answer.text) == part_of(page.answer.text)
    assert part.problems == ["Choose one of the three settings."]
    assert part.title.startswith("Error: Uli Brandt")
    assert page.title.startswith("Error: Uli Brandt")
    summary = page.all("section[@class='error-summary']")[0]
    assert "autofocus" in summary.attrib
    assert page.all(f"*[@id='{summary.find('.//a').get('href')[1:]}']")
    assert everything(inside) == before


@pytest.mark.parametrize("word", ["maybe", "inherit-locked", "on-locked", ""])
def test_words_that_nobody_offered_are_refused(ada, address, inside, word):
    before = everything(inside)
    assert ada.post(f"{address()}/texting", data={"version": 0, "word": word}).status_code == 422
    assert everything(inside) == before


def test_saving_what_holds_already_writes_nothing(ada, address, inside):
    before = everything(inside)
    assert "Saved." in press(ada, look(ada, address()), "Save").said
    assert everything(inside) == before


# --- somebody else was faster --------------------------------------------------------------------


@pytest.mark.parametrize("part", [True, False])
def test_a_stale_form_shows_theirs_and_yours_and_changes_nothing(ada, address, say, held, part):
    """REL-03"""
    early = look(ada, address())
    say("Rita", "Uli", SettingValue(False))
    seen = press(ada, early, "Save", {ON: True}, part=part)
    assert seen.status == 409
    assert "Texting for Uli Brandt has changed since you opened the page" in seen.words
    assert "By Rita Sandoval," in seen.words
    assert "Nothing of yours was saved." in seen.words
    assert seen.rows == [["Business Texting", "off", "on"]]
    assert held() == (False, 1)
    assert look(ada, seen.links["Keep theirs"]).heading == "Uli Brandt"
    assert "can now send" in press(ada, seen, "Use mine instead").said
    assert held() == (True, 2)


def test_the_part_of_a_clash_takes_the_place_of_the_part(ada, address, say, people):
    early = look(ada, address())
    say("Rita", "Uli", SettingValue(False))
    answer = press(ada, early, "Save", {ON: True}, part=True)
    root = next(iter(answer.tree.find("body")))
    assert root.get("id") == f"user-{people['Uli'].ref}-texting"


def test_even_yours_can_be_late_again(ada, address, say, held):
    early = look(ada, address())
    say("Rita", "Uli", SettingValue(False))
    clash = press(ada, early, "Save", {ON: True})
    say("Rita", "Uli", SettingValue(None))
    assert press(ada, clash, "Use mine instead").status == 409
    assert held() == (None, 2)


def test_a_reload_after_an_answer_leads_back_to_the_page(ada, address):
    for part in ("texting", "details", "number", "number/remove", "role", "link", "account"):
        answer = ada.get(f"{address()}/{part}")
        assert (answer.status_code, answer.headers["Location"]) == (303, address())


# --- refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", [True, False])
@pytest.mark.parametrize(("unit", "level"), [("Maple", "organization"), ("Toronto", "location")])
def test_under_a_lock_nothing_can_be_said_and_the_page_says_whose_it_is(ada, address, say, held, unit, level, part):
    say("Rita", unit, SettingValue(False, True, "The line is being moved."))
    before = look(ada, address())
    assert f"Locked at: {level}. By Rita Sandoval," in before.words
    assert "Reason: The line is being moved." in before.words
    seen = press(ada, before, "Save", {ON: True}, part=part)
    assert seen.status == 422
    assert f"This setting is locked. Locked at: {level}. By: Rita Sandoval" in seen.problems[0]
    assert held() == (None, 0)


def test_under_a_lock_an_own_word_can_still_be_taken_back(ada, address, say, held):
    say("Rita", "Uli", SettingValue(True))
    say("Rita", "Maple", SettingValue(False, True, "Closed in summer."))
    assert "cannot send texts" in press(ada, look(ada, address()), "Save", {DEFAULT: True}).said
    assert held() == (None, 2)


def test_without_the_hipaa_notice_nobody_is_switched_on(browse, address, held):
    otto = browse("Otto")
    seen = press(otto, look(otto, address("Mia")), "Save", {ON: True})
    assert seen.status == 422
    assert "No administrator of your organization has confirmed the current HIPAA notice." in seen.problems[0]
    assert held("Mia") == (None, 0)


def test_an_auditor_reads_and_has_nothing_to_press(browse, address):
    seen = look(browse("Rita"), address())
    assert seen.buttons == []
    assert seen.all("main//form") == []
    assert f"Setting: {DEFAULT}" in seen.region("Business Texting").words
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


LOCATION, SETTINGS, COPY = "Go to the location", "Go to the service settings", "Copy request"
READ = "Read the notice"
WHY = {
    "customer-type": (put("organization", customer_type=CustomerType.TRIAL), "enterprise customer (trial).", COPY),
    "calling-plan": (put("organization", calling_plan=False), "no calling plan", COPY),
    "add-on": (put("organization", add_on=False), "has not bought the Business Texting add-on.", COPY),
    "campaign": (put("organization", campaign=Campaign.SUSPENDED), "campaign is suspended, not active.", COPY),
    "location-country": (put("location", country="DE"), "outside the US and Canada: Germany.", LOCATION),
    "location-pstn": (put("location", pstn=Pstn.LOCAL_GATEWAY), "PSTN (local gateway).", LOCATION),
    "primary-number": (give_up, "There is no primary number.", "Assign number"),
    "number-source": (toll_free, "not a geographic number from the calling plan: +1 416 555 0101.", "Assign number"),
    "number-source ": (not_from_the_plan, "from the calling plan: +1 416 555 0101.", "Assign number"),
    "account-inactive": (put("user", account=AccountState.DEACTIVATED), "The account is deactivated.",
                         "Go to the account"),
    "app-version": (put("user", app_version="41.3"), "last seen in version 41.3. To send, it must be 42.12", ""),
    "blocked": (restrict, "Sending is blocked for the number until", READ),
    "hipaa-unacknowledged": (unlearn, "confirmed the current HIPAA notice.", "Go to the notices"),
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


@pytest.mark.parametrize(("unit", "button", "leads"), [
    ("Maple", SETTINGS, "/admin/settings"), ("Toronto", LOCATION, "/admin/locations/"), ("Uli", "", ""),
])
def test_who_is_off_is_led_to_the_level_that_decided(ada, address, say, unit, button, leads):
    say("Rita", unit, SettingValue(False))
    seen = look(ada, address())
    (reason,) = reasons(seen)
    assert "Texting is switched off. Decided at:" in reason.words
    assert action(reason) == button
    assert reason.links.get(button, "").startswith(leads)
    assert "Off" in seen.region("Business Texting").words


def test_where_nobody_ever_spoke_it_is_off(ada, address, say, change):
    change("Uli", lambda _user, session: session.execute(delete(Setting)))
    seen = look(ada, address())
    assert "Off nobody has decided" in seen.words
    assert action(reasons(seen)[0]) == ""


def test_all_reasons_are_told_at_once(ada, address, change):
    for rule in ("add-on", "campaign", "location-pstn", "primary-number", "app-version"):
        change("Uli", WHY[rule][0])
    told = [reason.links["About this rule"].partition("#")[2] for reason in reasons(look(ada, address()))]
    # A number whose source nobody marked counts as the location's; without one there is nothing to say about it.
    assert told == ["add-on", "location-pstn", "primary-number", "campaign", "app-version"]


@pytest.mark.parametrize("rule", [rule for rule, (_how, _sentence, button) in WHY.items() if button == COPY])
def test_a_request_names_the_organization_the_rule_and_its_address_and_no_numbers(ada, address, change, people, rule):
    how, sentence, _button = WHY[rule]
    change("Uli", how)
    (text,) = ["".join(area.itertext()) for area in look(ada, address()).all("textarea")]
    assert "Maple Clinic" in text
    assert sentence in " ".join(text.split())
    assert f"http://127.0.0.1:5000/limitations#{rule}" in text
    assert text.rstrip().endswith("Ada Keller")
    assert not re.search(r"\d{3} ?555|\+1", text)
    assert people["Uli"].email not in text


def test_who_is_slowed_can_text_and_is_told_so(ada, address, change, inside):
    def slow(user, session):
        session.add(Restriction(organization_id=user.organization_id, subject=Subject.USER, user_id=user.id,
                                restraint=Restraint.THROTTLE, cause=Cause.BURST, per_minute=6))

    change("Uli", slow)
    seen = look(ada, address())
    assert "Can text, slowed" in seen.words
    assert "slowed to 6 a minute, because of too many texts at once. No end is set." in seen.words
    assert "Nothing is in the way" not in seen.words
    assert "slowed" not in look(ada, address("Ben")).words
