"""Changes to many users at once: first the effect, then Confirm."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user

from portal import wording
from portal.extensions import now
from portal.services import audit
from portal.services.refusals import Changed, EffectChanged
from portal.services.toggles import toggle
from portal.services.toggles.bulk import MOST_AT_ONCE, BulkChange, change_many_settings
from portal.services.toggles.eligibility import OrganizationSnapshot
from portal.services.toggles.long_changes import ChangeUnderWay
from portal.services.toggles.toggle import SettingValue, ToggleOutcome
from portal.services.toggles.user_list import UserChoice
from portal.web.toast import Tone, tell_next_page
from portal.wording.effects import EFFECT_CHANGED

from . import bp
from .bulk_words import LEFT_ALONE, USERS_CHANGED
from .long_changes import change_under_way
from .reasons import list_effect_lines
from .toggle_forms import SWITCH_OF_CHOICE
from .users import filters_in_use, read_user_filters, user_list_address


@bp.post("/users")
def change_many_users() -> Response:
    """Change many; Back leads to the list with its filters."""
    chosen, word, step = read_selected_users(), request.form.get("bulk"), request.form.get("step")
    if step == "back" or word not in SWITCH_OF_CHOICE:
        return redirect_to_user_list(chosen)
    if not chosen.refs and not request.form.get("everybody"):
        tell_next_page(gettext("Select at least one user first, or choose all users on this filter."), Tone.NOTHING)
        return redirect_to_user_list(chosen)
    wish = SettingValue(SWITCH_OF_CHOICE[word])
    return confirm_bulk_change(wish, chosen) if step == "confirm" else preview_bulk_change(wish, chosen)


def read_selected_users() -> UserChoice:
    """The users who were selected, or all on the filter."""
    chosen = read_user_filters(request.form)
    return chosen if request.form.get("everybody") else replace(chosen, refs=tuple(request.form.getlist("user")))


def redirect_to_user_list(chosen: UserChoice) -> Response:
    """Back to the list as it was filtered."""
    return make_response(redirect(user_list_address(chosen), 303))


def preview_bulk_change(wish: SettingValue, chosen: UserChoice, problem: str = "") -> Response:
    """The effect of a change to many, and why it is refused if it is; nothing is written."""
    shown_at = now()
    snapshot = OrganizationSnapshot.read(current_user.organization_id)
    decision, effect = toggle.judge_bulk_change(current_user, wish, chosen.conditions(snapshot), snapshot)
    page = render_template(
        "admin/bulk.html", chosen=chosen, filters=filters_in_use(chosen), word=toggle.setting_word(wish),
        problem=problem, in_steps=effect.counts.total() > MOST_AT_ONCE,
        seen=audit.newest_event_id(current_user.organization_id), shown=effect.counts.total(), allowed=decision.allowed,
        shown_at=shown_at.isoformat(),
        lines=list_effect_lines(effect, address_of_bulk_outcome(wish, chosen)),
        errors=bool(problem) or not decision.allowed,
        reasons=[wording.reason_in_words(reason) for reason in decision.reasons])
    return make_response(page, 409 if problem else 200 if decision.allowed else 422)


def address_of_bulk_outcome(wish: SettingValue, chosen: UserChoice) -> Callable[[ToggleOutcome], str]:
    """Where the users with an outcome are listed; selected ones, and those of a list of this kind, are not."""
    if chosen.refs or chosen.outcome:
        return lambda _outcome: ""
    return lambda outcome: user_list_address(chosen, level="user", wish=toggle.setting_word(wish),
                                             outcome=outcome.value)


def confirm_bulk_change(wish: SettingValue, chosen: UserChoice) -> Response:
    """Write the change to many users; a user whom another person changed since the page was shown stays as they are."""
    # No page has shown an event that came later than the newest one.
    newest = audit.newest_event_id(current_user.organization_id)
    seen, shown = max(0, min(request.form.get("seen", 0, int), newest)), request.form.get("shown", 0, int)
    try:
        answer = change_many_settings(current_user, wish, chosen, seen, shown, read_moment_shown())
    except ChangeUnderWay as running:
        tell_next_page(change_under_way(), Tone.NOTHING)
        return redirect_to_long_change(running.ref)
    except EffectChanged:
        return preview_bulk_change(wish, chosen, gettext(EFFECT_CHANGED))
    except Changed:
        return preview_bulk_change(wish, chosen, gettext(
            "More users are on this filter now than the page showed. Nothing was saved; this is the effect now."))
    if not answer.decision.allowed:
        return preview_bulk_change(wish, chosen)
    if answer.begun:
        return redirect_to_long_change(answer.begun)
    tell_bulk_change(answer)
    return redirect_to_user_list(chosen)


def read_moment_shown() -> datetime | None:
    """When the page was shown, as it says itself; None where it says no moment of the last year."""
    try:
        moment = datetime.fromisoformat(request.form.get("shown_at", "")).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if now() - timedelta(days=365) < moment <= now() else None


def redirect_to_long_change(ref: str) -> Response:
    """To the page that shows how far a change of many users is."""
    return make_response(redirect(url_for("admin.show_long_change", ref=ref), 303))


def tell_bulk_change(answer: BulkChange) -> None:
    """Let the next page tell how many were changed, and how many left alone."""
    if answer.changed:
        tell_next_page(wording.translate_sentence(USERS_CHANGED, {"count": answer.changed}), undo=answer.undo)
    elif not answer.left:
        tell_next_page(gettext("They all have this setting already."))
    if answer.left:
        tell_next_page(wording.translate_sentence(LEFT_ALONE, {"count": answer.left}), Tone.NOTHING)
