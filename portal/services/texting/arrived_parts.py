"""Parts of long texts, where the carrier does not join them: each is stored as it comes, and the last makes a text.

The carrier hears that we have a part once it is stored. A text of which a part does not come within ten minutes is
taken as far as it is here, so that a STOP in it is heard: a gap stands where words are missing.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from portal import lengths
from portal.carriers.base import IncomingText
from portal.extensions import db
from portal.models import Arrival, ArrivalOutcome, ArrivedPart

WAITS_FOR_PARTS = timedelta(minutes=10)
# More parts than any text has: a total that somebody made up must not leave thousands of gaps.
MOST_PARTS = 30
GAP = " […] "


def is_arrival_known(carrier: str, carrier_id: str) -> bool:
    """Whether a text or a part with this id of the carrier was taken before."""
    found = select(Arrival.id).where(Arrival.carrier == carrier, Arrival.carrier_id == carrier_id)
    return db.session.scalar(found) is not None


def join_part(carrier: str, text: IncomingText, moment: datetime) -> IncomingText | None:
    """Store a part, in the open write transaction; the whole text if this is the last one that was missing.

    None while others are missing, and for a part that was taken before.
    """
    part = text.part
    if part is None or not 1 <= part.number <= part.total <= MOST_PARTS:
        return _as_text(text.id, text.sender, text.recipient, text.body, text.at)
    if is_arrival_known(carrier, text.id) or _is_stored(carrier, text.id):
        return None
    _put_earlier_text_aside(carrier, text)
    db.session.add(ArrivedPart(
        carrier=carrier, carrier_id=text.id, sender=text.sender[:lengths.OUTSIDE_NUMBER],
        recipient=text.recipient[:lengths.OUTSIDE_NUMBER], key=part.key[:lengths.PART_KEY], number=part.number,
        total=part.total, body=text.body.encode("utf-16-be", "surrogatepass"), at=moment, sent_at=text.at))
    db.session.flush()
    parts = _parts_of(carrier, text.sender, text.recipient, part.key)
    return _join(carrier, parts) if {one.number for one in parts} == set(range(1, part.total + 1)) else None


def _put_earlier_text_aside(carrier: str, text: IncomingText) -> None:
    """A phone counts its long texts from 0 to 255 and begins anew: a part that is here already belongs to an earlier
    text, which lacks another part. Its parts get a name of their own, and are taken with gaps when their time is over.
    """
    parts = _parts_of(carrier, text.sender, text.recipient, text.part.key) if text.part else []
    same = next((one for one in parts if text.part and one.number == text.part.number), None)
    if same is not None:
        db.session.execute(update(ArrivedPart).where(ArrivedPart.id.in_([one.id for one in parts])).values(
            key=f"{same.key[:20]}~{same.id}").execution_options(synchronize_session=False))
        db.session.expire_all()


def find_overdue_text(moment: datetime) -> tuple[str, str, str, str] | None:
    """Carrier, sender, recipient and key of the oldest text of which a part came ten minutes ago or longer.

    A part that seems to come in the future came before the clock was set back.
    """
    found = select(ArrivedPart.carrier, ArrivedPart.sender, ArrivedPart.recipient, ArrivedPart.key).where(
        (ArrivedPart.at < moment - WAITS_FOR_PARTS) | (ArrivedPart.at > moment + WAITS_FOR_PARTS)).order_by(
            ArrivedPart.at, ArrivedPart.id).limit(1)
    row = db.session.execute(found).first()
    db.session.rollback()
    return (row[0], row[1], row[2], row[3]) if row else None


def join_overdue_text(carrier: str, sender: str, recipient: str, key: str) -> tuple[str, IncomingText | None]:
    """The carrier and what is here of a text, in the open write transaction; None if somebody has taken it."""
    parts = _parts_of(carrier, sender, recipient, key)
    return carrier, _join(carrier, parts) if parts else None


def _is_stored(carrier: str, carrier_id: str) -> bool:
    found = select(ArrivedPart.id).where(ArrivedPart.carrier == carrier, ArrivedPart.carrier_id == carrier_id)
    return db.session.scalar(found) is not None


def _parts_of(carrier: str, sender: str, recipient: str, key: str) -> list[ArrivedPart]:
    found = select(ArrivedPart).where(
        ArrivedPart.carrier == carrier, ArrivedPart.sender == sender[:lengths.OUTSIDE_NUMBER],
        ArrivedPart.recipient == recipient[:lengths.OUTSIDE_NUMBER], ArrivedPart.key == key[:lengths.PART_KEY])
    return list(db.session.scalars(found.order_by(ArrivedPart.number, ArrivedPart.id)))


def _join(carrier: str, parts: list[ArrivedPart]) -> IncomingText:
    """One text out of its parts, which are taken out; every id but the first's is remembered here."""
    first, body, expected = parts[0], b"", 1
    for one in parts:
        body += (GAP.encode("utf-16-be") if one.number > expected else b"") + (
            one.body if one.number >= expected else b"")
        expected = max(expected, one.number + 1)
    if expected <= first.total:
        body += GAP.encode("utf-16-be")
    _remember_ids(carrier, (one.carrier_id for one in parts[1:]), first.at)
    db.session.execute(delete(ArrivedPart).where(ArrivedPart.id.in_([one.id for one in parts])))
    return _as_text(first.carrier_id, first.sender, first.recipient, body.decode("utf-16-be", "surrogatepass"),
                    first.sent_at)


def _remember_ids(carrier: str, ids: Iterable[str], moment: datetime) -> None:
    """Ids of the other parts, so that a repetition is known; they count for no organization."""
    db.session.add_all(Arrival(carrier=carrier, carrier_id=one, at=moment, outcome=ArrivalOutcome.SHOWN) for one in ids)


def _as_text(text_id: str, sender: str, recipient: str, body: str, at: datetime | None) -> IncomingText:
    """A whole text; halves of characters that found no other half are replaced."""
    whole = body.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return IncomingText(text_id, sender, recipient, whole, at=at)
