"""Live carriers: one object for each record, made anew when an operator has changed it, and the way to it.

Texts of a number leave by the number's carrier, else by its organization's, else by the one that carries by default.
Where there is none, the pretend carrier that is part of the portal takes them, and nothing leaves the machine.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from flask import current_app
from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from portal import carriers
from portal.carriers.base import Carrier
from portal.carriers.kinds import CarrierSetup
from portal.extensions import current_carrier, current_settings, db, now
from portal.models import CarrierRecord, Number, Organization
from portal.rules import facts

from .carrier_secrets import decrypt_secrets, derive_hook_keys
from .known_texts import make_arrival_finder, make_number_finder


class UnusableCarrier(Exception):
    """A carrier that cannot be used now: its secrets or settings cannot be read. Its texts wait."""


@dataclass
class CarrierDesk:
    """The live carriers of this process, by the ref of their record, each with the version that it was made of."""

    made: dict[str, tuple[int, Carrier]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)


def open_desk() -> CarrierDesk:
    """The live carriers of the application; each process has its own."""
    desk: CarrierDesk = current_app.extensions.setdefault("carrier_desk", CarrierDesk())
    return desk


def find_carrier(ref: str) -> Carrier:
    """The live carrier that texts, receipts and hooks name so. "" means the pretend carrier.

    Raises LookupError where there is none, UnusableCarrier where it needs its secrets again. One that is turned off is
    found: it may still tell what became of its texts.
    """
    if ref in {"", current_carrier().ref}:
        return current_carrier()
    record = db.session.scalar(select(CarrierRecord).where(CarrierRecord.ref == ref))
    if record is None:
        raise LookupError(f"There is no carrier {ref}.")
    return carrier_of_record(record)


def carrier_of_record(record: CarrierRecord) -> Carrier:
    """The live carrier of a record, the same object until the record changes. Raises UnusableCarrier."""
    desk = open_desk()
    with desk.lock:
        version, made = desk.made.get(record.ref, (0, None))
        if made is None or version != record.version:
            made = make_live_carrier(record)
            desk.made[record.ref] = record.version, made
        return made


def make_live_carrier(record: CarrierRecord) -> Carrier:
    """A new live carrier of a record. Raises UnusableCarrier where its secrets or settings cannot be used."""
    secrets, kind = decrypt_secrets(record.secrets), carriers.KINDS.get(record.kind)
    if kind is None or secrets is None or any(
            one.secret and one.required and not secrets.get(one.name) for one in kind.fields):
        raise UnusableCarrier(f"The carrier {record.ref} needs its secrets again.")
    settings, (key, *old_keys) = current_settings(), derive_hook_keys(record.ref)
    try:
        return carriers.make_carrier(record.kind, CarrierSetup(
            record.ref, settings=record.settings, secrets=secrets, hook=hook_address(record.ref),
            key=key, old_keys=tuple(old_keys), networks=settings.carrier_networks, at_once=record.at_once,
            own=make_number_finder(), find_arrival=make_arrival_finder(record.ref),
            clock=lambda: now()))  # noqa: PLW0108 - tests set the clock
    except ValueError as error:
        raise UnusableCarrier(f"The carrier {record.ref} cannot work with its settings.") from error


def hook_to_copy(record: CarrierRecord) -> str:
    """The address that an operator puts into the carrier's own settings."""
    kind = carriers.KINDS.get(record.kind)
    address = hook_address(record.ref)
    if kind is None or kind.find_hook is None:
        return address
    return kind.find_hook(CarrierSetup(record.ref, settings=record.settings, hook=address))


def hook_address(ref: str) -> str:
    """The address at which a carrier tells what came and what became of texts."""
    return f"{current_settings().portal_url}/hooks/{ref}"


def route_of_texts(number_carrier: Any = Number.carrier_id, organization_carrier: Any = Organization.carrier_id) -> Any:
    """SQL for the ref of the carrier by which texts of a number leave; "" for the pretend carrier."""
    # The row of the number is always one outside, however deep this stands: else all numbers would be read here.
    chosen, default = aliased(CarrierRecord), aliased(CarrierRecord)
    own = select(chosen.ref).where(
        chosen.id == func.coalesce(number_carrier, organization_carrier)).correlate_except(chosen).scalar_subquery()
    return func.coalesce(own, select(default.ref).where(default.by_default).scalar_subquery(), "")


def carrier_of_organization(kind: Any) -> Any:
    """SQL for the id of the carrier of the organization that rows of this kind belong to; NULL for none."""
    found = select(Organization.carrier_id).where(Organization.id == kind.organization_id)
    # It may stand within another subquery: there SQLAlchemy would not see by itself which row is meant.
    return found.correlate(kind).scalar_subquery()


# Whether any text may leave by another carrier than the pretend one.
OTHER_ROUTES = exists().where(CarrierRecord.id.is_not(None))
_ANY_RECORD = select(OTHER_ROUTES)


def has_other_routes() -> bool:
    """Whether any text may leave by another carrier than the pretend one."""
    return bool(db.session.connection().scalar(_ANY_RECORD))


def route_of_number(number: Number) -> str:
    """The ref of the carrier of one number; "" for the pretend carrier."""
    return carriers_of_numbers([number.id])[number.id]


def find_default_ref() -> str:
    """The ref of the carrier that takes what is assigned to no other; "" for the pretend one."""
    return db.session.scalar(select(CarrierRecord.ref).where(CarrierRecord.by_default)) or ""


def carriers_of_numbers(number_ids: list[int]) -> dict[int, str]:
    """The ref of the carrier of each number (by id); "" for the pretend carrier. One statement."""
    found = select(Number.id, route_of_texts()).join(Organization, Organization.id == Number.organization_id)
    return {row[0]: row[1] for row in db.session.execute(found.where(Number.id.in_(number_ids)))}


def is_carrier_on(ref: str) -> bool:
    """Whether a carrier takes new texts; one that is turned off only tells what became of those that it has."""
    return bool(db.session.scalar(select(CarrierRecord.active).where(CarrierRecord.ref == ref)))


def carrier_facts(ref: str = "") -> facts.CarrierFacts:
    """What the rules want to know of a carrier, by its ref; "" for the pretend one.

    Of one that cannot be used now only that is known: its texts would leave this machine.
    """
    try:
        carrier = find_carrier(ref)
    except (LookupError, UnusableCarrier):
        return facts.CarrierFacts(real=True)
    return facts.CarrierFacts(carrier.real, carrier.answers_keywords, carrier.takes_crisis_line)


def facts_of_carriers(refs: Iterable[str]) -> dict[str, facts.CarrierFacts]:
    """What the rules want to know of several carriers, each asked for once."""
    return {ref: carrier_facts(ref) for ref in set(refs)}
