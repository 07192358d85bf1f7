"""The audit log: every change as a sentence, filters, pages, one event by its own address, export."""

import csv
import io
import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select

from portal.extensions import db, make_ref, writing
from portal.marks import StoredWords
from portal.models import AuditEvent, Organization, User
from portal.services import audit, csv_cells
from portal.services.audit_sentences import EVENT_SENTENCES, OF_NO_ORGANIZATION
from portal.wording import log, stored
from portal.wording.log import ACTIONS as LABELS
from tests.blueprints.reader import look, words

# An example of every action's details, and its sentence. A new action needs a line here.
RESTRICTED = {"restraint": "throttle", "cause": "spam", "until": "2026-11-25T12:00:00+00:00"}
EXAMPLES = {
    "texting": ({"was": "inherit", "now": "off"},
                "Ada Keller turned texting off for Uli Brandt (was: default setting)."),
    "texting-reason": ({"was": "on", "now": "off-locked", "reason": "Closed."},
                       "Ada Keller turned texting off for Uli Brandt and locked it (was: on). Reason: Closed."),
    "organization-added": ({}, "Ada Keller added the organization Uli Brandt."),
    "organization-changed": ({"changes": [["add_on", "False", "True"], ["campaign", "none", "active"]]},
                             ("Ada Keller changed the organization Uli Brandt. Add-on: no → yes. Campaign registration:"
                              " not registered → active.")),
    "location-added": ({}, "Ada Keller added the location Uli Brandt."),
    "location-changed": ({"changes": [["pstn", "not-set", "other-provider"]]},
                         ("Ada Keller changed the location Uli Brandt. PSTN connection: not set yet → another"
                          " provider.")),
    "user-added": ({}, "Ada Keller added the user Uli Brandt."),
    "user-changed": ({"changes": [["name", "Uli", "Uli Brandt"]]},
                     "Ada Keller changed details of Uli Brandt. Name: Uli → Uli Brandt."),
    "address-shared": ({}, ("The address of Uli Brandt turned out to be another person's, so it opens no account."
                            " Enter an address of their own.")),
    "role-changed": ({"changes": [["admin", "False", "True"]]},
                     "Ada Keller changed the roles of Uli Brandt. Administrator: no → yes."),
    "number-assigned": ({"number": "+14165550101"}, "Ada Keller assigned a number to Uli Brandt: +1 416 555 0101."),
    "number-removed": ({"number": "+14165550101"}, "Ada Keller removed the number of Uli Brandt: +1 416 555 0101."),
    "addresses-let-in": ({}, ("Ada Keller looked at addresses of other people that were entered at Uli Brandt, and let"
                              " new addresses in again.")),
    "number-claimed": ({"number": "+14165550101"}, ("Ada Keller entered a number for Uli Brandt that the provider has"
                                                     " to confirm: +1 416 555 0101.")),
    "number-confirmed": ({"number": "+14165550101"}, "Ada Keller confirmed the number of Uli Brandt: +1 416 555 0101."),
    "number-rejected": ({"number": "+14165550101", "reason": "Not yours"},
                        ("Ada Keller did not confirm the number of Uli Brandt: +1 416 555 0101. Reason: Not yours")),
    "number-added": ({"number": "+14165550101"}, "Ada Keller added a number to Uli Brandt: +1 416 555 0101."),
    "number-marked": ({"number": "+14165550101", "changes": [["source", "", "other"]]},
                      ("Ada Keller marked a number of Uli Brandt: +1 416 555 0101. Number source: – → not from the"
                       " plan.")),
    "deactivated": ({}, "Ada Keller deactivated Uli Brandt."),
    "reactivated": ({}, "Ada Keller reactivated Uli Brandt."),
    "link-made": ({}, "Ada Keller made a sign-in link for Uli Brandt."),
    "password-chosen": ({}, "Uli Brandt chose a password."),
    "password-by-link": ({"maker": "Ada Keller"},
                         "A password was chosen for Uli Brandt with a sign-in link that Ada Keller made."),
    "signed-in": ({}, "Uli Brandt signed in."),
    "acknowledged": ({"notice": "hipaa", "version": 1},
                     "Ada Keller confirmed the notice HIPAA in version 1."),
    "imported": ({"created": 1200, "changed": 3},
                 "Ada Keller imported users into Uli Brandt from a file (1,200 created, 3 changed)."),
    "import-undone": ({"restored": 1200, "left": 3},
                      ("Ada Keller undid the import of users into Uli Brandt from a file (1,200 restored, 3 left as"
                       " others changed them).")),
    "opt-out-added": ({"number": "+16475550110", "reason": "By phone."},
                      ("Ada Keller added an opt-out of +1 647 555 0110 to Uli Brandt. How it was said: By phone.")),
    "opt-out-withdrawn": ({"number": "+16475550110", "reason": "Wrong number."},
                          ("Ada Keller withdrew the opt-out of +1 647 555 0110 from Uli Brandt. Reason: Wrong"
                           " number.")),
    "opt-out-decided": ({"number": "+16475550110", "decided": "yes"},
                        ("Ada Keller answered “yes” to whether +1 647 555 0110 meant to opt out of Uli Brandt.")),
    "opt-out-overdue": ({"number": "+16475550110"},
                        ("A likely opt-out of +1 647 555 0110 from Uli Brandt became one, because nobody"
                         " decided in two days.")),
    "opt-out-erased": ({}, ("Ada Keller erased the number of an opt-out of Uli Brandt on request. The opt-out goes"
                            " on.")),
    "opt-out-web": ({"number": "+16475550110"},
                    ("A person on the web asked Uli Brandt to stop texting their number: +1 647 555 0110. Not"
                     " verified.")),
    "opt-out-web-many": ({"number": "+16475550110"}, (
        "More than ten people asked Uli Brandt on the web within an hour to stop texting them, so this one waits for a"
        " decision: +1 647 555 0110.")),
    "restricted": ({**RESTRICTED, "note": "Parcel fees."},
                   ("Ada Keller restricted Uli Brandt (slowed until 25 Nov 2026, 07:00, because of spam)."
                    " Parcel fees.")),
    "restricted-by-reports": ({**RESTRICTED, "note": "Several people reported it."},
                              ("Verified reports of spam restricted Uli Brandt (slowed until 25 Nov 2026,"
                               " 07:00, because of spam). Several people reported it.")),
    "restriction-extended": ({"until": RESTRICTED["until"], "note": "It goes on."},
                             ("Ada Keller extended a restriction of Uli Brandt until 25 Nov 2026, 07:00. It goes on.")),
    "restriction-lifted": ({"restraint": "throttle", "note": "A mistake."},
                           "Ada Keller lifted a restriction of Uli Brandt: slowed. A mistake."),
    "appealed": ({}, "Ada Keller appealed against a restriction of Uli Brandt."),
    "appeal-kept": ({"note": "The texts were spam."},
                    "Ada Keller kept a restriction of Uli Brandt after an appeal. The texts were spam."),
    "inventory-taken": ({"confirmed": 2, "added": 1200, "dated": 1},
        ("Ada Keller uploaded an inventory of numbers for Uli Brandt (claims confirmed: 2, numbers added:"
         " 1,200, dates changed: 1).")),
    "number-dated": ({"number": "+16475550110", "changes": [["from_on", "", "2026-12-01"]]},
        "Ada Keller changed the dates of a number of Uli Brandt: +1 647 555 0110. Comes on: – → 1 Dec 2026."),
    "link-shown": ({"reason": "By letter."},
        "Ada Keller looked at the sign-in link of Uli Brandt. Reason: By letter."),
    "links-mailed": ({"links": 12},
        "Ada Keller sent sign-in links to imported users by mail. Links: 12."),
    "opt-outs-imported": ({"created": 1200, "changed": 3, "unchanged": 40},
        "Ada Keller imported opt-outs into Uli Brandt from a file (1,200 new, 3 changed, 40 there already)."),
    "opt-out-decided-reason": ({"number": "+16475550110", "because": "other-thing"},
        ("Ada Keller decided that +1 647 555 0110 did not mean to opt out of Uli Brandt. Reason: They meant"
         " another thing, such as an appointment or a medicine.")),
    "opt-out-undone": ({"number": "+16475550110", "decided": "yes"},
        ("Ada Keller undid the answer “yes” to whether +1 647 555 0110 meant to opt out of Uli Brandt, so it"
         " waits again.")),
    "opt-out-read": ({"number": "+16475550110"},
        "Ada Keller read the words of a likely opt-out of +1 647 555 0110 from Uli Brandt."),
    "opt-out-listed": ({"number": "+16475550110"},
        ("A likely opt-out of +1 647 555 0110 from Uli Brandt is listed as an opt-out now, because nobody"
         " decided in time.")),
    "opt-out-web-decided": ({"number": "+16475550110", "decided": "yes"},
        ("Ada Keller answered “yes” to the request on the web that Uli Brandt stop texting +1 647 555 0110.")),
    "opt-out-web-overdue": ({"days": 14, "number": "+16475550110"},
        ("A request on the web that Uli Brandt stop texting +1 647 555 0110 became an opt-out, because nobody"
         " decided in 14 days.")),
    "consent-added": ({"number": "+16475550110", "consent": "express", "reason": "By letter."},
        ("Ada Keller wrote down for Uli Brandt that +1 647 555 0110 consents, because they agreed to texts."
         " Proof: By letter.")),
    "consent-withdrawn": ({"number": "+16475550110", "reason": "By letter."},
        "Ada Keller withdrew the consent of +1 647 555 0110 for Uli Brandt. Reason: By letter."),
    "consent-corrected": ({"number": "+16475550110", "reason": "By letter."},
        "Ada Keller corrected the consent of +1 647 555 0110 for Uli Brandt. Reason: By letter."),
    "opt-out-carrier": ({"number": "+16475550110"},
        ("The carrier blocks texts of Uli Brandt to a number because it got a STOP, so the number counts as "
         "opted out: +1 647 555 0110.")),
    "called-back": ({},
        "Ada Keller noted a call to a person who cannot be texted any more."),
    "conversations-handed-over": ({"member": "Ben Okafor", "many": 3},
        "Ada Keller handed open conversations of Uli Brandt to Ben Okafor: 3."),
    "number-hold-set": ({"number": "+16475550110", "until": RESTRICTED["until"], "reason": "By letter."},
        ("Ada Keller set a hold on the texts with +1 647 555 0110, to review on 25 Nov 2026, 07:00. Reason: By"
         " letter.")),
    "number-hold-renewed": ({"number": "+16475550110", "until": RESTRICTED["until"], "reason": "By letter."},
        ("Ada Keller renewed the hold on the texts with +1 647 555 0110, to review on 25 Nov 2026, 07:00."
         " Reason: By letter.")),
    "number-hold-ended": ({"number": "+16475550110"},
        "Ada Keller ended the hold on the texts with a number: +1 647 555 0110."),
    "user-hold-set": ({"until": RESTRICTED["until"], "reason": "By letter."},
        "Ada Keller set a hold on the texts of Uli Brandt, to review on 25 Nov 2026, 07:00. Reason: By letter."),
    "user-hold-renewed": ({"until": RESTRICTED["until"], "reason": "By letter."},
        ("Ada Keller renewed the hold on the texts of Uli Brandt, to review on 25 Nov 2026, 07:00. Reason: By"
         " letter.")),
    "user-hold-ended": ({},
        "Ada Keller ended the hold on the texts of Uli Brandt."),
    "records-requested": ({"number": "+16475550110", "reason": "By letter."},
        "Ada Keller asked for all texts with a number: +1 647 555 0110. Reason: By letter."),
    "records-released": ({"asker": "Ben Okafor", "number": "+16475550110", "answer": "All right."},
        "Ada Keller released all texts with a number that Ben Okafor asked for: +1 647 555 0110. All right."),
    "records-refused": ({"asker": "Ben Okafor", "number": "+16475550110", "answer": "All right."},
        ("Ada Keller refused the texts with a number that Ben Okafor asked for: +1 647 555 0110. Reason: All "
         "right.")),
    "records-read": ({"number": "+16475550110"},
        "Ada Keller read the released texts with a number: +1 647 555 0110."),
    "records-downloaded": ({"number": "+16475550110", "hash": "ab12"},
        "Ada Keller downloaded the released texts with a number: +1 647 555 0110. SHA-256 of the file: ab12"),
    "records-hashes": ({"number": "+16475550110"},
        "Ada Keller downloaded the hashes of the released texts with a number: +1 647 555 0110."),
    "carrier-added": ({}, "Ada Keller added the carrier Uli Brandt."),
    "carrier-changed": ({"changes": [["pace", "", "20"], ["setting:host", "a.example", "b.example"]]},
        ("Ada Keller changed the carrier Uli Brandt. Texts a second, at most: – → 20. setting:host: a.example →"
         " b.example.")),
    "carrier-secrets": ({}, "Ada Keller typed new secrets of the carrier Uli Brandt."),
    "carrier-secrets-emptied": ({},
        ("Ada Keller changed where or as whom the carrier Uli Brandt is reached, so its secrets were"
         " emptied.")),
    "carrier-on": ({}, "Ada Keller turned on the carrier Uli Brandt."),
    "carrier-off": ({}, "Ada Keller turned off the carrier Uli Brandt."),
    "carrier-default": ({}, "Ada Keller let the carrier Uli Brandt take all texts that no other is assigned to."),
    "carrier-default-ended": ({},
        "Ada Keller let the carrier Uli Brandt take only the texts that it is assigned to."),
    "carrier-removed": ({}, "Ada Keller removed the carrier Uli Brandt, which was never used."),
    "carrier-chosen": ({"carrier": "Kannel"}, "Ada Keller assigned Uli Brandt to the carrier Kannel."),
    "carrier-left": ({}, "Ada Keller assigned Uli Brandt to no carrier of its own any more."),
    "number-carrier-chosen": ({"carrier": "Kannel", "number": "+16475550110"},
        "Ada Keller assigned a number of Uli Brandt to the carrier Kannel: +1 647 555 0110."),
    "number-carrier-left": ({"number": "+16475550110"},
        "Ada Keller assigned a number of Uli Brandt to no carrier of its own any more: +1 647 555 0110."),
    "links-downloaded": ({"links": 12}, "Ada Keller downloaded the sign-in links of imported users. Links: 12."),
}


