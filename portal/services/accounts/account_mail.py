"""Mail to people about their own account, if the portal has a mail server. The caller brings subject and words.

A letter leaves at once, while the reader waits, and is kept nowhere: it may hold a sign-in link. If the mail server
does not take it, the caller says so.
"""

from portal.extensions import current_settings, draw_letters

from .. import letters
from ..letters import LetterOutcome


def is_mail_set_up() -> bool:
    """Whether sign-in links go out by mail."""
    return bool(current_settings().mail_server)


def mail_person(address: str, subject: str, words: str, language: str = "en") -> bool:
    """Send one letter to an address; False if the mail server did not take it, or if there is none."""
    if not is_mail_set_up():
        return False
    letter = letters.write_letter(address, subject, words, f"account-{draw_letters(12)}", language)
    return letters.post_letters([letter]) == [LetterOutcome.TAKEN]
