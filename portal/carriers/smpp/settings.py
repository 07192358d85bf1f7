"""What an operator types for a center, and what is made of it."""

import base64
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from portal.marks import N_

from ..base import Network
from ..kinds import CarrierField, CarrierSetup, FieldKind
from .alphabets import ASCII, GSM, LATIN

PAYLOAD, UDH, SAR = "payload", "udh", "sar"
TRANSCEIVER, PAIR = "transceiver", "pair"
# How the answer to a text writes the id, and how the receipts do: the bases of the two; None is any kind of id.
_ID_BASES: Mapping[str, tuple[int | None, int | None]] = {
    "as-is": (None, None), "hex-answer": (16, 10), "hex-receipt": (10, 16), "decimal": (10, 10), "hex": (16, 16)}
_LONGEST_ID = 64
# Several certificates of a company's own authority, with all that stands around them.
_LONGEST_CERTIFICATE = 20_000

FIELDS = (
    CarrierField("host", N_("Host"), FieldKind.HOST, N_("Name or address of the message center."), account=True),
    CarrierField("port", N_("Port"), FieldKind.PORT, N_("2775 is usual, 3550 with TLS."), account=True,
                 default="2775"),
    CarrierField("tls", N_("Use TLS"), FieldKind.SWITCH,
                 N_("Without it, texts and the password travel in the clear. Leave it off only within a VPN."),
                 account=True, required=False, default="1"),
    CarrierField("authority", N_("Certificate of the center's own authority"), account=True, required=False,
                 hint=N_("Only where the center's certificate is not a public one. Paste the whole PEM text; it may "
                         "lose its line breaks."), longest=_LONGEST_CERTIFICATE),
    CarrierField("account", N_("System ID"), hint=N_("The account name."), account=True, longest=64),
    CarrierField("password", N_("Password"), hint=N_("SMPP itself knows 8 characters; many centers take more."),
                 secret=True, longest=64),
    CarrierField("system_type", N_("System type"), hint=N_("Empty unless the carrier names one."), required=False,
                 account=True, longest=12),
    CarrierField("bind", N_("Connections"), FieldKind.CHOICE, default=TRANSCEIVER, choices=(
        (TRANSCEIVER, N_("One for both directions (transceiver)")),
        (PAIR, N_("One for each direction (transmitter and receiver)")))),
    CarrierField("window", N_("Window"), FieldKind.NUMBER,
                 N_("How many texts may wait for their answer at the same time; the carrier says how many."),
                 default="10", longest=3),
    CarrierField("enquire", N_("Seconds between looks at the line"), FieldKind.NUMBER,
                 N_("After so many silent seconds the portal asks the center whether it is there."),
                 default="30", longest=3),
    CarrierField("alphabet", N_("What data_coding 0 stands for"), FieldKind.CHOICE, default=GSM, choices=(
        (GSM, N_("GSM 03.38, one character in each byte")), (LATIN, N_("Latin-1 (ISO 8859-1)")), (ASCII, N_("ASCII")))),
    CarrierField("long_texts", N_("Long texts"), FieldKind.CHOICE, default=PAYLOAD, choices=(
        (PAYLOAD, N_("Whole, as message_payload")), (UDH, N_("In parts, with a user data header")),
        (SAR, N_("In parts, with sar parameters")))),
    CarrierField("ids", N_("Ids in receipts"), FieldKind.CHOICE, default="as-is", choices=(
        ("as-is", N_("Written as in the answer")),
        ("hex-answer", N_("Answer hexadecimal, receipt decimal")),
        ("hex-receipt", N_("Answer decimal, receipt hexadecimal")),
        ("decimal", N_("Both decimal, zeros in front differ")),
        ("hex", N_("Both hexadecimal, zeros or letter case differ")))),
    CarrierField("later_codes", N_("More codes that mean “try later”"), required=False,
                 hint=N_("Codes of the carrier's own, such as 0x45 or 1042, with spaces between them.")),
    CarrierField("account_codes", N_("More codes that mean a fault of the account"), required=False,
                 hint=N_("Such as “no balance”. Texts wait, and the operators are told.")),
    CarrierField("answers_keywords", N_("The carrier itself answers STOP and HELP"), FieldKind.SWITCH, required=False),
    CarrierField("source_ton", N_("Type of number (TON) of the sender"), FieldKind.NUMBER, default="1", longest=1),
    CarrierField("source_npi", N_("Numbering plan (NPI) of the sender"), FieldKind.NUMBER, default="1", longest=2),
    CarrierField("dest_ton", N_("Type of number (TON) of the recipient"), FieldKind.NUMBER, default="1", longest=1),
    CarrierField("dest_npi", N_("Numbering plan (NPI) of the recipient"), FieldKind.NUMBER, default="1", longest=2),
)