@pytest.fixture
def ada(browse):
    return browse("Ada")


@pytest.fixture
def record(inside, people):
    """`record("deactivated")` adds an event about Uli by Ada, and returns its ref."""

    def add(action, actor="Ada", **details):
        with inside(), writing() as session:
            who, uli = (session.get_one(User, people[name].id) for name in (actor, "Uli"))
            return audit.record_event(who, action, uli, **details).ref

    return add


def sentences(seen):
    """The log, newest first."""
    return [words(line) for line in seen.all("ol[@class='log brief']//bdi")]


def newest_link(browser, label):
    """Where a link of the newest event leads."""
    links = look(browser, "/admin/audit").all("ol[@class='log brief']//a")
    return next(link.get("href") for link in links if words(link) == label)


# --- sentences -----------------------------------------------------------------------------------


def test_every_action_has_a_sentence_a_label_and_an_example():
    assert EXAMPLES.keys() == EVENT_SENTENCES.keys()
    assert LABELS.keys() == {action for action in EVENT_SENTENCES if not action.endswith("-reason")}
    printed = {action: set(re.findall(r"%\((\w+)\)s", sentence)) for action, sentence in EVENT_SENTENCES.items()}
    assert {action: details.keys() for action, (details, _) in EXAMPLES.items()} == {
        action: names - {"actor", "subject"} for action, names in printed.items()}


