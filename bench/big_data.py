"""A database as large as a large customer's: 100,000 users and 1,000,000 texts, made once and kept.

It lies in .cache/bench, named after the revision of the tables and its size, and is made anew where either changes.
Measurements work on copies of it. Four users have all the texts: half of each one's in one long conversation, the
rest in up to 2,500 others. A small database of the same kind (100 users, 1,000 texts) shows what growth costs.
"""

import os
import random
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import flask_migrate
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import func, insert, select, update

from portal import extensions
from portal.app import create_app
from portal.extensions import db, now, writing
from portal.models import (
    AccountState,
    AuditEvent,
    Claim,
    Conversation,
    Direction,
    Location,
    Message,
    Number,
    Organization,
    Setting,
    TextState,
    User,
)
from portal.rules.facts import Campaign, Pstn, Registration
from portal.rules.numbers import NumberKind
from portal.rules.switches import Level

from . import databases
from .sizes import size_of

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".cache" / "bench"
# Raise it when what this file writes changes.
EDITION = 2
BATCH = 20_000
# Users by their ids: the administrator, and those with texts. In the large one five hundred send during measurements.
ADMIN, TALKERS = 1, range(2, 6)
MOST_CONVERSATIONS, LEAST_CONVERSATIONS = 2500, 60
FIRST = ("Ada", "Ben", "Chloe", "Dmitri", "Elodie", "Farid", "Grete", "Hakon", "Ines", "Jurgen", "Kofi", "Lea")
LAST = ("Abara", "Brandt", "Castellano", "Dupont", "Eriksen", "Fitzgerald", "Groß", "Hoang", "Iyer", "Kowalski")


