"""Operators lift and extend restrictions with a reason; whoever is restricted reads why before writing."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from portal.extensions import db, now, writing
from portal.models import Restriction, User
from portal.rules.facts import Cause, Restraint, Subject
from portal.services.spam import restrictions
from portal.services.texting import sending
from tests.blueprints.reader import Seen
from tests.reports import reported
from tests.talks import hold, text_in, words

HOSTILE = "<script>alert(1)</script> \u202elive"
LIST = "/operator/restrictions"
MOMENT = "Enter day and time, such as 2026-05-31 14:30."


@pytest.fixture
def put(inside, people):
    """`put()` restrains Uli by Olga; the ref."""
    def restrain(name="Uli", by="Olga", restraint=Restraint.THROTTLE, subject=Subject.USER, days=3.0, note="Too much"):
        with inside():
            user = db.session.get_one(User, people[name].id)
            actor = db.session.get_one(User, people[by].id) if by else None
            whom = restrictions.RestrictionScope(subject, user.organization_id,
                                                 user.id if subject is Subject.USER else None,
                                                 user.number.id if subject is Subject.NUMBER else None)
            with writing():
                terms = restrictions.RestrictionTerms(restraint, Cause.SPAM, note, now() + timedelta(days=days), 2)
                return restrictions.add_restriction(actor, terms, whom, now()).ref
    return restrain


@pytest.fixture
def stored(inside):
    """The stored values of a restriction."""
    def find(ref):
        with inside():
            return db.session.scalars(select(Restriction).where(Restriction.ref == ref)).one()
    return find


def summary(answer):
    found = re.search(r'class="error-summary".*?</section>', answer.text, re.DOTALL)
    return [unescape(line) for line in re.findall(r"<li>(?:<a [^>]*>)?([^<]+)", found.group())] if found else []


# --- the operators' pages ------------------------------------------------------------------------


def test_the_list_says_whom_what_why_until_when_and_by_whom(browse, put):
    put()
    put("Ben", by=None, restraint=Restraint.BLOCK, subject=Subject.NUMBER)
    put("Mia", subject=Subject.ORGANIZATION)
    seen = Seen(browse("Olga").get(LIST))
    rows = [" ".join(" ".join(row.itertext()).split()) for row in seen.all("tbody/tr")]
    assert [row.split(maxsplit=2)[:2] for row in rows] == [["Harbor", "Health"], ["+1", "416"], ["Uli", "Brandt"]]
    assert "slowed: at most 2 texts a minute" in rows[2]
    assert "Reason: spam" in rows[2]
    assert "Olga Weiss" in rows[2]
    assert "blocked" in rows[1]
    assert "verified reports" in rows[1]


def test_an_empty_list_says_how_entries_come_about(browse):
    olga = browse("Olga")
    assert "Nobody is restricted" in olga.get(LIST).text
    assert "None has ended yet" in olga.get(f"{LIST}?show=ended").text


def test_a_long_list_has_pages(browse, put):
    for _index in range(restrictions.RESTRICTIONS_PER_PAGE + 2):
        put()
    olga = browse("Olga")
    first = Seen(olga.get(LIST))
    assert len(first.all("tbody/tr")) == restrictions.RESTRICTIONS_PER_PAGE
    second = Seen(olga.get(first.links["Next"]))
    assert len(second.all("tbody/tr")) == 2
    assert second.links["First"] == LIST
    assert olga.get(f"{LIST}?after=nowhere").status_code == 404


def test_lifting(browse, put, stored):
    ref, olga = put(), browse("Olga")
    page = olga.get(f"{LIST}/{ref}")
    assert "Too much" in page.text
    answer = olga.post(f"{LIST}/{ref}/lift", data={"lift-reason": "They had agreed"})
    assert (answer.status_code, answer.location) == (303, LIST)
    assert "Lifted. Texts that waited because of it go out now." in olga.get(LIST).text
    assert stored(ref).lifted_note == "They had agreed"
    after = olga.get(f"{LIST}/{ref}").text
    assert "They had agreed" in after
    assert "/lift" not in after
    assert "Uli Brandt" in olga.get(f"{LIST}?show=ended").text
    olga.post(f"{LIST}/{ref}/lift", data={"lift-reason": "Again"})
    assert "It had ended already." in olga.get(LIST).text
    assert stored(ref).lifted_note == "They had agreed"


@pytest.mark.parametrize(("form", "sent", "said"), [
    ("lift", {"lift-reason": " "}, "Say why it is lifted."),
    ("lift", {"lift-reason": "x" * 501}, "Use at most 500 characters."),
    ("extend", {"extend-until": "", "extend-reason": "It goes on"}, "Say until when it lasts."),
    ("extend", {"extend-until": "soon", "extend-reason": "It goes on"}, MOMENT),
    ("extend", {"extend-until": "9999-12-31T23:59", "extend-reason": "It goes on"}, MOMENT),
    ("extend", {"extend-until": "2020-01-01T10:00", "extend-reason": "It goes on"}, "Choose a moment that lies ahead."),
    ("extend", {"extend-until": "2900-01-01T10:00", "extend-reason": "It goes on"},
     "Choose an end within 365 days of its beginning."),
    ("extend", {"extend-until": "2030-01-01T10:00", "extend-reason": ""}, "Say why its end is moved."),
])
def test_what_is_missing_is_said_and_what_was_typed_is_kept(browse, put, stored, form, sent, said):
    """UX-02"""
    ref = put()
    before = stored(ref)
    answer = browse("Olga").post(f"{LIST}/{ref}/{form}", data=sent)
    assert answer.status_code == 422
    assert summary(answer) == [said]
    assert "<title>Error: Restriction" in answer.text
    for value in filter(str.strip, sent.values()):
        assert f'value="{value}"' in answer.text
    assert (stored(ref).until, stored(ref).lifted_at) == (before.until, None)


def test_extending_reads_the_operators_clock(browse, put, stored):
    """An operator has no location: their own zone counts."""
    ref, olga = put(), browse("Olga")
    olga.post("/account", data={"language": "", "time_zone": "Europe/Berlin"})
    end = (now() + timedelta(days=20)).replace(hour=12, minute=30, second=0, microsecond=0)
    assert "Europe/Berlin" in olga.get(f"{LIST}/{ref}").text
    sent = {"extend-until": f"{end:%Y-%m-%dT%H:%M}", "extend-reason": "It goes on"}
    assert olga.post(f"{LIST}/{ref}/extend", data=sent).status_code == 303
    assert end - stored(ref).until in (timedelta(hours=1), timedelta(hours=2))
    assert f'value="{end:%Y-%m-%dT%H:%M}"' in olga.get(f"{LIST}/{ref}").text


def test_an_operator_on_whom_it_is_gets_no_forms(browse, put, inside, people):
    ref = put()
    with inside(), writing() as session:
        session.get_one(User, people["Uli"].id).operator = True
    uli = browse("Uli")
    page = uli.get(f"{LIST}/{ref}").text
    assert "another operator decides" in page
    assert "/lift" not in page
    answer = uli.post(f"{LIST}/{ref}/lift", data={"lift-reason": "Mine"})
    assert answer.status_code == 422
    assert "another operator decides" in answer.text


def test_words_of_others_stay_words(browse, put):
    """SEC-13"""
    ref = put(note=HOSTILE)
    for who, address in (("Olga", f"{LIST}/{ref}"), ("Uli", "/notices"), ("Uli", f"/restrictions/{ref}/appeal")):
        text = browse(who).get(address).text
        assert "<script>alert" not in text
        assert "\u202e" not in text
        assert "&lt;script&gt;" in text


# --- whoever is restricted -----------------------------------------------------------------------


def test_the_notice_says_what_it_means_and_until_when(browse, put):
    put()
    text = words(browse("Uli").get("/notices").text)
    for said in ("Texts go out one by one, at most 2 a minute.", "Reason spam", "Note Too much", "Until"):
        assert said in text
    assert "Olga" not in text


def test_admins_read_of_their_people_by_name(browse, put):
    ref = put(restraint=Restraint.BLOCK)
    for who, sees in (("Ada", True), ("Rita", True), ("Ben", False), ("Otto", False)):
        text = words(browse(who).get("/notices").text)
        assert ("Restrictions on people of your organization" in text) == sees, who
        assert ("Blocked: Uli Brandt" in text) == sees, who
    assert f"/restrictions/{ref}/appeal" in browse("Ada").get("/notices").text
    assert f"/restrictions/{ref}/appeal" not in browse("Rita").get("/notices").text


def test_ended_ones_are_folded(browse, put):
    put(days=-1)
    text = words(browse("Uli").get("/notices").text)
    assert "You are not blocked or slowed." in text
    assert "Restrictions that have ended (1)" in text


@pytest.mark.parametrize("restraint", Restraint)
def test_it_is_read_before_writing(browse, put, inside, people, restraint):
    with inside():
        talk = hold(people["Uli"].id, text_in("Hi"))
    put(restraint=restraint)
    uli = browse("Uli")
    for address in ("/messages/new", f"/messages/{talk}"):
        page = uli.get(address)
        said = {Restraint.BLOCK: "Sending is blocked for the user until",
                Restraint.THROTTLE: "Your texts are slowed to 2 a minute until"}[restraint]
        assert said in words(page.text)
        assert Seen(page).links["Read the notice"] == "/notices#restrictions"
        assert ('name="body"' in page.text) == (restraint is Restraint.THROTTLE)
    assert "slowed" not in browse("Ben").get("/messages/new").text


def test_a_text_that_is_held_says_why_and_leads_to_the_notice(browse, put, inside, people):
    put()
    with inside():
        uli = db.session.get_one(User, people["Uli"].id)
        sent = [sending.send_text(uli, "+16475550111", f"text {n}", f"key {n}") for n in range(3)]
    page = browse("Uli").get(f"/messages/{sent[0].conversation}")
    said = words(page.text)
    assert "Waiting: leaves about" in said
    assert "Your texts are slowed, so they go out one by one" in said
    assert Seen(page).links["Read the notice"] == "/notices#restrictions"


@pytest.mark.parametrize(("restraint", "said"), [
    (Restraint.BLOCK, "Sending is blocked for"),
    (Restraint.THROTTLE, "Texts from Uli Brandt are slowed to 2 a minute")])
def test_admins_read_it_where_they_look(browse, put, people, restraint, said):
    put(restraint=restraint)
    ada = browse("Ada")
    page = ada.get(f"/admin/users/{people['Uli'].ref}")
    assert said in words(page.text)
    assert Seen(page).links["Read the notice"] == "/notices#restrictions"
    assert "1 person is slowed or blocked" in words(ada.get("/admin/").text)
    assert said not in words(ada.get(f"/admin/users/{people['Ben'].ref}").text)
    assert "slowed or blocked" not in browse("Otto").get("/admin/").text


def test_who_reported_is_nowhere_on_the_senders_side(browse, inside, people):
    """SEC-31: the ladder says that people reported, not who they are nor what they wrote."""
    with inside():
        reported(people["Uli"].id, people["Uli"].number, 3, email="reporter@example.com")
    for who, address in (("Uli", "/notices"), ("Ada", "/notices"), ("Ada", "/admin/audit"),
                         ("Ada", f"/admin/users/{people['Uli'].ref}")):
        text = browse(who).get(address).text
        assert "slowed" in text.lower(), address
        for secret in ("6475560", "556-000", "556 000", "reporter@example.com", "parcel"):
            assert secret not in text, address
