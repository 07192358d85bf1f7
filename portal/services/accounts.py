"""Signing in, passwords, and one-time links to choose one."""

import hashlib
import secrets
from datetime import timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Select, func, select

from portal.extensions import db, now, random_letters, writing
from portal.models import Account, SignInLink, User
from portal.rules import addresses
from portal.rules.characters import tidied
from portal.rules.decision import N_

from . import audit, sessions, throttle
from .people import Clash, key_of, refuse_operators, with_address

# The OWASP floor for argon2id; about 20 ms on a small machine.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
LINK_LASTS = timedelta(hours=48)
SHORTEST = 12
LONGEST = 200


class TooMany(Exception):
    """Too many tries; `wait` says how long until the next one counts."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__("too many tries")
        self.wait = wait


@cache
def _nobody() -> str:
    """A hash to check when there is no such person, so that the answer takes as long."""
    return HASHER.hash(secrets.token_urlsafe(16))


def _matches(hashed: str, password: str) -> bool:
    try:
        return HASHER.verify(hashed or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False


def sign_in(email: str, password: str, source: str, browser: str) -> tuple[User, str] | None:
    """Check a password and begin a session: (person, key for the cookie), or None.

    Unknown, wrong and deactivated give the same None after the same work. Raises TooMany.
    """
    wanted = ((throttle.SIGN_IN_ACCOUNT, addresses.key(email)), (throttle.SIGN_IN_SOURCE, throttle.network(source)))
    if wait := throttle.take(*wanted):
        raise TooMany(wait)
    user = with_address(email)
    hashed = user.password_hash if user else ""
    if not _matches(hashed, password) or user is None or not hashed or not user.active:
        return None
    renewed = HASHER.hash(password) if HASHER.check_needs_rehash(hashed) else hashed
    with writing():
        if not user.active or user.password_hash != hashed:
            return None
        user.password_hash = renewed
        throttle.give_back(*wanted)
        key = sessions.begin(user, browser)
        audit.record(user, "signed-in", user)
    return user, key


def check_password(user: User, password: str) -> bool:
    """Whether this is the person's password. Raises TooMany: a borrowed session must not find it by trying."""
    wanted = (throttle.SIGN_IN_ACCOUNT, user.email_key)
    if wait := throttle.take(wanted):
        raise TooMany(wait)
    right = bool(user.password_hash) and _matches(user.password_hash, password)
    if right:
        with writing():
            throttle.give_back(wanted)
    return right


def refuse_weak(user: User, password: str) -> None:
    """Raise Clash when a password is too short, too long or gives itself away."""
    if len(password) < SHORTEST:
        raise Clash("password", N_("Use at least %(most)s characters; a few words in a row are fine."), most=SHORTEST)
    if len(password) > LONGEST:
        raise Clash("password", N_("Use at most %(most)s characters."), most=LONGEST)
    told = {part for part in (*user.email_key.split("@"), *user.name_key.split()) if len(part) > 3}
    if len(set(password)) < 5 or any(part in password.casefold() for part in told):
        raise Clash("password", N_("Choose one that does not contain your name or address and repeats less."))


def choose_password(user: User, password: str, browser: str, token: str = "") -> str | None:
    """Set a password, end every session and begin a new one; returns its key.

    Sign-in links that are still open die with the old password. With a token, None when that link was
    used or ran out meanwhile. Raises Clash for a weak password.
    """
    refuse_weak(user, password)
    hashed = HASHER.hash(password)
    with writing() as session:
        mine = list(session.scalars(_still_open().where(SignInLink.user_id == user.id)))
        if token and _hashed(token) not in {link.token_hash for link in mine}:
            return None
        for link in mine:
            link.used_at = now()
        user.password_hash = hashed
        user.account = Account.ACTIVE if user.active else user.account
        user.version += 1
        sessions.end_all(user)
        audit.record(user, "password-chosen", user)
        return sessions.begin(user, browser)


def make_link(actor: User | None, user: User) -> str:
    """Make a one-time sign-in link for a person and return its token, which is stored only as a hash.

    Raises Clash when the person is an operator and the actor is not.
    """
    with writing():
        refuse_operators(actor, user)
        return add_link(actor, user)


def add_link(actor: User | None, user: User) -> str:
    """The same inside an open write transaction."""
    token = random_letters(32)
    db.session.add(SignInLink(token_hash=_hashed(token), user_id=user.id, made_by_id=actor.id if actor else None,
                              expires_at=now() + LINK_LASTS))
    audit.record(actor, "link-made", user)
    return token


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def link_holder(token: str) -> User | None:
    """Whose sign-in link this is, or None when it was used, ran out or never was."""
    link = db.session.scalar(_still_open().where(SignInLink.token_hash == _hashed(token)))
    return link.user if link and link.user.active else None


def _still_open() -> Select[SignInLink]:
    return select(SignInLink).where(SignInLink.used_at.is_(None), SignInLink.expires_at > now())


def any_exists() -> bool:
    """Whether the portal has any account at all."""
    return bool(db.session.scalar(select(func.count()).select_from(select(User.id).limit(1).subquery())))


def create_operator(email: str, name: str) -> str:
    """Make an operator from the command line and return the token of their sign-in link. Raises Clash."""
    if not addresses.valid(email):
        raise Clash("email", N_("This is not an email address. Example: flask admin create you@example.com"))
    with writing():
        if with_address(email):
            raise Clash("email", N_("This e-mail address already has an account."))
        user = User(name=tidied(name), name_key=key_of(name), email=addresses.tidied(email),
                    email_key=addresses.key(email), operator=True)
        db.session.add(user)
        db.session.flush()
        audit.record(None, "user-added", user)
        return add_link(None, user)
