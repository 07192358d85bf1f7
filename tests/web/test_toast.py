"""What is told on the next page keeps its tone and its Undo; words from elsewhere are something done."""

import pytest
from flask import flash

from portal.web.toast import Toast, Tone, list_toasts, tell_next_page


@pytest.fixture
def told(app):
    """A request of a page that was left something to tell."""
    with app.test_request_context("/"):
        yield


@pytest.mark.usefixtures("told")
def test_a_page_tells_what_it_was_left():
    tell_next_page("Saved.", undo="abc")
    tell_next_page("Choose one first.", Tone.NOTHING)
    tell_next_page("Not possible.", Tone.REFUSED)
    flash("Anything else.")
    assert list_toasts() == [Toast("Saved.", "done", "abc"), Toast("Choose one first.", "warn"),
                             Toast("Not possible.", "block"), Toast("Anything else.", "done")]


@pytest.mark.usefixtures("told")
def test_what_is_no_sentence_is_not_told():
    flash({"no": "sentence"})
    assert list_toasts() == []
