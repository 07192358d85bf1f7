"""Asking a carrier how it is, for an operator who waits for the answer; nothing is sent."""

from dataclasses import dataclass

from portal.carriers.base import CarrierCondition, CarrierError, Fault, LineCarrier
from portal.extensions import db, wake
from portal.models import CarrierRecord

from .account_faults import forget_fault
from .desk import UnusableCarrier, carrier_of_record, hook_to_copy, make_live_carrier

# In place of a code: the carrier could not even be asked.
NEEDS_SECRETS = "needs-secrets"


@dataclass(frozen=True, slots=True)
class ConnectionAnswer:
    """What came of asking a carrier: its condition, or else a code (of `CarrierError`, or `NEEDS_SECRETS`) and fault.

    Nothing in it is the carrier's own answer.
    """

    condition: CarrierCondition | None = None
    code: str = ""
    fault: Fault | None = None


def ask_carrier(record: CarrierRecord) -> ConnectionAnswer:
    """Ask a carrier how it is; takes at most ten seconds, outside of any transaction.

    If it answers, it accepts the account: a fault from before is over, and its texts go on.
    """
    try:
        carrier = make_live_carrier(record)
    except UnusableCarrier:
        return ConnectionAnswer(code=NEEDS_SECRETS)
    faulty = bool(record.fault_code)
    db.session.rollback()
    try:
        condition = carrier.check()
    except CarrierError as error:
        return ConnectionAnswer(code=error.code, fault=error.fault)
    if faulty:
        forget_fault(record.ref)
        wake()
    return ConnectionAnswer(condition)


def hook_of_carrier(record: CarrierRecord) -> str:
    """The address at which a carrier tells what came; "" for one that does so by the line that it keeps open."""
    try:
        by_line = isinstance(carrier_of_record(record), LineCarrier)
    except UnusableCarrier:
        by_line = False
    return "" if by_line else hook_to_copy(record)
