"""Claimed numbers: administrators enter numbers that no operator has added yet; operators confirm or reject them.

A claim counts only in the organization that made it. While its user is deactivated, no list shows the claim and it
disputes no other one; it is back when the account is reactivated.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, Select, delete, func, insert, or_, select, tuple_, update
from sqlalchemy.orm import aliased

from portal.extensions import db, writing
from portal.models import AccountState, Claim, Number, Organization, User

from .. import audit
from .number_days import current_day, find_owned_number, is_still_had

CLAIMS_PER_PAGE = 50
# Ids in one statement.
IDS_PER_STATEMENT = 500


class ClaimRow(NamedTuple):
    """A claim as operators see it: its organization and user, who entered it, and who disputes it.

    `rivals` counts other organizations that claim the number, `owner` is the name of the one that has it ("": none).
    """

    claim: Claim
    organization: Organization
    user: User
    by: str
    rivals: int
    owner: str

    @property
    def disputed(self) -> bool:
        """Whether an operator must decide about it alone; "confirm all" leaves it out."""
        return bool(self.rivals or self.owner)


_RIVAL, _RIVALS_USER, _OWNER, _MAKER = aliased(Claim), aliased(User), aliased(Organization), aliased(User)
_RIVALS = select(func.count()).select_from(_RIVAL).join(_RIVALS_USER, _RIVALS_USER.id == _RIVAL.user_id).where(
    _RIVAL.e164 == Claim.e164, _RIVAL.id != Claim.id, _RIVALS_USER.account != AccountState.DEACTIVATED,
).correlate(Claim).scalar_subquery()


def _rows(organization: Organization | None = None) -> Select[*tuple[Any, ...]]:
    """Claims with what stands beside them, of one organization or of all, by number."""
    found = select(
        Claim, Organization, User, func.coalesce(_MAKER.name, ""), _RIVALS, func.coalesce(_OWNER.name, ""),
    ).join(Organization, Organization.id == Claim.organization_id).join(User, User.id == Claim.user_id).outerjoin(
        _MAKER, _MAKER.id == Claim.by_id).outerjoin(_OWNER, _OWNER.id == _owner_id()).where(
        User.account != AccountState.DEACTIVATED)
    if organization is not None:
        found = found.where(Claim.organization_id == organization.id)
    return found.order_by(Claim.e164, Claim.id)


def _owner_id() -> ScalarSelect[int]:
    """The organization that has the claimed number now, or the last one that will; nobody owns one that has left."""
    owned = select(Number.organization_id).where(Number.e164 == Claim.e164, is_still_had(current_day("")))
    return owned.order_by(Number.from_on.desc().nulls_last()).limit(1).correlate(Claim).scalar_subquery()


def _disputed() -> ColumnElement[bool]:
    return or_(_RIVALS > 0, _OWNER.id.is_not(None))


def list_claim_rows(organization: Organization | None = None, *, disputed: bool = False, after: str = "",
                    most: int = CLAIMS_PER_PAGE,
                    ) -> tuple[list[ClaimRow], bool]:
    """Claims by number, of one organization or of all, at most `most`; True when there are more.

    `after` is the ref of the last claim of the page before. Once that was decided the list begins anew.
    """
    found = _rows(organization)
    if disputed:
        found = found.where(_disputed())
    last = db.session.scalars(select(Claim).where(Claim.ref == after)).first() if after else None
    if last is not None:
        found = found.where(tuple_(Claim.e164, Claim.id) > (last.e164, last.id))
    rows = [ClaimRow(*row) for row in db.session.execute(found.limit(most + 1))]
    return rows[:most], len(rows) > most


def find_claim_for_operator(ref: str) -> Claim:
    """A claim, for operators; 404 when there is none; an operator may have decided it already."""
    found: Claim = db.one_or_404(select(Claim).where(Claim.ref == ref))
    return found


def is_claim_disputed(claim: Claim) -> bool:
    """Whether another organization claims the number or has it. For operators only."""
    return any(ClaimRow(*row).disputed for row in db.session.execute(_rows().where(Claim.id == claim.id)))


def select_waiting_claims() -> Select[int]:
    """The claims that wait, not asked yet."""
    # Not joined: SQLite might read all users to find those with a claim.
    active = select(User.id).where(User.id == Claim.user_id, User.account != AccountState.DEACTIVATED)
    return select(Claim.id).where(active.exists())


def count_claims(organization: Organization | None = None) -> int:
    """How many claims wait, of one organization or of all."""
    found = select_waiting_claims()
    if organization is not None:
        found = found.where(Claim.organization_id == organization.id)
    return db.session.scalar(select(func.count()).select_from(found.subquery())) or 0


def confirm_claims(actor: User, refs: Collection[str]) -> tuple[int, int]:
    """Confirm the chosen claims: (how many became numbers, how many could not).

    A number that another organization has cannot be confirmed. Of two claims on one number only one may be chosen.
    Claims that no longer exist are skipped.
    """
    with writing():
        chosen = [ClaimRow(*row) for row in db.session.execute(_rows().where(Claim.ref.in_(refs)))]
        numbers = [row.claim.e164 for row in chosen]
        good = [row for row in chosen if not row.owner and numbers.count(row.claim.e164) == 1]
        make_claimed_numbers(actor, [(row.claim, row.user) for row in good])
    return len(good), len(chosen) - len(good)


def confirm_undisputed_claims(actor: User, organization: Organization | None = None) -> tuple[int, int]:
    """Confirm every claim that nobody disputes, of one organization or of all: (how many, how many are left)."""
    with writing():
        rows = [ClaimRow(*row) for row in db.session.execute(_rows(organization))]
        good = [row for row in rows if not row.disputed]
        make_claimed_numbers(actor, [(row.claim, row.user) for row in good])
    return len(good), len(rows) - len(good)


def make_claimed_numbers(actor: User, rows: Sequence[tuple[Claim, User]],
                         dates: Mapping[str, tuple[date | None, date | None]] = MappingProxyType({})) -> None:
    """Turn claims into numbers, in the open write transaction, with an event about each user.

    `dates` are the days on which a number (E.164) comes and leaves, if it does.
    """
    events = [("number-confirmed", user, {"number": claim.e164}) for claim, user in rows]
    kept = ("organization_id", "e164", "kind", "source", "user_id")
    fresh = [{**{name: getattr(claim, name) for name in kept},
              **dict(zip(("from_on", "until_on"), dates.get(claim.e164, (None, None)), strict=True))}
             for claim, _user in rows]
    _forget([claim.id for claim, _user in rows])
    if fresh:
        db.session.execute(insert(Number), fresh)
    audit.record_events(actor, events)


def _forget(ids: Sequence[int]) -> None:
    for first in range(0, len(ids), IDS_PER_STATEMENT):
        db.session.execute(delete(Claim).where(Claim.id.in_(ids[first:first + IDS_PER_STATEMENT])))


def reject_claims(actor: User, refs: Collection[str], reason: str) -> int:
    """Delete the chosen claims; the audit log tells administrators the reason. Returns how many were deleted."""
    with writing():
        rows = [ClaimRow(*row) for row in db.session.execute(_rows().where(Claim.ref.in_(refs)))]
        events = [("number-rejected", row.user, {"number": row.claim.e164, "reason": reason}) for row in rows]
        _forget([row.claim.id for row in rows])
        audit.record_events(actor, events)
    return len(rows)


def settle_claim(actor: User | None, number: Number) -> None:
    """Assign a number that an operator adds to the user of that organization who claims it, in the open transaction."""
    mine = db.session.scalars(select(Claim).where(
        Claim.e164 == number.e164, Claim.organization_id == number.organization_id)).first()
    if mine is None:
        return
    number.user_id, number.source = mine.user_id, mine.source
    db.session.delete(mine)
    db.session.flush()
    audit.record_event(actor, "number-confirmed", db.session.get_one(User, number.user_id), number=number.e164)


def list_claimant_ids(e164: str) -> Sequence[int]:
    """The ids of organizations that claim a number which no organization has; none once an operator has added it.

    From then on only its owner gets the texts to it: the others would learn from them that the number is on this
    portal, and who writes to it.
    """
    owned = select(Number.id).where(Number.e164 == Claim.e164).exists()
    return db.session.scalars(select(Claim.organization_id).where(Claim.e164 == e164, ~owned)).all()


def list_stop_keepers(e164: str, moment: datetime) -> list[int]:
    """The ids of organizations for which STOP to a number counts that nobody has at this moment.

    That is the organization that had it last or gets it. If there is none: all that claim it.
    """
    owned = find_owned_number(e164, moment)
    return [owned.number.organization_id] if owned else list(list_claimant_ids(e164))


def list_earlier_number_rows(after: str = "",
                             most: int = CLAIMS_PER_PAGE) -> tuple[list[tuple[Number, Organization, str]], bool]:
    """Numbers that administrators brought before there were claims, with organization and holder ("": none).

    In order, at most `most` after the number `after` (E.164); True when there are more.
    """
    found = select(Number, Organization, func.coalesce(User.name, "")).join(
        Organization, Organization.id == Number.organization_id).outerjoin(User, User.id == Number.user_id).where(
        Number.review, Number.e164 > after).order_by(Number.e164)
    rows = [(row[0], row[1], row[2]) for row in db.session.execute(found.limit(most + 1))]
    return rows[:most], len(rows) > most


def count_earlier_numbers() -> int:
    """How many such numbers no operator has looked at yet."""
    return db.session.scalar(select(func.count()).select_from(Number).where(Number.review)) or 0


def keep_earlier_numbers(actor: User, chosen: Collection[str] | None) -> int:
    """Confirm such numbers (E.164), or all of them; returns how many. Nothing else changes about them."""
    with writing():
        found = select(Number, Organization).join(Organization, Organization.id == Number.organization_id).where(
            Number.review)
        if chosen is not None:
            found = found.where(Number.e164.in_(chosen))
        rows = db.session.execute(found).all()
        events = [("number-confirmed", organization, {"number": number.e164}) for number, organization in rows]
        numbers = [number.e164 for number, _organization in rows]
        for first in range(0, len(numbers), IDS_PER_STATEMENT):
            db.session.execute(update(Number).where(Number.e164.in_(numbers[first:first
                                                                            + IDS_PER_STATEMENT])).values(review=False))
        audit.record_events(actor, events)
    return len(rows)
