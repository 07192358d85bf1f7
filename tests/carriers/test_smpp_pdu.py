"""The codec, held to two of others; alphabets, held to how the portal counts; and bytes of nobody's."""

import re
import string
import struct
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import smpp34
import smpplib.client
import smpplib.smpp
from hypothesis import example, given
from hypothesis import strategies as some

from portal.carriers.base import CarrierError
from portal.carriers.smpp import alphabets, pdu
from portal.carriers.smpp.outgoing import TextWriter, hash_reference, write_validity
from portal.carriers.smpp.pdu import BrokenPdu, Command, Pdu, PduReader, ShortMessage, Tag, read_short_message
from portal.carriers.smpp.settings import FIELDS, read_settings
from portal.rules.encoding import BASIC, EXTENSION, Alphabet, pack_text

from .rigs import OURS, text
from .rigs.smpp import SETUP, setup_at
from .smpp_peer import deliver_body

GSM_CHARS = "".join(sorted(BASIC | EXTENSION))
ANY_TEXT = some.text(max_size=700) | some.text(GSM_CHARS, max_size=1600)
PDUS = some.builds(Pdu, some.integers(0, 2**32 - 1), some.integers(0, 2**32 - 1), some.integers(0, 2**32 - 1),
                   some.binary(max_size=300))
NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
ONE_CLIENT = smpplib.client.Client("127.0.0.1", 1, allow_unknown_opt_params=True)


def writer(**settings):
    return TextWriter(read_settings(setup_at(2775, **settings)), lambda: NOW)


def bodies(body, **settings):
    return writer(**settings).write_text(text(body=body))


def submit(body):
    return Pdu(Command.SUBMIT_SM, 0, 7, body)


def messages(body, **settings):
    return [read_short_message(submit(one)) for one in bodies(body, **settings)]


# --- PDUs -------------------------------------------------------------------------------------------------


@given(some.lists(PDUS, max_size=6), some.lists(some.integers(1, 60), min_size=1))
def test_pdus_come_whole_however_they_are_cut(some_pdus, cuts):
    wire, reader, found, at = b"".join(one.write_bytes() for one in some_pdus), PduReader(), [], 0
    while at < len(wire):
        size = cuts[at % len(cuts)]
        found += reader.feed(wire[at:at + size])
        at += size
    assert found == some_pdus


@pytest.mark.parametrize("size", [0, 1, 15, pdu.LONGEST_PDU + 1, 2**31, 2**32 - 1])
def test_a_length_that_no_pdu_has(size):
    with pytest.raises(BrokenPdu):
        PduReader().feed(struct.pack(">LLLL", size, 4, 0, 1))


@given(some.binary(max_size=400), some.sampled_from([Command.DELIVER_SM, Command.DATA_SM]))
def test_bytes_of_nobody_are_broken_and_nothing_worse(body, command):
    with suppress(BrokenPdu):
        read_short_message(Pdu(command, 0, 1, body))


@given(some.binary(max_size=2000))
def test_streams_of_nobody_are_broken_and_nothing_worse(stream):
    reader = PduReader()
    with suppress(BrokenPdu):
        for at in range(0, len(stream), 7):
            reader.feed(stream[at:at + 7])
    assert len(reader._rest) <= pdu.LONGEST_PDU


def test_a_pdu_cut_anywhere_is_broken():
    whole = deliver_body(ShortMessage("12125550110", "14165550101", b"hello"))
    assert read_short_message(Pdu(Command.DELIVER_SM, 0, 1, whole)).words == b"hello"
    for end in range(len(whole)):
        with pytest.raises(BrokenPdu):
            read_short_message(Pdu(Command.DELIVER_SM, 0, 1, whole[:end]))


def test_a_parameter_that_is_cut_costs_only_itself_unless_it_holds_the_words():
    def read(tag):
        parameters = {Tag.RECEIPTED_ID: b"12\0", tag: b"hello"}
        body = deliver_body(ShortMessage("12125550110", "14165550101", b"", parameters=parameters))
        return read_short_message(Pdu(Command.DELIVER_SM, 0, 1, body[:-1]))

    assert read(0x1401).parameters == {Tag.RECEIPTED_ID: b"12\0"}
    with pytest.raises(BrokenPdu):
        read(Tag.PAYLOAD)


