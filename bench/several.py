"""Accepting texts from several processes over one PostgreSQL database, beside one process.

Four processes for four organizations, four for one, and one alone take turns; each accepts as many texts as it can, by
the service that the web server calls, without HTTP. What the processors did stands beside the rates: a machine on which
one process and its part of the server use most of them cannot show what several gain. `allowed` is how many times the
rate of one process its processors would allow, if a text takes no more of them.
"""

import itertools
import multiprocessing
import os
import random
import statistics
import tempfile
import time
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any, NamedTuple

import flask_migrate
from flask import Flask
from sqlalchemy import insert, select

from portal.app import create_app
from portal.extensions import db, writing
from portal.models import AccountState, AuditEvent, Location, Number, Organization, Setting, User
from portal.rules.facts import Campaign, Pstn, Registration
from portal.rules.numbers import NumberKind
from portal.rules.switches import Level
from portal.services.texting import sending

from .accepting import WORDS
from .databases import new_database
from .figures import Figure, at_share, figure_of, ratios, take_turns
from .processor import Used, read_used

FORKS = multiprocessing.get_context("fork")
SECONDS, ORGANIZATIONS, MEMBERS, FIRST_TEXTS = 3.0, 4, 100, 5


class Way(NamedTuple):
    """So many processes, for so many organizations."""

    processes: int
    organizations: int

    def __str__(self) -> str:
        return f"{self.processes} processes for {self.organizations}"


ALONE, APART, TOGETHER, TWO = Way(1, 1), Way(4, 4), Way(4, 1), Way(2, 2)


class Accepted(NamedTuple):
    """What one run gave: texts a second, milliseconds of each, seconds of processor of the portal and of others."""

    rate: float
    times: list[float]
    portal: float
    used: Used


def measure() -> list[Figure]:
    """The rates of several processes, beside that of one."""
    runs: dict[Way, list[Accepted]] = {way: [] for way in (ALONE, TWO, APART, TOGETHER)}
    with tempfile.TemporaryDirectory() as place, new_database() as environ:
        app = create_app(environ, Path(place))
        members = fill_portal(app)

        def accept(way: Way) -> float:
            runs[way].append(run_processes(app, members, way))
            return runs[way][-1].rate

        rates = take_turns({str(way): lambda way=way: accept(way) for way in runs})  # type: ignore[misc]
    limits = {APART: 1.8, TOGETHER: 0.9, TWO: None}
    return [figure_of("", f"accept, {way}, beside one process", ratios(rates[str(way)], rates[str(ALONE)]), "×",
                      limit=limit, at_least=True, said=said_of(runs[way], runs[ALONE]))
            for way, limit in limits.items()] + [
        figure_of("", "accept, one process", rates[str(ALONE)], "texts/s", said=said_of(runs[ALONE], runs[ALONE]))]


def said_of(runs: list[Accepted], alone: list[Accepted]) -> str:
    """The middle of all rounds in numbers."""
    def middle(values: list[float]) -> float:
        return statistics.median(values)

    cores = os.cpu_count() or 1
    each = [1e3 * (one.portal + one.used.server) / (one.rate * SECONDS) for one in alone]
    allowed = [cores * 1e3 / ms / one.rate for ms, one in zip(each, alone, strict=True)]
    return (f"{middle([one.rate for one in runs]):.0f}/s, p99 {middle([at_share(one.times, 0.99) for one in runs]):.0f}"
            f" ms; processor {middle([one.portal / SECONDS for one in runs]):.2f} portal,"
            f" {middle([one.used.server / SECONDS for one in runs]):.2f} server,"
            f" {middle([one.used.machine / SECONDS for one in runs]):.2f} whole machine of {cores} cores;"
            f" allowed {middle(allowed):.1f} ×")


def fill_portal(app: Flask) -> list[list[int]]:
    """Four organizations whose members can text; their ids."""
    with app.app_context():
        flask_migrate.upgrade()
        found_organizations()
        found = db.session.execute(select(User.organization_id, User.id).order_by(User.id)).all()
        db.session.remove()
        db.engine.dispose()
    return [[user_id for _organization, user_id in rows]
            for _organization, rows in itertools.groupby(found, key=lambda row: row[0])]


