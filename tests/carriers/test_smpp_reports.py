"""What comes by a line: receipts in all their shapes, texts in all their codings, and texts that are told twice."""

import threading
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from portal.carriers.base import CarrierReceipt, CarrierStatus, IncomingText, TextPart
from portal.carriers.smpp import KIND, repetition, reports
from portal.carriers.smpp.alphabets import encode_gsm
from portal.carriers.smpp.incoming import read_text
from portal.carriers.smpp.pdu import Command, Pdu, ShortMessage, Tag
from portal.carriers.smpp.repetition import HeardTexts
from portal.carriers.smpp.settings import read_settings
from tests.patience import wait_for

from .rigs import text
from .rigs.smpp import Keeper, setup_at
from .smpp_peer import SILENT, SmppPeer, deliver_body

THEIRS, OURS = "12125550110", "14165550101"
WORDS = (b"id:%s sub:001 dlvrd:001 submit date:2603141509 done date:2603141510 stat:%s err:%s text:id:99 stat:EXPIRED")


def words(text_id=b"1001", stat=b"DELIVRD", err=b"000"):
    return WORDS % (text_id, stat, err)


def receipt(body=b"", esm_class=4, center=None, **parameters):
    found = {Tag[name]: value for name, value in parameters.items()}
    message = ShortMessage(THEIRS, OURS, body, esm_class=esm_class, parameters=found)
    assert reports.is_receipt(message)
    return reports.read_receipt(message, center or read_settings(setup_at(1)))


# --- receipts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("word", "status", "code"), [
    ("ENROUTE", CarrierStatus.SENT, ""), ("ACCEPTD", CarrierStatus.SENT, ""), ("DELIVRD", CarrierStatus.DELIVERED, ""),
    ("UNDELIV", CarrierStatus.UNDELIVERED, "phone-off"), ("REJECTD", CarrierStatus.FAILED, "refused-by-network"),
    ("DELETED", CarrierStatus.FAILED, "DELETED"), ("EXPIRED", CarrierStatus.EXPIRED, "too-late"),
    ("UNKNOWN", None, "no-report"), ("FAILED", None, "FAILED"), ("delivrd", CarrierStatus.DELIVERED, ""),
    ("Delivered", CarrierStatus.DELIVERED, ""), ("UNDELIVERABLE", CarrierStatus.UNDELIVERED, "phone-off"),
])
def test_words(word, status, code):
    found = receipt(words(stat=word.encode()))
    assert (found.id, found.status, found.code) == ("1001", status, code)
    assert found.raw == {"Delivered": "DELIVRD", "UNDELIVERABLE": "UNDELIV"}.get(word, word.upper())


@pytest.mark.parametrize(("state", "word"), list(enumerate(
    ["ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD"], 1)))
def test_parameters_alone(state, word):
    found = receipt(esm_class=0, RECEIPTED_ID=b"1001\0", MESSAGE_STATE=bytes([state]))
    assert found == replace(receipt(words(stat=word.encode())))


def test_all_shapes_mean_the_same():
    shapes = [
        receipt(words()), receipt(RECEIPTED_ID=b"1001\0", MESSAGE_STATE=b"\2"),
        receipt(RECEIPTED_ID=b"1001", MESSAGE_STATE=b"\2"),
        receipt(words(), RECEIPTED_ID=b"1001\0", MESSAGE_STATE=b"\2"),
        receipt(words(), esm_class=0x20), receipt(words(), esm_class=0x84), receipt(words(), 0, RECEIPTED_ID=b"1001\0"),
        receipt(words().replace(b"id:", b"ID: ").replace(b" stat:", b"\nStat: ")), receipt(b"stat:DELIVRD id:1001"),
    ]
    assert shapes == [CarrierReceipt("DELIVRD", CarrierStatus.DELIVERED, id="1001")] * len(shapes)


