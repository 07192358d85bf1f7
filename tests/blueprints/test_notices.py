"""Limitations and notices: the page says what the table decides, and what it says is what happens."""

import re
import sys
from dataclasses import replace
from datetime import timedelta
from functools import cache
from html import unescape

import pytest
from sqlalchemy import select

from portal import rules
from portal.extensions import db, now, writing
from portal.models import Acknowledgement, AuditEvent, Number, Restriction, User
from portal.rules import BY_ID, RULES, Act
from portal.rules.facts import Cause, Restraint, Subject
from portal.rules.quiet_hours import QUIET_HOURS_TABLE
from portal.services.people import notices
from portal.services.toggles import eligibility
from portal.web import public_pages
from portal.wording import accessibility
from tests.blueprints.reader import look
from tests.markup import every, parse, words

# The facts of the help document that limit or explain texting, with the words by which a reader knows them.
FACTS = {
    "F2": ("calling-plan", "calling plan in the US or Canada"), "F3": ("customer-type", "Only enterprise customers"),
    "F4": ("customer-type", "trial customers cannot"), "F5": ("primary-number", "a primary number of their own"),
    "F6": ("app-version", "must be 42.12 or newer"), "F7": ("location-pstn", "the provider's own PSTN"),
    "F8": ("add-on", "needs the Business Texting add-on"), "F10": ("hipaa", "not HIPAA-compliant"),
    "F12": ("own-setting-wins", "A user's own setting wins"), "F13": ("texting-off", "for the user, for the location"),
    "F14": ("own-setting-wins", "the organization's default, or an override, on or off"),
    "F15": ("location-pstn", "cannot be turned on for anybody"), "F16": ("texting-off", "sends and receives texts"),
    "F17": ("retention-400", "after 400 days"), "F18": ("retention-fixed", "cannot be changed"),
    "F19": ("no-events-no-ediscovery", "events API"), "F20": ("international", "Texts from abroad do not arrive"),
    "F21": ("not-unlimited", "not unlimited"), "F22": ("carriers-may-block", "fraud, too many texts, bursts, spam"),
    "F23": ("sole-discretion", "The provider or a carrier decides"), "F24": ("authorized-use", "offer document"),
    "F25": ("report-spam", "can report it, without an account"), "F26": ("benefits", "not your private one"),
}
IN_SHORT = ("400 days", "how long they are kept", "events API", "MMS", "not unlimited", "block or slow down", "offer")


def page_of(browser):
    return tree_of(browser.get("/limitations").text)


@cache
def tree_of(text):
    """Strangers read one and the same page, which is taken apart once."""
    return parse(text)


@cache
def sections(tree):
    """The words of every rule's section, by its id."""
    return {part.get("id"): words(part) for part in every(tree, "section") if part.get("id") in BY_ID}


@pytest.fixture
def swap(monkeypatch):
    """`swap("app-version", limits={...})` puts another row in the place of one, wherever the table is held."""
    def forget():
        # The edition is still the same, so that pages and standings are kept.
        public_pages.forget_pages()
        eligibility.kept_answers.cache_clear()

    def put(rule_id, **changes):
        was, row = BY_ID[rule_id], replace(BY_ID[rule_id], **changes)
        for module in [module for name, module in sys.modules.items() if name.startswith("portal")]:
            for name, held in list(vars(module).items()):
                if isinstance(held, tuple) and was in held:
                    monkeypatch.setattr(module, name, tuple(row if one is was else one for one in held))
        for act, held in rules.BY_ACT.items():
            monkeypatch.setitem(rules.BY_ACT, act, tuple(row if one is was else one for one in held))
        monkeypatch.setitem(BY_ID, rule_id, row)
        forget()

    yield put
    # What was said under the other row must not reach the next test.
    forget()


# --- the page ------------------------------------------------------------------------------------


