"""The demo's consents: who agreed to texts of Maple Clinic, in every way and state."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from portal.extensions import db, writing
from portal.models import ConsentEnding, ConsentRecord, User
from portal.rules.facts import ConsentKind
from portal.services.texting import consents


@dataclass(frozen=True, slots=True)
class DemoConsent:
    """A consent, given so many days ago; `ended` days ago for a reason, if it counts no more."""

    theirs: str
    kind: ConsentKind
    ago: int
    proof: str = ""
    ended: int | None = None
    ending: ConsentEnding | None = None
    reason: str = ""


DEMO_CONSENTS = (
    DemoConsent("+14165550153", ConsentKind.EXPRESS, 90, "Ticked the box on the form of new patients", 1,
                ConsentEnding.OPTED_OUT),
    DemoConsent("+14165550120", ConsentKind.WROTE_FIRST, 8),
    DemoConsent("+14165550151", ConsentKind.PURCHASE, 700, "Glasses, receipt 4711"),
    DemoConsent("+16475550123", ConsentKind.INQUIRY, 200, "Asked by phone about travel vaccines"),
    DemoConsent("+14165550139", ConsentKind.INQUIRY, 40, "Asked at the desk about flu shots", 12,
                ConsentEnding.CORRECTED, "They agreed in words"),
    DemoConsent("+14165550139", ConsentKind.EXPRESS, 40, "Said yes to reminders, at the desk to Grace Kim"),
    DemoConsent("+16475550110", ConsentKind.EXPRESS, 30, "On the form of new patients, when they registered"),
)


def write_consents(moment: datetime) -> None:
    """Write them as if they had been written down up to this moment, by a member of Maple Clinic."""
    uli = db.session.scalars(select(User).where(User.email_key == "uli@example.com")).one()
    with writing() as session:
        for one in DEMO_CONSENTS:
            given_at = moment - timedelta(days=one.ago)
            heard = one.kind is ConsentKind.WROTE_FIRST
            session.add(ConsentRecord(
                organization_id=uli.organization_id, theirs=one.theirs, kind=one.kind, given_at=given_at,
                until=consents.end_of_consent(one.kind, given_at), proof=one.proof, by_id=None if heard else uli.id,
                at=given_at, ended_at=None if one.ended is None else moment - timedelta(days=one.ended),
                ending=one.ending, reason=one.reason))
            session.flush()
