"""One voice: every sentence says who did it, what it means and what to press; none is a record or in old words."""

import pytest

from tests.blueprints.reader import Seen, words
from tests.security.maple import walk
from tests.security.table import WHO
from tests.sentences import every_sentence
from tests.wording.voice import broken_rules_of

# What stands together on a page and is read in one breath.
BLOCKS = ("p", "li", "dd", "td", "th", "h1", "h2", "h3", "summary", "legend", "label", "button", "option")
# What people typed.
TYPED = ("bdi", "textarea", "pre", "code")
# It shows the texts that the portal sends by itself, which have the carriers' style.
SPEAKING_OTHERWISE = {"/admin/locations/<ref>/answers"}


@pytest.fixture(scope="module")
def sentences():
    return list(every_sentence())


def test_sentences_are_found(sentences):
    assert len(sentences) > 2_000
    places = {where.partition(":")[0].partition("/")[0] for where, _said in sentences}
    assert {"blueprints", "cli.py", "rules", "services", "templates", "web", "wording"} <= places


def test_every_sentence_has_the_voice(sentences):
    broken = [f"{where} {name}: {said}" for where, said in sentences for name in broken_rules_of(said)]
    assert broken == []


def blocks_of(tree):
    """The texts of the smallest blocks of a page, without what people typed."""
    for element in tree.iter(*BLOCKS):
        typed = [*element.iter(*TYPED)]
        within = [one for one in element.iter(*BLOCKS) if one is not element]
        if not typed and not within:
            yield words(element)


@pytest.mark.parametrize("who", WHO)
def test_every_page_has_the_voice(app, browse, who):
    """Sentences that a page puts together out of several are caught here."""
    broken = {f"{rule} {name}: {said}" for rule, answer in walk(app, browse, who).items()
              if answer.mimetype == "text/html" and answer.text and rule not in SPEAKING_OTHERWISE
              for said in blocks_of(Seen(answer).tree) for name in broken_rules_of(said)}
    assert broken == set()


@pytest.mark.parametrize(("name", "said"), [
    ("record", "Texting is off. Decided at: user. Locked: no."),
    ("record", "Added: %(created)s. Changed: %(changed)s."),
    ("record", "It counts. Number: %(number)s. Reason: %(reason)s"),
    ("yes or no", "Locked: no. "),
    ("whoever", "Whoever has it can read."), ("somebody", "Somebody's number"), ("in the way", "It is in the way."),
    ("meanwhile", "It has changed meanwhile."), ("switch", "Switch texting on"), ("switch", "It is switched off."),
    ("enable", "Enable it"), ("throttle", "They are throttled."), ("slowed down", "Texts are slowed down."),
])
def test_what_is_refused(name, said):
    assert name in broken_rules_of(said)


@pytest.mark.parametrize("said", [
    "Enable Business Texting for all users at all locations", "Not sent: they opted out. Only they can undo it.",
    "Ada Keller turned texting on for Toronto (was: organization default).", "The switch shows what is true.",
    "This is known. Reason: %(reason)s", "An example: by phone. On a form.",
])
def test_what_is_not(said):
    assert broken_rules_of(said) == []
