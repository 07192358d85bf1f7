"""Reporting spam: open to everybody, and silent about whose numbers are ours."""

from flask import Blueprint

bp = Blueprint("spam", __name__)

from portal.blueprints.spam import views  # noqa: E402, F401 - the views hang themselves on the blueprint
