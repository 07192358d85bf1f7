"""For machines: is the portal alive, is it ready; and the htmx file where the portal serves it itself."""

import ipaddress

from flask import Blueprint, Response, jsonify, request

from portal.extensions import current_settings
from portal.processes import htmx_file
from portal.services.upkeep import housekeeping, worker_marks
from portal.web import static_files

bp = Blueprint("status", __name__)


@bp.get("/health/live")
def show_liveness() -> Response:
    """The process answers."""
    return jsonify(status="alive")


@bp.get("/health/ready")
def show_readiness() -> tuple[Response, int]:
    """The database can be written and the background process has been heard of.

    For strangers it only reads: by waiting for the write lock they could measure when other people write.
    """
    checks = {"database": housekeeping.is_database_writable() if is_asked_locally()
              else housekeeping.is_database_readable(), "worker": False}
    checks["worker"] = checks["database"] and worker_marks.is_worker_alive()
    well = all(checks.values())
    return jsonify(status="ready" if well else "not ready",
                   **(checks | name_silent_workers(well) if is_asked_locally() else {})), 200 if well else 503


def name_silent_workers(well: bool) -> dict[str, list[str]]:
    """Workers that others make up for, by machine and folder; nothing where all are at work, or none is."""
    silent = worker_marks.list_silent_workers() if well else []
    return {"silent_workers": silent} if silent else {}


def is_asked_locally() -> bool:
    """Whether a program on this machine asks, and not a proxy on it that passes on a request from outside.

    A program that asks at the one address that the portal listens on comes from that address, too.
    """
    source = request.remote_addr or ""
    if "X-Forwarded-For" in request.headers or not source:
        return False
    return source == current_settings().host or ipaddress.ip_address(source).is_loopback


@bp.get(f"/{htmx_file.HTMX_NAME}")
def send_htmx_file() -> Response:
    """The htmx file under its own name; pages name it among the static files."""
    return static_files.send_file_by_name(htmx_file.HTMX_NAME)
