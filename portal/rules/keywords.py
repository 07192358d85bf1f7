"""What a customer's answer means: stop, start, help, perhaps stop, or nothing of the kind.

Two grades. A definite word is the whole message, or stands first and only courtesy, a signature, an effect, a
number or a reason goes with it. Free wording that asks for silence is likely, and a person decides. "Stop by at
five" is neither, and a text that is only repeated (a reaction) or that tells how to opt out asks for nothing.
Sources: 47 CFR 64.1200(a)(10) for the words that count alone; the Canadian short-code rules for the French ones.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from . import after_keyword, folding, free_wording, quoting
from .after_keyword import COURTESY, GREETING
from .folding import Clause, fold_text
from .free_wording import PLAYFUL
from .spelling import find_misspelled_keyword, normalize_spelling


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
class HeardRequest:
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
_BEFORE = rf"(?:(?:{COURTESY}|{GREETING}) )*+"
_ANY_WORD = re.compile(rf"(?:(?:{COURTESY}) )*+(?P<word>{_longest_first(_KNOWN)})(?: (?P<rest>.+))?")
_PLAIN_WORD = re.compile(rf"{_BEFORE}(?P<word>{_PLAIN}|quit(?= (?:texting|messaging|contacting)\b))"
                         r"(?:(?<=unsubscribe) (?:me|us|(?:this|my|our)(?: \w+)? (?:number|phone|cell)))?"
                         r"(?: (?P<rest>.+))?")
# Words alone in the first clause, with which nothing but a request begins.
_ALONE = re.compile(rf"{_BEFORE}(?:{_PLAIN})(?: (?:{_PLAIN}|now|{COURTESY}))*+")
# "Ok, cancel" may be about an appointment, "yes, stop" about the work: a person decides.
_ANSWER = re.compile(
    f"(?:(?:{COURTESY}|{GREETING}) )*+(?:{_longest_first(STOP_EN | STOP_FR)})(?: (?:now|{COURTESY}))*+|(?:yes|"
    f"yeah|yep|oui) (?:{_PLAIN})")
_LETTERS = {" ".join(word.replace(" ", "")): word for word in _KNOWN if len(word) > 2}
_APART = re.compile(rf"(?<!\w)(?:{_longest_first(frozenset(_LETTERS))})(?!\w)")
_COURTESY_BEFORE = re.compile(rf"^(?:(?:{COURTESY}|{GREETING}|omg) )++")
_COURTESY_BEHIND = re.compile(rf"(?: (?:{COURTESY}|{GREETING}|now|maintenant|already))++$")
_WHOLE = free_wording.WHOLE_MESSAGES | free_wording.WHOLE_FRENCH
_GREETED = re.compile(rf"(?:(?:{COURTESY}|{GREETING})(?: |$))++")
_SHORT = 4
# Capitals among small letters make a word a command: "STOP omg who are you".
_SHOUTED = re.compile(
    r"\W*(?:STOP|ARRET|ARRÊT|UNSUBSCRIBE)\b(?=.*[a-z])(?P<rest>.*)|(?=.*[a-z]).*\b(?:STOP|ARRET|ARRÊT)\W*", re.DOTALL)
_COMMAND = re.compile(r"\W*(?:STOP|ARRET|ARRÊT|UNSUBSCRIBE)\b(?=[^?]*[a-z])(?P<rest>[^?]{1,160})", re.DOTALL)
_SUBJECT = re.compile(
    "(?:i|im|ive|id|ill|my|our|we|were|weve|this|its|these|those|you|youre|youve|your|not|per|because|as|"
    "by order|he|she|"
    r"they|nobody|no one|je|j|nous|on|ce|ceci|c est|vous|mon|ma|mes|yo|no|ya|mi|esto|es|soy) \w")
# Shouted at a driver, a workman or a shop, not at the texts.
_ABOUT_WORK = re.compile(
    r"\b(?:house|turn|street|road|door|gate|light|corner|driveway|truck|drive|driving|water|leak\w*|work|job|"
    r"(?<!by )order\w*|payment|che(?:ck|que)|deliver\w*|ship\w*|package|parcel|here|wait|machine|power|gas|pump|"
    r"digging|cutting|painting|pills?|medic\w+|dose|attends?|attendez|voiture|maison|porte|colis|casa|puerta)\b")
_OTHERWISE = re.compile(
    "(?:the|a|an|in|at|by|on|sign|bus|work|and|for|off|over|near|before|after|until|when|if|loss|payment|order|"
    r"\d+)\b")
_SIGNED = frozenset({"", "texts", "texting", "messages", "sms", "text", "texto", "textos", "mensajes", "spam"})
_SIGNS = frozenset("\U0001f6d1\U0001f6ab\u26d4\u270b")


def hear_request(body: str) -> HeardRequest | None:
    """What an inbound text asks for, or None when it is an ordinary message. Never raises.

    `word` is the keyword, or the wording that is likely to mean it. YES is an ordinary answer between people
    and never opts a person in again. A phone that repeats a text in order to like it asks for nothing.
    """
    own = free_wording.without_labels(_own_words(folding.without_trimmings(folding.cut_long_text(body))))
    return _definite(own) or _probable(own)


def _own_words(body: str) -> str:
    """A text without what it only repeats: of "Liked “Text STOP to end texts”" is left "Liked"."""
    quote = quoting.find_quote(body)
    if quote is None or quoting.is_edit(quote):
        return body
    # Who repeats how to opt out repeats a business; other words may be their own.
    repeated = quoting.is_reaction(quote) or free_wording.offers_optout(fold_text(quote.text))
    return quote.own if repeated else body


def _spelled(said: str) -> str:
    """S.T.O.P. and "s t o p please" with the word in one; letters of other scripts as the Latin ones they imitate."""
    latin = " ".join(other if (other := folding.read_as_latin(word)) in _KNOWN else word for word in said.split())
    joined = latin.replace(" ", "")
    if joined in _KNOWN and re.fullmatch(r"\w{1,3}(?: \w{1,3})+", latin):
        return joined
    return _APART.sub(lambda letters: _LETTERS[letters[0]], latin)


def _definite(body: str) -> HeardRequest | None:
    """A word with nothing but what goes with it: in its own clause, and in all that follow."""
    whole, clauses = _spelled(fold_text(body)), folding.split_clauses(body)
    match = _plain_opening(whole, clauses) or _opening(_ANY_WORD, whole, clauses) or _commanded(body, whole)
    return HeardRequest(*_KNOWN[match["word"]], match["word"]) if match else None


def _opening(words: re.Pattern[str], whole: str, clauses: list[Clause]) -> re.Match[str] | None:
    """Any word, with courtesy and what a device adds; a number only with words that stop."""
    match = words.fullmatch(whole)
    if match and _goes(match, after_keyword.goes_with_any):
        return match
    match, later = _first_that_speaks(words, clauses, after_keyword.goes_with_any)
    if match is None or not _goes(match, after_keyword.goes_with_any):
        return None
    goes_with = _goes_with_ending if _KNOWN[match["word"]][0] is Meaning.STOP else after_keyword.goes_with_any
    return match if all(goes_with(normalize_spelling(clause.said)) for clause in later) else None


def _goes(match: re.Match[str], goes_with: Callable[[str], bool]) -> bool:
    return not match["rest"] or goes_with(normalize_spelling(match["rest"]))


def _goes_with_ending(said: str) -> bool:
    return after_keyword.goes_with_any(said) or after_keyword.is_number_clause(said)


def _first_that_speaks(words: re.Pattern[str], clauses: list[Clause], passed_over: Callable[[str], bool],
                       ) -> tuple[re.Match[str] | None, list[Clause]]:
    """The first clause that is more than courtesy, if it begins with one of the words, and the clauses after it."""
    first = next((place for place, one in enumerate(clauses) if not passed_over(_spelled(one.said))), len(clauses))
    match = words.fullmatch(_spelled(clauses[first].said)) if first < len(clauses) else None
    return match, clauses[first + 1:]


def _plain_opening(whole: str, clauses: list[Clause]) -> re.Match[str] | None:
    """A word that means nothing else, with reasons as well, where nobody is joking."""
    match = _PLAIN_WORD.fullmatch(whole)
    if match and not match["rest"]:
        return match
    if PLAYFUL.search(whole):
        return None
    if match and _goes(match, after_keyword.goes_with_stop):
        return match
    match, later = _first_that_speaks(_PLAIN_WORD, clauses, lambda said: bool(_GREETED.fullmatch(said)))
    follows = match is not None and _goes(match, _supports) and all(map(_follows, later))
    return match if follows else None


def _commanded(body: str, whole: str) -> re.Match[str] | None:
    """A word in capitals among small letters, before a statement about the writer or the reader and no question."""
    command = _COMMAND.fullmatch(body.strip())
    if command is None or PLAYFUL.search(whole) or _ABOUT_WORK.search(whole):
        return None
    if not _SUBJECT.match(normalize_spelling(fold_text(command["rest"]))):
        return None
    return _PLAIN_WORD.fullmatch(whole)


def _supports(said: str) -> bool:
    return after_keyword.goes_with_stop(said) or _free(said) is not None


def _follows(clause: Clause) -> bool:
    """Whether a later clause goes with a word that stops: a reason, another request, a name under it."""
    named = after_keyword.is_name_of_person(clause.written, stands_apart=clause.stands_apart)
    return named or _supports(normalize_spelling(_spelled(clause.said)))


def _free(said: str) -> HeardRequest | None:
    """Free wording in one sentence in one spelling."""
    for piece in free_wording.list_unexcused_pieces(said):
        if found := free_wording.FRENCH.search(piece):
            return HeardRequest(Meaning.LIKELY_STOP, Language.FRENCH, found[0])
        if found := free_wording.OTHERS.search(piece) or free_wording.WITHIN_PATTERN.search(piece):
            return HeardRequest(Meaning.LIKELY_STOP, Language.ENGLISH, found[0])
    return None


def _probable(body: str) -> HeardRequest | None:
    """A request in other words than the law's, or a word with more around it than goes with it."""
    said = [normalize_spelling(_spelled(sentence)) for sentence in folding.split_sentences(body)]
    free = _first(_free(sentence) for sentence in said) or _free_in_clauses(body, said)
    return free or (None if free_wording.is_laughed_about(body) else _by_word(body))


