"""The sentences after Undo say what was undone, what stays as it is, and who is in between."""

import pytest

from portal.blueprints.admin.undo_words import left_users_in_words, stopped_texts_in_words, undone_in_words
from portal.models import UndoKind
from portal.rules.switches import Level
from portal.services.audit import EventSubject
from portal.services.refusals import Clash
from portal.services.toggles.preview import setting_word
from portal.services.toggles.toggle import SettingValue
from portal.services.undo.results import Undone, UndoResult

SETTINGS = [SettingValue(None), SettingValue(True), SettingValue(False), SettingValue(True, locked=True),
            SettingValue(False, locked=True)]

CAN_SIGN_IN = "Undone. Sam Baker can sign in again. Sessions and links that were ended stay ended."
CLOSED = "Undone. Sam Baker is deactivated and signed out again."
WAITS = "Undone. Sam Baker can text with +1 416 555 0101 again once the provider has confirmed it."
LATE = "Nothing was undone: this can be undone for ten minutes only. Change it here instead."


@pytest.fixture(autouse=True)
def _request(app):
    with app.test_request_context("/"):
        yield


def undone(result=UndoResult.DONE, kind=UndoKind.ACCOUNT, level="user", **more):
    return Undone(result, kind, EventSubject(level, 1, "ref", "Sam Baker"), **more)


@pytest.mark.parametrize(("level", "setting"), [
    (level, setting) for level in Level for setting in SETTINGS if level is not Level.USER or not setting.locked])
def test_there_is_a_sentence_for_every_setting(level, setting):
    said = undone_in_words(undone(kind=UndoKind.TEXTING, level=level.value, now=setting_word(setting)))
    assert said.startswith("Undone. ")
    assert "Sam Baker" in said


@pytest.mark.parametrize(("more", "said"), [
    ({"now": "active"}, CAN_SIGN_IN),
    ({"now": "active", "stopped": 2}, f"{CAN_SIGN_IN} 2 texts that were stopped stay stopped."),
    ({"now": "active", "member": "Ben"}, f"{CAN_SIGN_IN} Ben does not answer for Sam Baker any more."),
    ({"now": "invited"}, "Undone. Sam Baker is active again. Links that were ended stay ended: create a new one."),
    ({"now": "deactivated", "member": "Ben"}, f"{CLOSED} Ben answers for Sam Baker again."),
])
def test_an_account(more, said):
    assert undone_in_words(undone(**more)) == said


@pytest.mark.parametrize(("more", "said"), [
    ({}, "Undone. Sam Baker has no number again."),
    ({"now": "+14165550101"}, "Undone. Sam Baker has the number +1 416 555 0101 again."),
    ({"now": "+14165550101", "waits": True}, WAITS),
])
def test_a_number(more, said):
    assert undone_in_words(undone(kind=UndoKind.NUMBER, **more)) == said


@pytest.mark.parametrize(("answer", "said"), [
    (undone(UndoResult.TOO_LATE), LATE),
    (undone(UndoResult.DONE_BEFORE, by="Ada Keller"), "Nothing more was done: Ada Keller has undone this already."),
    (undone(UndoResult.CHANGED_SINCE), "Nothing was undone: this has been changed since."),
    (undone(UndoResult.CHANGED_SINCE, left=("A", "B")),
     "Nothing was undone. Left as others have set them since: A and B."),
    (undone(UndoResult.REFUSED, clash=Clash("number", "%(holder)s has it.", holder="Ben")),
     "This cannot be undone. Ben has it."),
])
def test_nothing_was_undone(answer, said):
    assert undone_in_words(answer) == said


def test_few_are_named_and_many_counted():
    assert left_users_in_words([]) == stopped_texts_in_words(0) == ""
    assert left_users_in_words(list("ABCDEFG")) == "Left as others have set them since: A, B, C, D, E and 2 more."
    assert stopped_texts_in_words(1) == "1 text that was stopped stays stopped."
