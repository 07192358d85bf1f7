"""Sign in with a password, choose a password, and create operators from the command line."""

import secrets
from contextlib import suppress
from datetime import timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select

from portal import lengths
from portal.extensions import db, now, writing
from portal.marks import N_, StoredWords
from portal.models import AccountState, SignInLink, User
from portal.rules import addresses
from portal.rules.characters import tidy_line

from .. import audit, hashes
from ..names import key_of_name
from ..refusals import Clash
from . import attempts, devices, links, password_rules, sessions

# The OWASP floor for argon2id; about 20 ms on a small machine.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class TooManyTries(Exception):
    """Too many tries; `wait` says how long until the next one counts."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__("too many tries")
        self.wait = wait


@cache
def _nobody() -> str:
    """A hash to check for an unknown address, so that the answer takes as long as for a known one."""
    return HASHER.hash(secrets.token_urlsafe(16))


def _matching(hashed: str, password: str) -> str | None:
    """The spelling of a typed password that was hashed, or None."""
    for spelling in password_rules.password_spellings(password):
        with suppress(VerificationError, InvalidHashError):
            HASHER.verify(hashed or _nobody(), spelling)
            return spelling
    return None


def sign_in_with_password(email: str, password: str, source: str, browser: str, device: str = "") -> tuple[User,
                                                                                                           str] | None:
    """Check a password and begin a session: (person, key for the cookie), or None.

    `source` is the network address, `device` the device cookie, if any.
    Unknown address, wrong password and deactivated account all give None after the same work. Raises TooManyTries.
    """
    wanted = _limits(addresses.key_of_address(email), source, device)
    if wait := attempts.take_tokens(*wanted):
        raise TooManyTries(wait)
    user = find_user_anywhere(email)
    hashed = user.password_hash if user else ""
    found = _matching(hashed, password)
    if found is None or user is None or not hashed or not user.active:
        return None
    renewed = _renewed(hashed, found)
    with writing():
        if not user.active or user.password_hash != hashed:
            return None
        user.password_hash = renewed
        attempts.give_back_tokens(*wanted)
        key = sessions.begin_session(user, browser)
        audit.record_event(user, "signed-in", user)
    return user, key


def _renewed(hashed: str, spelling: str) -> str:
    """The hash to keep, when a password was right in this spelling."""
    chosen = password_rules.normalize_password(spelling)
    return hashed if spelling == chosen and not HASHER.check_needs_rehash(hashed) else HASHER.hash(chosen)


def _limits(email_key: str, source: str, device: str) -> tuple[tuple[attempts.Allowance, str], ...]:
    """The buckets that a try uses: where the person has signed in before, only that browser's own bucket."""
    if device:
        found = db.session.execute(select(User.id, User.password_hash).where(User.email_key == email_key)).first()
        if found and (known := devices.find_device_id(device, *found)):
            return ((attempts.SIGN_IN_DEVICE, known),)
    where = attempts.network_of_address(source)
    here = f"{where} {email_key}"
    return ((attempts.SIGN_IN_SOURCE, where), (attempts.SIGN_IN_HERE, here), (attempts.SIGN_IN_HERE_DAY, here),
            (attempts.SIGN_IN_ACCOUNT, email_key))


def describe_failed_sign_in(email: str, source: str) -> dict[str, int | str | None]:
    """The log fields of a failed sign-in: the id of the account, if there is one, and a keyed hash of the source."""
    account = db.session.scalar(select(User.id).where(User.email_key == addresses.key_of_address(email)))
    return {"account": account, "source": hashes.keyed_hash(attempts.network_of_address(source), "log")[:16]}


def check_password(user: User, password: str) -> bool:
    """Whether this is the person's password. Raises TooManyTries.

    The limit keeps a borrowed session from finding the password. Each session has its own tries.
    """
    wanted = (attempts.PASSWORD_CHECK, f"{user.id} {user.session_key}")
    if wait := attempts.take_tokens(wanted):
        raise TooManyTries(wait)
    right = bool(user.password_hash) and _matching(user.password_hash, password) is not None
    if right:
        with writing():
            attempts.give_back_tokens(wanted)
    return right


def set_new_password(user: User, password: str, browser: str, token: str = "") -> str | None:
    """Set a password, end every session and begin a new one; returns its key.

    Open sign-in links end. With a token, returns None if that link was used or ran out in the meantime.
    Raises Clash for a weak password.
    """
    password_rules.refuse_weak_password(user, password)
    hashed = HASHER.hash(password_rules.normalize_password(password))
    with writing() as session:
        link = session.scalar(links.open_link(token).where(SignInLink.user_id == user.id)) if token else None
        if token and link is None:
            return None
        if link:
            link.used_at = now()
        sessions.end_links(user)
        user.password_hash = hashed
        user.account = AccountState.ACTIVE if user.active else user.account
        user.version += 1
        sessions.end_all_sessions(user)
        _record_choice(user, link)
        return sessions.begin_session(user, browser)


def _record_choice(user: User, link: SignInLink | None) -> None:
    """A link made by another person may have been opened by that person, so the event names its maker."""
    if link is None or link.made_by_id == user.id:
        audit.record_event(user, "password-chosen", user)
    else:
        maker = link.made_by.name if link.made_by else StoredWords.COMMAND_LINE
        audit.record_event(None, "password-by-link", user, maker=maker)


def any_account_exists() -> bool:
    """Whether the portal has any account at all."""
    return bool(db.session.scalar(select(func.count()).select_from(select(User.id).limit(1).subquery())))


def create_operator(email: str, name: str) -> str:
    """Make an operator from the command line and return the token of their sign-in link. Raises Clash."""
    if not addresses.is_valid_address(email):
        raise Clash("email", N_("This is not an email address. Example: flask admin create you@example.com"))
    if len(tidy_line(name)) > lengths.USER_NAME:
        raise Clash("name", N_("Use at most %(most)s characters."), most=lengths.USER_NAME)
    with writing():
        if find_user_anywhere(email):
            raise Clash("email", N_("This email address already has an account."))
        user = User(name=tidy_line(name), name_key=key_of_name(name), email=addresses.tidy_address(email),
                    email_key=addresses.key_of_address(email), operator=True)
        db.session.add(user)
        db.session.flush()
        audit.record_event(None, "user-added", user)
        return links.add_link(None, user)


def find_user_anywhere(email: str) -> User | None:
    """The user with this address, in any organization, in any spelling; None without one."""
    return db.session.scalars(select(User).where(User.email_key == addresses.key_of_address(email))).first()
