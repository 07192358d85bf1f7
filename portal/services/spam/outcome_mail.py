"""Email about the outcome to people who reported spam and asked for it; none if no mail server is set.

The portal sends one letter per report when its case is decided, then erases the address, before it sends the next one.
If the server does not take a letter, the portal tries again, with the same id, so that the recipient's server can
recognize a repeated one.
"""

from collections.abc import Callable
from email.message import EmailMessage

from sqlalchemy import or_, select, update
from sqlalchemy.orm import aliased

from portal.extensions import current_settings, db, writing
from portal.models import Case, Report
from portal.rules.cases import CaseState

from .. import letters
from ..letters import LetterOutcome, write_letter

LETTERS_PER_RUN = 20
# Who reported a duplicate reads the decision about the original case.
DECIDED_STATES = (CaseState.UPHELD, CaseState.NOT_UPHELD)

# Returns subject, body and the tag of their language. The caller brings it, because this module knows no languages.
Write = Callable[[Report], tuple[str, str, str]]


def send_outcome_letters(write: Write) -> int:
    """Send the letters about decided cases; returns how many are done, the undeliverable ones included."""
    if not current_settings().mail_server:
        return 0
    original = aliased(Case)
    due = db.session.scalars(select(Report).join(Case, Case.id == Report.case_id).outerjoin(
        original, original.id == Case.duplicate_of_id).where(
        Report.email != "", or_(Case.state.in_(DECIDED_STATES), original.state.in_(DECIDED_STATES)),
    ).order_by(Report.id).limit(LETTERS_PER_RUN)).all()
    drafts = [(report.id, _draft(report, *write(report))) for report in due]
    db.session.rollback()
    done: list[int] = []

    def note(place: int, outcome: LetterOutcome) -> None:
        if outcome is not LetterOutcome.LATER:
            report_id, _letter = drafts[place]
            _forget_address(report_id)
            done.append(report_id)

    if drafts:
        letters.post_letters([letter for _id, letter in drafts], note)
    return len(done)


def _forget_address(report_id: int) -> None:
    """In a commit of its own: should this process die, the next one writes at most one letter once more."""
    with writing() as session:
        session.execute(update(Report).where(Report.id == report_id).values(email="")
                        .execution_options(synchronize_session=False))


def _draft(report: Report, subject: str, words: str, language: str) -> EmailMessage | None:
    return write_letter(report.email, subject, words, f"report-{report.ref}", language)
