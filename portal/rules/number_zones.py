"""In which time zones a phone number may be: by its area code and exchange, and by nothing that travels."""

from functools import cache, lru_cache

import phonenumbers
from phonenumbers import NumberParseException, timezone
from phonenumbers.tzdata import TIMEZONE_DATA

from .area_codes import OVERLAID, REGIONS, is_plausible_area
from .numbers import BY_AREA, COMMON_NUMBER, TERRITORY


@cache
def _over(area: int) -> frozenset[str]:
    """Every time zone in which an area code has exchanges."""
    return frozenset(name for key, names in TIMEZONE_DATA.items() if key.startswith(f"1{area}") for name in names)


@cache
def _anywhere() -> frozenset[str]:
    """Every time zone of the US and Canada."""
    return frozenset().union(*(_over(area) for area in REGIONS if area not in OVERLAID))


# The three territories of Canada share this area code, in four time zones. The Yukon has kept one time all year since
# 2020; the library puts its exchanges into Vancouver's.
_NORTH = 867
_YUKON = frozenset({"America/Vancouver", "America/Whitehorse"})


def _in_the_north(exchange: str) -> frozenset[str]:
    """The time zones of an exchange of the northern area code; all four if the library does not know it."""
    found = frozenset(TIMEZONE_DATA.get(exchange, ())) or _over(_NORTH)
    return found | _YUKON if found & _YUKON else found


def _placed(e164: str) -> frozenset[str] | None:
    """The time zones of a +1 number where the library only guesses; None where it knows, or where nobody does."""
    area = int(e164[2:5])
    if area in OVERLAID:
        return frozenset().union(*(_over(one) for one in OVERLAID[area]))
    if area == _NORTH:
        return _in_the_north(e164[1:8])
    listed = area in REGIONS.keys() | TERRITORY.keys() | BY_AREA.keys()
    return _anywhere() if is_plausible_area(area) and not listed else None


def zones_of_number(e164: str) -> tuple[str, ...]:
    """Every time zone that a number may be in, by its area code and exchange; () when unknown.

    A code that overlays others may be in any zone of theirs. Ported and travelling phones cannot be known. Never
    raises. Source: time-zone data of `phonenumbers`, and our table of overlays.
    """
    if not COMMON_NUMBER.fullmatch(e164):
        return _guess(e164)
    # In the US and Canada all that the library knows ends with the exchange; elsewhere a country may divide one.
    return _zones_of_exchange(e164[:8]) if int(e164[2:5]) in REGIONS else _zones(e164)


@lru_cache(maxsize=20_000)
def _zones_of_exchange(begins: str) -> tuple[str, ...]:
    return _zones(f"{begins}0100")


def _zones(e164: str) -> tuple[str, ...]:
    """The time zones of a +1 number."""
    found = _placed(e164)
    return _guess(e164) if found is None else tuple(sorted(found))


def _guess(e164: str) -> tuple[str, ...]:
    """What the library says."""
    try:
        guessed = timezone.time_zones_for_number(phonenumbers.parse(e164, None))
    except NumberParseException:
        return ()
    return tuple(name for name in guessed if name != "Etc/Unknown")
