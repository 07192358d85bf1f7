"""How well the matching of spam texts does: `.venv/bin/python -m bench.spam_matching PATH`.

PATH is a file with a text on every line, its label before it: spam<TAB>text or ham<TAB>text, as the SMS Spam
Collection has them. To a sample of the spam come variants made with a fixed seed; they and the text they were
made of belong together. docs/spam-matching.md explains the tables.
"""

import html
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

from rapidfuzz import fuzz, process

from bench import spam_variants
from portal.services.spam.likeness import (
    LIMIT,
    LIMIT_SHORT,
    SHORT,
    SHORTEST_WORDING,
    Likeness,
    TextTraits,
    find_similar_texts,
    likeness_of_texts,
    may_quote_text,
    traits_of_text,
)

SEED, SAMPLE, FLOOR = 20, 120, 60
# The collection was gathered in Britain, so numbers without a country code are British.
REGION = "GB"
# From which share of words in common two texts of the collection count as one, by the reading that allows for it.
IN_COMMON = 0.5


class Text(NamedTuple):
    """One text: its label, which text of the collection it is or was made of, how it was made ("" for neither)."""

    body: str
    label: str
    origin: int
    kind: str


class Pair(NamedTuple):
    """Two texts that some step brought together, or that belong together."""

    one: int
    other: int
    ratio: float
    why: Likeness | None


def read(path: Path) -> list[Text]:
    """The collection without lines that hold no label and without what is there twice, letter by letter."""
    lines = (line.partition("\t") for line in path.read_text(encoding="utf-8").splitlines())
    bodies = {html.unescape(body): label for label, tab, body in lines if tab}
    return [Text(body, label, origin, "") for origin, (body, label) in enumerate(bodies.items())]


def varied(collection: list[Text], random: Random) -> Iterator[Text]:
    """Variants of a sample of the spam, one of every kind."""
    spam = [text for text in collection if text.label == "spam" and len(text.body) > 40]
    for text in random.sample(spam, min(SAMPLE, len(spam))):
        for kind, change in spam_variants.KINDS.items():
            yield Text(change(text.body, random), "spam", text.origin, kind)


# --- who belongs together ----------------------------------------------------


def words(body: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W\d_]{2,}", body.casefold()))


