"""Which texts have one wording: to find the text that a report quotes, and other senders of the same text.

Pure: it takes texts and returns answers, and neither keeps nor logs them. The limits were measured;
docs/spam-matching.md says how to measure them again.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import dropwhile

import phonenumbers
from phonenumbers import Leniency, PhoneNumberFormat, PhoneNumberMatcher
from rapidfuzz import fuzz, process

from portal.rules.texts import SHORTENERS, hash_of_template, template_of_text

from .reported_words import LOOKALIKES, WordBudget, is_part_of_text
from .reported_words import words_of_report as _words

# Characters: a wording shorter than the first is like no other but an equal one; below the second the limit is higher.
SHORTEST_WORDING, SHORT = 25, 60
LIMIT_SHORT, LIMIT = 86.0, 78.0

_DIGITS = str.maketrans("013457", "oieast")
_DIGIT_IN_WORD = re.compile(r"(?<=[^\W\d_])[013457]{1,2}(?=[^\W\d_])")

# Hosts under which many people publish: two texts that link to one of these need not come from one sender.
_EVERYBODYS = SHORTENERS | {
    "google.com", "goo.gl", "forms.gle", "g.co", "youtube.com", "youtu.be", "facebook.com", "fb.com", "fb.me", "m.me",
    "instagram.com", "x.com", "twitter.com", "tiktok.com", "linkedin.com", "whatsapp.com", "wa.me", "t.me",
    "telegram.me", "apple.com", "microsoft.com", "office.com", "live.com", "sharepoint.com", "dropbox.com", "zoom.us",
    "webex.com", "amazon.com", "amazon.ca", "ebay.com", "paypal.com", "paypal.me", "yelp.com", "linktr.ee",
    "eventbrite.com", "docusign.net", "calendly.com", "surveymonkey.com", "canada.ca", "usps.com", "ups.com",
    "fedex.com", "gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com", "aol.com", "wikipedia.org",
}
# Stricter than the pattern for the wording: "Ok.so" is a typing error unless something else shows that it is a link.
_HOST = re.compile(
    r"(?<![\w.-])(?P<sure>(?:https?://)?(?:www\.)?)(?P<host>(?:[\w-]{1,63}\.){1,8}(?P<top>[^\W\d_]{2,24}))"
                   r"(?![\w-])(?::\d{1,5})?(?P<path>/\w\S*)?", re.IGNORECASE)
# Top-level domains that do not arise when a writer leaves out the space after a period.
_TOPS = frozenset({
    "com", "net", "org", "info", "biz", "ca", "uk", "eu", "de", "fr", "pl", "au", "io", "app", "dev", "xyz", "icu",
    "mobi", "tv", "edu", "gov", "example",
})
# The search for numbers takes longer with every digit, and no text that people read has so many.
MOST_DIGITS = 300
_MANY_DIGITS = re.compile(r"(?:\d[^\w\n]{0,3}){10}|\+\d")


class Likeness(StrEnum):
    """Why two texts belong together, the strongest reason first."""

    SAME = "same"
    ALIKE = "alike"
    LINKED = "linked"


@dataclass(frozen=True, slots=True)
class TextTraits:
    """The parts of a text that a comparison needs.

    `template` is the wording with look-alike letters folded. `hash` is that of the wording as written; every sent
    text is stored with it. `hosts` are the hosts of its links, without those of many publishers. `numbers` are the
    call-back numbers in E.164.
    """

    template: str
    hash: str
    hosts: frozenset[str]
    numbers: frozenset[str]


def _folded(body: str) -> str:
    plain = unicodedata.normalize("NFKD", body).translate(LOOKALIKES)
    return template_of_text(_DIGIT_IN_WORD.sub(lambda match: match[0].translate(_DIGITS), plain))


def _everybodys(host: str) -> bool:
    return host in _EVERYBODYS or any(host.endswith("." + known) for known in _EVERYBODYS)


def _hosts(body: str) -> Iterator[str]:
    for match in _HOST.finditer(body):
        if match["sure"] or match["path"] or match["top"].lower() in _TOPS:
            yield match["host"].casefold()


def _numbers(body: str, region: str) -> Iterator[str]:
    # The matcher is slow, and most texts hold no number.
    if _MANY_DIGITS.search(body) and sum(map(str.isdigit, body)) <= MOST_DIGITS:
        for match in PhoneNumberMatcher(body, region, leniency=Leniency.VALID):
            yield phonenumbers.format_number(match.number, PhoneNumberFormat.E164)


def traits_of_text(body: str, region: str = "US") -> TextTraits:
    """The traits of a text, for `likeness_of_texts` and the others.

    `region` is the country (two letters) whose numbers may stand without their country code. Short codes are no
    call-back numbers, and a text with more than 300 digits has none. Takes any text, also an empty one; never raises.
    """
    plain = "".join(char for char in unicodedata.normalize("NFKC", body) if unicodedata.category(char) != "Cf")
    hosts = frozenset(host for host in _hosts(plain) if not _everybodys(host))
    return TextTraits(_folded(body), hash_of_template(body), hosts, frozenset(_numbers(plain, region)))


def _limit(*templates: str) -> float:
    """How alike two wordings must be, in percent; it depends on the length of the shorter one."""
    length = min(map(len, templates))
    if length < SHORTEST_WORDING:
        return 100.0
    return LIMIT_SHORT if length < SHORT else LIMIT


def _wording(text: TextTraits) -> bool:
    """Whether a text has words: texts of links and numbers alone all have the same wording."""
    return any(char.isalpha() for char in text.template.replace("(link)", ""))


def _given(one: TextTraits, other: TextTraits, ratio: float) -> Likeness | None:
    """The likeness of two texts; `ratio` is how alike their wordings are, in percent."""
    if one.hash == other.hash and _wording(one):
        return Likeness.SAME
    if ratio >= _limit(one.template, other.template) and _wording(one):
        return Likeness.ALIKE
    apart = one.hosts.isdisjoint(other.hosts) and one.numbers.isdisjoint(other.numbers)
    return None if apart else Likeness.LINKED


def likeness_of_texts(one: TextTraits, other: TextTraits) -> Likeness | None:
    """Why two texts belong together; None if they do not.

    SAME: one wording, with other numbers and links perhaps. ALIKE: nearly one wording. LINKED: other words, but a
    link to the same host, or the same call-back number. Two texts without words are never SAME or ALIKE.
    """
    return _given(one, other, fuzz.ratio(one.template, other.template))


def find_similar_texts(one: TextTraits, others: Sequence[TextTraits]) -> list[tuple[int, Likeness]]:
    """Which of many texts belong to one text: (index into `others`, why), in the order of `others`.

    Quick: 5,000 texts take some hundredths of a second, because wordings whose lengths differ much are skipped.
    """
    near = process.extract_iter(one.template, [other.template for other in others], scorer=fuzz.ratio,
                                score_cutoff=LIMIT)
    ratios = {index: ratio for _, ratio, index in near}
    answers = ((index, _given(one, other, ratios.get(index, 0.0))) for index, other in enumerate(others))
    return [(index, why) for index, why in answers if why]


def group_similar_texts(texts: Sequence[str], region: str = "US") -> list[list[int]]:
    """Group texts that belong together: lists of indexes into `texts`, in order; a text without another is a group too.

    A chain counts: if A belongs to B and B to C, the three are one group.
    """
    known = [traits_of_text(text, region) for text in texts]
    parents = list(range(len(known)))

    def root(index: int) -> int:
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    for index, one in enumerate(known):
        for earlier, _ in find_similar_texts(one, known[:index]):
            parents[root(index)] = root(earlier)
    groups: dict[int, list[int]] = {}
    for index in range(len(known)):
        groups.setdefault(root(index), []).append(index)
    return list(groups.values())


# --- the text that a report quotes -------------------------------------------

_FORWARDED = frozenset({"fwd", "fw", "re"})


def may_quote_text(reported: str, sent: str, budget: WordBudget | None = None) -> bool:
    """Whether the text that a reporter typed or pasted may be a text that was sent, or a part of it.

    Punctuation, capitals, accents, line breaks and look-alike letters do not count. A part has at least 15
    characters; one word in four may be misspelled or missing; a remark before or after it may be half as long as
    the part. A short text must be quoted in full. True means that it may be: the caller compares sender, recipient
    and time. If the budget is too small for a comparison word by word, the answer is False.
    """
    typed, words = _words(reported), _words(sent)
    if not typed or not words:
        return bool(sent.strip()) and _folded(reported) == _folded(sent)
    said = list(dropwhile(_FORWARDED.__contains__, typed))
    return words in (typed, said) or is_part_of_text(said, words, budget)
