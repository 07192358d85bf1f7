"""From bytes to text: the four encodings, files that are something else, and never a garbled name."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.services.imports import decoding
from portal.services.imports.decoding import Encoding, UnreadableFile, decode_file

HEAD = "User ID/Email (Required),Display Name"
LINES = f"{HEAD}\r\na@example.com,Jürgen Groß\r\n"


def zipped(*names, content="x"):
    """A zip file with parts of these names."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as pack:
        for name in names:
            pack.writestr(name, content)
    return file.getvalue()


def refused(content):
    """Why a file is not read, as the reader sees it."""
    with pytest.raises(UnreadableFile) as why:
        decode_file(content)
    return why.value.sentence % why.value.values


# --- files that are read -------------------------------------------------------------------------


@pytest.mark.parametrize(("codec", "encoding"), [
    ("utf-8", Encoding.UTF_8), ("utf-8-sig", Encoding.UTF_8_MARKED), ("utf-16", Encoding.UTF_16),
    ("cp1252", Encoding.WINDOWS_1252),
])
def test_the_encoding_is_found_by_the_bytes(codec, encoding):
    assert decode_file(LINES.encode(codec)) == (encoding, LINES)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_in_both_byte_orders(codec):
    assert decode_file(f"\ufeff{LINES}".encode(codec)) == (Encoding.UTF_16, LINES)


@pytest.mark.parametrize(("codec", "encoding"), [
    ("utf-8", Encoding.UTF_8_MARKED), ("utf-16-le", Encoding.UTF_16), ("utf-16-be", Encoding.UTF_16)])
@pytest.mark.parametrize("marks", [1, 2, 3])
def test_a_file_with_several_marks_reads_like_a_plain_one(codec, encoding, marks):
    assert decode_file(("\ufeff" * marks + LINES).encode(codec)) == (encoding, LINES)


@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r", "\n\n \t"])
def test_the_text_comes_back_with_its_line_ends(ending):
    assert decode_file(f"{HEAD}{ending}".encode())[1] == f"{HEAD}{ending}"


@pytest.mark.parametrize("text", [
    "Jürgen Groß", "“Groß”", "CAFÉ’S", "SÅ – Ž…", "Øre Ñandú™", "Straß“", "É»"])
def test_windows_1252_stays_what_it_is(text):
    lines = f"{HEAD}\r\na@example.com,André\r\nb@example.com,{text}\r\n"
    assert decode_file(lines.encode("cp1252")) == (Encoding.WINDOWS_1252, lines)


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60),
       st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_what_was_written_in_unicode_is_read_as_it_was_written(text, codec):
    assert decode_file(f"{HEAD}\r\n{text}".encode(codec))[1] == f"{HEAD}\r\n{text}"


@settings(deadline=None)
@given(st.binary(max_size=80))
def test_any_file_is_read_whole_or_refused_with_a_sentence(content):
    try:
        _encoding, text = decode_file(content)
    except UnreadableFile as why:
        assert why.sentence % why.values
    else:
        assert text.strip()
        assert "\0" not in text
        assert not text.startswith("\ufeff")


# --- files of two encodings ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Zoë", "René Côté", "Mureș", "Łoś", "Иван", "李明", "Ελένη", "Đorđe", "😀"])
@pytest.mark.parametrize("bad", ["André", "Ž", "Øre"])
def test_a_file_of_two_encodings_is_never_garbled(name, bad):
    lines = [HEAD.encode(), f"a@example.com,{name}".encode(), b"b@example.com," + bad.encode("cp1252")]
    for content, line in ((b"\r\n".join(lines), 3), (b"\n".join([lines[0], *lines[:0:-1]]), 2)):
        with pytest.raises(UnreadableFile) as why:
            decode_file(content)
        assert why.value.values == {"line": str(line)}


@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"])
def test_the_line_that_is_not_utf_8_is_named_whatever_ends_the_lines(ending):
    lines = [HEAD, "a@example.com,Zoë", "b@example.com,Ann", ""]
    assert "line 4 is not" in refused(ending.join(lines).encode() + b"c@example.com,Andr\xe9")


