"""The report form: what it asks, what it takes, and what becomes of reports that look like a machine's."""

import re
from datetime import UTC, timedelta

import pytest
from sqlalchemy import select

from portal.extensions import db, now
from portal.models import OptOut, OptOutSource, OptOutState, Report, User, WebAsk
from portal.rules.cases import CaseState, Lane, Match
from portal.rules.facts import Category
from portal.services.spam import decisions
from tests.blueprints.reader import look, press, words
from tests.reports import SPAM, case, number, sent, settle, told

ADDRESS = "/report-spam"
SENDER, BODY, OWN, WHEN = ("Number that sent the text", "What did the text say?", "Your number that received it",
                           "When did you receive it?")
STOP = "Ask this business to stop texting my number"
KINDS = ["Scam or phishing", "Unwanted advertising", "Ignored my STOP", "Threatening", "Wrong person",
         "Something else"]


def reports():
    db.session.rollback()
    return db.session.scalars(select(Report).order_by(Report.id)).all()


def send(browser, clock, typed, wait=30):
    """Open the form, let a person's time pass, fill it in and press the button."""
    seen = look(browser, ADDRESS)
    clock.forward(seconds=wait)
    return press(browser, seen, "Send report", typed)


# --- the way of a report -------------------------------------------------------------------------


def test_from_the_form_to_the_outcome(browse, inside, people, clock):
    """UX-04: one page, a reference, what happens next, and a link that tells the outcome."""
    uli, stranger = people["Uli"], browse()
    with inside():
        sent(uli.id, number(1))
    done = send(stranger, clock, {SENDER: "(416) 555-0101", BODY: SPAM, OWN: "647 556 0001", KINDS[0]: True})
    assert (done.status, done.heading) == (200, "Report received")
    with inside():
        (kept,) = reports()
        assert (kept.sender, kept.theirs, kept.category, kept.lane, kept.suspect) == (
            uli.number, number(1), Category.SCAM, Lane.NORMAL, "")
        assert kept.ref in done.words
    for told_there in ("Your reference", "What happens next", "What to do now", "Do not tap a link", "Block the number",
                       "7726"):
        assert told_there in done.words
    follow = done.links["Follow your report"]
    letter = done.links["Send this link to yourself"]
    assert letter.startswith("mailto:?subject=")
    assert letter.endswith(follow.replace("/", "%2F").rpartition("%2F")[2])

    def outcome():
        return look(stranger, follow).words

    def steps():
        return [re.sub(r"\d+ \w{3} \d{4}", "day", words(step)) for step in look(stranger, follow).all("ol/li")]

    assert "Received Your report is stored" in outcome()
    assert steps() == ["Received, day", "Looked at, not yet", "Decided, not yet"]
    with inside():
        settle()
        olga = db.session.get_one(User, people["Olga"].id)
        decisions.take_case(olga, case())
    assert "Being looked at" in outcome()
    assert steps() == ["Received, day", "Looked at, day", "Decided, not yet"]
    with inside():
        decisions.decide_case(db.session.get_one(User, people["Olga"].id), case(),
                              decisions.Verdict(CaseState.NOT_UPHELD))
    assert "Did not break the rules" in outcome()
    assert steps() == ["Received, day", "Looked at, day", "Decided, day"]
    for secret in (SPAM, "0101", "0001", "Maple", "Uli"):
        assert secret not in done.answer.text + outcome()


def test_the_page_is_what_was_agreed(browse):
    seen = look(browse(), f"{ADDRESS}?from=%2B1+416+555+0101")
    assert seen.heading == "Report spam"
    assert "This form is run by" in seen.words
    assert "It is for texts sent with Business Texting." in seen.words
    assert "In danger now? Call 911." in seen.words
    form = seen.form("Send report")
    assert form.labelled(SENDER).get("value") == "+1 416 555 0101"
    assert [form.labelled(kind).get("type") for kind in KINDS] == ["radio"] * 6
    assert form.labelled(STOP).get("type") == "checkbox"
    assert "Email address" not in seen.words
    assert "Half of all reports" not in seen.words


def test_the_kind_is_asked_first_and_warnings_stand_at_their_field(browse):
    """One tap before anything is typed; privacy is the matter of the words of the text."""
    seen = look(browse(), ADDRESS)
    asked = [seen.words.index(label) for label in ("In danger now?", "What kind of text was it?", SENDER, BODY,
                                                   "Leave out passwords", OWN)]
    assert asked == sorted(asked)


