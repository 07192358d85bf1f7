"""What runs for every text reads through no table: SQLite is asked how it would answer each statement."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event

from portal.carriers.base import CarrierReceipt, CarrierStatus
from portal.extensions import db, now
from portal.models import User
from portal.services import search
from portal.services.spam import cases, matching
from portal.services.texting import breaker, claims, conversations, likely_optouts, outbox, receipts, sending
from portal.services.toggles import groups, user_list
from portal.services.toggles.eligibility import OrganizationSnapshot
from tests import reports, talks
from tests.reports import number, sent, settle, told
from tests.services.carrier import Scripted

pytestmark = pytest.mark.sqlite
# They grow with every text. `opt_outs` and `conversations` are read through, page by page, when a user searches.
LARGE = ("messages", "receipts", "arrivals", "reports", "conversations")


@pytest.fixture
def uli(app, people, inside, monkeypatch):
    monkeypatch.setitem(app.extensions, "carrier", Scripted())
    with inside():
        yield db.session.get_one(User, people["Uli"].id)


@contextmanager
def listening():
    """The statements of the block and what they were given."""
    seen = []

    def see(_connection, _cursor, statement, given, _context, many):
        if statement.startswith(("SELECT", "UPDATE", "DELETE")) and not many:
            seen.append((statement, given))

    event.listen(Engine, "before_cursor_execute", see)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", see)
    assert seen, "nothing was asked"


def plan_of(statement, given):
    """How SQLite would answer a statement, in its own words."""
    db.session.rollback()
    cursor = db.session.connection().connection.cursor()
    plan = [row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", given)]
    cursor.close()
    return plan


@contextmanager
def read_through():
    """The statements of the block that read a large table from one end to the other, with SQLite's own words."""
    found = []
    with listening() as seen:
        yield found
    found += [(line, statement) for statement, given in seen for line in plan_of(statement, given) if scans(line)]


def scans(line):
    """Whether a line of a plan reads a whole table: "SCAN messages", or along an index that holds all of it."""
    word, _, rest = line.partition(" ")
    table = rest.split(" ")[0].removesuffix("_1")
    return word == "SCAN" and table in LARGE and not any(f"INDEX {part}" in line for part in PARTIAL)


# These hold only what waits.
PARTIAL = ("ix_messages_due", "ix_messages_lane", "ix_messages_stop", "ix_receipts_parked", "ix_reports_waiting",
           "ix_cases_queue")


def test_scans_are_seen(uli):
    with read_through() as found:
        db.session.query(talks.Message).filter_by(body="nothing").all()
    assert len(found) == 1


def test_a_text_on_its_way_out(uli):
    sent(uli.id, number(1))
    with read_through() as found:
        sending.send_text(uli, number(1), "Hello", "key")
        outbox.OutboxWorker("test").step()
        outbox.OutboxWorker("other").recover(now() + timedelta(hours=1))
        outbox.expire_texts(now() + timedelta(hours=5))
        claims.find_next_due_time(now())
        breaker.is_carrier_failing()
    assert found == []


def test_receipts_however_they_name_their_text(uli):
    with read_through() as found:
        receipts.take_receipts("scripted", [CarrierReceipt("delivered", CarrierStatus.DELIVERED, reference="unknown"),
                                            CarrierReceipt("delivered", CarrierStatus.DELIVERED, id="unknown")])
    assert found == []


def test_a_text_on_its_way_in(uli, people):
    with read_through() as found:
        talks.come("Hello", people["Uli"].number)
        talks.come("STOP", people["Uli"].number)
        talks.come("HELP", people["Uli"].number)
        likely_optouts.advance_likely_optouts()
    assert found == []


def test_what_an_open_conversation_asks(uli):
    sent(uli.id, number(1))
    (row,), _more = conversations.list_inbox_rows(uli)
    with read_through() as found:
        conversations.list_inbox_rows(uli)
        conversations.read_inbox_version(uli)
        opened = conversations.find_conversation(uli, row.conversation.ref)
        conversations.list_conversation_lines(opened)
        conversations.read_open_page_version(uli, opened.ref, 20)
        conversations.read_conversation_news(opened, 0, ["unknown"])
        assert conversations.mark_read_up_to(opened, opened.last_id)
    assert found == []


