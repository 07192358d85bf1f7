"""Addresses of people in other organizations: what an organization is told about them is counted.

Two people cannot share one sign-in, so whoever enters such an address must hear it. Each answer is written down
for operators. After as many as nobody needs in a day, new addresses wait, whether anybody has them or not, so that
nobody learns more by asking on.
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
ADDRESS_TAKEN = N_("This e-mail address already has an account. Each person needs an address of their own.")
WAIT = N_("Too many addresses of other people were entered here today, so new addresses wait. The provider must look at"
          " it and can let them in again; ask the provider.")


@dataclass(frozen=True, slots=True)
class AddressAnswers:
    """What may be said about new addresses: `told` are the keys of those that were answered within a day.

    `room` is how many more may be answered, `shut` whether none may: also whoever asks about an address that
    nobody has is told to wait.
    """

    told: frozenset[str] = frozenset()
    room: int = 1_000_000
    shut: bool = False

    @classmethod
    def to(cls, organization_id: int, upload_id: int | None = None) -> "AddressAnswers":
        """Those for an organization now: one statement. A file is not shut out by what itself was answered."""
        rows = db.session.execute(select(
            RefusedAddress.email_key, RefusedAddress.upload_id, RefusedAddress.looked_at).where(
            RefusedAddress.organization_id == organization_id, RefusedAddress.at > now() - ANSWERS_COUNT_FOR)).all()
        counted = [row for row in rows if row.looked_at is None]
        others = [row for row in counted if upload_id is None or row.upload_id != upload_id]
        return cls(frozenset(row.email_key for row in rows), max(ANSWERS_PER_DAY - len(counted), 0),
                   len(others) >= ANSWERS_PER_DAY)

    def about(self, keys: Sequence[str], taken: Collection[str]) -> tuple["AddressAnswers", list[str]]:
        """The answers once these keys were asked for, in order, and which of them are new and to be recorded."""
        fresh = list(dict.fromkeys(key for key in keys if key in taken and key not in self.told))
        said = fresh[:self.room]
        shut = self.shut or len(fresh) > self.room
        return AddressAnswers(self.told | set(said), self.room - len(said), shut), said

    def say(self, key: str, *, taken: bool) -> str | None:
        """What is said about an address, after `about`; None when it may be used."""
        if taken and key in self.told:
            return ADDRESS_TAKEN
        return WAIT if taken or self.shut else None


# For operators, who see every organization.
UNCOUNTED = AddressAnswers()


def ask_about_address(actor: User, email: str, holder: User | None) -> str | None:
    """What somebody is told who enters an address that `holder` has, in the open write transaction; counts it.

    None when it may be used. What is theirs to know, or an operator's, is not counted.
    """
    mine, taken, key = actor.organization_id or 0, holder is not None, addresses.key_of_address(email)
    if actor.operator or (holder and holder.organization_id == mine):
        return ADDRESS_TAKEN if taken else None
    answers, said = AddressAnswers.to(mine).about([key], {key} if taken else ())
    record_refused_addresses(mine, actor.id, {one: addresses.tidy_address(email) for one in said})
    return answers.say(key, taken=taken)


def record_refused_addresses(organization_id: int, by_id: int, said: dict[str, str],
                             upload_id: int | None = None) -> None:
    """Write down which addresses, by key, an organization was told about, in the open write transaction."""
    if said:
        db.session.execute(insert(RefusedAddress), [
            {"organization_id": organization_id, "by_id": by_id, "email": email, "email_key": key,
             "upload_id": upload_id} for key, email in said.items()])


class RefusedAddressRow(NamedTuple):
    """A refused address as operators see it, with the organization and the name of who asked."""

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
    """An operator has looked: what was answered so far counts no more, and new addresses are let in again."""
    with writing() as session:
        session.execute(update(RefusedAddress).where(
            RefusedAddress.organization_id == organization.id, RefusedAddress.looked_at.is_(None),
        ).values(looked_at=now()))
        audit.record_event(actor, "addresses-let-in", organization)