@pytest.mark.parametrize("action", EVENT_SENTENCES)
def test_every_change_is_told_in_a_sentence(ada, record, action):
    """Values in words, numbers as people write them; the same on the list and at the event's own address."""
    details, sentence = EXAMPLES[action]
    ref = record(action, **details)
    listed = look(ada, "/admin/audit?sign-ins=1")
    assert sentences(listed)[0] == sentence
    assert sentence in look(ada, f"/admin/audit/{ref}").words


@pytest.mark.parametrize(("action", "who"), [
    ("opt-out-web", "A person on the web"), ("opt-out-web-many", "A person on the web"),
    ("restricted-by-reports", "Verified reports"), ("opt-out-overdue", "The portal itself"),
    ("password-by-link", "A person with a sign-in link"), ("user-added", "The command line"),
])
@pytest.mark.parametrize("earlier", [False, True])
def test_whoever_was_not_signed_in_has_words_of_their_own(ada, inside, people, action, who, earlier):
    """On the event's page and in the file, also for events from when all of them were the command line's."""
    with inside(), writing() as session:
        uli = session.get_one(User, people["Uli"].id)
        event = audit.record_event(None, action, uli, **EXAMPLES[action][0])
        ref = event.ref
        if earlier:
            values = {column.key: getattr(event, column.key) for column in AuditEvent.__table__.columns}
            ref = "earlier"
            values |= {"id": None, "ref": ref, "actor_name": "The command line"}
            session.execute(insert(AuditEvent), [values])
    assert f"Who {who} About" in look(ada, f"/admin/audit/{ref}").words
    assert [row[1] for row in exported(ada) if row[3] == ref] == [who]