def test_the_words_count_before_the_state_and_the_state_before_nothing():
    assert receipt(words(stat=b"UNDELIV"), MESSAGE_STATE=b"\2").status is CarrierStatus.UNDELIVERED
    vendor = receipt(words(stat=b"FAILED"), MESSAGE_STATE=b"\5")
    assert (vendor.raw, vendor.status, vendor.code) == ("FAILED", CarrierStatus.UNDELIVERED, "phone-off")
    assert receipt(b"nothing of use").status is None
    assert receipt(MESSAGE_STATE=b"\xff").status is None
    assert receipt(MESSAGE_STATE=b"").status is None


def test_what_the_center_adds_about_an_error_is_kept():
    assert receipt(words(stat=b"UNDELIV", err=b"069")).raw == "UNDELIV err:069"
    assert len(receipt(words(stat=b"X" * 200, err=b"y" * 200)).raw) == 60


def test_the_id_of_the_parameter_counts_and_ids_are_stored_in_one_writing():
    center = read_settings(setup_at(1, ids="hex-answer"))
    assert receipt(words(b"1000000000"), center=center).id == "3b9aca00"
    assert receipt(words(b"7"), center=center, RECEIPTED_ID=b"1000000000\0").id == "3b9aca00"


def test_a_text_of_a_person_is_no_receipt_whatever_it_says():
    assert not reports.is_receipt(ShortMessage(THEIRS, OURS, words()))
    assert not reports.is_receipt(ShortMessage(THEIRS, OURS, words(), esm_class=0x40))


@given(some.binary(max_size=200), some.dictionaries(
    some.sampled_from([Tag.RECEIPTED_ID, Tag.MESSAGE_STATE, Tag.USER_REFERENCE]), some.binary(max_size=80)))
def test_no_receipt_breaks_anything(body, parameters):
    message = ShortMessage(THEIRS, OURS, body, esm_class=4, parameters=parameters)
    found = reports.read_receipt(message, read_settings(setup_at(1)))
    assert len(found.raw) <= 60
    assert len(found.code) <= 40
    assert len(found.id) <= 64


# --- texts ------------------------------------------------------------------------------------------------


def read(body, own=lambda number: False, usual="gsm", **how):
    return read_text(ShortMessage(**{"source": THEIRS, "dest": OURS, "words": body} | how), "an-id", usual, own)


@pytest.mark.parametrize(("body", "coding", "said"), [
    (encode_gsm("Grüße {€} @"), 0, "Grüße {€} @"), ("héllo ÿ".encode("latin-1"), 3, "héllo ÿ"),
    ("Привет 🙂".encode("utf-16-be"), 8, "Привет 🙂"), ("Привет".encode("iso8859-5"), 6, "Привет"),
    (b"plain", 1, "plain"), (b"", 0, ""),
])
def test_texts_in_all_codings(body, coding, said):
    assert read(body, data_coding=coding) == IncomingText("an-id", f"+{THEIRS}", f"+{OURS}", said)


def test_coding_0_means_what_the_operator_says():
    assert [read(b"\xe9@", usual=usual).body for usual in ("latin1", "gsm")] == ["é@", "\ufffd¡"]


def test_bytes_that_are_no_text_are_an_attachment():
    assert read(b"\x06\x05\x04\x15\x81", data_coding=4) == IncomingText("an-id", f"+{THEIRS}", f"+{OURS}", "", 1)


def test_parts_with_a_header():
    first = read(b"\5\0\3\x7b\2\1Hello ", esm_class=0x40)
    assert (first.body, first.part) == ("Hello ", TextPart("udh1-7b", 1, 2))
    wide = read(b"\6\x08\4\x12\x34\3\2\0\xd8\x3d", esm_class=0x40, data_coding=8)
    assert wide.part == TextPart("udh2-1234", 2, 3)
    both = read(b"\x09\x05\2\1\2\0\3\x7b\2\2world", esm_class=0x40)
    assert (both.body, both.part) == ("world", TextPart("udh1-7b", 2, 2))


def test_parts_with_parameters():
    sar = {Tag.SAR_REFERENCE: b"\0\7", Tag.SAR_TOTAL: b"\2", Tag.SAR_NUMBER: b"\1"}
    assert read(b"Hello", parameters=sar).part == TextPart("sar-0007", 1, 2)
    for tag in sar:
        assert read(b"Hello", parameters={**sar, tag: b""}).part is None


