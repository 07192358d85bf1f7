"""Opt-outs from a file: read in many spellings, planned against what stands here, written in few statements."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from werkzeug.exceptions import NotFound

from portal.extensions import db, now, writing
from portal.models import (
    AuditEvent,
    ConsentRecord,
    Conversation,
    Direction,
    OptOut,
    OptOutSource,
    OptOutState,
    TextState,
)
from portal.rules.facts import ConsentKind
from portal.services.imports import AlreadyDone, optout_files
from portal.services.texting import consents, optouts
from tests import talks
from tests.reports import number


def held():
    db.session.rollback()
    return {one.theirs: one for one in db.session.scalars(select(OptOut))}


def outcomes(upload):
    return [step.outcome.value for step in optout_files.plan_optout_file(upload).steps]


def existing(maple, theirs, state, source=OptOutSource.STOP, at=None, said="START"):
    with writing() as session:
        session.add(OptOut(organization_id=maple.id, theirs=theirs, state=state, source=source,
                           said_at=at or now(), said=said))


# --- what stands here ----------------------------------------------------------------------------

MARCH = datetime(2025, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(("state", "source", "how", "when", "outcome", "after"), [
    (OptOutState.OUT, OptOutSource.STOP, "manual", "2025-05-01", "unchanged", "stop"),
    (OptOutState.OUT, OptOutSource.MANUAL, "web", "2025-05-01", "unchanged", "manual"),
    (OptOutState.OUT, OptOutSource.MANUAL, "STOP", "2025-01-01", "changed", "stop"),
    (OptOutState.LIKELY_OUT, OptOutSource.WORDING, "web", "", "changed", "web"),
    (OptOutState.IN_AGAIN, OptOutSource.STOP, "STOP", "2025-05-01", "changed", "stop"),
    (OptOutState.IN_AGAIN, OptOutSource.STOP, "STOP", "2025-01-01", "left", None),
    (OptOutState.IN_AGAIN, OptOutSource.STOP, "STOP", "", "left", None),
    (OptOutState.IN_AGAIN, OptOutSource.MANUAL, "manual", "2025-01-01", "left", None),
    (OptOutState.NOT_MEANT, OptOutSource.WORDING, "STOP", "2025-05-01", "changed", "stop"),
])
def test_nothing_is_weakened_and_the_newer_counts(maple, store, carry, state, source, how, when, outcome, after):
    existing(maple, number(1), state, source, MARCH)
    content = f"Number,When,How\n{number(1)},{when},{how}\n"
    assert outcomes(store(content)) == [outcome]
    carry(content)
    row = held()[number(1)]
    assert (row.state, row.source.value) == ((OptOutState.OUT, after) if after else (state, source.value))


def test_a_row_that_only_help_made_decides_nothing(uli, carry):
    talks.come("HELP", uli.number.e164, number(1))
    assert carry(f"Number,When\n{number(1)},2025-01-01\n")["changed"] == 1
    assert held()[number(1)].state is OptOutState.OUT


def test_an_erased_number_is_known(maple, ada, carry):
    optouts.record_optout(ada, maple, number(1), "by phone")
    optouts.erase_optout_number(maple, number(1))
    assert carry(f"Number,How\n{number(1)},manual\n{number(2)},manual\n")["unchanged"] == 1
    assert len(held()) == 2


def test_a_number_that_stands_twice_counts_once_at_its_strongest(store, carry):
    content = f"Number,When,How\n{number(1)},2025-01-01,web\n{number(1)},2025-02-01,STOP\n"
    assert outcomes(store(content)) == ["created", "left"]
    carry(content)
    row = held()[number(1)]
    assert (row.source, row.said_at.month) == (OptOutSource.STOP, 2)


def test_waiting_texts_are_refused_at_once(uli, carry):
    for index in (1, 2):
        talks.hold(uli.id, talks.text_out(f"To {index}", TextState.QUEUED), theirs=number(index))
    carry(f"Number\n{number(1)}\n")
    assert [(one.state, one.why) for one in talks.messages()] == [
        (TextState.REFUSED, ["opted-out"]), (TextState.QUEUED, [])]


def test_conversations_say_so_and_consents_end(uli, row, carry, maple):
    ben = row("Ben")
    for user, index in ((uli, 1), (ben, 1), (uli, 2)):
        talks.hold(user.id, talks.text_in("Hello"), theirs=number(index))
    with writing() as session:
        session.add_all(ConsentRecord(organization_id=maple.id, theirs=number(index), kind=ConsentKind.EXPRESS,
                                      given_at=now()) for index in (1, 2))
    carry(f"Number\n{number(1)}\n{number(3)}\n")
    noted = talks.messages(Direction.NOTE)
    assert sorted((one.user_id, one.theirs, one.body) for one in noted) == sorted(
        (user.id, number(1), optouts.IMPORTED) for user in (uli, ben))
    talking = {(one.user_id, one.theirs): one for one in db.session.scalars(select(Conversation))}
    assert {talking[one.user_id, one.theirs].last_id for one in noted} == {one.id for one in noted}
    assert consents.consent_of_number(maple.id, number(1)) is None
    assert consents.consent_of_number(maple.id, number(2)) is not None
    carry(f"Number\n{number(1)}\n")
    assert len(talks.messages(Direction.NOTE)) == 2, "what stands here already is not said again"


@pytest.mark.parametrize(("state", "source", "said"), [
    (OptOutState.IN_AGAIN, OptOutSource.STOP, optout_files.STARTED_SINCE),
    (OptOutState.IN_AGAIN, OptOutSource.MANUAL, optout_files.UNDONE_HERE),
    (OptOutState.NOT_MEANT, OptOutSource.WORDING, optout_files.UNDONE_HERE),
])
def test_why_a_row_is_left_is_true(maple, store, state, source, said):
    existing(maple, number(1), state, source, MARCH)
    (step,) = optout_files.plan_optout_file(store(f"Number,When\n{number(1)},2020-01-01\n")).steps
    assert step.problem == said


# --- all or nothing ------------------------------------------------------------------------------


def test_once_and_with_one_event_without_numbers(ada, maple, store, log_lines):
    upload = store(f"Number\n{number(1)}\n{number(2)}\n")
    optout_files.import_optout_file(ada, maple, upload)
    with pytest.raises(AlreadyDone):
        optout_files.import_optout_file(ada, maple, upload)
    (event,) = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "opt-outs-imported"))
    assert event.details == {"created": 2, "changed": 0, "unchanged": 0}
    assert not [line for line in log_lines if number(1) in line]


def test_the_file_is_read_before_the_lock_is_taken(ada, maple, store, monkeypatch):
    upload, read = store(f"Number\n{number(1)}\n"), optout_files.read_sheet

    def read_without_lock(*given):
        with writing():  # which nobody opens within another one
            pass
        return read(*given)

    monkeypatch.setattr(optout_files, "read_sheet", read_without_lock)
    assert optout_files.import_optout_file(ada, maple, upload)["created"] == 1


def test_nothing_is_half_written(ada, maple, store, monkeypatch):
    upload = store(f"Number\n{number(1)}\n")
    monkeypatch.setattr(optout_files.audit, "record_event", lambda *_args, **_named: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        optout_files.import_optout_file(ada, maple, upload)
    assert held() == {}


def test_only_the_organization_finds_the_file(row, store, maple):
    upload = store(f"Number\n{number(1)}\n")
    assert optout_files.find_optout_file(maple.id, upload.ref) is upload
    with pytest.raises(NotFound):
        optout_files.find_optout_file(row("Mia").organization_id, upload.ref)


def test_fifty_thousand_rows_in_few_statements(ada, maple, store, statements):
    lines = [f"+1416{200 + index // 10_000}{index % 10_000:04},2025-03-01,STOP" for index in range(50_000)]
    existing(maple, "+14162000000", OptOutState.OUT, OptOutSource.MANUAL)
    upload = store("\n".join(["Number,When,How", *lines]))
    with statements() as seen:
        counts = optout_files.import_optout_file(ada, maple, upload)
    assert (counts["created"], counts["changed"]) == (49_999, 1)
    assert len(seen) < 60
    assert db.session.scalar(select(func.count(OptOut.id))) == 50_000
    assert now() - timedelta(days=1) < upload.imported_at