def test_words_of_the_portals_own_are_translated_and_names_are_not(inside, people, monkeypatch):
    """In sentences too, whoever did it and whoever made a link."""
    for module in (log, stored):
        monkeypatch.setattr(module, "gettext", lambda text, **values: f"[{text}]" % values)
    with inside(), writing() as session:
        uli = session.get_one(User, people["Uli"].id)
        added = audit.record_event(None, "user-added", uli)
        chosen = audit.record_event(None, "password-by-link", uli, maker=StoredWords.COMMAND_LINE)
        named = audit.record_event(uli, "user-added", uli)
        assert log.event_in_words(*audit.event_sentence(added)) == "[[The command line] added the user Uli Brandt.]"
        assert log.event_in_words(*audit.event_sentence(chosen)).endswith("that [The command line] made.]")
        assert log.event_in_words(*audit.event_sentence(named)) == "[Uli Brandt added the user Uli Brandt.]"


def test_a_person_of_that_name_is_a_person(ada, inside, people, record):
    with inside(), writing() as session:
        session.get_one(User, people["Ada"].id).name = "The command line"
    ref = record("opt-out-web", number="+16475550110")
    assert "Who The command line About" in look(ada, f"/admin/audit/{ref}").words


def test_names_are_shown_and_never_read_as_markup(ada, record, inside, people):
    with inside(), writing() as session:
        session.get_one(User, people["Uli"].id).name = "<script>alert(1)</script> \u202egnol"
    record("deactivated")
    text = ada.get("/admin/audit").text
    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert" not in text


