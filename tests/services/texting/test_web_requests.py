"""Requests on the web: believed where a text proves it, warned of otherwise, texts wait meanwhile."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.extensions import db, make_ref, now, writing
from portal.models import AuditEvent, Direction, OptOut, OptOutSource, OptOutState, TextState, User, WebAsk
from portal.rules import Effect
from portal.services.spam import matching
from portal.services.texting import optouts, outbox, send_facts, sending, web_decisions, web_requests
from portal.services.upkeep import retention
from tests import talks
from tests.reports import SPAM, number, report, sent, settle, told

MACHINES = ("honeypot", "forged", "elsewhere")


@pytest.fixture
def uli(open_app, people):
    return people["Uli"]


def consents():
    db.session.rollback()
    return {one.theirs: (one.state, one.source) for one in db.session.scalars(select(OptOut).order_by(OptOut.id))}


def waiting(uli):
    """The numbers whose requests wait for a person."""
    return [one.theirs for one in web_decisions.list_waiting_requests(db.session.get_one(User, uli.id).organization_id)]


def warned(uli, theirs, **ahead):
    """The ids of the warnings before a text to somebody."""
    decision = send_facts.preview_send(db.session.get_one(User, uli.id), theirs, "Hello")
    assert "opted-out" not in [one.id for one in decision.blocking]
    return [one.id for one in decision.having(Effect.WARN)]


OUT = (OptOutState.OUT, OptOutSource.WEB)


# --- what proves it ------------------------------------------------------------------------------


@pytest.mark.parametrize("suspect", ["", "stale", *MACHINES])
@pytest.mark.parametrize("body", [SPAM, "In my own words", ""])
def test_a_text_that_was_sent_proves_it_whatever_the_lane(uli, suspect, body):
    sent(uli.id, number(1), at=now() - timedelta(days=399))
    told(uli.number, number(1), body, suspect=suspect, stop=True)
    settle()
    assert consents() == {number(1): OUT}


def test_a_text_of_a_colleague_proves_it(uli, people):
    """An opt-out counts for the whole organization, so each of its texts is proof."""
    sent(people["Ben"].id, number(1))
    told(uli.number, number(1), stop=True)
    settle()
    assert consents() == {number(1): OUT}


@pytest.mark.parametrize("kind", ["nothing", "another organization", "another number", "too long ago",
                                  "only an answer", "refused"])
@pytest.mark.parametrize("suspect", ["", *MACHINES])
def test_without_proof_nothing_is_blocked(uli, people, kind, suspect):
    """Nobody silences an organization for numbers that are not theirs; people warn, machines do not."""
    {
        "nothing": lambda: None, "another organization": lambda: sent(people["Mia"].id, number(1)),
        "another number": lambda: sent(uli.id, number(2)),
        "too long ago": lambda: sent(uli.id, number(1), at=now() - timedelta(days=401)),
        "only an answer": lambda: sent(uli.id, number(1), automatic=True),
        "refused": lambda: talks.hold(uli.id, talks.text_out(SPAM, TextState.REFUSED), theirs=number(1)),
    }[kind]()
    told(uli.number, number(1), suspect=suspect, stop=True)
    settle()
    assert consents() == {}
    assert ("web-asked" in warned(uli, number(1))) is (suspect == "")


def test_the_warning_ends(uli, clock):
    told(uli.number, number(1), stop=True)
    settle()
    assert "web-asked" in warned(uli, number(1))
    assert "web-asked" not in warned(uli, number(2))
    clock.forward(days=29, hours=23)
    assert "web-asked" in warned(uli, number(1))
    clock.forward(hours=2)
    assert "web-asked" not in warned(uli, number(1))
    retention.erase_old_texts(clock.now())
    assert db.session.scalars(select(WebAsk)).all() == []


def test_asking_again_begins_the_warning_anew(uli, clock):
    told(uli.number, number(1), stop=True)
    settle()
    clock.forward(days=20)
    told(uli.number, number(1), stop=True)
    settle()
    clock.forward(days=20)
    assert "web-asked" in warned(uli, number(1))
    assert len(db.session.scalars(select(WebAsk)).all()) == 1


def test_asking_again_puts_off_no_request_that_waits(uli, clock):
    """One place that asks for many every few days must not keep a request from ever counting."""
    sent(uli.id, number(1))
    for _ in range(2):
        for index in (11, 12, 13, 14, 15, 1):
            told(uli.number, number(index), stop=True, source="one place")
            settle()
        clock.forward(days=8)
    assert waiting(uli) == [number(1)]
    assert web_decisions.count_overdue_requests() == 1
    assert consents() == {number(1): OUT}


def test_a_request_is_kept_while_likely_words_wait_for_a_decision(uli):
    """A No to their words must not be a No to what they asked for on the web as well."""
    sent(uli.id, number(1))
    talks.come("please leave me alone", uli.number, number(1))
    for index in (11, 12, 13, 14, 15, 1):
        told(uli.number, number(index), stop=True, source="one place")
        settle()
    assert consents() == {number(1): (OptOutState.LIKELY_OUT, OptOutSource.WORDING)}
    assert waiting(uli) == [number(1)]


def test_a_request_after_start_waits_anew(uli, clock):
    sent(uli.id, number(1))
    organization_id = db.session.get_one(User, uli.id).organization_id
    with writing() as session:
        session.add(WebAsk(organization_id=organization_id, theirs=number(1), at=now(), waits=True, ref=None))
    clock.forward(days=1)
    with writing() as session:
        session.add(OptOut(organization_id=organization_id, theirs=number(1), state=OptOutState.IN_AGAIN,
                           source=OptOutSource.STOP, said_at=clock.now()))
    asked = db.session.scalars(select(WebAsk)).one()
    assert web_requests.has_started_since(asked)
    clock.forward(days=1)
    for index in (11, 12, 13, 14, 15, 1):
        told(uli.number, number(index), stop=True, source="one place")
        settle()
    asked = db.session.scalars(select(WebAsk).where(WebAsk.waits)).one()
    assert not web_requests.has_started_since(asked)
    assert asked.ref


def test_other_organizations_are_not_warned(uli, people):
    told(uli.number, number(1), stop=True)
    settle()
    mia = db.session.get_one(User, people["Mia"].id)
    assert "web-asked" not in [one.id for one in send_facts.preview_send(mia, number(1), "Hello").reasons]


def test_whoever_writes_since_is_not_warned_of(uli):
    told(uli.number, number(1), stop=True)
    settle()
    talks.come("Is it still at three?", uli.number, number(1))
    assert "web-asked" not in warned(uli, number(1))


def test_a_number_that_is_erased_is_erased_here_too(uli, organizations):
    told(uli.number, number(1), stop=True)
    settle()
    sent(uli.id, number(1))
    told(uli.number, number(1), stop=True)
    settle()
    optouts.erase_optout_number(db.session.get_one(User, uli.id).organization, number(1))
    assert db.session.scalars(select(WebAsk)).all() == []


@pytest.mark.parametrize(("before", "counts"), [
    (OptOutState.OUT, False), (OptOutState.LIKELY_OUT, True), (OptOutState.IN_AGAIN, True),
    (OptOutState.NOT_MEANT, True)])
def test_an_earlier_opt_out_stays_as_it_was(uli, before, counts):
    with writing() as session:
        session.add(OptOut(organization_id=db.session.get_one(User, uli.id).organization_id, theirs=number(1),
                           state=before, source=OptOutSource.STOP, said="what was said", note="a note"))
    sent(uli.id, number(1))
    told(uli.number, number(1), stop=True)
    settle()
    row = db.session.scalars(select(OptOut)).one()
    assert (row.state, row.source, row.said, row.note) == (
        (*OUT, "", "") if counts else (before, OptOutSource.STOP, "what was said", "a note"))


def test_it_stops_what_waits_and_is_noted_in_the_organization_alone(uli, people):
    for name in ("Uli", "Ben", "Mia"):
        talks.hold(people[name].id, talks.text_out("waits", TextState.QUEUED), theirs=number(1))
    sent(uli.id, number(1))
    for _ in range(2):
        told(uli.number, number(1), stop=True)
        settle()
    assert [(one.state, one.why) for one in talks.messages() if one.body == "waits"] == [
        *[(TextState.REFUSED, ["opted-out"])] * 2, (TextState.QUEUED, [])]
    assert [one.body for one in talks.messages(Direction.NOTE)] == ["web-out"] * 2
    assert [one.details for one in db.session.scalars(select(AuditEvent).where(
        AuditEvent.action == "opt-out-web"))] == [{"number": number(1)}]


# --- many at once --------------------------------------------------------------------------------


def test_more_than_ten_an_hour_wait_for_a_person(uli, clock, log_lines):
    """Forgers who know whom a clinic texts silence it for ten; the others block nothing, and an alarm is raised."""
    for index in range(13):
        sent(uli.id, number(index))
        told(uli.number, number(index), stop=True)
        settle()
    assert consents() == {number(index): OUT for index in range(10)}
    assert waiting(uli) == [number(index) for index in (10, 11, 12)]
    assert "web-asked" in warned(uli, number(11))
    assert [one.action for one in db.session.scalars(select(AuditEvent).where(
        AuditEvent.action.like("opt-out%")).order_by(AuditEvent.id))] == ["opt-out-web"] * 10 + ["opt-out-web-many"] * 3
    assert len([line for line in log_lines if "web_opt_outs_many" in line]) == 3
    assert not [line for line in log_lines if number(11) in line]
    assert web_decisions.count_alarming_organizations() == 1
    told(uli.number, number(11), stop=True, source="once more")
    settle()
    assert len([line for line in log_lines if "web_opt_outs_many" in line]) == 3
    clock.forward(hours=1, minutes=1)
    sent(uli.id, number(20), at=clock.now())
    told(uli.number, number(20), stop=True)
    settle()
    assert consents()[number(20)] == OUT


def test_more_than_five_of_one_source_wait_for_a_person(uli):
    """Phones of one carrier may have one address: a request that the records prove is never lost."""
    for index in range(7):
        sent(uli.id, number(index))
        told(uli.number, number(index), stop=True, source="one place")
        settle()
    assert list(consents()) == [number(index) for index in range(5)]
    assert waiting(uli) == [number(5), number(6)]


def test_one_source_that_asks_for_many_makes_nobody_else_wait(uli):
    """Its first five are believed; the others wait and use up none of the ten an hour."""
    for index in range(20):
        sent(uli.id, number(index))
        told(uli.number, number(index), stop=True, source="one place")
        settle()
    for index in range(20, 27):
        sent(uli.id, number(index))
        told(uli.number, number(index), stop=True, source=f"place {index}")
        settle()
    assert [number(index) for index in (*range(5), *range(20, 25))] == sorted(consents())
    assert waiting(uli) == [number(index) for index in (*range(5, 20), 25, 26)]


# --- meanwhile -----------------------------------------------------------------------------------


def write(user_id, theirs, body):
    sending.send_text(db.session.get_one(User, user_id), theirs, body, make_ref())


@pytest.mark.parametrize("suspect", ["", "forged"])
def test_texts_of_any_organization_wait_until_it_was_looked_into(uli, people, carrier, suspect):
    """Nobody who has just asked for silence gets the text that was under way, and no text says why it waits."""
    talks.hold(uli.id, talks.text_out("Earlier"), theirs=number(2))
    write(uli.id, number(1), "One"), write(people["Ben"].id, number(1), "Two"), write(uli.id, number(2), "Three")
    told("+16045550199", number(1), stop=True, suspect=suspect)
    worker, before = outbox.OutboxWorker("test"), now()
    worker.step()
    assert carrier.bodies == ["Three"]
    waiting = [one for one in talks.messages() if one.body in ("One", "Two")]
    assert {(one.state, tuple(one.why), one.tries, one.code) for one in waiting} == {(TextState.QUEUED, (), 0, "")}
    assert all(one.due_at > before for one in waiting)


def test_afterwards_they_leave_or_are_stopped(uli, people, carrier, clock):
    sent(uli.id, number(1))
    write(uli.id, number(1), "One")
    write(people["Ben"].id, number(3), "Two")
    told(uli.number, number(1), stop=True)
    told("+16045550199", number(3), stop=True)
    outbox.OutboxWorker("test").step()
    settle()
    clock.forward(seconds=5)
    outbox.OutboxWorker("test").step()
    assert carrier.bodies[0] == "Two"
    assert [one for one in carrier.bodies if "on the web" not in one] == ["Two"]
    assert [one.why for one in talks.messages() if one.body == "One"] == [["opted-out"]]


def test_a_dead_task_holds_texts_for_a_quarter_of_an_hour(uli, carrier, clock):
    """Nobody looks into the report; yet no text waits for ever."""
    told("+16045550199", number(1), stop=True)
    write(uli.id, number(1), "One")
    clock.forward(minutes=14, seconds=50)
    outbox.OutboxWorker("test").step()
    assert carrier.bodies == []
    clock.forward(seconds=11)
    outbox.OutboxWorker("test").step()
    assert carrier.bodies == ["One"]


def test_answers_do_not_wait(uli, carrier):
    told("+16045550199", number(1), stop=True)
    talks.come("STOP", uli.number, number(1))
    outbox.OutboxWorker("test").step()
    assert len(carrier.bodies) == 1


def test_without_stop_nothing_waits(uli, carrier):
    told(uli.number, number(1))
    write(uli.id, number(1), "One")
    outbox.OutboxWorker("test").step()
    assert carrier.bodies == ["One"]


@pytest.mark.parametrize("how", ["again", "many numbers"])
def test_one_source_holds_up_a_number_once_a_day_and_few_numbers(uli, carrier, clock, how):
    """A stranger who asks again and again for a number keeps nobody's texts."""
    for index in range(1, 7):
        told(uli.number, number(1 if how == "again" else index + 10), stop=True, source="one place")
        settle()
    told(uli.number, number(1), stop=True, source="one place")
    write(uli.id, number(1), "One")
    outbox.OutboxWorker("test").step()
    assert carrier.bodies == ["One"]
    told(uli.number, number(1), stop=True, source="another place")
    write(uli.id, number(1), "Two")
    clock.forward(seconds=1)
    outbox.OutboxWorker("test").step()
    assert carrier.bodies == ["One"]


def test_reports_that_ask_for_silence_are_looked_into_first(uli):
    told(uli.number, number(1))
    first = told(uli.number, number(2), suspect="forged", stop=True)
    later = told(uli.number, number(3))
    matching.match_waiting_reports(1)
    assert [report(one).matched.value == "waiting" for one in (first, later)] == [False, True]
