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
from typing import NamedTuple

import phonenumbers
from phonenumbers import Leniency, PhoneNumberFormat, PhoneNumberMatcher
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from portal.rules.texts import SHORTENERS, template, template_hash

# Wordings below the first length are alike only when they are equal; short ones need more than long ones.
SHORTEST, SHORT = 25, 60
LIMIT_SHORT, LIMIT = 86.0, 78.0

# Letters of other alphabets that look like Latin ones; capitals and small letters look like different ones.
_LOOKS = str.maketrans(
    "АВСЕНІЈКМОРЅТУХԌ" "асеһіјкморѕтухԁԛԝ" "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ" "αβγεηικνορτυχω" "ıɑɡɩʟøłđ",
    "ABCEHIJKMOPSTYXG" "acehijkmopstyxdqw" "ABEZHIKMNOPTYX" "abyenikvoptuxw" "iagilold",
)
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
_HOST = re.compile(r"(?<![\w.-])(?P<sure>(?:https?://)?(?:www\.)?)(?P<host>(?:[\w-]{1,63}\.){1,8}(?P<top>[^\W\d_]{2,24}))"
                   r"(?![\w-])(?::\d{1,5})?(?P<path>/\w\S*)?", re.IGNORECASE)
# Endings that nobody types by leaving out the space after a full stop.
_TOPS = frozenset({
    "com", "net", "org", "info", "biz", "ca", "uk", "eu", "de", "fr", "pl", "au", "io", "app", "dev", "xyz", "icu",
    "mobi", "tv", "edu", "gov", "example",
})
_MANY_DIGITS = re.compile(r"(?:\d[^\w\n]{0,3}){10}|\+\d")


class Likeness(StrEnum):
    """Why two texts belong together, the strongest first."""

    SAME = "same"
    ALIKE = "alike"
    LINKED = "linked"


@dataclass(frozen=True, slots=True)
class Seen:
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
    plain = unicodedata.normalize("NFKD", body).translate(_LOOKS)
    return template(_DIGIT_IN_WORD.sub(lambda match: match[0].translate(_DIGITS), plain))


def _everybodys(host: str) -> bool:
    return host in _EVERYBODYS or any(host.endswith("." + known) for known in _EVERYBODYS)


def _hosts(body: str) -> Iterator[str]:
    for match in _HOST.finditer(body):
        if match["sure"] or match["path"] or match["top"].lower() in _TOPS:
            yield match["host"].casefold()


def _numbers(body: str, region: str) -> Iterator[str]:
    # The matcher is slow, and most texts hold no number.
    if _MANY_DIGITS.search(body):
        for match in PhoneNumberMatcher(body, region, leniency=Leniency.VALID):
            yield phonenumbers.format_number(match.number, PhoneNumberFormat.E164)


def seen(body: str, region: str = "US") -> Seen:
    """What comparing needs of a text.

    `region` is the country (two letters) whose numbers may stand without their country code. Short codes are no
    call-back numbers. Takes any text, also an empty one, and raises nothing.
    """
    plain = "".join(char for char in unicodedata.normalize("NFKC", body) if unicodedata.category(char) != "Cf")
    hosts = frozenset(host for host in _hosts(plain) if not _everybodys(host))
    return Seen(_folded(body), template_hash(body), hosts, frozenset(_numbers(plain, region)))


def _limit(*templates: str) -> float:
    """How alike two wordings must be, in per cent: the shorter one decides."""
    length = min(map(len, templates))
    if length < SHORTEST:
        return 100.0
    return LIMIT_SHORT if length < SHORT else LIMIT


def _wording(text: Seen) -> bool:
    """Whether there are words: links and numbers alone are everybody's wording."""
    return any(char.isalpha() for char in text.template.replace("(link)", ""))


def _given(one: Seen, other: Seen, ratio: float) -> Likeness | None:
    """The likeness, when the ratio of the wordings is known, in per cent."""
    if one.hash == other.hash and _wording(one):
        return Likeness.SAME
    if ratio >= _limit(one.template, other.template) and _wording(one):
        return Likeness.ALIKE
    apart = one.hosts.isdisjoint(other.hosts) and one.numbers.isdisjoint(other.numbers)
    return None if apart else Likeness.LINKED


def likeness(one: Seen, other: Seen) -> Likeness | None:
    """Why two texts belong together, None when nothing says so.

    SAME: one wording, whatever numbers and links stand in it. ALIKE: nearly one wording. LINKED: other words, but
    a link to the same host or the same call-back number. Two texts without words are never SAME or ALIKE.
    """
    return _given(one, other, fuzz.ratio(one.template, other.template))


def alike(one: Seen, others: Sequence[Seen]) -> list[tuple[int, Likeness]]:
    """Which of many texts belong to one: (index into `others`, why), in their order. Those that do not are left out.

    Quick: 5,000 take some hundredths of a second, since wordings of too different a length are not compared.
    """
    near = process.extract_iter(one.template, [other.template for other in others], scorer=fuzz.ratio,
                                score_cutoff=LIMIT)
    ratios = {index: ratio for _, ratio, index in near}
    answers = ((index, _given(one, other, ratios.get(index, 0.0))) for index, other in enumerate(others))
    return [(index, why) for index, why in answers if why]


def families(texts: Sequence[str], region: str = "US") -> list[list[int]]:
    """The texts in groups that belong together, each a list of indexes, also those of one text, in their order.

    A chain counts: when A belongs to B and B to C, the three are one family.
    """
    known = [seen(text, region) for text in texts]
    parents = list(range(len(known)))

    def root(index: int) -> int:
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    for index, one in enumerate(known):
        for earlier, _ in alike(one, known[:index]):
            parents[root(index)] = root(earlier)
    groups: dict[int, list[int]] = {}
    for index in range(len(known)):
        groups.setdefault(root(index), []).append(index)
    return list(groups.values())


