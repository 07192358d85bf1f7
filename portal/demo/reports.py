"""The demo's spam: texts that people reported, the cases that came of it, and the operators' decisions about some."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from portal.extensions import db, writing
from portal.models import Case, CaseEntry, Number, Report, Restriction, User
from portal.rules.cases import CaseState, deadline_of_case
from portal.rules.facts import Category, Cause, Restraint
from portal.services.spam import decisions, intake, matching, reports
from portal.services.spam.decisions import Verdict
from portal.services.spam.restrictions import RestrictionTerms

from .letters import DAY_MINUTES, OUT, SCRIPT_TEXT, DemoConversation, DemoLine, write_conversation

MINUTE, HOUR_MINUTES = timedelta(minutes=1), 60


@dataclass(frozen=True, slots=True)
class ReportedTexts:
    """One wording of one user, so many minutes ago, to so many numbers; what became of it.

    `reported` holds for each report its category, whether it names a number that got the text, and words besides.
    """

    user: str
    body: str
    ago: int
    recipients: int
    reported: tuple[tuple[Category, bool, str], ...]


HOSTILE = "\n<script>alert(1)</script> \u202elive\u202c"
PARCEL = ("Your parcel is held back. Pay the fee of 2.99 today at parcel-fees.example/pay or it goes back to the"
          " sender.")
SALE = "Only today: 20 % off all frames at Maple Clinic! Bring a friend and save twice."
APPEAL_TEXT = (
    "I wrote to people who had signed up for our news at the spring fair. Two of them must have forgotten it."
               " I have taken both off the list and will name the fair in every text from now on.")
GRACE = ReportedTexts("Grace Kim", SALE, 3 * DAY_MINUTES, 12,
                      ((Category.ADVERTISING, True, ""), (Category.ADVERTISING, True, "")))
WAVES = (
    # His account was taken over; the portal slowed it down because of the reports.
    ReportedTexts("Mateo Silva", PARCEL, 3 * HOUR_MINUTES, 24, (
        (Category.SCAM, True, ""), (Category.SCAM, True, ""), (Category.SCAM, True, HOSTILE),
        (Category.SCAM, False, ""))),
    ReportedTexts("Liam Tremblay", "New in our shop: whitening kits! Order by texting YES.", 8 * HOUR_MINUTES, 9,
                  ((Category.ADVERTISING, True, ""), (Category.ADVERTISING, True, ""))),
    ReportedTexts("Chloe Gagnon", "Vote for Maple Clinic as clinic of the year: maple.example/vote", DAY_MINUTES, 6,
                  ((Category.ADVERTISING, False, ""),)),
    ReportedTexts("Emily Carter", "Hello, this is Maple Clinic. We have free places this week.", 2 * DAY_MINUTES, 3,
                  ((Category.IGNORED_STOP, True, ""),)),
)
NOAH = ReportedTexts("Noah Fraser",
                     "Hello, this is Maple Clinic. Your glasses are here; pick them up weekdays from 9 to 5.",
                     2 * DAY_MINUTES, 2, ((Category.WRONG_PERSON, True, ""),))
# Reports about numbers that are nobody's here.
UNMATCHED = (
    ("+1 604 555 0199", "You won a phone! Answer WIN.", Category.SCAM),
    ("<b>BANK</b>", SCRIPT_TEXT, Category.SCAM),
)


def write_decided_case(actor: User, user: User, moment: datetime) -> Restriction:
    """A case about advertising that an operator found to break the rules: its sender is slowed for a week."""
    case = _reported(GRACE, user, moment)
    note = "Two people had asked for no advertising. Write only to those who agreed to it."
    terms = RestrictionTerms(Restraint.THROTTLE, Cause.SPAM, note, moment + timedelta(days=5), 2)
    decisions.decide_case(actor, case, Verdict(CaseState.UPHELD, note, terms=terms))
    made = db.session.scalars(select(Restriction).where(Restriction.case_id == case.id)).one()
    _date(case, made.since - timedelta(hours=3), made.since)
    return made


def write_cases(moment: datetime) -> None:
    """The cases that wait, one that was decided, and reports that matched nothing."""
    oskar = _named("Oskar Lind")
    for wave in WAVES:
        _date(_reported(wave, _named(wave.user), moment), moment - wave.ago * MINUTE / 2)
    waiting = db.session.scalars(select(Case).where(Case.user_id == _named("Emily Carter").id)).one()
    decisions.take_case(oskar, waiting)
    case = _reported(NOAH, _named(NOAH.user), moment)
    decisions.decide_case(oskar, case, Verdict(CaseState.NOT_UPHELD, "A typo in the number; it was corrected."))
    _date(case, moment - timedelta(days=1), moment - timedelta(hours=20))
    for sender, body, category in UNMATCHED:
        reports.file_report(reports.ReportInput(sender, body, category=category), f"demo {sender}")
    _match_all()


def _reported(wave: ReportedTexts, user: User, moment: datetime) -> Case:
    """Write the texts, report them, and let the portal look into it as it always does; the case that comes of it."""
    numbers = [f"+1{area}55501{index:02}" for area in ("647", "902", "416") for index in range(34, 42)]
    chosen = numbers[:wave.recipients]
    with writing():
        for index, theirs in enumerate(chosen):
            write_conversation(user, DemoConversation(theirs, (DemoLine(wave.ago - index % 5, OUT, wave.body),)),
                               moment)
    ours = db.session.scalars(select(Number.e164).where(Number.user_id == user.id)).one()
    _file(wave, ours, chosen)
    _match_all()
    return db.session.scalars(select(Case).where(Case.user_id == user.id)).one()


def _match_all() -> None:
    """On a slow machine one look ends before all are done, as other work would wait for it."""
    while matching.match_waiting_reports():
        pass


def _file(wave: ReportedTexts, ours: str, chosen: Iterable[str]) -> None:
    for theirs, (category, named, more) in zip(chosen, wave.reported, strict=False):
        reported = reports.ReportInput(ours, wave.body + more, theirs if named else "", None, category)
        reports.file_report(reported, f"demo {wave.user} {theirs}")


def _date(case: Case, at: datetime, closed: datetime | None = None) -> None:
    """Let a case and its reports be of an earlier moment, and its decision as well."""
    with writing() as session:
        session.execute(update(Report).where(Report.case_id == case.id).values(at=at))
        for entry in session.scalars(select(CaseEntry).where(CaseEntry.case_id == case.id)):
            entry.at = at if entry.what == "opened" else closed or entry.at
        case.opened_at, case.closed_at = at, closed
        case.target_at = deadline_of_case(at, case.category, case.verified, intake.time_zone_of_desk())


def _named(name: str) -> User:
    return db.session.scalars(select(User).where(User.name == name)).one()
