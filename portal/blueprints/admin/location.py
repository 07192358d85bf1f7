"""One location: its word about texting with the effect, and what it needs."""

from typing import Any

from flask import Response, make_response, redirect, render_template, url_for
from flask_babel import gettext
from flask_login import current_user

from portal import wording
from portal.models import Location
from portal.rules import RULES, Act, Facts, Fixer, Rule
from portal.services.people import locations
from portal.services.toggles import toggle, user_list
from portal.services.toggles.eligibility import OrganizationSnapshot, profile_at_location
from portal.wording.opening import answer_language_in_words, opening_hours_in_words

from . import bp
from .provider_request import ask_provider_button
from .unit_texting import UnitPlace, answer_press, show_unit

# The rules that speak of a place or of its whole organization, and not of people.
ABOUT = frozenset({"organization", "registration", "location", "user-location"})


def find_own_location(ref: str) -> Location:
    """A location of the signed-in person's organization, else 404."""
    return locations.find_location(current_user.organization_id, ref)


def location_part_id(location: Location) -> str:
    """The id of the part with the location's word."""
    return f"location-{location.ref}-texting"


def list_location_requirements(location: Location, snapshot: OrganizationSnapshot) -> list[dict[str, Any]]:
    """What the location and its organization need for texting, met or not."""
    facts = snapshot.facts_of(profile_at_location(location))
    asked = [rule for rule in RULES if Act.USE in rule.acts and rule.about in ABOUT]
    return [describe_unmet_requirement(rule, facts, location) if rule.is_broken_by(facts)
            else {"title": gettext(rule.title), "met": True}
            for rule in asked]


def describe_unmet_requirement(rule: Rule, facts: Facts, location: Location) -> dict[str, Any]:
    """A requirement that is not met: why, what helps, and a text that asks the provider for it."""
    sentence = wording.translate_sentence(rule.notice, rule.details(facts))
    ask = current_user.admin and rule.fixer is Fixer.PROVIDER
    return {"title": gettext(rule.title), "met": False, "sentence": sentence,
            "remedy": wording.translate_sentence(rule.remedy),
            "anchor": url_for("notices.show_limitations", _anchor=rule.id),
            "request": ask_provider_button(location.ref) if ask else None}


def place_of_location(location: Location) -> UnitPlace:
    """Where the switch of a location stands."""
    return UnitPlace(
        location, location, location_part_id(location), url_for("admin.change_location_texting", ref=location.ref),
        url_for("admin.show_location", ref=location.ref), location.name,
        gettext("Business Texting"), gettext("Business Texting for all users at %(name)s", name=location.name),
        gettext("Users cannot change this"),
        lambda snapshot, context: render_template("admin/location.html", **context,
                                                  **location_page_context(location, snapshot)))


def location_page_context(location: Location, snapshot: OrganizationSnapshot) -> dict[str, Any]:
    """What the page shows besides the part."""
    return {"location": location, "requirements": list_location_requirements(location, snapshot),
            "opening_hours": opening_hours_in_words(location.opening_hours),
            "answer_language": answer_language_in_words(location.answer_language),
            "users": user_list.count_users(snapshot, [toggle.users_under_unit(location)])}


@bp.get("/locations/<ref>")
def show_location(ref: str) -> Response:
    """One location."""
    return show_unit(place_of_location(find_own_location(ref)))


@bp.get("/locations/<ref>/texting")
def reload_location(ref: str) -> Response:
    """A reload after an answer leads back to the page."""
    return make_response(redirect(url_for("admin.show_location", ref=find_own_location(ref).ref), 303))


@bp.post("/locations/<ref>/texting")
def change_location_texting(ref: str) -> Response:
    """Show what a press on the location's switch would do, or do it."""
    return answer_press(place_of_location(find_own_location(ref)))
