"""Whether the words of a report stand in a text, in the same order, a few of them misspelled.

Pure. The work for two texts grows with the words of one times the words of the other, so a caller that compares a
report with many texts sets a budget.
"""

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.distance import OSA

# Letters of other alphabets that look like Latin ones; a capital may look like another letter than its small form.
LOOKALIKES = str.maketrans(
    "АВСЕНІЈКМОРЅТУХԌ" "асеһіјкморѕтухԁԛԝ" "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ" "αβγεηικνορτυχω" "ıɑɡɩʟøłđ",
    "ABCEHIJKMOPSTYXG" "acehijkmopstyxdqw" "ABEZHIKMNOPTYX" "abyenikvoptuxw" "iagilold",
)
# Characters: a shorter part could belong to many texts.
_PART = 15
# More words than any text has; further words are not read.
_MOST_WORDS = 400
# Without one of these words a text says the opposite, so none of them may be missing.
_DENIALS = frozenset({"not", "no", "never", "cannot", "cant", "dont", "isnt", "wont", "without", "pas", "non"})
_FRAME = re.compile(r"https?://(?:www\.)?|\bwww\.")
_CALL_BACK = re.compile(r"\+?\d[\d\s().-]{6,}\d")
_WORD = re.compile(r"\d+|[^\W\d_]+")
_APOSTROPHES = dict.fromkeys(map(ord, "'’`"))

# A run: words of a report that stand in a text in the same order. Its score, by which runs are compared, then its
# characters, its words, misspelled words, and words of the text that are missing. None: no such run.
_Run = tuple[int, int, int, int, int]
_NOTHING: _Run = (0, 0, 0, 0, 0)


@dataclass(slots=True)
class WordBudget:
    """How much work is left, in pairs of words. A comparison that would take more is not begun."""

    left: int

    def allows(self, work: int) -> bool:
        """Whether enough is left for this work; if so, it is taken from the budget."""
        if work > self.left:
            return False
        self.left -= work
        return True


def words_of_report(body: str) -> list[str]:
    """The words and numbers of a text, at most 400, without the case, accents and marks that phones change."""
    plain = body.translate(_APOSTROPHES)
    if not plain.isascii():
        decomposed = unicodedata.normalize("NFKD", plain).translate(LOOKALIKES)
        plain = "".join(char for char in decomposed if unicodedata.category(char) not in ("Mn", "Cf"))
    plain = plain.casefold()
    plain = _FRAME.sub(" ", plain).replace("&", " and ")
    plain = _CALL_BACK.sub(lambda match: f" {re.sub(r'[^0-9]', '', match[0])[-10:]} ", plain)
    return _WORD.findall(plain)[:_MOST_WORDS]


def is_part_of_text(typed: list[str], sent: list[str], budget: WordBudget | None = None) -> bool:
    """Whether typed words are a part of the sent ones, or hold such a part with a remark before or after it.

    Both come from `words_of_report`. False if the budget is too small.
    """
    # Most pairs have too little in common to be compared word by word.
    if len(" ".join(sent)) < _PART or 3 * len(set(typed) & set(sent)) < len(set(typed)) - 2:
        return False
    if budget is not None and not budget.allows(len(typed) * len(sent)):
        return False
    _score, length, many, slips, missing = _run(typed, sent)
    remark = len("".join(typed)) - length
    few = 4 * (slips + missing) <= many and not (remark and missing)
    return few and length + many > _PART and 2 * remark <= length


def _cut(typed: str, sent: str, first: bool, last: bool) -> bool:
    """Whether a word was cut where the report begins or ends."""
    outside = (first and sent.endswith(typed)) or (last and sent.startswith(typed))
    return outside and (not typed.isdigit() or (len(typed) >= 3 and len(sent) >= 5))


