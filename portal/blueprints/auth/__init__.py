"""The front door: the first page, signing in and out, choosing a password, one's own account."""

from flask import Blueprint

bp = Blueprint("auth", __name__)

from . import views  # noqa: E402, F401
