"""Service settings: the switch for the whole organization, with its effect before anything is written."""

from collections.abc import Callable

from flask import Response, make_response, redirect, render_template, url_for
from flask_babel import gettext
from flask_login import current_user

from portal import wording
from portal.models import Organization
from portal.rules import BY_ID, IN_SHORT
from portal.rules.switches import Level
from portal.services.toggles import toggle
from portal.services.toggles.eligibility import OrganizationSnapshot
from portal.services.toggles.toggle import CurrentSetting, StaleSetting, ToggleOutcome
from portal.web.toast import tell_next_page

from . import bp
from .conflict import conflict_page
from .reasons import list_effect_lines
from .toggle_forms import OrganizationToggleForm


def address_of_outcome(level: Level, wish: toggle.SettingValue,
                       location: str | None = None) -> Callable[[ToggleOutcome], str]:
    """Where the users with an outcome of a change are listed."""
    return lambda outcome: url_for("admin.list_users", level=level.value, wish=toggle.setting_word(wish),
                                   outcome=outcome.value, location=location)


def toggle_form_of_organization(current: CurrentSetting) -> OrganizationToggleForm:
    """The form as things stand."""
    return OrganizationToggleForm(formdata=None, data={
        "on": bool(current.value.on), "locked": current.value.locked, "reason": current.value.reason,
        "version": current.version})


def settings_page(form: OrganizationToggleForm, code: int = 200) -> Response:
    """The page around a form."""
    current, short = toggle.current_setting(current_user.organization), IN_SHORT[:2]
    return make_response(render_template(
        "admin/settings.html", form=form, current=current, errors=form.errors, said=current.value,
        kept=" ".join(wording.translate_sentence(line.sentence, BY_ID[line.rules[0]].limits) for line in short)), code)


@bp.get("/settings")
def show_settings() -> Response:
    """The switch as it stands."""
    return settings_page(toggle_form_of_organization(toggle.current_setting(current_user.organization)))


@bp.post("/settings")
def change_organization_texting() -> Response:
    """Save shows the effect, Confirm writes, Back shows the form as it was filled in."""
    form, unit = OrganizationToggleForm(), current_user.organization
    if not form.validate_on_submit():
        return settings_page(form, 422)
    if form.step.data == "back":
        return settings_page(form)
    try:
        return confirm_organization_texting(
            form, unit) if form.step.data == "confirm" else preview_organization_texting(form, unit)
    except StaleSetting as stale:
        here, heading = url_for("admin.show_settings"), gettext("Service settings")
        return conflict_page(stale, "settings", here, here, heading, field="on")


def preview_organization_texting(form: OrganizationToggleForm, unit: Organization) -> Response:
    """The effect in exact numbers; nothing is written yet."""
    wish, current = toggle.tidy_setting(unit, form.wish), toggle.current_setting(unit)
    if current.version != form.seen:
        raise StaleSetting(unit, current, wish)
    snapshot = OrganizationSnapshot.read(unit.id)
    decision = toggle.judge_change(current_user, unit, wish, snapshot)
    if not decision.allowed:
        form.explain(decision)
        return settings_page(form, 422)
    effect = toggle.preview_change(unit, wish, snapshot)
    return make_response(render_template(
        "admin/settings_effect.html", form=form, wish=wish, effect=effect,
        lines=list_effect_lines(effect, address_of_outcome(Level.ORGANIZATION, wish)),
        warnings=[wording.reason_in_words(one) for one in decision.warnings]))


def confirm_organization_texting(form: OrganizationToggleForm, unit: Organization) -> Response:
    """Write the change that the reader saw in the preview."""
    answer = toggle.change_setting(current_user, unit, form.wish, form.seen)
    if not answer.allowed:
        form.explain(answer.decision)
        return settings_page(form, 422)
    tell_next_page(gettext("Saved. It takes effect with the next text."), undo=answer.undo)
    return make_response(redirect(url_for("admin.show_settings"), 303))
