"""What the codes of carriers mean: one word for each meaning, the same for all carriers.

The word is stored with the text; its sentence, which says who can mend it, stands in `portal.wording.texts`. A code
that has no word here stays as the carrier gave it. Sources: Twilio's error dictionary, Bandwidth's message error codes,
Telnyx's messaging error codes, SMPP 3.4 §5.1.3; codes of vendors' own centers stand in the settings of a carrier.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from .base import OPTED_OUT_CODE, TOO_FAST_CODE, Fault

FILTERED, NOT_REGISTERED, UNVERIFIED = "filtered", "not-registered", "toll-free-unverified"
DAY_USED_UP, NO_SUCH_NUMBER, PHONE_OFF, TOO_LATE = "day-used-up", "no-such-number", "phone-off", "too-late"
REFUSED, ABROAD, OUR_NUMBER, ACCOUNT = "refused-by-network", "abroad", "our-number", "account"
NETWORK_TROUBLE, NO_REPORT = "network-trouble", "no-report"

# A row for each word: the codes of each carrier that mean it.
_ROWS: tuple[tuple[str, dict[str, str]], ...] = (
    # Bandwidth's 4482 says only that the number is blocked, not that the person texted STOP: that is no opt-out.
    (OPTED_OUT_CODE, {"twilio": "21610", "bandwidth": "4775", "telnyx": "40300"}),
    (FILTERED, {"twilio": "30007", "bandwidth": "4470 4770 4771", "telnyx": "40002 40003 40015 40017 40315 40322"}),
    (NOT_REGISTERED, {"twilio": "30034", "bandwidth": "4773 4774", "telnyx": "40010"}),
    (UNVERIFIED, {"twilio": "30032", "bandwidth": "4795", "telnyx": "40329"}),
    (DAY_USED_UP, {"twilio": "30023 30027", "bandwidth": "4780", "telnyx": "40016"}),
    (TOO_FAST_CODE, {"twilio": "20429 30022 21611 30001", "bandwidth": "429 4781 4785",
                     "telnyx": "429 10011 40011 40018 40318", "smpp": "0x58 0x14"}),
    (NO_SUCH_NUMBER, {"twilio": "21211 21217 21614 30005 30006", "bandwidth": "4303 4404 4406 4720 4721",
                      "telnyx": "40001 40012 40301 40310 40319", "smpp": "0x0B"}),
    (PHONE_OFF, {"twilio": "30003", "bandwidth": "4702 4701", "telnyx": "40006", "smpp": "UNDELIV"}),
    (TOO_LATE, {"twilio": "30036", "bandwidth": "4360", "telnyx": "40005 40014", "smpp": "EXPIRED"}),
    (REFUSED, {"twilio": "30004 30008", "bandwidth": "4482 4750 4753", "telnyx": "40004 40008", "smpp": "REJECTD"}),
    (ABROAD, {"twilio": "21408 21612", "bandwidth": "4432", "telnyx": "40309"}),
    (OUR_NUMBER, {"twilio": "21606 21660 21661", "bandwidth": "4403 4405 4740",
                  "telnyx": "40013 40100 40150 40151 40305 40320 40321", "smpp": "0x0A"}),
    (ACCOUNT, {"twilio": "401 403 20003 20005 30002 21704 21705", "bandwidth": "401 403 4493",
               "telnyx": "401 403 10009 10010 20002 20006 20012 20013 20014 20015 20016 20017 20100 40312 40314 40333",
               "smpp": "0x05 0x0D 0x0E 0x0F"}),
    (NETWORK_TROUBLE, {"twilio": "30017", "smpp": "0x08",
                       "bandwidth": "5100 5101 5106 5111 5201 5211 5220 5500 5501 5600 5610 5620 5630 5650"}),
    (NO_REPORT, {"bandwidth": "9902", "telnyx": "delivery_unconfirmed", "smpp": "UNKNOWN"}),
)
WORD_OF_CODE: Mapping[tuple[str, str], str] = MappingProxyType({
    (kind, code): word for word, kinds in _ROWS for kind, codes in kinds.items() for code in codes.split()})
WORDS = tuple(word for word, _kinds in _ROWS)
# Where a refusal is not the fault of the text. Every other one that is known is.
FAULT_OF_WORD: Mapping[str, Fault] = MappingProxyType({
    ACCOUNT: Fault.ACCOUNT, TOO_FAST_CODE: Fault.LATER, NETWORK_TROUBLE: Fault.LATER})
_STRANGE = re.compile(r"[^A-Za-z0-9.-]+")


def find_word(kind: str, code: str) -> str:
    """The word for a code of this kind of carrier; the code itself, as far as it is one, where there is no word."""
    return WORD_OF_CODE.get((kind, code)) or _STRANGE.sub("-", code).strip("-")[:40]
