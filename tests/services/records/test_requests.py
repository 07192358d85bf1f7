"""Two people release texts, never one; the members concerned are told; it ends after seven days."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from werkzeug.exceptions import NotFound

from portal.extensions import db, make_ref, now, writing
from portal.models import AuditEvent, RecordsConcern, RecordsRequest, SignInLink, User
from portal.services import waiting
from portal.services.records import requests, transcripts
from portal.services.refusals import Changed, Clash
from portal.services.upkeep import retention
from tests.talks import hold, text_out

pytestmark = pytest.mark.usefixtures("open_app")
THEIRS = "+16475550110"
DAY = timedelta(days=1)


def ask(row, name="Ada", theirs=THEIRS):
    moment = now()
    return requests.ask_for_records(row(name), theirs, moment - 30 * DAY, moment + DAY, "She asked for her file")


def promote(name, **roles):
    with writing() as session:
        session.execute(update(User).where(User.name.startswith(name)).values(**roles))


def decide(row, asked, name, *, released=True, answer=""):
    db.session.rollback()
    requests.decide_records_request(row(name), asked, released=released, answer=answer)


@pytest.mark.parametrize(("name", "roles", "may"), [
    ("Ada", {}, False), ("Ada", {"auditor": True}, False), ("Rita", {}, True), ("Ben", {}, False),
    ("Ben", {"admin": True}, True), ("Otto", {}, False), ("Olga", {}, True),
])
def test_who_may_be_the_second_person(row, name, roles, may):
    asked = ask(row)
    if roles:
        promote(name, **roles)
    db.session.rollback()
    assert requests.may_decide_request(row(name), asked) is may
    if may:
        decide(row, asked, name)
        assert asked.released
        return
    with pytest.raises(Clash):
        decide(row, asked, name)
    db.session.rollback()
    assert asked.released is None


def test_an_operator_decides_only_where_there_is_one_administrator(row):
    asked = ask(row)
    assert [one.request.id for one in requests.list_request_rows_for_operator()[0]] == [asked.id]
    assert requests.find_request_row_for_operator(asked.ref).asker == "Ada Keller"
    promote("Ben", admin=True)
    db.session.rollback()
    assert requests.list_request_rows_for_operator() == ([], False)
    with pytest.raises(NotFound):
        requests.find_request_row_for_operator(asked.ref)
    with pytest.raises(Clash):
        decide(row, asked, "Olga")


def test_an_operator_who_administers_the_organization_does_not_release_their_own_request(row):
    promote("Ada", operator=True)
    db.session.rollback()
    asked = ask(row)
    with pytest.raises(Clash):
        decide(row, asked, "Ada")


def test_nobody_is_the_second_person_by_a_link_of_their_own(row):
    """An administrator who adds an auditor and opens that account is still alone. A refusal harms nobody."""
    asked, other = ask(row), ask(row)
    with writing() as session:
        session.add(SignInLink(token_hash=make_ref(), user_id=row("Rita").id, made_by_id=row("Ada").id,
                               expires_at=now(), used_at=now()))
    with pytest.raises(Clash) as refused:
        decide(row, asked, "Rita")
    assert refused.value.values["name"] == "Ada Keller"
    db.session.rollback()
    assert asked.released is None
    decide(row, other, "Rita", released=False, answer="Ask the person first")
    promote("Ben", admin=True)
    decide(row, asked, "Ben")
    assert asked.released


def test_a_decision_is_final(row):
    asked = ask(row)
    decide(row, asked, "Rita", released=False, answer="Ask the person first")
    with pytest.raises(Changed):
        decide(row, asked, "Rita")
    db.session.rollback()
    assert (asked.released, asked.answer, asked.ends_at) == (False, "Ask the person first", None)
    with pytest.raises(NotFound):
        transcripts.read_transcript(row("Ada"), requests.find_request_row(row("Ada"), asked.ref))


def test_another_organization_finds_nothing(row):
    asked = ask(row)
    with pytest.raises(NotFound):
        requests.find_request_row(row("Otto"), asked.ref)
    assert requests.list_request_rows(row("Otto")) == ([], False)


def test_members_concerned_are_told(row, people):
    for name, theirs in (("Uli", THEIRS), ("Ben", "+16475550111")):
        hold(people[name].id, text_out(), theirs=theirs)
    asked = ask(row)
    assert requests.list_releases_about(row("Uli")) == []
    decide(row, asked, "Rita")
    told = requests.list_releases_about(row("Uli"))
    assert [(one.asker, one.decider) for one in told] == [("Ada Keller", "Rita Sandoval")]
    assert requests.list_releases_about(row("Ben")) == []
    assert requests.count_members_concerned(asked) == 1


def test_what_is_written_after_the_release_is_not_part_of_it(row, people):
    asked = ask(row)
    decide(row, asked, "Rita")
    db.session.rollback()
    assert asked.until == asked.decided_at


@pytest.mark.parametrize(("theirs", "since", "until", "field"), [
    ("12", -3, 1, "number"), ("", -3, 1, "number"), ("911", -3, 1, "number"), (THEIRS, 1, 2, "since"),
    (THEIRS, -3, -4, "until"), (THEIRS, -3, -3, "until"),
])
def test_what_cannot_be_asked_for(row, theirs, since, until, field):
    moment = now()
    with pytest.raises(Clash) as refused:
        requests.ask_for_records(row("Ada"), theirs, moment + since * DAY, moment + until * DAY, "She asked")
    assert refused.value.field == field


def test_lists_are_paged_and_count_what_waits(row, monkeypatch):
    monkeypatch.setattr(requests, "REQUESTS_PER_PAGE", 2)
    made = [ask(row).id for _ in range(3)]
    rows, more = requests.list_request_rows(row("Ada"))
    assert ([one.request.id for one in rows], more) == (made[:0:-1], True)
    rows, more = requests.list_request_rows(row("Ada"), rows[-1].request.id)
    assert ([one.request.id for one in rows], more) == (made[:1], False)
    assert waiting.count_for_overview(row("Rita").organization_id, row("Rita").id).requests == 3
    assert waiting.count_for_overview(row("Ada").organization_id, row("Ada").id).requests == 0


def test_each_step_is_audited(row):
    decide(row, ask(row), "Rita")
    decide(row, ask(row), "Olga", released=False, answer="No")
    found = select(AuditEvent.action, AuditEvent.actor_name).where(
        AuditEvent.action.startswith("records-")).order_by(AuditEvent.id)
    assert [tuple(one) for one in db.session.execute(found)] == [
        ("records-requested", "Ada Keller"), ("records-released", "Rita Sandoval"),
        ("records-requested", "Ada Keller"), ("records-refused", "Olga Weiss")]


def test_requests_go_after_the_period(row, people, clock):
    hold(people["Uli"].id, text_out())
    decide(row, ask(row), "Rita")
    clock.forward(days=401)
    retention.erase_old_texts()
    assert [db.session.scalars(select(kind)).all() for kind in (RecordsRequest, RecordsConcern)] == [[], []]
