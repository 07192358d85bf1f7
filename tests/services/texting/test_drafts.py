"""Drafts: kept where they were written, only when changed, and gone with the text, also for a look that comes late."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from portal.extensions import db, now, writing
from portal.models import Conversation, KeptDraft, Message
from portal.services.people import users
from portal.services.texting import drafts, optouts, sending
from tests.stores import WRITES
from tests.talks import THEIRS, hold, text_in

KEY, OTHER = "first-key-of-a-form", "other-key-of-a-form"


@pytest.fixture
def talk(uli):
    """Uli's conversation with an outside number."""
    ref = hold(uli.id, text_in())
    return db.session.scalars(select(Conversation).where(Conversation.ref == ref)).one()


def kept():
    db.session.rollback()
    found = db.session.execute(select(KeptDraft.typed, KeptDraft.body, KeptDraft.submission_key).order_by(KeptDraft.id))
    return [tuple(row) for row in found]


# --- keeping -------------------------------------------------------------------------------------


def test_one_for_each_conversation_and_one_for_a_new_message(uli, ben, talk):
    assert drafts.keep_draft(uli, talk, "ignored", "Dear Jane", KEY)
    assert drafts.keep_draft(uli, None, " 647 555 01", "Dear who", OTHER)
    assert drafts.keep_draft(uli, None, "647 555 0112", "Dear you", OTHER)
    assert drafts.keep_draft(ben, None, "", "Of Ben", KEY)
    assert kept() == [("", "Dear Jane", KEY), ("647 555 0112", "Dear you", OTHER), ("", "Of Ben", KEY)]
    assert db.session.scalars(select(KeptDraft.theirs).order_by(KeptDraft.id)).all() == [THEIRS, "+16475550112", ""]
    assert drafts.find_draft(uli, talk).body == "Dear Jane"
    assert drafts.find_draft(uli).body == "Dear you"
    assert drafts.find_draft(ben).body == "Of Ben"
    assert drafts.find_draft(ben, talk) is None, "only whose conversation it is reads it"


def test_nothing_is_written_where_nothing_has_changed(uli, talk, begun, statements):
    assert drafts.keep_draft(uli, talk, "", "", KEY), "nothing, and nothing before"
    assert begun.count(WRITES) == 0
    with statements() as seen:
        drafts.keep_draft(uli, talk, "", "Dear\r\nJane", KEY)
    assert begun.count(WRITES) == 1
    assert sum(one.startswith(("INSERT", "UPDATE", "DELETE")) for one in seen) == 1
    assert drafts.keep_draft(uli, talk, "", "Dear\nJane", OTHER)
    assert begun.count(WRITES) == 1
    assert kept() == [("", "Dear\nJane", KEY)]


def test_what_is_cleared_is_not_shown_again(uli, talk):
    drafts.keep_draft(uli, talk, "", "Dear Jane", KEY)
    drafts.keep_draft(uli, talk, "", "", KEY)
    assert drafts.find_draft(uli, talk) is None
    drafts.keep_draft(uli, None, "647", "", KEY)
    assert drafts.find_draft(uli).typed == "647"


def test_what_is_older_does_not_take_the_place_of_what_is_newer(uli, talk):
    moment = now()
    for body in ("Dear Jane", ""):
        assert drafts.keep_draft(uli, talk, "", body, KEY, moment)
        assert not drafts.keep_draft(uli, talk, "", "Dear J", KEY, moment - timedelta(seconds=1))
        assert kept() == [("", body, KEY)]


def test_a_clock_that_is_set_back_keeps_what_is_written_afterwards(uli, talk):
    drafts.keep_draft(uli, talk, "", "before", KEY, now() + timedelta(hours=1))
    assert drafts.keep_draft(uli, talk, "", "after", KEY)
    assert drafts.find_draft(uli, talk).body == "after"


@pytest.mark.parametrize(("typed", "body"), [("6" * 61, "Dear"), ("647", "x" * 6401)])
def test_more_than_fits_is_not_kept(uli, typed, body):
    drafts.keep_draft(uli, None, "647", "Dear", KEY)
    assert drafts.keep_draft(uli, None, typed, body, KEY)
    assert kept() == [("647", "Dear", KEY)]


# --- sending -------------------------------------------------------------------------------------


def test_the_text_takes_its_draft_along_and_no_other(uli, talk):
    drafts.keep_draft(uli, talk, "", "Hello", KEY)
    drafts.keep_draft(uli, None, "647 555 0112", "Another", OTHER)
    assert sending.send_text(uli, THEIRS, "Hello Jane", KEY).decision.allowed
    assert kept() == [("647 555 0112", "Another", OTHER)]


