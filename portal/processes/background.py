"""The background process: a thread for tasks, one for what is due by the clock, one for what takes long."""

from flask import Flask

from portal import stored_files
from portal.extensions import current_settings, db, huey
from portal.nudges import NudgeListener
from portal.rules.number_plans import load_number_plans
from portal.services.upkeep import worker_marks

from . import long_work, memory, tasks, worker


def work_until_stopped(app: Flask) -> None:
    """Do background work until INT or TERM, in the main thread of a process of its own, in an application context."""
    memory.bound_allocator()
    load_number_plans()
    worker_marks.note_heartbeat()
    db.engine.dispose()
    embedded = current_settings().embedded
    if embedded:
        huey.storage.initialize_schema()
    sending = worker.WorkerThread(
        app, stored_files.WORKER_SOCKET.beside(current_settings().database) if embedded else None)
    listening = None if embedded else NudgeListener(db.engine, sending.nudge)
    tasks.watch_sender(sending.is_working)
    working = long_work.LongWorkThread(app)
    sending.start()
    working.start()
    if listening:
        listening.start()
    try:
        # A task that has begun is finished before the worker stops.
        huey.create_consumer(workers=1, periodic=True, graceful_signal="TERM", shutdown_timeout=20).run()
    finally:
        working.stopping.set()
        if listening:
            listening.stop()
        sending.stop()
        working.stop()
    worker_marks.forget_own_worker()