# --- what a report quotes ----------------------------------------------------

# A part shorter than this, in characters, could be a part of many texts.
_PART = 15
# More words than any text has; what follows them is not read.
_MOST_WORDS = 400
_FORWARDED = frozenset({"fwd", "fw", "re"})
# Without one of these a text says the opposite: nobody loses them by a slip.
_DENIALS = frozenset({"not", "no", "never", "cannot", "cant", "dont", "isnt", "wont", "without", "pas", "non"})
_FRAME = re.compile(r"https?://(?:www\.)?|\bwww\.")
_CALL_BACK = re.compile(r"\+?\d[\d\s().-]{6,}\d")
_WORD = re.compile(r"\d+|[^\W\d_]+")
_APOSTROPHES = dict.fromkeys(map(ord, "'’`"))


class _Run(NamedTuple):
    """Words of a report that stand in a text in the same order; compared by the score."""

    score: int = 0
    length: int = 0
    words: int = 0
    slips: int = 0
    missing: int = 0

    def with_word(self, word: str, slips: int) -> "_Run":
        return self._replace(score=self.score + len(word) - 2 * slips, length=self.length + len(word),
                             words=self.words + 1, slips=self.slips + slips)

    def without(self, word: str) -> "_Run | None":
        if not self.words or word in _DENIALS or word.isdigit():
            return None
        return self._replace(score=self.score - len(word) - 2, missing=self.missing + 1)


_Row = list[_Run | None]


def _words(body: str) -> list[str]:
    plain = body.translate(_APOSTROPHES)
    if not plain.isascii():
        decomposed = unicodedata.normalize("NFKD", plain).translate(_LOOKS)
        plain = "".join(char for char in decomposed if unicodedata.category(char) not in ("Mn", "Cf"))
    plain = plain.casefold()
    plain = _FRAME.sub(" ", plain).replace("&", " and ")
    plain = _CALL_BACK.sub(lambda match: f" {re.sub(r'[^0-9]', '', match[0])[-10:]} ", plain)
    return _WORD.findall(plain)[:_MOST_WORDS]


def _cut(typed: str, sent: str, first: bool, last: bool) -> bool:
    """Whether a word was cut where the report begins or ends."""
    outside = (first and sent.endswith(typed)) or (last and sent.startswith(typed))
    return outside and (not typed.isdigit() or (len(typed) >= 3 and len(sent) >= 5))


def _slip(typed: str, sent: str) -> bool:
    """Whether one letter makes the difference, by mistake.

    In short words a letter may be lost, doubled or in the wrong place, but another letter makes another word: am
    and pm, Anna and Anne, Mon and Sun. So does any digit in a short number.
    """
    digits, longer = typed.isdigit(), max(len(typed), len(sent))
    shortest, exact_below = (5, 5) if digits else (3, 6)
    if digits != sent.isdigit() or longer < shortest:
        return False
    replaced = len(typed) == len(sent) and sorted(typed) != sorted(sent)
    return not (replaced and longer < exact_below) and OSA.distance(typed, sent, score_cutoff=1) <= 1


def _going_on(above: _Row, sent: list[str], place: int, typed: str, edges: tuple[bool, bool]) -> _Run | None:
    """The run that takes up a word of the report as what the text has at one place."""
    run, word = above[place], sent[place]
    if run:
        if typed == word or _cut(typed, word, *edges):
            return run.with_word(typed, 0)
        if _slip(typed, word):
            return run.with_word(typed, 1)
    earlier = above[place - 1] if place and typed == sent[place - 1] + word else None
    return earlier and earlier.with_word(typed, 1)


def _run(report: list[str], sent: list[str]) -> _Run:
    """The best run of words that both have in one order.

    Words of the text may be missing in the middle. What the report has besides stands before the text's first
    word or after its last: another word in the middle makes another text.
    """
    best = nothing = _Run()
    above: _Row = [nothing] * (len(sent) + 1)
    for at, typed in enumerate(report):
        edges, kept = (at == 0, at == len(report) - 1), None
        row: _Row = [nothing]
        for place, word in enumerate(sent):
            kept = _going_on(above, sent, place, typed, edges)
            left_out = row[-1] and row[-1].without(word)
            row.append(max(filter(None, (kept, left_out)), default=None))
        best = max(filter(None, (best, kept, *(row if edges[1] else ()))))
        above = row
    return best


def _part(typed: list[str], words: list[str]) -> bool:
    # Most pairs have too little in common to be looked at word by word.
    if len(" ".join(words)) < _PART or 3 * len(set(typed) & set(words)) < len(set(typed)) - 2:
        return False
    run = _run(typed, words)
    remark = len("".join(typed)) - run.length
    few = 4 * (run.slips + run.missing) <= run.words and not (remark and run.missing)
    return few and run.length + run.words > _PART and 2 * remark <= run.length


def quotes(reported: str, sent: str) -> bool:
    """Whether what somebody typed or pasted may be a text that was sent, or a part of it.

    Marks, capitals, accents, line breaks and look-alike letters do not count. A part has 15 characters at least;
    one word in four may have a slip or be missing; a remark may stand before or behind, half as long as the text.
    Short texts have to be there as a whole. Says whether it may be, not that it is: who sent what to whom and
    when is for the caller to compare.
    """
    typed, words = _words(reported), _words(sent)
    if not typed or not words:
        return bool(sent.strip()) and _folded(reported) == _folded(sent)
    said = list(dropwhile(_FORWARDED.__contains__, typed))
    return words in (typed, said) or _part(said, words)
