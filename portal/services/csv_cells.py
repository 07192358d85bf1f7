"""CSV whose cells a spreadsheet shows as they are: it evaluates nothing and changes nothing.

An apostrophe goes before a formula, and before text that a spreadsheet would read as a number or a date and rewrite.
Many spreadsheets split cells at other characters than the comma, even inside quotation marks, so a formula behind
such a character gets an apostrophe too. `unguard_cell` removes exactly these apostrophes.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from portal.rules.characters import IGNORED

# What begins a formula, also in wide, small and raised forms; and breaks, which some programs skip.
_SIGNS = "=+\\-@\u207a-\u207c\u208a-\u208c\u2212\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20"
_SPLITS = ",;|\t\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029"
# What some programs pass over before a formula: quotation marks, blanks, controls and what nobody sees. Without breaks,
# each of which is a place of its own: so every character is looked at once.
_PASSED = f"\"' \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\\0-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f{IGNORED}"
_BEGIN = f"[{_PASSED}]*[{_SIGNS}\t\r\n\\0]"
_INSIDE = f"[{_PASSED}]*[{_SIGNS}]"
_EVALUATED = re.compile(_BEGIN)
_OPEN = re.compile(f"(?<=[{_SPLITS}])(?={_INSIDE})")
_GUARDED = re.compile(f"(?<=[{_SPLITS}])'(?={_INSIDE})")
# Numbers, amounts, times, fractions and dates, with English and French months; other languages are not known.
_MONTH = "(?:jan|feb|f[eé]v|mar|apr|avr|ma[iy]|juin?|jul|aug|ao[uû]|sep|oct|nov|d[eé]c)[a-zéû]*"
_MARKS = "[\\d.,:/ \u00a0\u202f%()$€£-]"
_CHANGED = re.compile(
    f"'*(?:true|false|(?=.*\\d){_MARKS}+(?:e[+-]?\\d+|[ap]m?)?|(?=.*\\d){_MARKS}*{_MONTH}{_MARKS}*)", re.IGNORECASE)
# A file goes out in pieces of about so many bytes: each costs the same, however short it is.
PIECE_SIZE = 16 * 1024
_LONGEST = 60  # of what is changed; longer cells are words


def _needs_guard(cell: str) -> bool:
    return bool(_EVALUATED.match(cell)) or (len(cell) <= _LONGEST and bool(_CHANGED.fullmatch(cell)))


def guard_cell(cell: str) -> str:
    """The cell with an apostrophe before each part that a spreadsheet might evaluate or change."""
    return "'" * _needs_guard(cell) + _OPEN.sub("'", cell)


def unguard_cell(cell: str) -> str:
    """The cell without exactly the apostrophes that `guard_cell` puts into it."""
    if "'" not in cell:
        return cell
    bare = _GUARDED.sub("", cell)
    return bare[1:] if bare.startswith("'") and _needs_guard(bare[1:]) else bare


def csv_line(cells: Sequence[str], separator: str = ",") -> str:
    """One line of CSV, every cell guarded and in quotation marks."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, quoting=csv.QUOTE_ALL).writerow([guard_cell(cell) for cell in cells])
    return out.getvalue()


def csv_file(lines: Iterable[Sequence[str]], separator: str = ",") -> Iterator[bytes]:
    """A file piece by piece, in UTF-8 with the mark by which spreadsheets know it."""
    yield b"\xef\xbb\xbf"
    piece = bytearray()
    for cells in lines:
        piece += csv_line(cells, separator).encode()
        if len(piece) >= PIECE_SIZE:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece)
