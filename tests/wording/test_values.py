"""Values in sentences: what is a word of ours stands where no language has to bend it."""

import re

import pytest

from portal.rules.switches import EffectiveSetting, Level
from portal.wording import deciding_level_in_words
from portal.wording.cases import evidence_in_words

from . import catalogs

# Placeholders that print nouns or phrases of ours, which have cases and genders.
OURS = ("because|category|cause|consent|country|effect|kind|level|now|pstn|restraint|state|type|wait|was|whom|why")
# Prepositions and articles after which a noun changes, in each language.
BENDING = {
    "de": "an|am|auf|aus|bei|dem|den|der|des|durch|für|im|in|mit|nach|seit|unter|von|vom|wegen|zu|zum|zur",
    "fr": "à|au|aux|cause de|dans|de|des|du|en|la|le|les|par|pour|sur",
    "pl": "dla|do|na|o|od|po|przez|przy|u|w|we|z|za|ze|z powodu",
}


@pytest.mark.parametrize("locale", catalogs.LOCALES)
def test_no_word_of_ours_follows_a_preposition(locale):
    """Write "Reason: %(cause)s" or one sentence for each: "wegen Betrug" and "z powodu oszustwo" are wrong."""
    bent = re.compile(rf"\b({BENDING[locale]}) %\(({OURS})\)s")
    assert [said for one in catalogs.known_catalog(locale) if one.id
            for said in (one.string if isinstance(one.string, tuple) else (one.string,)) if bent.search(said)] == []


@pytest.mark.parametrize(("level", "locked", "said"), [
    (Level.USER, False, "set for this user"), (Level.USER, True, "set for this user, locked"),
    (Level.LOCATION, False, "set by Halifax"), (Level.LOCATION, True, "set by Halifax, locked"),
    (Level.ORGANIZATION, True, "set by the organization, locked"), (None, False, "nobody has turned it on yet"),
])
def test_who_set_what_counts(app, level, locked, said):
    with app.test_request_context():
        assert deciding_level_in_words(EffectiveSetting(True, level, locked=locked), "Halifax") == said


@pytest.mark.parametrize(("counted", "said"), [
    ((0, 0, 0, 0, 0), "The sent log holds no text of this wording any more."),
    ((1, 1, 1, 0, 0), ("1 such text was sent. 1 person got it. All within 1 hour. Nobody who got it reported it."
                      " Nobody replied STOP.")),
    ((1400, 1, 2, 3, 1), ("1,400 such texts were sent. 1 person got it. All within 2 hours. 3 people reported it."
                         " 1 person replied STOP.")),
])
def test_each_number_of_the_sent_log_has_its_sentence(app, counted, said):
    texts, recipients, hours, reported, stopped = counted
    with app.test_request_context():
        assert evidence_in_words(texts, recipients, hours, stopped, reported) == said
