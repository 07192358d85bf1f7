"""The carriers under test, each with what only its other side knows.

A module here for each kind of carrier. `make_rig(folder)` gives the carrier with its other side, `SETUP` what the
carrier of the recorded webhooks is made from, `PROMISE` what they prove; `of_another_account(setup)` gives the setup
of somebody else, and `at_forbidden_place(setup)` one that leads to the address 169.254.169.254.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from ipaddress import ip_network
from pathlib import Path

from portal.carriers.base import Carrier, OutgoingText

PAYLOADS = Path(__file__).parents[1] / "payloads"
OURS, THEIRS, COLLEAGUE = "+14165550101", "+12125550110", "+14165550102"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
KEY = b"an invented key of the tests"
HOOK = "https://portal.example.com/hooks/a-carrier"
LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@dataclass(frozen=True)
class Promise:
    """What the webhooks of a carrier prove. `dated`: old ones are refused. `signs_body`: no byte can be changed.

    `tells_by_webhook`: it has webhooks at all.
    """

    dated: bool = True
    signs_body: bool = True
    tells_by_webhook: bool = True


@dataclass(frozen=True)
class Rig:
    """A carrier, how many texts its other side holds with a reference, and what makes it fail.

    Each of the four returns a text that fails so: for good, for a while, without an answer although it was taken, and
    because the account is not accepted. `works_again` ends all of it.
    """

    carrier: Carrier
    count: Callable[[str], int]
    refused: Callable[[], OutgoingText]
    put_off: Callable[[], OutgoingText]
    works_again: Callable[[], object] = lambda: None
    silent: Callable[[], OutgoingText] | None = None
    shut_out: Callable[[], OutgoingText] | None = None
    close: Callable[[], object] = lambda: None


def text(number="+14165550110", reference="ref-1", body="Your shoes are ready.", until=None):
    return OutgoingText(OURS, number, body, reference, until)


def setup_of(name, folder):
    """What the carrier of the recorded webhooks is made from."""
    return replace(import_module(f"{__name__}.{name}").SETUP, ref="a-carrier", hook=HOOK, key=KEY, folder=folder)


def recorded():
    """Every recorded webhook: whose it is and what was recorded."""
    return [(file.stem, one) for file in sorted(PAYLOADS.glob("*.json"))
            for one in json.loads(file.read_text(encoding="utf-8"))]
