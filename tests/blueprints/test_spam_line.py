"""Reporting out of a conversation: one tap at a text that one of our own numbers sent."""

import pytest
from sqlalchemy import func, select

from portal.extensions import db, now
from portal.models import Report
from portal.rules.cases import Match
from tests.blueprints.reader import look, press
from tests.reports import settle
from tests.talks import hold, many, ref_of, text_in, text_out

BEN = "+14165550102"
SPAM = "You have won a parcel! Pay 2.99 at parcel-fees.example to get it"


@pytest.fixture
def talk(inside, people):
    """The page of Uli's conversation with Ben's number: what Ben sent, as it left and as it came in."""
    with inside():
        hold(people["Ben"].id, text_out(SPAM, carrier="scripted", carrier_id="1"), theirs=people["Uli"].number)
        ref = hold(people["Uli"].id, text_in(SPAM), text_in("Are you there?"), text_out("Who is this?"), theirs=BEN)
    return f"/messages/{ref}"


def count(inside):
    with inside():
        return db.session.scalar(select(func.count(Report.id)))


@pytest.mark.parametrize("part", [False, True])
def test_one_tap(browse, inside, people, talk, part):
    """The report is verified by itself; its reference stays at the text, its link is given once."""
    uli = browse("Uli")
    seen = look(uli, talk)
    assert seen.buttons.count("Report spam") == 2
    done = press(uli, seen, "Report spam", part=part)
    reference = done.said.partition("Your reference is ")[2][:9]
    assert done.said == f"Reported, thank you. Your reference is {reference}. Follow your report"
    (link,) = [one.get("href") for one in done.all("a[@href]") if "/status/" in one.get("href")]
    assert reference in look(uli, link).words
    assert f"You reported this text, reference {reference}." in (done.words if part else look(uli, talk).words)
    assert look(uli, talk).buttons.count("Report spam") == 1
    with inside():
        settle()
        (kept,) = db.session.scalars(select(Report))
        assert (kept.matched, kept.body, kept.sender, kept.user_id) == (
            Match.VERIFIED, SPAM, BEN, people["Uli"].id)


def test_a_second_tap_counts_for_nothing(browse, inside, talk):
    uli = browse("Uli")
    seen = look(uli, talk)
    press(uli, seen, "Report spam")
    assert press(uli, seen, "Report spam").said == "You have reported this text already."
    assert count(inside) == 1


def test_others_see_nothing_of_it(browse, inside, people, talk):
    """SEC-31: not the sender, and nobody else in their own conversations."""
    uli = browse("Uli")
    press(uli, look(uli, talk), "Report spam")
    assert count(inside) == 1
    with inside():
        bens = hold(people["Ben"].id, text_in("Hello"), theirs=people["Uli"].number)
    assert "eported" not in look(browse("Ben"), f"/messages/{bens}").words


def test_everybody_reports_for_themselves(browse, inside, people):
    """The same text at the same moment to two people is two reports."""
    at = now()
    with inside():
        refs = {who: hold(people[who].id, text_in(SPAM, at=at), theirs=BEN) for who in ("Uli", "Mia")}
    uli = browse("Uli")
    press(uli, look(uli, f"/messages/{refs['Uli']}"), "Report spam")
    assert count(inside) == 1
    assert "Report spam" in look(browse("Mia"), f"/messages/{refs['Mia']}").buttons


def test_nothing_tells_whether_the_sender_is_on_the_portal(browse, inside, people, statements):
    """N4: a conversation offers and says the same about a number of another organization and one of nobody."""
    uli, seen = browse("Uli"), {}
    for theirs in ("+12065550161", "+12065550199"):
        with inside():
            ref = hold(people["Uli"].id, text_in(SPAM), theirs=theirs)
        uli.get(f"/messages/{ref}")
        with statements() as asked:
            page = look(uli, f"/messages/{ref}")
        said = press(uli, page, "Report spam").said
        seen[theirs] = page.buttons, len(asked), said.partition("reference")[0]
    first, second = seen.values()
    assert first == second
    assert "Report spam" in first[0]
    with inside():
        settle()
        assert {one.sender for one in db.session.scalars(select(Report))} == set(seen)


def test_what_arrives_on_an_open_page_can_be_reported(browse, talk):
    answer = browse("Uli").get(f"{talk}/news?after=0", part=True)
    assert answer.text.count(">Report spam</button>") == 2


def test_only_texts_that_came_in_here(browse, inside, people, talk):
    with inside():
        hold(people["Uli"].id, text_in("elsewhere"))
        refs = [ref_of(body) for body in ("elsewhere", "Who is this?")]
    for ref in (*refs, "x"):
        for method in ("get", "post"):
            assert getattr(browse("Uli"), method)(f"{talk}/texts/{ref}/report").status_code == 404
    assert count(inside) == 0


def test_too_many_are_refused_in_words(browse, inside, people, talk):
    """The rule about many reports holds for members as well."""
    uli = browse("Uli")
    with inside():
        from portal.services.spam import reports
        for index in range(100):
            reports.file_report(reports.ReportInput(BEN, f"{index}"), f"user:{people['Uli'].id}")
    said = press(uli, look(uli, talk), "Report spam").said
    assert said.startswith("Many reports have come from where you are.")
    assert count(inside) == 100


def test_a_long_conversation_asks_no_more(browse, inside, people, statements, talk):
    """One look-up for all texts of the page, however many there are and were reported."""
    uli = browse("Uli")
    uli.get(talk)

    def asked():
        with statements() as seen:
            assert uli.get(talk).status_code == 200
        return len(seen)

    few = asked()
    press(uli, look(uli, talk), "Report spam")
    uli.get(talk)
    with inside():
        many(people["Uli"].id, talk.rpartition("/")[2], 200)
        for index in range(20):
            hold(people["Uli"].id, text_in(f"in {index}"), theirs=BEN)
    uli.get(talk)
    assert asked() == few


def test_what_was_said_is_safe(browse, inside, people):
    """SEC-13: words of the text stand in no link and in no message."""
    with inside():
        ref = hold(people["Uli"].id, text_in("<script>alert(1)</script>"), theirs=BEN)
    uli = browse("Uli")
    answer = press(uli, look(uli, f"/messages/{ref}"), "Report spam").answer
    assert "<script>alert" not in answer.text
