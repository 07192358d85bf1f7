"""Where carriers tell what came in and what became of texts. No session, no token: a signature over the raw body."""

from flask import Blueprint, Response, abort, request

from portal.extensions import current_carrier
from portal.services.texting import inbound

bp = Blueprint("hooks", __name__)


@bp.post("/hooks/<carrier>")
def take_webhook(carrier: str) -> Response:
    """2xx after the commit; 503 makes the carrier try again; 401 for whatever is not signed."""
    if carrier != current_carrier().name:
        abort(404)
    return Response(status=inbound.answer_webhook(dict(request.headers), request.get_data(cache=False)))
