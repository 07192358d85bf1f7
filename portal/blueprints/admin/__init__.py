"""Administration: who can text, and what is in the way. An auditor sees the same without buttons.

The views are split by noun; all of them hang on this one blueprint.
"""

from flask import Blueprint

bp = Blueprint("admin", __name__, url_prefix="/admin")

from . import accounts, audit, check, imports, locations, organization, overview, settings, users  # noqa: E402, F401
