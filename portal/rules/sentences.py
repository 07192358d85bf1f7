"""Sentences that print values, before they are translated."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plural:
    """A sentence with a form for one and a form for many, chosen by the value named `count`."""

    one: str
    many: str
    count: str


def make_plural(one: str, many: str, count: str) -> Plural:
    """Both forms of a sentence and the name of the value that chooses between them."""
    return Plural(one, many, count)


Sentence = str | Plural


def list_placeholders(sentence: Sentence) -> frozenset[str]:
    """The names of the values that a sentence prints, its plural count included."""
    if isinstance(sentence, Plural):
        return list_placeholders(sentence.one) | list_placeholders(sentence.many) | {sentence.count}
    return frozenset(re.findall(r"%\((\w+)\)s", sentence))