def _slip(typed: str, sent: str) -> bool:
    """Whether two words differ by one letter, as by a typing error.

    In short words a letter may be lost, doubled or in the wrong place, but another letter makes another word: am
    and pm, Anna and Anne, Mon and Sun. In a short number any other digit makes another number.
    """
    digits, longer = typed.isdigit(), max(len(typed), len(sent))
    shortest, exact_below = (5, 5) if digits else (3, 6)
    if longer < shortest or digits != sent.isdigit() or abs(len(typed) - len(sent)) > 1:
        return False
    replaced = len(typed) == len(sent) and sorted(typed) != sorted(sent)
    return not (replaced and longer < exact_below) and OSA.distance(typed, sent, score_cutoff=1) <= 1


def _and(run: _Run, typed: str, slips: int) -> _Run:
    score, length, many, before, missing = run
    return score + len(typed) - 2 * slips, length + len(typed), many + 1, before + slips, missing


class _Sent:
    """The words of a text, and the places where each of them stands."""

    def __init__(self, sent: list[str]) -> None:
        self.words = sent
        self.places: defaultdict[str, list[int]] = defaultdict(list)
        self.joined: defaultdict[str, list[int]] = defaultdict(list)
        for place, word in enumerate(sent):
            self.places[word].append(place)
        for place, (one, other) in enumerate(pairwise(sent), start=1):
            self.joined[one + other].append(place)
        self.lengths: defaultdict[int, list[str]] = defaultdict(list)
        self.letters: defaultdict[str, list[str]] = defaultdict(list)
        for word in self.places:
            self.lengths[len(word)].append(word)
            self.letters["".join(sorted(word))].append(word)
        self.known: dict[str, dict[str, int]] = {}
        # The score that a run loses by leaving a word out; 0: the word must not be left out.
        self.loss = [0 if word in _DENIALS or word.isdigit() else len(word) + 2 for word in sent]

    def kept(self, above: list[_Run | None], typed: str, edges: tuple[bool, bool]) -> dict[int, _Run]:
        """The runs that continue with this word of the report, by the place in the text where they take it."""
        found: dict[int, _Run] = {}
        for place in self.joined.get(typed, ()):
            if run := above[place - 1]:
                found[place] = _and(run, typed, 1)
        for word, slips in self.meant(typed, edges).items():
            found.update((place, _and(run, typed, slips)) for place in self.places[word] if (run := above[place]))
        return found

    def meant(self, typed: str, edges: tuple[bool, bool]) -> dict[str, int]:
        """The words of the text that a word of the report may stand for, each with its misspelled words (0 or 1)."""
        if not any(edges) and typed in self.known:
            return self.known[typed]
        found = dict.fromkeys((word for word in self._near(typed) if _slip(typed, word)), 1)
        if typed in self.places:
            found[typed] = 0
        if any(edges):
            return found | dict.fromkeys((word for word in self.places if _cut(typed, word, *edges)), 0)
        self.known[typed] = found
        return found

    def _near(self, typed: str) -> list[str]:
        """The words that may be this one misspelled: of about its length, or short ones with the same letters."""
        length = len(typed)
        same = self.letters["".join(sorted(typed))] if length < 5 else self.lengths[length]
        return [*same, *self.lengths[length - 1], *self.lengths[length + 1]]

    def row(self, kept: dict[int, _Run]) -> list[_Run | None]:
        """The best run up to each place: one that takes the word there, or an earlier one that leaves it out."""
        left: _Run | None = None
        row: list[_Run | None] = [_NOTHING]
        for place, loss in enumerate(self.loss):
            now = kept.get(place)
            if left and loss:
                out = (left[0] - loss, left[1], left[2], left[3], left[4] + 1)
                now = out if now is None or out > now else now
            left = now
            row.append(now)
        return row


def _run(report: list[str], sent: list[str]) -> _Run:
    """The best run of words that report and text share in one order.

    Words of the text may be missing in the middle. Other words of the report may stand only before the text's first
    word or after its last, because another word in the middle makes another text.
    """
    best, text, end = _NOTHING, _Sent(sent), len(sent) - 1
    above: list[_Run | None] = [_NOTHING] * (len(sent) + 1)
    for at, typed in enumerate(report):
        edges = (at == 0, at == len(report) - 1)
        kept = text.kept(above, typed, edges)
        above = text.row(kept)
        best = max(best, kept.get(end, best), *(run for run in above if run and edges[1]))
    return best
