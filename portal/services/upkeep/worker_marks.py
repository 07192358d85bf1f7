"""Which workers are at work: each notes once a minute that it is alive.

A database in a file has one worker, and one mark for it. Workers that share the database of a server have a mark each,
by the name of their machine and their instance folder.
"""

import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement, delete, not_, or_, select
from sqlalchemy.exc import SQLAlchemyError

from portal import lengths
from portal.dialects import Upsert, upsert
from portal.extensions import current_carrier, current_settings, db, now, writing
from portal.models import PortalMark
from portal.write_scopes import ROWS_ALONE

from ..carriers import desk

ALIVE_WITHIN, SILENT_AFTER = timedelta(minutes=3), timedelta(minutes=5)
# Whoever was silent for so long was taken away.
FORGOTTEN_AFTER = timedelta(days=7)
_ONLY_WORKER, _PREFIX = "worker", "worker "
# Of names that are longer, the mark has the beginning of the machine's and the end of the folder's.
_LONGEST_HOST = 64


@dataclass(frozen=True, slots=True)
class WorkerMark:
    """When a worker was last heard of, the name of its machine, and its instance folder; both "" with SQLite."""

    heard: datetime
    host: str = ""
    folder: str = ""

    def was_heard_within(self, span: timedelta) -> bool:
        """Whether it was heard of lately. A mark far ahead was made before the clock was set back: it says nothing."""
        return abs(now() - self.heard) < span

    @property
    def silent(self) -> bool:
        """Whether it was not heard of for five minutes."""
        return not self.was_heard_within(SILENT_AFTER)

    @property
    def place(self) -> str:
        """Where it runs, as in "worker-1 (/srv/portal/instance)"."""
        return f"{self.host} ({self.folder})"


def note_heartbeat() -> None:
    """Note that the worker of this process is alive now."""
    with writing(ROWS_ALONE) as session:
        session.execute(_heartbeat())


def list_workers() -> list[WorkerMark]:
    """The workers of all machines, by machine and folder; those that were silent for a week are forgotten.

    With SQLite there is one at most.
    """
    chosen = (PortalMark.name == _ONLY_WORKER if current_settings().embedded
              else PortalMark.name.startswith(_PREFIX) & not_(_is_forgotten()))
    values = db.session.scalars(select(PortalMark.value).where(chosen)).all()
    return sorted(map(_read_mark, values), key=lambda one: (one.host, one.folder))


def is_worker_alive() -> bool:
    """Whether any worker noted within the last three minutes that it is alive."""
    return any(one.was_heard_within(ALIVE_WITHIN) for one in list_workers())


def list_silent_workers() -> list[str]:
    """Where workers run that were not heard of for five minutes; with SQLite nobody has to be told where."""
    return [] if current_settings().embedded else [one.place for one in list_workers() if one.silent]


def admit_worker() -> str:
    """Note that this worker begins; or, as a sentence, why it must not, and then nothing is noted.

    Two that begin at the same moment cannot both be let in where only one may run.
    """
    if current_settings().embedded:
        return ""
    with writing() as session:
        others = [host for host in list_hosts_at_work(list_workers()) if host != _own_host()]
        if others and is_pretend_carrier_used():
            return (f"A worker runs on another machine ({', '.join(others)}), and the pretend carrier, which takes all"
                    " texts that no other carrier takes, keeps them in a file of one machine. Add a carrier that takes"
                    " all texts, or stop that worker first. One that was killed counts for five minutes more.")
        session.execute(_heartbeat())
    return ""


def forget_own_worker() -> None:
    """This worker was asked to stop: nobody has to look for it. One that stops in any other way is missed."""
    if current_settings().embedded:
        return
    with suppress(SQLAlchemyError), writing(ROWS_ALONE) as session:
        session.execute(delete(PortalMark).where(PortalMark.name == _own_name()))


def erase_forgotten_workers() -> None:
    """Erase the marks of workers that were silent for a week."""
    with writing() as session:
        session.execute(delete(PortalMark).where(
            PortalMark.name.startswith(_PREFIX), _is_forgotten()))


def list_hosts_at_work(workers: Sequence[WorkerMark]) -> list[str]:
    """The machines on which workers were heard of within five minutes."""
    return sorted({one.host for one in workers if not one.silent})


def is_pretend_carrier_used() -> bool:
    """Whether texts that no carrier is assigned to stay with the carrier that is part of the portal."""
    return not current_carrier().real and not desk.find_default_ref()


def list_pretending_hosts(workers: Sequence[WorkerMark]) -> list[str]:
    """The machines at work where there are several, though the pretend carrier keeps its texts on one; else none."""
    hosts = list_hosts_at_work(workers)
    return hosts if len(hosts) > 1 and is_pretend_carrier_used() else []


def _heartbeat() -> Upsert:
    """A database in a file keeps the moment alone, as it always has: any version reads it."""
    moment = now()
    name, value = ((_ONLY_WORKER, moment.isoformat()) if current_settings().embedded
                   else (_own_name(), _write_mark(moment, _own_host(), _own_folder())))
    return upsert(PortalMark).values(name=name, value=value).on_conflict_do_update(
        index_elements=["name"], set_={"value": value})


def _own_host() -> str:
    return "-".join(_storable(socket.gethostname()).split())[:_LONGEST_HOST]


def _own_folder() -> str:
    return _storable(str(current_settings().instance.absolute()))


def _storable(name: str) -> str:
    """A name of the system, whatever bytes it is made of."""
    return os.fsencode(name).decode(errors="replace")


def _own_name() -> str:
    named = f"{_storable(socket.gethostname())}\0{_own_folder()}"
    return _PREFIX + sha256(named.encode()).hexdigest()[:16]


def _is_forgotten() -> ColumnElement[bool]:
    """Silent for a week; or as far ahead, after a clock was set back."""
    return or_(PortalMark.value <= _in_order(now() - FORGOTTEN_AFTER),
               PortalMark.value > _in_order(now() + FORGOTTEN_AFTER))


def _in_order(moment: datetime) -> str:
    """A moment so that later ones sort behind it."""
    return moment.isoformat(timespec="microseconds")


def _write_mark(moment: datetime, host: str, folder: str) -> str:
    begin = f"{_in_order(moment)} {host} "
    room = lengths.MARK_VALUE - len(begin)
    return begin + (folder if len(folder) <= room else f"…{folder[1 - room:]}")


def _read_mark(value: str) -> WorkerMark:
    moment, host, folder = (*value.split(" ", 2), "", "")[:3]
    return WorkerMark(datetime.fromisoformat(moment), host, folder)