# --- filters and pages ---------------------------------------------------------------------------


@pytest.mark.parametrize(("now", "was", "told"), [
    ("on", "inherit", "Ada Keller turned texting on for Uli Brandt (was: default setting)."),
    ("inherit", "off-locked", "Ada Keller gave Uli Brandt the default setting of texting again (was: off, locked)."),
    ("on-locked", "off", "Ada Keller turned texting on for Uli Brandt and locked it (was: off)."),
])
def test_a_change_of_texting_says_what_it_was(ada, record, now, was, told):
    record("texting", was=was, now=now)
    assert sentences(look(ada, "/admin/audit"))[0] == told
    record("texting-reason", was=was, now=now, reason="Closed.")
    assert sentences(look(ada, "/admin/audit"))[0] == f"{told} Reason: Closed."


@pytest.mark.parametrize(("chosen", "many"), [
    ("", 3), ("who={Ada}", 2), ("who={Rita}", 1), ("who={Otto}", 0), ("who=%25", 0), ("who=not-signed-in", 0),
    ("action=deactivated", 1), ("action=texting", 1), ("action=texting&who={Rita}", 0), ("action=nonsense", 0),
    ("about=user-{Uli}", 3), ("about=user-{Ben}", 0), ("about=location-{Uli}", 0), ("about=x", 3),
    ("sign-ins=1", 4), ("action=signed-in", 1),
])
def test_filters(ada, record, people, chosen, many, inside):
    """By who, by kind and by whom it is about; a kind with a reason is the same kind; sign-ins only when asked for."""
    with inside(), writing() as session:
        uli = session.get_one(User, people["Uli"].id)
        audit.record_event(uli, "signed-in", uli)
    record("deactivated")
    record("reactivated", actor="Rita")
    record("texting-reason", was="on", now="off-locked", reason="Closed.")
    seen = look(ada, "/admin/audit?" + chosen.format(**{name: known.ref for name, known in people.items()}))
    told = [one for one in sentences(seen) if "Uli Brandt" in one]
    assert len(told) == many
    assert bool(sentences(seen)) != ("No event fits" in seen.words)


