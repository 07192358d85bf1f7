"""The carriers. To add one, write a module here, a line in `KINDS` and a file of recorded payloads."""

from collections.abc import Mapping

from . import bandwidth, kannel, pretend, smpp, telnyx, twilio
from .base import Carrier
from .kinds import CarrierKind, CarrierSetup

KINDS: Mapping[str, CarrierKind] = {kind.name: kind for kind in (
    pretend.KIND,
    kannel.KIND,
    twilio.KIND,
    telnyx.KIND,
    smpp.KIND,
    bandwidth.KIND,
)}


def make_carrier(kind: str, setup: CarrierSetup) -> Carrier:
    """A carrier of that kind, ready to use; it opens files and lines when it first needs them.

    Raises LookupError for a kind that is not listed, ValueError for settings or secrets that it cannot work with.
    """
    if kind not in KINDS:
        raise LookupError(f"There is no carrier of the kind {kind}. There are: {', '.join(KINDS)}.")
    return KINDS[kind].make(setup)
