"""Texting: the member's conversations, and writing. Nobody else ever reads them."""

from flask import Blueprint
from flask_login import current_user

from portal.services.carriers import carrier_state
from portal.services.texting import breaker
from portal.web import counts

bp = Blueprint("messaging", __name__, url_prefix="/messages")


def are_texts_stopped() -> bool:
    """Whether the reader's texts wait because of the carrier of their number."""
    record = carrier_state.find_carrier_of_user(current_user.id) if counts.has_carriers() else None
    if record is None:
        return breaker.is_carrier_failing("")
    return carrier_state.is_carrier_stopped(record) or breaker.is_carrier_failing(record.ref)


# Asked only by the pages that say it.
bp.context_processor(lambda: {"failing": are_texts_stopped})

from portal.blueprints.messaging import (  # noqa: E402, F401 - the views hang themselves on the blueprint
    calls,
    consent,
    inbox,
    likely,
    lines,
    new,
    news,
    reading,
    threads,
    usual_lines,
)
