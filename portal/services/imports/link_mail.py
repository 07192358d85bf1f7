"""Sign-in links of imported users by mail: some at each press, because a mail server may take seconds for a letter."""

from collections.abc import Callable, Sequence
from email.message import EmailMessage
from typing import NamedTuple

from sqlalchemy import Select, select

from portal.extensions import db, draw_letters, writing
from portal.models import AccountState, Organization, Upload, User

from .. import audit, letters
from ..accounts.links import add_links
from ..key_lists import is_among
from ..letters import LetterOutcome

LETTERS_PER_PRESS = 25

# Returns subject and words of the letter to a user, by the token of their link, and the tag of their language.
WriteLink = Callable[[User, str], tuple[str, str, str]]


class MailedLinks(NamedTuple):
    """How many letters the mail server took now, the users whose address it refuses, and how many users are left."""

    sent: int
    refused: tuple[str, ...]
    left: int


def _waiting(upload: Upload) -> Select[User]:
    """The users whom the import created, who have no password yet and got no link by mail."""
    return select(User).where(
        is_among(User.id, set(upload.done.get("users", [])) - set(upload.done.get("mailed", []))),
        User.password_hash == "",
        ~User.operator, User.organization_id == upload.organization_id,
        User.account != AccountState.DEACTIVATED).order_by(User.name_key, User.id)


def mail_links(actor: User, upload: Upload, write: WriteLink, most: int = LETTERS_PER_PRESS) -> MailedLinks:
    """Send sign-in links to at most `most` of the users whom an import created.

    Who got none because the mail server takes no letters now waits for the next press. Nobody gets two: the users are
    taken out before the letters leave, and a second press in the meantime finds the next ones.
    """
    with writing():
        users = db.session.scalars(_waiting(upload).limit(most)).all()
        tokens = add_links(actor, users) if users else []
        ids = [user.id for user in users]
        _note_mailed(upload, add=ids)
    outcomes = [LetterOutcome.LATER] * len(users)
    try:
        outcomes = _post(users, tokens, write)
    finally:
        left = _settle(actor, upload, ids, outcomes)
    refused = tuple(user.name for user, outcome in zip(users, outcomes, strict=True)
                    if outcome is LetterOutcome.UNDELIVERABLE)
    return MailedLinks(outcomes.count(LetterOutcome.TAKEN), refused, left)


def _note_mailed(upload: Upload, add: Sequence[int] = (), remove: Sequence[int] = ()) -> None:
    """Keep with the import who has got a letter, in the open write transaction."""
    mailed = [one for one in upload.done.get("mailed", []) if one not in remove]
    upload.done = {**upload.done, "mailed": [*mailed, *add]}
    db.session.flush()


def _settle(actor: User, upload: Upload, ids: Sequence[int], outcomes: Sequence[LetterOutcome]) -> int:
    """Store what became of the letters to the users with these ids; returns how many users are left."""
    with writing() as session:
        _note_mailed(upload, remove=[user_id for user_id, outcome in zip(ids, outcomes, strict=True)
                                     if outcome is LetterOutcome.LATER])
        left = len(session.scalars(_waiting(upload).with_only_columns(User.id)).all())
        upload.links_given = left == 0
        if sent := outcomes.count(LetterOutcome.TAKEN):
            organization = session.get_one(Organization, upload.organization_id)
            audit.record_event(actor, "links-mailed", organization, links=sent)
    return left


def _post(users: Sequence[User], tokens: Sequence[str], write: WriteLink) -> list[LetterOutcome]:
    drafts = [_draft(user, *write(user, token))
              for user, token in zip(users, tokens, strict=True)]
    return letters.post_letters(drafts) if drafts else []


def _draft(user: User, subject: str, words: str, language: str) -> EmailMessage | None:
    return letters.write_letter(user.email, subject, words, f"account-{draw_letters(12)}", language)
