"""E-mail to people who reported spam and want to know what came of it; none where no mail server is set.

One letter for each report, when its case is decided; then the address is forgotten. A letter that the server does not
take stays with its report and is tried again. Its id stays the same, so that a repeated one can be recognized.
"""

import logging
import smtplib
import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager
from email.message import EmailMessage
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import select, update

from portal.extensions import db, now, writing
from portal.models import Case, Report
from portal.rules.cases import CLOSED

log = logging.getLogger("portal.letters")

BATCH = 20
TIMEOUT = 10

# Subject and words of a letter, by the report; made where languages are known.
Write = Callable[[Report], tuple[str, str]]


def send_outcomes(write: Write) -> int:
    """Tell everybody whose case is decided; returns how many letters the server took."""
    if not current_app.config["SETTINGS"].mail_server:
        return 0
    due = db.session.scalars(select(Report).join(Case, Case.id == Report.case_id).where(
        Report.email != "", Case.state.in_(CLOSED)).order_by(Report.id).limit(BATCH)).all()
    letters = [(report.id, _letter(report, *write(report))) for report in due]
    db.session.rollback()
    taken = _post(letters) if letters else []
    if taken:
        with writing() as session:
            session.execute(update(Report).where(Report.id.in_(taken)).values(email="")
                            .execution_options(synchronize_session=False))
    return len(taken)


def _letter(report: Report, subject: str, words: str) -> EmailMessage:
    settings = current_app.config["SETTINGS"]
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = settings.mail_from, report.email, subject
    letter["Date"] = now()
    letter["Message-ID"] = f"<report-{report.ref}@{settings.portal_host}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(words)
    return letter


def _post(letters: list[tuple[int, EmailMessage]]) -> list[int]:
    """The ids of the reports whose letters the server took."""
    taken = []
    try:
        with connected() as server:
            for report_id, letter in letters:
                try:
                    server.send_message(letter)
                except smtplib.SMTPRecipientsRefused:
                    # Nobody is there: trying again cannot help, so it counts as told.
                    log.warning("letter_refused")
                taken.append(report_id)
    except (OSError, smtplib.SMTPException) as error:
        log.warning("letters_not_sent", extra={"fields": {"error": type(error).__name__}})
    return taken


def connected() -> AbstractContextManager[smtplib.SMTP]:
    """The mail server, signed in, with TLS unless it is on this machine. Raises OSError, smtplib.SMTPException."""
    settings = current_app.config["SETTINGS"]
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
