"""How long a text takes to its delivered receipt through the portal and Kannel, beside Kannel alone.

`.venv/bin/python -m bench.latency_kannel [TEXTS]` prints every figure, for 200 texts unless said otherwise; `make
bench` sends fewer (PERF-06). `make peers`, as root, installs Kannel and the message center. It starts a portal as
bench/latency.py does, with a carrier of the kind Kannel, Debian's Kannel with the configuration of
docs/carriers/kannel.md, and a message center that takes every text at once and reports it as delivered 5 ms later.

Texts take turns: one through the portal, one that is given to Kannel by itself, with the same headers and a receipt
address where this program listens. *answered* and *delivered* are those of bench/latency.py. *Kannel took*, *Kannel
told*: from the request to Kannel until it has accepted the text, and until it tells that it was delivered. What the
portal adds are its own commits: the text, the claim, the hand-over, and each of the two receipts.
"""

import http.client
import queue
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from tests.browser.portal import Portal
from tests.carriers.http_peer import HttpPeer, HttpReply, HttpRequest
from tests.peers.center import MODULES, MessageCenter
from tests.peers.kannel import TOKEN, USER, USER_PASSWORD, Kannel

from .figures import Figure, at_share, missing_figure
from .latency import LONGEST, RECIPIENT, TEXTS, WARM_UP, Person, figures_of, pause, send_one, show

REF, KEY = "kannel", "an invented key for the secrets of carriers in a measurement"
SENDER = "+14165550199"
DELIVERED = "1"
ADD_CARRIER = f"""
import sys
from wsgi import app
from portal.carriers import KINDS
from portal.extensions import writing
from portal.models import CarrierRecord
from portal.services.carriers import carrier_secrets
here, kannel = sys.argv[1:]
with app.app_context(), writing() as session:
    settings = {{one.name: one.default for one in KINDS["kannel"].fields if not one.secret}}
    settings |= {{"address": kannel, "user": "{USER}", "portal_address": here}}
    secrets = carrier_secrets.encrypt_secrets({{"password": "{USER_PASSWORD}", "token": "{TOKEN}"}})
    session.add(CarrierRecord(ref="{REF}", kind="kannel", name="Kannel", by_default=True, settings=settings,
                              secrets=secrets))
"""


class TookBoth(NamedTuple):
    """Milliseconds of one text through the portal, and of one that Kannel got by itself."""

    answered: float
    delivered: float
    kannel_took: float
    kannel_told: float


class KannelAlone:
    """Gives texts to Kannel and hears what became of them."""

    def __init__(self, kannel: Kannel) -> None:
        self._kannel, self._told = kannel, queue.SimpleQueue[float]()
        self._hook = HttpPeer(self._hear)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._hook.close()

    def _hear(self, request: HttpRequest) -> HttpReply:
        if dict(request.query)["type"] == DELIVERED:
            self._told.put(time.perf_counter())
        return HttpReply(200)

    def send(self, number: int) -> tuple[float, float]:
        """Milliseconds until it took a text, and until it told that it was delivered."""
        headers = {
            "x-kannel-username": USER, "x-kannel-password": USER_PASSWORD, "x-kannel-from": SENDER,
            "x-kannel-to": RECIPIENT, "x-kannel-coding": "0", "content-type": "text/plain; charset=UTF-8",
            "x-kannel-dlr-mask": "63", "x-kannel-dlr-url": f"{self._hook.address}/?type=%d"}
        began = time.perf_counter()
        with closing(http.client.HTTPConnection(urlsplit(self._kannel.address).netloc, timeout=LONGEST)) as link:
            link.request("POST", "/cgi-bin/sendsms", f"Measured text {number}".encode(), headers)
            answer = link.getresponse()
            answer.read()
        if answer.status != 202:
            raise SystemExit(f"Kannel answered {answer.status}.")
        took = time.perf_counter() - began
        return took * 1e3, (self._told.get(timeout=LONGEST) - began) * 1e3


@contextmanager
def portal_with_kannel(folder: Path) -> Iterator[tuple[Portal, Kannel]]:
    """A portal whose texts leave through Kannel to a message center."""
    portal = Portal(folder, CARRIER_NETWORKS="127.0.0.0/8", CARRIER_KEY=KEY)
    with MessageCenter(folder) as center, Kannel(folder, center, f"{portal.address}/hooks/{REF}") as kannel:
        portal.flask("db", "upgrade")
        portal.flask("demo")
        portal.python(ADD_CARRIER, portal.address, kannel.address)
        portal.start()
        try:
            yield portal, kannel
        finally:
            portal.stop()


def take_turns(portal: Portal, kannel: Kannel, texts: int) -> Iterator[TookBoth]:
    """What each text took, after some that nobody counts."""
    with closing(sqlite3.connect(portal.database, isolation_level=None, timeout=LONGEST)) as database:
        person = Person(portal.address)
        person.sign_in()
        with KannelAlone(kannel) as alone:
            for number in range(WARM_UP + texts):
                pause()
                through = send_one(person, database, number)
                pause()
                took, told = alone.send(number)
                if number >= WARM_UP:
                    yield TookBoth(through.answered, through.delivered, took, told)


def measure_beside_kannel(texts: int) -> Mapping[str, Sequence[float]]:
    """Start everything, measure, stop it; milliseconds of each text by what they are."""
    with tempfile.TemporaryDirectory() as folder, portal_with_kannel(Path(folder)) as (portal, kannel):
        took = list(take_turns(portal, kannel, texts))
    return {name.replace("_", " ").replace("kannel", "Kannel"): [getattr(one, name) for one in took]
            for name in TookBoth._fields}


def measure() -> list[Figure]:
    """The bars of PERF-06 through Kannel, and how many times Kannel's own time that is."""
    if shutil.which("bearerbox") is None or not MODULES.is_dir():
        return [missing_figure("PERF-06", "submit to delivered through Kannel",
                               "Kannel or the message center is not installed: make peers, as root")]
    took = measure_beside_kannel(TEXTS)
    times = [at_share(took["delivered"], share) / at_share(took["Kannel told"], share) for share in (0.5, 0.99)]
    alone = [at_share(took["Kannel told"], share) for share in (0.5, 0.99)]
    return [*figures_of(took, "through Kannel"),
            Figure("PERF-06", "submit to delivered through Kannel, beside Kannel alone, p50", times[0], "×",
                   said=f"Kannel alone {alone[0]:.0f} ms; p99 {times[1]:.1f} × its {alone[1]:.0f} ms")]


def main(texts: int) -> None:
    """Measure, and print the figures and how they compare."""
    took = measure_beside_kannel(texts)
    show(texts, took)
    ratios = [at_share(took["delivered"], part) / at_share(took["Kannel told"], part) for part in (0.5, 0.99)]
    print(f"{'ratio':<16} delivered / Kannel told: p50 {ratios[0]:.2f}, p99 {ratios[1]:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
