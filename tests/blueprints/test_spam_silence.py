"""The report form says nothing about a number: own or foreign, reported before or not."""

import pytest
from sqlalchemy import func, insert, select

from portal.extensions import db, make_ref, now, writing
from portal.models import Case, Number, Report, Restriction, User
from portal.rules.cases import Lane, Match
from portal.rules.facts import Category
from portal.services.spam import cases, matching
from tests.products import WHOLE
from tests.reports import SPAM, number, sent, settle, told

FOREIGN = "+16045550199"
JUNK = 10_000 if WHOLE else 1_000


@pytest.fixture
def uli(people, inside):
    """Uli, whose spam somebody got."""
    with inside():
        sent(people["Uli"].id, number(1))
    return people["Uli"]


def typed(sender, *, stop=False):
    return {"sender": sender, "body": SPAM, "theirs": number(1), "category": "scam", **({"stop": "y"} if stop else {})}


def walk(browser, form):
    """What somebody gets who reports and follows: the answers' bytes without token and reference, and their number."""
    answer = browser.post("/report-spam", data=form)
    token = answer.location.rpartition("/")[2]
    thanks, status = (browser.get(f"/report-spam/{what}/{token}") for what in ("thanks", "status"))
    ref = thanks.text.partition("<code>")[2].partition("</code>")[0]
    assert len(ref) == 9
    return [(one.status_code, sorted((name, value) for name, value in one.headers if name != "Content-Length"),
             one.data.replace(token.encode(), b"TOKEN").replace(ref.encode(), b"REF"))
            for one in (answer, thanks, status)]


def alike(one, other):
    """The same answers, but for the token in the first one's address."""
    plain = [[(code, [(name, value.rpartition("/")[0] if name == "Location" else value) for name, value in headers],
               body) for code, headers, body in each] for each in (one, other)]
    assert plain[0] == plain[1]


@pytest.mark.parametrize("stop", [False, True])
def test_own_and_foreign_numbers_get_the_same_answers(browse, inside, statements, uli, stop):
    """SEC-10, SEC-32: byte by byte and statement by statement, at the first report and the next, before and after
    somebody has looked into it."""
    seen = {}
    for sender in (uli.number, FOREIGN):
        for turn in ("first", "repeated"):
            with statements() as asked:
                answers = walk(browse(), typed(sender, stop=stop))
            seen[sender, turn] = answers, [one.split(" WHERE")[0] for one in asked]
            with inside():
                settle()
    first, *others = seen.values()
    for other in others:
        alike(first[0], other[0])
        assert other[1] == first[1]
    with inside():
        assert {one.sender: one.matched for one in db.session.scalars(select(Report))} == {
            uli.number: Match.VERIFIED, FOREIGN: Match.UNMATCHED}


def test_after_it_was_looked_into_the_page_says_no_more(browse, inside, uli):
    """SEC-32: nobody learns by following whether a report joined a case."""
    with inside():
        tokens = [told(sender, number(1)).token for sender in (uli.number, FOREIGN)]
        settle()
    own, foreign = (browse().get(f"/report-spam/status/{token}").text.replace(token, "") for token in tokens)
    assert own.replace(own[own.index("Your reference"):][:60], "") == foreign.replace(
        foreign[foreign.index("Your reference"):][:60], "")


def junk(mark, sender, count, **more):
    """So many reports at once, as only a database can write them."""
    with writing() as session:
        session.execute(insert(Report), [{
            "ref": f"{mark}-{index:05}", "token": f"{make_ref()}{index}", "at": now(), "lane": Lane.NORMAL,
            "suspect": "", "sender": sender, "body": f"Buy now {index}", "category": Category.SCAM, "stop": False,
            "theirs": "", "theirs_key": "", "email": "", "language": "en", "source": f"place {mark} {index}",
            "matched": Match.WAITING, "repeated": False, **more} for index in range(count)])


@pytest.mark.slow
def test_a_flood_moves_nothing(inside, people):
    """ABU-04, ABU-03: ten thousand junk reports and five hundred unverified ones against Ben; Uli's one report that
    was verified stands first, and nothing happens to Ben. Fewer without the full products (tests/products.py)."""
    uli, ben = people["Uli"], people["Ben"]
    with inside():
        sent(ben.id, number(2), "Your table for two is ready, come in when you like")
        sent(uli.id, number(1))
        junk("F", FOREIGN, JUNK // 2)
        junk("B", ben.number, JUNK // 2)
        junk("K", ben.number, 500, body="Your table for two is ready, come in when you like")
        told(uli.number, number(1))
        while matching.match_waiting_reports(500):
            pass
        db.session.rollback()
        assert db.session.scalar(select(func.count(Report.id)).where(Report.matched == Match.WAITING)) == 0
        rows, more = cases.list_case_rows(cases.CaseFilters(), db.session.get_one(User, people["Olga"].id))
        assert [(row.sender, row.case.verified, row.case.weight) for row in rows] == [
            (uli.number, 1, 10), (ben.number, 0, 9)]
        assert not more
        assert rows[1].case.known == 500
        assert db.session.scalars(select(Restriction)).all() == []
        assert db.session.scalar(select(func.count(Case.id))) == 2
        assert db.session.scalar(select(func.count(Number.id)).where(Number.user_id == ben.id)) == 1
