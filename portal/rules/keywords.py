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

# Courtesy that may stand around a word that stops, and what may be stopped.
_BEFORE = r"(?:(?:please|pls|plz|kindly|hi|hello|hey|ok|okay|thanks|thank you|no|just|svp|merci)\s+)*"
_COURTEOUS = re.compile(
    rf"{_BEFORE}(?P<word>stop(?:\s*all)?|unsubscribe|quit|cancel|opt\s*out|revoke|remove|arret|desabonner)"
    rf"(?:\s+(?:texting|messaging|contacting|sending|texts?|messages?)(?:\s+(?:me|us|this number|to me|texts?|messages?))*)?"
    r"(?:\s+(?:please|pls|plz|now|thanks|thank you|thx|ty|svp|merci))*"
)

# Wording that a reasonable person would read as "no more texts", and words of other languages.
_LIKELY = tuple(re.compile(rf"\b(?:{wording})\b") for wording in (
    r"remove me", r"take me off", r"lose my number", r"delete my number", r"forget (?:my|this) number",
    r"leave me alone", r"(?:do not|dont|don t|never) (?:ever )?(?:text|message|contact|write)(?: to)? (?:me|us|this number)",
    r"no more (?:texts?|messages?|texting)", r"stop (?:texting|messaging|contacting|sending|bothering|harassing|spamming)",
    r"(?:quit|cease) (?:texting|messaging|contacting|bothering)", r"(?:i )?opt(?:ing)? out", r"unsubscribe",
    r"not interested", r"wrong number", r"stop\s?2\s?quit", r"off (?:of )?(?:your|this|the) list", r"ne (?:m )?ecrivez plus",
    r"arretez de m ecrire", r"laissez moi tranquille",
))
_FOREIGN = frozenset({"alto", "parar", "pare", "basta", "no mas", "cancelar", "detener"})
# A word that stops at the beginning of a short message, with something else behind it.
_FIRST = re.compile(r"(?:stop|unsubscribe|quit)\b(?!\s+(?:by|in|at|over|on|for|and|the|there|here|sign|light|watch|bus))")
_SHORT = 4


def folded(body: str) -> str:
    """A text without case, accents, punctuation, invisible characters and outer spaces."""
    decomposed = unicodedata.normalize("NFKD", body.casefold())
    kept = "".join(
        char if char.isalnum() or char.isspace() else "" if unicodedata.category(char) in ("Mn", "Cf") else " "
        for char in decomposed
    )
    return " ".join(kept.split())


def _definite(said: str) -> Heard | None:
    lists = ((STOP_EN, Meaning.STOP, Language.ENGLISH), (STOP_FR, Meaning.STOP, Language.FRENCH),
             (START_EN, Meaning.START, Language.ENGLISH), (HELP_EN, Meaning.HELP, Language.ENGLISH),
             (HELP_FR, Meaning.HELP, Language.FRENCH))
    for words, meaning, language in lists:
        if said in words:
            return Heard(meaning, language, said)
    if match := _COURTEOUS.fullmatch(said):
        word = match["word"]
        return Heard(Meaning.STOP, Language.FRENCH if word in STOP_FR else Language.ENGLISH, word)
    return None


def heard(body: str) -> Heard | None:
    """What an inbound text asks for, or None when it is an ordinary message.

    YES is an ordinary answer between people and never opts anybody in again.
    """
    said = folded(body)
    if not said or len(said) > 320:
        return None
    if definite := _definite(said):
        return definite
    short = len(said.split()) <= _SHORT
    if said in _FOREIGN or any(wording.search(said) for wording in _LIKELY) or (short and _FIRST.match(said)):
        return Heard(Meaning.LIKELY_STOP, Language.ENGLISH, said)
    return None
