"""How long it takes to look into one report of spam and join it to a case, among 100,000 texts and reports (PERF-12).

It makes a database of its own in a temporary folder, with so many texts of one sender, spread over 50 days and 2,000
recipients, and so many reports of other senders. Then a report comes that names the recipient's number (verified), one
that only quotes the text (known), and one that matches nothing, 40 times each; the times are those of the whole step,
commit included.
"""

import statistics
import tempfile
import time
from datetime import timedelta
from itertools import count
from pathlib import Path

import flask_migrate
from sqlalchemy import insert

from portal.app import create_app
from portal.extensions import db, make_ref, now, writing
from portal.models import Message, Number, Report, User
from portal.rules import texts
from portal.rules.cases import Lane, Match
from portal.rules.facts import Category
from portal.services.spam import matching, reports
from tests import cast, talks

from .figures import Figure, figure_of, take_turns

SENDER = "+14165550101"
WORDINGS = (
    "Your appointment is on day {}. Reply if you cannot come.", "Room {} is ready for you at the front desk.",
    "Parcel {} waits for a fee of 2.99, pay at parcel-fees.example", "The table for {} is booked, see you then.",
)
MANY, TRIES, BATCH = 100_000, 40, 5_000
# What reports say, by which part of the texts they are about.
KINDS = {
    "verified": lambda index: reports.ReportInput(SENDER, WORDINGS[2].format(index), f"+1647556{index:04}"),
    "known": lambda index: reports.ReportInput(SENDER, WORDINGS[2].format(index)),
    "unmatched": lambda index: reports.ReportInput(SENDER, "Something that nobody ever sent", f"+1647556{index:04}"),
    "not ours": lambda index: reports.ReportInput("+16045550199", "Something", f"+1647556{index:04}"),
}


def fill(many: int) -> None:
    """The texts and the reports, written as only a database can write them."""
    number = db.session.query(Number).filter_by(e164=SENDER).one()
    user_id, number_id = number.user_id or 0, number.id
    user = db.session.get_one(User, user_id)
    organization_id, moment = user.organization_id, now()
    ref = talks.hold(user_id, talks.text_out("first"))
    conversation_id = db.session.query(talks.Conversation.id).filter_by(ref=ref).scalar()
    plain = talks.text_out("", carrier="scripted")
    for start in range(0, many, BATCH):
        rows = []
        for index in range(start, min(start + BATCH, many)):
            body = WORDINGS[index % 4].format(index)
            at = moment - timedelta(days=50) * (1 - index / many)
            rows.append({**plain, "ref": make_ref(), "organization_id": organization_id, "user_id": user_id,
                         "number_id": number_id, "conversation_id": conversation_id, "body": body, "at": at,
                         "theirs": f"+1647556{index % 2000:04}", "carrier_id": make_ref(), "submission_key": make_ref(),
                         "template": texts.hash_of_template(body), "automatic": False, "segments": 1, "payload": "",
                         "claimed_by": "", "tries": 1, "crashes": 0, "code": "", "why": []})
        with writing() as session:
            session.execute(insert(Message), rows)
            session.execute(insert(Report), [
                {"ref": f"{index:09}", "token": make_ref(), "at": moment - timedelta(days=1), "lane": Lane.NORMAL,
                 "suspect": "", "sender": "+16045550199", "body": "spam", "category": Category.SCAM, "stop": False,
                 "theirs": "", "theirs_key": make_ref(), "email": "", "language": "en", "source": make_ref(),
                 "matched": Match.UNMATCHED, "repeated": False} for index in range(start, min(start + BATCH, many))])


def match_one(told: reports.ReportInput, worked: list[float]) -> float:
    """Milliseconds from the look at what waits to the commit of what was found; those of processor go to `worked`."""
    reports.file_report(told, make_ref())
    began, works = time.perf_counter(), time.process_time()
    matching.match_waiting_reports()
    worked.append(1000 * (time.process_time() - works))
    return 1000 * (time.perf_counter() - began)


def measure() -> list[Figure]:
    """The middle and the slowest time of each kind of report, which take turns."""
    with tempfile.TemporaryDirectory() as folder, create_app({}, Path(folder)).app_context():
        flask_migrate.upgrade()
        cast.settle()
        fill(MANY)
        numbers, worked = {name: count(2, 4) for name in KINDS}, {name: [] for name in KINDS}
        asks = {name: lambda name=name: match_one(KINDS[name](next(numbers[name])), worked[name]) for name in KINDS}
        took = take_turns(asks, TRIES)
        db.engine.dispose()
    return [figure_of("PERF-12", f"match and cluster a report, {name}", took[name], "ms", limit=20,
                      said=f"{statistics.median(worked[name]):.1f} ms of processor") for name in KINDS]
