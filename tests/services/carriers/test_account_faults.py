"""That a carrier does not accept the account is written down once, since when, and forgotten when it works."""

from datetime import UTC, datetime, timedelta

from portal.extensions import db
from portal.models import CarrierRecord
from portal.services.carriers import account_faults

AT = datetime(2026, 3, 14, 15, 9, tzinfo=UTC)


def fault(ref="one"):
    db.session.rollback()
    record = db.session.scalars(db.select(CarrierRecord).where(CarrierRecord.ref == ref)).one()
    return record.fault_code, record.fault_at


def test_the_first_moment_stays_until_it_works_again(add):
    add("one")
    add("two")
    assert fault() == ("", None)
    account_faults.note_fault("one", "account", AT)
    account_faults.note_fault("one", "other", AT + timedelta(hours=1))
    assert (fault(), fault("two")) == (("account", AT), ("", None))
    account_faults.forget_fault("one")
    assert fault() == ("", None)
    account_faults.note_fault("one", "x" * 100, AT)
    assert fault() == ("x" * 40, AT)
