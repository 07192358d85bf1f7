"""The background processes of all machines, as the first page of operators shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.extensions import current_settings
from portal.services.upkeep import worker_marks
from portal.services.upkeep.worker_marks import WorkerMark


@dataclass(frozen=True, slots=True)
class WorkersShown:
    """Each worker, and the machines at work where there are too many of them for the pretend carrier."""

    workers: Sequence[WorkerMark]
    pretending: Sequence[str]

    @property
    def silent(self) -> list[WorkerMark]:
        """Those that were not heard of for five minutes."""
        return [one for one in self.workers if one.silent]

    @property
    def none_runs(self) -> bool:
        """Whether no text leaves."""
        return len(self.silent) == len(self.workers)


def show_workers() -> WorkersShown | None:
    """The workers as they are now; None where the database is a file, and one worker belongs to it."""
    if current_settings().embedded:
        return None
    workers = worker_marks.list_workers()
    return WorkersShown(workers, worker_marks.list_pretending_hosts(workers))
