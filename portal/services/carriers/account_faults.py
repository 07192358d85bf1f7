"""Carriers that do not accept the account: no text is at fault, all of them wait, and operators are told."""

from datetime import datetime

from sqlalchemy import update

from portal import lengths
from portal.extensions import writing
from portal.models import CarrierRecord


def note_fault(ref: str, code: str, moment: datetime) -> None:
    """Write down that a carrier does not accept the account, and since when."""
    with writing() as session:
        session.execute(update(CarrierRecord).where(CarrierRecord.ref == ref, CarrierRecord.fault_code == "").values(
            fault_code=code[:lengths.ERROR_CODE], fault_at=moment).execution_options(synchronize_session=False))


def forget_fault(ref: str) -> None:
    """Write down that a carrier takes texts again."""
    with writing() as session:
        session.execute(update(CarrierRecord).where(CarrierRecord.ref == ref).values(
            fault_code="", fault_at=None).execution_options(synchronize_session=False))
