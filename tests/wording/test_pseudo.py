"""The pseudo-locale itself: what it does to a sentence, and that a word outside its brackets is seen."""

import inspect
from functools import lru_cache
from importlib import import_module
from pathlib import Path

import pytest

import portal
from portal.web import kept_parts, public_pages

from .bare_words import Data, bare_words_of_page
from .pseudo import KEPT_WORDS, english, pseudo, translations

# What @cache and @lru_cache make of a function.
CACHED = type(lru_cache(len))
DATA = Data(["Ada Keller", "Maple Clinic"])


@pytest.mark.parametrize(("sentence", "shown"), [
    ("Save", "⟦Save~~⟧"), ("%(name)s is off.", "%(name)s⟦ is~ off~~.⟧"), (" Hello ", " ⟦Hello~~⟧ "),
    ('Read <a href="%(rules)s">it</a>', '⟦Read~~ <a href="%(rules)s">it~</a>⟧'), ("%(a)s", "%(a)s"),
    ("100%%", "⟦100%%⟧"),
])
def test_what_becomes_of_a_sentence(sentence, shown):
    assert pseudo(sentence) == shown
    assert english(shown) == sentence


def test_it_is_about_40_percent_longer():
    told = "People who opted out in another system must get no texts from here."
    assert 1.3 < len(pseudo(told)) / len(told) < 1.7


def test_all_plural_forms_and_contexts_are_there():
    held = translations()
    one, more = "%(num)s more row is not shown.", "%(num)s more rows are not shown."
    assert [held.ungettext(one, more, count) for count in (1, 2, 5, 22, 112)] == [pseudo(one), *[pseudo(more)] * 4]
    assert held.upgettext("campaign", "active") == "⟦active~~~⟧"


@pytest.mark.parametrize(("page", "found"), [
    ("<p>⟦Hello~~⟧ Ada Keller</p>", []), ("<p>⟦Hello~~⟧ dear Ada Keller</p>", ["dear Ada Keller"]),
    ("<p>Ada <b>Keller</b> ⟦is⟧</p>", []), ("<p>Adam Keller</p>", ["Adam Keller"]), ("<p>⟦Read <a>the⟧</a></p>", []),
    ("<p>⟦Read</p>", ["a bracket is missing: ⟦Read"]), ('<p lang="en">Number</p>', []), ("<code>ON</code>", []),
    ('<img alt="A house">', ["A house"]), ('<input type="submit" value="Go">', ["Go"]), ('<input value="typed">', []),
    ('<select><option>All</option></select>', ["All"]), ('<a title="More" aria-label="⟦More⟧">1</a>', ["More"]),
    ("<title>⟦Users⟧ · Business Texting</title>", []), ('<meta name="description" content="Texts">', ["Texts"]),
    ('<input placeholder="Name">', ["Name"]), ("<p>29 ⟦gru⟧ 2026, 14:03</p>", []),
])
def test_what_stands_outside_is_found(page, found):
    assert bare_words_of_page(page, DATA) == found


def caches_of_locales():
    """Every function of the portal that keeps what it has found for a locale or a language."""
    home = Path(portal.__file__).parent
    for path in home.rglob("*.py"):
        if "migrations" in path.parts:
            continue
        module = import_module(".".join(path.relative_to(home.parent).with_suffix("").parts).removesuffix(".__init__"))
        for kept in vars(module).values():
            if type(kept) is CACHED and kept.__module__ == module.__name__ and any(
                    word in str(one).lower() for one in inspect.signature(kept).parameters.values()
                    for word in ("locale", "language")):
                yield kept


def test_whatever_is_kept_for_a_language_is_forgotten_with_it():
    """Otherwise words of the one language stand on pages of the other, and tests depend on their order."""
    forgotten = {*KEPT_WORDS, public_pages._make_once, kept_parts._write_once, kept_parts._write_recent}
    found = set(caches_of_locales())
    assert found - forgotten == set()
    assert found
