"""Addresses that open a letter in the reader's own mail program: whole, safely written, and short enough for it."""

from dataclasses import dataclass
from urllib.parse import quote

from flask_babel import gettext

from portal.rules.characters import tidy_line

# The longest address that every mail program opens.
LONGEST = 1800


@dataclass(frozen=True, slots=True)
class MailtoLetter:
    """A letter to open: its address, and whether words had to be left out of it."""

    address: str
    shortened: bool


def write_mailto(to: str, subject: str, words: str, most: int = LONGEST) -> MailtoLetter:
    """A letter as an address of at most `most` characters, every part percent-encoded.

    What is too long loses lines at its end, and says so itself. `to` is an email address that was found to be one.
    """
    begin = f"mailto:{quote(to, safe='@')}?subject={quote(tidy_line(subject), safe='')}&body="
    whole = _body(words)
    if len(begin) + len(whole) <= most:
        return MailtoLetter(begin + whole, shortened=False)
    end = f"\n\n{gettext('(There is more: see the portal.)')}"
    lines = words.splitlines()
    while lines and len(begin) + len(_body("\n".join(lines) + end)) > most:
        lines.pop()
    return MailtoLetter(begin + _body("\n".join(lines) + end), shortened=True)


def _body(words: str) -> str:
    """Words of several lines, as the body of a mailto address holds them (RFC 6068)."""
    return quote("\r\n".join(words.splitlines()), safe="")