def test_a_mark_of_utf_8_is_a_promise():
    """Without the mark these bytes would be Windows-1252."""
    content = HEAD.encode() + b"\r\na@example.com,Andr\xe9"
    assert decode_file(content)[0] is Encoding.WINDOWS_1252
    assert "line 2 is not" in refused(b"\xef\xbb\xbf" + content)


# --- files that are something else ---------------------------------------------------------------


@pytest.mark.parametrize("content", [
    b"", b" ", b"\r\n \r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n", b"\xff\xfe", b"\xff\xfe \0",
    "\ufeff\ufeff".encode()])
def test_an_empty_file_is_empty_whatever_its_mark(content):
    assert refused(content) == "The file is empty."


@pytest.mark.parametrize(("content", "part"), [
    (b"PK\x03\x04 and so on", "This is a spreadsheet or a packed file"), (b"PK\x07\x08", "it is damaged"),
    (zipped("users.csv"), "This is a zip file: unpack it and choose the CSV file inside."), (zipped(), "zip file"),
    (zipped("[Content_Types].xml", "xl/workbook.xml"), "This is a spreadsheet, not"),
    (zipped("word/document.xml"), "text document"),
    (zipped("mimetype", content="application/vnd.oasis.opendocument.spreadsheet"), "This is a spreadsheet, not"),
    (zipped("mimetype", content="application/vnd.oasis.opendocument.text"), "text document"),
    (zipped("Index/Document.iwa"), "This is a spreadsheet, not"),
    (b"\xd0\xcf\x11\xe0 and so on", "This is a spreadsheet, not"),
    (b"\xd0\xcf\x11\xe0" + "WordDocument".encode("utf-16-le"), "text document"), (b"ID;PWXL;N;E", "spreadsheet"),
    (b"\x1f\x8b\x08\x00", "packed file"), (b"7z\xbc\xaf\x27\x1c", "packed"), (b"Rar!\x1a\x07", "packed"),
    (b"BZh91AY", "packed"), (b"users.csv".ljust(257, b"\0") + b"ustar", "packed"),
    (b"%PDF-1.7", "PDF"), (b"\x89PNG\r\n", "picture"), (b"\xff\xd8\xff\xe0", "picture"), (b"GIF89a", "picture"),
    (b"{\\rtf1 x}", "text document"), (b"SQLite format 3\0", "database"),
])
def test_the_kind_of_another_file_is_named_by_its_bytes(content, part):
    assert part in refused(content)


@pytest.mark.parametrize(("text", "part"), [
    ("<html><table>", "web page"), ("<?xml version='1.0'?>", "web page or XML"), ("\r\n <!DOCTYPE html>", "web page"),
    ("<ss:Workbook>", "web page"), ('[{"email": "a@example.com"}]', "JSON"), ("{}", "JSON"), ("[ ]", "JSON"),
    ("BEGIN:VCARD\r\nFN:A\r\n", "vCard"), ("begin:vcard", "vCard")])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_kind_of_another_text_is_named_in_every_encoding(text, part, codec):
    assert part in refused(text.encode(codec))


@pytest.mark.parametrize("text", ["<name>,User ID/Email", "{first},User ID/Email", "[1],2", "PK,User ID/Email"])
def test_a_header_that_only_begins_like_one_of_them_is_read(text):
    assert decode_file(text.encode())[1] == text


@pytest.mark.parametrize("content", [
    b"\x00\x01\x02", b"\xff\xfea", b"a\0b", "a\0b".encode("utf-16"), b"\xe9\0", b"Andr\xe9 \x81",
    HEAD.encode("utf-16-le")])
def test_a_file_that_is_no_text_is_not_guessed_at(content):
    assert "not a text file" in refused(content)


def test_a_reason_keeps_its_sentence_and_its_values_apart():
    """The sentence is translated first, then the values are put in."""
    why = UnreadableFile("Line %(line)s.", line="3")
    assert (why.sentence, why.values, str(why)) == ("Line %(line)s.", {"line": "3"}, "Line %(line)s.")
    assert UnreadableFile(decoding.ZIP).values == {}