def test_the_first_of_two_parameters_with_one_tag_counts():
    body = deliver_body(ShortMessage("12125550110", "14165550101", b"hello")) + pdu.write_parameters(
        [(0x1401, b"one"), (0x1401, b"two")])
    assert read_short_message(Pdu(Command.DELIVER_SM, 0, 1, body)).parameters == {0x1401: b"one"}


# --- held to others ---------------------------------------------------------------------------------------


@given(ANY_TEXT, some.sampled_from(["payload", "udh", "sar"]))
def test_others_read_what_we_write(body, long_texts):
    for ours in bodies(body, long_texts=long_texts):
        message = read_short_message(submit(ours))
        theirs = smpp34.decode(submit(ours).write_bytes())
        assert isinstance(theirs, smpp34.SubmitSm)
        assert (theirs.source_addr, theirs.destination_addr) == ("14165550101", "14165550110")
        assert (theirs.source_addr_ton, theirs.source_addr_npi, theirs.dest_addr_ton, theirs.dest_addr_npi) == (
            1, 1, 1, 1)
        assert (theirs.esm_class, theirs.data_coding) == (message.esm_class, message.data_coding)
        parameters = {one.tag: one.value for one in theirs.tlvs}
        assert parameters == message.parameters
        assert (theirs.short_message or parameters.get(Tag.PAYLOAD, b"")) == message.words
        other = smpplib.smpp.parse_pdu(submit(ours).write_bytes(), client=ONE_CLIENT, allow_unknown_opt_params=True)
        assert (other.source_addr, other.destination_addr) == (b"14165550101", b"14165550110")
        assert other.data_coding == message.data_coding
        assert ((other.short_message or other.message_payload) or b"") == message.words
        assert other.user_message_reference == int.from_bytes(hash_reference("ref-1"), "big")


ADDRESS = some.text(string.digits, min_size=1, max_size=15)


@given(ADDRESS, ADDRESS, some.binary(max_size=254), some.integers(0, 255), some.integers(0, 255),
       some.lists(some.tuples(some.integers(0x1400, 0x3FFF), some.binary(max_size=80)), max_size=4,
                  unique_by=lambda one: one[0]))
def test_we_read_what_others_write(source, dest, words, esm_class, coding, parameters):
    tlvs = [smpp34.Tlv(tag, value) for tag, value in parameters]
    wire = smpp34.DeliverSm(source, dest, words, esm_class=esm_class, data_coding=coding, tlvs=tlvs, dest_addr_ton=2,
                            source_addr_ton=1, sequence_number=9).encode()
    [one] = PduReader().feed(wire)
    assert (one.command, one.status, one.sequence) == (Command.DELIVER_SM, 0, 9)
    message = read_short_message(one)
    assert (message.source, message.dest, message.words) == (source, dest, words)
    assert (message.source_type, message.dest_type) == (1, 2)
    assert (message.esm_class, message.data_coding) == (esm_class, coding)
    assert message.parameters == dict(parameters)


def test_binds_are_read_by_others():
    body = pdu.write_bind("portal", "secret", "VMA")
    theirs = smpplib.smpp.parse_pdu(Pdu(Command.BIND_TRANSCEIVER, 0, 1, body).write_bytes(), client=ONE_CLIENT)
    assert (theirs.system_id, theirs.password, theirs.system_type) == (b"portal", b"secret", b"VMA")
    assert theirs.interface_version == 0x34


def test_ids_in_answers_with_and_without_an_end():
    assert [pdu.read_message_id(body) for body in (b"12ab\0", b"12ab", b"", b"\0", b"12\0rest")] == [
        "12ab", "12ab", "", "", "12"]


# --- alphabets --------------------------------------------------------------------------------------------