def test_the_fields_hold_what_is_chosen(ada, people):
    seen = look(ada, f"/admin/audit?who={people['Rita'].ref}&action=deactivated&from=2025-03-09&to=2025-03-10")
    assert [words(one) for one in seen.all("option[@selected]")] == ["Rita Sandoval", "Account deactivated"]
    assert [seen.all(f"input[@id='{name}']")[0].get("value") for name in ("from", "to")] == ["2025-03-09", "2025-03-10"]
    assert seen.links["Show all"] == "/admin/audit"
    who, kinds = ([words(one) for one in seen.all(f"select[@id='{name}']/option")] for name in ("who", "action"))
    assert kinds == ["All", *(LABELS[action] for action in EVENT_SENTENCES
                              if action in LABELS and action not in OF_NO_ORGANIZATION)]
    assert who == ["Everybody", "Ada Keller", "Rita Sandoval", "People who were not signed in"]


# --- days ----------------------------------------------------------------------------------------


@pytest.fixture
def dated(inside, organizations, people):
    """Three events around midnight in Toronto (UTC-5 until 9 March 2025, then UTC-4): 8, 9 and 10 March."""
    with inside(), writing() as session:
        session.execute(insert(AuditEvent), [
            {"ref": make_ref(), "organization_id": organizations["Maple"].id, "actor_name": f"Actor {day}",
             "action": "deactivated", "subject": "user", "subject_name": str(day), "details": {}, "at": at}
            for day, at in ((8, datetime(2025, 3, 9, 4, 59, tzinfo=UTC)), (9, datetime(2025, 3, 9, 5, 0, tzinfo=UTC)),
                            (10, datetime(2025, 3, 10, 4, 0, tzinfo=UTC)))])


@pytest.mark.parametrize(("first", "last", "days"), [
    ("2025-03-09", "2025-03-09", [9]), ("2025-03-08", "2025-03-09", [9, 8]), ("", "2025-03-09", [9, 8]),
    ("2025-03-10", "2025-03-10", [10]), ("2025-03-11", "2025-03-11", []),
])
def test_days_are_those_of_the_readers_calendar(ada, dated, first, last, days):
    told = sentences(look(ada, f"/admin/audit?from={first}&to={last}"))
    assert [one for one in told if one.startswith("Actor")] == [f"Actor {day} deactivated {day}." for day in days]


