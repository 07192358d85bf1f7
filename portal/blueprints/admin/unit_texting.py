"""The switch of a location or of the organization: a press shows its exact effect in place, then a button does it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Response, make_response, render_template, url_for
from flask_babel import gettext
from flask_login import current_user

from portal import wording
from portal.models import Location, Organization
from portal.rules import Decision
from portal.rules.switches import Level
from portal.services.refusals import EffectChanged
from portal.services.toggles import toggle
from portal.services.toggles.eligibility import OrganizationSnapshot, profile_at_location
from portal.services.toggles.toggle import ChangedSetting, SettingValue, StaleSetting, ToggleOutcome, TogglePreview
from portal.web.htmx import respond, wants_part
from portal.wording import ReasonText, effects, switches

from .conflict import conflict_page
from .reasons import explain_refusal, list_effect_lines, lock_in_parts
from .toggle_forms import UnitToggleForm
from .user import history_of


@dataclass(frozen=True, slots=True)
class UnitPlace:
    """Where a switch stands: its unit, the address that takes a press, its page, and how that is rendered."""

    unit: Organization | Location
    location: Location | None
    part_id: str
    address: str
    back: str
    title: str
    heading: str
    label: str
    lock_label: str
    render: Callable[[OrganizationSnapshot, Mapping[str, Any]], str]


@dataclass(frozen=True, slots=True)
class UnitEffect:
    """What a press would do: the question, its lines with addresses, settings that a lock overrules, and the button.

    `mark` stands for its figures. `problem` says why it is shown once more, or is "".
    """

    question: str
    lines: Sequence[dict[str, str]]
    ignored: int
    warnings: Sequence[ReasonText]
    button: str
    mark: str
    problem: str


@dataclass(frozen=True, slots=True)
class UnitTexting:
    """The part about texting of a location or the organization.

    `on` is the setting that holds there; `own` says who set it, "" where nothing is set; `default` what a location
    gets without it. `locked` names the broader level that is locked, or is "". `stored` is the word of its own setting.
    """

    place: UnitPlace
    form: UnitToggleForm
    on: bool
    stored: str
    own_lock: SettingValue
    version: int
    own: str
    default: str
    locked: str
    lock_reason: str
    lock_address: str
    effect: UnitEffect | None
    refused: Sequence[ReasonText]


def word_of_setting(setting: SettingValue) -> str:
    """The word of a form for a setting."""
    return {None: "inherit", True: "on", False: "off"}[setting.on]


def describe_unit_texting(place: UnitPlace, form: UnitToggleForm, snapshot: OrganizationSnapshot,
                          effect: UnitEffect | None = None, refused: Sequence[ReasonText] = ()) -> UnitTexting:
    """What the part shows: the truth, whatever was pressed."""
    current, lock = toggle.setting_in_snapshot(snapshot, place.unit), toggle.lock_over_unit(place.unit, snapshot)
    form.locked.label.text = place.lock_label
    on, default = describe_default(place.location, current.value, snapshot)
    own = current.value.on is not None
    return UnitTexting(
        place, form, on, word_of_setting(current.value) if own or default else "off", current.value, current.version,
        switches.set_by_in_words(current.value.on, current.by, current.at) if own else "", default,
        *lock_in_parts(lock, None), effect=effect, refused=refused)


def describe_default(location: Location | None, own: SettingValue,
                     snapshot: OrganizationSnapshot) -> tuple[bool, str]:
    """The setting that holds, and what a location follows, or would get without a setting of its own."""
    if location is None:
        return bool(own.on), ""
    profile = profile_at_location(location)
    told = switches.followed_in_words if own.on is None else switches.default_in_words
    return snapshot.effective(profile).on, told(snapshot.broader_setting(profile, Level.LOCATION), "")


def fresh_unit_form(place: UnitPlace, snapshot: OrganizationSnapshot) -> UnitToggleForm:
    """The form of the lock as things stand."""
    value = toggle.setting_in_snapshot(snapshot, place.unit).value
    return UnitToggleForm(formdata=None, data={"locked": value.locked, "reason": value.reason})


def show_unit(place: UnitPlace) -> Response:
    """The page as things stand."""
    snapshot = OrganizationSnapshot.read(current_user.organization_id)
    return render_unit(place, describe_unit_texting(place, fresh_unit_form(place, snapshot), snapshot), snapshot)


def render_unit(place: UnitPlace, texting: UnitTexting, snapshot: OrganizationSnapshot, code: int = 200) -> Response:
    """The part for htmx, else the page, with nothing changed."""
    context: dict[str, Any] = {"texting": texting, "errors": code != 200}
    if wants_part():
        part = render_template("admin/_unit_texting.html", **context)
        return make_response(part + render_template("shared/_said.html", title=place.title, errors=code != 200,
                                                    toasts=[]), code)
    return make_response(place.render(snapshot, {**context, "history": history_of(place.unit)}), code)


def answer_press(place: UnitPlace) -> Response:
    """A press shows the effect, its button does it, and Cancel shows the page as it is."""
    form = UnitToggleForm()
    if form.step.data == "cancel":
        return show_unit(place)
    if not form.validate_on_submit():
        snapshot = OrganizationSnapshot.read(current_user.organization_id)
        return render_unit(place, describe_unit_texting(place, form, snapshot), snapshot, 422)
    try:
        return answer_confirm(place, form) if form.step.data == "confirm" else preview_press(place, form)
    except StaleSetting as stale:
        return conflict_page(stale, place.part_id, place.address, place.back, place.title)


def answer_confirm(place: UnitPlace, form: UnitToggleForm) -> Response:
    """Do what the reader saw, or show the effect once more where it is another by now."""
    try:
        return confirm_press(place, form, form.effect.data or "")
    except EffectChanged:
        return preview_press(place, form, gettext(effects.EFFECT_CHANGED))


def preview_press(place: UnitPlace, form: UnitToggleForm, problem: str = "") -> Response:
    """The effect in exact numbers. Where the setting is as asked for, or a lock turns nobody on or off, it is done.

    `problem` says why an effect that was shown is shown once more, or is "".
    """
    wish, current = toggle.tidy_setting(place.unit, form.wish), toggle.current_setting(place.unit)
    if current.value != wish and current.version != form.seen:
        raise StaleSetting(place.unit, current, wish)
    snapshot = OrganizationSnapshot.read(current_user.organization_id)
    decision = toggle.judge_change(current_user, place.unit, wish, snapshot)
    if not decision.allowed:
        return refuse_press(place, decision, snapshot)
    preview = toggle.preview_change(place.unit, wish, snapshot)
    if current.value == wish or (form.step.data == "lock" and not count_turned(preview)):
        return confirm_press(place, form)
    effect = describe_effect(place, wish, current.value, preview, decision)
    shown = describe_unit_texting(place, form, snapshot, replace(effect, problem=problem))
    return render_unit(place, shown, snapshot, 409 if problem else 200)


def count_turned(preview: TogglePreview) -> int:
    """How many people a change turns on or off."""
    return preview.counts[ToggleOutcome.TURN_ON] + preview.counts[ToggleOutcome.TURN_OFF]


def describe_effect(place: UnitPlace, wish: SettingValue, current: SettingValue, preview: TogglePreview,
                    decision: Decision) -> UnitEffect:
    """What the reader is asked, with the list behind each figure."""
    at = place.location.ref if place.location else None
    level = toggle.level_of_unit(place.unit)
    act = effects.act_of_change(current, wish)
    return UnitEffect(
        effects.question_of_act(act, place.unit.name),
        list_effect_lines(preview, lambda outcome: url_for(
            "admin.list_users", level=level.value, wish=toggle.setting_word(wish), outcome=outcome.value, location=at)),
        preview.ignored, [wording.reason_in_words(one) for one in decision.warnings],
        effects.button_of_act(act, count_turned(preview)), preview.mark, problem="")


def refuse_press(place: UnitPlace, decision: Decision, snapshot: OrganizationSnapshot) -> Response:
    """The page as it is, with every reason why nothing was changed."""
    refused = explain_refusal(decision, place.back)
    return render_unit(place, describe_unit_texting(place, fresh_unit_form(place, snapshot), snapshot, refused=refused),
                       snapshot, 422)


def confirm_press(place: UnitPlace, form: UnitToggleForm, shown: str = "") -> Response:
    """Do what the reader saw, by the mark of its effect; the toast says what became of it. Raises EffectChanged."""
    answer: ChangedSetting = toggle.change_setting(current_user, place.unit, form.wish, form.seen, shown)
    snapshot = OrganizationSnapshot.read(current_user.organization_id)
    if not answer.allowed:
        return refuse_press(place, answer.decision, snapshot)
    texting = describe_unit_texting(place, fresh_unit_form(place, snapshot), snapshot)
    said = effects.done_in_words(place.unit.name, texting.on, count_turned(answer.effect))
    context = {"texting": texting, "history": history_of(place.unit)}
    return respond("admin/settings.html", "admin/_unit_answer.html", context, title=place.title, go=place.back,
                   said=said, undo=answer.undo)
