"""Writing a text: what is said to it before."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from portal.extensions import db, now, writing
from portal.models import BrandDay, Message, Restriction, TextState, User
from portal.rules.encoding import Alphabet
from portal.rules.facts import Cause, Restraint, Subject
from portal.services.texting import composer, conversations
from portal.services.texting.composer import preview_draft
from tests.talks import THEIRS, hold, ref_of, text_in, text_out

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)


@pytest.fixture
def at(monkeypatch):
    def stop_the_clock(moment):
        monkeypatch.setattr(composer, "now", lambda: moment)

    stop_the_clock(NOON)
    return stop_the_clock


def ids(found):
    return [reason.id for reason in found.decision.reasons]


def test_nothing_typed_yet_is_nothing_wrong(uli, at):
    found = preview_draft(uli, "", "")
    assert (ids(found), found.packed, found.plainer, found.there) == ([], None, "", ())


def test_a_field_that_is_empty_is_not_held_against_its_writer(uli, at):
    assert ids(preview_draft(uli, " ", "Hello")) == []
    assert ids(preview_draft(uli, THEIRS, " \n")) == ["first-contact"]
    assert ids(preview_draft(uli, "911", "")) == ["emergency"]


def test_every_reason_is_told(uli, at):
    at(NIGHT)
    found = preview_draft(uli, THEIRS, "Reply CANCEL to cancel, see bit.ly/x" + "x" * 1600)
    assert set(ids(found)) == {"too-long", "first-contact", "asks-for-keyword", "short-link", "quiet-hours"}
    assert not found.decision.allowed


def test_looking_stores_and_reserves_nothing(uli, at):
    for _ in range(20):
        preview_draft(uli, "+12125550123", "Hello")
    assert db.session.scalars(select(Message)).all() == []
    assert db.session.scalars(select(BrandDay)).all() == []


def test_segments_and_what_makes_them_many(uli, at):
    found = preview_draft(uli, THEIRS, "łąka")
    assert (found.packed.alphabet, found.packed.segments, found.packed.costly) == (Alphabet.UCS2, 1, ("ł", "ą"))
    assert found.plainer == ""
    assert preview_draft(uli, THEIRS, "“x”").plainer == '"x"'
    assert preview_draft(uli, THEIRS, '"x"').plainer == ""


def test_a_hold_is_told_before(uli, at):
    with writing() as session:
        session.add(Restriction(organization_id=uli.organization_id, subject=Subject.USER, user_id=uli.id,
                                restraint=Restraint.THROTTLE, cause=Cause.BURST, per_minute=1,
                                since=now() - timedelta(days=1)))
    hold(uli.id, text_out("before", TextState.QUEUED, at=NOON, due_at=NOON))
    assert "throttled" in ids(preview_draft(uli, THEIRS, "Hello"))


@pytest.mark.parametrize(("number", "times"), [
    (THEIRS, ["12:00"]), ("+12045550123", ["11:00"]), ("+17875550123", ["13:00"]), ("+18005550123", []), ("911", []),
    ("+4930901820", []), ("", [])])
def test_the_time_where_they_are(uli, at, number, times):
    assert [f"{local:%H:%M}" for local in preview_draft(uli, number, "").there] == times


def test_the_times_of_a_number_with_several_zones(uli, at):
    """709 is Labrador and Newfoundland, which is half an hour ahead."""
    assert [f"{local:%H:%M}" for local in preview_draft(uli, "+17095550123", "").there] == ["13:00", "13:30"]


def test_a_fixed_number_of_questions_to_the_database(uli, at, statements):
    def asked():
        db.session.expire_all()
        with statements() as seen:
            preview_draft(uli, THEIRS, "Hello")
        return len(seen)

    def write(count, moment):
        hold(uli.id, text_in("b", at=moment),
             *(text_out(f"{index}", at=moment, due_at=moment) for index in range(count)))

    write(1, NOON - timedelta(minutes=10))
    few = asked()
    write(100, NOON - timedelta(minutes=10))
    assert asked() == few <= 22
    write(100, NOON)
    assert asked() == few + 1, "only in a burst: when the next text may leave"
    write(100, NOON)
    assert asked() == few + 1


# --- after a text was sent ----------------------------------------------------------------------


def test_words_to_start_from(uli, people):
    ref = hold(uli.id, text_out("mine"), text_out("by itself", submission_key=None, automatic=True), text_in("theirs"))
    hold(people["Ben"].id, text_out("of Ben"))
    hold(uli.id, text_out("elsewhere"), theirs="+16475550111")
    held = conversations.find_conversation(uli, ref)
    found = {body: composer.read_own_text(uli, held, ref_of(body))
             for body in ("mine", "by itself", "theirs", "of Ben", "elsewhere")}
    assert found == {"mine": "mine", "by itself": "", "theirs": "", "of Ben": "", "elsewhere": ""}
    assert composer.read_own_text(uli, held, "") == ""


def test_whom_to_ask(uli, people):
    assert composer.list_admin_names(uli) == ["Ada Keller"]
    assert composer.list_admin_names(db.session.get_one(User, people["Mia"].id)) == ["Otto Lang"]
