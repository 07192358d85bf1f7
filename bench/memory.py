"""Memory of the web server and the background process after ten thousand requests (PERF-14).

The proportional set size (Linux, /proc/PID/smaps_rollup) of all processes that `flask start` begins, its own and
gunicorn's first one included, after 2,000 requests, when everything has been
loaded once, and after 10,000: inbox, thread and limitations in turn, and every hundredth request a text that is sent.
Over the small database, because what is loaded does not depend on its size.
"""

import tempfile
from collections.abc import Iterator
from itertools import chain, islice, repeat
from pathlib import Path

from . import big_data
from .accepting import texts
from .figures import Figure, missing_figure
from .load import Visitor, make_request, send_burst
from .page_rates import CONNECTIONS
from .served import ServedPortal, running

WARM, REQUESTS, MOST_MB, MOST_GROWTH = 2_000, 10_000, 220, 1.02
LONGEST = 150
FLAT = "memory at the end, beside warm"


def measure() -> list[Figure]:
    """Megabytes at the end, and how much they grew."""
    if not Path("/proc/self/smaps_rollup").exists():
        return [Figure("PERF-14", "memory of all processes together", None, "MB", said="only Linux tells it")]
    with tempfile.TemporaryDirectory() as place:
        with big_data.over_copy(big_data.SMALL, Path(place)):
            portal = ServedPortal(Path(place))
        with running(portal, alone=False):
            return memory_of(portal)


def memory_of(portal: ServedPortal) -> list[Figure]:
    """The figures of a portal that serves."""
    members = list(big_data.TALKERS)
    readers = [pages(member, visitor) for member, visitor in zip(members, portal.sign_in(members), strict=True)]
    (writer,) = portal.sign_in([big_data.SENDERS.start])
    sent = texts(writer, big_data.SENDERS.start)
    ask(portal, readers, sent, WARM)
    warm = megabytes(portal)
    done = WARM + ask(portal, readers, sent, REQUESTS - WARM)
    end = megabytes(portal)
    said = f"{done:,} requests; {warm:.0f} MB after {WARM:,}"
    if done < REQUESTS:
        # A machine that was too busy for all of them has not shown that memory stays flat.
        flat = missing_figure("PERF-14", FLAT, f"{done:,} of {REQUESTS:,} requests in the time, {end / warm:.2f} ×")
    else:
        flat = Figure("PERF-14", FLAT, end / warm, "×", limit=MOST_GROWTH, said=said)
    return [Figure("PERF-14", "memory of all processes together", end, "MB", limit=MOST_MB, said=said), flat]


def ask(portal: ServedPortal, readers: list[Iterator[bytes]], sent: Iterator[bytes], requests: int) -> int:
    """Ask so many pages, unless that takes too long, and send a text for every hundred; returns how many it were."""
    each = requests // CONNECTIONS
    pages_asked = send_burst(portal.address, [islice(reader, each) for reader in readers], LONGEST, 200)
    texts_sent = send_burst(portal.address, [islice(sent, requests // 100)], LONGEST, 303)
    return len(pages_asked.times) + len(texts_sent.times)


def pages(member: int, visitor: Visitor) -> Iterator[bytes]:
    """Endless requests of one member for three pages in turn."""
    three = [make_request("/messages/", visitor), make_request(f"/messages/t{member}0000000000", visitor),
             make_request("/limitations")]
    return chain.from_iterable(repeat(three))


def megabytes(portal: ServedPortal) -> float:
    """What all processes of the portal hold, what they share counted once."""
    return sum(proportional_size(process_id) for process_id in portal.process_ids()) / 1e3


def proportional_size(process_id: int) -> float:
    """Kilobytes of one process."""
    for line in Path(f"/proc/{process_id}/smaps_rollup").read_text("ascii").splitlines():
        if line.startswith("Pss:"):
            return float(line.split()[1])
    return 0.0