class Size(NamedTuple):
    """So many users and texts."""

    users: int
    texts: int

    @property
    def conversations(self) -> int:
        """Of each user who has texts, the long one left out."""
        return max(LEAST_CONVERSATIONS, min(MOST_CONVERSATIONS, self.texts // 400))


LARGE, SMALL = Size(size_of("users"), size_of("texts")), Size(100, 1_000)
SENDERS = range(6, LARGE.users, LARGE.users // 500)


def newest_revision() -> str:
    """The name of the last migration."""
    return str(ScriptDirectory(str(ROOT / "portal" / "migrations")).get_current_head())


def kept_database(size: Size) -> Path:
    """The file of this size; made now if it is not there."""
    file = FOLDER / f"{newest_revision()}-{EDITION}-{size.users}-{size.texts}.db"
    if not file.exists():
        _make(size, file)
    return file


@contextmanager
def over_copy(size: Size, folder: Path, **settings: str) -> Iterator[Flask]:
    """The portal, in this process, over a copy: a file in the folder, which stays there; a server's for the block."""
    with copied_database(size, folder) as environ:
        app = create_app({**environ, **settings}, folder)
        yield app
        with app.app_context():
            db.engine.dispose()


@contextmanager
def copied_database(size: Size, folder: Path) -> Iterator[dict[str, str]]:
    """The settings of a portal over a copy, in the same way."""
    folder.mkdir(exist_ok=True)
    if databases.is_on_server():
        with databases.new_database(databases.keep_on_server(kept_database(size))) as environ:
            yield environ
        return
    shutil.copyfile(kept_database(size), folder / "portal.db")
    yield {"DATABASE_URL": f"sqlite:///{folder / 'portal.db'}"}


def _make(size: Size, file: Path) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    began, place = time.monotonic(), FOLDER / f"making-{os.getpid()}"
    print(f"Making a database of {size.users:,} users and {size.texts:,} texts, once.", flush=True)
    app = create_app({}, place)
    with app.app_context():
        flask_migrate.upgrade()
        _fill(size)
        extensions.checkpoint_database()
        db.engine.dispose()
    app.config["SETTINGS"].database.rename(file)
    shutil.rmtree(place)
    print(f"  {file.stat().st_size / 1e6:.0f} MB in {time.monotonic() - began:.0f} s", flush=True)


def _fill(size: Size) -> None:
    moment = now()
    with writing() as session:
        organization = Organization(
            name="Large Works", name_key="large works", calling_plan=True, add_on=True, campaign=Campaign.ACTIVE,
            registration=Registration.ALL)
        session.add(organization)
        session.flush()
        mine = {"organization_id": organization.id}
        session.execute(insert(Location), [
            {**mine, "name": f"Site {n:02}", "name_key": f"site {n:02}", "country": "CA",
             "time_zone": "America/Toronto", "pstn": Pstn.LOCAL_GATEWAY if n % 10 == 9 else Pstn.PROVIDER}
            for n in range(40)])
        session.execute(insert(AuditEvent), [_event(n, mine) for n in range(min(size.users, BATCH))])
        session.add(Setting(level=Level.ORGANIZATION, unit_id=organization.id, organization_id=organization.id, on=True,
                            said_by="Ada", event_id=1))
    for kind, row in ((User, _user), (Number, _number), (Claim, _claim), (Setting, _setting)):
        _insert(kind, (one for n in range(1, size.users + 1) if (one := row(n, mine))))
    _insert(Conversation, _conversations(size, mine))
    with db.session.begin():
        held = db.session.execute(select(Conversation.id, Conversation.user_id, Conversation.number_id,
                                         Conversation.theirs).order_by(Conversation.id)).all()
    _insert(Message, (_text(n, size, held, mine, moment) for n in range(size.texts)))
    _sum_up()


def _insert(kind: Any, rows: Iterator[dict[str, Any]]) -> None:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            _write(kind, batch)
            batch.clear()
    if batch:
        _write(kind, batch)


def _write(kind: Any, batch: list[dict[str, Any]]) -> None:
    with writing() as session:
        session.execute(insert(kind.__table__), batch)


def _event(n: int, mine: dict[str, int]) -> dict[str, Any]:
    return {**mine, "ref": f"e{n:011}", "actor_name": "Ada", "action": "user-added", "subject": "user",
            "subject_ref": f"u{n:011}", "subject_name": _name(n)}


def _name(n: int) -> str:
    return f"{FIRST[n % len(FIRST)]} {LAST[n // len(FIRST) % len(LAST)]} {n:06}"


def _steady(n: int) -> bool:
    """Whether measurements need this user as somebody who can text."""
    return n < SENDERS.start or n in SENDERS


def _user(n: int, mine: dict[str, int]) -> dict[str, Any]:
    dice, name = random.Random(n), _name(n)  # noqa: S311 - the same every time
    states = (AccountState.ACTIVE,) * 17 + (AccountState.INVITED, AccountState.INVITED, AccountState.DEACTIVATED)
    return {**mine, "ref": f"u{n:011}", "location_id": 1 if _steady(n) else 1 + n % 40, "name": name,
            "name_key": name.casefold(), "email": f"u{n}@example.com", "email_key": f"u{n}@example.com",
            "account": AccountState.ACTIVE if _steady(n) else dice.choice(states), "admin": n == ADMIN,
            "app_version": "43.2" if _steady(n) else dice.choice(("43.2", "43.1", "42.9", ""))}


def _share(n: int) -> int:
    """0 to 99, the same for the same user."""
    return n * 37 % 100


def _e164(n: int) -> str:
    return f"+1{('416', '647', '905')[n % 3]}{200 + n // 10_000}{n % 10_000:04}"


def _number(n: int, mine: dict[str, int]) -> dict[str, Any] | None:
    if not _steady(n) and _share(n) >= 70:
        return None
    return {**mine, "e164": _e164(n), "kind": NumberKind.PLAIN, "user_id": n}


def _claim(n: int, mine: dict[str, int]) -> dict[str, Any] | None:
    if _steady(n) or not 70 <= _share(n) < 75:
        return None
    return {**mine, "ref": f"c{n:011}", "e164": _e164(n), "kind": NumberKind.PLAIN, "user_id": n}


def _setting(n: int, mine: dict[str, int]) -> dict[str, Any] | None:
    if _steady(n) or _share(n) % 20:
        return None
    return {**mine, "level": Level.USER, "unit_id": n, "on": n % 3 > 0, "said_by": "Ada", "event_id": 1}


def _conversations(size: Size, mine: dict[str, int]) -> Iterator[dict[str, Any]]:
    found = select(Number.user_id, Number.id).where(Number.user_id.in_(TALKERS))
    numbers = dict(iter(db.session.execute(found)))
    db.session.rollback()
    for place in range(size.conversations + 1):
        for user_id in TALKERS:
            yield {**mine, "ref": f"t{user_id}{place:010}", "user_id": user_id, "number_id": numbers[user_id],
                   "theirs": f"+1{(604, 514, 902)[place % 3]}555{place:04}", "name": f"Person {place}" * (place % 2),
                   "name_key": f"person {place}" * (place % 2)}


def _text(n: int, size: Size, held: Any, mine: dict[str, int], moment: Any) -> dict[str, Any]:
    """Every other text in one of the long conversations, which stand first."""
    talkers, part = len(TALKERS), n // 2
    chosen = held[part % talkers] if n % 2 else held[talkers + part % (len(held) - talkers)]
    at = moment - timedelta(days=2) - timedelta(days=300) * (1 - n / size.texts)
    out = n % 3 > 0
    return {
        **mine, "ref": f"m{n:011}", "conversation_id": chosen.id, "user_id": chosen.user_id,
        "number_id": chosen.number_id, "theirs": chosen.theirs, "direction": Direction.OUT if out else Direction.IN,
        "state": TextState.DELIVERED if out else TextState.RECEIVED, "at": at, "due_at": at, "deadline": at,
        "body": f"Your appointment number {n} is tomorrow at ten. Reply if you cannot come.", "region": "CA",
        "template": f"{n % 5000}", "carrier": "pretend", "carrier_id": f"id-{n}", "tries": 1,
    }


def _sum_up() -> None:
    """What conversations know of their last text, and a few that have not been read."""
    last = select(func.max(Message.id)).where(Message.conversation_id == Conversation.id).scalar_subquery()
    at = select(Message.at).where(Message.id == Conversation.last_id).scalar_subquery()
    plain = {"synchronize_session": False}
    with writing() as session:
        session.execute(update(Conversation).values(last_id=last).execution_options(**plain))
        session.execute(update(Conversation).values(last_at=at, read_up_to=Conversation.last_id).execution_options(
            **plain))
        session.execute(update(Conversation).where(Conversation.id % 50 == 0).values(
            unread=1, read_up_to=0).execution_options(**plain))


if __name__ == "__main__":
    for each in (SMALL, LARGE):
        kept = kept_database(each)
        if databases.is_on_server():
            print(f"Moving {kept.name} to the server, once in a run.", flush=True)
            databases.keep_on_server(kept)
