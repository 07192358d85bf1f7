"""Lanes: a thread for each carrier that an operator added, so that one that is slow or down holds up no other.

A carrier with a line of its own has a second thread that keeps the line open and stores what comes over it.
"""

import logging
import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import select

from portal.carriers.base import CarrierNews, LineCarrier, LineStanding
from portal.extensions import db, now
from portal.models import CarrierRecord
from portal.services.carriers import account_faults, desk
from portal.services.texting import carrier_news, claims, outbox

log = logging.getLogger("portal.processes.lanes")

LONGEST_SLEEP, PACED_SLEEP, SHORTEST_SLEEP = 1.0, 0.05, 0.002
# Longer than a hand-over with everything that belongs to it.
STOPS_WITHIN = 20.0
# A line that broke, or that nobody has opened yet, is mostly up in a second. Texts wait for it without being tried: a
# few that failed would make the breaker pause for longer than that.
LINE_COMES_WITHIN = timedelta(seconds=10)


class CarrierLane(threading.Thread):
    """Runs the outbox of one carrier until told to stop; it finishes a batch that it has begun."""

    def __init__(self, app: Flask, name: str, ref: str) -> None:
        super().__init__(name=f"carrier {ref}", daemon=True)
        self.app, self.ref = app, ref
        self.worker = outbox.OutboxWorker(name, ref)
        self.stopping, self.nudged = threading.Event(), threading.Event()
        self.line: LineKeeper | None = None
        # Whether operators know that the other side refuses the line; None until that has been looked at.
        self.is_refusal_noted: bool | None = None
        self.began_step = time.monotonic()

    def run(self) -> None:
        """Work, sleep, work again; what breaks is tried again after a long sleep."""
        while not self.stopping.is_set():
            self.began_step = time.monotonic()
            self.nudged.clear()
            pause = self._work()
            if pause:
                self.nudged.wait(pause)
        if self.line:
            self.line.stop()

    def _work(self) -> float:
        with self.app.app_context():
            try:
                self._heed_line()
                return self._step(now())
            except Exception:
                log.exception("lane_failed")
                db.session.rollback()
                return LONGEST_SLEEP

    def _step(self, moment: datetime) -> float:
        """One step of the outbox; the seconds to sleep."""
        if self.line:
            self._heed_refusal(self.line.carrier.standing())
            if self.line.is_coming(moment):
                return PACED_SLEEP
        if self.worker.step():
            return 0.0
        due = claims.find_next_due_time(moment)
        left = (due - now()).total_seconds() if due else LONGEST_SLEEP
        return min(max(left, SHORTEST_SLEEP), PACED_SLEEP if self.worker.is_paced else LONGEST_SLEEP)

    def _heed_refusal(self, standing: LineStanding) -> None:
        """Tell operators that a line is refused, also while no text waits: none can come in. Then that it is up."""
        if standing.refused and self.is_refusal_noted is not True:
            account_faults.note_fault(self.ref, standing.code, now())
            self.is_refusal_noted = True
        elif standing.up and self.is_refusal_noted is not False:
            account_faults.forget_fault(self.ref)
            self.is_refusal_noted = False

    def _heed_line(self) -> None:
        """Open the line of a carrier that has one, and open it anew when an operator has changed the carrier."""
        carrier = self._line_carrier()
        if self.line and self.line.carrier is carrier:
            return
        if self.line:
            self.line.stop()
        self.line = None if carrier is None else LineKeeper(self.app, self.ref, carrier)
        self.is_refusal_noted = None
        if self.line:
            self.line.start()

    def _line_carrier(self) -> LineCarrier | None:
        try:
            # One that is turned off sends nothing more, and is heard: a STOP must not wait until it is on again.
            carrier = desk.find_carrier(self.ref)
        except (LookupError, desk.UnusableCarrier):
            return None
        finally:
            db.session.rollback()
        return carrier if isinstance(carrier, LineCarrier) else None

    def stop(self) -> None:
        """Finish the step that has begun, then end; `join` waits for it."""
        self.stopping.set()
        self.nudged.set()


class LineKeeper(threading.Thread):
    """Keeps the line of a carrier open, and stores what comes over it before the other side hears that we have it."""

    def __init__(self, app: Flask, ref: str, carrier: LineCarrier) -> None:
        super().__init__(name=f"line {ref}", daemon=True)
        self.app, self.ref, self.carrier, self.begun = app, ref, carrier, now()
        self.stopping = threading.Event()

    def run(self) -> None:
        """Keep the line; a carrier that breaks in its own code gets another try after a while."""
        while not self.stopping.is_set():
            try:
                self.carrier.keep(self._tell, self.stopping)
            except Exception:
                log.exception("line_failed")
            self.stopping.wait(LONGEST_SLEEP)

    def is_coming(self, moment: datetime) -> bool:
        """Whether nobody knows yet if the line can be opened, or it broke a moment ago and nobody refused it."""
        standing = self.carrier.standing()
        if standing.up or standing.refused or (standing.code and not standing.since):
            return False
        return abs(moment - (standing.since or self.begun)) < LINE_COMES_WITHIN

    def _tell(self, events: list[CarrierNews]) -> None:
        with self.app.app_context():
            carrier_news.store_news(self.ref, events)

    def stop(self) -> None:
        """Close the line in peace."""
        self.stopping.set()
        self.join(timeout=STOPS_WITHIN)


class CarrierLanes:
    """All lanes of this process: one for each carrier in the table, also for one that an operator adds later."""

    def __init__(self, app: Flask, name: str) -> None:
        self.app, self.name = app, name
        self.lanes: dict[str, CarrierLane] = {}
        self.looked_at = 0.0

    def heed(self) -> int:
        """Look, once a second, for carriers that came or went, in an application context; how many there are."""
        if time.monotonic() - self.looked_at < LONGEST_SLEEP:
            return len(self.lanes)
        self.looked_at = time.monotonic()
        refs = set(db.session.scalars(select(CarrierRecord.ref)))
        db.session.rollback()
        for ref in refs - self.lanes.keys():
            self.lanes[ref] = CarrierLane(self.app, self.name, ref)
            self.lanes[ref].start()
        for ref in self.lanes.keys() - refs:
            self.lanes.pop(ref).stop()
        return len(self.lanes)

    def nudge(self) -> None:
        """Something may be due."""
        for lane in self.lanes.values():
            lane.nudged.set()

    def are_working(self, stuck_after: timedelta) -> bool:
        """Whether every lane lives and none is stuck in a step."""
        long_ago = time.monotonic() - stuck_after.total_seconds()
        return all(lane.is_alive() and lane.began_step > long_ago for lane in self.lanes.values())

    def stop(self) -> None:
        """End all lanes; each finishes the step that it has begun."""
        lanes: Sequence[CarrierLane] = list(self.lanes.values())
        for lane in lanes:
            lane.stop()
        until = time.monotonic() + STOPS_WITHIN
        for lane in lanes:
            lane.join(timeout=max(0.1, until - time.monotonic()))
