"""Texting: the member's conversations, and writing. Nobody else ever reads them."""

from flask import Blueprint

from portal.services.texting import breaker

bp = Blueprint("messaging", __name__, url_prefix="/messages")
# Asked only by the pages that say it.
bp.context_processor(lambda: {"failing": breaker.is_carrier_failing})

from portal.blueprints.messaging import (  # noqa: E402, F401 - the views hang themselves on the blueprint
    calls,
    consent,
    inbox,
    likely,
    lines,
    new,
    reading,
    threads,
)
