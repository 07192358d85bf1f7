"""What gets its words where it is shown: marked sentences, and the keys that stand in the database for sentences."""

from enum import StrEnum
from typing import Self


class StoredWords(StrEnum):
    """What the portal itself keeps where people keep what they typed: a key; `wording.stored` has its words."""

    COMMAND_LINE = "portal:command-line"
    LINK_HOLDER = "portal:link-holder"
    WEB_VISITOR = "portal:web-visitor"
    PORTAL_ITSELF = "portal:itself"
    REPORTS = "portal:reports"
    REPORTED_BY_SEVERAL = "portal:reported-by-several"
    REPORTED_AS_FRAUD = "portal:reported-as-fraud"
    CASE_CLEARED = "portal:case-cleared"


# The languages in which the sentences are written; `wording.languages` has their locales.
WRITTEN_LANGUAGES = ("en", "de", "pl", "fr")


def known_language(code: str) -> str:
    """The language of the portal that a code names, whatever its country: "fr" for "fr-CA", "" for "es"."""
    plain = code.replace("-", "_").partition("_")[0].lower()
    return plain if plain in WRITTEN_LANGUAGES else ""


def N_(sentence: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate yet"
    """Mark an English sentence as a message id; `wording` translates it for the reader."""
    return sentence


class PlacedSentence(str):
    """An English sentence that is translated by where it stands: `context` says what it is said of."""

    __slots__ = ("context",)
    context: str

    def __new__(cls, context: str, sentence: str) -> Self:
        """The sentence itself, with its context beside it."""
        placed = super().__new__(cls, sentence)
        placed.context = context
        return placed


def NP_(context: str, sentence: str) -> PlacedSentence:  # noqa: N802 - like N_, and like gettext's pgettext
    """Mark a sentence that other languages say differently here and there: NP_("campaign", "active")."""
    return PlacedSentence(context, sentence)