@pytest.mark.parametrize("fact", FACTS)
def test_every_fact_is_on_the_page(browse, fact):
    """UX-05: in its rule's section, with the source in words and never under a number of ours."""
    rule_id, said = FACTS[fact]
    text = sections(page_of(browse()))[rule_id]
    assert fact in BY_ID[rule_id].source.facts
    assert said in text
    assert "Source: Webex help" in text
    editions = set(BY_ID[rule_id].source.editions)
    assert ("German edition" in text) == (editions == {"de"})
    assert ("Polish edition" in text) == (editions == {"pl"})
    assert not re.search(r"\bF[0-9]+\b", text)


def test_every_rule_has_its_section(browse):
    """Each address that a refusal links to exists once; rules of the portal itself are folded at the end."""
    tree = page_of(browse())
    shown = [part.get("id") for part in every(tree, "section") if part.get("id") in BY_ID]
    assert sorted(shown) == sorted(rule.id for rule in RULES)
    folded = next(part for part in every(tree, "details") if words(every(part, "summary")[0]) == "All other rules")
    assert {part.get("id") for part in every(folded, "section")} == {rule.id for rule in RULES if rule.system}
    assert all("Source: " in text and "%(" not in text for text in sections(tree).values())


def test_the_rules_are_grouped_by_what_one_wants_to_do(browse):
    """The headings follow the way of a text, from having it to what everybody should know."""
    headings = [words(heading) for heading in every(page_of(browse()), "h2")]
    assert headings.pop(0) == "Contents"
    assert headings[0] == "In short"
    order = ["Use texting", "Turn texting on or off", "Send a text", "Receive a text", "Automatic answers",
             "Report spam", "Good to know"]
    assert headings[1:] == [heading for heading in order if heading in headings]


def test_the_contents_lead_to_every_rule_by_what_one_wants_to_do(browse):
    """Folded, with how many there are; no rule is called by its id."""
    tree = page_of(browse())
    contents = next(part for part in every(tree, "details") if "contents" in part.get("class", "").split())
    told = {link.get("href")[1:]: words(link) for link in every(contents, "a")}
    assert told == {rule.id: rule.title for rule in RULES if not rule.system}
    groups = [words(part) for part in every(contents, "summary")]
    assert groups[0] == "Contents"
    assert re.fullmatch(r"Use texting \d+", groups[1])
    assert not [link for link in every(tree, "a") if words(link) in BY_ID]


def test_the_seven_lines_stand_on_top(browse):
    """What the help document itself says in seven lines, each with the way to its rule."""
    short = next(part for part in every(page_of(browse()), "section") if part.get("aria-labelledby") == "in-short")
    lines = every(short, "li")
    assert [said for said, line in zip(IN_SHORT, lines, strict=True) if said not in words(line)] == []
    assert {link.get("href")[1:] for link in every(short, "a")} <= BY_ID.keys()


def test_the_page_has_a_version_and_a_date(browse):
    """UX-05: readers see which edition they read and since when it counts."""
    text = words(every(page_of(browse()), "main")[0])
    edition = rules.EDITIONS[-1]
    assert f"Edition {edition.number} of {edition.day.day} {edition.day:%b %Y}." in text


def test_what_changed_leads_to_its_rules_unless_they_are_nearly_all(browse):
    """Newest first; sixty links after one sentence would tell nobody anything."""
    changed = next(part for part in every(page_of(browse()), "details") if words(every(part, "summary")[0]) ==
                   "Changed since")
    shown = [[link.get("href")[1:] for link in every(line, "a")] for line in every(changed, "li")]
    assert shown == [[*one.rules] if len(one.rules) <= 20 else [] for one in rules.EDITIONS[:0:-1]]
    assert [] in shown


