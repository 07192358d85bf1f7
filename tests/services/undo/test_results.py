"""The answer says one thing, and nothing by itself."""

from portal.models import UndoKind
from portal.services.audit import EventSubject
from portal.services.undo.results import Undone, UndoResult


def test_an_answer_says_only_what_it_was_given():
    answer = Undone(UndoResult.DONE, UndoKind.ROLE, EventSubject("user", 1, "ref", "Uli Brandt"))
    assert (answer.since, answer.by, answer.decision, answer.clash, answer.now) == (None, "", None, None, "")
    assert (answer.stopped, answer.many, answer.left) == (0, 0, ())


def test_the_results_are_told_apart():
    assert len(set(UndoResult)) == 5
