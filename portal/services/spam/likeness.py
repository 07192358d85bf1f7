"""Which texts are one wording: what a report quotes, and who else sends the same.

Pure: it gets texts and gives answers, and neither keeps nor logs them. The limits come from measuring
(docs/spam-matching.md says how to repeat it).
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

# Wordings below the first length are alike only when they are equal; short ones need more than long ones.
SHORTEST_WORDING, SHORT = 25, 60
LIMIT_SHORT, LIMIT = 86.0, 78.0

_DIGITS = str.maketrans("013457", "oieast")
_DIGIT_IN_WORD = re.compile(r"(?<=[^\W\d_])[013457]{1,2}(?=[^\W\d_])")

# A shared link says nothing where everybody's links lead: what stands under one of these is somebody else's.
_EVERYBODYS = SHORTENERS | {
    "google.com", "goo.gl", "forms.gle", "g.co", "youtube.com", "youtu.be", "facebook.com", "fb.com", "fb.me", "m.me",
    "instagram.com", "x.com", "twitter.com", "tiktok.com", "linkedin.com", "whatsapp.com", "wa.me", "t.me",
    "telegram.me", "apple.com", "microsoft.com", "office.com", "live.com", "sharepoint.com", "dropbox.com", "zoom.us",
    "webex.com", "amazon.com", "amazon.ca", "ebay.com", "paypal.com", "paypal.me", "yelp.com", "linktr.ee",
    "eventbrite.com", "docusign.net", "calendly.com", "surveymonkey.com", "canada.ca", "usps.com", "ups.com",
    "fedex.com", "gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com", "aol.com", "wikipedia.org",
}
# Stricter than what a wording leaves out: "Ok.so" is a slip of the thumb unless something says that it is a link.
_HOST = re.compile(
    r"(?<![\w.-])(?P<sure>(?:https?://)?(?:www\.)?)(?P<host>(?:[\w-]{1,63}\.){1,8}(?P<top>[^\W\d_]{2,24}))"
                   r"(?![\w-])(?::\d{1,5})?(?P<path>/\w\S*)?", re.IGNORECASE)
# Endings that nobody types by leaving out the space after a full stop.
_TOPS = frozenset({
    "com", "net", "org", "info", "biz", "ca", "uk", "eu", "de", "fr", "pl", "au", "io", "app", "dev", "xyz", "icu",
    "mobi", "tv", "edu", "gov", "example",
})
# What looks for numbers takes the longer the more digits there are; no text that people read has so many.
MOST_DIGITS = 300
_MANY_DIGITS = re.compile(r"(?:\d[^\w\n]{0,3}){10}|\+\d")


class Likeness(StrEnum):
    """Why two texts belong together, the strongest first."""

    SAME = "same"
    ALIKE = "alike"
    LINKED = "linked"


@dataclass(frozen=True, slots=True)
class TextTraits:
    """A text as far as comparing needs it.

    `template` is the wording with look-alike letters folded; `hash` is the one that is stored with every sent
    text, of the wording as it stands; `hosts` are where links lead, without everybody's; `numbers` are the
    call-back numbers in E.164 form.
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
    """What comparing needs of a text.

    `region` is the country (two letters) whose numbers may stand without their country code. Short codes are no
    call-back numbers, and a text with more than 300 digits has none. Takes any text, also an empty one, and raises
    nothing.
    """
    plain = "".join(char for char in unicodedata.normalize("NFKC", body) if unicodedata.category(char) != "Cf")
    hosts = frozenset(host for host in _hosts(plain) if not _everybodys(host))
    return TextTraits(_folded(body), hash_of_template(body), hosts, frozenset(_numbers(plain, region)))


def _limit(*templates: str) -> float:
    """How alike two wordings must be, in per cent: the shorter one decides."""
    length = min(map(len, templates))
    if length < SHORTEST_WORDING:
        return 100.0
    return LIMIT_SHORT if length < SHORT else LIMIT


def _wording(text: TextTraits) -> bool:
    """Whether there are words: links and numbers alone are everybody's wording."""
    return any(char.isalpha() for char in text.template.replace("(link)", ""))


def _given(one: TextTraits, other: TextTraits, ratio: float) -> Likeness | None:
    """The likeness, when the ratio of the wordings is known, in per cent."""
    if one.hash == other.hash and _wording(one):
        return Likeness.SAME
    if ratio >= _limit(one.template, other.template) and _wording(one):
        return Likeness.ALIKE
    apart = one.hosts.isdisjoint(other.hosts) and one.numbers.isdisjoint(other.numbers)
    return None if apart else Likeness.LINKED


def likeness_of_texts(one: TextTraits, other: TextTraits) -> Likeness | None:
    """Why two texts belong together, None when nothing says so.

    SAME: one wording, whatever numbers and links stand in it. ALIKE: nearly one wording. LINKED: other words, but
    a link to the same host or the same call-back number. Two texts without words are never SAME or ALIKE.
    """
    return _given(one, other, fuzz.ratio(one.template, other.template))


def find_similar_texts(one: TextTraits, others: Sequence[TextTraits]) -> list[tuple[int, Likeness]]:
    """Which of many texts belong to one: (index into `others`, why), in their order. Those that do not are left out.

    Quick: 5,000 take some hundredths of a second, since wordings of too different a length are not compared.
    """
    near = process.extract_iter(one.template, [other.template for other in others], scorer=fuzz.ratio,
                                score_cutoff=LIMIT)
    ratios = {index: ratio for _, ratio, index in near}
    answers = ((index, _given(one, other, ratios.get(index, 0.0))) for index, other in enumerate(others))
    return [(index, why) for index, why in answers if why]


def group_similar_texts(texts: Sequence[str], region: str = "US") -> list[list[int]]:
    """The texts in groups that belong together, each a list of indexes, also those of one text, in their order.

    A chain counts: when A belongs to B and B to C, the three are one family.
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


# --- what a report quotes ----------------------------------------------------

_FORWARDED = frozenset({"fwd", "fw", "re"})


def may_quote_text(reported: str, sent: str, budget: WordBudget | None = None) -> bool:
    """Whether what somebody typed or pasted may be a text that was sent, or a part of it.

    Marks, capitals, accents, line breaks and look-alike letters do not count. A part has 15 characters at least;
    one word in four may have a slip or be missing; a remark may stand before or behind, half as long as the text.
    Short texts have to be there as a whole. Says whether it may be, not that it is: who sent what to whom and
    when is for the caller to compare. What the budget does not reach is not read word by word.
    """
    typed, words = _words(reported), _words(sent)
    if not typed or not words:
        return bool(sent.strip()) and _folded(reported) == _folded(sent)
    said = list(dropwhile(_FORWARDED.__contains__, typed))
    return words in (typed, said) or is_part_of_text(said, words, budget)
