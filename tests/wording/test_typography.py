"""Each language has its own quotation marks and spaces, and its translations keep to them."""

import re

import pytest

from . import catalogs

CATALOGS = {locale: catalogs.known_catalog(locale) for locale in catalogs.LOCALES}
TAGS = re.compile(r"<[^>]+>")
# By language: what opens and what closes, and the marks of others.
QUOTES = {"de": ("„", "“", '"”«»‚’'), "pl": ("„", "”", '"“«»‚’'), "fr": ("«\u00a0", "\u00a0»", '"„“”‚’')}
# A sign that stands for itself in French, in guillemets or as code, is no punctuation.
FRENCH_SIGNS = re.compile("«\u00a0[?!;:]\u00a0»|\\?token=")


def sentences(locale):
    for one in CATALOGS[locale]:
        for said in (one.string if isinstance(one.string, tuple) else (one.string,)) if one.id else ():
            yield TAGS.sub("", said)


@pytest.mark.parametrize("locale", catalogs.LOCALES)
def test_quotation_marks_are_those_of_the_language(locale):
    opens, closes, foreign = QUOTES[locale]
    assert [said for said in sentences(locale) if set(said) & set(foreign)] == []
    assert [said for said in sentences(locale) if said.count(opens) != said.count(closes)] == []
    assert [said for said in sentences(locale) if re.search(r"(?<!\w)'[^']+'(?!\w)", said)] == []


def test_french_guillemets_keep_their_spaces():
    """A no-break space inside each: neither is left alone at the end of a line."""
    wrong = [said for said in sentences("fr") if re.search("«(?!\u00a0)|(?<!\u00a0)»", said)]
    assert wrong == []


def test_french_of_canada_sets_a_space_before_a_colon_only():
    """So the Office québécois de la langue française writes it: « Raison : … », but « Pourquoi? »."""
    told = [FRENCH_SIGNS.sub("", said) for said in sentences("fr")]
    assert [said for said in told if re.search(r"(?<![\u00a0\d]):(?!//)", said)] == []
    assert [said for said in told if re.search(r"[\u00a0\u202f ][;!?]", said)] == []


@pytest.mark.parametrize("locale", catalogs.LOCALES)
def test_no_language_sets_spaces_twice_or_dots_for_an_ellipsis(locale):
    assert [said for said in sentences(locale) if "  " in said or "..." in said] == []


@pytest.mark.parametrize("locale", ["de", "pl"])
def test_no_space_stands_before_a_sign(locale):
    assert [said for said in sentences(locale) if re.search(r"[\u00a0 ][;:!?,](?!\S)", said)] == []


def test_no_line_of_polish_ends_within_sms_or_email():
    """“SMS-” at the end of a line and “ów” on the next: the catalogs hold a no-break hyphen."""
    assert [said for said in sentences("pl") if catalogs.TORN["pl"].search(said)] == []
    assert [said for said in sentences("pl") if "SMS\u2011ów" in said]


@pytest.mark.parametrize(("english", "locale", "space"), [("10 MB", "fr", "10\u00a0Mo"), ("10 MB", "de", "10\u00a0MB")])
def test_a_number_and_its_unit_stay_together(english, locale, space):
    told = [one for one in CATALOGS[locale] if one.id and english in str(one.id)]
    assert told
    assert all(space in one.string for one in told)


def test_a_colon_belongs_to_a_sentence():
    """French sets a space before it: no page and no function puts one behind a value, "%(label)s: %(value)s" does."""
    glued = {".html": re.compile(r"([%}]\}|</(a|strong|bdi)>):\s|\{\{ \": ?\"|else \": ?\""),
             ".py": re.compile(r"f\"[^\"]*gettext\([^\"]*\}: ")}
    shown = [path for folder in ("templates", "wording", "blueprints", "web")
             for path in (catalogs.PORTAL / folder).rglob("*.*")]
    assert [path.name for path in shown
            if path.suffix in glued and glued[path.suffix].search(path.read_text(encoding="utf-8"))] == []