@pytest.mark.parametrize("address", ["/limitations", "/limitations/hours", "/limitations/rules.json", "/privacy"])
def test_strangers_cost_no_query(browse, statements, address):
    """Anybody in the world may read them as often as they like."""
    with statements() as seen:
        assert browse().get(address).status_code == 200
    assert seen == []


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.veiled], ids=lambda rule: rule.id)
def test_thresholds_are_veiled_from_strangers(browse, rule):
    """Who abuses texting would use the exact numbers; who is signed in may know them, on the page and in the JSON."""
    pages = {who: sections(page_of(browse(who)))[rule.id] for who in ("Nobody", "Uli")}
    rows = {who: {row["id"]: row for row in browse(who).get("/limitations/rules.json").json}[rule.id] for who in pages}
    for limit in rule.limits.values():
        assert not re.search(rf"\b{limit}\b", pages["Nobody"] + rows["Nobody"]["sentence"])
        assert re.search(rf"\b{limit}\b", pages["Uli"])
        assert re.search(rf"\b{limit}\b", rows["Uli"]["sentence"])
    assert (rows["Nobody"]["limits"], rows["Uli"]["limits"]) == ({}, dict(rule.limits))


def test_the_table_for_machines(browse):
    """Every row with what it decides, in the order of the table."""
    rows = browse().get("/limitations/rules.json").json
    assert [row["id"] for row in rows] == [rule.id for rule in RULES]
    assert {tuple(row) for row in rows} == {
        ("acts", "effect", "hours", "id", "limits", "remedy", "sentence", "source")}
    for row, rule in zip(rows, RULES, strict=True):
        assert set(row["acts"]) == {act.value for act in rule.acts}
        assert row["sentence"]
        assert row["source"]
        assert "%(" not in row["sentence"] + row["remedy"]


def test_the_hours_of_states_stand_on_a_page_that_their_rule_leads_to_and_for_machines(browse):
    """Each place with its days, its source and the day on which it was read; what nobody could confirm says so."""
    rows = {row["id"]: row["hours"] for row in browse().get("/limitations/rules.json").json}
    assert [rule_id for rule_id, hours in rows.items() if hours] == ["quiet-hours"]
    hours = {row["place"]: row for row in rows["quiet-hours"]}
    assert len(hours) == len(QUIET_HOURS_TABLE)
    assert hours["Texas"] == {
        "place": "Texas", "days": [
            {"days": "Mon to Sat", "hours": "09:00–21:00"}, {"days": "Sun", "hours": "12:00–21:00"}],
        "source": "Tex. Bus. & Com. Code, chapter 301", "looked_at": "29 Nov 2026"}
    assert hours["Kentucky"]["source"] == "Set by this portal"
    (part,) = (part for part in every(page_of(browse()), "section") if part.get("id") == "quiet-hours")
    (address,) = (link.get("href") for link in every(part, "a") if link.get("href")[0] != "#")
    page = parse(browse().get(address).text)
    assert [cell.text for cell in every(page, "th") if cell.get("scope") == "row"] == list(hours)
    assert next(iter(hours)) == "US, all other states"
    assert list(hours)[1:-1] == sorted(list(hours)[1:-1])


@pytest.mark.parametrize(("setting", "rule_id"), [("OFFER_URL", "authorized-use"), ("REGISTRATION_URL", "add-on")])
def test_an_address_stands_there_only_when_it_is_set(another, setting, rule_id):
    """Never a dead link: the offer document and the registration are linked once their addresses are known."""
    def links(app):
        (part,) = (part for part in every(page_of(app.test_client()), "section") if part.get("id") == rule_id)
        return [link.get("href") for link in every(part, "a") if link.get("href")[0] != "#"]

    assert links(another()) == []
    assert links(another(**{setting: "https://example.com/document"})) == ["https://example.com/document"]


@pytest.mark.parametrize(("environ", "rule_id", "said"), [
    ({"APP_VERSION_RULE": "warn"}, "app-version", "A warning only"), ({}, "app-version", "Refused"),
    ({"BRAND_CAP_RULE": "warn"}, "daily-brand", "A warning only"),
])
def test_the_page_follows_the_settings(another, environ, rule_id, said):
    """What a setting makes of a rule is what readers are told."""
    assert said in sections(page_of(another(**environ).test_client()))[rule_id]


# --- what applies to the reader ------------------------------------------------------------------


def applying(browser):
    return {rule_id for rule_id, text in sections(page_of(browser)).items() if "This applies to you now:" in text}


