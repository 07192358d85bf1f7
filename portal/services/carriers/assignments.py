"""Which organizations and numbers have a carrier of their own; all others use the one that carries by default."""

from collections.abc import Collection

from sqlalchemy import exists, func, select, text, update

from portal.extensions import db, wake, writing
from portal.marks import N_
from portal.models import CarrierRecord, Message, Number, Organization, User
from portal.models.messages import QUEUED_CONDITION

from .. import audit
from ..refusals import Clash

ASSIGNED_SHOWN = 20


def choose_organization_carrier(actor: User, organization: Organization, ref: str) -> bool:
    """Let an organization's texts leave by this carrier, "" as the portal is set. Returns whether that is new.

    Raises Clash for a carrier that there is not.
    """
    with writing():
        chosen = _find_choice(ref)
        if organization.carrier_id == _id_of(chosen):
            return False
        organization.carrier_id = _id_of(chosen)
        forget_ways_of_texts()
        audit.record_event(actor, "carrier-chosen" if chosen else "carrier-left", organization,
                           **({"carrier": chosen.name} if chosen else {}))
    wake()
    return True


def choose_number_carrier(actor: User, organization: Organization, e164s: Collection[str], ref: str) -> int:
    """Let texts of these numbers of an organization leave by this carrier, "" by that of their organization.

    Numbers of other organizations are left out. Returns how many changed. Raises Clash for a carrier there is not.
    """
    mine = select(Number).where(Number.organization_id == organization.id, Number.e164.in_(e164s))
    with writing() as session:
        chosen = _find_choice(ref)
        other = [one for one in session.scalars(mine) if one.carrier_id != _id_of(chosen)]
        for number in other:
            number.carrier_id = _id_of(chosen)
            audit.record_event(actor, "number-carrier-chosen" if chosen else "number-carrier-left", organization,
                               number=number.e164, **({"carrier": chosen.name} if chosen else {}))
        many = len(other)
        if other:
            forget_ways_of_texts()
    wake()
    return many


def forget_ways_of_texts() -> None:
    """Let queued texts be looked at again, by which carrier they leave now, in the open write transaction."""
    db.session.connection().execute(update(Message.metadata.tables["messages"]).where(
        text(QUEUED_CONDITION)).values(wanted=None))


def _find_choice(ref: str) -> CarrierRecord | None:
    found = db.session.scalar(select(CarrierRecord).where(CarrierRecord.ref == ref)) if ref else None
    if ref and found is None:
        raise Clash("carrier", N_("This carrier is not there any more. Choose another one."))
    return found


def _id_of(chosen: CarrierRecord | None) -> int | None:
    return chosen.id if chosen else None


def is_carrier_assigned(record: CarrierRecord) -> bool:
    """Whether an organization or a number is assigned to a carrier."""
    return any(db.session.scalar(select(exists().where(model.carrier_id == record.id)))
               for model in (Organization, Number))


def list_assigned(record: CarrierRecord, most: int = ASSIGNED_SHOWN) -> list[tuple[Organization, bool, int]]:
    """The organizations whose texts leave by a carrier that was chosen for them or for some of their numbers.

    Each with whether it is the organization's own carrier and how many of its numbers have it; at most `most`, by name.
    """
    numbers = select(Number.organization_id, func.count().label("many")).where(
        Number.carrier_id == record.id).group_by(Number.organization_id).subquery()
    found = select(Organization, numbers.c.many).outerjoin(numbers, numbers.c.organization_id == Organization.id).where(
        (Organization.carrier_id == record.id) | numbers.c.many.is_not(None))
    rows = db.session.execute(found.order_by(Organization.name_key, Organization.id).limit(most))
    return [(one, one.carrier_id == record.id, many or 0) for one, many in rows]
