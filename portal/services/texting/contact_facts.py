"""What stands between organizations and outside numbers, for the rules: one statement, however many pairs."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, String, and_, bindparam, func, select
from sqlalchemy.orm import aliased

from portal.dialects import json_rows
from portal.extensions import db
from portal.models import ConsentRecord, Direction, Message, OptOut, OptOutState, WebAsk
from portal.rules import area_states, facts
from portal.rules.number_zones import zones_of_number

from . import carrier_blocks, consents, erased_numbers

LATELY = timedelta(hours=24)
# One JSON array of [organization id, number, what stands for the number once it is erased] for each pair.
_PAIR, (_OURS, _THEIRS, _ERASED) = json_rows(bindparam("pairs", type_=String), "pair", Integer, String, String)


def _latest(direction: Direction) -> Any:
    """When the latest text was: the end of an index, so that whoever has written a lot is not counted through."""
    return select(func.max(Message.at)).where(Message.organization_id == _OURS, Message.theirs == _THEIRS,
                                              Message.direction == direction).scalar_subquery()


_ASKED = select(WebAsk.at).where(WebAsk.organization_id == _OURS, WebAsk.theirs == _THEIRS).scalar_subquery()
_HELD = aliased(ConsentRecord)
_LONGEST = consents.order_longest_first(select(_HELD.id).where(
    _HELD.organization_id == _OURS, _HELD.theirs == _THEIRS,
    consents.is_consent_in_force(bindparam("moment"), _HELD)), _HELD).limit(1).scalar_subquery()
_CONTACTS = select(
    _OURS, _THEIRS, OptOut.state, OptOut.said_at, _latest(Direction.OUT), _latest(Direction.IN), _ASKED,
    ConsentRecord.kind, ConsentRecord.until, carrier_blocks.select_blocked_numbers(_OURS, _THEIRS),
).select_from(_PAIR).outerjoin(
    OptOut, and_(OptOut.organization_id == _OURS, OptOut.theirs.in_((_THEIRS, _ERASED))),
).outerjoin(ConsentRecord, ConsentRecord.id == _LONGEST)


def gather_contacts(pairs: Iterable[tuple[int, str]], moment: datetime) -> dict[tuple[int, str], facts.Contact]:
    """What stands between organizations and numbers (E.164), for all pairs of both in one statement.

    That is: opt-out, first text, when they wrote, consent, a request from the web.
    """
    asked = json.dumps([(pair[0], *erased_numbers.stored_forms_of_number(*pair)) for pair in pairs])
    return {(row[0], row[1]): _contact(row[1], row[2:], moment)
            for row in db.session.connection().execute(_CONTACTS, {"pairs": asked, "moment": moment}).all()}


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
