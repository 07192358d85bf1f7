"""SMPP 3.4 on the wire: a PDU is a head of four numbers and a body of fields, strings and tagged parameters.

Nothing here believes what it reads: a length of nonsense, a string without its end and a field that is cut all raise
BrokenPdu. Source: SMPP Protocol Specification v3.4, issue 1.2, chapters 3 to 5.
"""

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

HEAD_BYTES = 16
# The longest parameter there can be is 65,535 bytes; all other fields of a PDU together are far below the rest.
LONGEST_PDU = 70_000
LAST_SEQUENCE = 0x7FFFFFFF
INTERFACE_VERSION = 0x34


class Command(IntEnum):
    """What a PDU asks for; the answer to it has the bit ANSWER_BIT as well."""

    BIND_RECEIVER = 0x01
    BIND_TRANSMITTER = 0x02
    SUBMIT_SM = 0x04
    DELIVER_SM = 0x05
    UNBIND = 0x06
    BIND_TRANSCEIVER = 0x09
    OUTBIND = 0x0B
    ENQUIRE_LINK = 0x15
    ALERT_NOTIFICATION = 0x102
    DATA_SM = 0x103
    GENERIC_NACK = 0x80000000


ANSWER_BIT = 0x80000000


class CommandStatus(IntEnum):
    """The statuses that the portal itself gives or has to know; there are many more."""

    OK = 0x00
    UNKNOWN_COMMAND = 0x03
    WRONG_BIND_STATE = 0x04
    ALREADY_BOUND = 0x05
    SYSTEM_ERROR = 0x08
    QUEUE_FULL = 0x14
    THROTTLED = 0x58
    TRY_AGAIN = 0x64
    NEVER_AGAIN = 0x65


class Tag(IntEnum):
    """The optional parameters that the portal reads or writes."""

    RECEIPTED_ID = 0x001E
    USER_REFERENCE = 0x0204
    SAR_REFERENCE = 0x020C
    SAR_TOTAL = 0x020E
    SAR_NUMBER = 0x020F
    PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427


class BrokenPdu(Exception):
    """What came is no PDU of SMPP 3.4."""


@dataclass(frozen=True, slots=True)
class Pdu:
    """One PDU: what it asks for, its status (0 in requests), the number of the request, and its body."""

    command: int
    status: int
    sequence: int
    body: bytes = field(default=b"", repr=False)

    def write_bytes(self) -> bytes:
        """The PDU as it goes on the wire."""
        return struct.pack(">LLLL", HEAD_BYTES + len(self.body), self.command, self.status, self.sequence) + self.body


