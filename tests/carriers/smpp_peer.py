"""A message center in a few threads: it takes texts as it is told, and keeps what it saw."""

import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass, field

from portal.carriers.smpp.pdu import (
    ANSWER_BIT,
    BrokenPdu,
    Command,
    Pdu,
    PduReader,
    ShortMessage,
    Tag,
    read_short_message,
    write_parameters,
)

LONG = 60
BINDS = {Command.BIND_TRANSCEIVER, Command.BIND_TRANSMITTER, Command.BIND_RECEIVER}
TAKE, SILENT, DROP, DROP_TAKEN = "take", "silent", "drop", "drop when taken"


@dataclass
class Taken:
    """A text that the center has."""

    id: str
    message: ShortMessage
    pdu: Pdu = field(repr=False)

    @property
    def bits(self):
        return self.message.parameters[Tag.USER_REFERENCE]


def deliver_body(message, *, registered=0):
    """The body of a deliver_sm, by the book and by other code than that under test."""
    words = b"" if Tag.PAYLOAD in message.parameters else message.words
    return b"".join([
        b"\0", bytes([message.source_type, 1]), message.source.encode(), b"\0", bytes([message.dest_type, 1]),
        message.dest.encode(), b"\0", bytes([message.esm_class, 0, 0]), b"\0\0",
        bytes([registered, 0, message.data_coding, 0, len(words)]), words,
        write_parameters(message.parameters.items())])


class Connection:
    """One connection to the center."""

    def __init__(self, center, raw):
        self.center, self.raw, self.kind = center, raw, None
        self.answers, self.changed, self.numbers = {}, threading.Condition(), 0
        self.lock = threading.Lock()

    def write(self, pdu):
        with self.lock:
            self.raw.sendall(pdu.write_bytes())

    def attend(self):
        reader = PduReader()
        try:
            while more := self.raw.recv(65536):
                for pdu in reader.feed(more):
                    self.center.seen.append(pdu)
                    self.take(pdu)
        except (OSError, BrokenPdu):
            pass
        finally:
            self.center.leave(self)
            self.raw.close()

    def take(self, pdu):
        if pdu.command & ANSWER_BIT:
            with self.changed:
                self.answers[pdu.sequence] = pdu
                self.changed.notify_all()
        elif self.center.is_mute:
            pass
        elif pdu.command in BINDS:
            self.bind(pdu)
        elif pdu.command == Command.SUBMIT_SM:
            self.center.take_submit(self, pdu)
        else:
            self.write(Pdu(pdu.command | ANSWER_BIT, 0, pdu.sequence))
            if pdu.command == Command.UNBIND:
                self.center.unbinds += 1
                self.raw.shutdown(socket.SHUT_WR)

    def bind(self, pdu):
        account, password = pdu.body.split(b"\0")[:2]
        status = self.center.bind_status or (0 if (account, password) == self.center.account else 0x0E)
        self.write(Pdu(pdu.command | ANSWER_BIT, status, pdu.sequence, b"" if status else b"center\0"))
        if not status:
            self.kind = pdu.command
            self.center.enter(self)

    def request(self, command, body, seconds=LONG):
        """Send a request; its answer, None when there is none in time."""
        with self.changed:
            self.numbers += 1
            number = self.numbers
        self.write(Pdu(command, 0, number, body))
        with self.changed:
            self.changed.wait_for(lambda: number in self.answers, seconds)
            return self.answers.get(number)

    def drop(self):
        """Cut the line without a word."""
        with suppress(OSError):
            self.raw.shutdown(socket.SHUT_RDWR)


class SmppPeer:
    """A center on a free port. `decide(message)` says what becomes of each text: a status, or a word from above."""

    def __init__(self, context=None, decide=lambda message: TAKE):
        self.account, self.bind_status, self.is_mute = (b"portal", b"secret"), 0, False
        self.decide, self.context = decide, context
        self.texts, self.seen, self.connections, self.unbinds, self.binds = [], [], [], 0, 0
        self.changed = threading.Condition()
        self.next = 1000
        self.write_id = str
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                raw, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self.attend, args=(raw,), daemon=True).start()

    def attend(self, raw):
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            connection = Connection(self, self.context.wrap_socket(raw, server_side=True) if self.context else raw)
        except (ssl.SSLError, OSError):
            raw.close()
            return
        connection.attend()

    def enter(self, connection):
        with self.changed:
            self.connections.append(connection)
            self.binds += 1
            self.changed.notify_all()

    def leave(self, connection):
        with self.changed:
            if connection in self.connections:
                self.connections.remove(connection)
            self.changed.notify_all()

    def take_submit(self, connection, pdu):
        message = read_short_message(pdu)
        said = self.decide(message)
        if said == DROP:
            return connection.drop()
        if isinstance(said, int) and said:
            return connection.write(Pdu(Command.SUBMIT_SM | ANSWER_BIT, said, pdu.sequence))
        with self.changed:
            self.next += 1
            taken = Taken(self.write_id(self.next), message, pdu)
            self.texts.append(taken)
            self.changed.notify_all()
        if said == DROP_TAKEN:
            return connection.drop()
        if said != SILENT:
            connection.write(Pdu(Command.SUBMIT_SM | ANSWER_BIT, 0, pdu.sequence, taken.id.encode() + b"\0"))
        return None

    def count(self, bits):
        return sum(one.bits == bits for one in self.texts)

    def wait_for(self, holds, seconds=LONG):
        with self.changed:
            assert self.changed.wait_for(lambda: holds(self), seconds)

    def bound(self, *kinds):
        """The connection of one of these kinds, as soon as there is one."""
        kinds = kinds or (Command.BIND_TRANSCEIVER, Command.BIND_RECEIVER)
        self.wait_for(lambda peer: any(one.kind in kinds for one in peer.connections))
        return next(one for one in self.connections if one.kind in kinds)

    def tell(self, message, command=Command.DELIVER_SM):
        """Tell a text or receipt; the status of the answer."""
        answer = self.bound().request(command, deliver_body(message))
        return answer and answer.status

    def drop(self):
        for one in list(self.connections):
            one.drop()

    def close(self):
        self.server.close()
        self.drop()