def test_what_is_missing_is_said_once(browse, clock):
    seen = send(browse(), clock, {})
    assert len(seen.problems) == 2
    assert "About this rule" not in seen.region("There is a problem").words


@pytest.mark.parametrize("query", ["?from=%2B14165550101", "?from=%2B14165550101&_external=1&_scheme=javascript",
                                   "?_anchor=x&_method=POST", ""])
def test_the_short_address(browse, query):
    """It keeps the sender, and obeys no other word of the address."""
    answer = browse().get(f"/spam{query}")
    assert answer.status_code == 303
    assert answer.location == ADDRESS + ("?from=%2B14165550101" if "from" in query else "")


def test_the_days_to_an_outcome_are_told_once_there_are_some(browse, inside, people, clock):
    with inside():
        sent(people["Uli"].id, number(1))
        told(people["Uli"].number, number(1))
        settle()
    clock.forward(days=3)
    with inside():
        decisions.decide_case(db.session.get_one(User, people["Olga"].id), case(),
                              decisions.Verdict(CaseState.NOT_UPHELD))
    assert "Half of all reports are decided within 3 days." in look(browse(), ADDRESS).words


# --- what is missing or wrong --------------------------------------------------------------------

GOOD = {SENDER: "416 555 0101", BODY: SPAM}
NO_SENDER = "Enter the number that sent the text."
NO_WORDS = "Copy the text into this field, or choose below what kind of text it was."
NO_NUMBER = "This is not a number that can get texts. Write it as you would dial it."
NO_DAY = "Write the day as year-month-day, such as 2026-03-31, or leave it out."
WRONG = [
    ({}, {NO_SENDER, NO_WORDS}),
    ({SENDER: "416 555 0101"}, {NO_WORDS}),
    ({BODY: SPAM, KINDS[1]: True}, {NO_SENDER}),
    ({**GOOD, STOP: True}, {"Enter your number: without it nobody knows whom to stop texting."}),
    ({**GOOD, OWN: "416 555 010"}, {f"{NO_NUMBER} It is too short."}),
    ({**GOOD, OWN: "911"}, {NO_NUMBER}),
    ({**GOOD, OWN: "my phone", STOP: True}, {f"{NO_NUMBER} It contains letters."}),
    ({**GOOD, WHEN: "yesterday"}, {NO_DAY}),
    ({**GOOD, WHEN: "0001-01-01"}, {NO_DAY}),
    ({**GOOD, WHEN: "9999-12-31"}, {"This day is still to come. Enter the day on which you got the text."}),
    ({SENDER: "416 555 0101", BODY: "x" * 4001}, {"Use at most 4,000 characters."}),
    ({SENDER: "4" * 61, BODY: SPAM}, {"Use at most 60 characters."}),
    ({SENDER: "416 555 0101" + " " * 190, BODY: SPAM}, {"Use at most 60 characters."}),
    ({SENDER: "1/" * 15_000, BODY: SPAM}, {"Use at most 60 characters."}),
    ({WHEN: "soon"}, {NO_SENDER, NO_WORDS, NO_DAY}),
]


@pytest.mark.parametrize(("typed", "said"), WRONG)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(browse, inside, clock, typed, said):
    """UX-02: 422, every fault at once, what was typed stays; nothing is stored."""
    seen = send(browse(), clock, typed)
    assert seen.status == 422
    assert {line for line in seen.problems if not line.startswith("Something is missing")} == said
    form = seen.form("Send report")
    for label, value in typed.items():
        control = form.labelled(label)
        held = control.get("checked") is not None if value is True else "".join(
            control.itertext()).strip() or control.get("value")
        assert held == value
    with inside():
        assert reports() == []


@pytest.mark.parametrize("sender", ["26246", "promo@example.org", "AMAZON", "+49 30 901820", "1-800-555-0199", "?"])
def test_whoever_sent_it_the_report_is_taken(browse, inside, clock, sender):
    """A short code, an address, a name: nobody is asked to turn it into a number."""
    assert send(browse(), clock, {SENDER: sender, KINDS[5]: True}).heading == "Report received"
    with inside():
        assert [(one.category, one.body) for one in reports()] == [(Category.OTHER, "")]


