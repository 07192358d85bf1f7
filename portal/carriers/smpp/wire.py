"""The connection to a center: one thread reads and writes it, any thread may leave something to be written.

Nothing here waits without a bound. The socket never blocks, so that half a PDU, a peer that does not read and a TLS
handshake that drips are all only a matter of time. One thread alone touches the TLS connection: OpenSSL does not allow
two to use one at the same time.
"""

import selectors
import socket
import ssl
import time
from contextlib import suppress

from ..network import CONNECT_SECONDS, open_connection
from .pdu import Pdu, PduReader
from .settings import CenterSettings

_PIECE = 64 * 1024
# A peer that asks and asks and never reads would fill our memory with answers.
_MOST_UNWRITTEN = 1024 * 1024
# A system that acknowledges late, as Linux does, makes a center that writes many small answers wait 40 ms for each few
# of them. It has to be told anew after each piece.
_PROMPTLY = getattr(socket, "TCP_QUICKACK", None)
_WAITS = (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class ClosedWire(OSError):
    """The other side has ended the connection."""


class Wire:
    """A connection that is open. All belongs to one thread but `wake`, which any may call."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._connection = connection
        self._reader, self._unwritten = PduReader(), bytearray()
        self._waker, self._woken = socket.socketpair()
        self._waker.setblocking(False)
        self._woken.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(connection, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)

    @property
    def is_clear(self) -> bool:
        """Whether all that was to be written is written."""
        return not self._unwritten

    def write(self, pdu: Pdu) -> None:
        """Leave a PDU to be written by the next turns. Raises ClosedWire when the other side reads nothing."""
        self._unwritten += pdu.write_bytes()
        if len(self._unwritten) > _MOST_UNWRITTEN:
            raise ClosedWire("the other side reads nothing")

    def turn(self, seconds: float) -> list[Pdu]:
        """Write what can be written, wait for so long at most, read what has come.

        Raises OSError when the connection is lost, BrokenPdu when it is out of step.
        """
        self._flush()
        wanted = selectors.EVENT_READ | (0 if self.is_clear else selectors.EVENT_WRITE)
        self._selector.modify(self._connection, wanted)
        self._selector.select(max(0.0, seconds))
        with suppress(*_WAITS):
            self._woken.recv(_PIECE)
        found = self._reader.feed(self._read())
        self._flush()
        return found

    def wake(self) -> None:
        """End the wait of a turn, now or at its next beginning."""
        with suppress(OSError):
            self._waker.send(b"\0")

    def close(self) -> None:
        """Close the connection. More than once does nothing."""
        self._selector.close()
        for one in (self._connection, self._waker, self._woken):
            with suppress(OSError):
                one.close()

    def _read(self) -> bytes:
        """What has come, as far as it is not more than a few of the longest PDUs; TLS may hold more than it shows.

        An end that comes with it is left to the next turn: an answer before it still counts.
        """
        found = bytearray()
        try:
            while len(found) < 4 * _PIECE:
                found += self._read_piece()
        except _WAITS:
            return bytes(found)
        except OSError:
            if not found:
                raise
        self.wake()
        return bytes(found)

    def _read_piece(self) -> bytes:
        piece = self._connection.recv(_PIECE)
        if not piece:
            raise ClosedWire("closed by the other side")
        if _PROMPTLY is not None:
            self._connection.setsockopt(socket.IPPROTO_TCP, _PROMPTLY, 1)
        return piece

    def _flush(self) -> None:
        with suppress(*_WAITS):
            while self._unwritten:
                del self._unwritten[:self._connection.send(self._unwritten[:_PIECE])]


def open_wire(center: CenterSettings, until: float) -> Wire:
    """Connect to a center, with TLS where it is set, until this moment of the monotonic clock at most.

    Raises ForbiddenAddress, ssl.SSLError, or another OSError: nobody is there.
    """
    seconds = min(CONNECT_SECONDS, until - time.monotonic())
    connection = open_connection(center.host, center.port, center.networks, seconds)
    try:
        return Wire(_secure(connection, center, until) if center.tls else connection)
    except BaseException:
        connection.close()
        raise


def _secure(connection: socket.socket, center: CenterSettings, until: float) -> ssl.SSLSocket:
    """The connection with TLS. All steps of the handshake together have until this moment."""
    connection.setblocking(False)
    secure = center.make_context().wrap_socket(connection, server_hostname=center.host, do_handshake_on_connect=False)
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(secure, selectors.EVENT_READ)
            while not _has_shaken(secure, selector):
                _wait_until(selector, until)
    except BaseException:
        secure.close()
        raise
    return secure


def _wait_until(selector: selectors.BaseSelector, until: float) -> None:
    if not selector.select(max(0.0, until - time.monotonic())):
        raise TimeoutError("nothing came in time")


def _has_shaken(secure: ssl.SSLSocket, selector: selectors.BaseSelector) -> bool:
    """Take a step of the handshake; whether it was the last."""
    try:
        secure.do_handshake()
    except ssl.SSLWantReadError:
        selector.modify(secure, selectors.EVENT_READ)
        return False
    except ssl.SSLWantWriteError:
        selector.modify(secure, selectors.EVENT_WRITE)
        return False
    return True
