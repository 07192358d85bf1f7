"""From bytes to text: the encoding, or what kind of file it is if it is no CSV. No database."""

import codecs
import re
from contextlib import suppress
from enum import StrEnum
from typing import Any

from portal.marks import N_

SPREADSHEET = N_("This is a spreadsheet, not a CSV file. Open it in the spreadsheet program, save it as CSV UTF-8 and"
                 " choose that file.")
DOCUMENT = N_("This is a text document, not a CSV file. Put the list into a spreadsheet, save it as CSV UTF-8 and"
              " choose that file.")
ZIP = N_("This is a zip file: unpack it and choose the CSV file inside.")
PACKED = N_("This is a packed file: unpack it and choose the CSV file inside.")
PICTURE = N_("This is a picture, not a CSV file. Save the list as CSV UTF-8 and choose that file.")
WEB_PAGE = N_(
    "This is a web page or XML, not a CSV file, even if a spreadsheet program opens it. Open it there, save it as"
              " CSV UTF-8 and choose that file.")
# Kinds of files, by their first bytes.
_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", PACKED), (b"BZh91AY", PACKED), (b"\xfd7zXZ\0", PACKED), (b"\x28\xb5\x2f\xfd", PACKED),
    (b"7z\xbc\xaf\x27\x1c", PACKED), (b"Rar!\x1a\x07", PACKED), (b"MSCF", PACKED),
    (b"%PDF", N_("This is a PDF file, not a CSV file. Save the list as CSV UTF-8 and choose that file.")),
    (b"{\\rtf", DOCUMENT), (b"ID;P", SPREADSHEET),
    (b"\x89PNG", PICTURE), (b"\xff\xd8\xff", PICTURE), (b"GIF8", PICTURE), (b"II*\0", PICTURE), (b"MM\0*", PICTURE),
    (b"SQLite format 3\0", N_("This is a database, not a CSV file. Save the list as CSV UTF-8 and choose that file.")),
)
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE = b"\xd0\xcf\x11\xe0"
# Kinds of zip files, by what a zip file holds uncompressed: names of its parts, and the kind of an open document.
_PARTS = ((b"xl/workbook", SPREADSHEET), (b"opendocument.spreadsheet", SPREADSHEET), (b".iwa", SPREADSHEET),
          (b"word/document", DOCUMENT), (b"opendocument.text", DOCUMENT))
_WORDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\s*<(!doctype|html|head|body|table|style|meta|div|\?xml|!--|\w+:)", re.IGNORECASE), WEB_PAGE),
    (re.compile(r'\s*[\[{]\s*(["{\[]|[\]}]\s*$)'),
     N_("This is JSON, not CSV. Save the list as CSV UTF-8 and choose that file.")),
    (re.compile(r"\s*BEGIN:VCARD", re.IGNORECASE),
     N_("These are contacts (vCard), not a CSV file. Save the list as CSV UTF-8 and choose that file.")),
)
_EMPTY = N_("The file is empty.")
_NO_TEXT = N_("This is not a text file that can be read. Save it as CSV UTF-8 and choose that file.")
_MIXED = N_("The file mixes two encodings, so names would be garbled: some of it is UTF-8, and line %(line)s is not."
            " Save all of it as CSV UTF-8 and choose that file.")
# What UTF-8 writes for letters beyond ASCII. A single letter before a closing quotation mark or a dash in
# Windows-1252 can look like the last kind, so that kind proves nothing.
_UTF_8 = re.compile(
    rb"[\xc2-\xc5][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}"
    rb"|[\xc6-\xdf][\x80-\xbf][\xc2-\xdf][\x80-\xbf]"
    rb"|[\xc6-\xdf][\x80\x81\x83\x86-\x90\x95\x98-\x9f\xa1-\xaa\xac-\xba\xbc-\xbf]")


class Encoding(StrEnum):
    """How the bytes of a file spell its characters."""

    UTF_8 = "UTF-8"
    UTF_8_MARKED = "UTF-8 with byte order mark"
    UTF_16 = "UTF-16"
    WINDOWS_1252 = "Windows-1252"


class UnreadableFile(Exception):
    """The file as a whole cannot be read: a sentence and the values that it prints."""

    def __init__(self, sentence: str, **values: Any) -> None:
        super().__init__(sentence)
        self.sentence, self.values = sentence, values


def decode_file(content: bytes) -> tuple[Encoding, str]:
    """The text of a file without its byte order marks. Raises UnreadableFile, which says what else the file is."""
    if not content.strip():
        raise UnreadableFile(_EMPTY)
    if other := _other_kind(content):
        raise UnreadableFile(other)
    encoding, text = _text(content)
    text = text.lstrip("\ufeff")
    if not text.strip():
        raise UnreadableFile(_EMPTY)
    if "\0" in text:
        raise UnreadableFile(_NO_TEXT)
    for words, kind in _WORDS:
        if words.match(text):
            raise UnreadableFile(kind)
    return encoding, text


def _other_kind(content: bytes) -> str:
    """The kind of a file that is no text, by how it begins; "" if it may be text."""
    if content.startswith(_ZIP):
        return _zipped(content)
    if content.startswith(_OLE):
        return DOCUMENT if "WordDocument".encode("utf-16-le") in content else SPREADSHEET
    if content[257:262] == b"ustar":
        return PACKED
    return next((kind for beginning, kind in _BEGINNINGS if content.startswith(beginning)), "")


def _zipped(content: bytes) -> str:
    for part, kind in _PARTS:
        if part in content:
            return kind
    # A zip file lists its contents at the end; without that list the kind is unknown.
    return ZIP if b"PK\x05\x06" in content else N_(
        "This is a spreadsheet or a packed file, not a CSV file, and it is damaged. Save the list as CSV UTF-8 and"
        " choose that file.")


def _text(content: bytes) -> tuple[Encoding, str]:
    """The text by the file's mark; without one UTF-8, and Windows-1252 if nothing in it is UTF-8."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        with suppress(UnicodeDecodeError):
            return Encoding.UTF_16, content.decode("utf-16")
        raise UnreadableFile(_NO_TEXT)
    marked = content.startswith(codecs.BOM_UTF8)
    try:
        return (Encoding.UTF_8_MARKED if marked else Encoding.UTF_8), content.decode()
    except UnicodeDecodeError as error:
        line = str(_line(content, error.start))
    if b"\0" in content:
        raise UnreadableFile(_NO_TEXT)
    if marked or _UTF_8.search(content):
        raise UnreadableFile(_MIXED, line=line)
    with suppress(UnicodeDecodeError):
        return Encoding.WINDOWS_1252, content.decode("cp1252")
    raise UnreadableFile(_NO_TEXT)


def _line(content: bytes, place: int) -> int:
    """The number of the line that holds a byte, from 1; any kind of line break counts."""
    before = content[:place]
    return 1 + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")
