"""What a customer's answer means: stop, start, help, perhaps stop, or nothing of the kind.

Two grades. A definite word is the whole message, or stands first and only courtesy, a signature, an effect, a
number or a reason goes with it. Free wording that asks for silence is likely, and a person decides. "Stop by at
five" is neither, and a text that is only repeated (a reaction) or that tells how to opt out asks for nothing.
Sources: 47 CFR 64.1200(a)(10) for the words that count by themselves; the Canadian short-code rules for the
French ones.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from . import after_keyword, folding, free_wording, quoting
from .after_keyword import COURTESY
from .folding import Clause, folded
from .free_wording import PLAYFUL
from .spelling import meant, plain


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


def _longest_first(words: frozenset[str] | dict[str, tuple[Meaning, Language]]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


# Nobody means anything else by these, so more may stand around them than around END or CANCEL.
_PLAIN = "stopall|stop all|stop|unsubscribe|opt out|optout|arret|desabonner"
_BEFORE = (rf"(?:(?:{COURTESY}|ok|okay|just|hi there|dear sir|dear madam|dear sir or madam|good (?:morning|afternoon|evening|day)|"
           r"once again|again|no thanks|buenos dias|buenas|bonsoir|allo|salut) )*")
_ANY_WORD = re.compile(rf"(?:(?:{COURTESY}) )*(?P<word>{_longest_first(_KNOWN)})(?: (?P<rest>.+))?")
_PLAIN_WORD = re.compile(rf"{_BEFORE}(?P<word>{_PLAIN}|quit(?= (?:texting|messaging|contacting)\b))(?: (?P<rest>.+))?")
# Words alone in the first clause, with which nothing but a request begins.
_ALONE = re.compile(rf"{_BEFORE}(?:{_PLAIN})(?: (?:{_PLAIN}|now|{COURTESY}))*")
# "Ok, cancel" may be about an appointment, "yes, stop" about the work: a person decides.
_ANSWER = re.compile(
    rf"(?:(?:{COURTESY}|ok|okay|just|no) )*(?:{_longest_first(STOP_EN | STOP_FR)})(?: (?:now|{COURTESY}))*|(?:yes|yeah|yep|oui) (?:{_PLAIN})")
_LETTERS = {" ".join(word.replace(" ", "")): word for word in _KNOWN if len(word) > 2}
_APART = re.compile(rf"(?<!\w)(?:{_longest_first(frozenset(_LETTERS))})(?!\w)")
_COURTESIES_AROUND = re.compile(rf"^(?:(?:{COURTESY}|just|omg|ok|okay)(?: |$))+|(?: (?:{COURTESY}|now))+$")
_SHORT = 4
# Capitals among small letters make a word a command: "STOP omg who are you".
_SHOUTED = re.compile(r"\W*(?:STOP|ARRET|ARRÊT|UNSUBSCRIBE)\b(?=.*[a-z])(?P<rest>.*)|(?=.*[a-z]).*\b(?:STOP|ARRET|ARRÊT)\W*", re.DOTALL)
_OTHERWISE = re.compile(r"(?:the|a|an|in|at|by|on|sign|bus|work|and|for|off|over|near|before|after|until|when|if|loss|payment|order|\d+)\b")
_SIGNS = frozenset("\U0001f6d1\U0001f6ab\u26d4\u270b")


def heard(body: str) -> Heard | None:
    """What an inbound text asks for, or None when it is an ordinary message. Never raises.

    `word` is the keyword, or the wording that is likely to mean it. YES is an ordinary answer between people
    and never opts anybody in again; a telephone that repeats a text in order to like it asks for nothing.
    """
    own = _own_words(folding.without_trimmings(folding.bounded(body)))
    return _definite(own) or _probable(own)


def _own_words(body: str) -> str:
    """A text without what it only repeats: of "Liked “Text STOP to end texts”" is left "Liked"."""
    quote = quoting.quote_of(body)
    if quote is None or quoting.is_edit(quote):
        return body if quote is None else quote.text
    if quoting.is_reaction(quote):
        return ""
    # Who repeats how to opt out repeats a business; in other words they may be their own.
    return quote.around if free_wording.offers(folded(quote.text)) else body


def _spelled(said: str) -> str:
    """S.T.O.P. and "s t o p please" with the word in one; letters of other scripts as the Latin ones they imitate."""
    latin = " ".join(other if (other := folding.latin(word)) in _KNOWN else word for word in said.split())
    joined = latin.replace(" ", "")
    if joined in _KNOWN and re.fullmatch(r"\w{1,3}(?: \w{1,3})+", latin):
        return joined
    return _APART.sub(lambda letters: _LETTERS[letters[0]], latin)


def _definite(body: str) -> Heard | None:
    """A word with nothing but what goes with it: in its own clause, and in all that follow."""
    whole, clauses = _spelled(folded(body)), folding.clauses(body)
    match = _plain_opening(whole, clauses) or _opening(_ANY_WORD, whole, clauses)
    return Heard(*_KNOWN[match["word"]], match["word"]) if match else None


def _opening(words: re.Pattern[str], whole: str, clauses: list[Clause]) -> re.Match[str] | None:
    """Any word, with courtesy and what a device adds; a number only with words that stop."""
    match = words.fullmatch(whole)
    if match and _goes(match, after_keyword.goes_with_any):
        return match
    said = [_spelled(clause.said) for clause in clauses]
    first = next((place for place, one in enumerate(said) if not after_keyword.goes_with_any(one)), len(said))
    match = words.fullmatch(said[first]) if first < len(said) else None
    if match is None or not _goes(match, after_keyword.goes_with_any):
        return None
    stops = _KNOWN[match["word"]][0] is Meaning.STOP
    return match if all(after_keyword.goes_with_any(plain(one)) or (stops and after_keyword.is_number(one))
                        for one in said[first + 1:]) else None


def _goes(match: re.Match[str], goes_with: Callable[[str], bool]) -> bool:
    return not match["rest"] or goes_with(plain(match["rest"]))


def _plain_opening(whole: str, clauses: list[Clause]) -> re.Match[str] | None:
    """A word that means nothing else, with reasons as well, where nobody is joking."""
    match = _PLAIN_WORD.fullmatch(whole)
    if match and not match["rest"]:
        return match
    if PLAYFUL.search(whole):
        return None
    if match and _goes(match, after_keyword.goes_with_stop):
        return match
    said = [_spelled(clause.said) for clause in clauses]
    first = next((place for place, one in enumerate(said) if not after_keyword.goes_with_any(one)), 0)
    match = _PLAIN_WORD.fullmatch(said[first]) if said else None
    if match is None or not _goes(match, _supports):
        return None
    return match if all(_follows(clause) for clause in clauses[first + 1:]) else None


def _supports(said: str) -> bool:
    return after_keyword.goes_with_stop(said) or _free(said) is not None


def _follows(clause: Clause) -> bool:
    """Whether a later clause goes with a word that stops: a reason, another request, a name under it."""
    named = clause.stands_apart and after_keyword.is_name(clause.written)
    return named or _supports(plain(_spelled(clause.said)))


def _free(said: str) -> Heard | None:
    """Free wording in one sentence in one spelling."""
    for piece in free_wording.pieces(said):
        if found := free_wording.FRENCH.search(piece):
            return Heard(Meaning.LIKELY_STOP, Language.FRENCH, found[0])
        if found := free_wording.OTHERS.search(piece):
            return Heard(Meaning.LIKELY_STOP, Language.ENGLISH, found[0])
    return None


def _probable(body: str) -> Heard | None:
    """A request in other words than the law's, or a word with more around it than goes with it."""
    whole = _spelled(folded(body))
    said = [plain(_spelled(sentence)) for sentence in folding.sentences(body)]
    found = next((heard for sentence in said if (heard := _free(sentence))), None) or _free_in_clauses(body, said)
    if found:
        return found
    word = _as_a_whole(whole, plain(whole)) or _word_alone(body, whole) or _misspelled(body, whole)
    if not word and _SIGNS.intersection(body) and not whole:
        word = "stop"
    if not word:
        return None
    french = STOP_FR & {*word.split()} or word in free_wording.WHOLE_FRENCH
    return Heard(Meaning.LIKELY_STOP, Language.FRENCH if french else Language.ENGLISH, word)