def found_organizations() -> None:
    """All four, in an empty portal. For an open application context."""
    for place in range(ORGANIZATIONS):
        _found(place)


def address_of(n: int, place: int) -> str:
    """The email address of a member of an organization."""
    return f"u{n}@works{place}.example"


def _found(place: int) -> None:
    """One organization, with texting on for all."""
    name = f"Works {place}"
    with writing() as session:
        organization = Organization(
            name=name, name_key=name.lower(), calling_plan=True, add_on=True, campaign=Campaign.ACTIVE,
            registration=Registration.ALL)
        session.add(organization)
        session.flush()
        mine: dict[str, Any] = {"organization_id": organization.id}
        location = Location(**mine, name="Site", name_key="site", country="CA", time_zone="America/Toronto",
                            pstn=Pstn.PROVIDER)
        event = AuditEvent(**mine, ref=f"e{place:011}", actor_name="Ada", action="texting", subject="organization",
                           subject_ref=organization.ref, subject_name=name)
        session.add_all([location, event])
        session.flush()
        session.add(Setting(**mine, level=Level.ORGANIZATION, unit_id=organization.id, on=True, said_by="Ada",
                            event_id=event.id))
        users = session.scalars(insert(User).returning(User.id), [_member(n, place, location) for n in range(MEMBERS)])
        session.execute(insert(Number), [
            {**mine, "e164": f"+1416{200 + place}{n:04}", "kind": NumberKind.PLAIN, "user_id": user_id}
            for n, user_id in enumerate(users)])


def _member(n: int, place: int, location: Location) -> dict[str, Any]:
    address = address_of(n, place)
    return {"ref": f"u{place}{n:010}", "organization_id": location.organization_id, "location_id": location.id,
            "name": f"Person {n:03}", "name_key": f"person {n:03}", "email": address, "email_key": address,
            "account": AccountState.ACTIVE, "app_version": "43.2"}


def run_processes(app: Flask, members: list[list[int]], way: Way) -> Accepted:
    """Let so many processes accept, each for members of its own."""
    ready, found = FORKS.Barrier(way.processes + 1), FORKS.SimpleQueue()
    shares = [members[process % way.organizations][process // way.organizations::way.processes // way.organizations]
              for process in range(way.processes)]
    children = [FORKS.Process(target=accept_texts, args=(app, share, ready, found)) for share in shares]
    for child in children:
        child.start()
    ready.wait()
    before = read_used()
    time.sleep(SECONDS)
    used = read_used().since(before)
    told = [found.get() for _ in children]
    for child in children:
        child.join()
    times = [one for each, _worked in told for one in each]
    return Accepted(len(times) / SECONDS, times, sum(worked for _each, worked in told), used)


def accept_texts(app: Flask, members: list[int], ready: Barrier,
                 found: "SimpleQueue[tuple[list[float], float]]") -> None:
    """In a process of its own: learn the statements, wait for the others, and accept until the time is over."""
    texts, times = write_texts(members), []
    with app.app_context():
        for _ in range(FIRST_TEXTS):
            accept_one(*next(texts))
        ready.wait()
        worked, began = time.process_time(), time.perf_counter()
        while (start := time.perf_counter()) < began + SECONDS:
            accept_one(*next(texts))
            times.append(1e3 * (time.perf_counter() - start))
        worked = time.process_time() - worked
        db.session.remove()
        db.engine.dispose()
    found.put((times, worked))


def write_texts(members: list[int]) -> Any:
    """Endless texts, of one member after the other, no two with the same words."""
    dice = random.Random(os.getpid())  # noqa: S311 - no secret
    for number in itertools.count():
        yield (members[number % len(members)], f"+1647555{2000 + number % 5000:04}",
               f"Your {' '.join(dice.choices(WORDS, k=8))} is ready.", f"{os.getpid():09}-{number:09}")


def accept_one(user_id: int, number: str, body: str, key: str) -> None:
    """One text. Ends the program where it is refused."""
    answer = sending.send_text(db.session.get_one(User, user_id), number, body, key)
    db.session.remove()
    if not answer.decision.allowed:
        raise SystemExit(f"A text was refused: {answer.decision}"[:500])
