"""One location: its word about texting with the effect, and what it needs."""

from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user

from portal import wording
from portal.models import Location
from portal.rules import RULES, Act, Facts, Fixer, Rule
from portal.rules.switches import Level
from portal.services import audit
from portal.services.people import locations
from portal.services.toggles import toggle
from portal.services.toggles.eligibility import OrganizationSnapshot, profile_at_location
from portal.services.toggles.toggle import ChangedSetting, SettingValue, StaleSetting
from portal.web.htmx import respond
from portal.wording import log
from portal.wording.opening import answer_language_in_words, opening_hours_in_words

from . import bp
from .conflict import conflict_page
from .locations import location_setting_in_words
from .provider_request import ask_provider_button
from .reasons import list_effect_lines
from .settings import address_of_outcome
from .toggle_forms import LocationToggleForm

# The rules that speak of a place or of its whole organization, and not of people.
ABOUT = frozenset({"organization", "registration", "location", "user-location"})


def find_own_location(ref: str) -> Location:
    """A location of the signed-in person's organization, else 404."""
    return locations.find_location(current_user.organization_id, ref)


def location_part_id(location: Location) -> str:
    """The id of the part with the location's word."""
    return f"location-{location.ref}-texting"


def preview_location_choices(location: Location, snapshot: OrganizationSnapshot, locked: bool) -> dict[str, str]:
    """What each choice would do under the lock as it is ticked, so that it is known before anything is saved."""
    said = {}
    for value, on in (("inherit", None), ("on", True), ("off", False)):
        wish = SettingValue(on, locked=locked and on is not None)
        lines = list_effect_lines(toggle.preview_change(location, wish, snapshot), lambda _outcome: "")
        said[value] = " · ".join(line["words"] for line in lines)
    return said


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


def location_texting_context(location: Location, form: LocationToggleForm, snapshot: OrganizationSnapshot) -> dict[str,
                                                                                                               Any]:
    """What the part shows."""
    effect = toggle.preview_change(location, form.wish, snapshot)
    return {
        "location": location, "form": form, "part_id": location_part_id(location),
        "effective": location_setting_in_words(snapshot, location),
        "current": toggle.current_setting(location),
        "hints": preview_location_choices(location, snapshot, bool(form.locked.data)), "effect": effect,
        "lines": list_effect_lines(effect, address_of_outcome(Level.LOCATION, form.wish, location.ref)),
        "lock": toggle.lock_over_unit(location, snapshot),
    }


def toggle_form_of_location(location: Location) -> LocationToggleForm:
    """The form as things stand."""
    current = toggle.current_setting(location)
    word = {None: "inherit", True: "on", False: "off"}[current.value.on]
    return LocationToggleForm(formdata=None, data={
        "word": word, "locked": current.value.locked, "reason": current.value.reason, "version": current.version})


def location_page_context(location: Location, snapshot: OrganizationSnapshot) -> dict[str, Any]:
    """What the page shows besides the part."""
    return {"requirements": list_location_requirements(location, snapshot),
            "opening_hours": opening_hours_in_words(location.opening_hours),
            "answer_language": answer_language_in_words(location.answer_language),
            "history": [(event, log.event_in_words(*audit.event_sentence(event)))
                        for event in audit.list_events_about(location)]}


@bp.get("/locations/<ref>")
def show_location(ref: str) -> str:
    """One location."""
    unit = find_own_location(ref)
    snapshot = OrganizationSnapshot.read(unit.organization_id)
    texting = location_texting_context(unit, toggle_form_of_location(unit), snapshot)
    return render_template("admin/location.html", **texting, **location_page_context(unit, snapshot))


@bp.get("/locations/<ref>/effect")
def show_location_effect(ref: str) -> str:
    """Preview the choice in the form; write nothing."""
    unit, form = find_own_location(ref), LocationToggleForm(request.args, meta={"csrf": False})
    return render_template("admin/_effect.html",
                           **location_texting_context(unit, form, OrganizationSnapshot.read(unit.organization_id)))


@bp.get("/locations/<ref>/texting")
def reload_location(ref: str) -> Response:
    """A reload after an answer leads back to the page."""
    return make_response(redirect(url_for("admin.show_location", ref=find_own_location(ref).ref), 303))


@bp.post("/locations/<ref>/texting")
def change_location_texting(ref: str) -> Response:
    """Say, or take back, the location's word."""
    unit, form, answer = find_own_location(ref), LocationToggleForm(), None
    if form.validate_on_submit():
        try:
            answer = toggle.change_setting(current_user, unit, form.wish, form.seen)
            form.explain(answer.decision)
        except StaleSetting as stale:
            here, page = url_for("admin.change_location_texting", ref=ref), url_for("admin.show_location", ref=ref)
            return conflict_page(stale, location_part_id(unit), here, page, unit.name)
    return respond_with_location(unit, form, answer)


def respond_with_location(unit: Location, form: LocationToggleForm, answer: ChangedSetting | None) -> Response:
    """The location's part or page after a change."""
    ok = answer is not None and answer.allowed
    snapshot = OrganizationSnapshot.read(unit.organization_id)
    state = location_setting_in_words(snapshot, unit)
    said = gettext("Saved. Texting at %(name)s: %(state)s.", name=unit.name, state=state) if ok else ""
    context = location_texting_context(unit, toggle_form_of_location(unit) if ok else form, snapshot)
    return respond("admin/location.html", "admin/_location_texting.html", context, title=unit.name, ok=ok,
                   rest=lambda: location_page_context(unit, snapshot), go=url_for("admin.show_location", ref=unit.ref),
                   said=said, undo=answer.undo if answer else "")
