"""Operators: organizations, and what only the provider sets."""

from flask import Blueprint

bp = Blueprint("operator", __name__, url_prefix="/operator")

from portal.blueprints.operator import case_export, cases, claims, records, refused, restrictions, views, web_asks  # noqa: E402, F401 - the views hang themselves on the blueprint
