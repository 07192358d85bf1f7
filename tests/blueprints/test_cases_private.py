"""What the page of a case shows of people: hostile words do nothing, and nobody learns who reported."""

import html5lib
import pytest
from sqlalchemy import insert, select

from portal.extensions import db, make_ref, now, writing
from portal.models import Case, CaseEntry, Evidence, Report
from portal.rules.cases import Match
from portal.rules.facts import Category
from tests.blueprints.test_messaging_hostile import MARKUP, TRICKS, bodies, said
from tests.reports import case, number, reported, sent, settle, told

HTML = "{http://www.w3.org/1999/xhtml}"
MINE = "My name is Petra Quandt of 12 Elm Road, call me"
SHOWN = ("/operator/cases", "/operator/cases/{ref}", "/operator/cases/{ref}.csv", "/operator/cases?state=decided")


def hostile(uli, body):
    """A case whose report, text and note hold these words; its address."""
    sent(uli.id, number(1), body)
    told(uli.number, number(1), body)
    settle()
    one = case()
    with writing() as session:
        session.add(CaseEntry(case_id=one.id, what="note", note=body))
    return f"/operator/cases/{one.ref}"


@pytest.mark.parametrize("body", MARKUP)
def test_markup_stays_words(browse, inside, people, body):
    """SEC-13: in reports, in texts, in notes."""
    with inside():
        page = hostile(people["Uli"], body)
    tree = html5lib.parse(browse("Olga").get(page).text)
    assert [said(found) for found in bodies(tree)].count(body) == 2
    for element in tree.iter():
        assert not any(str(name).lower().startswith("on") for name in element.attrib)
        assert "evil" not in str(element.attrib.get("href", "")) + str(element.attrib.get("action", ""))
    assert all(len(found) == 0 for found in bodies(tree))
    assert all(element.attrib.get("src") for element in tree.iter(f"{HTML}script"))


@pytest.mark.parametrize(("body", "name"), TRICKS.items(), ids=TRICKS.values())
def test_what_hides_is_named(browse, inside, people, body, name):
    """SEC-30"""
    with inside():
        page = hostile(people["Uli"], f"{body} you have won a parcel, pay for it today at the desk")
    tree = html5lib.parse(browse("Olga").get(page).text)
    badges = [said(badge) for found in bodies(tree) for badge in found.iter(f"{HTML}span")]
    assert badges.count(name) == 2


@pytest.fixture
def told_by_petra(inside, people):
    """A report by somebody whose number and address nobody on the sender's side may learn; her secrets."""
    with inside():
        reported(people["Uli"].id, people["Uli"].number, 2)
        sent(people["Uli"].id, number(77))
        told(people["Uli"].number, number(77), email="petra.quandt@example.com", source="203.0.113.77")
        settle()
        with writing() as session:
            session.scalars(select(Report).order_by(Report.id.desc())).first().body = MINE
        rows = db.session.scalars(select(Report)).all()
        keyed = {value for row in rows for value in (row.theirs_key, row.source, row.token) if value}
        return {"5560077", "556 0077", "petra.quandt", "203.0.113", *keyed, *(row.ref for row in rows)}


def test_operators_see_what_was_reported_and_not_by_whom(browse, inside, told_by_petra):
    """SEC-31: her words are shown to operators; her number, her address and where she was are not."""
    olga = browse("Olga")
    with inside():
        ref = case().ref
    texts = {address: olga.get(address.format(ref=ref)).text for address in SHOWN}
    assert MINE in texts[SHOWN[1]]
    for address, text in texts.items():
        assert [one for one in told_by_petra if one in text] == [], address


def test_the_senders_side_never_reads_who_reported(browse, inside, people, told_by_petra):
    """SEC-31: neither the user nor their admin, before and after the decision; her words are not theirs to read."""
    olga = browse("Olga")
    with inside():
        ref = case().ref
    olga.post(f"/operator/cases/{ref}", data={
        "choice": "throttle", "whom": "user", "per_minute": "1", "cause": "spam",
        "note": "Ask first", "until": f"{now():%Y}-12-31T23:59"})
    uli, ada = browse("Uli"), browse("Ada")
    pages = [uli.get(one).text for one in ("/notices", "/messages/new", "/limitations")]
    pages += [ada.get(one).text for one in ("/notices", "/admin/", "/admin/audit", "/admin/audit/export",
                                            f"/admin/users/{people['Uli'].ref}", "/admin/opt-outs")]
    for text in pages:
        # Uli's own conversation with her stays his: its number is no secret to him, that she reported is.
        assert [one for one in {*told_by_petra, "Petra", ref} if one in text] == []


# --- how often it asks ---------------------------------------------------------------------------


def crowd():
    """Two hundred cases more, and as many reports and lines of history with the first one."""
    first = db.session.scalars(select(Case).order_by(Case.id)).first()
    moment = now()
    like = {"organization_id": first.organization_id, "number_id": first.number_id, "user_id": first.user_id,
            "assigned_id": first.assigned_id}
    report = {"at": moment, "sender": "+14165550101", "body": "Won!", "category": Category.SCAM,
              "matched": Match.VERIFIED, "case_id": first.id, "suspect": "", "theirs": "", "email": "",
              "language": "en", "source": "", "stop": False, "repeated": False}
    with writing() as session:
        session.execute(insert(Case), [{**like, "ref": make_ref(), "target_at": moment} for _ in range(200)])
        session.execute(insert(Report), [
            {**report, "ref": f"{n:09}", "token": f"{n}", "theirs_key": f"{n}"} for n in range(200)])
        session.execute(insert(CaseEntry), [
            {"case_id": first.id, "at": moment, "what": "note", "note": f"{n}"} for n in range(200)])
        session.execute(insert(Evidence), [
            {"case_id": first.id, "message_ref": f"{n}", "at": moment, "body": f"Won {n}!", "template": f"{n}",
             "theirs_key": f"{n}"} for n in range(20)])


@pytest.mark.parametrize("address", ["/operator/cases", "/operator/cases/{ref}", "/operator/"])
def test_many_cases_take_no_more_statements(browse, inside, people, statements, address):
    with inside():
        reported(people["Uli"].id, people["Uli"].number, 3)
        page = address.format(ref=case().ref)
        with writing():
            case_of_olga = db.session.scalars(select(Case)).one()
            case_of_olga.assigned_id = people["Olga"].id
    olga = browse("Olga")
    olga.get(page)
    with statements() as few:
        assert olga.get(page).status_code == 200
    with inside():
        crowd()
    with statements() as lots:
        assert olga.get(page).status_code == 200
    assert len(lots) == len(few)