def test_a_day_is_read_at_noon_so_that_no_zone_moves_it(browse, inside, clock):
    today = now().astimezone(UTC).date()
    send(browse(), clock, {**GOOD, WHEN: (today - timedelta(days=2)).isoformat()})
    # In the far east it is tomorrow already.
    late = now().astimezone(UTC).replace(hour=13, minute=0) - now()
    clock.forward(seconds=late.total_seconds() if late > timedelta() else late.total_seconds() + 86400)
    send(browse(), clock, {**GOOD, WHEN: (clock.now() + timedelta(days=1)).date().isoformat()})
    with inside():
        first, second = reports()
        assert (first.got_at.date(), first.got_at.hour) == (today - timedelta(days=2), 12)
        assert second.got_at is not None


def test_a_choice_that_is_not_on_offer_is_none(browse):
    answer = browse().post(ADDRESS, data={"sender": "416 555 0101", "category": "<b>"})
    assert answer.status_code == 422


# --- the address for the outcome -----------------------------------------------------------------


@pytest.mark.parametrize(("typed", "code"), [
    ("me@example.com", 303), ("", 303), ("me", 422), ("a@b.example,c@d.example", 422), ("a,b@d.example", 422),
    ("a@b.example\r\nBcc: x@y.example", 422), ("<a@b.example>", 422), ("é@b.example", 422),
    ("a" * 250 + "@b.example", 422),
])
def test_an_address_for_one_letter(browse, another, inside, typed, code):
    """Asked for only where letters are sent, and nothing in it makes a second one."""
    app = another(MAIL_SERVER="smtp://localhost")
    browser = browse(which=app)
    assert "Email address (optional)" in look(browser, ADDRESS).words
    answer = browser.post(ADDRESS, data={"sender": "416 555 0101", "body": SPAM, "email": typed})
    assert answer.status_code == code
    with inside():
        assert [one.email for one in reports()] == ([typed] if code == 303 else [])


def test_without_a_mail_server_no_address_is_kept(browse, inside):
    browse().post(ADDRESS, data={"sender": "416 555 0101", "body": SPAM, "email": "me@example.com"})
    with inside():
        assert [one.email for one in reports()] == [""]


# --- machines and people who look like them ------------------------------------------------------

PERSONAS = {
    "autofills and sends at once": (1, {}, {}, "fast"),
    "fills in what no eye sees": (90, {"Leave this field empty": "https://me.example"}, {}, "honeypot"),
    "goes to bed and sends the next day": (25 * 3600, {}, {}, "stale"),
    "brings a stamp of their own": (90, {}, {"made": "MTc2.forged"}, "forged"),
    "brings no stamp": (90, {}, {"made": ""}, "forged"),
    "comes back without the session": (90, {}, {"csrf_token": ""}, "stale"),
    "takes their time": (5 * 60, {}, {}, ""),
}


@pytest.mark.parametrize("who", PERSONAS)
def test_nobody_is_turned_away_for_looking_like_a_machine(browse, inside, people, clock, who):
    """ABU-04: everybody reads the same thanks; what is odd is stored, read last, and verified all the same."""
    wait, typed, forged, suspect = PERSONAS[who]
    with inside():
        sent(people["Uli"].id, number(1), at=now() - timedelta(minutes=1))
    browser = browse()
    form = look(browser, ADDRESS).form("Send report")
    form.fill({SENDER: people["Uli"].number, BODY: SPAM, OWN: number(1), **typed})
    clock.forward(seconds=wait)
    answer = browser.post(form.action, data={**form.data, **forged})
    assert answer.status_code == 303
    assert look(browser, answer.location).heading == "Report received"
    with inside():
        settle()
        (kept,) = reports()
        assert (kept.suspect, kept.lane) == (suspect, Lane.SLOW if suspect else Lane.NORMAL)
        assert kept.matched is Match.VERIFIED


