"""Texts without what does not matter for hearing: case, accents, punctuation, tricks with letters, mail trimmings.

What costs time is bounded before it is folded: a telephone sends no more than ten segments, and what a mail
program adds behind a request may be as long as it likes.
"""

import re
import unicodedata
from dataclasses import dataclass

from portal import lengths

from . import accents

# Of a longer text, which nobody can send, only the beginning and the end are read.
LONGEST_HEARD = lengths.TEXT_BODY
# Letters in circles, squares and flags, and small capitals: no normal form of Unicode turns them into letters.
_ENCLOSED = {first + place: chr(97 + place) for first in (0x1F150, 0x1F170, 0x1F1E6) for place in range(26)}
_SMALL_CAPITALS = dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True))
_APOSTROPHES = dict.fromkeys("ʼʹʻʽˈ＇`´′‘’", "'")
_LETTERS = str.maketrans({**{chr(code): letter for code, letter in _ENCLOSED.items()}, **_SMALL_CAPITALS,
                          **_APOSTROPHES})
# Cyrillic and Greek letters that look like Latin ones, in lower case.
_LOOKALIKES = str.maketrans("авекмнорстухѕіјԁαεικνορτυχ", "abekmhopctyxsijdaeiknoptux")
_DIGITS_FOR_LETTERS = str.maketrans("013457", "oieast")
_DOLLAR = re.compile(r"\$(?=[^\W\d_])")
# "Wrong #", "this #": behind these words the sign is read as a word.
_NUMBER_SIGN = re.compile(r"(?<=(?:ong|his| my) )#(?!\w)", re.IGNORECASE)

# The dot of an initial or a title ends nothing: J. Morin, Mrs. Henderson.
_SENTENCE_END = re.compile(
    r"(?:(?<!\b[A-Z])(?<!\bM[rs])(?<!\bMrs)(?<!\bDr)(?<!\bMme)\.|(?<=[!?.…])\.|"
    r"[!?;:…¡¿()\[\]{}|~\n\r\v\f\x85\u2028\u2029\u3002\uff01\uff1f])+|\s[-–—]+\s|--+|[–—]+")
_CLAUSE_MARK = re.compile(rf"({_SENTENCE_END.pattern}|[,\uff0c\u3001]+|(?<=\w)-\s|\s-(?=\w))")
# A disclaimer, a signature under two dashes, an answered mail: from here on nobody says anything.
_TRIMMINGS = re.compile(
    r"\n-- ?\r?\n|\n>|\n_{5,}|-{3,} ?(?:original|forwarded) message|confidentiality notice|avis de confidentialit|"
    r"(?:this|the information in this) (?:e-?mail|message|communication|transmission|text)\b[^.!?]{0,90}"
    r"(?:confidential|privileged|intended|attachment)|"
    r"if you are not the (?:intended|named)|ce (?:courriel|message)[^.!?]{0,90}(?:confidentiel|destinataire)|"
    r"este (?:correo|mensaje)[^.!?]{0,90}confidencial", re.IGNORECASE)


def cut_long_text(body: str) -> str:
    """The beginning and the end of a text that is too long to be sent; any other text unchanged."""
    short = body if len(body) <= 2 * LONGEST_HEARD else f"{body[:LONGEST_HEARD]}\n{body[-LONGEST_HEARD:]}"
    # One sign can stand for eighteen letters: what is full of such signs is read shorter.
    most = 6 * LONGEST_HEARD
    return short if len(unicodedata.normalize("NFKD", short)) <= most else short[:LONGEST_HEARD // 3]


def without_trimmings(body: str) -> str:
    """What a person wrote, without the disclaimer or signature that a mail program put under it."""
    found = _TRIMMINGS.search(body)
    return body[:found.start()] if found and fold_text(body[:found.start()]) else body


def fold_text(body: str) -> str:
    """A text without case, accents, punctuation, invisible characters and outer spaces."""
    # Twice: 𝐒𝐓𝐎𝐏 has no lower case before it is plain, and lower case can bring new accents.
    lettered = _NUMBER_SIGN.sub("number", _DOLLAR.sub("s", body.translate(_LETTERS)))
    plain = accents.decompose_text(accents.decompose_text(lettered).casefold()).translate(_LETTERS)
    kept = "".join(
        char if char.isalnum() or char.isspace() else "" if unicodedata.category(char) in ("Mn", "Mc", "Cf") else " "
        for char in plain
    )
    return " ".join(kept.split())


def split_sentences(body: str) -> list[str]:
    """The folded sentences of a text: a line, a dash, a colon or a bracket ends one as well as a full stop."""
    return [said for part in _SENTENCE_END.split(body) if part and (said := fold_text(part))]


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a text between any marks at all, commas included: as written, folded, and what stands before it."""

    written: str
    said: str
    mark: str

    @property
    def stands_apart(self) -> bool:
        """Whether it begins a line, or stands behind a dash."""
        return any(char in self.mark for char in "\n\r\v\f\x85\u2028\u2029-–—~")


def split_clauses(body: str) -> list[Clause]:
    """The clauses of a text, without the empty ones."""
    parts = _CLAUSE_MARK.split(body)
    marked = zip(parts[::2], ["", *parts[1::2]], strict=True)
    return [Clause(written, said, mark) for written, mark in marked if written and (said := fold_text(written))]


def read_as_latin(word: str) -> str:
    """A word whose Cyrillic and Greek letters are read as the Latin ones that they look like."""
    return word.translate(_LOOKALIKES)


def read_digits_as_letters(word: str) -> str:
    """A word whose digits are read as the letters that they look like: st0p, 5top."""
    return word if word.isdigit() or word.isalpha() else word.translate(_DIGITS_FOR_LETTERS)
