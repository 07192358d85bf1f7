"""Addresses of people in other organizations: how much one organization may learn about them.

Two people cannot share one sign-in, so an administrator who enters an address that is taken must be told. Each such
answer is recorded for operators. After ANSWERS_PER_DAY answers all new addresses wait, taken or not, so that an
administrator cannot find out more by trying.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import func, insert, select, update

from portal.extensions import db, now, writing
from portal.marks import N_
from portal.models import Organization, RefusedAddress, User
from portal.rules import addresses

from .. import audit

REFUSED_PER_PAGE = 50
# Answers to one organization within a day.
ANSWERS_PER_DAY = 20
ANSWERS_COUNT_FOR = timedelta(hours=24)
ADDRESS_TAKEN = N_("This email address already has an account. Each person needs an address of their own.")
WAIT = N_("Too many addresses of other people were entered here today, so new addresses wait. Ask the provider to"
          " look at it and let them in again.")


@dataclass(frozen=True, slots=True)
class AddressAnswers:
    """What an organization may be told about new addresses. `answered_keys`: address keys
    that were answered within a day.

    `room` is how many more answers are left. `shut`: none are left, and every new address waits, also one that
    nobody has.
    """

    answered_keys: frozenset[str] = frozenset()
    room: int = 1_000_000
    shut: bool = False

    @classmethod
    def to(cls, organization_id: int, upload_id: int | None = None) -> "AddressAnswers":
        """The answers left for an organization now: one statement. A file's own answers do not block it."""
        rows = db.session.execute(select(
            RefusedAddress.email_key, RefusedAddress.upload_id, RefusedAddress.looked_at).where(
            RefusedAddress.organization_id == organization_id, RefusedAddress.at > now() - ANSWERS_COUNT_FOR)).all()
        counted = [row for row in rows if row.looked_at is None]
        others = [row for row in counted if upload_id is None or row.upload_id != upload_id]
        return cls(frozenset(row.email_key for row in rows), max(ANSWERS_PER_DAY - len(counted), 0),
                   len(others) >= ANSWERS_PER_DAY)

    def about(self, keys: Sequence[str], taken: Collection[str]) -> tuple["AddressAnswers", list[str]]:
        """Ask for these keys, in order: the answers afterwards, and the keys that are new and must be recorded."""
        fresh = list(dict.fromkeys(key for key in keys if key in taken and key not in self.answered_keys))
        answered = fresh[:self.room]
        shut = self.shut or len(fresh) > self.room
        return AddressAnswers(self.answered_keys | set(answered), self.room - len(answered), shut), answered

    def say(self, key: str, *, taken: bool) -> str | None:
        """The sentence about an address, after `about`; None when it may be used."""
        if taken and key in self.answered_keys:
            return ADDRESS_TAKEN
        return WAIT if taken or self.shut else None


# For operators, who see every organization anyway.
UNCOUNTED = AddressAnswers()


def ask_about_address(actor: User, email: str, holder: User | None) -> str | None:
    """The sentence for an actor who enters an address that `holder` has; None when the address may be used.

    The answer is recorded in the open write transaction, except for operators and for holders in the actor's own
    organization.
    """
    mine, taken, key = actor.organization_id or 0, holder is not None, addresses.key_of_address(email)
    if actor.operator or (holder and holder.organization_id == mine):
        return ADDRESS_TAKEN if taken else None
    answers, answered = AddressAnswers.to(mine).about([key], {key} if taken else ())
    record_refused_addresses(mine, actor.id, {one: addresses.tidy_address(email) for one in answered})
    return answers.say(key, taken=taken)


def record_refused_addresses(organization_id: int, by_id: int, said: dict[str, str],
                             upload_id: int | None = None) -> None:
    """Record, in the open write transaction, which addresses (by key) an organization was told are taken."""
    if said:
        db.session.execute(insert(RefusedAddress), [
            {"organization_id": organization_id, "by_id": by_id, "email": email, "email_key": key,
             "upload_id": upload_id} for key, email in said.items()])


class RefusedAddressRow(NamedTuple):
    """A refused address as operators see it, with the organization and the name of the user who entered it."""

    refused: RefusedAddress
    organization: Organization
    by: str


def list_refused_address_rows(after: str = "", most: int = REFUSED_PER_PAGE) -> tuple[list[RefusedAddressRow], bool]:
    """Refused addresses, newest first, at most `most` behind the one with that ref; True when there are more."""
    found = select(RefusedAddress, Organization, User.name).join(
        Organization, Organization.id == RefusedAddress.organization_id).join(User, User.id == RefusedAddress.by_id)
    last = db.session.scalars(select(RefusedAddress).where(RefusedAddress.ref == after)).first() if after else None
    if last is not None:
        found = found.where(RefusedAddress.id < last.id)
    rows = [RefusedAddressRow(*row)
            for row in db.session.execute(found.order_by(RefusedAddress.id.desc()).limit(most + 1))]
    return rows[:most], len(rows) > most


def organizations_with_waiting_addresses() -> Sequence[Organization]:
    """The organizations where new addresses wait for an operator now, by name."""
    counted = select(RefusedAddress.organization_id).where(
        RefusedAddress.at > now() - ANSWERS_COUNT_FOR, RefusedAddress.looked_at.is_(None)).group_by(
        RefusedAddress.organization_id).having(func.count() >= ANSWERS_PER_DAY)
    found = select(Organization).where(Organization.id.in_(counted)).order_by(Organization.name_key)
    return db.session.scalars(found).all()


def allow_new_addresses(actor: User, organization: Organization) -> None:
    """After an operator's check: earlier answers no longer count, and new addresses are accepted again."""
    with writing() as session:
        session.execute(update(RefusedAddress).where(
            RefusedAddress.organization_id == organization.id, RefusedAddress.looked_at.is_(None),
        ).values(looked_at=now()))
        audit.record_event(actor, "addresses-let-in", organization)