ABROAD = [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
          {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"}, {"Origin": "http://localhost.evil.example"}]
OURS = [{"Origin": "http://localhost"}, {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}, {}]


@pytest.mark.parametrize("headers", [*ABROAD, *OURS])
@pytest.mark.parametrize("genuine", [True, False])
def test_what_another_site_sends_stops_nobody_who_was_not_texted(browse, inside, people, clock, headers, genuine):
    """M2: visitors of a hostile page put no opt-outs of their making; the page says the same to everybody."""
    uli, browser = people["Uli"], browse()
    if genuine:
        with inside():
            sent(uli.id, number(1), at=now() - timedelta(minutes=1))
    form = look(browser, ADDRESS).form("Send report")
    form.fill({SENDER: uli.number, BODY: SPAM, OWN: number(1), STOP: True})
    clock.forward(seconds=30)
    assert browser.post(form.action, data=form.data, headers=headers).status_code == 303
    with inside():
        settle()
        (kept,) = reports()
        assert kept.suspect == ("elsewhere" if headers in ABROAD else "")
        assert [one.theirs for one in db.session.scalars(select(OptOut))] == ([number(1)] if genuine else [])
        assert bool(db.session.scalars(select(WebAsk)).all()) is (not genuine and headers in OURS)


def test_a_fault_does_not_make_a_person_look_quick(browse, inside, clock):
    """Whoever mends a report at once is as slow as at the first time."""
    browser = browse()
    seen = send(browser, clock, {BODY: SPAM}, wait=60)
    clock.forward(seconds=1)
    assert press(browser, seen, "Send report", {SENDER: "416 555 0101"}).heading == "Report received"
    with inside():
        assert [one.suspect for one in reports()] == [""]


def test_a_hidden_field_stays_hidden_from_keyboards(browse):
    trap = look(browse(), ADDRESS).form("Send report").labelled("Leave this field empty")
    assert (trap.get("tabindex"), trap.get("autocomplete")) == ("-1", "off")


def test_too_many_from_one_source(browse, inside, clock, log_lines):
    """429 with the time to try again, everything kept, and no number in the log; later it is taken."""
    with inside():
        for index in range(100):
            told("416 555 0101", source="127.0.0.1", body=f"{index}")
    browser = browse()
    seen = send(browser, clock, {SENDER: "416 555 0188", BODY: SPAM, KINDS[0]: True})
    assert seen.status == 429
    assert 0 < int(seen.answer.headers["Retry-After"]) <= 3600
    assert seen.title.startswith("Error: ")
    assert seen.problems[0].startswith("Many reports have come from where you are. Another one can be sent from ")
    assert seen.problems[1] in ("That is in 1 hour.", "That is in 59 minutes.")
    form = seen.form("Send report")
    assert form.labelled(SENDER).get("value") == "416 555 0188"
    assert form.labelled(BODY).text.strip() == SPAM
    assert form.labelled(KINDS[0]).get("checked") is not None
    assert not [line for line in log_lines if "0188" in line or SPAM in line]
    assert [line for line in log_lines if "excess_rate_limit_exceeded" in line]
    clock.forward(hours=1)
    assert press(browser, seen, "Send report").heading == "Report received"
    with inside():
        assert len(reports()) == 101


# --- who else may read ---------------------------------------------------------------------------


def test_only_the_secret_opens_a_report(browse, inside):
    with inside():
        filed = told("416 555 0101")
        ref = reports()[0].ref
    for what in ("thanks", "status"):
        assert browse().get(f"{ADDRESS}/{what}/{filed.token}").status_code == 200
        for wrong in (ref, filed.token[:-1], filed.token.swapcase(), "x"):
            for who in ("Nobody", "Olga", "Ada"):
                assert browse(who).get(f"{ADDRESS}/{what}/{wrong}").status_code == 404


@pytest.mark.parametrize("what", ["", "/thanks/", "/status/"])
def test_no_search_engine_and_no_cache_keeps_it(browse, inside, what):
    with inside():
        token = told("416 555 0101").token
    answer = browse().get(f"{ADDRESS}{what}{token if what else ''}")
    kept = "no-store, no-transform" if what else "no-store"
    assert (answer.headers["Cache-Control"], answer.headers["X-Robots-Tag"]) == (kept, "noindex")
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_the_limitations_lead_to_the_form(browse):
    seen = look(browse(), "/limitations")
    assert ADDRESS in [link.get("href") for link in seen.all("*[@id='report-spam']//a")]


# --- senders as people copy them -----------------------------------------------------------------

COPIED = ["Maybe: Maple Clinic (416) 555-0101", "tel:+14165550101", "From: +1 416 555 0101",
          "+1 (416) 555-0101 • Mobile",
          "+1 416 555 0101 ext 4", "FN:Maple\nTEL;TYPE=WORK:+1-416-555-0101", "\u202a+1 (416)\u00a0555-0101\u202c",
          "+1 (416) 555-0101, +14165550101", "sms:%2B14165550101",
          "BEGIN:VCARD\nVERSION:3.0\nFN:Maple Clinic\nTEL;TYPE=WORK,VOICE:(416) 555-0101\nEND:VCARD"]
ONE_NUMBER = ("To ask them to stop, write only the one number that sent the text, such as +1 416 555 0123. At a short"
              " code or an email address nobody can be asked from here: answer STOP to it, and untick the box below.")


@pytest.mark.parametrize("sender", COPIED)
def test_a_request_to_stop_counts_however_the_number_was_copied(browse, inside, people, clock, sender):
    """F1: one number is found in whatever stands around it."""
    with inside():
        sent(people["Uli"].id, number(1), "See you at three.")
    assert send(browse(), clock, {SENDER: sender, BODY: "See you at three.", OWN: "647 556 0001",
                                  STOP: True}).heading == "Report received"
    with inside():
        settle()
        (kept,) = reports()
        assert (kept.sender, kept.matched) == (people["Uli"].number, Match.VERIFIED)
        out = db.session.scalars(select(OptOut)).one()
        assert (out.theirs, out.state, out.source) == (number(1), OptOutState.OUT, OptOutSource.WEB)


def test_two_numbers_are_enough_to_stop_texts(browse, inside, people, clock):
    """The way out of the public page: its own words, no kind of spam to choose, and nobody is accused."""
    with inside():
        sent(people["Uli"].id, number(1))
    stranger = browse()
    seen = look(stranger, f"{ADDRESS}?stop=y")
    assert (seen.heading, "Half of all reports" in seen.words) == ("Stop texts to my number", False)
    clock.forward(seconds=30)
    wrong = press(stranger, seen, "Stop texts", {SENDER: "416 555 0101"})
    assert (wrong.status, wrong.heading, wrong.problems) == (
        422, "Stop texts to my number", ["Enter your number: without it nobody knows whom to stop texting."])
    done = press(stranger, wrong, "Stop texts", {OWN: "647 556 0001"})
    assert (done.status, done.heading, "Block the number" in done.words) == (200, "Request received", False)
    with inside():
        settle()
        (kept,) = reports()
        assert (kept.stop, kept.matched, kept.case_id, kept.ref in done.words) == (True, Match.UNMATCHED, None, True)
        assert db.session.scalars(select(OptOut)).one().theirs == number(1)


@pytest.mark.parametrize("spam", [{BODY: SPAM}, {KINDS[1]: True}])
def test_who_tells_of_spam_on_the_way_out_reads_what_to_do_about_it(browse, clock, spam):
    stranger = browse()
    seen = look(stranger, f"{ADDRESS}?stop=y")
    clock.forward(seconds=30)
    done = press(stranger, seen, "Stop texts", {SENDER: "416 555 0101", OWN: "647 556 0001", **spam})
    assert (done.heading, "Block the number" in done.words) == ("Report received", True)


@pytest.mark.parametrize("sender", ["Maple Clinic", "26246", "(416) 555-0101 or (416) 555-0102", "promo@example.org"])
def test_a_sender_without_one_number_is_taken_and_asked_for_when_somebody_wants_silence(browse, inside, clock, sender):
    browser = browse()
    typed = {SENDER: sender, BODY: SPAM, OWN: number(1)}
    seen = send(browser, clock, {**typed, STOP: True})
    assert (seen.status, ONE_NUMBER in seen.problems) == (422, True)
    assert seen.form("Send report").labelled(SENDER).get("value") == sender
    with inside():
        assert reports() == []
    assert send(browser, clock, typed).heading == "Report received"
    with inside():
        assert [one.sender for one in reports()] == [sender]


def test_ones_own_number_may_be_copied_too(browse, inside, clock):
    send(browse(), clock, {**GOOD, OWN: "My number: \u202a+1 (647) 556-0001\u202c"})
    with inside():
        assert [one.theirs for one in reports()] == [number(1)]