def test_a_look_that_comes_after_the_text_brings_nothing_back(uli, talk):
    drafts.keep_draft(uli, talk, "", "Hello", KEY)
    sending.send_text(uli, THEIRS, "Hello Jane", KEY)
    for body in ("Hello Jane", "Hello Ja"):
        assert not drafts.keep_draft(uli, talk, "", body, KEY)
        assert not drafts.keep_draft(uli, None, THEIRS, body, KEY)
    assert kept() == []
    assert drafts.keep_draft(uli, talk, "", "The next one", OTHER)
    assert not drafts.keep_draft(uli, talk, "", "", KEY), "nor does it take away what is written next"
    assert drafts.find_draft(uli, talk).body == "The next one"


def test_a_key_of_another_person_takes_nothing_along(uli, ben, talk):
    drafts.keep_draft(uli, talk, "", "Hello", KEY)
    sending.send_text(ben, "+16475550112", "Hello", KEY)
    assert kept() == [("", "Hello", KEY)]


def test_submitting_again_leaves_what_was_begun_since_alone(uli, talk):
    sending.send_text(uli, THEIRS, "Hello", KEY)
    drafts.keep_draft(uli, talk, "", "The next one", OTHER)
    assert sending.send_text(uli, THEIRS, "Hello", KEY).conversation == talk.ref
    assert kept() == [("", "The next one", OTHER)]


def test_a_text_that_is_refused_leaves_its_draft(uli, talk):
    drafts.keep_draft(uli, talk, "", "Hello", KEY)
    assert not sending.send_text(uli, "911", "Hello", KEY).decision.allowed
    assert kept() == [("", "Hello", KEY)]


def test_a_crash_between_text_and_draft_leaves_both_or_none(uli, talk, monkeypatch):
    drafts.keep_draft(uli, talk, "", "Hello", KEY)

    def pulled(*_given):
        raise SystemExit

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(drafts, "drop_sent_draft", pulled)
        sending.send_text(uli, THEIRS, "Hello", KEY)
    sent = select(Message.body).where(Message.submission_key == KEY)
    assert (kept(), db.session.scalars(sent).all()) == ([("", "Hello", KEY)], [])
    sending.send_text(uli, THEIRS, "Hello", KEY)
    assert (kept(), db.session.scalars(sent).all()) == ([], ["Hello"])


# --- going ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("by", "shown"), [({"days": 6, "hours": 23}, True), ({"days": 7, "minutes": 1}, False)])
def test_it_is_shown_for_seven_days(uli, clock, by, shown):
    drafts.keep_draft(uli, None, "647", "Hello", KEY)
    clock.forward(**by)
    assert (drafts.find_draft(uli) is not None) is shown


def test_erasing_a_number_erases_what_was_being_written_to_it(uli, ben, row, talk):
    drafts.keep_draft(uli, talk, "", "to Jane", KEY)
    drafts.keep_draft(uli, None, "(647) 555-0110", "to Jane as well", OTHER)
    drafts.keep_draft(ben, None, "647 555 0112", "to somebody else", KEY)
    optouts.record_optout(row("Ada"), uli.organization, THEIRS, "by phone")
    optouts.erase_optout_number(uli.organization, THEIRS)
    assert kept() == [("647 555 0112", "to somebody else", KEY)]


def test_what_a_person_who_leaves_was_writing_goes_at_once(uli, ben, row, talk):
    drafts.keep_draft(uli, talk, "", "Hello", KEY)
    drafts.keep_draft(uli, None, "647", "Hello", OTHER)
    drafts.keep_draft(ben, None, "647", "of Ben", KEY)
    users.deactivate_user(row("Ada"), uli)
    assert kept() == [("647", "of Ben", KEY)]


def test_age_is_counted_from_the_last_change(uli, clock):
    drafts.keep_draft(uli, None, "647", "Hello", KEY)
    with writing() as session:
        session.execute(update(KeptDraft).values(at=now() - timedelta(days=6)))
    drafts.keep_draft(uli, None, "647", "Hello there", KEY)
    clock.forward(days=6)
    assert drafts.find_draft(uli).body == "Hello there"


def test_a_draft_to_a_name_is_one_to_its_number(uli):
    """So that it goes with what else is kept about that number."""
    hold(uli.id, text_in("hello"), theirs=THEIRS, name="Jane")
    drafts.keep_draft(uli, None, "jane", "Dear Jane", "k" * 22)
    kept = db.session.scalars(select(KeptDraft)).one()
    assert (kept.typed, kept.theirs) == ("jane", THEIRS)
