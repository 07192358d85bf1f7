"""Webhooks of carriers: texts that came in, and receipts. The carrier proves itself; no session and no token."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, request

from portal.extensions import current_settings
from portal.services.texting import carrier_news

bp = Blueprint("hooks", __name__)


@bp.route("/hooks/<carrier>", methods=["GET", "POST"])
def take_webhook(carrier: str) -> Response:
    """Answers what the carrier counts as heard after the commit, 503 so that it tries again, 401 without a proof."""
    if request.method == "HEAD":
        abort(405)
    try:
        answer = carrier_news.answer_webhook(carrier, dict(request.headers), request.get_data(cache=False),
                                             request.method, address_as_called())
    except LookupError:
        abort(404)
    return Response(answer.body, answer.status, content_type=answer.content_type)


def address_as_called() -> str:
    """The whole address with path and query as they came, byte for byte: signatures cover it."""
    raw = str(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.full_path.rstrip("?"))
    # A client may name the whole address, as a proxy's client does; only what follows the host is asked.
    parts = urlsplit(raw) if raw.startswith("http") else None
    return current_settings().portal_url + (parts._replace(scheme="", netloc="").geturl() if parts else raw)
