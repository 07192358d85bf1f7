"""Email about the outcome to people who reported spam and asked for it; none if no mail server is set.

The portal sends one letter per report when its case is decided, then erases the address. If the server does not take a
letter, the portal tries again, with the same id, so that the recipient's server can recognize a repeated one.
"""

import logging
import smtplib
import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from urllib.parse import urlsplit

from sqlalchemy import or_, select, update
from sqlalchemy.orm import aliased

from portal.extensions import current_settings, db, now, writing
from portal.models import Case, Report
from portal.rules.cases import CaseState

log = logging.getLogger("portal.letters")

LETTERS_PER_RUN = 20
# Who reported a duplicate reads the decision about the original case.
DECIDED_STATES = (CaseState.UPHELD, CaseState.NOT_UPHELD)
TIMEOUT = 10

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
    letters = [(report.id, _letter(report, *write(report))) for report in due]
    db.session.rollback()
    taken = _post(letters) if letters else []
    if taken:
        with writing() as session:
            session.execute(update(Report).where(Report.id.in_(taken)).values(email="")
                            .execution_options(synchronize_session=False))
    return len(taken)


def _letter(report: Report, subject: str, words: str) -> EmailMessage | None:
    """The letter; None if its address cannot stand in a header."""
    settings = current_settings()
    letter = EmailMessage()
    try:
        letter["To"] = Address(addr_spec=report.email)
    except (ValueError, IndexError, HeaderParseError):
        return None
    letter["From"], letter["Subject"] = settings.mail_from, subject
    letter["Date"] = now()
    letter["Message-ID"] = f"<report-{report.ref}@{settings.portal_host}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(words)
    return letter


def _post(letters: list[tuple[int, EmailMessage | None]]) -> list[int]:
    """Send letters; returns the ids of reports that need no other try."""
    done: list[int] = []
    try:
        with connect_mail_server() as server:
            for report_id, letter in letters:
                if letter is None or _taken(server, letter):
                    done.append(report_id)
    except (OSError, smtplib.SMTPException) as error:
        log.warning("letters_not_sent", extra={"fields": {"error": type(error).__name__}})
    return done


def _taken(server: smtplib.SMTP, letter: EmailMessage) -> bool:
    """Send one letter; False if another try may help. A refused letter does not stop the next ones."""
    try:
        server.send_message(letter)
    except smtplib.SMTPServerDisconnected:
        return False
    except (smtplib.SMTPException, ValueError) as error:
        codes = [code for code, _answer in error.recipients.values()] if isinstance(
            error, smtplib.SMTPRecipientsRefused) else [getattr(error, "smtp_code", 550)]
        log.warning("letter_refused", extra={"fields": {"code": min(codes)}})
        return min(codes) >= 500
    return True


def connect_mail_server() -> AbstractContextManager[smtplib.SMTP]:
    """The mail server, signed in, with TLS unless it is on this machine. Raises OSError, smtplib.SMTPException."""
    settings = current_settings()
    parts, trusted = urlsplit(settings.mail_server), ssl.create_default_context()
    host = parts.hostname or ""
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT, context=trusted)
    else:
        server = smtplib.SMTP(host, parts.port or 587, timeout=TIMEOUT)
        if host not in ("localhost", "127.0.0.1"):
            server.starttls(context=trusted)
    if settings.mail_user:
        server.login(settings.mail_user, settings.mail_password)
    return server
