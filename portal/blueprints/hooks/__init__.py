"""Webhooks of carriers: texts that came in, and receipts. A signature over the raw body, no session and no token."""

from flask import Blueprint, Response, abort, request

from portal.extensions import current_carrier
from portal.services.texting import inbound

bp = Blueprint("hooks", __name__)


@bp.post("/hooks/<carrier>")
def take_webhook(carrier: str) -> Response:
    """Answers 2xx after the commit, 503 so that the carrier tries again, 401 without a valid signature."""
    if carrier != current_carrier().ref:
        abort(404)
    return Response(status=inbound.answer_webhook(dict(request.headers), request.get_data(cache=False)))
