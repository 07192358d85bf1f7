"""One English word for two things: each is translated by where it stands."""

import pytest
from flask import render_template_string
from flask_babel import force_locale, gettext, lazy_gettext, pgettext

from portal.marks import NP_, PlacedSentence

from . import catalogs

CATALOGS = {locale: catalogs.known_catalog(locale) for locale in catalogs.LOCALES}
PLACED = [one for one in catalogs.known_sentences() if one.context]


def test_a_marked_sentence_is_english_with_its_context():
    marked = NP_("campaign", "active")
    assert (marked, marked.context, type(marked)) == ("active", "campaign", PlacedSentence)


def test_a_context_is_heeded_in_code_and_in_templates(app):
    """The marked sentence says it by itself: whoever translates a table need not know which rows have a context."""
    account, campaign = NP_("account", "active"), NP_("campaign", "active")
    with app.test_request_context(), force_locale("pl"):
        said = [str(translate(one)) for translate in (gettext, lazy_gettext) for one in (account, campaign)]
        shown = render_template_string("{{ _(account) }} {{ _(campaign) }}", account=account, campaign=campaign)
        assert said == ["aktywne", "aktywna"] * 2
        assert shown == "aktywne aktywna"
        assert pgettext("campaign", "active") == "aktywna"
    with app.test_request_context(), force_locale("en"):
        assert (gettext(account), pgettext("campaign", "active")) == ("active", "active")


def test_values_are_put_into_a_sentence_with_a_context(app):
    with app.test_request_context(), force_locale("en"):
        assert gettext(NP_("a way", "To %(place)s"), place="Rome") == "To Rome"


@pytest.mark.parametrize("one", PLACED, ids=lambda one: f"{one.context}: {one.id}")
def test_a_context_makes_a_difference(one):
    """Else it is one to remove: a sentence is said otherwise, in one language at least, than in its other places."""
    others = [each for each in CATALOGS["pl"] if each.id == one.id and each.context != one.context]
    assert others
    assert any(CATALOGS[locale].get(one.id, one.context).string != CATALOGS[locale].get(other.id, other.context).string
               for locale in catalogs.LOCALES for other in others)
