"""What the portal says in a language, by the English words: tests name things in English, and follow the catalogs."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from portal.wording.languages import locale_of_language
from tests.wording.catalogs import read_catalog

# Stands for what is not known before: "*, case *".
ANY = "*"
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
# Without a word of its own a sentence, such as "%(day)s, %(time)s", is not told from what people have written.
WORD = re.compile(r"[^\W\d_]{3,}")

Said = Callable[[str], "str | re.Pattern[str]"]


@dataclass(frozen=True)
class Sentence:
    """An English sentence, and all forms in which a language says it."""

    english: str
    forms: tuple[str, ...]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return pattern_of_form(self.english)

    @cached_property
    def patterns(self) -> tuple[re.Pattern[str], ...]:
        """Of what the language says."""
        return tuple(map(pattern_of_form, self.forms))

    @cached_property
    def pieces(self) -> tuple[str, ...]:
        """What stands between the values; nothing where no word of the sentence's own does."""
        pieces = tuple(piece.replace("%%", "%") for piece in PLACEHOLDER.split(self.english)[::2])
        return pieces if WORD.search(" ".join(pieces)) else ()

    @cached_property
    def longest(self) -> str:
        return max(self.pieces, key=len, default=self.english)

    def is_said_by(self, words: str) -> bool:
        """Whether these English words are this sentence, with whatever values."""
        return self.english == words or (bool(self.pieces) and bool(self.pattern.fullmatch(words)))


def pattern_of_form(form: str) -> re.Pattern[str]:
    """What a sentence reads like, whatever its values are; one that stands there twice is the same both times."""
    pattern = re.escape(form.replace("%%", "%"))
    for name in PLACEHOLDER.findall(form):
        place = re.escape(f"%({name})s")
        pattern = pattern.replace(place, f"(?P<{name}>.+?)", 1).replace(place, f"(?P={name})")
    return re.compile(pattern)


@lru_cache
def list_sentences(language: str) -> tuple[Sentence, ...]:
    """The sentences of a language, those first of which most is fixed; both English forms of one with a count.

    None for English, which says what the tests say.
    """
    catalog = () if language == "en" else read_catalog(language)
    found = [Sentence(english, tuple(all_of(one.string))) for one in catalog if one.id for english in all_of(one.id)]
    return tuple(sorted(found, key=lambda sentence: -sum(map(len, sentence.pieces))))


def all_of(forms: str | Iterable[str]) -> Iterable[str]:
    return (forms,) if isinstance(forms, str) else forms


def say_in(language: str) -> Said:
    """`said = say_in("de")`; `said("Turn off")` is the name of a button, and `said("Select Uli Brandt")` of a box.

    What is no sentence of the portal stays as it is, such as the name of a person. A pattern comes back where there
    is `ANY`, or where only the catalog knows which form of a count is meant.
    """
    def said(english: str) -> str | re.Pattern[str]:
        forms = sorted(set(list_forms(language, english)))
        if len(forms) == 1 and ANY not in forms[0]:
            return forms[0]
        return re.compile("^(?:" + "|".join(map(pattern_for_browser, forms)) + ")$")
    return said


def pattern_for_browser(form: str) -> str:
    """A browser gives back a space for one that does not break."""
    return r"\s+".join(re.escape(word).replace(re.escape(ANY), ".*") for word in form.split())


def list_forms(language: str, english: str) -> Iterator[str]:
    """The forms in which a language says this."""
    whole = [form for one in list_sentences(language) if one.english == english for form in one.forms]
    if whole:
        yield from whole
        return
    matched = [(one, match) for one in list_sentences(language)
               if one.pieces and (match := one.pattern.fullmatch(english))]
    for one, match in matched:
        # "For %(name)s" and "For %(organization)s" are two sentences to translate, and one to read.
        if one.pieces == matched[0][0].pieces:
            own = {name: next(list_forms(language, value)) for name, value in match.groupdict().items()}
            yield from (form % own for form in one.forms)
    if not matched:
        yield english


def locale_of_browser(language: str) -> str:
    """As a browser names it: "fr-CA"."""
    return locale_of_language(language).replace("_", "-")
