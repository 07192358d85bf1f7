"""Locations: the list, and a new one."""

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from flask_login import current_user

from portal import wording
from portal.models import Location
from portal.services.people import locations
from portal.services.refusals import Clash
from portal.services.toggles.eligibility import OrganizationSnapshot, profile_at_location

from . import bp
from .forms import NewLocationForm
from .shown import LocationLine, LocationsPage, NewLocationPage


def location_setting_in_words(snapshot: OrganizationSnapshot, location: Location) -> str:
    """Whether texting is on for users at a location without a setting of their own, and the level that decided."""
    setting = snapshot.effective(profile_at_location(location))
    state = gettext("on") if setting.on else gettext("off")
    return f"{state}, {wording.deciding_level_in_words(setting, location.name)}"


@bp.get("/locations")
def list_locations() -> str:
    """Every location with its state and who decided it."""
    snapshot, users = OrganizationSnapshot.read(current_user.organization_id), locations.count_users_by_location(
        current_user.organization)
    return render_template("admin/locations.html", page=LocationsPage([
        LocationLine(one, location_setting_in_words(snapshot, one), users.get(one.id, 0))
        for one in snapshot.places()]))


@bp.get("/locations/new")
@bp.post("/locations/new")
def add_location() -> Response:
    """A new location."""
    form = NewLocationForm()
    if form.validate_on_submit():
        try:
            location = locations.create_location(current_user, current_user.organization, form.name.data or "",
                                                  form.country.data, form.time_zone.data, language=form.language)
            flash(gettext("%(name)s is added.", name=location.name))
            return make_response(redirect(url_for("admin.show_location", ref=location.ref), 303))
        except Clash as clash:
            form.clash(clash.field, clash.sentence, clash.values)
    page = render_template("admin/add_location.html", page=NewLocationPage(form))
    return make_response(page, 422 if form.errors else 200)
