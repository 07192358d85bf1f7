"""Email: a letter, the mail server of the settings, and whether it has taken the letter."""

import logging
import smtplib
import ssl
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from enum import StrEnum
from urllib.parse import urlsplit

from portal.extensions import current_settings, now

log = logging.getLogger("portal.letters")

MAIL_TIMEOUT = 10


def write_letter(to: str, subject: str, words: str, name: str, language: str = "en") -> EmailMessage | None:
    """A letter; None if its address cannot stand in a header.

    `language` is the tag of the language that it is in, such as "fr-CA", for programs that read it aloud.
    `name`: the same for every try, so that the recipient's server can recognize a repeated letter.
    """
    settings = current_settings()
    letter = EmailMessage()
    try:
        letter["To"] = Address(addr_spec=to)
    except (ValueError, IndexError, HeaderParseError):
        return None
    letter["From"], letter["Subject"] = settings.mail_from, subject
    letter["Date"] = now()
    letter["Message-ID"] = f"<{name}@{settings.portal_host}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(words)
    letter["Content-Language"] = language
    return letter


class LetterOutcome(StrEnum):
    """What became of a letter: the mail server took it, another try may help, or no try will."""

    TAKEN = "taken"
    LATER = "later"
    UNDELIVERABLE = "undeliverable"


def hand_over_letter(server: smtplib.SMTP, letter: EmailMessage) -> bool:
    """Send one letter; False if another try may help. A refused letter does not stop the next ones."""
    return try_letter(server, letter) is not LetterOutcome.LATER


def post_letters(drafts: Sequence[EmailMessage | None],
                 note: Callable[[int, LetterOutcome], object] = lambda *_: None) -> list[LetterOutcome]:
    """Send letters over one connection; what became of each. None, which has no address, is undeliverable.

    `note` hears the place and the outcome of each letter that was tried, before the next one is.
    """
    outcomes = [LetterOutcome.UNDELIVERABLE if one is None else LetterOutcome.LATER for one in drafts]
    try:
        with connect_mail_server() as server:
            for place, letter in enumerate(drafts):
                if letter is not None:
                    outcomes[place] = try_letter(server, letter)
                note(place, outcomes[place])
    except (OSError, smtplib.SMTPException) as error:
        log.warning("letters_not_sent", extra={"fields": {"error": type(error).__name__}})
    return outcomes


def try_letter(server: smtplib.SMTP, letter: EmailMessage) -> LetterOutcome:
    """Send one letter. Of an error only its code is logged: its words may quote the letter."""
    try:
        server.send_message(letter)
    except smtplib.SMTPServerDisconnected:
        return LetterOutcome.LATER
    except (smtplib.SMTPException, ValueError) as error:
        codes = [code for code, _answer in error.recipients.values()] if isinstance(
            error, smtplib.SMTPRecipientsRefused) else [getattr(error, "smtp_code", 550)]
        log.warning("letter_refused", extra={"fields": {"code": min(codes)}})
        return LetterOutcome.UNDELIVERABLE if min(codes) >= 500 else LetterOutcome.LATER
    return LetterOutcome.TAKEN


def connect_mail_server() -> AbstractContextManager[smtplib.SMTP]:
    """The mail server, signed in, with TLS unless it is on this machine. Raises OSError, smtplib.SMTPException."""
    settings = current_settings()
    parts, trusted = urlsplit(settings.mail_server), ssl.create_default_context()
    host = parts.hostname or ""
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=MAIL_TIMEOUT, context=trusted)
    else:
        server = smtplib.SMTP(host, parts.port or 587, timeout=MAIL_TIMEOUT)
        if host not in ("localhost", "127.0.0.1"):
            server.starttls(context=trusted)
    if settings.mail_user:
        server.login(settings.mail_user, settings.mail_password)
    return server
