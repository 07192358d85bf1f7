"""What waits for people, by their roles: exact counts in one statement, which reads through no table."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, event

from portal.extensions import db, now, writing
from portal.models import (
    Acknowledgement,
    Appeal,
    Case,
    Claim,
    OptOut,
    OptOutSource,
    OptOutState,
    RecordsRequest,
    Restriction,
    User,
    WebAsk,
)
from portal.rules.cases import CaseState
from portal.rules.facts import Cause, Restraint, Subject
from portal.rules.numbers import NumberKind
from portal.services import waiting
from portal.services.people.notices import HIPAA
from tests.talks import hold, text_in, text_out

NOBODYS = waiting.WaitingCounts(0)


@pytest.fixture
def row(app, people, inside):
    """`row("Ada")` is a person of the cast."""
    with inside():
        yield lambda name: db.session.get_one(User, people[name].id)


def add(*rows):
    with writing() as session:
        session.add_all(rows)


def opted_out(organization_id, theirs, **more):
    return OptOut(organization_id=organization_id, theirs=theirs, state=OptOutState.LIKELY_OUT,
                  source=OptOutSource.WORDING, **more)


def asked_for(asker, number="+16475550110", **more):
    return RecordsRequest(organization_id=asker.organization_id, theirs=number, since=now() - timedelta(days=9),
                          until=now(), reason="Court", asked_by_id=asker.id, **more)


def slowed(user, **more):
    return Restriction(organization_id=user.organization_id, subject=Subject.USER, user_id=user.id,
                       restraint=Restraint.THROTTLE, cause=Cause.SPAM, per_minute=1, **more)


def test_what_is_not_theirs_is_not_counted(row):
    kinds = {name: {kind for kind in waiting.WaitingCounts.__slots__
                    if getattr(waiting.count_waiting(row(name)), kind) is not None}
             for name in ("Uli", "Ada", "Rita", "Olga")}
    assert kinds == {
        "Uli": {"notices", "texts", "carried"}, "Ada": {"notices", "texts", "optouts", "requests", "carried"},
        "Rita": {"notices", "texts", "requests", "carried"},
        "Olga": {"notices", "cases", "appeals", "claims", "web_requests", "records", "carriers", "carried"},
    }


def test_unread_texts_are_ones_own(row):
    hold(row("Uli").id, text_in(), text_in(), text_out())
    hold(row("Uli").id, text_in(), theirs="+16475550111")
    hold(row("Ben").id, text_in())
    assert [waiting.count_waiting(row(name)).texts for name in ("Uli", "Ben", "Ada")] == [3, 1, 0]


def test_opt_outs_and_requests_wait_for_administrators(row):
    mine, other = row("Ada").organization_id, row("Otto").organization_id
    hold(row("Uli").id, text_in())
    add(opted_out(mine, "+16475550110"), opted_out(mine, "+16475550111"), opted_out(mine, "+16475550112", step=2),
        opted_out(other, "+16475550113"), WebAsk(organization_id=mine, theirs="+16475550114", waits=True),
        WebAsk(organization_id=mine, theirs="+16475550115"))
    # The first one waits for Uli, who has a conversation with the number.
    assert [waiting.count_waiting(row(name)).optouts for name in ("Ada", "Otto")] == [3, 1]


def test_records_wait_for_a_second_person(row):
    add(asked_for(row("Ada")), asked_for(row("Ada"), released=True), asked_for(row("Otto")))
    assert [waiting.count_waiting(row(name)).requests for name in ("Ada", "Rita", "Otto")] == [0, 1, 0]


def test_notices_wait_until_they_are_confirmed_as_what_one_is(row):
    otto = row("Otto")
    assert waiting.count_waiting(otto).notices == 1
    confirmed = {"user_id": otto.id, "organization_id": otto.organization_id, "notice": HIPAA.id}
    add(Acknowledgement(**confirmed, version=HIPAA.version, as_admin=False),
        Acknowledgement(**confirmed, version=HIPAA.version - 1, as_admin=True))
    assert waiting.count_waiting(row("Otto")).notices == 1
    add(Acknowledgement(**confirmed, version=HIPAA.version, as_admin=True),
        Acknowledgement(**confirmed, version=HIPAA.version, as_admin=True))
    assert waiting.count_waiting(row("Otto")).notices == 0


def test_what_waits_for_operators(row):
    uli, ben, otto = row("Uli"), row("Ben"), row("Otto")
    number_id = uli.number.id
    restrictions = [slowed(uli), slowed(ben), slowed(row("Ada"), lifted_at=now())]
    add(*restrictions)
    ids = [one.id for one in restrictions]
    about = {"organization_id": uli.organization_id, "number_id": number_id, "target_at": now()}
    add(*(Appeal(restriction_id=id_, by_id=uli.id, words="No", answer="") for id_ in ids[::2]),
        Appeal(restriction_id=ids[1], by_id=ben.id, words="No", answer="", decided_at=now()),
        Case(**about), Case(**about, state=CaseState.ASSIGNED), Case(**about, state=CaseState.UPHELD),
        Claim(organization_id=otto.organization_id, e164="+14165550190", kind=NumberKind.PLAIN, user_id=otto.id,
              by_id=otto.id),
        *(WebAsk(organization_id=uli.organization_id, theirs=f"+1647555012{n}", waits=True) for n in range(3)),
        asked_for(otto))
    found = waiting.count_waiting(row("Olga"))
    assert (found.cases, found.appeals, found.claims, found.web_requests, found.records) == (2, 1, 1, 1, 1)


@pytest.mark.parametrize("name", ["Uli", "Ada", "Olga"])
def test_counting_ends_at_a_hundred(row, name):
    organization_id = row("Ada").organization_id
    hold(row("Uli").id, *[text_in()] * 120)
    add(*(opted_out(organization_id, f"+1647556{n:04}", step=2) for n in range(70)),
        *(WebAsk(organization_id=organization_id, theirs=f"+1647557{n:04}", waits=True) for n in range(70)),
        *(Case(organization_id=organization_id, number_id=row("Uli").number.id, target_at=now()) for n in range(120)))
    found = waiting.count_waiting(row(name))
    kind = {"Uli": "texts", "Ada": "optouts", "Olga": "cases"}[name]
    assert getattr(found, kind) == waiting.MOST_COUNTED == 100


@pytest.mark.parametrize("name", ["Uli", "Ada", "Rita", "Olga", "Otto"])
def test_it_is_one_statement(row, statements, name):
    person = row(name)
    person.organization  # noqa: B018 - the page has read it already
    with statements() as seen:
        waiting.count_waiting(person)
    assert len(seen) == 1


def test_nobody_is_asked_about_where_nothing_can_wait(row, statements):
    alone = User(name="Nobody", email="n@example.com", operator=False)
    with statements() as seen:
        assert waiting.count_waiting(alone) == NOBODYS
    assert seen == []


# At most a hundred rows that have been found, or only what waits: claims, appeals and cases without a decision.
# There are at most fifty carriers.
SMALL = ("SCAN carriers", "CONSTANT ROW", "anon_", "SCAN claims", "ix_appeals_waiting", "ix_cases_queue",
         "ix_records_requests_waiting",
         "ix_web_asks_waiting")


@pytest.mark.sqlite
@pytest.mark.parametrize("name", ["Uli", "Ada", "Rita", "Olga"])
def test_it_reads_through_no_table(row, name):
    """SQLite is asked how it would count: by indexes that hold only what waits, never a table from end to end."""
    plan, person = [], row(name)

    def explain(_connection, cursor, statement, given, *_rest):
        if statement.startswith("SELECT (SELECT"):
            asked = cursor.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", given)
            plan.extend(line[3] for line in asked)

    event.listen(Engine, "before_cursor_execute", explain)
    try:
        waiting.count_waiting(person)
    finally:
        event.remove(Engine, "before_cursor_execute", explain)
    scans = [line for line in plan if line.startswith("SCAN") and not any(small in line for small in SMALL)]
    assert plan
    assert scans == []
    assert name != "Uli" or any("ix_conversations_unread" in line for line in plan)