def _first(found: Iterable[HeardRequest | None]) -> HeardRequest | None:
    return next((heard for heard in found if heard), None)


def _free_in_clauses(body: str, sentences: list[str]) -> HeardRequest | None:
    """Free wording between commas, unless a sentence was excused: "call me, don't text" is one thought."""
    if any(free_wording.list_unexcused_pieces(sentence) != [sentence] for sentence in sentences):
        return None
    return _first(_free(normalize_spelling(_spelled(clause.said))) for clause in folding.split_clauses(body))


def _by_word(body: str) -> HeardRequest | None:
    """A word that stops: of another language, misspelled, shouted, as a sign, or alone in its clause."""
    whole = _spelled(fold_text(body))
    word = _as_a_whole(whole, normalize_spelling(whole)) or _word_alone(body, whole) or _misspelled(whole)
    if not word and not (_SIGNS.intersection(body) and whole in _SIGNED):
        return None
    french = STOP_FR & {*word.split()} or word in free_wording.WHOLE_FRENCH
    return HeardRequest(Meaning.LIKELY_STOP, Language.FRENCH if french else Language.ENGLISH, word or "stop")


def _as_a_whole(whole: str, written: str) -> str:
    """A word of another language alone, an answer that only stops, or a short message that begins so."""
    if whole in free_wording.SLIPS_ALONE:
        return whole
    if bare := next((bare for bare in _bare(whole) if not _WHOLE.isdisjoint({bare, normalize_spelling(bare)})), ""):
        return bare
    if written != whole and _ALONE.fullmatch(written):
        return written
    return whole if _ANSWER.fullmatch(whole) or _begins(whole, written) else ""