def _free_in_clauses(body: str, sentences: list[str]) -> Heard | None:
    """Free wording between commas, unless a sentence was excused: "call me, don't text" is one thought."""
    if any(free_wording.pieces(sentence) != [sentence] for sentence in sentences):
        return None
    return next((heard for clause in folding.clauses(body) if (heard := _free(plain(_spelled(clause.said))))), None)


def _as_a_whole(whole: str, written: str) -> str:
    """A word of another language alone, an answer that only stops, or a short message that begins so."""
    bare = _COURTESIES_AROUND.sub("", whole).strip() or whole
    if bare in free_wording.WHOLE | free_wording.WHOLE_FRENCH or _ANSWER.fullmatch(whole):
        return bare
    if written != whole and bare not in _KNOWN and (plain(bare) in free_wording.WHOLE or _ALONE.fullmatch(written)):
        return plain(bare)
    short = len(whole.split()) <= _SHORT and free_wording.FIRST.match(written) and not PLAYFUL.search(whole)
    return whole if short else ""


def _word_alone(body: str, whole: str) -> str:
    """The first or the last clause if it is nothing but a plain word, or one in capitals among small letters."""
    if PLAYFUL.search(whole):
        return ""
    said = [_spelled(clause.said) for clause in folding.clauses(body)]
    alone = next((one for one in (*said[:1], *said[-1:]) if _ALONE.fullmatch(one)), "")
    if alone:
        return alone
    shouted = _SHOUTED.fullmatch(body.strip())
    return "stop" if shouted and not _OTHERWISE.match(folded(shouted["rest"] or "")) else ""


def _misspelled(body: str, whole: str) -> str:
    """The word that was probably meant, where it stands first and only what goes with it follows."""
    bare = _COURTESIES_AROUND.sub("", whole).strip()
    first, _, rest = bare.partition(" ")
    word = meant(first) or (lettered if (lettered := folding.lettered(first)) in STOP_EN and lettered != first else "")
    rests = not rest or after_keyword.goes_with_stop(plain(rest))
    return first if word and rests and not PLAYFUL.search(whole) else ""
