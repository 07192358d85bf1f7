"""Every rule that can stop or hold a text says so under it, in few words."""

import pytest

from portal.rules import BY_ID, RULES, Act, Effect
from portal.wording import line_reasons
from portal.wording.line_reasons import LINE_REASONS, begin_sentence, line_reasons_in_words

# These only warn before a text is sent, or are never kept with it.
NEVER_KEPT = {"number-leaving", "web-asked", "first-contact", "unknown-area-code", "short-link", "web-request-waits"}


@pytest.fixture(autouse=True)
def reading(app):
    """Somebody reads, so that sentences have a language."""
    with app.test_request_context():
        yield


def test_every_rule_about_sending_has_its_words():
    sending = {rule.id for rule in RULES if Act.SEND in rule.acts}
    assert set(LINE_REASONS) == sending - NEVER_KEPT
    assert all(BY_ID[one].effect is Effect.WARN or BY_ID[one].untold for one in NEVER_KEPT)


@pytest.mark.parametrize("said", LINE_REASONS.values())
def test_they_go_on_after_a_colon(said):
    assert (said[0], said[-1]) == (said[0].lower(), ".")
    assert len(said) < 90


def test_another_rule_is_told_by_its_general_sentence():
    (one,) = line_reasons_in_words(["inbound-mms"])
    assert one == ("inbound-mms", BY_ID["inbound-mms"].limitation)
    assert line_reasons_in_words(["a rule that is gone"]) == []
    assert line_reasons.line_reasons_in_words(["opted-out"]) == [
        ("opted-out", "they opted out. They can undo it by texting START.")]


def test_a_sentence_begins_with_a_capital():
    assert (begin_sentence("it is so."), begin_sentence(""), begin_sentence("été")) == ("It is so.", "", "Été")
