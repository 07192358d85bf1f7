"""Texting: the member's conversations, and writing. Nobody else ever reads them."""

from flask import Blueprint

bp = Blueprint("messaging", __name__, url_prefix="/messages")

from portal.blueprints.messaging import (  # noqa: E402, F401 - the views hang themselves on the blueprint
    inbox,
    lines,
    new,
    threads,
)