def _begins(whole: str, written: str) -> bool:
    short = len(whole.split()) <= _SHORT
    return short and free_wording.FIRST.match(written) is not None and not PLAYFUL.search(whole)


def _bare(whole: str) -> tuple[str, str, str]:
    """A message without courtesy behind it, before it, and both; "no más" keeps its "no"."""
    front = _COURTESY_BEHIND.sub("", whole)
    return whole, front, _COURTESY_BEFORE.sub("", front)


def _word_alone(body: str, whole: str) -> str:
    """The first or the last clause if it is nothing but a plain word, or one in capitals among small letters."""
    if PLAYFUL.search(whole):
        return ""
    said = [_spelled(clause.said) for clause in folding.split_clauses(body)]
    alone = next((one for one in (*said[:1], *said[-1:]) if _ALONE.fullmatch(one)), "") or _removed(said)
    return alone or ("stop" if _is_shouted(body) and not free_wording.offers_optout(whole) else "")


def _removed(said: list[str]) -> str:
    """REMOVE as the last clause, where the others only give reasons: "Not Jessica. Remove"."""
    *reasons, last = (normalize_spelling(one) for one in said or [""])
    word = _COURTESY_BEHIND.sub("", last)
    return word if word == "remove" and all(map(after_keyword.goes_with_stop, reasons)) else ""


def _is_shouted(body: str) -> bool:
    shouted = _SHOUTED.fullmatch(body.strip())
    return shouted is not None and not _OTHERWISE.match(fold_text(shouted["rest"] or ""))


def _misspelled(whole: str) -> str:
    """The word that was probably meant, where it stands first and only what goes with it follows."""
    first, _, rest = _COURTESY_BEFORE.sub("", whole).partition(" ")
    if PLAYFUL.search(whole) or not (find_misspelled_keyword(first) or _imitates(first)):
        return ""
    return first if not rest or after_keyword.goes_with_stop(normalize_spelling(rest)) else ""


def _imitates(word: str) -> bool:
    """Whether digits stand for the letters of an opt-out word, as in st0p."""
    return word not in _KNOWN and folding.read_digits_as_letters(word) in STOP_EN | STOP_FR
