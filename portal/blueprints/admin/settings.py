"""Service settings: the switch for the whole organization, with its effect before anything is written."""

from collections.abc import Callable

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from flask_login import current_user

from portal import wording
from portal.models import Organization
from portal.rules import BY_ID, IN_SHORT
from portal.rules.switches import Level
from portal.services.toggles import toggle
from portal.services.toggles.eligibility import Roll
from portal.services.toggles.toggle import Held, Outcome, Stale

from . import bp
from .conflict import conflict
from .reasons import effect_lines
from .toggle_forms import OrganizationToggleForm


def address_of_outcome(level: Level, wish: toggle.Wish, location: str | None = None) -> Callable[[Outcome], str]:
    """Where the users with an outcome of a change are listed."""
    return lambda outcome: url_for("admin.list_users", level=level.value, wish=toggle.word_of(wish),
                                   outcome=outcome.value, location=location)


def form_of(held: Held) -> OrganizationToggleForm:
    """The form as things stand."""
    return OrganizationToggleForm(formdata=None, data={
        "on": bool(held.wish.on), "locked": held.wish.locked, "reason": held.wish.reason, "version": held.version})


def page(form: OrganizationToggleForm, code: int = 200) -> Response:
    """The page around a form."""
    held, short = toggle.held(current_user.organization), IN_SHORT[:2]
    return make_response(render_template(
        "admin/settings.html", form=form, held=held, errors=form.errors, said=held.wish,
        kept=" ".join(wording.say(line.sentence, BY_ID[line.rules[0]].limits) for line in short)), code)


@bp.get("/settings")
def settings() -> Response:
    """The switch as it stands."""
    return page(form_of(toggle.held(current_user.organization)))


@bp.post("/settings")
def change_settings() -> Response:
    """Save leads to the effect; Confirm writes; Back leads back to what was typed."""
    form, unit = OrganizationToggleForm(), current_user.organization
    if not form.validate_on_submit():
        return page(form, 422)
    if form.step.data == "back":
        return page(form)
    try:
        return confirm(form, unit) if form.step.data == "confirm" else preview(form, unit)
    except Stale as stale:
        here, heading = url_for("admin.settings"), gettext("Service settings")
        return conflict(stale, "settings", here, here, heading, field="on")


def preview(form: OrganizationToggleForm, unit: Organization) -> Response:
    """The effect in exact numbers; nothing is written yet."""
    wish, held = toggle.tidy(unit, form.wish), toggle.held(unit)
    if held.version != form.seen:
        raise Stale(unit, held, wish)
    roll = Roll.of(unit.id)
    decision = toggle.judge(current_user, unit, wish, roll)
    if not decision.allowed:
        form.explain(decision)
        return page(form, 422)
    effect = toggle.effect_on(unit, wish, roll)
    return make_response(render_template(
        "admin/settings_effect.html", form=form, wish=wish, effect=effect,
        lines=effect_lines(effect, address_of_outcome(Level.ORGANIZATION, wish)),
        warnings=[wording.reason(one) for one in decision.warnings]))


def confirm(form: OrganizationToggleForm, unit: Organization) -> Response:
    """Write what was shown."""
    decision = toggle.turn(current_user, unit, form.wish, form.seen)
    if not decision.allowed:
        form.explain(decision)
        return page(form, 422)
    flash(gettext("Saved. It takes effect with the next text."))
    return make_response(redirect(url_for("admin.settings"), 303))
