"""Email addresses: what one is, how it is kept, and which spellings are one address.

Accents count; case, the spelling of accents (NFC, NFD), wide letters and the two spellings of an international
domain do not. Sources: RFC 5321, RFC 6531; IDNA 2008 with UTS 46, as browsers do it, by the library `idna`.
"""

import re
import unicodedata

import idna

from portal import lengths

from . import accents
from .characters import without_hidden

_WIDE = re.compile("[\uff01-\uff5e\u3002\uff0e\uff61]")
_CODED = "xn--"
# What real addresses begin with. Quotation marks, list marks and formulas before one are no part of it.
_LOCAL = re.compile(r"[\w+][\w.+'&~#$!/^*?{}=-]{0,63}")
_MARKS = ("Mn", "Mc")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)
_SIDES = re.compile(r"[\W\d_]+")
# Scripts with letters that look the same; no word mixes them.
_ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"})


def tidy_address(typed: str) -> str:
    """An address as it is kept: without hidden characters and outer blanks, its domain as people read it."""
    if typed.isascii() and _CODED not in typed.lower():
        return typed.strip()
    plain = accents.compose_text(_WIDE.sub(_narrow, without_hidden(typed))).strip()
    local, at, domain = plain.rpartition("@")
    return local + at + ".".join(map(_readable, domain.split(".")))


def key_of_address(typed: str) -> str:
    """A key that is the same for two spellings of one address. The key of a key is itself. Never raises."""
    local, at, domain = tidy_address(typed).rpartition("@")
    if not at:
        # No address, and so no domain in it that could be spelled in two ways.
        local, domain = domain, ""
    small = accents.compose_text(local.lower().replace("ς", "σ"))
    return small + at + (domain.lower() if domain.isascii() else _domain_key(domain))


def is_valid_address(typed: str) -> bool:
    """Whether this can be an address: its form only, for whether it arrives nobody can know."""
    address = tidy_address(typed)
    local, at, domain = address.rpartition("@")
    if not at or len(address) > lengths.EMAIL_ADDRESS:
        return False
    return _is_local(local) and _is_domain(domain.split(".")) and _one_script(address)


def _narrow(found: re.Match[str]) -> str:
    char = found[0]
    return "." if char in "\u3002\uff61" else unicodedata.normalize("NFKC", char)


def _readable(label: str) -> str:
    """A label of a domain with its own letters, where its code stands for some."""
    if not label.lower().startswith(_CODED) or len(label) > 63:
        return label
    try:
        read = idna.ulabel(label.lower())
        return read if idna.alabel(read).decode() == label.lower() else label
    except (idna.IDNAError, UnicodeError):
        return label


def _domain_key(domain: str) -> str:
    try:
        # A mark that stands alone, such as a cedilla, is mapped to a blank with the mark.
        return unicodedata.normalize("NFC", idna.uts46_remap(domain, std3_rules=False)).strip()
    except idna.IDNAError:
        return unicodedata.normalize("NFC", domain.lower())


def _is_local(local: str) -> bool:
    """Whether this may stand before the @; a character that only stands for others, as ligatures do, may not."""
    bare = "".join(char for char in local if unicodedata.category(char) not in _MARKS)
    return bool(_LOCAL.fullmatch(bare)) and local[0] == bare[0] and "" not in local.split(".") and (
        unicodedata.normalize("NFKC", local) == local)


def _is_domain(labels: list[str]) -> bool:
    return len(labels) > 1 and not labels[-1].isdecimal() and all(map(_is_label, labels))


def _is_label(label: str) -> bool:
    if label.isascii():
        return bool(_LABEL.fullmatch(label))
    try:
        return bool(idna.alabel(idna.uts46_remap(label)))
    except (idna.IDNAError, UnicodeError):
        return False


def _one_script(address: str) -> bool:
    if address.isascii():
        return True
    scripts = ({unicodedata.name(char, "").partition(" ")[0] for char in word} for word in _SIDES.split(address))
    return all(len(found & _ALIKE) < 2 for found in scripts)
