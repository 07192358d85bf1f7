"""What a customer's answer means: stop, start, help, perhaps stop, or nothing of the kind.

Two grades. A definite word is the whole message, with courtesy around it at most. Free wording that asks
for silence is likely, and a person decides. "Stop by at five" is neither.
Sources: 47 CFR 64.1200(a)(10) for the words that count by themselves; the Canadian short-code rules for the
French ones.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from . import free_wording, lengths
from .free_wording import likely


class Meaning(StrEnum):
    """What an inbound text asks for."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    LIKELY_STOP = "likely-stop"


class Language(StrEnum):
    """In which language the word was, and the answer will be."""

    ENGLISH = "en"
    FRENCH = "fr"


@dataclass(frozen=True, slots=True)
class Heard:
    """What was understood, in which language, and by which word."""

    meaning: Meaning
    language: Language
    word: str


STOP_EN = frozenset({
    "stop", "stopall", "stop all", "end", "quit", "cancel", "unsubscribe", "revoke", "opt out", "optout", "remove",
})
STOP_FR = frozenset({"arret", "fin", "desabonner"})
START_EN = frozenset({"start", "unstop"})
HELP_EN = frozenset({"help", "info"})
HELP_FR = frozenset({"aide"})

_KNOWN = {
    **dict.fromkeys(STOP_EN, (Meaning.STOP, Language.ENGLISH)),
    **dict.fromkeys(STOP_FR, (Meaning.STOP, Language.FRENCH)),
    **dict.fromkeys(START_EN, (Meaning.START, Language.ENGLISH)),
    **dict.fromkeys(HELP_EN, (Meaning.HELP, Language.ENGLISH)),
    **dict.fromkeys(HELP_FR, (Meaning.HELP, Language.FRENCH)),
}
_ANY = "|".join(sorted(_KNOWN, key=len, reverse=True))
_STOPS = "|".join(sorted(STOP_EN | STOP_FR, key=len, reverse=True))
# Nobody means anything else by these, so more may stand around them than around END or CANCEL.
_PLAIN = "stopall|stop all|stop|unsubscribe|opt out|optout|arret|desabonner"

# Courtesy that may stand around a word, and what may be stopped.
_COURTESY = "please|pls|plz|kindly|thanks|thank you|thx|ty|svp|stp|merci|s il vous plait|s il te plait"
_GREETING = "hi|hello|hey|bonjour|ok|okay|no|just"
_TEXTING = (r"(?: (?:texting|messaging|contacting|sending|texts?|messages?)"
            r"(?: (?:me|us|this number|to me|texts?|messages?))*)?")
_ANY_WORD = re.compile(rf"(?:(?:{_COURTESY}) )*(?P<word>{_ANY})(?: (?:{_COURTESY}))*")
_PLAIN_WORD = re.compile(
    rf"(?:(?:{_COURTESY}|{_GREETING}) )*(?P<word>{_PLAIN}|quit(?= texting| messaging| contacting))"
    rf"(?: (?:{_PLAIN}))*{_TEXTING}(?: (?:now|{_COURTESY}))*")
# "Ok, cancel" may be about an appointment, "yes, stop" about the work: a person decides.
_ANSWER = re.compile(
    rf"(?:(?:{_COURTESY}|{_GREETING}) )*(?:{_STOPS})(?: (?:now|{_COURTESY}))*|(?:yes|yeah|yep|oui) (?:{_PLAIN})")
_LIKELY = ((likely(free_wording.FRENCH), Language.FRENCH),
           (likely((*free_wording.ENGLISH, *free_wording.OTHERS)), Language.ENGLISH))
_SENTENCE = re.compile(r"[.!?;,\n]+")
_SHORT = 4
# As long as the longest text that can be sent; what is longer was written by no telephone.
_LONGEST = 1600


def folded(body: str) -> str:
    """A text without case, accents, punctuation, invisible characters and outer spaces."""
    # Twice: 𝐒𝐓𝐎𝐏 has no lower case before it is plain, and lower case can bring new accents.
    plain = lengths.decomposed(lengths.decomposed(body).casefold())
    kept = "".join(
        char if char.isalnum() or char.isspace() else "" if unicodedata.category(char) in ("Mn", "Cf") else " "
        for char in plain
    )
    return " ".join(kept.split())


def _spelled(said: str) -> str:
    """S.T.O.P. as one word."""
    return said.replace(" ", "") if re.fullmatch(r"\w(?: \w)+", said) else said


def _definite(said: str) -> Heard | None:
    match = _ANY_WORD.fullmatch(said) or _PLAIN_WORD.fullmatch(said)
    return Heard(*_KNOWN[match["word"]], match["word"]) if match else None


def _is_reaction(body: str) -> bool:
    return bool(free_wording.REACTION.match(body)) and body.rstrip("\u200a\u200b .!").endswith(("”", '"', "»"))


def _sentence_that_stops(body: str) -> str:
    """The first or the last sentence if it is nothing but a plain word, as in "Wrong guy. Stop.", else ""."""
    sentences = [said for sentence in _SENTENCE.split(body) if (said := folded(sentence))]
    return next((said for said in (*sentences[:1], *sentences[-1:]) if _PLAIN_WORD.fullmatch(said)), "")


def _probable(said: str, body: str) -> Heard | None:
    for wordings, language in _LIKELY:
        if match := wordings.search(said):
            return Heard(Meaning.LIKELY_STOP, language, match[0])
    if not (word := said if _stops_as_a_whole(said) else _sentence_that_stops(body)):
        return None
    return Heard(Meaning.LIKELY_STOP, Language.FRENCH if STOP_FR & {*word.split()} else Language.ENGLISH, word)


def _stops_as_a_whole(said: str) -> bool:
    """A word of another language alone, an answer that only stops, or a short message that begins so."""
    short = len(said.split()) <= _SHORT and free_wording.FIRST.match(said) is not None
    return short or said in free_wording.WHOLE or _ANSWER.fullmatch(said) is not None


def heard(body: str) -> Heard | None:
    """What an inbound text asks for, or None when it is an ordinary message. Never raises.

    `word` is the keyword, or the wording that is likely to mean it. YES is an ordinary answer between people
    and never opts anybody in again; a telephone that repeats a text in order to like it asks for nothing.
    """
    said = _spelled(folded(body))
    if not said or len(said) > _LONGEST or _is_reaction(body):
        return None
    return _definite(said) or _probable(said, body)
