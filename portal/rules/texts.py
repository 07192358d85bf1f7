"""What stands in a text, as far as the rules care, and what two texts have in common."""

import hashlib
import re
import unicodedata

from . import accents
from .encoding import is_visible_text, pack_text
from .facts import Text
from .folding import fold_text
from .keywords import STOP_EN, STOP_FR

# Public link shorteners; carriers refuse them because they hide where a link leads.
SHORTENERS = frozenset({
    "bit.ly", "goo.gl", "tinyurl.com", "tiny.cc", "bc.vc", "budurl.com", "clicky.me", "is.gd", "lc.chat", "soo.gd",
    "s2r.co", "t.co", "ow.ly", "buff.ly", "rb.gy", "cutt.ly", "shorturl.at", "v.gd", "tiny.one", "t.ly",
})
# A host begins where a word begins and has as many parts as real ones, so that a long word costs nothing.
_LINK = re.compile(r"(?<![\w.-])(?:https?://)?(?:www\.)?(?P<host>(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24})(?![a-z0-9-])"
                   r"(?::\d{1,5})?(?P<path>[/?#]\S*)?", re.IGNORECASE)
_NUMBERS = re.compile(r"\d+(?:[.,:/-]\d+)*")
_SENTENCE = re.compile(r"[.!?\n]+")

_WORDS = "|".join(sorted(STOP_EN | STOP_FR, key=len, reverse=True))
# "Reply CANCEL", "reply with the word CANCEL", "reply Y to confirm or CANCEL": what follows must show that the word
# is meant as one, or "you can text, stop by or call" would be caught.
_OTHER = r"\w{1,12} (?:(?:to|for|pour) (?:\w{1,12} ){1,5})?(?:or|ou)|\w{1,12} (?:to|pour) \w{1,12}"
_VERBS = "reply|text|send|answer|respond|type|repondez|repondre|envoyez|textez|ecrivez"
_FOLLOWED = r"(?= (?:to|if|for|when|unless|and|or|now|anytime|at any time|pour|si|et|ou)\b|$)"
# Twice, since the other answer may be an opt-out word as well: "reply CANCEL to cancel or STOP to end texts".
_ASKS = tuple(re.compile(
    rf"\b(?:{_VERBS})(?: back| to this (?:text|message))?(?: (?:with|par|avec|me|us))?(?: (?:{_OTHER})){maybe}"
    rf"(?: (?:the|le))?(?: (?:word|mot))? (?P<word>{_WORDS}){_FOLLOWED}") for maybe in ("??", "?"))
# What stands in every plain text that names one of the words, however it is written; "$" is read as an "s".
_MAY_BE_NAMED = re.compile("|".join(sorted({r"\$", *(word.split()[0] for word in STOP_EN | STOP_FR)})), re.IGNORECASE)
# The usual ways to tell people how to opt out are no traps.
_TEXTS = r"(?:texts|messages|messaging|texting|sms|alerts|notifications|reminders|updates|textos)"
_OFFER = re.compile(
    r"\bto (?:opt out|unsubscribe|(?:no longer|not) (?:receive|get))\b|\b(?:for|pour) no more\b|"
    rf"\b(?:to|pour) (?:stop|end|quit|cancel|arreter)(?: \w+){{0,3}} {_TEXTS}\b|\bto (?:stop|end|quit)$|"
    r"\bpour (?:arreter$|ne plus|(?:vous |se )?desabonner)|\bnot interested\b|"
    rf"\b(?:do not|don t|no longer) (?:want|wish)(?: \w+){{0,4}} {_TEXTS}\b")
# Words that mean nothing else are an offer too, unless a purpose of their own stands with them.
_PLAIN = frozenset({"stop", "stop all", "stopall", "unsubscribe", "opt out", "optout", "arret", "desabonner"})
_NO_PURPOSE = re.compile(r"(?:(?:to cancel|now|anytime|at any time)(?: |$))*(?:(?:and )?(?:reply |text )?help\b.*)?")
_CONDITION = re.compile(r".*\b(?:if|when|si)\b|(?:to|pour) (?!(?:cancel|stop|end|quit|arreter)$)")


def find_short_link(body: str) -> str:
    """The host of the first public link shortener in a text, "" when there is none."""
    if "/" not in body and "?" not in body and "#" not in body:
        return ""  # no link has a path
    hosts = (match["host"].lower() for match in _LINK.finditer(body) if match["path"])
    return next((host for host in hosts if host in SHORTENERS), "")


def _offers(match: re.Match[str]) -> bool:
    """Whether the word is named so that people can have silence, as far as its own part of the sentence says."""
    before = match.string[:match.start()].rpartition(" or ")[2].strip()
    after = match.string[match.end():].partition(" or ")[0].strip()
    if _OFFER.search(before) or _OFFER.search(after):
        return True
    return match["word"] in _PLAIN and not _CONDITION.match(before) and bool(_NO_PURPOSE.fullmatch(after))


def _trap(sentence: str) -> str:
    asked = (match for asks in _ASKS for match in asks.finditer(sentence) if not _offers(match))
    return next((match["word"].upper() for match in asked), "")


def find_misused_keyword(body: str) -> str:
    """The opt-out word that a text asks people to answer with for another purpose, "" when there is none.

    "Reply CANCEL to cancel" would opt them out; "Text STOP to end texts" is meant so.
    """
    if body.isascii() and not _MAY_BE_NAMED.search(body):
        return ""
    said = (fold_text(sentence) for sentence in _SENTENCE.split(body))
    return next((word for sentence in said if (word := _trap(sentence))), "")


def examine_text(body: str, attachments: int = 0) -> Text:
    """The facts about a text that is about to be sent."""
    return Text(pack_text(body).segments, attachments, is_visible_text(body), find_misused_keyword(body),
                find_short_link(body))


def template_of_text(body: str) -> str:
    """The wording of a text without what varies: links, numbers, case, spaces, accents, what nobody sees."""
    plain = body.lower() if body.isascii() else _without_marks(body)
    return " ".join(_NUMBERS.sub("#", _LINK.sub("(link)", plain)).split())


def _without_marks(body: str) -> str:
    decomposed = accents.decompose_text(accents.decompose_text(body).casefold())
    return "".join(char for char in decomposed if unicodedata.category(char) not in ("Mn", "Cf"))


def hash_of_template(body: str) -> str:
    """A short hash of the wording, the same for texts that differ only in numbers and links."""
    return hashlib.sha256(template_of_text(body).encode(errors="backslashreplace")).hexdigest()[:32]
