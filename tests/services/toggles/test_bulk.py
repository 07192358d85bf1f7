"""A word for many: all of them in one commit, each with an event, and nobody else's change is lost."""

import pytest
from sqlalchemy import func, select

from portal.extensions import db, writing
from portal.models import AuditEvent, User, Word
from portal.services import audit
from portal.services.refusals import Changed
from portal.services.toggles import bulk, toggle
from portal.services.toggles.toggle import Wish
from portal.services.toggles.user_list import Choice

EVERYBODY = Choice()


@pytest.fixture(autouse=True)
def _opened(inside):
    with inside():
        yield


@pytest.fixture
def row(people):
    return lambda name: db.session.get_one(User, people[name].id)


@pytest.fixture
def turn(row):
    """`turn(Wish(False))` turns everybody, by Ada, who saw all of Maple Clinic a moment ago."""

    def act(wish, chosen=EVERYBODY, *, actor="Ada", shown=4):
        who = row(actor)
        return bulk.turn_many(who, wish, chosen, audit.newest(who.organization_id), shown)

    return act


def words():
    """Everybody's own word, with its version."""
    found = db.session.execute(select(User.name, Word.on, Word.version).join(
        Word, (Word.unit_id == User.id) & (Word.level == "user")))
    return {name.split()[0]: (on, version) for name, on, version in found}


def events():
    return db.session.scalar(select(func.count()).select_from(AuditEvent))


def test_only_words_that_change_are_written(turn, row):
    with writing():
        toggle.say(row("Ada"), row("Uli"), Wish(False))
        toggle.say(row("Ada"), row("Ben"), Wish(True))
    before = events()
    decision, changed, left = turn(Wish(False))
    assert (decision.allowed, changed, left) == (True, 3, 0)
    assert words() == {"Ada": (False, 1), "Ben": (False, 2), "Rita": (False, 1), "Uli": (False, 1)}
    assert events() == before + 3
    assert turn(Wish(False))[1:] == (0, 0)
    assert events() == before + 3


def test_silence_is_nothing_to_take_back(turn):
    before = events()
    assert turn(Wish(None))[1:] == (0, 0)
    assert (words(), events()) == ({}, before)


def test_the_events_are_as_if_each_had_been_said_by_itself(turn, row):
    turn(Wish(False))
    with writing():
        toggle.say(row("Ada"), row("Uli"), Wish(True))
        toggle.say(row("Ada"), row("Uli"), Wish(False))
    single, _, bulk_ = audit.history(row("Uli"))
    same = ("organization_id", "actor_id", "actor_name", "action", "subject", "subject_ref", "subject_name")
    assert [getattr(single, name) for name in same] == [getattr(bulk_, name) for name in same]
    assert bulk_.details == {"was": "inherit", "now": "off"}
    assert len({event.ref for event in audit.page(row("Ada").organization_id)}) == 7


def test_each_word_names_its_own_event(turn):
    turn(Wish(False))
    for word, user in db.session.execute(select(Word, User).join(User, User.id == Word.unit_id).where(
            Word.level == "user")):
        assert db.session.get_one(AuditEvent, word.event_id).subject_ref == user.ref


def test_whoever_is_no_admin_there_changes_nothing(turn, row):
    before = events()
    for name in ("Rita", "Uli"):
        assert [reason.id for reason in turn(Wish(False), actor=name)[0].blocking] == ["not-yours"]
    with writing():
        row("Ada").admin = False
    assert not turn(Wish(False))[0].allowed
    assert (words(), events()) == ({}, before)


def test_refs_of_others_select_nobody(turn, people):
    chosen = Choice(refs=(people["Mia"].ref, people["Uli"].ref))
    assert turn(Wish(False), chosen, shown=1)[1:] == (1, 0)
    assert words() == {"Uli": (False, 1)}


@pytest.mark.parametrize(("shown", "left"), [(4, 0), (6, 2)])
def test_who_is_not_there_any_more_is_counted(turn, shown, left):
    assert turn(Wish(False), shown=shown)[1:] == (4, left)


def test_more_than_were_shown_is_refused(turn):
    before = events()
    with pytest.raises(Changed):
        turn(Wish(False), shown=3)
    assert (words(), events()) == ({}, before)


def test_a_failure_in_the_middle_leaves_nothing_behind(turn, monkeypatch):
    before = events()
    monkeypatch.setattr(bulk, "_word", lambda *given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        turn(Wish(False))
    assert (words(), events()) == ({}, before)
