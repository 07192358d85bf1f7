"""Requests on the web to get no more texts. If the sender has texted the number, the request is an opt-out; otherwise
it only warns senders. Until the portal has checked it, texts to the number wait.

Visitors do not prove who they are, so one can ask in the name of another. The portal therefore believes only what its
own records show: that this sender has texted that number.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, distinct, func, literal_column, select
from sqlalchemy.dialects.sqlite import insert as upsert

from portal.extensions import db
from portal.models import Direction, Message, Number, OptOut, OptOutSource, Organization, Report, WebAsk
from portal.rules.cases import Match

from .. import hashes
from . import optouts

log = logging.getLogger("portal.web_asks")

HOUR, DAY = timedelta(hours=1), timedelta(hours=24)
# The portal keeps texts for so long, and can prove nothing beyond.
PROVED_FOR = timedelta(days=400)
# More than a family, less than an attack.
MOST_OF_A_SOURCE = 5
MOST_AN_HOUR = 10
# Signs that a machine or another site sent the form. An expired session is not one.
MACHINES = ("honeypot", "forged", "elsewhere")
# Texts that a member wrote and a carrier took. An automatic answer to HELP proves nothing.
WRITTEN = (Message.carrier_id != "", Message.automatic.is_(False))


def take_web_ask(report: Report, number: Number, theirs: str, moment: datetime) -> None:
    """Take the request that our `number` text `theirs` no more, in the open write transaction."""
    if not _may_ask(report):
        return
    if _texted(number, theirs, moment):
        _believe(number.organization_id, theirs, moment)
    elif report.suspect not in MACHINES:
        asked = upsert(WebAsk).values(organization_id=number.organization_id, theirs=theirs, at=moment)
        db.session.execute(asked.on_conflict_do_update(
            index_elements=["organization_id", "theirs"], set_={"at": moment}))


def _may_ask(report: Report) -> bool:
    """Whether the source may still ask: for at most five numbers a day."""
    asked = select(func.count(distinct(Report.theirs_key))).where(
        Report.source == report.source, Report.at > report.at - DAY, Report.at <= report.at, Report.stop,
        Report.id != report.id, Report.theirs_key.not_in(("", report.theirs_key)))
    return (db.session.scalar(asked) or 0) < MOST_OF_A_SOURCE


def _texted(number: Number, theirs: str, moment: datetime) -> bool:
    """Whether a member of our number's present organization texted `theirs` from it."""
    sent = select(Message.id).where(
        Message.organization_id == number.organization_id, Message.theirs == theirs,
        Message.direction == Direction.OUT, Message.at > moment - PROVED_FOR, Message.number_id == number.id, *WRITTEN)
    return db.session.scalar(sent.limit(1)) is not None


def _believe(organization_id: int, theirs: str, moment: datetime) -> None:
    """Record an opt-out. Beyond ten an hour in one organization, raise an alarm and let an admin decide instead."""
    lately = select(func.count(OptOut.id)).where(
        OptOut.organization_id == organization_id, OptOut.source == OptOutSource.WEB, OptOut.said_at > moment - HOUR)
    many = (db.session.scalar(lately) or 0) >= MOST_AN_HOUR
    if optouts.take_web_optout(organization_id, theirs, moment, sure=not many) and many:
        organization = db.session.get_one(Organization, organization_id)
        log.warning("web_opt_outs_many", extra={"fields": {"organization": organization.ref}})


# --- until it was looked into --------------------------------------------------------------------

# The condition repeats the words of the index: with a parameter instead, SQLite would not use it.
_WAITING: Any = literal_column("reports.matched = 'waiting'")
_ASKING = select(Report.source, Report.theirs).where(
    _WAITING, Report.stop, Report.theirs.in_(bindparam("theirs", expanding=True)))
_BEFORE = select(Report.source, Report.theirs_key).where(
    Report.source.in_(bindparam("sources", expanding=True)), Report.at > bindparam("since"), Report.stop,
    Report.matched != Match.WAITING, Report.theirs_key != "").distinct()


def numbers_asking_silence(messages: Iterable[Message], moment: datetime) -> set[str]:
    """The recipients of these texts for whom a request on the web waits to be checked.

    A source that asks again for one number, or for many numbers, delays no text a second time within a day.
    """
    theirs = {one.theirs for one in messages if not one.automatic}
    asking = db.session.execute(_ASKING, {"theirs": list(theirs)}).all()
    before = _before({row.source for row in asking}, moment) if asking else {}
    return {row.theirs for row in asking if _counts(row.theirs, before[row.source])}


def _before(sources: Iterable[str], moment: datetime) -> defaultdict[str, set[str]]:
    """The hashed numbers that each source asked for within a day and that the portal has checked."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    rows: Sequence[Any] = db.session.execute(_BEFORE, {"sources": list(sources), "since": moment - DAY}).all()
    for row in rows:
        found[row.source].add(row.theirs_key)
    return found


def _counts(theirs: str, before: set[str]) -> bool:
    return len(before) < MOST_OF_A_SOURCE and hashes.keyed_hash(theirs, "reporter") not in before
