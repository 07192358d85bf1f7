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
from portal.services.toggles.eligibility import Roll, at
from portal.services.toggles.toggle import Stale, Wish
from portal.web.htmx import respond
from portal.wording import log

from . import bp
from .conflict import conflict
from .locations import effective_at
from .reasons import copy_request, effect_lines
from .settings import address_of_outcome
from .toggle_forms import LocationToggleForm

# The rules that speak of a place or of its whole organization, and not of people.
ABOUT = frozenset({"organization", "registration", "location", "user-location"})


def find(ref: str) -> Location:
    """A location of the signed-in person's organization, else 404."""
    return locations.find_location(current_user.organization_id, ref)


def part_id(location: Location) -> str:
    """The id of the part with the location's word."""
    return f"location-{location.ref}-texting"


def hints(location: Location, roll: Roll, locked: bool) -> dict[str, str]:
    """What each choice would do under the lock as it is ticked, so that it is known before anything is saved."""
    said = {}
    for value, on in (("inherit", None), ("on", True), ("off", False)):
        wish = Wish(on, locked=locked and on is not None)
        lines = effect_lines(toggle.effect_on(location, wish, roll), lambda _outcome: "")
        said[value] = " · ".join(line["words"] for line in lines)
    return said


def requirements(location: Location, roll: Roll) -> list[dict[str, Any]]:
    """What the location and its organization need for texting, met or not."""
    facts = roll.facts_of(at(location))
    asked = [rule for rule in RULES if Act.USE in rule.acts and rule.about in ABOUT]
    return [unmet(rule, facts, location) if rule.is_broken_by(facts) else {"title": gettext(rule.title), "met": True}
            for rule in asked]


def unmet(rule: Rule, facts: Facts, location: Location) -> dict[str, Any]:
    """A requirement that is not met: why, what helps, and a text that asks the provider for it."""
    sentence = wording.say(rule.notice, rule.details(facts))
    ask = current_user.admin and rule.fixer is Fixer.PROVIDER
    concerned = gettext("Concerns: %(places)s", places=location.name)
    return {"title": gettext(rule.title), "met": False, "sentence": sentence, "remedy": wording.say(rule.remedy),
            "anchor": url_for("notices.limitations", _anchor=rule.id),
            "request": copy_request(rule, sentence, concerned) if ask else None}


def context(location: Location, form: LocationToggleForm, roll: Roll) -> dict[str, Any]:
    """What the part shows."""
    effect = toggle.effect_on(location, form.wish, roll)
    return {
        "location": location, "form": form, "part_id": part_id(location), "effective": effective_at(roll, location),
        "held": toggle.held(location), "hints": hints(location, roll, bool(form.locked.data)), "effect": effect,
        "lines": effect_lines(effect, address_of_outcome(Level.LOCATION, form.wish, location.ref)),
        "lock": toggle.lock_over(location, roll),
    }


def form_of(location: Location) -> LocationToggleForm:
    """The form as things stand."""
    held = toggle.held(location)
    word = {None: "inherit", True: "on", False: "off"}[held.wish.on]
    return LocationToggleForm(formdata=None, data={
        "word": word, "locked": held.wish.locked, "reason": held.wish.reason, "version": held.version})


def rest(location: Location, roll: Roll) -> dict[str, Any]:
    """What the page shows besides the part."""
    return {"requirements": requirements(location, roll),
            "history": [(event, log.event(*audit.told(event))) for event in audit.history(location)]}


@bp.get("/locations/<ref>")
def location(ref: str) -> str:
    """One location."""
    unit = find(ref)
    roll = Roll.of(unit.organization_id)
    return render_template("admin/location.html", **context(unit, form_of(unit), roll), **rest(unit, roll))


@bp.get("/locations/<ref>/effect")
def location_effect(ref: str) -> str:
    """The effect of what is chosen in the form at this moment; nothing is written."""
    unit, form = find(ref), LocationToggleForm(request.args, meta={"csrf": False})
    return render_template("admin/_effect.html", **context(unit, form, Roll.of(unit.organization_id)))


@bp.get("/locations/<ref>/texting")
def location_texting(ref: str) -> Response:
    """A reload after an answer leads back to the page."""
    return make_response(redirect(url_for("admin.location", ref=find(ref).ref), 303))


@bp.post("/locations/<ref>/texting")
def turn_location(ref: str) -> Response:
    """Say, or take back, the location's word."""
    unit, form, decided = find(ref), LocationToggleForm(), None
    if form.validate_on_submit():
        try:
            decided = toggle.turn(current_user, unit, form.wish, form.seen)
            form.explain(decided)
        except Stale as stale:
            here, page = url_for("admin.turn_location", ref=ref), url_for("admin.location", ref=ref)
            return conflict(stale, part_id(unit), here, page, unit.name)
    return show(unit, form, decided is not None and decided.allowed)


def show(unit: Location, form: LocationToggleForm, ok: bool) -> Response:
    """The location's part or page after a change."""
    roll = Roll.of(unit.organization_id)
    state = effective_at(roll, unit)
    said = gettext("Saved. Texting at %(name)s: %(state)s.", name=unit.name, state=state) if ok else ""
    return respond("admin/location.html", "admin/_location_texting.html",
                   context(unit, form_of(unit) if ok else form, roll), title=unit.name, ok=ok,
                   rest=lambda: rest(unit, roll), go=url_for("admin.location", ref=unit.ref), said=said)
