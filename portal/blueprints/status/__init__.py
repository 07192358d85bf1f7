"""For machines: is the portal alive, is it ready; and the htmx file where the portal serves it itself."""

from flask import Blueprint, Response, abort, current_app, jsonify, send_file
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from portal import htmx_file
from portal.extensions import db, writing
from portal.services import housekeeping

bp = Blueprint("status", __name__)


@bp.get("/health/live")
def live() -> Response:
    """The process answers."""
    return jsonify(status="alive")


@bp.get("/health/ready")
def ready() -> tuple[Response, int]:
    """The database can be written and the background process has been heard of."""
    checks = {"database": _writable(), "worker": False}
    if checks["database"]:
        checks["worker"] = housekeeping.worker_alive()
    well = all(checks.values())
    return jsonify(status="ready" if well else "not ready", **checks), 200 if well else 503


def _writable() -> bool:
    """Whether the write lock can be had; nothing is written."""
    try:
        with writing() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        db.session.rollback()
        return False
    return True


@bp.get("/htmx-4.0.1.min.js")
def htmx() -> Response:
    """The htmx file, for networks without internet."""
    file = htmx_file.path(current_app.config["SETTINGS"].instance)
    if not file.is_file():
        abort(404)
    return send_file(file, mimetype="text/javascript", max_age=31536000)