def test_the_table_holds_the_alphabet_that_the_portal_counts_by():
    assert set(alphabets._CODES) == BASIC | EXTENSION
    assert [len(alphabets.encode_gsm(char)) for char in GSM_CHARS] == [
        2 if char in EXTENSION else 1 for char in GSM_CHARS]


@given(some.text(GSM_CHARS))
def test_gsm_there_and_back(body):
    assert alphabets.decode_gsm(alphabets.encode_gsm(body)) == body


def test_gsm_of_others():
    read = alphabets.decode_gsm
    assert read(b"\x1b\x41") == "A", "an unknown extension shows the character of the first table"
    assert read(b"a\x1b") == "a", "half an extension"
    assert read(b"\x1b\x1b") == " "
    assert read(b"\x80\xff") == "\ufffd\ufffd"


@given(ANY_TEXT)
@example("€" * 80 + "x")
@example("x" + "€" * 153)
@example("🙂" * 67)
@example("x" + "🙂" * 67)
def test_segments_are_those_that_were_counted(body):
    """Places and rounding would count too few: a character of two places goes whole into the next segment."""
    packed = pack_text(body)
    segments = alphabets.split_text(body, packed.alphabet)
    assert "".join(segments) == body
    assert len(segments) == packed.segments
    widest = 160 if packed.alphabet is Alphabet.GSM7 else 70
    joined = 153 if packed.alphabet is Alphabet.GSM7 else 67
    for one in segments:
        size = len(alphabets.encode_gsm(one)) if packed.alphabet is Alphabet.GSM7 else len(one.encode("utf-16-be")) // 2
        assert size <= (joined if len(segments) > 1 else widest)


@given(ANY_TEXT, some.sampled_from(["udh", "sar"]))
def test_parts_hold_whole_characters_of_one_alphabet(body, long_texts):
    packed, found = pack_text(body), messages(body, long_texts=long_texts)
    assert len(found) == packed.segments
    assert len({one.data_coding for one in found}) == 1
    header = 6 if long_texts == "udh" and len(found) > 1 else 0
    read = [alphabets.decode_words(one.words[header:], one.data_coding, "gsm") for one in found]
    if "\0" not in body:
        assert "".join(read) == body
    assert all(len(one.words) <= (140 if packed.alphabet is Alphabet.UCS2 else 160) for one in found)


@given(some.text(max_size=400))
def test_whole_long_texts_arrive_in_any_usual_alphabet(body):
    for usual in ("gsm", "latin1", "ascii"):
        [one] = messages(body, alphabet=usual)
        assert alphabets.decode_words(one.words, one.data_coding, usual) == body.replace("\0", "")


def test_what_the_usual_alphabet_lacks_goes_as_ucs2():
    said = {usual: [messages(body, alphabet=usual)[0].data_coding for body in ("abc", "né [1]", "5 €", "Привет")]
            for usual in ("gsm", "latin1", "ascii")}
    assert said == {"gsm": [0, 0, 0, 8], "latin1": [0, 0, 8, 8], "ascii": [0, 8, 8, 8]}
    assert messages("né [1]", alphabet="latin1")[0].words == "né [1]".encode("latin-1")
    assert messages("né [1]")[0].words == b"n\x05 \x1b\x3c1\x1b\x3e"


@pytest.mark.parametrize(("coding", "alphabet"), [
    (0x00, "usual"), (0x01, "ascii"), (0x02, "binary"), (0x03, "latin1"), (0x04, "binary"), (0x06, "iso8859-5"),
    (0x07, "iso8859-8"), (0x08, "ucs-2"), (0x09, "binary"), (0x0D, "binary"), (0x10, "usual"), (0x14, "binary"),
    (0x18, "ucs-2"), (0x1C, "usual"), (0x20, "binary"), (0x40, "usual"), (0x48, "ucs-2"), (0x60, "binary"),
    (0x80, "binary"), (0xC0, "usual"), (0xD8, "usual"), (0xE0, "ucs-2"), (0xF0, "usual"), (0xF1, "usual"),
    (0xF4, "binary"), (0xF5, "binary"),
])
def test_codings(coding, alphabet):
    assert alphabets.find_alphabet(coding, "usual") == alphabet


