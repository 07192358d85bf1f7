"""The front door: the first page, signing in and out, choosing a password, one's own account."""

from flask import Blueprint

bp = Blueprint("auth", __name__)

from portal.blueprints.auth import language, views  # noqa: E402, F401 - the views hang themselves on the blueprint
