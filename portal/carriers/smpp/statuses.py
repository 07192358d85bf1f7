"""What the statuses of a center mean for a text, and the codes that the portal stores for them.

Source: SMPP 3.4 §5.1.3. Vendors have codes of their own from 0x400 on; the operator says which of these are no fault
of a text.
"""

import ssl

from ..base import CarrierError, Fault
from ..http import FORBIDDEN, UNREACHABLE
from ..network import ForbiddenAddress
from ..words import FAULT_OF_WORD, find_word
from .pdu import BrokenPdu, CommandStatus
from .settings import CenterSettings

# The center's certificate is not for this host, is too old, or nobody whom we believe has signed it; it speaks no TLS
# that we speak; it speaks something else than SMPP.
BAD_CERTIFICATE, NO_TLS, NO_SMPP = "certificate", "no-tls", "no-smpp"
_LATER = {CommandStatus.WRONG_BIND_STATE, CommandStatus.SYSTEM_ERROR, CommandStatus.QUEUE_FULL,
          CommandStatus.THROTTLED, CommandStatus.TRY_AGAIN}


class BindRefused(Exception):
    """The center answered a bind with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(name_status(status))
        self.status = status


def name_status(status: int) -> str:
    """A status as manuals write it: "0x0B"."""
    return f"0x{status:02X}"


def judge_status(status: int, center: CenterSettings) -> CarrierError:
    """What a status in the answer to a text, or to a bind, means."""
    later, account = center.codes
    word = find_word("smpp", name_status(status))
    if status in account:
        return CarrierError(word, Fault.ACCOUNT)
    if status in later or status in _LATER:
        return CarrierError(word, Fault.LATER)
    return CarrierError(word, FAULT_OF_WORD.get(word, Fault.TEXT))


def judge_failure(error: Exception, center: CenterSettings) -> CarrierError:
    """Why there is no line: what the center said, or what became of the connection. No text is at fault."""
    if isinstance(error, BindRefused):
        judged = judge_status(error.status, center)
        return judged if judged.fault is not Fault.TEXT else CarrierError(judged.code, Fault.ACCOUNT)
    kinds: tuple[tuple[type[Exception], str], ...] = (
        (ForbiddenAddress, FORBIDDEN), (ssl.SSLCertVerificationError, BAD_CERTIFICATE), (ssl.SSLError, NO_TLS),
        (BrokenPdu, NO_SMPP))
    return CarrierError(next((code for kind, code in kinds if isinstance(error, kind)), UNREACHABLE), Fault.LATER)
