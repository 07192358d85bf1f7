"""What stands between organizations and outside numbers, for the rules: one statement, however many pairs."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, Select, String, and_, bindparam, func, literal, select
from sqlalchemy.orm import aliased

from portal.dialects import json_rows
from portal.extensions import db
from portal.models import ConsentRecord, Direction, Message, OptOut, OptOutState, WebAsk
from portal.rules import area_states, facts
from portal.rules.number_zones import zones_of_number

from . import carrier_blocks, consents, erased_numbers

LATELY = timedelta(hours=24)
# One JSON array of [organization id, number, what stands for the number once it is erased] for each pair.
_PAIR, _OF_PAIR = json_rows(bindparam("pairs", type_=String), "pair", Integer, String, String)
# The same of a single pair, for which SQLite would otherwise read JSON at every look at another table.
_ONE: Any = select(literal(1).label("one")).subquery()
_OF_ONE = (bindparam("ours", type_=Integer), bindparam("theirs", type_=String), bindparam("erased", type_=String))


def _select_contacts(source: Any, ours: Any, theirs: Any, erased: Any) -> Select[Any]:
    """What stands between each organization and number of the source, with both at the start."""
    asked = select(WebAsk.at).where(WebAsk.organization_id == ours, WebAsk.theirs == theirs).scalar_subquery()
    held = aliased(ConsentRecord)
    longest = consents.order_longest_first(select(held.id).where(
        held.organization_id == ours, held.theirs == theirs,
        consents.is_consent_in_force(bindparam("moment"), held)), held).limit(1).scalar_subquery()
    return select(
        ours, theirs, OptOut.state, OptOut.said_at, _latest(Direction.OUT, ours, theirs),
        _latest(Direction.IN, ours, theirs), asked, ConsentRecord.kind, ConsentRecord.until,
        carrier_blocks.select_blocked_numbers(ours, theirs),
    ).select_from(source).outerjoin(
        OptOut, and_(OptOut.organization_id == ours, OptOut.theirs.in_((theirs, erased))),
    ).outerjoin(ConsentRecord, ConsentRecord.id == longest)


def _latest(direction: Direction, ours: Any, theirs: Any) -> Any:
    """When the latest text was: the end of an index, so that whoever has written a lot is not counted through."""
    return select(func.max(Message.at)).where(Message.organization_id == ours, Message.theirs == theirs,
                                              Message.direction == direction).scalar_subquery()


# Built once: putting a statement together takes longer than running it.
_CONTACTS, _CONTACT = _select_contacts(_PAIR, *_OF_PAIR), _select_contacts(_ONE, *_OF_ONE)


def gather_contacts(pairs: Iterable[tuple[int, str]], moment: datetime) -> dict[tuple[int, str], facts.Contact]:
    """What stands between organizations and numbers (E.164), for all pairs of both in one statement.

    That is: opt-out, first text, when they wrote, consent, a request from the web.
    """
    asked = [(pair[0], *erased_numbers.stored_forms_of_number(*pair)) for pair in pairs]
    if len(asked) == 1:
        statement, known = _CONTACT, dict(zip(("ours", "theirs", "erased"), asked[0], strict=True))
    else:
        statement, known = _CONTACTS, {"pairs": json.dumps(asked)}
    rows = db.session.connection().execute(statement, {**known, "moment": moment}).all()
    return {(row[0], row[1]): _contact(row[1], row[2:], moment) for row in rows}


def _contact(theirs: str, row: Sequence[Any], moment: datetime) -> facts.Contact:
    state, said_at, sent, received, asked, consent, until, blocked = row
    return facts.Contact(
        opted_out_at=said_at if state is OptOutState.OUT else None,
        perhaps_out=state is OptOutState.LIKELY_OUT,
        first=sent is None and received is None,
        wrote_lately=received is not None and moment - received < LATELY,
        wrote_at=received,
        blocked_from=tuple(filter(None, blocked.split(","))),
        consent=consent,
        consent_until=until,
        asked_at=_unanswered(asked, received),
        zones=zones_of_number(theirs),
        places=area_states.places_of_number(theirs),
    )


def _unanswered(asked: datetime | None, received: datetime | None) -> datetime | None:
    """When somebody asked on the web to be left alone, unless the number has written since."""
    return None if asked and received and received > asked else asked
