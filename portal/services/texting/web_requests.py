"""Requests on the web to get no more texts. If the organization has texted the number, the request is an opt-out;
otherwise it only warns senders. Until the portal has looked into it, texts to the number wait.

Visitors do not prove who they are, so one can ask in the name of another. The portal therefore believes only what its
own records show: that this organization has texted that number. The number is then told by text, so that its owner
hears of a request that was not theirs. Many requests at once wait for a person, and meanwhile block nothing.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, distinct, func, literal_column, select

from portal.extensions import db, make_ref
from portal.models import Direction, Message, Number, OptOut, OptOutSource, OptOutState, Organization, Report, WebAsk
from portal.rules.cases import Match
from portal.rules.keywords import Language

from .. import audit, hashes
from . import optouts, stop_notices
from .answer_table import AnswerKind
from .claims import ClaimedText

log = logging.getLogger("portal.web_asks")

HOUR, DAY = timedelta(hours=1), timedelta(hours=24)
# The portal keeps texts for so long, and can prove nothing beyond.
PROVED_FOR = timedelta(days=400)
# More than a family, less than an attack.
MOST_OF_A_SOURCE = 5
MOST_AN_HOUR = 10
# Of the requests that wait, so many are looked at to count them.
MOST_LOOKED_AT = 1000
# Signs that a machine or another site sent the form. An expired session is not one.
MACHINES = ("honeypot", "forged", "elsewhere")
# Texts that a member wrote and a carrier took. An automatic answer to HELP proves nothing.
WRITTEN = (Message.carrier_id != "", Message.automatic.is_(False))
# Keys of the notes in conversations.
BY_WEB, MANY_BY_WEB = "web-out", "web-likely"


def take_web_ask(report: Report, number: Number, theirs: str, moment: datetime) -> None:
    """Take the request that the organization of our `number` text `theirs` no more, in the open write transaction."""
    few = _asks_for_few(report)
    if not _texted(number.organization_id, theirs, moment):
        if few and report.suspect not in MACHINES:
            _warn(number.organization_id, theirs, moment)
    elif few and _asked_within_hour(number.organization_id, moment) < MOST_AN_HOUR:
        row = put_request_in_force(number.organization_id, theirs, moment)
        if row is not None:
            organization = db.session.get_one(Organization, number.organization_id)
            audit.record_event(None, "opt-out-web", organization, number=theirs)
            known = stop_notices.find_number_they_know(organization.id, theirs, number)
            stop_notices.tell_texts_stopped(row, theirs, known, AnswerKind.WEB_STOP, _language(report), moment)
    else:
        _let_person_decide(number.organization_id, theirs, moment)


def _asks_for_few(report: Report) -> bool:
    """Whether the source has asked for at most five numbers within a day."""
    asked = select(func.count(distinct(Report.theirs_key))).where(
        Report.source == report.source, Report.at > report.at - DAY, Report.at <= report.at, Report.stop,
        Report.id != report.id, Report.theirs_key.not_in(("", report.theirs_key)))
    return (db.session.scalar(asked) or 0) < MOST_OF_A_SOURCE


def _texted(organization_id: int, theirs: str, moment: datetime) -> bool:
    """Whether a member of the organization texted `theirs` within 400 days, from whichever number."""
    sent = select(Message.id).where(
        Message.organization_id == organization_id, Message.theirs == theirs,
        Message.direction == Direction.OUT, Message.at > moment - PROVED_FOR, *WRITTEN)
    return db.session.scalar(sent.limit(1)) is not None


def _asked_within_hour(organization_id: int, moment: datetime) -> int:
    """How many believable requests came within the hour before: those in force, and those that wait."""
    taken = select(func.count(OptOut.id)).where(
        OptOut.organization_id == organization_id, OptOut.source == OptOutSource.WEB, OptOut.said_at > moment - HOUR)
    return (db.session.scalar(taken) or 0) + _waiting_of_few(organization_id, moment)


def _waiting_of_few(organization_id: int, moment: datetime) -> int:
    """How many requests of the last hour wait whose source asked for few numbers.

    Those of a source that asked for many wait too, but use up nothing: or else one visitor could make everybody wait.
    """
    wait = select(WebAsk.theirs).where(WebAsk.organization_id == organization_id, WebAsk.waits,
                                       WebAsk.at > moment - HOUR).order_by(WebAsk.at.desc()).limit(MOST_LOOKED_AT)
    keys = [hashes.keyed_hash(theirs, "reporter") for theirs in db.session.scalars(wait)]
    # The portal looks into a report some minutes after it came.
    asked = db.session.execute(select(Report.source, Report.theirs_key).where(
        Report.at > moment - 2 * HOUR, Report.stop, Report.theirs_key.in_(keys))).all() if keys else []
    before = _before({row.source for row in asked}, moment) if asked else {}
    return len({row.theirs_key for row in asked if len(before[row.source]) <= MOST_OF_A_SOURCE})


def _language(report: Report) -> Language:
    return Language.FRENCH if report.language.startswith("fr") else Language.ENGLISH


def put_request_in_force(organization_id: int, theirs: str, moment: datetime) -> OptOut | None:
    """Record an opt-out that was asked for on the web, in the open write transaction; it counts at once.

    None if the number has opted out already: its earlier opt-out stays.
    """
    row = optouts.optout_of_number(organization_id, theirs)
    if row is not None and row.state is OptOutState.OUT:
        return None
    row = row or OptOut(organization_id=organization_id, theirs=theirs)
    row.state, row.source, row.said_at = OptOutState.OUT, OptOutSource.WEB, moment
    row.note = row.said = ""
    db.session.add(row)
    db.session.flush()
    optouts.refuse_waiting_texts(organization_id, theirs, "opted-out", moment)
    optouts.note_in_conversations(organization_id, theirs, BY_WEB, moment)
    return row


def _let_person_decide(organization_id: int, theirs: str, moment: datetime) -> None:
    """Keep a request among many: nothing is blocked, senders are warned, an administrator decides, operators hear."""
    row = optouts.optout_of_number(organization_id, theirs)
    if (row is not None and row.state is OptOutState.OUT) or _warn(
            organization_id, theirs, moment, waits=True):
        return
    organization = db.session.get_one(Organization, organization_id)
    optouts.note_in_conversations(organization_id, theirs, MANY_BY_WEB, moment)
    audit.record_event(None, "opt-out-web-many", organization, number=theirs)
    log.warning("web_opt_outs_many", extra={"fields": {"organization": organization.ref}})


def _warn(organization_id: int, theirs: str, moment: datetime, *, waits: bool = False) -> bool:
    """Warn senders of a request from now on; whether it waited for a person already.

    Asking again puts off no request that waits: it counts two weeks after it was made first.
    """
    held = db.session.scalars(select(WebAsk).where(
        WebAsk.organization_id == organization_id, WebAsk.theirs == theirs)).first()
    if held is None:
        db.session.add(WebAsk(organization_id=organization_id, theirs=theirs, at=moment, waits=waits))
        return False
    waited = held.waits and not has_started_since(held)
    held.ref, held.at, held.waits = held.ref or make_ref(), held.at if waited else moment, held.waits or waits
    return waited


def has_started_since(request: WebAsk) -> bool:
    """Whether the person has texted START after a request was made in their name."""
    row = optouts.optout_of_number(request.organization_id, request.theirs)
    return row is not None and row.state is OptOutState.IN_AGAIN and row.said_at > request.at


# --- until the portal has looked into it ----------------------------------------------------------

# The condition repeats the words of the index: with a parameter instead, SQLite would not use it.
_WAITING: Any = literal_column("reports.matched = 'waiting'")
_ASKING = select(Report.source, Report.theirs, Report.at).where(
    _WAITING, Report.stop, Report.theirs.in_(bindparam("theirs", expanding=True))).order_by(Report.id.desc())
_BEFORE = select(Report.source, Report.theirs_key).where(
    Report.source.in_(bindparam("sources", expanding=True)), Report.at > bindparam("since"), Report.stop,
    Report.matched != Match.WAITING, Report.theirs_key != "").distinct()


def list_unread_requests(messages: Iterable[ClaimedText], moment: datetime) -> dict[str, datetime]:
    """By recipient of these texts: when the first request on the web was made that waits to be looked into.

    A source that asks again for one number, or for many numbers, delays no text a second time within a day.
    """
    theirs = {one.theirs for one in messages if not one.automatic}
    asking = db.session.connection().execute(_ASKING, {"theirs": list(theirs)}).all() if theirs else []
    before = _before({row.source for row in asking}, moment) if asking else {}
    return {row.theirs: row.at for row in asking if _counts(row.theirs, before[row.source])}


def _before(sources: Iterable[str], moment: datetime) -> defaultdict[str, set[str]]:
    """The hashed numbers that each source asked for within a day and that the portal has looked into."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    rows: Sequence[Any] = db.session.execute(_BEFORE, {"sources": list(sources), "since": moment - DAY}).all()
    for row in rows:
        found[row.source].add(row.theirs_key)
    return found


def _counts(theirs: str, before: set[str]) -> bool:
    return len(before) < MOST_OF_A_SOURCE and hashes.keyed_hash(theirs, "reporter") not in before
