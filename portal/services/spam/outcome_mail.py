"""Email about the outcome to people who reported spam and asked for it; none if no mail server is set.

The portal sends one letter per report when its case is decided, then erases the address. If the server does not take a
letter, the portal tries again, with the same id, so that the recipient's server can recognize a repeated one.
"""

import logging
import smtplib
from collections.abc import Callable
from email.message import EmailMessage

from sqlalchemy import or_, select, update
from sqlalchemy.orm import aliased

from portal.extensions import current_settings, db, writing
from portal.models import Case, Report
from portal.rules.cases import CaseState

from ..letters import connect_mail_server, hand_over_letter, write_letter

log = logging.getLogger("portal.letters")

LETTERS_PER_RUN = 20
# Who reported a duplicate reads the decision about the original case.
DECIDED_STATES = (CaseState.UPHELD, CaseState.NOT_UPHELD)

# Returns subject and body for a report. The caller brings it, because this module knows no languages.
Write = Callable[[Report], tuple[str, str]]


def send_outcome_letters(write: Write) -> int:
    """Send the letters about decided cases; returns how many are done, the undeliverable ones included."""
    if not current_settings().mail_server:
        return 0
    original = aliased(Case)
    due = db.session.scalars(select(Report).join(Case, Case.id == Report.case_id).outerjoin(
        original, original.id == Case.duplicate_of_id).where(
        Report.email != "", or_(Case.state.in_(DECIDED_STATES), original.state.in_(DECIDED_STATES)),
    ).order_by(Report.id).limit(LETTERS_PER_RUN)).all()
    letters = [(report.id, write_letter(report.email, *write(report), f"report-{report.ref}")) for report in due]
    db.session.rollback()
    taken = _post(letters) if letters else []
    if taken:
        with writing() as session:
            session.execute(update(Report).where(Report.id.in_(taken)).values(email="")
                            .execution_options(synchronize_session=False))
    return len(taken)


def _post(letters: list[tuple[int, EmailMessage | None]]) -> list[int]:
    """Send letters; returns the ids of reports that need no other try."""
    done: list[int] = []
    try:
        with connect_mail_server() as server:
            for report_id, letter in letters:
                if letter is None or hand_over_letter(server, letter):
                    done.append(report_id)
    except (OSError, smtplib.SMTPException) as error:
        log.warning("letters_not_sent", extra={"fields": {"error": type(error).__name__}})
    return done