@given(some.binary(max_size=200), some.integers(0, 255), some.booleans())
def test_no_bytes_in_any_coding_break_anything(words, coding, is_part):
    for usual in ("gsm", "latin1", "ascii"):
        found = alphabets.decode_words(words, coding, usual, is_part=is_part)
        assert found is None or "\0" not in found
        if found and not is_part:
            found.encode()


def test_ucs2_of_others():
    def read(words, **how):
        return alphabets.decode_words(words, 8, "gsm", **how)

    assert read("\ufeffHi 🙂".encode("utf-16-be")) == "Hi 🙂"
    assert read("\ufeffHi".encode("utf-16-le")) == "Hi"
    assert read("Hi".encode("utf-16-be") + b"\0") == "Hi", "half a unit at the end"
    assert read(b"\xd8\x3d\0a") == "\ufffda"
    assert read(b"\xde\x42\0a\xd8\x3d", is_part=True) == "\ude42a\ud83d", "halves that the next part completes"
    assert read(b"\0a\xd8\x3d\0a", is_part=True) == "a\ufffda"


def test_bytes_that_are_no_text_and_those_that_are_after_all():
    assert alphabets.decode_words(b"\x06\x05\x04\x15\x81", 4, "gsm") is None
    assert alphabets.decode_words(b"STOP", 4, "gsm") == "STOP"


# --- what we write ----------------------------------------------------------------------------------------


@given(some.text(GSM_CHARS, min_size=161, max_size=1600), some.sampled_from(["udh", "sar"]))
def test_only_the_last_part_asks_for_a_receipt(body, long_texts):
    found = [smpp34.decode(submit(one).write_bytes()) for one in bodies(body, long_texts=long_texts)]
    assert [one.registered_delivery for one in found] == [*[0] * (len(found) - 1), 1]


def test_parts_say_which_they_are():
    body = "x" * 400
    headers = [one.words[:6] for one in messages(body, long_texts="udh")]
    assert {one[:3] for one in headers} == {b"\x05\0\x03"}
    assert [(one[4], one[5]) for one in headers] == [(3, 1), (3, 2), (3, 3)]
    assert len({one[3] for one in headers}) == 1
    assert {one.esm_class for one in messages(body, long_texts="udh")} == {0x40}
    sar = [one.parameters for one in messages(body, long_texts="sar")]
    assert [one[Tag.SAR_TOTAL] + one[Tag.SAR_NUMBER] for one in sar] == [b"\3\1", b"\3\2", b"\3\3"]
    assert len({one[Tag.SAR_REFERENCE] for one in sar}) == 1
    [whole] = messages(body)
    assert whole.parameters[Tag.PAYLOAD] == whole.words == body.encode()


def test_two_long_texts_have_different_reference_numbers():
    one = writer(long_texts="udh")
    first, second = (read_short_message(submit(one.write_text(text(body="x" * 200))[0])) for _ in range(2))
    assert first.words[3] != second.words[3]


def test_a_text_of_more_parts_than_can_be_numbered_is_refused():
    with pytest.raises(CarrierError, match="too-long"):
        bodies("x" * 153 * 256, long_texts="sar")
    assert len(bodies("x" * 153 * 255, long_texts="sar")) == 255


@pytest.mark.parametrize(("left", "told"), [
    (timedelta(hours=4), "000000040000000R"), (timedelta(minutes=90, seconds=5), "000000013005000R"),
    (timedelta(days=2, hours=1), "000002010000000R"), (timedelta(seconds=-5), "000000000100000R"),
    (timedelta(days=400), "000028000000000R"),
])
def test_how_long_a_text_is_wanted(left, told):
    assert write_validity(NOW + left, NOW) == told
    assert smpp34.decode(submit(writer().write_text(text(until=NOW + left))[0]).write_bytes()).validity_period == told


