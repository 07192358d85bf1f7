"""The carriers. To add one, write a module here, a line in `CARRIERS` and a file of recorded payloads."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from .base import Carrier
from .pretend import PretendCarrier

# What every carrier is made from: the folder for its files, the live secrets of its webhooks (the first one
# signs), which numbers are the portal's own, and the clock.
CarrierFactory = Callable[[Path, tuple[bytes, ...], Callable[[str], bool], Callable[[], datetime]], Carrier]

CARRIERS: Mapping[str, CarrierFactory] = {"pretend": PretendCarrier}

# Shorter ones can be tried out; Standard Webhooks asks for as many.
SHORTEST_SECRET = 24


def _nobody(number: str) -> bool:
    return False


def _now() -> datetime:
    return datetime.now(UTC)


def make_carrier(
    name: str,
    folder: Path,
    keys: Mapping[str, bytes | tuple[bytes, ...]],
    own: Callable[[str], bool] = _nobody,
    clock: Callable[[], datetime] = _now,
) -> Carrier:
    """The carrier of that name, ready to use; it opens its files when it first needs them.

    `keys` holds one secret of its webhooks by the carrier's name, or two while they are being exchanged: the
    first signs, all are believed. `own` says whether a number (E.164) is the portal's own, `clock` gives the
    present moment in UTC. Raises LookupError for a name that is not listed or has no secret, ValueError for
    a secret of less than 24 bytes.
    """
    if name not in CARRIERS:
        raise LookupError(f"There is no carrier named {name}. There are: {', '.join(CARRIERS)}.")
    given = keys.get(name) or ()
    secrets = (given,) if isinstance(given, bytes) else given
    if not secrets:
        raise LookupError(f"The webhooks of the carrier {name} have no secret.")
    if min(map(len, secrets)) < SHORTEST_SECRET:
        raise ValueError(f"A secret of the carrier {name} is too short: it needs {SHORTEST_SECRET} bytes or more.")
    return CARRIERS[name](folder, secrets, own, clock)
