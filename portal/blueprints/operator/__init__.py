"""Operators: organizations, and what only the provider sets."""

from flask import Blueprint

bp = Blueprint("operator", __name__, url_prefix="/operator")

from portal.blueprints.operator import (  # noqa: E402, F401 - the views hang themselves on the blueprint
    admin_links,
    carriers,
    case_export,
    cases,
    claims,
    inventory,
    optout_files,
    records,
    refused,
    restrictions,
    views,
    web_asks,
)
