"""Who answers when a person has left."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from portal.extensions import db, now, writing
from portal.models import AccountState, AuditEvent, CallReason, Conversation, Message, StandIn, User
from portal.services import waiting
from portal.services.people import users
from portal.services.refusals import Clash
from portal.services.texting import call_tasks, conversations, stand_ins
from tests.talks import come, hold, text_in, text_out

THEIRS, OTHERS, OLD = "+16475550110", "+16475550111", "+16475550112"


@pytest.fixture
def talks(open_app, people):
    """Uli has two open conversations and one that is long finished."""
    hold(people["Uli"].id, text_out("Words of Uli"), text_in("Thanks"), theirs=THEIRS, name="Jane Doe")
    hold(people["Uli"].id, text_in("When?"), theirs=OTHERS)
    hold(people["Uli"].id, text_in("Over"), theirs=OLD)
    with writing() as session:
        session.execute(update(Conversation).where(Conversation.theirs == OLD).values(
            last_at=now() - timedelta(days=31)))


def leave(row, typed=""):
    db.session.rollback()
    return stand_ins.deactivate_with_stand_in(row("Ada"), row("Uli"), typed).handed_over


def rows_of(row, name):
    db.session.rollback()
    return {one.conversation.theirs: one for one in conversations.list_inbox_rows(row(name))[0]}


def test_open_conversations_are_handed_over_without_their_words(talks, row):
    assert stand_ins.count_open_work(row("Uli")) == (2, 0)
    assert leave(row, "Ben@Example.com") == 2
    assert not row("Uli").active
    seen = rows_of(row, "Ben")
    assert list(seen) == [one for one in rows_of(row, "Uli") if one != OLD], "in the order that they had"
    assert set(seen) == {THEIRS, OTHERS}
    assert {one.ours for one in seen.values()} == {"+14165550102"}
    assert (seen[THEIRS].conversation.name, seen[THEIRS].conversation.unread) == ("Jane Doe", 1)
    read = db.session.scalars(select(Message.body).where(Message.user_id == row("Ben").id)).all()
    assert read == [stand_ins.TAKEN_OVER] * 2
    assert set(rows_of(row, "Uli")) == {THEIRS, OTHERS, OLD}, "nothing is lost"
    assert waiting.count_for_overview(row("Ada").organization_id, 0).unanswered == 0
    assert stand_ins.find_stand_in(row("Uli")).name == "Ben Okafor"


def test_texts_to_the_earlier_number_reach_the_stand_in(talks, row, people):
    leave(row, "ben@example.com")
    come("Are you there?", people["Uli"].number, THEIRS)
    come("I am new", people["Uli"].number, "+16475550113")
    seen = rows_of(row, "Ben")
    assert (seen[THEIRS].last.body, seen["+16475550113"].last.body) == ("Are you there?", "I am new")
    assert len(seen) == 3


def test_the_stand_in_is_asked_to_call_who_writes_after_stop(talks, row, people):
    leave(row, "ben@example.com")
    come("STOP", people["Uli"].number, THEIRS)
    come("When is my appointment?", people["Uli"].number, THEIRS)
    db.session.rollback()
    (asked,) = call_tasks.list_calls_to_make(row("Ben"))
    assert (asked.conversation.theirs, asked.conversation.call_reason) == (THEIRS, CallReason.AFTER_STOP)
    assert call_tasks.list_calls_to_make(row("Uli")) == []


def test_calls_that_were_not_made_are_handed_over(talks, row, people):
    come("STOP", people["Uli"].number, THEIRS)
    come("When is my appointment?", people["Uli"].number, THEIRS)
    come("Hello", people["Uli"].number, OTHERS)
    leave(row, "ben@example.com")
    db.session.rollback()
    (asked,) = call_tasks.list_calls_to_make(row("Ben"))
    assert (asked.conversation.theirs, asked.conversation.call_reason, asked.last.body) == (
        THEIRS, CallReason.AFTER_STOP, stand_ins.TAKEN_OVER)


def test_the_reader_of_a_number_is_its_holder_or_the_stand_in(talks, row):
    uli, ben = row("Uli"), row("Ben")
    assert stand_ins.find_reader_of_number(uli.number) == (uli.id, uli.number.id)
    leave(row, "ben@example.com")
    db.session.rollback()
    assert stand_ins.find_reader_of_number(uli.number) == (ben.id, ben.number.id)
    assert stand_ins.find_reader_of_number(None) is None


def test_nobody_answers(talks, row, people):
    assert leave(row) == 0
    assert waiting.count_for_overview(row("Ada").organization_id, 0).unanswered == 2
    assert waiting.count_for_overview(row("Otto").organization_id, 0).unanswered == 0
    come("Are you there?", people["Uli"].number, THEIRS)
    assert not db.session.scalars(select(Message).where(Message.body == "Are you there?")).all()
    # An administrator can name somebody later, too.
    assert leave(row, "ben@example.com") == 2
    events = db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id.desc()).limit(2)).all()
    assert events == ["conversations-handed-over", "deactivated"]


@pytest.mark.parametrize("typed", ["rita@example.com", "uli@example.com", "mia@example.com", "nobody"])
def test_only_a_member_who_can_text_answers(talks, row, typed):
    with pytest.raises(Clash) as refused:
        leave(row, typed)
    assert refused.value.field == "answers"
    db.session.rollback()
    assert row("Uli").active


def test_the_stand_in_ends_with_the_return(talks, row, people):
    leave(row, "ben@example.com")
    db.session.rollback()
    users.reactivate_user(row("Ada"), row("Uli"))
    assert db.session.scalars(select(StandIn)).all() == []
    come("Are you there?", people["Uli"].number, THEIRS)
    assert rows_of(row, "Uli")[THEIRS].last.body == "Are you there?"


def test_who_comes_back_by_import_reads_again(talks, row, people):
    leave(row, "ben@example.com")
    with writing() as session:
        session.execute(update(User).where(User.id == people["Uli"].id).values(account=AccountState.ACTIVE))
    come("Are you there?", people["Uli"].number, THEIRS)
    assert rows_of(row, "Uli")[THEIRS].last.body == "Are you there?"


def test_a_stand_in_who_leaves_answers_no_more(talks, row, people):
    leave(row, "ben@example.com")
    db.session.rollback()
    users.deactivate_user(row("Ada"), row("Ben"))
    # Of Uli's two, which Ben had, and of Ben's own two.
    assert waiting.count_for_overview(row("Ada").organization_id, 0).unanswered == 4
    come("Are you there?", people["Uli"].number, THEIRS)
    assert not db.session.scalars(select(Message).where(Message.body == "Are you there?")).all()


def test_members_who_can_text_are_offered(talks, row):
    assert [one.email for one in stand_ins.list_offered_members(row("Uli"))] == ["ben@example.com"]