@pytest.mark.parametrize("body", [
    b"\5\0\3\x7b\1\1Hello", b"\5\0\3\x7b\2\3Hello", b"\5\0\3\x7b\2\0Hello", b"\5\0\3\x7b\0\0Hello",
    b"\5\0\2\x7b\2\1Hello", b"\2\x24\0Hello", b"\0Hello", b"\1\0Hello",
])
def test_headers_that_say_nothing_of_parts(body):
    found = read(body, esm_class=0x40)
    assert found.part is None
    assert found.body.endswith("Hello")


def test_a_header_that_is_longer_than_the_text_is_none():
    assert read(b"\xffHello", esm_class=0x40, usual="latin1").body == "ÿHello"
    assert read(b"", esm_class=0x40).body == ""


@pytest.mark.parametrize(("source", "kind", "sender"), [
    ("12125550110", 1, "+12125550110"), ("4520123456", 1, "+4520123456"), ("2125550110", 2, "+12125550110"),
    ("+12125550110", 1, "+12125550110"), ("12125550110", 0, "+12125550110"), ("12345", 3, "12345"),
    ("AMAZON", 5, "AMAZON"),
])
def test_numbers_are_what_the_center_says_they_are(source, kind, sender):
    assert read(b"hi", source=source, source_type=kind).sender == sender


def test_a_center_that_calls_national_numbers_international():
    """Ten digits may be a number in Denmark or in New York. What the center makes of our own number tells which."""
    ours = {"+14165550101"}.__contains__
    found = read(b"STOP", ours, source="2125550110", dest="4165550101")
    assert (found.sender, found.recipient) == ("+12125550110", "+14165550101")
    abroad = read(b"STOP", ours, source="4520123456")
    assert abroad.sender == "+4520123456"


# --- told once, told again --------------------------------------------------------------------------------


class Line:
    """A session as far as ids need one."""

    ended = None


class Portal:
    """What the portal remembers over a restart: its texts by their ids."""

    def __init__(self):
        self.texts, self.clock = {}, datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)

    def now(self):
        return self.clock

    def find(self, beginning):
        found = [(text_id, at) for text_id, at in self.texts.items() if text_id.startswith(beginning)]
        return max(found, key=lambda one: one[1], default=None)


@pytest.fixture
def portal():
    return Portal()


@pytest.fixture
def monotonic(monkeypatch):
    class Clock:
        at = 1000.0

    monkeypatch.setattr(repetition.time, "monotonic", lambda: Clock.at)
    return Clock


def started(portal):
    return HeardTexts(b"key", portal.find, portal.now)


def heard(texts, line, portal, body="yes", source=THEIRS, stored=True):
    """Hear a text and answer; its id."""
    message = ShortMessage(source, OURS, body.encode())
    text_id = texts.find_id(line, message, deliver_body(message))
    if stored is not None:
        if stored:
            portal.texts.setdefault(text_id, portal.clock)
        texts.note_outcome(text_id, stored=stored)
    return text_id


def test_two_equal_texts_on_one_session_are_two(portal, monotonic):
    texts, line = started(portal), Line()
    ids = [heard(texts, line, portal) for _ in range(3)]
    assert len(set(ids)) == 3, "even within one moment of the clock"
    assert all(len(one) <= 64 for one in ids)


def test_ids_say_nothing_of_numbers_and_words(portal, monotonic):
    other = HeardTexts(b"another key", portal.find, portal.now)
    first, second = (heard(texts, Line(), portal).split("-")[0] for texts in (started(portal), other))
    assert first != second


def test_a_text_that_was_not_stored_keeps_its_id(portal, monotonic):
    texts, line = started(portal), Line()
    first = heard(texts, line, portal, stored=False)
    assert heard(texts, line, portal, stored=False) == first
    assert heard(texts, Line(), portal) == first, "on another session as well"