def test_a_report(uli, people):
    for index in range(3):
        sent(uli.id, number(index))
        told(people["Uli"].number, number(index))
    told(people["Uli"].number, "", reports.SPAM, stop=True)
    told("+16045550199", number(9))
    with read_through() as found:
        settle()
        matching.match_waiting_reports()
        cases.list_case_rows(cases.CaseFilters(), uli)
    assert found == []


def test_what_waits_is_found_among_what_waits_alone(uli, people):
    """However many reports were looked into before: the index of all reports by their time is left alone."""
    told(people["Uli"].number, number(1))
    with listening() as seen:
        assert matching.match_waiting_reports() == 1
    found = [plan_of(statement, given)[0] for statement, given in seen if "matched = 'waiting'" in statement]
    assert found == ["SCAN reports USING INDEX ix_reports_waiting"]


@pytest.mark.parametrize("typed", ["uli", "uli@example", "416 555 0101", "nobody at all"])
def test_a_search_looks_at_no_user_but_those_it_finds(uli, typed):
    """The index of the list holds all that it compares; the few that it finds are looked up by their ids."""
    snapshot = OrganizationSnapshot.read(uli.organization_id)
    with listening() as seen:
        where = user_list.search_conditions(uli.organization_id, typed)
        user_list.list_user_rows(snapshot, where)
        user_list.count_users(snapshot, where)
    plans = [[line for line in plan_of(statement, given) if line.split(" ")[1] == "users"] for statement, given in seen]
    assert plans == [["SEARCH users USING COVERING INDEX ix_users_list (organization_id=?)"],
                     *[["SEARCH users USING INTEGER PRIMARY KEY (rowid=?)"]] * 2]


def test_the_search_of_every_page_looks_at_no_user_but_those_it_finds(uli, people):
    with listening() as seen:
        search.search_portal(db.session.get_one(User, people["Ada"].id), "uli")
    (plan,) = (plan_of(*one) for one in seen if "FROM users" in one[0] and "LIKE" in one[0])
    assert [line for line in plan if "users" in line.split(" ")] == [
        "SEARCH users USING INTEGER PRIMARY KEY (rowid=?)",
        "SEARCH users USING COVERING INDEX ix_users_list (organization_id=?)"]


@pytest.mark.parametrize(("sort", "led"), [
    ("name", "SEARCH users USING INDEX ix_users_list (organization_id=?)"),
    ("-name", "SEARCH users USING INDEX ix_users_list (organization_id=?)"),
    ("number", "SEARCH numbers USING INDEX ix_numbers_list (organization_id=?)"),
    ("-number", "SEARCH numbers USING INDEX ix_numbers_list (organization_id=?)"),
    ("location", "SEARCH users USING INDEX ix_users_location (location_id=?)"),
    ("-location", "SEARCH users USING INDEX ix_users_location (location_id=?)")])
@pytest.mark.parametrize("texting", ["", "can-text"])
def test_many_users_are_read_in_an_order_of_an_index(uli, monkeypatch, sort, led, texting):
    """From an end and from a place: nothing is sorted, but the few users without a number."""
    monkeypatch.setattr(groups, "LEAST_MANY", 0)
    snapshot = OrganizationSnapshot.read(uli.organization_id)
    with listening() as seen:
        where = user_list.UserChoice(texting=texting).conditions(snapshot)
        for beside in ("", uli.ref):
            user_list.list_user_rows(snapshot, where, after=beside, sort=sort)
    plans = [plan_of(*one) for one in seen if "ORDER BY" in one[0] and "numbers.e164" in one[0]]
    assert not [line for plan in plans for line in plan if "TEMP B-TREE" in line]
    assert any(led in line for plan in plans for line in plan), plans


def test_few_users_of_a_filter_are_looked_up_by_their_facts(uli):
    snapshot = OrganizationSnapshot.read(uli.organization_id)
    with listening() as seen:
        where = user_list.UserChoice(texting="can-text").conditions(snapshot)
        user_list.list_user_rows(snapshot, where)
    plan, led = plan_of(*seen[-1]), "USING COVERING INDEX ix_users_facts (location_id=? AND facts=?)"
    assert f"SEARCH users_1 {led}" in plan
    assert [line for line in plan if line.split(" ")[1] == "users"] == [
        "SEARCH users USING INTEGER PRIMARY KEY (rowid=?)"]
