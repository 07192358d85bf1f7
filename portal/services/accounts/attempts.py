"""Token buckets that limit how often strangers may try: sign-ins, password checks and more."""

import ipaddress
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete

from portal.extensions import db, lock_names, now, writing
from portal.models import TokenBucket
from portal.write_scopes import ROWS_ALONE

from .. import hashes


@dataclass(frozen=True, slots=True)
class Allowance:
    """At most `most` tries at once, filled up again evenly over `period`."""

    name: str
    most: int
    period: timedelta

    def key(self, whom: str) -> str:
        """The bucket's key: a keyed hash, so that a copy of the table reveals no people or addresses."""
        return hashes.keyed_hash(f"{self.name}:{whom}", "bucket")


QUARTER_HOUR, WHOLE_DAY = timedelta(minutes=15), timedelta(days=1)
# Tries in a browser where the person has never signed in: one account from one source, per quarter hour and per day;
# one account from all sources (15 sources use it up; known browsers do not count); one source for all accounts.
SIGN_IN_HERE = Allowance("sign-in-here", 10, QUARTER_HOUR)
SIGN_IN_HERE_DAY = Allowance("sign-in-here-day", 20, WHOLE_DAY)
SIGN_IN_ACCOUNT = Allowance("sign-in-account", 300, WHOLE_DAY)
SIGN_IN_SOURCE = Allowance("sign-in-source", 20, QUARTER_HOUR)
# Tries in a browser where the person has signed in before, and password checks of a signed-in person.
SIGN_IN_DEVICE = Allowance("sign-in-device", 10, QUARTER_HOUR)
PASSWORD_CHECK = Allowance("password-check", 10, QUARTER_HOUR)
# Sign-in links for one address that administrators have made: each may go there as a letter with words of theirs.
SIGN_IN_LINKS = Allowance("sign-in-links", 10, WHOLE_DAY)

# The network that a provider gives to one customer (RFC 6177), in bits: it counts as one source.
SITE = 48
_WRITTEN = re.compile(r"\[(?P<six>[^\[\]]*)\](:[0-9]*)?|(?P<bare>.*?):[0-9]*")
# Prefixes that carry an IPv4 address in their last 32 bits (RFC 6052, RFC 4291).
_EMBEDDING = tuple(ipaddress.IPv6Network(one) for one in ("64:ff9b::/96", "::/96"))


def network_of_address(address: str) -> str:
    """The source that an address counts for: itself, or for IPv6 the network of one customer.

    `address` as a proxy may write it: with a port, in brackets, with a zone, or an IPv4 address as IPv6. Text
    that is no address counts as itself.
    """
    typed = address.strip().strip('"')
    written = _WRITTEN.fullmatch(typed)
    inside = (written["six"] or written["bare"] or "") if written else typed
    found = _read(typed) or _read(inside)
    if found is None:
        return inside
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(_embedded(found) or ipaddress.ip_network((found, SITE), strict=False))


def _read(typed: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(typed.partition("%")[0])
    except ValueError:
        return None


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for, if it does."""
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    embeds = any(address in prefix for prefix in _EMBEDDING) and int(address) > 0xFFFF
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if embeds else None


def _tokens(bucket: TokenBucket | None, allowance: Allowance, moment: datetime) -> float:
    if bucket is None:
        return allowance.most
    # A clock that was set back must neither fill nor empty a bucket.
    passed = max(moment - bucket.at, timedelta(0))
    return min(allowance.most, bucket.tokens + allowance.most * (passed / allowance.period))


def take_tokens(*wanted: tuple[Allowance, str]) -> timedelta | None:
    """Take one token from each bucket, or none from any.

    `wanted` are pairs of an allowance and the person or source that it limits. Returns None if all had a token, else
    how long until all have one.
    """
    moment, waits = now(), []
    with writing(about=ROWS_ALONE) as session:
        lock_names(allowance.key(whom) for allowance, whom in wanted)
        levels = []
        for allowance, whom in wanted:
            bucket = session.get(TokenBucket, allowance.key(whom))
            levels.append(_tokens(bucket, allowance, moment))
            if bucket is not None and bucket.at > moment:
                # The clock was set back: without this the bucket would not fill until the old time is reached again.
                bucket.tokens, bucket.at = levels[-1], moment
            waits.append((1 - levels[-1]) / allowance.most * allowance.period)
        if max(waits) > timedelta(0):
            return max(waits)
        for (allowance, whom), level in zip(wanted, levels, strict=True):
            session.merge(TokenBucket(key=allowance.key(whom), tokens=level - 1, at=moment))
    return None


def give_back_tokens(*taken: tuple[Allowance, str]) -> None:
    """Return the tokens of a try that turned out to be genuine. Call it inside `writing()` about everything."""
    for allowance, whom in taken:
        bucket = db.session.get(TokenBucket, allowance.key(whom))
        if bucket is not None:
            bucket.tokens = min(allowance.most, bucket.tokens + 1)


def delete_full_buckets() -> None:
    """Delete buckets that have long filled up again."""
    with writing() as session:
        session.execute(delete(TokenBucket).where(TokenBucket.at < now() - timedelta(days=2)))