def test_a_text_without_our_answer_is_told_again_after_the_patience_of_a_center(portal, monotonic):
    texts, line = started(portal), Line()
    first = heard(texts, line, portal, stored=None)
    at_once = heard(texts, line, portal, stored=None)
    assert at_once != first, "what waited while the line was away comes in one go"
    monotonic.at += 5
    assert heard(texts, line, portal) == at_once


def test_a_text_whose_answer_was_lost_with_the_line(portal, monotonic):
    texts, line = started(portal), Line()
    first = heard(texts, line, portal)
    monotonic.at += 29
    line.ended = monotonic.at
    again = Line()
    monotonic.at += 100
    assert heard(texts, again, portal) == first
    assert heard(texts, again, portal) != first, "told again once, and then a person says it again"


def test_a_text_whose_answer_was_surely_heard(portal, monotonic):
    texts, line = started(portal), Line()
    first = heard(texts, line, portal)
    monotonic.at += 31
    line.ended = monotonic.at
    assert heard(texts, Line(), portal) != first


def test_nothing_is_told_again_for_ever(portal, monotonic):
    texts, line = started(portal), Line()
    first = heard(texts, line, portal)
    line.ended = monotonic.at
    monotonic.at += 301
    assert heard(texts, Line(), portal) != first


def test_after_a_restart_the_portal_remembers(portal, monotonic):
    first = heard(started(portal), Line(), portal)
    texts, line = started(portal), Line()
    portal.clock += timedelta(seconds=119)
    assert heard(texts, line, portal) == first
    assert heard(texts, line, portal) != first
    portal.clock += timedelta(seconds=121)
    assert heard(started(portal), Line(), portal) != first, "the next week's yes"


def test_stop_start_stop_ends_with_stop_whatever_happens_to_the_line(portal, monotonic):
    first = heard(started(portal), Line(), portal, "STOP")
    texts, line = started(portal), Line()
    heard(texts, line, portal, "START")
    assert heard(texts, line, portal, "STOP") != first


def test_several_texts_without_an_answer_are_each_told_again(portal, monotonic):
    texts = started(portal)
    firsts = [heard(texts, Line(), portal, body) for body in ("one", "two", "three")]
    texts, line = started(portal), Line()
    assert [heard(texts, line, portal, body) for body in ("one", "two", "three")] == firsts


def test_equal_texts_of_two_people_never_meet(portal, monotonic):
    first = heard(started(portal), Line(), portal)
    assert heard(started(portal), Line(), portal, source="12125550111") != first


def test_what_is_remembered_has_a_bound(portal, monotonic, monkeypatch):
    monkeypatch.setattr(repetition, "_MOST_REMEMBERED", 3)
    texts, line = started(portal), Line()
    for at in range(9):
        heard(texts, line, portal, f"text {at}", source=f"1212555{at:04}")
    assert len(texts._heard) == len(texts._talks) == 3


# --- told by a line ---------------------------------------------------------------------------------------


@pytest.fixture
def ends():
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def start(ends):
    def begin(store=lambda news: None, **settings):
        peer = SmppPeer()
        ends.callback(peer.close)
        keeper = Keeper(KIND.make(setup_at(peer.port, **settings)), store)
        ends.callback(keeper.stop)
        return peer, keeper.up()

    return begin


def test_the_center_hears_only_what_is_stored(start):
    stored, release = [], threading.Event()

    def store(news):
        assert release.wait(60)
        stored.extend(news)

    peer, _keeper = start(store)
    connection = peer.bound()
    connection.write(Pdu(Command.DELIVER_SM, 0, 900, deliver_body(ShortMessage(THEIRS, OURS, b"hello"))))
    assert connection.request(Command.ENQUIRE_LINK, b"").status == 0, "the line goes on while the portal stores"
    assert 900 not in connection.answers
    release.set()
    wait_for(lambda: 900 in connection.answers)
    assert connection.answers[900].status == 0
    assert [one.body for one in stored] == ["hello"]