def test_events_stand_under_their_day(ada, dated):
    seen = look(ada, "/admin/audit?from=2025-03-08&to=2025-03-10")
    assert [words(one) for one in seen.all("main//h2")] == [
        "Monday, 10 March 2025", "Sunday, 9 March 2025", "Saturday, 8 March 2025"]


@pytest.mark.parametrize(("asked", "told"), [
    ("from=x", "Enter the day as year-month-day"), ("to=2025-02-30", "Enter the day as year-month-day"),
    ("from=99999-01-01", "Enter the day as year-month-day"), ("from=1999-01-01", "Enter the day as year-month-day"),
    ("from=2025-03-10&to=2025-03-09", "This day is before the first one."), ("from=2025-03-09", ""),
])
def test_a_wrong_day_is_answered(ada, asked, told):
    seen = look(ada, f"/admin/audit?{asked}")
    errors = [words(one) for one in seen.all("p[@class='error']")]
    assert [one.startswith(told) for one in errors] == ([True] if told else [])


def test_last_week_is_one_click_away_and_keeps_the_other_filters(ada, record):
    record("deactivated")
    seen = look(ada, "/admin/audit?action=deactivated")
    for chip, many in (("Today", 1), ("Yesterday", 0), ("Last 7 days", 1), ("All days", 1)):
        assert "action=deactivated" in seen.links[chip]
        assert len(sentences(look(ada, seen.links[chip]))) == many
    assert [words(one) for one in seen.all("a[@aria-current='true']")] == ["All days"]


# --- links ---------------------------------------------------------------------------------------


def test_names_lead_to_their_pages(ada, browse, record, people):
    ref = record("deactivated")
    for address in ("/admin/audit", f"/admin/audit/{ref}"):
        links = look(ada, address).links
        assert links["Ada Keller"] == f"/admin/users/{people['Ada'].ref}"
        assert links["Uli Brandt"] == f"/admin/users/{people['Uli'].ref}"
    seen = look(ada, f"/admin/audit/{ref}")
    assert sentences(look(ada, seen.links["All changes about Uli Brandt"])) == ["Ada Keller deactivated Uli Brandt."]
    assert sentences(look(ada, seen.links["All changes by Ada Keller"]))[0] == "Ada Keller deactivated Uli Brandt."


def test_what_undid_a_change_says_so(ada, record, people):
    with audit.mark_undone({people["Uli"].ref: "earlier"}):
        record("deactivated")
    assert sentences(look(ada, "/admin/audit"))[0] == "Ada Keller deactivated Uli Brandt. This undid an earlier change."


def test_an_operator_is_named_and_leads_nowhere(ada, record):
    record("restricted", actor="Olga", **EXAMPLES["restricted"][0])
    seen = look(ada, "/admin/audit")
    assert "Olga" in sentences(seen)[0]
    assert not [one for one in seen.links if "Olga" in one]


def test_what_the_log_is_about_can_be_taken_back(ada, record, people):
    record("deactivated")
    seen = look(ada, newest_link(ada, "About"))
    assert "About Uli Brandt" in seen.words
    assert {"Ada Keller deactivated Uli Brandt."} == set(sentences(seen))
    (back,) = [one for one in seen.links if one.startswith("About Uli Brandt")]
    assert seen.links[back] == "/admin/audit"
    assert "About Mia" not in look(ada, f"/admin/audit?about=user-{people['Mia'].ref}").words, "a stranger has no name"


