"""Phone numbers: read what people type, say what kind of number it is, show it.

Every number has exactly one `NumberKind`, so that 911 is not also unreadable. Some twenty countries share the
+1 plan, and `phonenumbers` answers "US" for toll-free, premium and personal numbers too. So this module tests the
area code and the type besides the region.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from portal import lengths

from . import mistyped
from .area_codes import REGIONS, is_plausible_area

HOME = frozenset({"US", "CA"})
TOLL_FREE = frozenset({800, 822, 833, 844, 855, 866, 877, 888})
PREMIUM = frozenset({900})
PERSONAL = frozenset({500, *range(521, 530), 532, 533, 544, 566, 577, 588})
CARRIER_SPECIFIC = frozenset({600, 622, 633, 700, 710})

# Countries that share +1, and the US territories, by area code. The library alone is not enough: it
# calls 246-555-0101 no number at all, where people need to hear that Barbados is abroad.
ABROAD = {
    242: "BS", 246: "BB", 264: "AI", 268: "AG", 284: "VG", 345: "KY", 441: "BM", 473: "GD", 649: "TC", 658: "JM",
    664: "MS", 721: "SX", 758: "LC", 767: "DM", 784: "VC", 809: "DO", 829: "DO", 849: "DO", 868: "TT", 869: "KN",
    876: "JM",
}
TERRITORY = {340: "VI", 670: "MP", 671: "GU", 684: "AS", 787: "PR", 939: "PR"}
TERRITORIES = frozenset(TERRITORY.values())
_EMERGENCY = frozenset({"911", "112"})
CRISIS_NUMBER = "988"
_SEPARATORS = re.compile(f"[{mistyped.BETWEEN}]+")
# A number of the +1 plan as it is stored.
COMMON_NUMBER = re.compile(r"\+1[2-9][0-9]{9}")
# How people mostly type one: with the same sign between its parts, or with brackets around the area code.
_COMMON_SPELLING = re.compile(
    r"(?:(\+?)1[ .-]?)?(?:([2-9][0-9]{2})([ .-]?)([0-9]{3})\3([0-9]{4})|\(([2-9][0-9]{2})\) ?([0-9]{3})-([0-9]{4}))")
_EXTENSION = re.compile(r"(?<=[\d\s)])(?:ext\.?|x|#|;ext=)\s*\d+\s*$", re.IGNORECASE)
_GEOGRAPHIC = {PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


class NumberKind(StrEnum):
    """What a number is, as far as texting cares. `PLAIN` is a geographic US or Canadian number."""

    EMERGENCY = "emergency"
    CRISIS_LINE = "crisis-line"
    SERVICE_CODE = "service-code"
    SHORT_CODE = "short-code"
    UNREADABLE = "unreadable"
    TOLL_FREE = "toll-free"
    PREMIUM = "premium"
    PERSONAL = "personal"
    OTHER_SPECIAL = "other-special"
    ABROAD = "abroad"
    TERRITORY = "territory"
    PLAIN = "plain"


SPECIAL = frozenset({
    NumberKind.SERVICE_CODE, NumberKind.SHORT_CODE, NumberKind.TOLL_FREE, NumberKind.PREMIUM, NumberKind.PERSONAL,
    NumberKind.OTHER_SPECIAL,
})


class NumberProblem(StrEnum):
    """Why a number could not be read."""

    EMPTY = "empty"
    LETTERS = "letters"
    EXTENSION = "extension"
    SPREADSHEET = "spreadsheet"
    CHANGED = "changed"
    SEVERAL = "several"
    TOO_SHORT = "too-short"
    TOO_LONG = "too-long"
    NO_SUCH_AREA_CODE = "no-such-area-code"
    NO_SUCH_NUMBER = "no-such-number"


@dataclass(frozen=True, slots=True)
class NumberReading:
    """One number as read: its kind, E.164 form ("" for codes and unreadable ones), region and problem.

    `known` is False for a plain number whose area code stands in no list: it may be new, or mistyped. Its region is
    "US" then, whose rules for senders are the stricter ones.
    """

    kind: NumberKind
    e164: str = ""
    region: str = ""
    problem: NumberProblem | None = None
    known: bool = True


def _code(digits: str) -> NumberReading | None:
    """Three-digit codes and short codes, also when typed with the country code before them."""
    short = digits.removeprefix("1") if len(digits) == 4 else digits
    if short in _EMERGENCY:
        return NumberReading(NumberKind.EMERGENCY)
    if short == CRISIS_NUMBER:
        return NumberReading(NumberKind.CRISIS_LINE)
    if len(short) == 3:
        return NumberReading(NumberKind.SERVICE_CODE)
    return NumberReading(NumberKind.SHORT_CODE) if len(short) in (5, 6) else None


_MISTYPED = ((NumberProblem.SPREADSHEET, mistyped.is_shortened_by_spreadsheet),
             (NumberProblem.CHANGED, mistyped.is_changed_by_spreadsheet),
             (NumberProblem.SEVERAL, mistyped.has_several_numbers))


def _spelling(raw: str) -> NumberProblem | None:
    """What is wrong with the characters, before anything is read as a number."""
    if not raw.strip():
        return NumberProblem.EMPTY
    for problem, meant in _MISTYPED:
        if meant(raw):
            return problem
    if _EXTENSION.search(raw) or mistyped.has_more_digits(raw):
        return NumberProblem.EXTENSION
    return NumberProblem.LETTERS if any(char.isalpha() for char in raw) else None


# Kinds that the area code alone decides, even if the library rejects the digits behind it.
BY_AREA = {
    **dict.fromkeys(TOLL_FREE, (NumberKind.TOLL_FREE, "US")),
    **dict.fromkeys(PREMIUM, (NumberKind.PREMIUM, "US")),
    **dict.fromkeys(PERSONAL, (NumberKind.PERSONAL, "US")),
    **dict.fromkeys(CARRIER_SPECIFIC, (NumberKind.OTHER_SPECIAL, "US")),
    **{area: (NumberKind.ABROAD, region) for area, region in ABROAD.items()},
}


def _by_its_form(area: int, e164: str) -> NumberReading:
    """A +1 number that the library does not know: in an area code newer than the library, or none at all."""
    # The library knows 555-01XX as valid in every area code that it has, but for American Samoa's.
    listed = area in TERRITORY or phonenumbers.is_valid_number(phonenumbers.parse(f"+1{area}5550123"))
    if listed or (e164[5] in "01" and (area in REGIONS or is_plausible_area(area))):
        return NumberReading(NumberKind.UNREADABLE, problem=NumberProblem.NO_SUCH_NUMBER)
    if area not in REGIONS and not is_plausible_area(area):
        return NumberReading(NumberKind.UNREADABLE, problem=NumberProblem.NO_SUCH_AREA_CODE)
    return NumberReading(NumberKind.PLAIN, e164, REGIONS.get(area, "US"), known=area in REGIONS)


def _north_american(number: phonenumbers.PhoneNumber, e164: str) -> NumberReading:
    """A +1 number: special by its area code, else by region and type."""
    area = int(e164[2:5])
    if area in BY_AREA:
        kind, region = BY_AREA[area]
        return NumberReading(kind, e164, region)
    if not phonenumbers.is_valid_number(number):
        return _by_its_form(area, e164)
    if area in TERRITORY:
        return NumberReading(NumberKind.TERRITORY, e164, TERRITORY[area])
    region = phonenumbers.region_code_for_number(number) or ""
    if region not in HOME:
        return NumberReading(NumberKind.ABROAD, e164, region)
    plain = phonenumbers.number_type(number) in _GEOGRAPHIC
    return NumberReading(NumberKind.PLAIN if plain else NumberKind.OTHER_SPECIAL, e164, region)


_UNPARSED = {
    NumberParseException.TOO_LONG: NumberProblem.TOO_LONG,
    NumberParseException.INVALID_COUNTRY_CODE: NumberProblem.NO_SUCH_NUMBER,
}


_IMPOSSIBLE = {
    phonenumbers.ValidationResult.IS_POSSIBLE: None,
    phonenumbers.ValidationResult.TOO_LONG: NumberProblem.TOO_LONG,
}


def _misfit(number: phonenumbers.PhoneNumber) -> NumberProblem | None:
    """What is wrong with the length of a number, or its extension; None if nothing is."""
    if number.extension:
        return NumberProblem.EXTENSION
    return _IMPOSSIBLE.get(phonenumbers.is_possible_number_with_reason(number), NumberProblem.TOO_SHORT)


def _parsed(raw: str, region: str) -> NumberReading:
    try:
        number = phonenumbers.parse(raw, region or "US")
    except NumberParseException as error:
        return NumberReading(NumberKind.UNREADABLE, problem=_UNPARSED.get(error.error_type, NumberProblem.TOO_SHORT))
    if problem := _misfit(number):
        return NumberReading(NumberKind.UNREADABLE, problem=problem)
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if number.country_code == 1:
        return _north_american(number, e164)
    # Also one that the library calls invalid: its country code says that it is abroad.
    country = phonenumbers.region_code_for_country_code(number.country_code or 0)
    return NumberReading(NumberKind.ABROAD, e164, phonenumbers.region_code_for_number(number) or country)


def read_number(raw: str, region: str = "US") -> NumberReading:
    """Read a number as typed; `region` (ISO country) is assumed where no country code is given.

    Returns a `NumberReading` with exactly one kind; never raises. A text longer than any number is neither read nor
    remembered. Source: NANPA area codes and the metadata of the `phonenumbers` library.
    """
    if e164 := _spelled_as_usual(raw, region):
        one = _read_exchange(e164[:8])
        return NumberReading(one.kind, one.e164 and e164, one.region, one.problem, one.known)
    return NumberReading(NumberKind.UNREADABLE,
                         problem=NumberProblem.TOO_LONG) if len(raw) > lengths.TYPED_NUMBER else _read(raw, region)


def _spelled_as_usual(raw: str, region: str) -> str:
    """The E.164 form of a +1 number in a spelling that leaves no doubt, without the library; "" for all else."""
    found = _COMMON_SPELLING.fullmatch(raw)
    if found is None or not (found[1] or region in ("US", "CA", "")):
        return ""
    return f"+1{found[2]}{found[4]}{found[5]}" if found[2] else f"+1{found[6]}{found[7]}{found[8]}"


@lru_cache(maxsize=20_000)
def _read_exchange(begins: str) -> NumberReading:
    """One number of an area code and exchange ("+1416555"): what the library knows of the others ends there, too."""
    e164 = f"{begins}0100"
    return _north_american(phonenumbers.parse(e164), e164)


@lru_cache(maxsize=4096)
def _read(raw: str, region: str = "US") -> NumberReading:
    # However it is typed (#911, tel:911, 911 ext. 1), a person who means an emergency reads about emergencies.
    urgent = _code(phonenumbers.normalize_digits_only(_EXTENSION.sub("", raw)))
    if urgent and urgent.kind in (NumberKind.EMERGENCY, NumberKind.CRISIS_LINE):
        return urgent
    if problem := _spelling(raw):
        return NumberReading(NumberKind.UNREADABLE, problem=problem)
    digits = phonenumbers.normalize_digits_only(raw)
    if len(digits) <= 6 and (code := _code(digits)):
        return code
    return _parsed(_SEPARATORS.sub(" ", raw).strip(" #*"), region)


# As the decorator itself would leave them: what is remembered, and the reading without memory.
read_number.cache_info, read_number.__wrapped__ = _read.cache_info, _read.__wrapped__  # type: ignore[attr-defined]


def read_sender(sender: str) -> NumberReading:
    """Read the sender that a carrier names: like `read_number`, but any number with another country's code is abroad.

    Never raises.
    """
    reading, digits = read_number(sender, "US"), phonenumbers.normalize_digits_only(sender)
    foreign = sender.lstrip().startswith("+") and digits[:1] not in ("", "1")
    return NumberReading(NumberKind.ABROAD, f"+{digits}", "ZZ") if foreign and not reading.e164 else reading


def is_fictional_number(e164: str) -> bool:
    """Whether a number belongs to 555-0100…0199, which no telephone company assigns."""
    return e164.startswith("+1") and len(e164) == 12 and e164[5:8] == "555" and 100 <= int(e164[8:]) <= 199


def format_number(e164: str) -> str:
    """A stored number as people read it: "+1 416 555 0101"; what is no number comes back as it is."""
    if COMMON_NUMBER.fullmatch(e164):  # as `phonenumbers` formats them, which takes far longer
        return f"+1 {e164[2:5]} {e164[5:8]} {e164[8:]}"
    try:
        number = phonenumbers.parse(e164, None)
    except NumberParseException:
        return e164
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL).replace("-", " ")
