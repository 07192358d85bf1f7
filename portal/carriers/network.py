"""Where a carrier may be: no address that the operator did not mean is ever connected to.

The address of a carrier is typed by an operator and can be a name. So every address that the name stands for is looked
at when the portal connects, not when the name is typed: a name can stand for another address a moment later.
"""

import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address

from .base import Network

CONNECT_SECONDS = 3.0


class ForbiddenAddress(OSError):
    """A name stands for an address in a network where no carrier may be."""


def is_address_allowed(address: str, networks: Iterable[Network]) -> bool:
    """Whether a carrier may be at this address: anywhere in public, and in the private networks that are listed.

    Link-local addresses are never allowed: the services of a cloud's own machines answer there, with their secrets.
    """
    found = _plain(ip_address(address.partition("%")[0]))
    if found.is_link_local or found.is_multicast or found.is_unspecified:
        return False
    return found.is_global or any(found.version == one.version and found in one for one in networks)


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside an IPv6 one that stands for it."""
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or address.sixtofour or address
    return address


def open_connection(host: str, port: int, networks: Iterable[Network],
                    seconds: float = CONNECT_SECONDS) -> socket.socket:
    """A connection to the first address of a host that answers within so many seconds, all addresses together.

    Raises ForbiddenAddress when the name stands for an address that is not allowed, OSError when nobody answers.
    """
    allowed, until = tuple(networks), time.monotonic() + seconds
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
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