def test_what_applies_to_a_person_now(browse, inside, people):
    """Who only receives reads at the very rule why, with their own values; nobody else does."""
    assert applying(browse("Uli")) == set()
    with inside(), writing() as session:
        session.get(User, people["Uli"].id).app_version = "42.9"
    assert applying(browse("Uli")) == {"app-version"}
    assert "42.9" in sections(page_of(browse("Uli")))["app-version"]
    assert applying(browse("Ben")) == set()


@pytest.mark.parametrize(("who", "ids"), [
    ("Ada", {"primary-number"}), ("Mia", {"texting-off"}), ("Olga", set()), ("Nobody", set()),
])
def test_what_applies_to_others(browse, who, ids):
    """Whoever does not text at all, as an operator or a stranger, is not told why not."""
    assert applying(browse(who)) == ids


# --- one change in the table ---------------------------------------------------------------------


def test_a_limit_changes_everywhere_at_once(browse, people, swap):
    """UX-05: one row is the page, the JSON and what happens."""
    def said():
        row = {row["id"]: row for row in browse().get("/limitations/rules.json").json}["app-version"]
        return sections(page_of(browse()))["app-version"], row["sentence"], row["limits"]

    address = f"/admin/users/{people['Uli'].ref}"
    assert all("42.12" in text for text in said()[:2])
    assert "Can text" in browse("Ada").get(address).text
    swap("app-version", limits={"major": 44, "minor": 0})
    assert all("44.0" in text and "42.12" not in text for text in said()[:2])
    assert said()[2] == {"major": 44, "minor": 0}
    page = unescape(browse("Ada").get(address).text)
    assert "Receive only" in page
    assert "To send, it must be 44.0 or newer" in page
    assert applying(browse("Uli")) == {"app-version"}
    assert people["Uli"].name in browse("Ada").get("/admin/users?texting=receive-only").text


def test_the_retention_is_one_number(browse, swap):
    """UX-05: the privacy page and the seven lines take it from the same row."""
    swap("retention-400", limits={"days": 321})
    assert all("321 days" in browse().get(page).text for page in ("/privacy", "/limitations"))
    # Two cookies last as long by chance, and would still.
    rest = browse().get("/privacy").text
    for said in ("for up to 400 days. It remembers", "keeps it for up to 400 days, so"):
        rest = rest.replace(said, "")
    assert "400" not in rest


# --- notices that are confirmed ------------------------------------------------------------------

ON = {"word": "on", "version": "0"}


@pytest.fixture
def stored(inside):
    """`stored()` are the confirmations of Harbor Health's people: (name, notice, version, as admin)."""
    def rows():
        with inside():
            found = select(User.name, Acknowledgement.notice, Acknowledgement.version, Acknowledgement.as_admin)
            joined = found.join(Acknowledgement, Acknowledgement.user_id == User.id)
            return [tuple(row) for row in db.session.execute(joined.where(User.email.in_(
                ("otto@example.com", "mia@example.com"))).order_by(Acknowledgement.id))]

    return rows


def test_confirming_a_notice(browse, stored, inside):
    """Who, which version, when; once for each person, and in the audit log."""
    otto, sent = browse("Otto"), {"notice": "hipaa", "version": "1"}
    assert "I have read this" in otto.get("/notices").text
    for _ in range(2):
        assert otto.post("/notices", data=sent).location == "/notices"
        assert stored() == [("Otto Lang", "hipaa", 1, True)]
    page = otto.get("/notices").text
    assert "You confirmed this notice on " in page
    assert "I have read this" not in page
    with inside():
        told = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "acknowledged")).all()
        assert [event.details for event in told] == [{"notice": "hipaa", "version": 1}]


