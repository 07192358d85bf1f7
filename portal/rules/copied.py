"""The one phone number in copied text: a contact card, a link, a list of messages, words from a screen."""

import re
from urllib.parse import unquote

import phonenumbers
from phonenumbers import Leniency, PhoneNumberFormat, PhoneNumberMatcher

from portal import lengths

from .characters import without_hidden
from .numbers import read_number

MOST_TRIES = 50
# What phones show beside a number, and what the library would take for a part of it: "9:41", "28/11/2026", "5 min".
_WHEN = re.compile(
    r"\b\d{1,2}:\d{2}(?::\d{2})?\b|\b\d{1,2}([/.-])\d{1,2}\1\d{2}(?:\d{2})?\b|\b\d{4}-\d{2}-\d{2}\b|"
    r"\b\d{1,3}\s?(?:s|secs?|min|mins|minutes?|h|hrs?|hours?|heures?|d|days?|j|jours?|w|wks?|weeks?|sem|semaines?|mo|"
    r"months?|mois|y|yrs?|years?|ans?|new|unread|missed|calls?|texts?|messages?|msgs?|nouveaux?|"
    r"appels?|textos?)\b", re.IGNORECASE)
_GLUED = re.compile(r"(?<=[^\W\d_])(?=\d{10})")
# What stands between the parts of a number for looks, and the way to dial abroad from most countries.
_DRAWN = re.compile(r"[*_|\u00b7\u2022\u2219]")
_ABROAD = re.compile(r"(?<![\d+])00(?=[\s.-]?1[\s.(-]{0,2}[2-9]\d\d)")


def find_copied_number(text: str, region: str = "US") -> str:
    """The number in a text, in E.164 form; "" when there is none, or more than one.

    `region` is the country (two letters) whose numbers may stand without their country code. An extension does not
    count: texts come from the number itself. What is longer than 200 characters holds none. Never raises.
    """
    if len(text) > lengths.COPIED_NUMBER:
        return ""
    plain = without_hidden(unquote(text))
    if whole := read_number(plain, region).e164:
        return whole
    plain = _ABROAD.sub("+", _GLUED.sub(" ", _WHEN.sub(" ; ", _DRAWN.sub(" ", plain))))
    found = _found(plain, region, Leniency.VALID) or _found(plain, region, Leniency.POSSIBLE)
    return found.pop() if len(found) == 1 else ""


def _found(plain: str, region: str, leniency: int) -> set[str]:
    matches = PhoneNumberMatcher(plain, region, leniency=leniency, max_tries=MOST_TRIES)
    numbers = (phonenumbers.format_number(match.number, PhoneNumberFormat.E164) for match in matches)
    return {read_number(number).e164 for number in numbers} - {""}