def in_common(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / (len(one | other) or 1)


def contained(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= 0.85 * min(len(one), len(other))


def merged(collection: list[Text]) -> dict[int, int]:
    """For every text of the collection the first that has most of its words: the second reading of the truth."""
    bags = [words(text.body) for text in collection]
    first: dict[int, int] = {}
    for index, bag in enumerate(bags):
        near = (other for other in range(index) if in_common(bag, bags[other]) >= IN_COMMON)
        first[index] = next((first[other] for other in near), index)
    return first


# --- pairs -------------------------------------------------------------------


def pairs(texts: list[Text], known: list[TextTraits]) -> Iterator[Pair]:
    """Every pair that comes near anything: half alike at least, linked, or made of the same text."""
    templates = [one.template for one in known]
    family = defaultdict(set)
    for index, text in enumerate(texts):
        family[text.origin].add(index)
    for index, one in enumerate(known):
        near = process.extract_iter(one.template, templates[:index], scorer=fuzz.ratio, score_cutoff=FLOOR)
        ratios = {other: ratio for _, ratio, other in near}
        linked = {other for other, _ in find_similar_texts(one, known[:index])}
        for other in sorted(ratios.keys() | linked | {i for i in family[texts[index].origin] if i < index}):
            yield Pair(other, index, ratios.get(other, 0.0), likeness_of_texts(one, known[other]))


def share(part: int, whole: int) -> str:
    return f"{part / whole:7.3f}" if whole else "      -"


class Truth:
    """Both readings: made of the same text; and, besides, texts of the collection that are nearly one."""

    def __init__(self, texts: list[Text], collection: list[Text]) -> None:
        first = merged(collection)
        self.strict = [text.origin for text in texts]
        self.fair = [first[text.origin] for text in texts]

    def row(self, found: Iterable[Pair], wanted: int) -> str:
        """Pairs, precision by both readings, recall of the pairs made of the same text."""
        found = list(found)
        strict = sum(self.strict[pair.one] == self.strict[pair.other] for pair in found)
        fair = sum(self.fair[pair.one] == self.fair[pair.other] for pair in found)
        return f"{len(found):7} {share(strict, len(found))} {share(fair, len(found))} {share(strict, wanted)}"


HEAD = f"{'':24}{'pairs':>7} {'strict':>7} {'fair':>7} {'recall':>7}"


def steps(found: list[Pair], truth: Truth, wanted: int) -> None:
    print(f"\nThe steps, one after the other\n{HEAD}")
    taken: list[Likeness] = []
    for why in Likeness:
        print(f"{why + ' alone':24}{truth.row((pair for pair in found if pair.why == why), wanted)}")
        taken.append(why)
        if len(taken) > 1:
            print(f"{' + '.join(taken):24}{truth.row((pair for pair in found if pair.why in taken), wanted)}")


def limits(found: list[Pair], truth: Truth, lengths: list[int]) -> None:
    """What each limit would give, by the length of the shorter wording; equal hashes are left out."""
    for low, high in [(0, SHORTEST_WORDING), (SHORTEST_WORDING, SHORT), (SHORT, 100), (100, 1000)]:
        inside = [pair for pair in found if low <= min(lengths[pair.one], lengths[pair.other]) < high]
        other = [pair for pair in inside if pair.why != Likeness.SAME]
        wanted = sum(truth.strict[pair.one] == truth.strict[pair.other] for pair in other)
        print(f"\nWordings of {low} to {high - 1} characters: limit for ALIKE\n{HEAD}")
        for limit in (66, 70, 74, 76, 78, 80, 82, 84, 86, 88, 90, 94, 98):
            print(f"{limit:>6}{'':18}{truth.row((pair for pair in other if pair.ratio >= limit), wanted)}")


def kinds(texts: list[Text], found: list[Pair]) -> None:
    print("\nA variant and the text it was made of: found by")
    print(f"{'':32}{'same':>7} {'alike':>7} {'linked':>7} {'any':>7}")
    counts: dict[str, Counter[Likeness | None]] = defaultdict(Counter)
    for pair in found:
        one, other = texts[pair.one], texts[pair.other]
        if one.origin == other.origin and not one.kind:
            counts[other.kind][pair.why] += 1
    for kind, count in counts.items():
        figures = [count[why] for why in Likeness]
        print(f"{kind:32}" + " ".join(share(part, count.total()) for part in (*figures, sum(figures))))


def untouched(texts: list[Text], found: list[Pair], truth: Truth) -> None:
    """The collection without variants: whose texts were brought together, and whether their words are nearly the same.

    Sharing a host or a number cannot be right or wrong by wording; whose texts they are says more.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for pair in found:
        one, other = texts[pair.one], texts[pair.other]
        if pair.why and not one.kind and not other.kind:
            near = truth.fair[pair.one] == truth.fair[pair.other]
            who = " and ".join(sorted((one.label, other.label)))
            counts[f"{pair.why}, {'nearly one' if near else 'other'} words", who] += 1
    print("\nPairs within the collection itself")
    for (why, who), count in sorted(counts.items()):
        print(f"{why:32}{who:16}{count:5}")


# --- the text that a report quotes -------------------------------------------


def recalled(collection: list[Text], random: Random) -> None:
    print(f"\nA report and the text that was sent: found\n{'':32}{'recall':>7}")
    long = [text.body for text in collection if len(text.body) > 40]
    sample = random.sample(long, min(400, len(long)))
    for kind, mangle in spam_variants.PASTES.items():
        print(f"{kind:32}{share(sum(may_quote_text(mangle(body, random), body) for body in sample), len(sample))}")


def confused(collection: list[Text], random: Random) -> None:
    """Other texts a report was taken for: a sample against every text, and every text against the ones most like it.

    Printed are those that are neither nearly one text nor a part of the other by their words.
    """
    sample = random.sample(collection, min(60, len(collection)))
    yes = sum(may_quote_text(one.body, other.body) for one in sample for other in collection if one is not other)
    bodies, near = [text.body for text in collection], set()
    for index, body in enumerate(bodies):
        close = process.extract(body, bodies, scorer=fuzz.ratio, score_cutoff=50, limit=6)
        near |= {(index, other) for _, _, other in close if other != index}
    wrong = [(bodies[one], bodies[other]) for one, other in sorted(near) if may_quote_text(bodies[one], bodies[other])]
    print(f"\nDifferent texts of which one was taken for a quote of the other:\n"
          f"  {yes} of {len(sample) * (len(collection) - 1)} pairs at random, "
          f"{len(wrong)} of the {len(near)} pairs most alike")
    plain = [(one, other) for one, other in wrong if not contained(words(one), words(other))]
    print(f"  of these {len(wrong) - len(plain)} have the words of the other, {len(plain)} have not:")
    for one, other in plain:
        print(f"    {one[:110]!r}\n      {other[:110]!r}")


def speed(known: list[TextTraits], texts: list[Text]) -> None:
    many = (known * (5000 // len(known) + 1))[:5000]
    started = time.perf_counter()
    for one in known[:20]:
        find_similar_texts(one, many)
    per_call = (time.perf_counter() - started) / 20
    started = time.perf_counter()
    for text in texts[:1000]:
        traits_of_text(text.body)
    print(f"\nalike() against 5,000: {per_call * 1000:.0f} ms;  seen(): {time.perf_counter() - started:.2f} ms a text")


def main(path: str) -> None:
    """Print every table."""
    random = Random(SEED)  # noqa: S311
    collection = read(Path(path))
    texts = [*collection, *varied(collection, random)]
    known = [traits_of_text(text.body, REGION) for text in texts]
    found, truth = list(pairs(texts, known)), Truth(texts, collection)
    wanted = sum(n * (n - 1) // 2 for n in Counter(truth.strict).values())
    spam = sum(text.label == "spam" for text in collection)
    print(f"{len(collection)} texts, {spam} of them spam, and {len(texts) - len(collection)} variants of {SAMPLE}; "
          f"limits {LIMIT_SHORT:.0f} and {LIMIT:.0f}\n{wanted} pairs belong together")
    steps(found, truth, wanted)
    kinds(texts, found)
    untouched(texts, found, truth)
    limits(found, truth, [len(one.template) for one in known])
    recalled(collection, random)
    confused(collection, random)
    speed(known, texts)


if __name__ == "__main__":
    main(sys.argv[1])
