"""A busy hour: hundreds of users read, wait, write and switch while twenty texts come in each second (REL-23).

The whole portal runs over 100,000 users and 1,000,000 texts: web server, background process, pretend carrier. No answer
may be wrong.
"""

import tempfile
from pathlib import Path

from . import big_data, mixed_traffic
from .figures import Figure, at_share
from .served import ServedPortal, running

SECONDS = 60


def measure() -> list[Figure]:
    """How long pages and webhooks took, and what went wrong."""
    with tempfile.TemporaryDirectory() as place:
        with big_data.over_copy(big_data.LARGE, Path(place)):
            portal = ServedPortal(Path(place))
        with running(portal, alone=False):
            parts = mixed_traffic.parts_of(portal)
            mixed_traffic.ask_for_all(portal.address, parts, 3)
            answers = mixed_traffic.ask_for_all(portal.address, parts, SECONDS)
            return figures_of(answers)


def figures_of(answers: dict[str, mixed_traffic.Answers]) -> list[Figure]:
    """Of each part the times that its bar names; then the answers that were wrong."""
    bars = {"pages": (0.95, 300), "webhooks": (0.99, 500)}
    figures = []
    for name, part in answers.items():
        share, limit = bars.get(name, (0.95, None))
        figures.append(Figure(
            "REL-23" if limit else "", f"{name}, p{share * 100:.0f} of {SECONDS} s of mixed traffic",
            at_share(part.times, share), "ms", limit=limit,
            said=f"{len(part.times)} answers, p50 {at_share(part.times, 0.5):.0f} ms"))
    return [*figures, mixed_traffic.figure_of_wrong_answers("REL-23", answers)]
