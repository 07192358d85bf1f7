"""What stands in a field for one phone number and is none: what spreadsheets make of numbers, and several at once."""

import re
from itertools import islice

import phonenumbers

BETWEEN = r"\s().\-/_\u00b7\u2022\u2219\u2027\u30fb\u2010-\u2015\u00a0\u200b-\u200f\u2060\ufeff"
# A whole number, then something that is no space, dash or dot, then more digits: people and address books write
# extensions in more ways than any list holds ("416 555 0101;5", ",,5", "poste 5").
_MORE = re.compile(rf"\D*(1\D*)?(?:\d\D*){{9}}\d(?=\D*?[^\d{BETWEEN}]\D*\d)")
# Shortened, which loses digits; with decimals or groups of thousands, or hidden because the column was narrow.
_SHORTENED = re.compile(r"\s*-?\d+(?:[.,]\d+)?E[+-]?\d+\s*", re.IGNORECASE)
_CHANGED = re.compile(r"\s*[-$€£]*\s*(?:\d{7,}[.,]0+|\d{1,3}(?:[,'’]\d{3}){2,}(?:\.\d+)?|#{3,})\s*[%$€£]?\s*")
_PAIR = re.compile(r"(?:1?[2-9]\d{2}[2-9]\d{6}){2,}")
_LONGEST = 100  # characters in which more than one number is looked for


def is_shortened_by_spreadsheet(raw: str) -> bool:
    """Whether a spreadsheet wrote a power of ten."""
    return bool(_SHORTENED.fullmatch(raw))


def is_changed_by_spreadsheet(raw: str) -> bool:
    """Whether a spreadsheet wrote a number as it writes amounts."""
    return bool(_CHANGED.fullmatch(raw))


def has_several_numbers(raw: str) -> bool:
    """Whether two whole numbers or more stand in one field."""
    digits = phonenumbers.normalize_digits_only(raw) if len(raw) <= _LONGEST else ""
    if len(digits) < 14:
        return False
    found = phonenumbers.PhoneNumberMatcher(raw, "US", leniency=phonenumbers.Leniency.POSSIBLE, max_tries=10)
    return bool(_PAIR.fullmatch(digits)) or len(list(islice(found, 2))) == 2


def has_more_digits(raw: str) -> bool:
    """Whether more digits follow a whole number of ten digits, behind something that separates no digits."""
    return bool(_MORE.match(raw))