@dataclass(frozen=True, slots=True)
class CenterSettings:
    """A center and how it likes things; see `FIELDS`. Types and plans of numbers are (sender, recipient)."""

    host: str
    port: int
    tls: bool
    authority: bytes
    account: str
    password: str = field(repr=False)
    system_type: str
    networks: tuple[Network, ...]
    in_pair: bool
    window: int
    enquire: float
    alphabet: str
    long_texts: str
    ids: str
    codes: tuple[frozenset[int], frozenset[int]]
    answers_keywords: bool
    number_types: tuple[int, int]
    number_plans: tuple[int, int]

    def make_context(self) -> ssl.SSLContext:
        """TLS 1.2 or newer, with a look at the host name; an authority that was typed is the only one believed."""
        context = ssl.create_default_context(cadata=self.authority or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    def same_id(self, told: str, *, in_receipt: bool) -> str:
        """An id of the center in the one writing that we store, whether an answer or a receipt brought it.

        What is no number of the chosen base stays as it is: such an id was never written in it.
        """
        bases = _ID_BASES[self.ids]
        base, stored = bases[in_receipt], bases[0]
        if base is None or not re.fullmatch("[0-9]+" if base == 10 else "[0-9A-Fa-f]+", told):
            return told[:_LONGEST_ID]
        return format(int(told, base), "x" if stored == 16 else "d")[:_LONGEST_ID]


def read_settings(setup: CarrierSetup) -> CenterSettings:
    """The settings of a center from what was typed. Raises ValueError with a sentence for what cannot be."""
    def typed(name: str) -> str:
        known = next(one for one in FIELDS if one.name == name)
        return (setup.secrets if known.secret else setup.settings).get(name, known.default).strip()

    number = _numbers_of(typed)
    return CenterSettings(
        host=typed("host"), port=number("port", 1, 65535),
        tls=bool(typed("tls")), authority=_certificates(typed("authority")) if typed("authority") else b"",
        account=_plain(typed("account"), "The system ID"), password=_plain(typed("password"), "The password"),
        system_type=_plain(typed("system_type"), "The system type"), networks=setup.networks,
        in_pair=_chosen("bind", typed("bind")) == PAIR, window=number("window", 1, 100),
        enquire=number("enquire", 1, 600), alphabet=_chosen("alphabet", typed("alphabet")),
        long_texts=_chosen("long_texts", typed("long_texts")), ids=_chosen("ids", typed("ids")),
        codes=(_codes(typed("later_codes")), _codes(typed("account_codes"))),
        answers_keywords=bool(typed("answers_keywords")),
        number_types=(number("source_ton", 0, 6), number("dest_ton", 0, 6)),
        number_plans=(number("source_npi", 0, 18), number("dest_npi", 0, 18)))


def _numbers_of(typed: Callable[[str], str]) -> Callable[[str, int, int], int]:
    def number(name: str, least: int, most: int) -> int:
        told = typed(name)
        if not re.fullmatch("[0-9]{1,5}", told) or not least <= int(told) <= most:
            raise ValueError(f"{name} is a number from {least} to {most}.")
        return int(told)

    return number


def _chosen(name: str, told: str) -> str:
    known = next(one for one in FIELDS if one.name == name)
    if told not in dict(known.choices):
        raise ValueError(f"{name} is one of {', '.join(dict(known.choices))}.")
    return told


def _plain(told: str, what: str) -> str:
    if not told.isascii() or "\0" in told:
        raise ValueError(f"{what} has letters, digits and signs of ASCII only.")
    return told


def _codes(told: str) -> frozenset[int]:
    words = re.split(r"[\s,;]+", told.strip()) if told.strip() else []
    if not all(re.fullmatch("0[xX][0-9A-Fa-f]{1,8}|[0-9]{1,9}", word) for word in words):
        raise ValueError("Codes look like 0x45 or 1042, with spaces between them.")
    return frozenset(int(word, 16 if word[:2] in {"0x", "0X"} else 10) for word in words)


def _certificates(told: str) -> bytes:
    """The certificates of a PEM text, which a field of one line may have robbed of its line breaks."""
    found = re.findall("-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\\s]+)-----END CERTIFICATE-----", told)
    try:
        read = b"".join(base64.b64decode("".join(one.split()), validate=True) for one in found)
        if read:
            ssl.create_default_context(cadata=read)
            return read
    except (ValueError, ssl.SSLError):
        pass
    raise ValueError("The certificate is PEM text, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.")
