"""Administration: who can text, and what is in the way. An auditor sees the same without buttons.

The views are split by noun; all of them hang on this one blueprint.
"""

from flask import Blueprint

bp = Blueprint("admin", __name__, url_prefix="/admin")

from portal.blueprints.admin import (  # noqa: E402, F401 - the views hang themselves on the blueprint
    accounts,
    audit,
    bulk,
    check,
    consents,
    deactivation,
    holds,
    imports,
    likely,
    location,
    location_answers,
    locations,
    long_changes,
    optout_files,
    optouts,
    organization,
    overview,
    provider_request,
    records,
    released,
    settings,
    undo,
    user,
    user_rows,
    users,
    web_asks,
)