def test_what_cannot_be_stored_is_told_again(start):
    fails = [True, True, False]

    def store(news):
        if fails.pop(0):
            raise RuntimeError("the database is busy")

    peer, keeper = start(store)
    message = ShortMessage(THEIRS, OURS, b"hello")
    assert [peer.tell(message) for _ in range(3)] == [0x64, 0x64, 0]
    assert len({batch[0].id for batch in keeper.batches}) == 1


def test_one_that_cannot_be_stored_keeps_no_other_from_it(start):
    began, release = threading.Event(), threading.Event()

    def store(news):
        began.set()
        assert release.wait(60)
        if any(one.body == "poison" for one in news):
            raise ValueError

    peer, keeper = start(store)
    connection = peer.bound()
    for at, body in enumerate([b"first", b"one", b"poison", b"two"]):
        connection.write(Pdu(Command.DELIVER_SM, 0, 900 + at, deliver_body(ShortMessage(THEIRS, OURS, body))))
        assert began.wait(60)
    assert connection.request(Command.ENQUIRE_LINK, b"").status == 0
    release.set()
    wait_for(lambda: {900, 901, 902, 903} <= connection.answers.keys())
    assert [connection.answers[number].status for number in range(900, 904)] == [0, 0, 0x64, 0]
    assert [one.body for one in keeper.told] == ["first", "one", "two"]
    assert len(keeper.batches[1]) == 3, "what came meanwhile is stored in one go"


def test_receipts_of_all_kinds_twice_and_before_the_answer(start):
    peer, keeper = start()
    peer.decide = lambda message: SILENT
    sending = threading.Thread(target=keeper.carrier.send, args=(text(),))
    sending.start()
    peer.wait_for(lambda peer: peer.texts)
    message = ShortMessage(THEIRS, OURS, words(), esm_class=4)
    assert [peer.tell(one) for one in (message, message)] == [0, 0]
    payload = replace(message, words=b"", parameters={Tag.PAYLOAD: words()})
    assert peer.tell(payload) == 0
    peer.bound().write(Pdu(0x80000004, 0, peer.texts[0].pdu.sequence, b"1001\0"))
    sending.join(60)
    assert keeper.told == [CarrierReceipt("DELIVRD", CarrierStatus.DELIVERED, id="1001")] * 3


def test_receipts_by_data_sm(start):
    peer, keeper = start()
    parameters = b"".join(tag.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value for tag, value in (
        (Tag.RECEIPTED_ID, b"1001\0"), (Tag.MESSAGE_STATE, b"\2")))
    body = b"\0\1\1" + THEIRS.encode() + b"\0\1\1" + OURS.encode() + b"\0\4\0\0" + parameters
    assert peer.bound().request(Command.DATA_SM, body).status == 0
    assert keeper.told == [CarrierReceipt("DELIVRD", CarrierStatus.DELIVERED, id="1001")]


def test_a_text_that_breaks_the_reader_does_not_end_the_line(start, monkeypatch):
    peer, keeper = start()
    monkeypatch.setattr("portal.carriers.smpp.telling.read_text", lambda *given: 1 / 0)
    assert peer.tell(ShortMessage(THEIRS, OURS, b"hello")) == 0x64
    monkeypatch.undo()
    assert peer.tell(ShortMessage(THEIRS, OURS, b"hello")) == 0
    assert [one.body for one in keeper.told] == ["hello"]


def test_a_text_that_was_stored_before_the_line_was_lost_comes_once(start):
    """The line is cut after the commit and before our answer: the center tells the text again, on the next line."""
    holder = {}

    def store(news):
        if holder.pop("cut", False):
            holder["peer"].drop()
            wait_for(lambda: not holder["peer"].connections)

    peer, keeper = start(store)
    holder.update(peer=peer, cut=True)
    message = ShortMessage(THEIRS, OURS, b"yes")
    peer.bound().write(Pdu(Command.DELIVER_SM, 0, 900, deliver_body(message)))
    peer.wait_for(lambda peer: peer.binds == 2)
    assert [peer.tell(message), peer.tell(message)] == [0, 0]
    ids = [batch[0].id for batch in keeper.batches]
    assert ids[0] == ids[1] != ids[2], "once for both tellings, and once more for the person's second yes"
