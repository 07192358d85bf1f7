"""Requests on the web to be left alone: believed where a text proves them, a warning otherwise, and held meanwhile.

Nobody who asks has to prove who they are, so anybody can ask for anybody. What is believed at once is only what the
portal knows itself: that this sender has texted that number.
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
# As long as texts are kept, which is as long as anything can be proved.
PROVED_FOR = timedelta(days=400)
# More than a family, less than an attack.
MOST_OF_A_SOURCE = 5
MOST_AN_HOUR = 10
# Signs of a machine, or of another site that sends on somebody's behalf; a session that ended is none.
MACHINES = ("honeypot", "forged", "elsewhere")
# What somebody wrote and a carrier took. Whoever texts HELP gets an answer, and that proves nothing.
WRITTEN = (Message.carrier_id != "", Message.automatic.is_(False))


def take_web_ask(report: Report, number: Number, theirs: str, moment: datetime) -> None:
    """Take a request of the number `theirs` to the holder of one of ours, in the open write transaction."""
    if not _may_ask(report):
        return
    if _texted(number, theirs, moment):
        _believe(number.organization_id, theirs, moment)
    elif report.suspect not in MACHINES:
        asked = upsert(WebAsk).values(organization_id=number.organization_id, theirs=theirs, at=moment)
        db.session.execute(asked.on_conflict_do_update(
            index_elements=["organization_id", "theirs"], set_={"at": moment}))


def _may_ask(report: Report) -> bool:
    """At most five numbers from one source and day."""
    asked = select(func.count(distinct(Report.theirs_key))).where(
        Report.source == report.source, Report.at > report.at - DAY, Report.at <= report.at, Report.stop,
        Report.id != report.id, Report.theirs_key.not_in(("", report.theirs_key)))
    return (db.session.scalar(asked) or 0) < MOST_OF_A_SOURCE


def _texted(number: Number, theirs: str, moment: datetime) -> bool:
    """Whether somebody texted the number from this one of ours, for its present organization."""
    sent = select(Message.id).where(
        Message.organization_id == number.organization_id, Message.theirs == theirs,
        Message.direction == Direction.OUT, Message.at > moment - PROVED_FOR, Message.number_id == number.id, *WRITTEN)
    return db.session.scalar(sent.limit(1)) is not None


def _believe(organization_id: int, theirs: str, moment: datetime) -> None:
    """An opt-out in force; beyond ten an hour for one organization a person decides, and an alarm is raised."""
    lately = select(func.count(OptOut.id)).where(
        OptOut.organization_id == organization_id, OptOut.source == OptOutSource.WEB, OptOut.said_at > moment - HOUR)
    many = (db.session.scalar(lately) or 0) >= MOST_AN_HOUR
    if optouts.take_web_optout(organization_id, theirs, moment, sure=not many) and many:
        organization = db.session.get_one(Organization, organization_id)
        log.warning("web_opt_outs_many", extra={"fields": {"organization": organization.ref}})


# --- until it was looked into --------------------------------------------------------------------

# In the words of the index of what waits: with a parameter instead, SQLite would not know that it applies.
_WAITING: Any = literal_column("reports.matched = 'waiting'")
_ASKING = select(Report.source, Report.theirs).where(
    _WAITING, Report.stop, Report.theirs.in_(bindparam("theirs", expanding=True)))
_BEFORE = select(Report.source, Report.theirs_key).where(
    Report.source.in_(bindparam("sources", expanding=True)), Report.at > bindparam("since"), Report.stop,
    Report.matched != Match.WAITING, Report.theirs_key != "").distinct()


def numbers_asking_silence(messages: Iterable[Message], moment: datetime) -> set[str]:
    """The numbers, among those of some texts, that somebody has just asked silence for.

    A source that asks again for the same number, or for many, holds up nothing a second time within a day.
    """
    theirs = {one.theirs for one in messages if not one.automatic}
    asking = db.session.execute(_ASKING, {"theirs": list(theirs)}).all()
    before = _before({row.source for row in asking}, moment) if asking else {}
    return {row.theirs for row in asking if _counts(row.theirs, before[row.source])}


def _before(sources: Iterable[str], moment: datetime) -> defaultdict[str, set[str]]:
    """The keyed numbers that each source has asked for within a day and that were looked into."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    rows: Sequence[Any] = db.session.execute(_BEFORE, {"sources": list(sources), "since": moment - DAY}).all()
    for row in rows:
        found[row.source].add(row.theirs_key)
    return found


def _counts(theirs: str, before: set[str]) -> bool:
    return len(before) < MOST_OF_A_SOURCE and hashes.keyed_hash(theirs, "reporter") not in before
