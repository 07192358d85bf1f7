"""Where a carrier may be: no address that the operator did not mean is ever connected to.

The address of a carrier is typed by an operator and can be a name. So every address that the name stands for is looked
at when the portal connects, not when the name is typed: a name can stand for another address a moment later.
"""

import queue
import socket
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

from .base import Network

# Long enough for a second name server, where the first is down and the resolver waits five seconds for it.
CONNECT_SECONDS, LOOKUP_SECONDS = 3.0, 6.0
# All public IPv6 addresses lie in the first; in the second, those that a network translates to IPv4 (RFC 6052).
_PUBLIC, _TRANSLATED = IPv6Network("2000::/3"), IPv6Network("64:ff9b::/96")


class ForbiddenAddress(OSError):
    """A name stands for an address in a network where no carrier may be."""


def is_address_allowed(address: str, networks: Iterable[Network]) -> bool:
    """Whether a carrier may be at this address: anywhere in public, and in the private networks that are listed.

    Link-local addresses are never allowed: the services of a cloud's own machines answer there, with their secrets.
    """
    found = _plain(ip_address(address.partition("%")[0]))
    if found.is_link_local or found.is_multicast or found.is_unspecified:
        return False
    is_public = found.is_global and (found.version == 4 or found in _PUBLIC)
    return is_public or any(found.version == one.version and found in one for one in networks)


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside an IPv6 one that stands for it."""
    if isinstance(address, IPv6Address):
        if address in _TRANSLATED:
            return IPv4Address(int(address) & 0xFFFFFFFF)
        return address.ipv4_mapped or address.sixtofour or address
    return address


def open_connection(host: str, port: int, networks: Iterable[Network],
                    seconds: float = CONNECT_SECONDS, lookup: float = LOOKUP_SECONDS) -> socket.socket:
    """A connection to the first address of a host that answers within so many seconds, all addresses together.

    `lookup`: so many seconds may pass before, until it is known which addresses these are. Raises ForbiddenAddress when
    the name stands for an address that is not allowed, OSError when nobody answers.
    """
    allowed, found = tuple(networks), _find_addresses(host, port, lookup)
    until = time.monotonic() + seconds
    if not found or not all(is_address_allowed(str(row[4][0]), allowed) for row in found):
        raise ForbiddenAddress(f"{host} is not a place where a carrier may be")
    failed: OSError = ConnectionRefusedError(f"nobody answers at {host}")
    for family, kind, protocol, _name, address in found:
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(max(0.1, until - time.monotonic()))
            connection.connect(address)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            failed = error
            with suppress(OSError):
                connection.close()
        else:
            return connection
    raise failed


def _find_addresses(host: str, port: int, seconds: float) -> list[Any]:
    """What a name stands for. Nothing bounds the resolver of the system, so it is asked in a thread that nobody needs.

    Raises TimeoutError when it takes too long, and what the resolver raises.
    """
    answers: queue.SimpleQueue[list[Any] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except Exception as error:  # noqa: BLE001 - raised again where somebody waits
            answers.put(error)

    threading.Thread(target=ask, name="resolver", daemon=True).start()
    try:
        found = answers.get(timeout=max(0.0, seconds))
    except queue.Empty:
        raise TimeoutError(f"nobody says in time where {host} is") from None
    if isinstance(found, Exception):
        raise found
    return found
