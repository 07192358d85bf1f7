"""Which passwords people may choose, and in which spelling a typed password is checked."""

import re
import unicodedata
from functools import cache
from importlib import import_module

from portal import lengths
from portal.marks import N_
from portal.models import User

from ..names import key_of_name
from ..refusals import Clash

SHORTEST_PASSWORD = 12
# zxcvbn's highest score: ten thousand million guesses and more.
STRONG = 4
# The most characters that zxcvbn looks at.
LOOKED_AT = 72
# Digits and signs that people write instead of letters.
LEET = str.maketrans("013457@$!", "oleastasi")

PASSWORD_TOO_SHORT = N_("Use at least %(most)s characters; a few words in a row are fine.")
PASSWORD_TOO_LONG = N_("Use at most %(most)s characters.")
PASSWORD_NAMES_OWNER = N_("Choose one that does not contain your name or address and repeats less.")
COMMON = N_("This password is easy to guess: it is made of common words, names, dates or neighboring keys. Use a few"
            " words that do not belong together.")
ORGANIZATION = N_("This password is easy to guess: little is left of it without the name of your organization. Use a"
                  " few words that do not belong together.")


def password_spellings(typed: str) -> list[str]:
    """The spellings of a typed password that the stored hash may be of, likeliest first.

    Keyboards write the same letter as one character or as two; new passwords are stored as one (NFC), older ones as
    they were typed. Text longer than any password is not normalized, which would take long.
    """
    if typed.isascii() or len(typed) > 4 * lengths.TYPED_PASSWORD:
        return [typed]
    return list(dict.fromkeys((normalize_password(typed), typed, unicodedata.normalize("NFD", typed))))


def normalize_password(typed: str) -> str:
    """A password as it is hashed."""
    return unicodedata.normalize("NFC", typed)


def refuse_weak_password(user: User, password: str) -> None:
    """Raise Clash when a password is too short, too long, common, or made of names of its owner or organization."""
    if len(password) > 4 * lengths.TYPED_PASSWORD:
        raise Clash("password", PASSWORD_TOO_LONG, most=lengths.TYPED_PASSWORD)
    chosen = normalize_password(password)
    if len(chosen) < SHORTEST_PASSWORD:
        raise Clash("password", PASSWORD_TOO_SHORT, most=SHORTEST_PASSWORD)
    if len(chosen) > lengths.TYPED_PASSWORD:
        raise Clash("password", PASSWORD_TOO_LONG, most=lengths.TYPED_PASSWORD)
    _refuse_own(user, chosen)
    if _common(chosen):
        raise Clash("password", COMMON)
    left = _without(chosen, _of_organization(user))
    if left is not None and _common(left):
        raise Clash("password", ORGANIZATION)


def _refuse_own(user: User, chosen: str) -> None:
    parts = {part for part in (*key_of_name(user.email).split("@"), *user.name_key.split()) if len(part) > 3}
    forms = (chosen.casefold(), key_of_name(chosen), key_of_name(chosen).translate(LEET))
    if len(set(chosen)) < 5 or any(part in form for part in parts for form in forms):
        raise Clash("password", PASSWORD_NAMES_OWNER)


def _of_organization(user: User) -> list[str]:
    """Patterns for the words of the user's organization and address, which are easy to find out; longest first."""
    name = user.organization.name_key if user.organization else ""
    domain = re.split(r"[.-]", key_of_name(user.email).partition("@")[2])
    words = {word for word in (*name.split(), *domain) if len(word) > 3}
    whole = [char for char in name if char.isalnum()]
    patterns = [r"[\W_]*".join(re.escape(char.translate(LEET)) for char in whole)] if len(whole) > 3 else []
    return patterns + [re.escape(word.translate(LEET)) for word in sorted(words, key=len, reverse=True)]


def _without(chosen: str, patterns: list[str]) -> str | None:
    """What is left of a password when these are taken out; None when none of them is in it."""
    plain = text = key_of_name(chosen)
    for pattern in patterns:
        while found := re.search(pattern, text.translate(LEET)):
            text = f"{text[:found.start()]} {text[found.end():]}"
    return None if text == plain else text


@cache
def _library() -> object:
    # Its word lists take 14 MB of memory, so it is loaded only when a person first chooses a password.
    return import_module("zxcvbn")


def _common(chosen: str) -> bool:
    found = _library().zxcvbn(chosen[:LOOKED_AT])  # type: ignore[attr-defined]
    return bool(found["score"] < STRONG)
