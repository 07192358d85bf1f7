"""Locations: the list, and a new one."""

from collections.abc import Callable
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user

from portal import wording
from portal.marks import N_
from portal.rules.accents import fold_letters
from portal.rules.switches import Level
from portal.services.people import locations
from portal.services.refusals import Clash
from portal.services.toggles.eligibility import OrganizationSnapshot, profile_at_location
from portal.services.toggles.known_units import KnownLocation
from portal.services.toggles.toggle import SettingValue
from portal.wording import switches

from . import bp
from .forms import NewLocationForm
from .shown import LocationLine, LocationsPage, NewLocationPage
from .sorting import list_heads, read_sort_order

# What the list can be sorted by, and by what each location then stands.
SORTED_BY = {"name": N_("Name"), "country": N_("Country"), "pstn": N_("PSTN connection"), "users": N_("Users")}
SORT_KEYS: dict[str, Callable[[LocationLine], Any]] = {
    "name": lambda line: line.location.name_key,
    "country": lambda line: fold_letters(wording.name_of_country(line.location.country)),
    "pstn": lambda line: fold_letters(wording.enum_in_words(line.location.pstn)),
    "users": lambda line: line.users,
}


def describe_location_line(snapshot: OrganizationSnapshot, location: KnownLocation, users: int) -> LocationLine:
    """One location as the list shows it, with what its switch needs."""
    effective, stored = snapshot.effective(profile_at_location(location)), snapshot.setting_of_location(location.id)
    locked = effective.locked and effective.level is Level.ORGANIZATION
    return LocationLine(
        location, wording.deciding_level_in_words(effective, location.name), users, effective.on,
        SettingValue(stored.on, stored.locked, stored.reason) if stored else SettingValue(None),
        stored.version if stored else 0,
        switches.locked_in_brief(effective, location.name, snapshot.organization.name) if locked else "")


@bp.get("/locations")
def list_locations() -> str:
    """Every location with its switch and who decided."""
    sort = read_sort_order(request.args.get("sort", ""), SORTED_BY)
    heads = list_heads({key: gettext(label) for key, label in SORTED_BY.items()}, sort,
                       lambda order: url_for("admin.list_locations", sort=order))
    return render_template("admin/locations.html", page=LocationsPage(describe_locations(sort), heads))


def describe_locations(sort: str) -> list[LocationLine]:
    """The lines of the list in an order, a key of `SORT_KEYS` or the same with "-" in front."""
    snapshot, users = OrganizationSnapshot.read(current_user.organization_id), locations.count_users_by_location(
        current_user.organization)
    lines = [describe_location_line(snapshot, one, users.get(one.id, 0)) for one in snapshot.places()]
    return sorted(lines, key=SORT_KEYS[sort.removeprefix("-")], reverse=sort.startswith("-"))


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
