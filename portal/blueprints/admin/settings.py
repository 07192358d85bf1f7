"""Service settings: the switch for the whole organization, with its effect before anything is written."""

from collections.abc import Mapping
from typing import Any

from flask import Response, render_template, url_for
from flask_babel import gettext
from flask_login import current_user

from portal import wording
from portal.rules import BY_ID, IN_SHORT
from portal.services.toggles.eligibility import OrganizationSnapshot

from . import bp
from .unit_texting import UnitPlace, answer_press, show_unit


def place_of_organization() -> UnitPlace:
    """Where the switch of the signed-in person's organization stands."""
    here = url_for("admin.show_settings")
    return UnitPlace(current_user.organization, None, "settings", here, here, gettext("Service settings"),
                     gettext("Business Texting provisioning"),
                     gettext("Enable Business Texting for all users at all locations"),
                     gettext("Locations and users cannot change this"), render_settings)


def render_settings(_snapshot: OrganizationSnapshot, context: Mapping[str, Any]) -> str:
    """The page, with the first of the rules in short, which say how long texts are kept."""
    return render_template("admin/settings.html", **context, kept=" ".join(
        wording.translate_sentence(line.sentence, BY_ID[line.rules[0]].limits) for line in IN_SHORT[:2]))


@bp.get("/settings")
def show_settings() -> Response:
    """The switch as it stands."""
    return show_unit(place_of_organization())


@bp.post("/settings")
def change_organization_texting() -> Response:
    """Show what a press on the organization's switch would do, or do it."""
    return answer_press(place_of_organization())
