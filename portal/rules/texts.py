"""What stands in a text, as far as the rules care, and what two texts have in common."""

import hashlib
import re
import unicodedata

from .encoding import pack, visible
from .facts import Text
from .keywords import STOP_EN, STOP_FR, folded

# Public link shorteners; carriers refuse them because they hide where a link leads.
SHORTENERS = frozenset({
    "bit.ly", "goo.gl", "tinyurl.com", "tiny.cc", "bc.vc", "budurl.com", "clicky.me", "is.gd", "lc.chat", "soo.gd",
    "s2r.co", "t.co", "ow.ly", "buff.ly", "rb.gy", "cutt.ly", "shorturl.at", "v.gd", "tiny.one", "t.ly",
})
_LINK = re.compile(r"(?:https?://)?(?:www\.)?(?P<host>[a-z0-9][a-z0-9.-]*\.[a-z]{2,})(?P<path>/\S*)?", re.IGNORECASE)
_WORDS = "|".join(sorted((re.escape(word) for word in STOP_EN | STOP_FR), key=len, reverse=True))
_ASKS = re.compile(rf"\b(?:reply|text|send|answer|respond|type|repondez|envoyez)\s+(?:with\s+)?(?:the\s+word\s+)?"
                   rf"(?P<word>{_WORDS})\b")
# The usual way to tell people how to opt out is no trap.
_OFFER = re.compile(r"\bto\s+(?:stop|opt\s?out|end|unsubscribe)|\bfor\s+no\s+more|pour\s+(?:arreter|ne\s+plus)")


def short_link(body: str) -> str:
    """The host of the first public link shortener in a text, "" when there is none."""
    hosts = (match["host"].lower() for match in _LINK.finditer(body) if match["path"])
    return next((host for host in hosts if host in SHORTENERS), "")


def asks_for(body: str) -> str:
    """The opt-out word that a text asks people to answer with for another purpose, "" when there is none.

    "Reply CANCEL to cancel" would opt them out; "Text STOP to end texts" is meant so.
    """
    said = folded(body)
    match = _ASKS.search(said)
    if match is None or (match["word"] == "stop" and _OFFER.search(said, match.end())):
        return ""
    return match["word"].upper()


def examine(body: str, attachments: int = 0) -> Text:
    """The facts about a text that is about to be sent."""
    return Text(pack(body).segments, attachments, visible(body), asks_for(body), short_link(body))


def template(body: str) -> str:
    """The wording of a text without what varies: links by host, digits as #, case, spaces, accents."""
    plain = unicodedata.normalize("NFKC", body).casefold()
    plain = _LINK.sub(lambda match: match["host"].lower() if match["path"] or "://" in match[0] else match[0], plain)
    return " ".join(re.sub(r"\d+", "#", plain).split())


def template_hash(body: str) -> str:
    """A short hash of the wording, the same for texts that differ only in digits and links' paths."""
    return hashlib.sha256(template(body).encode()).hexdigest()[:32]