@pytest.fixture
def many(inside, organizations):
    """120 events, numbered in their order."""
    with inside(), writing() as session:
        session.execute(insert(AuditEvent), [
            {"ref": make_ref(), "organization_id": organizations["Maple"].id, "actor_name": f"Actor {n}",
             "action": "deactivated", "subject": "user", "subject_name": str(n), "details": {}} for n in range(120)])


def test_pages_show_every_event_once(ada, many):
    seen, told = look(ada, "/admin/audit?action=deactivated"), []
    while True:
        told += sentences(seen)
        if "Older" not in seen.links:
            break
        assert "action=deactivated" in seen.links["Older"]
        seen = look(ada, seen.links["Older"])
    assert told == [f"Actor {n} deactivated {n}." for n in reversed(range(120))]
    assert seen.links["Newest"] == "/admin/audit?action=deactivated"


def test_addresses_hold_no_numbers_of_rows(ada, many, inside):
    seen = look(ada, "/admin/audit")
    before = seen.links["Older"].partition("before=")[2].partition("&")[0]
    with inside():
        assert db.session.scalars(select(AuditEvent).where(AuditEvent.ref == before)).one()


def test_the_number_of_statements_does_not_grow(ada, many, statements, record):
    with statements() as long:
        ada.get("/admin/audit")
    with statements() as short:
        ada.get("/admin/audit?action=nonsense")
    assert len(long) == len(short) <= 4


@pytest.mark.parametrize("address", [
    "/admin/audit/x", "/admin/audit?before=x", "/admin/audit?before=12", "/admin/audit?before=" + "9" * 40])
def test_an_event_that_is_none_is_not_there(ada, address):
    assert ada.get(address).status_code == 404


def test_events_of_others_are_not_there(ada, browse, inside, organizations):
    with inside(), writing() as session:
        harbor = session.get_one(Organization, organizations["Harbor"].id)
        ref = audit.record_event(None, "organization-changed", harbor, changes=[["name", "A", "B"]]).ref
    for address in (f"/admin/audit/{ref}", f"/admin/audit?before={ref}"):
        assert ada.get(address).status_code == 404
        assert browse("Otto").get(address).status_code == 200
    assert "Harbor" not in ada.get("/admin/audit").text


def test_an_event_stands_at_its_own_address(ada, record, browse):
    ref = record("deactivated")
    assert newest_link(ada, "Event") == f"/admin/audit/{ref}"
    seen = look(browse("Rita"), f"/admin/audit/{ref}")
    assert seen.heading == "One event"
    assert "Ada Keller deactivated Uli Brandt." in seen.words
    assert f"Reference {ref}" in seen.words
    assert look(ada, seen.links["Audit log"]).heading == "Audit log"


# --- export --------------------------------------------------------------------------------------


def exported(browser, query=""):
    answer = browser.get(f"/admin/audit/export{query}")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit-log.csv"'
    return list(csv.reader(io.StringIO(answer.text)))


def test_the_export_holds_what_is_on_the_filter(browse, ada, record, many):
    record("reactivated", actor="Rita")
    assert len(exported(browse("Rita"))) == 1 + 1 + 120 + 1
    head, *rows = exported(ada, "?action=reactivated")
    assert head == ["Time (UTC)", "Who", "Sentence", "Reference"]
    assert [row[1:3] for row in rows] == [["Rita Sandoval", "Rita Sandoval reactivated Uli Brandt."]]
    assert "action=reactivated" in look(ada, "/admin/audit?action=reactivated").links["Export"]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", '"=1"', "=HYPERLINK(\"x\")"])
def test_no_cell_of_the_export_is_a_formula(ada, inside, people, record, name):
    """SEC-18"""
    with inside(), writing() as session:
        session.get_one(User, people["Ada"].id).name = name
    record("deactivated")
    cells = [cell for row in exported(ada) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
    assert csv_cells.unguard_cell(exported(ada)[1][1]) == name


def test_the_export_says_only_what_is_ones_own(browse, record):
    record("deactivated")
    assert "Uli" not in browse("Otto").get("/admin/audit/export").text
