"""Free wording that a reasonable person would read as "no more texts". A person decides in the end.

What is no request is taken out first (how to opt out, what others do, other lists), then wordings are looked for
in what is left. The words themselves stand in one module for each language.
"""

import re
from collections.abc import Sequence

from . import excused_english, indirect_english, wording_english, wording_french, wording_others, wording_spanish
from .folding import fold_text
from .spelling import normalize_spelling


def _any_of(wordings: Sequence[str]) -> re.Pattern[str]:
    """One pattern that finds any of these wordings in a folded text, at the bounds of words."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(wordings)})(?!\w)")


_SPANISH = wording_spanish
_KEYWORD = "(?:stop ?all|stop|unsubscribe|opt out|optout|end|quit|cancel|arret|remove|unsub)"
_WRITES = "(?:reply|replying|text|texting|txt|send|sending|respond|type|answer|message)"
_BUSINESS = (
    # A business says how to opt out, or that it was done.
    (rf"{_WRITES}(?: back)?(?: with)?(?: us)?(?: the)?(?: word| keyword)? {_KEYWORD}(?: or \w+){{0,2}} "
     r"(?:to|for|if|when|at any|anytime|any time|2|pour|para|4)\b(?: \w+){0,12}"),
    ("(?:to|2) (?:opt out|unsubscribe|stop|end|quit|cancel|be removed|not receive|no longer receive)(?: "
     rf"\w+){{0,8}}? "
     rf"(?:just )?{_WRITES}(?: \w+){{0,3}}? {_KEYWORD}(?: \w+){{0,8}}"),
    rf"(?:or|and) {_KEYWORD} (?:to|for) (?:opt|unsub|end|stop|quit|cancel|no more)\w*(?: \w+){{0,6}}",
    (rf"{_WRITES} \w{{1,9}} (?:to|for|2|4) \w+(?: \w+){{0,8}}? {_KEYWORD} (?:to|2|for|4) (?:opt|unsub|end|stop|"
     rf"quit|cancel|no more)\w*"
     r"(?: \w+){0,6}"),
    (rf"if you (?:no longer|dont|would not|wouldnt|want to stop|would like to stop|"
     rf"prefer not)(?: \w+){{0,9}}? {_WRITES} {_KEYWORD}"),
    rf"{_WRITES} (?:us )?stop ?(?:2|to|=) ?(?:end|quit|stop|opt ?out|unsub\w*|cancel)\w*",
    r"you (?:replied|responded|texted|sent)(?: \w+){0,4} stop (?:\w+ ){0,3}(?:blocks?|will|opts)(?: \w+){0,12}",
    r"help (?:for|4|to get) (?:help|info|information)(?: \w+){0,8}",
    ("(?:you|youre|youve|youll|your number|this number|number) (?:are |have |has |been |were |was |is |will |be |"
     "now |"
     "successfully |already )*(?:unsubscribed|opted out|removed|get no more|receive no more|receive no further|"
     r"no longer (?:receive|get)|not (?:receive|get))(?: \w+){0,12}"),
    r"no (?:more|further) (?:texts|messages|alerts|reminders) will be sent(?: \w+){0,6}",
)
_EXCUSED = _any_of((*_BUSINESS, *excused_english.EXCUSED, *wording_french.EXCUSED, *_SPANISH.EXCUSED))
# How a business says it: a verb, the word, a purpose. What was cut off ends anywhere.
_OFFER = re.compile(
    r"(?<!\w)(?:reply|text|txt|send|respond|type|answer|repondez|repondre|textez|texter|envoyez|ecrivez|tapez|"
    "responda|responde|conteste|envie|mande|antworten|"
    r"rispondi|responder|antwoord|svara)(?: \w+){0,4}? (?:stop|arret|unsubscribe|end|cancel|quit|fin|alto|baja|"
    r"help|aide|start)(?: (?:or|ou|o) \w+)? "
    r"(?:to|for|if|when|at|anytime|pour|si|para|um|per|2)\b|(?<!\w)(?:to|pour|para) (?:\w+ ){1,8}?(?:reply|text|"
    "txt|repondez|textez|envoyez|responda|envie) "
    r"(?:\w+ ){0,2}?(?:stop|arret|end|cancel|unsubscribe|alto|baja)(?!\w)|"
    "msg (?:and |amp )?data rates|message (?:and|amp) data rates|(?:get|receive) no more texts from us|ne "
    "recevrez plus")
# "Opt out: reply STOP", which the end of a sentence would tear apart.
_LABELED = re.compile(
    r"\b(?:opt[ -]?out|unsub(?:scribe)?|(?:stop|end|quit)(?: \w+)?)\s*[:=]"
    r"\s*(?:reply|text|txt|send)\s+\W?\w+", re.IGNORECASE)
_SAID = [normalize_spelling(fold_text(said)) for said in wording_others.SAID]
# Scripts that put little space between words.
WITHIN_PATTERN = re.compile("|".join(fold_text(said) for said in wording_others.WITHIN))
FRENCH = _any_of(wording_french.REQUESTS)
OTHERS = _any_of((*wording_english.REQUESTS, *indirect_english.REQUESTS, *_SPANISH.REQUESTS, *_SAID))
WHOLE_FRENCH = wording_french.WHOLE
# The whole message, courtesy aside.
_WHOLE_ENGLISH = frozenset("""
go away|get lost|bug off|buzz off|dnc|spam|no more|wrong number|wrong person|unsub|not me|no texts|no contact
leave me alone|off|stop it|stop this|stop that|stop already|quit it|quit that|delete me|retirer|retirez|svp retirer
discontinue|desist|mute me
blocked|reported|reported and blocked|blocked and reported|remove us|text stop|reply stop
stop2end|stop2quit|stop2stop|stop2cancel|stop2optout|stop to end|stop to quit|stop ti quit|stop 2 end
stop 2 quit|stop 2 stop|stoptoend
take us off|opt us out|send stop|type stop|txt stop|reply with stop|responding stop|respond stop
stop everything|stop all of it|just end
take me off|opt me out|enough|enough already
""".strip().replace("\n", "|").split("|"))
WHOLE_MESSAGES = _WHOLE_ENGLISH | indirect_english.WHOLE | _SPANISH.WHOLE | frozenset(map(fold_text,
                                                                                          wording_others.WHOLE))
# A slip of the finger if it is all that was said; with more around it the first is a door step, and the second French
# for "please".
SLIPS_ALONE = frozenset({"stoop", "stp", "stp please", "stp plz", "stp pls", "please stp"})

# A word that stops at the beginning of a short message, unless what follows makes it an ordinary sentence.
FIRST = re.compile(
    "(?:please )?stop(?! (?:by|in|at|over|on|off|for|and|or|to|the|there|here|near|when|if|until|before|after|"
    "sign|light|"
    "watch|bus|work|payment|loss|order|time|you|i|we|my|a|is|was|one|two|number|street|charging|delivery|order|"
    "after|being|that s|thats|"
    r"first|next|it|\d+|\w+ing|with|mid|early|short|into|between|around|outside|across|behind|up|down|out|where|"
    r"how|what|motion|gap)\b)\b"
    r"|quit(?= (?:it|this|that|now|already)\b)|stop it$")
# Friends tease each other in these words.
PLAYFUL = re.compile(
    r"\b(?:accidentally|by accident|by mistake|didn t mean|no{2,}|lol|lmao|lmfao|haha\w*|hehe\w*|rofl|jk|blush\w*|"
    "funny|cute|sweet|laughing|hammer time|too kind|so kind|"
    "too much|"
    "so nice|too nice|flirting|killing me|can t (?:breathe|even|believe)|crying|dying|omg you|you two|love (?:you|"
    "u|it)|donc|me fais rire|"
    r"mdr|jaja\w*|youre (?:making|so|too|being)|you re (?:making|so|too|being)|crack me up|drop (?:and|roll)|look "
    r"and listen|look both)\b")

# People laugh at a joke in these signs, not at a text that they want no more of.
_LAUGHING = frozenset("\U0001f602\U0001f923\U0001f606\U0001f639")


def list_unexcused_pieces(said: str) -> list[str]:
    """A folded sentence without the parts that only look like a request, in the pieces that are left."""
    return [piece.strip() for piece in _EXCUSED.split(said) if piece.strip()]


def without_labels(body: str) -> str:
    """A text as written, without how to opt out where a colon stands in it."""
    return _LABELED.sub(" ", body)


def offers_optout(said: str) -> bool:
    """Whether a folded text tells how to opt out, as only a business does."""
    return bool(_OFFER.search(said))


def is_laughed_about(body: str) -> bool:
    """Whether a text as written says "omg" and laughs: "omg stop" between friends."""
    return not _LAUGHING.isdisjoint(body) and fold_text(body).startswith("omg ")
