"""Reactions: a phone says in words that its owner liked a text, and repeats it: Liked “Text STOP to end texts”.

Whose words stand between the marks? In every language the shape is the same: a few words, an opening mark, the
text, a closing mark, perhaps a few words more. The text is not its sender's own when it was sent to them
(`texting.inbound` checks that), when it tells how to opt out (only a business does), or when the words around it
are those of a reaction.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from .folding import fold_text

_OPEN, _CLOSE = "“\"«„‟”»‹「『〝《", "”\"»“«›」』〞》‟"
_SHORT_QUOTE = re.compile(rf"[{_OPEN}]([^{_OPEN}{_CLOSE}]{{0,40}})[{_CLOSE}]")
_PAIRS, _ENDS_INSIDE = frozenset({"“”", "«»"}), ("” ", "» ", "“ ", "« ")
_FEW = 8
# Phones cut a long text that they quote, and put dots behind it.
_CUT = re.compile(r"\s*(?:…|\.\.\.)\s*$")

# The words that a phone puts around a text in a reaction, folded; some phones put an emoji.
_REACTION = re.compile(
    r"\b(?:(?:dis)?liked|(?:un)?loved|laughed at|emphasi[sz]ed|questioned|reacted|removed|reaction|tapback|sticker|"
    "a aime|n a pas aime|a adore|a ri|a reagi|a retire|a supprime|a enleve|a mis|a attribue|a souligne|a exclame|"
    "s est exclame|a questionne|"
    r"a pose|a demande|n a plus aime|aime|autocollant|mention|reagi|reaction|"
    "le gusto|le encanto|le dio|no le gusto|le disgusto|exclamo|pregunto|reacciono|quito|elimino|enfatizo|"
    "cuestiono|destaco|se rio|ya no|"
    "gefallt|hat|reagiert|markiert|gelacht|entfernt|gostou|adorou|riu|nao gostou|enfatizou|reagiu|removeu|"
    "questionou|amou|"
    r"ha messo|ha riso|ha reagito|piace|ha rimosso|ha evidenziato|adorato|vond|vindt|heeft|leuk|"
    r"понравилось|нравится|отреагировал\w*|реакция|begendi\w*|ifade|polubi\w*|zareagow\w*|tykkasi|gillade|likte|"
    r"reagerade|reagerte)\b|"
    r"リアクション|いいね|赞了|喜欢|讚|喜歡|반응|좋아|إعجاب|أعجب")
_EDITED = re.compile(r"^(?:edited|modifie|a modifie|editado|edito|bearbeitet|corrected|correction)\b")
_EMOJI = re.compile(r"[\u2190-\u2bff\u3030\u303d\U0001f000-\U0001faff]")


@dataclass(frozen=True, slots=True)
class Quote:
    """The longest text between marks, without the dots where it was cut, and the words around it.

    `around` holds the words of shorter quotes as well (the mention « Adore »), `own` does not.
    """

    text: str
    around: str
    own: str
    cut: bool


def find_quote(body: str) -> Quote | None:
    """The quote in a text that consists of quoted words and a few words around them; None for any other text."""
    inside = _longest(body)
    if inside is None:
        return None
    text = body[inside[0]:inside[1]].strip(" \u00a0\u200a\u200b\u202f\u2009")
    outside = f"{body[:inside[0] - 1]} {body[inside[1] + 1:]}"
    around = _SHORT_QUOTE.sub(r" \1 ", outside)
    words = fold_text(around).split()
    alone = not words and not _EMOJI.search(around)
    if not fold_text(text) or alone or len(words) > _FEW:
        return None
    return Quote(_CUT.sub("", text), around.strip(), _SHORT_QUOTE.sub(" ", outside), bool(_CUT.search(text)))


def _longest(body: str) -> tuple[int, int] | None:
    """Where the longest text between marks begins and ends: the mention « Adore » is not the text that is adored."""
    at = [place for place, char in enumerate(body) if char in _OPEN or char in _CLOSE]
    if len(at) < 2:
        return None
    first, last = at[0], at[-1]
    if body[first] + body[last] in _PAIRS and not any(end in body[first:last] for end in _ENDS_INSIDE):
        # A quoted text with quotation marks of its own ends at the last closing mark.
        return first + 1, last
    start, end = max(pairwise(at), key=lambda pair: pair[1] - pair[0])
    return start + 1, end


def is_edit(quote: Quote) -> bool:
    """Whether the sender corrected an earlier text of theirs, so that the quoted words are their own."""
    return bool(_EDITED.match(fold_text(quote.around)))


def is_reaction(quote: Quote) -> bool:
    """Whether the words around a text are those of a reaction, in any language that phones are set to."""
    around = fold_text(quote.around)
    words = around.split()
    with_emoji = bool(_EMOJI.search(quote.around)) and len(words) <= _FEW
    return not is_edit(quote) and bool(_REACTION.search(around) or (with_emoji and words))