def test_only_what_is_unread_counts(browse, inside, people):
    """The page says first what waits for this reader; what was read and what has changed is folded."""
    otto = browse("Otto")
    assert "1 notice waits for you to read and confirm it." in look(otto, "/notices").words
    otto.post("/notices", data={"notice": "hipaa", "version": "1"})
    seen = look(otto, "/notices")
    assert "You have nothing to confirm." in seen.words
    folded = [words(every(part, "summary")[0]) for part in seen.all("details[@class]")]
    assert "Texting and health information (HIPAA)" in folded
    assert any(one.startswith("What has changed (") for one in folded)
    with inside(), writing() as session:
        session.get(User, people["Mia"].id).auditor = True
    auditor = look(browse("Mia"), "/notices").words
    assert "You have nothing to confirm." in auditor
    assert "As an auditor you need not confirm it." in auditor


@pytest.mark.parametrize("version", ["0", "2", "", "x", "-1"])
def test_only_the_version_that_was_read_counts(browse, stored, version):
    """A page that was open when the notice changed confirms nothing, and says so."""
    otto = browse("Otto")
    otto.post("/notices", data={"notice": "hipaa", "version": version})
    assert "The notice has changed since you opened the page." in otto.get("/notices").text
    assert stored() == []


@pytest.mark.parametrize("notice", ["", "x", "HIPAA"])
def test_a_notice_that_does_not_exist(browse, stored, notice):
    """There is nothing to confirm then."""
    assert browse("Otto").post("/notices", data={"notice": notice, "version": "1"}).status_code == 404
    assert stored() == []


def test_texting_waits_for_an_administrator(browse, stored):
    """F10: switching on is refused until one of its administrators has confirmed; a member's word does not count."""
    otto, mia, sent = browse("Otto"), browse("Mia"), {"notice": "hipaa", "version": "1"}
    assert otto.post("/admin/settings", data=ON).status_code == 422
    mia.post("/notices", data=sent)
    assert stored() == [("Mia Castellano", "hipaa", 1, False)]
    refused = otto.post("/admin/settings", data=ON)
    assert refused.status_code == 422
    assert "No administrator of your organization has confirmed the current HIPAA notice." in unescape(refused.text)
    otto.post("/notices", data=sent)
    assert otto.post("/admin/settings", data=ON).status_code == 200
    assert otto.post("/admin/settings", data={**ON, "step": "confirm"}).location == "/admin/settings"


def test_who_becomes_administrator_is_asked_again(browse, inside, people, stored):
    """F10: what Mia confirmed for herself is not what the organization's administrator confirms."""
    sent = {"notice": "hipaa", "version": "1"}
    browse("Mia").post("/notices", data=sent)
    with inside(), writing() as session:
        session.get(User, people["Mia"].id).admin = True
    mia = browse("Mia")
    assert "I have read this" in mia.get("/notices").text
    mia.post("/notices", data=sent)
    assert [row[3] for row in stored()] == [False, True]


def test_a_newer_notice_asks_anew_and_stops_nobody(browse, monkeypatch, people):
    """F10: those who text go on; their administrator is warned until somebody has read the new version."""
    newer = replace(notices.HIPAA, version=2)
    monkeypatch.setattr(notices, "HIPAA", newer)
    monkeypatch.setattr(notices, "NOTICES", {"hipaa": newer})
    ada, uli = browse("Ada"), f"/admin/users/{people['Uli'].ref}"
    assert "I have read this" in ada.get("/notices").text
    page = ada.get(uli).text
    assert "Can text" in page
    assert "hipaa-unacknowledged" in page
    ada.post("/notices", data={"notice": "hipaa", "version": "2"})
    assert "hipaa-unacknowledged" not in ada.get(uli).text


# --- restrictions --------------------------------------------------------------------------------


