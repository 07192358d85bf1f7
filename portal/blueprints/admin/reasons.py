"""Reasons as administrators see them: each with the button that leads to its remedy."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from flask import url_for
from flask_babel import gettext
from flask_login import current_user

from portal import wording
from portal.marks import N_
from portal.models import Location, User
from portal.rules import Act, Decision, Reason
from portal.rules.facts import Lock
from portal.rules.numbers import format_number
from portal.rules.sentences import Plural, make_plural
from portal.rules.standing import TOGGLE
from portal.rules.switches import EffectiveSetting, Level
from portal.services.people import numbers
from portal.services.toggles import toggle
from portal.services.toggles.toggle import ToggleOutcome, TogglePreview
from portal.wording import Button, ReasonText, switches
from portal.wording.picks import PickButton

from .forms import UserNumberForm
from .provider_request import ASKS, ask_provider_button

OUTCOME_SENTENCES: Mapping[ToggleOutcome, Plural] = {
    ToggleOutcome.TURN_ON: make_plural(N_("%(count)s person gets texting."), N_("%(count)s people get texting."),
                                       "count"),
    ToggleOutcome.TURN_OFF: make_plural(N_("%(count)s person loses texting."), N_("%(count)s people lose texting."),
                                        "count"),
    ToggleOutcome.OWN_WORD: make_plural(N_("%(count)s has their own setting and keeps it."),
                                        N_("%(count)s have their own setting and keep it."), "count"),
    ToggleOutcome.UNCHANGED: make_plural(N_("%(count)s person stays as they are."),
                                         N_("%(count)s people stay as they are."), "count"),
    ToggleOutcome.NOT_AVAILABLE: make_plural(N_("%(count)s person cannot text anyway."),
                                             N_("%(count)s people cannot text anyway."), "count"),
}


def button_to_location(user: User) -> Button | None:
    """The button that leads to the user's location."""
    if user.location is None:
        return None
    return Button(gettext("Go to the location"), url_for("admin.show_location", ref=user.location.ref))


def address_of_level(level: Level, location: Location | None) -> str:
    """Where the setting of the organization or of a location is made; "" for a user, whose own page is the place."""
    if level is Level.ORGANIZATION:
        return url_for("admin.show_settings")
    return url_for("admin.show_location", ref=location.ref) if level is Level.LOCATION and location else ""


def lock_in_parts(lock: Lock | None, location: Location | None) -> tuple[str, str, str]:
    """Who locked a broader level, why, and the address of the lock; each "" where nobody has."""
    if lock is None:
        return "", "", ""
    return switches.lock_in_words(lock), lock.reason, address_of_level(lock.level, location)


def button_to_assign(user: User) -> Button:
    """The button that assigns one of the free numbers at once; without any it leads to the field for a number."""
    form, free = UserNumberForm.of(user), numbers.list_free_numbers(current_user)
    if not free:
        return Button(gettext("Assign number"), url_for("admin.show_user", ref=user.ref, _anchor="number"))
    return PickButton(gettext("Assign"), url_for("admin.assign_number", ref=user.ref), field=form.number.name,
                      choices=[(one, format_number(one)) for one in free],
                      hidden=(form.held.name, form.held.data or ""))


def button_to_hipaa_notice(back: str) -> Button:
    """The button that leads to the notice to confirm, and from there back to a page of this portal."""
    return Button(gettext("Read the HIPAA notice"), url_for("notices.show_notices", back=back, _anchor="notice-hipaa"))


def explain_refusal(decision: Decision, back: str) -> list[ReasonText]:
    """Why a press changed nothing; `back` is the page of the switch, to which the reader comes back."""
    def way_on(reason: Reason) -> Button | None:
        return button_to_hipaa_notice(back) if reason.rule.about == "hipaa" else None

    return [wording.reason_in_words(reason, way_on(reason)) for reason in decision.blocking]


def button_to_deciding_level(user: User, reason: Reason) -> Button | None:
    """The button that leads to the level at which texting is off; None where the user's own page is the place."""
    level = reason.values.get("level")
    if level is Level.ORGANIZATION:
        return Button(gettext("Go to the service settings"), url_for("admin.show_settings"))
    return button_to_location(user) if level is Level.LOCATION else None


def button_for_reason(user: User, reason: Reason) -> Button | None:
    """What an administrator can do about a reason; auditors only read."""
    if not current_user.admin:
        return None
    page = url_for("admin.show_user", ref=user.ref)
    by_about: dict[str, Callable[[], Button | None]] = {
        "location": lambda: button_to_location(user),
        "user-location": lambda: button_to_location(user),
        # In rules about sending, it is the number that the text would go to.
        "number": lambda: button_to_assign(user) if Act.USE in reason.rule.acts else None,
        "account": lambda: Button(gettext("Go to the account"), f"{page}#account"),
        "hipaa": lambda: button_to_hipaa_notice(page),
        "word": lambda: button_to_deciding_level(user, reason),
        # Who decided it reads an appeal, not a request.
        "restriction": lambda: None,
    }
    if reason.rule.about in by_about:
        return by_about[reason.rule.about]()
    return ask_provider_button() if reason.rule.id in ASKS else None


def explain_reasons(user: User, reasons: Iterable[Reason],
                    effective: EffectiveSetting | None = None) -> list[ReasonText]:
    """Reasons with their buttons; with the setting that counts, "texting is off" names who did it, and where to turn it
    on."""
    told = [wording.reason_in_words(reason, button_for_reason(user, reason)) for reason in reasons]
    return [name_who_turned_off(one, user, effective) if effective and one.id == TOGGLE else one for one in told]


def name_who_turned_off(told: ReasonText, user: User, effective: EffectiveSetting) -> ReasonText:
    """The reason that texting is off, with person, place and day, and what the administrator presses to turn it on."""
    on = gettext("Turn it on above.")
    unit = {Level.USER: user, Level.LOCATION: user.location, Level.ORGANIZATION: user.organization,
            None: None}[effective.level]
    if unit is None:
        return replace(told, sentence=str(gettext("Nobody has turned texting on yet.")), remedy=on)
    current = toggle.current_setting(unit)
    remedy = gettext("%(place)s is locked. Unlock it there first.", place=unit.name) if effective.locked else on
    return replace(told, remedy=remedy if current_user.admin else told.remedy, sentence=switches.turned_off_in_words(
        unit.name, current.by, current.at or user.created_at, locked=effective.locked))


def outcome_in_words(outcome: ToggleOutcome, count: int) -> str:
    """How many users a change meets in one way."""
    return wording.translate_sentence(OUTCOME_SENTENCES[outcome], {"count": count})


def list_effect_lines(effect: TogglePreview, address: Callable[[ToggleOutcome], str]) -> list[dict[str, str]]:
    """What a change does, one line an outcome, each with the address of the list of those users."""
    return [{"words": outcome_in_words(outcome, effect.counts[outcome]), "address": address(outcome)}
            for outcome in OUTCOME_SENTENCES if effect.counts[outcome]]