def test_a_text_without_an_end_says_none():
    assert smpp34.decode(submit(bodies("hi")[0]).write_bytes()).validity_period == ""


def test_types_of_numbers_as_the_operator_says():
    [one] = bodies("hi", source_ton=5, source_npi=0, dest_ton=2, dest_npi=8)
    theirs = smpp34.decode(submit(one).write_bytes())
    assert (theirs.source_addr_ton, theirs.source_addr_npi, theirs.dest_addr_ton, theirs.dest_addr_npi) == (5, 0, 2, 8)


# --- settings ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ids", "answer", "receipt"), [
    ("as-is", "7f-00Ab", "7f-00Ab"), ("hex-answer", "3B9ACA00", "1000000000"), ("hex-answer", "0010", "16"),
    ("hex-receipt", "1000000000", "3b9aca00"), ("hex-receipt", "10", "00A"), ("decimal", "0000123", "123"),
    ("hex", "00AB", "ab"), ("hex-answer", "f" * 64, str(int("f" * 64, 16))[:78]),
])
def test_ids_are_stored_in_one_writing(ids, answer, receipt):
    center = read_settings(setup_at(2775, ids=ids))
    stored = center.same_id(answer, in_receipt=False)
    assert stored == center.same_id(receipt, in_receipt=True)
    assert 0 < len(stored) <= 64


@given(some.integers(0, 2**64), some.integers(0, 2**64), some.sampled_from(["hex-answer", "hex-receipt"]))
def test_ids_of_two_texts_never_meet(one, other, ids):
    """Guessing the base would let "10" and "16" meet."""
    center = read_settings(setup_at(2775, ids=ids))
    answer, receipt = (("x", "d") if ids == "hex-answer" else ("d", "x"))
    same = center.same_id(format(one, answer), in_receipt=False) == center.same_id(format(other, receipt),
                                                                                   in_receipt=True)
    assert same is (one == other)


def test_ids_that_are_no_numbers_stay_as_they_are():
    center = read_settings(setup_at(2775, ids="hex-answer"))
    assert center.same_id("a1-b2", in_receipt=False) == "a1-b2"
    assert center.same_id("1_0", in_receipt=True) == "1_0"


@pytest.mark.parametrize("settings", [
    {"port": "0"}, {"port": "70000"}, {"port": ""}, {"window": "0"}, {"window": "101"}, {"window": "ten"},
    {"enquire": "0"}, {"alphabet": "klingon"}, {"long_texts": "whole"}, {"ids": "guess"}, {"bind": "receiver"},
    {"later_codes": "0xZZ"}, {"account_codes": "12 twelve"}, {"account": "pörtal"}, {"source_ton": "7"},
    {"authority": "not PEM"}, {"authority": "-----BEGIN CERTIFICATE-----AAAA-----END CERTIFICATE-----"},
    {"system_type": "a\0b"},
])
def test_settings_that_cannot_be_are_refused_with_a_sentence(settings):
    with pytest.raises(ValueError, match=r"^[A-Za-z_ 0-9]+ .*\.$|^.+CERTIFICATE-----\.$"):
        read_settings(replace(SETUP, settings={**SETUP.settings, **settings}))


def test_codes_may_be_typed_in_both_ways():
    center = read_settings(setup_at(2775, later_codes="0x45, 1042;0XfF", account_codes=" 1089 "))
    assert center.codes == (frozenset({0x45, 1042, 0xFF}), frozenset({1089}))


def test_defaults_are_what_the_fields_say():
    center = read_settings(replace(SETUP, settings={"host": "center.example.com", "account": "portal"}))
    assert (center.port, center.tls, center.window, center.enquire) == (2775, True, 10, 30)
    assert (center.alphabet, center.long_texts, center.ids, center.in_pair) == ("gsm", "payload", "as-is", False)
    assert (center.number_types, center.number_plans) == ((1, 1), (1, 1))
    assert all(re.fullmatch("[a-z_]+", field.name) for field in FIELDS)
    assert OURS.startswith("+")