@pytest.mark.parametrize(("subject", "concerned", "readers"), [
    (Subject.USER, {"Uli"}, {"Uli", "Ada", "Rita"}), (Subject.NUMBER, {"Uli"}, {"Uli", "Ada", "Rita"}),
    (Subject.ORGANIZATION, {"Ada", "Uli", "Ben", "Rita"}, {"Ada", "Uli", "Ben", "Rita"}),
])
def test_restrictions_are_shown_to_whom_they_concern(
        browse, inside, people, organizations, subject, concerned, readers):
    """F23: with what, why, since when and until when; to the organization's admins and auditor, and to nobody else."""
    with inside(), writing() as session:
        number = session.scalars(select(Number.id).where(Number.user_id == people["Uli"].id)).one()
        whom = {Subject.USER: {"user_id": people["Uli"].id}, Subject.NUMBER: {"number_id": number}}.get(subject, {})
        session.add(Restriction(organization_id=organizations["Maple"].id, subject=subject, restraint=Restraint.BLOCK,
                                cause=Cause.BURST, since=now(), **whom))
    for who in people:
        text = browse(who).get("/notices").text
        assert ("too many texts at once" in text) == (who in readers), who
        assert ("You are not blocked or slowed." in text) == (who not in concerned), who


# --- privacy -------------------------------------------------------------------------------------


def test_who_runs_the_portal(another):
    """The operator's name, and whom to ask if that is set."""
    said = another(OPERATOR="Example Telecom", PRIVACY_CONTACT="privacy@example.com").test_client().get("/privacy").text
    assert "Example Telecom. Questions about your data: privacy@example.com" in said
    assert "Questions about your data" not in another(OPERATOR="Example Telecom").test_client().get("/privacy").text


def test_whom_to_tell_what_is_not_accessible(another):
    """The same contact as for privacy; without one, whoever is nearest."""
    known = another(OPERATOR="Example Telecom", PRIVACY_CONTACT="help@example.com")
    said = known.test_client().get("/accessibility").text
    assert "This portal is run by Example Telecom." in said
    assert "Whom to tell what does not work for you: help@example.com" in said
    assert "tell an administrator" not in said
    alone = another(OPERATOR="Example Telecom").test_client().get("/accessibility").text
    assert "Whom to tell" not in alone
    assert "tell an administrator of your organization" in alone


@pytest.mark.parametrize("who", ["Nobody", "Uli", "Olga"])
def test_every_page_leads_to_the_accessibility_statement(browse, who):
    """A11Y-06: with its date and the date of its review."""
    browser = browse(who)
    for address in ("/limitations", "/nowhere", "/report-spam"):
        assert '<a href="/accessibility">Accessibility</a>' in browser.get(address).text
    page = browser.get("/accessibility").text
    assert f"Statement of {said_day(accessibility.STATED_ON)}" in page
    assert f"reviewed by {said_day(accessibility.REVIEW_ON)}" in page
    assert accessibility.STATED_ON < accessibility.REVIEW_ON


def said_day(day):
    return f"{day.day} {format(day, '%b')} {day.year}"


def test_from_its_review_date_on_make_check_reminds_of_it(capsys):
    accessibility.remind_to_review_statement(accessibility.REVIEW_ON)
    assert "Review the accessibility statement" in capsys.readouterr().out
    accessibility.remind_to_review_statement(accessibility.REVIEW_ON - timedelta(days=1))
    assert capsys.readouterr().out == ""


def test_privacy_names_what_is_kept_of_people_who_are_only_texted(browse):
    """Who reads conversations, reports and opt-outs, how long they stay, and what can be erased."""
    said = re.sub(r"<[^>]+>|\s+", " ", browse().get("/privacy").text)
    for sentence in ("Only the member whose conversation it is can read it", "after 400 days",
                  "Operators read a report and the reported text", "fits no text is erased after 30 days",
                  "400 days after their case was closed", "An opt-out stays", "erase your number from the list"):
        assert sentence in said


def test_acts_have_headings():
    """A new act needs its place on the page."""
    from portal.blueprints.notices import limitations_page

    assert set(limitations_page.GROUPS) == set(Act)


def test_a_report_is_read_later_and_a_text_sent_later(browse):
    said = browse().get("/limitations").text
    held = {rule: re.search(rf'<section id="{rule}".*?</section>', said, re.DOTALL)[0]
            for rule in ("burst", "report-slow-lane")}
    assert "Sent later" in held["burst"]
    assert "Read later" in held["report-slow-lane"]
    assert "Sent later" not in held["report-slow-lane"]
