"""Locks of texts, for those who change texts of several organizations: workers, and what carriers tell about texts.

They write beside the organizations' own writers. So that nobody waits for somebody who waits for them, all who change
texts lock, in this order: the texts, by their ids; their organizations' shares, by their numbers; then what counts
texts: the brand's days, and the quarters of an hour.
"""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import Integer, String, bindparam, select

from portal.dialects import ShareLock, json_values
from portal.extensions import db, writers_overlap
from portal.models import Message

# The organizations are spread over so many shares: who changes texts of a thousand of them needs no thousand locks.
SHARES = 64
_THESE = select(json_values(bindparam("these", type_=String), Integer, "these"))
# A text whose id others only refer to need not wait for them.
_HELD = select(Message.organization_id).where(Message.id.in_(_THESE)).order_by(Message.id).with_for_update(
    key_share=True).cte("held")
_SHARE = (_HELD.c.organization_id % SHARES).label("share")
_SHARES = select(_SHARE).distinct().order_by(_SHARE).subquery("shares")
_LOCKED: Any = select(ShareLock(_SHARES.c.share))


def lock_texts(ids: Collection[int]) -> None:
    """Hold texts, and the counts of their organizations, until the open write transaction ends.

    What is read about them afterwards stays as it is. Nothing is asked where one writes after the other anyway.
    """
    if ids and writers_overlap():
        db.session.connection().execute(_LOCKED, {"these": json.dumps(sorted(ids))}).all()
