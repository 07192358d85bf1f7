"""One-time links by which a person chooses a password, and who made them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, insert, select
from sqlalchemy.orm import joinedload

from portal.extensions import db, draw_letters, now, writing
from portal.marks import N_
from portal.models import SignInLink, User

from .. import audit, hashes, refusals
from . import attempts, sessions

LINK_LASTS = timedelta(hours=48)
LINKS_SHOWN = 5
# So long after an account was opened with a link its maker may be at work in it: its person, if there is one, has
# been told by then.
ONE_HAND_FOR = timedelta(days=7)
LINK_HOURS = int(LINK_LASTS.total_seconds()) // 3600


def list_links_used_by_others(user: User, since: datetime | None = None) -> list[SignInLink]:
    """The newest five used links to a person's account that another person made; with `since`, used after it."""
    found = select(SignInLink).options(joinedload(SignInLink.made_by)).where(
        SignInLink.user_id == user.id, *sessions.BY_SOMEBODY_ELSE)
    if since is not None:
        found = found.where(SignInLink.used_at > since)
    return list(db.session.scalars(found.order_by(SignInLink.used_at.desc()).limit(LINKS_SHOWN)))


def one_hand_until(one: User, other: User) -> datetime | None:
    """Until when two accounts may be in the hand of one person; None if nothing speaks for it.

    Each is in the hand of its own user, and for seven days in that of who made the link by which it was opened.
    """
    opened: Any = func.max(SignInLink.used_at)
    found = select(SignInLink.user_id, SignInLink.made_by_id, opened).where(
        SignInLink.user_id.in_((one.id, other.id)), SignInLink.used_at > now() - ONE_HAND_FOR,
        *sessions.BY_SOMEBODY_ELSE).group_by(SignInLink.user_id, SignInLink.made_by_id)
    hands = {user.id: {user.id: datetime.max.replace(tzinfo=UTC)} for user in (one, other)}
    for user_id, maker_id, used_at in db.session.execute(found):
        hands[user_id].setdefault(maker_id, used_at + ONE_HAND_FOR)
    mine, theirs = hands[one.id], hands[other.id]
    # Who made a link at the command line is nobody that the portal knows.
    return max((min(mine[hand], theirs[hand]) for hand in mine.keys() & theirs.keys() if hand), default=None)


def make_link(actor: User | None, user: User) -> str:
    """Make a one-time sign-in link for a person and return its token, which is stored only as a hash.

    Raises Clash when the person is an operator and the actor is not, or for the eleventh link within a day.
    """
    _refuse_flood(actor, user)
    with writing():
        refuse_operators(actor, user)
        return add_link(actor, user)


def make_shown_link(actor: User, user: User, reason: str) -> str:
    """Make a link that the actor looks at, and keep the reason in the audit log; returns its token.

    Raises Clash as `make_link` does.
    """
    _refuse_flood(actor, user)
    with writing():
        refuse_operators(actor, user)
        token = add_link(actor, user)
        audit.record_event(actor, "link-shown", user, reason=reason)
    return token


def _refuse_flood(actor: User | None, user: User) -> None:
    """Raise Clash where an administrator has many links made for one address: nobody's mailbox is to be filled."""
    if actor is None or actor.operator:
        return
    if wait := attempts.take_tokens((attempts.SIGN_IN_LINKS, user.email_key)):
        raise refusals.Clash("", N_("Many sign-in links for this address were made within a day. The next one can be"
                                    " made at %(until)s; an operator can make one now."), until=now() + wait)


def add_link(actor: User | None, user: User) -> str:
    """Make a link inside an open write transaction. Earlier open links of the person end."""
    return add_links(actor, [user])[0]


def add_links(actor: User | None, users: Sequence[User]) -> list[str]:
    """Make links for several people inside an open write transaction, with three statements; tokens in their order."""
    if not users:
        return []
    sessions.end_links_of_users([user.id for user in users])
    tokens, runs_out = [draw_letters(32) for _user in users], now() + LINK_LASTS
    db.session.execute(insert(SignInLink), [
        {"token_hash": hashes.token_hash(token), "user_id": user.id, "made_by_id": actor.id if actor else None,
         "expires_at": runs_out} for user, token in zip(users, tokens, strict=True)])
    audit.record_events(actor, [("link-made", user, {}) for user in users])
    return tokens


def link_holder(token: str) -> User | None:
    """The person whose sign-in link this is; None if it was used, ran out or does not exist."""
    link = db.session.scalar(open_link(token))
    return link.user if link and link.user.active else None


def open_link(token: str) -> Select[SignInLink]:
    """The selection of the link with this token, if it can still be used."""
    return select(SignInLink).where(SignInLink.token_hash == hashes.token_hash(token), SignInLink.used_at.is_(None),
                                    SignInLink.expires_at > now())


def refuse_operators(actor: User | None, user: User) -> None:
    """Raise Clash if the user is an operator and the actor is not: that account opens more than one organization."""
    if user.operator and actor is not None and not actor.operator:
        raise refusals.Clash("", N_("This person is an operator too. Only an operator can change this account."))