class PduReader:
    """Cuts what comes into PDUs; half a PDU waits here for its other half, however long that takes."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, more: bytes) -> list[Pdu]:
        """The PDUs that are whole now. Raises BrokenPdu for a length that no PDU has: the line is out of step then."""
        self._rest += more
        whole = []
        while len(self._rest) >= HEAD_BYTES:
            size, command, status, sequence = struct.unpack_from(">LLLL", self._rest)
            if not HEAD_BYTES <= size <= LONGEST_PDU:
                raise BrokenPdu(f"no PDU has {size} bytes")
            if len(self._rest) < size:
                break
            whole.append(Pdu(command, status, sequence, bytes(self._rest[HEAD_BYTES:size])))
            del self._rest[:size]
        return whole


class _Fields:
    """Reads the fields of a body, one after the other."""

    def __init__(self, body: bytes) -> None:
        self._body, self._at = body, 0

    def take_number(self) -> int:
        return self.take_octets(1)[0]

    def take_octets(self, many: int) -> bytes:
        if self._at + many > len(self._body):
            raise BrokenPdu("a field is cut")
        self._at += many
        return self._body[self._at - many:self._at]

    def take_string(self) -> str:
        end = self._body.find(0, self._at)
        if end < 0:
            raise BrokenPdu("a string has no end")
        found, self._at = self._body[self._at:end], end + 1
        return found.decode("latin-1")

    def take_parameters(self) -> dict[int, bytes]:
        """The parameters to the end, of several with one tag the first. One that is cut ends them.

        Centers are careless here, and all before it can be read. But a text whose words are cut must not be taken.
        """
        found: dict[int, bytes] = {}
        while self._at + 4 <= len(self._body):
            tag, size = struct.unpack_from(">HH", self._body, self._at)
            value = self._body[self._at + 4:self._at + 4 + size]
            if len(value) < size:
                if tag == Tag.PAYLOAD:
                    raise BrokenPdu("the words are cut")
                break
            found.setdefault(tag, value)
            self._at += 4 + size
        return found


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """What a submit_sm, deliver_sm or data_sm holds. `words` are the bytes of the text, wherever they lay.

    `source_type` and `dest_type` are the types of number (TON): 1 is international.
    """

    source: str = field(repr=False)
    dest: str = field(repr=False)
    words: bytes = field(repr=False)
    source_type: int = 1
    dest_type: int = 1
    esm_class: int = 0
    data_coding: int = 0
    parameters: Mapping[int, bytes] = field(default_factory=dict, repr=False)


def read_short_message(pdu: Pdu) -> ShortMessage:
    """The body of a submit_sm, deliver_sm or data_sm (§4.4.1, §4.6.1, §4.7.1). Raises BrokenPdu."""
    fields = _Fields(pdu.body)
    fields.take_string()
    source_type, _source_plan, source = fields.take_number(), fields.take_number(), fields.take_string()
    dest_type, _dest_plan, dest = fields.take_number(), fields.take_number(), fields.take_string()
    esm_class, words = fields.take_number(), b""
    if pdu.command == Command.DATA_SM:
        _registered, data_coding = fields.take_octets(2)
    else:
        fields.take_octets(2)
        fields.take_string()
        fields.take_string()
        _registered, _replace, data_coding, _stored, size = fields.take_octets(5)
        words = fields.take_octets(size)
    parameters = fields.take_parameters()
    return ShortMessage(source, dest, words or parameters.get(Tag.PAYLOAD, b""), source_type, dest_type, esm_class,
                        data_coding, parameters)


def read_message_id(body: bytes) -> str:
    """The id in the answer to a submit_sm, "" for none: some centers leave out its end, or all of it."""
    return body.partition(b"\0")[0].decode("latin-1")


def write_bind(account: str, password: str, system_type: str) -> bytes:
    """The body of a bind, of any kind (§4.1.1)."""
    strings = b"".join(one.encode("ascii") + b"\0" for one in (account, password, system_type))
    return strings + bytes((INTERFACE_VERSION, 0, 0)) + b"\0"


def write_parameters(parameters: Iterable[tuple[int, bytes]]) -> bytes:
    """Optional parameters as they stand at the end of a body (§3.2.4)."""
    return b"".join(struct.pack(">HH", tag, len(value)) + value for tag, value in parameters)


def write_submit(message: ShortMessage, plans: tuple[int, int], *, validity: str, asks_receipt: bool) -> bytes:
    """The body of a submit_sm (§4.4.1); the words stand in it unless there is a parameter that holds them.

    `plans`: numbering plans (NPI) of source and destination. `validity`: "" or a moment as in §7.1.1.
    """
    words = b"" if Tag.PAYLOAD in message.parameters else message.words
    return b"".join((
        b"\0", bytes((message.source_type, plans[0])), message.source.encode("ascii"), b"\0",
        bytes((message.dest_type, plans[1])), message.dest.encode("ascii"), b"\0",
        bytes((message.esm_class, 0, 0)), b"\0", validity.encode("ascii"), b"\0",
        bytes((int(asks_receipt), 0, message.data_coding, 0, len(words))), words,
        write_parameters(message.parameters.items())))
