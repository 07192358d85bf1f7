"""What everybody should know: limitations, notices, privacy, help."""

from flask import Blueprint

bp = Blueprint("notices", __name__)

from portal.blueprints.notices import (  # noqa: E402, F401 - the views hang themselves on the blueprint
    member_help,
    public_page,
    views,
    waiting_counts,
)
