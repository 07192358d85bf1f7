"""Reasons in a few words, for rows and beside a switch."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext

from portal.marks import N_
from portal.rules import BY_ID, Reason, Standing, UserState

from . import StateLabel, standing_in_words, translate_sentence
from .moments import format_moment

# What stops a user, by the id of the rule. Only rules about a person can stand beside a switch.
BRIEFLY: Mapping[str, str] = {
    "customer-type": N_("not an enterprise customer"),
    "calling-plan": N_("no calling plan"),
    "add-on": N_("no add-on"),
    "location-country": N_("location outside the US and Canada"),
    "location-pstn": N_("location without the provider's PSTN"),
    "primary-number": N_("no number"),
    "number-unconfirmed": N_("number not confirmed yet"),
    "number-coming": N_("number arrives on %(day)s"),
    "number-gone": N_("number left on %(day)s"),
    "number-source": N_("number not from the calling plan"),
    "account-inactive": N_("account deactivated"),
    "campaign": N_("campaign not active"),
    "app-version": N_("app version %(seen)s is too old"),
    "blocked": N_("blocked until %(day)s"),
    "hipaa-unacknowledged": N_("HIPAA notice not confirmed"),
}
BLOCKED_WITHOUT_END = N_("blocked")


def day_of_moment(at: datetime) -> str:
    """The day of a moment (UTC) in the reader's zone, short: 28 Nov 2026."""
    return format_moment(at, "d MMM y")


def reason_in_brief(reason: Reason) -> str:
    """What stops a person, in a few words without a full stop; the whole sentence for a rule without short words."""
    values: dict[str, Any] = dict(reason.values)
    if reason.id == "blocked":
        if values["until"] is None:
            return str(gettext(BLOCKED_WITHOUT_END))
        values["day"] = day_of_moment(values["until"])
    short = BRIEFLY.get(reason.id)
    return translate_sentence(short or reason.notice, values)


def rules_in_brief(ids: tuple[str, ...]) -> str:
    """What some rules are about, as a list in a few words each."""
    return ", ".join(str(gettext(BRIEFLY.get(one, BY_ID[one].title))) for one in ids)


def state_beside_switch(standing: Standing) -> StateLabel:
    """The state with what keeps a person from texting although the switch may be on: Not available: no number."""
    label = standing_in_words(standing)
    stops = next(iter(standing.decision.blocking), None)
    if stops is None or standing.state is UserState.OFF or stops.id == "texting-off":
        return label
    said = gettext("%(state)s: %(why)s", state=label.label, why=reason_in_brief(stops))
    return StateLabel(label.key, str(said), label.note)
