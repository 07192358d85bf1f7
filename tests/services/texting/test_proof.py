"""H2: what counts as proof that somebody got a text: nothing that the portal answers by itself."""

import pytest
from sqlalchemy import select

from portal.extensions import db, make_ref, now, writing
from portal.models import Case, Evidence, Message, Number, Restriction, User
from portal.models.messages import TextState
from portal.rules.cases import Match
from portal.rules.facts import Category, Restraint
from portal.services.spam import evidence, reports
from portal.services.texting import outbox
from tests import talks
from tests.reports import SPAM, case, number, report, sent, settle, told
from tests.services.carrier import Scripted

ANSWERS = ("HELP", "STOP", "START", "ARRET")


@pytest.fixture
def uli(open_app, people):
    return people["Uli"]


@pytest.fixture
def answered(app, uli, monkeypatch):
    """`answered(index, word)`: a number texts a word to Uli, and the answer that left by itself."""
    monkeypatch.setitem(app.extensions, "carrier", carrier := Scripted())

    def ask(index, *words):
        for word in words:
            talks.come(word, uli.number, number(index))
        outbox.OutboxWorker("test").step()
        return carrier.bodies[-1]

    return ask


def restrained():
    db.session.rollback()
    return [one.restraint for one in db.session.scalars(select(Restriction).order_by(Restriction.id))]


@pytest.mark.parametrize("word", ANSWERS)
@pytest.mark.parametrize("quoted", [True, False])
def test_automatic_answers_prove_nothing(uli, answered, word, quoted):
    """Whoever texts a word and reports the answer has proved that they can text."""
    filed = []
    for index in range(12):
        body = answered(index, *(["STOP", "START"] if word == "START" else [word]))
        filed.append(told(uli.number, number(index), body if quoted else "", Category.SCAM))
    settle()
    assert {report(one).matched for one in filed} == {Match.UNMATCHED}
    assert (restrained(), db.session.scalars(select(Case)).all()) == ([], [])


def test_an_answer_is_no_evidence_where_there_was_a_text(uli, answered):
    sent(uli.id, number(1))
    body = answered(1, "HELP")
    filed = told(uli.number, number(1), body, Category.SCAM)
    settle()
    assert report(filed).matched is Match.KNOWN
    assert db.session.scalars(select(Evidence)).all() == []


def test_answers_make_no_recipients(uli, answered):
    """Nobody hides behind those who texted HELP: neither from the share of the ladder nor in what operators read."""
    for index in range(3):
        sent(uli.id, number(index))
    with writing() as session:
        first = session.scalars(select(Message).order_by(Message.id)).first()
        row = {name: getattr(first, name) for name in (
            "organization_id", "conversation_id", "user_id", "number_id", "body", "carrier", "template", "at")}
        session.add_all(Message(ref=make_ref(), theirs=f"+1647557{index:04}", direction=talks.OUT,
                                state=TextState.DELIVERED,
                                automatic=True, carrier_id=make_ref(), **row) for index in range(400))
    for index in range(3):
        told(uli.number, number(index))
    settle()
    assert restrained() == [Restraint.THROTTLE]
    assert evidence.summarize_sent_texts(case()).recipients == 3


# --- places --------------------------------------------------------------------------------------


def staff(people, whose, many):
    """So many users of an organization with numbers; their numbers."""
    boss = db.session.get_one(User, people[whose].id)
    numbers = [f"+1206555{index:04}" for index in range(2000, 2000 + many)]
    with writing() as session:
        for index, e164 in enumerate(numbers):
            user = User(name=f"Nina {index}", name_key=f"nina {index}", email=f"nina{index}@example.com",
                        email_key=f"nina{index}@example.com", organization_id=boss.organization_id,
                        location_id=boss.location_id)
            session.add(user)
            session.flush()
            session.add(Number(organization_id=boss.organization_id, e164=e164, kind="plain", user_id=user.id))
    return numbers


@pytest.mark.parametrize("through", ["the form", "their conversations"])
@pytest.mark.parametrize("whose", ["Otto", "Ada"])
def test_users_of_one_organization_are_one_place(uli, people, through, whose):
    """However many numbers an administrator has, and wherever their users report from."""
    for e164 in staff(people, whose, 12):
        sent(uli.id, e164)
        user = db.session.scalars(select(User).join(Number).where(Number.e164 == e164)).one()
        said = reports.ReportInput(uli.number, SPAM, e164, now(), Category.SCAM)
        reports.file_report(said, make_ref(), user if through == "their conversations" else None)
    settle()
    assert case().verified == 12
    assert restrained() == []


def test_other_places_count_beside_an_organization(uli, people):
    for e164 in staff(people, "Otto", 4):
        sent(uli.id, e164)
        told(uli.number, e164, source=make_ref())
    for index in range(2):
        sent(uli.id, number(index))
        told(uli.number, number(index))
    settle()
    assert restrained() == [Restraint.THROTTLE]
