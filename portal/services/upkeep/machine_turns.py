"""Which machine does what the clock starts on all of them, where several share the database of a server."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import or_

from portal import databases
from portal.dialects import upsert
from portal.extensions import current_settings, db, now, writing
from portal.models import PortalMark

_PREFIX = "task "


@contextmanager
def turn_of_machine(task: str, every: timedelta) -> Iterator[bool]:
    """Whether this machine is to run a task (its name) that the clock starts on all machines, once in `every`.

    The first one that comes is; for half of `every` no other is, however late it comes, and none while it runs. A
    machine that dies with its turn has it nevertheless, and the next run makes up for that. With SQLite there is one
    machine: always.
    """
    if current_settings().embedded:
        yield True
        return
    with databases.one_at_a_time(db.engine, _PREFIX + task) as alone:
        yield alone and _note_begin(task, every)


def _note_begin(task: str, every: timedelta) -> bool:
    """Note that the task begins; False where it has begun already. A mark that lies ahead says nothing about now."""
    before, moment, ahead = ((now() + shift * every / 2).isoformat(timespec="microseconds") for shift in (-1, 0, 1))
    begun = upsert(PortalMark).values(name=_PREFIX + task, value=moment).on_conflict_do_update(
        index_elements=["name"], set_={"value": moment},
        where=or_(PortalMark.value < before, PortalMark.value > ahead)).returning(PortalMark.name)
    with writing() as session:
        return session.scalar(begun) is not None
