"""One table of token buckets for everything that strangers may try only so often."""

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete

from portal.extensions import db, now, writing
from portal.models import Bucket


@dataclass(frozen=True, slots=True)
class Allowance:
    """At most `most` tries at once, filled up again evenly over `period`."""

    name: str
    most: int
    period: timedelta

    def key(self, whom: str) -> str:
        """The bucket's key: a hash, so that the table names neither people nor addresses."""
        return hashlib.sha256(f"{self.name}:{whom}".encode()).hexdigest()


SIGN_IN_ACCOUNT = Allowance("sign-in-account", 10, timedelta(minutes=15))
SIGN_IN_SOURCE = Allowance("sign-in-source", 20, timedelta(minutes=15))


def network(address: str) -> str:
    """Whom an address stands for: itself, or for IPv6 the network that one customer gets to choose from."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))


def _tokens(bucket: Bucket | None, allowance: Allowance, moment: datetime) -> float:
    if bucket is None:
        return allowance.most
    # A clock that was set back must neither fill nor empty a bucket.
    passed = max(moment - bucket.at, timedelta(0))
    return min(allowance.most, bucket.tokens + allowance.most * (passed / allowance.period))


def take(*wanted: tuple[Allowance, str]) -> timedelta | None:
    """Take one token from each bucket, or none from any.

    `wanted` are pairs of an allowance and whom it is about. Returns None when all had a token, else
    how long until all will have one.
    """
    moment, waits = now(), []
    with writing() as session:
        levels = []
        for allowance, whom in wanted:
            bucket = session.get(Bucket, allowance.key(whom))
            levels.append(_tokens(bucket, allowance, moment))
            waits.append((1 - levels[-1]) / allowance.most * allowance.period)
        if max(waits) > timedelta(0):
            return max(waits)
        for (allowance, whom), level in zip(wanted, levels, strict=True):
            session.merge(Bucket(key=allowance.key(whom), tokens=level - 1, at=moment))
    return None


def give_back(*taken: tuple[Allowance, str]) -> None:
    """Return the tokens of a try that turned out to be genuine. Call it inside `writing()`."""
    for allowance, whom in taken:
        bucket = db.session.get(Bucket, allowance.key(whom))
        if bucket is not None:
            bucket.tokens = min(allowance.most, bucket.tokens + 1)


def forget_full() -> None:
    """Delete buckets that have long filled up again."""
    with writing() as session:
        session.execute(delete(Bucket).where(Bucket.at < now() - timedelta(days=2)))
