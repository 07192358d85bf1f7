"""What a kind of carrier is: what an operator types for it, and how a carrier is made from that."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from .base import Carrier, Network


class FieldKind(StrEnum):
    """What can be typed for a setting of a carrier."""

    LINE = "line"
    ADDRESS = "address"
    HOST = "host"
    PORT = "port"
    NUMBER = "number"
    SWITCH = "switch"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class CarrierField:
    """One setting of a carrier; `label` and `hint` are marked sentences.

    `secret`: it can be set and never be read again. `account`: it says where we are or as whom, so a change empties
    the secrets. `choices`: (value, label) each, of a CHOICE. A SWITCH is "1" or "".
    `longest` and `shortest` are in characters, without spaces around. `ours`: the portal's own address, as the carrier
    reaches it.
    """

    name: str
    label: str
    kind: FieldKind = FieldKind.LINE
    hint: str = ""
    secret: bool = False
    account: bool = False
    required: bool = True
    default: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    longest: int = 200
    shortest: int = 0
    ours: bool = False


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def _nobody(number: str) -> bool:
    return False


def _none_of(numbers: set[str]) -> set[str]:
    return set()


def _none_arrived(beginning: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class CarrierSetup:
    """What a carrier is made from.

    `settings` and `secrets` hold what was typed, by the names of its fields. `hook` is the whole address of its
    webhooks, `key` signs what we put into that address ourselves, and `old_keys` did so before. `networks`: private
    networks that it may be in.
    `at_once` is the operator's choice, None for the carrier's own. `own` says whether a number (E.164) is the
    portal's own, `own_among` which of several are; `folder` is for files of its own; `clock` gives the present moment
    in UTC.
    `find_arrival` gives id and moment (UTC) of the newest text that came in by this carrier and whose id begins so:
    carriers that give texts no ids ask it, to know a text that is told again after a restart.
    """

    ref: str
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    hook: str = ""
    key: bytes = field(default=b"", repr=False)
    old_keys: tuple[bytes, ...] = field(default=(), repr=False)
    networks: tuple[Network, ...] = ()
    at_once: int | None = None
    own: Callable[[str], bool] = _nobody
    own_among: Callable[[set[str]], set[str]] = _none_of
    folder: Path = Path()
    clock: Callable[[], datetime] = utc_now
    find_arrival: Callable[[str], tuple[str, datetime] | None] = _none_arrived


@dataclass(frozen=True, slots=True)
class CarrierKind:
    """A kind of carrier: its name in the database, its name for people, what is typed for it, and how it is made.

    `embedded`: it is part of the portal, and no operator adds one. `find_hook` gives the address that an operator puts
    into the carrier's own settings, where that is not `setup.hook`.
    """

    name: str
    title: str
    make: Callable[[CarrierSetup], Carrier]
    fields: tuple[CarrierField, ...] = ()
    embedded: bool = False
    find_hook: Callable[[CarrierSetup], str] | None = None
