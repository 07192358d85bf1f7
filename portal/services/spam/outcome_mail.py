"""E-mail to people who reported spam and want to know what came of it; none where no mail server is set.

One letter for each report, when its case is decided; then the address is forgotten. A letter that the server does not
take stays with its report and is tried again. Its id stays the same, so that a repeated one can be recognized.
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
# A duplicate is told what was decided about the case that it repeats.
DECIDED_STATES = (CaseState.UPHELD, CaseState.NOT_UPHELD)
TIMEOUT = 10

# Subject and words of a letter, by the report; made where languages are known.
Write = Callable[[Report], tuple[str, str]]


def send_outcome_letters(write: Write) -> int:
    """Tell everybody whose case is decided; returns how many letters the server took."""
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
    """The letter; None for an address that no letter can carry."""
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
    """The ids of the reports whose letters the server took, or never will."""
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
    """Hand over one letter; False where trying again may help. Another letter is no worse for it."""
    try:
        server.send_message(letter)
    except smtplib.SMTPServerDisconnected:
        return False
    except (smtplib.SMTPException, ValueError) as error:
        codes = [code for code, _said in error.recipients.values()] if isinstance(
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
