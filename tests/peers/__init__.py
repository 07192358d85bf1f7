"""Programs of others that tests start on this machine: a message center, and Kannel. `make peers` installs them."""

import os
from typing import NoReturn

import pytest


def skip_or_fail(why: str) -> NoReturn:
    """A machine without a peer skips its tests and says why; with PEERS=1, as in `.ci/run`, that is a failure."""
    if os.environ.get("PEERS") == "1":
        pytest.fail(why)
    pytest.skip(why)


def peer_environment(**more: str) -> dict[str, str]:
    """The environment of a peer: where the clock is moved, it is the portal's."""
    return {**{name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}, **more}
