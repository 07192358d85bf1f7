"""The audit log in words: the sentences are the log's own, the values get theirs here."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import format_decimal, gettext
from markupsafe import Markup, escape

from portal.marks import N_
from portal.rules.numbers import format_number

from . import (
    CAMPAIGNS,
    CAUSES,
    CUSTOMERS,
    NOTHING,
    NUMBER_SOURCES,
    PSTN,
    RESTRAINTS,
    SETTING_WORDS,
    day_in_words,
    moment_in_words,
)
from .consents import CONSENT_KINDS
from .fields import FIELDS
from .opening import ANSWER_LANGUAGES, opening_hours_in_words
from .settings import QUIET_RULES, REGISTRATIONS
from .stored import stored_in_words
from .texts import NOT_MEANT_REASONS

CHANGED_VALUES = {
    "True": N_("yes"), "False": N_("no"),
    **{member.value: label for labels in (PSTN, CUSTOMERS, CAMPAIGNS, NUMBER_SOURCES) for member,
       label in labels.items()},
}

# Fields whose words mean something else in other fields, or which may be empty.
CHANGED_CHOICES: Mapping[str, Mapping[str, str]] = {
    "registration": {**{member.value: label for member, label in REGISTRATIONS.items()},
                     "None": NOTHING["registration"]},
    "quiet_rule": {**{member.value: label for member, label in QUIET_RULES.items()}, "None": NOTHING["quiet_rule"]},
    "answer_language": {member.value: label for member, label in ANSWER_LANGUAGES.items()},
    "answers_unread": {"True": N_("yes"), "False": N_("no"), "None": N_("in healthcare only")},
}


def event_in_words(sentence: str, values: Mapping[str, Any], ours: Collection[str] = ()) -> str:
    """An event of the audit log as a sentence; the log keeps plain values, this gives them words.

    `ours` names the values that are words of the portal, not names that a person chose.
    """
    return str(gettext(sentence, **_values_in_words(values, ours))) + _undoing(values)


def event_as_markup(sentence: str, values: Mapping[str, Any], ours: Collection[str],
                    links: Mapping[str, str]) -> Markup:
    """The same sentence for a page: each value is escaped, and those with an address in `links` lead there."""
    linked = {name: Markup('<a href="{}">{}</a>').format(links[name], value) if links.get(name) else value
              for name, value in _values_in_words(values, ours).items()}
    return escape(str(gettext(sentence))) % linked + _undoing(values)


def _values_in_words(values: Mapping[str, Any], ours: Collection[str]) -> dict[str, str]:
    return {name: stored_in_words(value) if name in ours else _logged(name, value) for name, value in values.items()}


def _undoing(values: Mapping[str, Any]) -> str:
    return f" {gettext('This undid an earlier change.')}" if "undid" in values else ""


# Values that are kept as a word of an enum, by the name under which a sentence prints them.
NAMED: Mapping[str, Mapping[Any, str]] = {
    "restraint": RESTRAINTS, "cause": CAUSES, "consent": CONSENT_KINDS, "because": NOT_MEANT_REASONS,
}
ACTIONS = {
    "texting": N_("Texting turned on or off"), "organization-added": N_("Organization added"),
    "organization-changed": N_("Organization changed"), "location-added": N_("Location added"),
    "location-changed": N_("Location changed"), "user-added": N_("User added"), "user-changed": N_("Details changed"),
    "address-shared": N_("Address of two accounts"),
    "role-changed": N_("Role changed"), "number-assigned": N_("Number assigned"),
    "addresses-let-in": N_("New addresses let in again"), "number-claimed": N_("Number entered"),
    "number-confirmed": N_("Number confirmed"),
    "number-rejected": N_("Number not confirmed"), "number-removed": N_("Number removed"),
    "number-added": N_("Number added"), "number-dated": N_("Dates of a number changed"),
    "number-marked": N_("Number marked"),
    "deactivated": N_("Account deactivated"), "reactivated": N_("Account reactivated"),
    "inventory-taken": N_("Inventory uploaded"),
    "link-made": N_("Sign-in link made"),
    "link-shown": N_("Sign-in link shown"), "links-mailed": N_("Sign-in links sent by mail"),
    "password-chosen": N_("Password chosen"),
    "password-by-link": N_("Password chosen with a link"), "signed-in": N_("Signed in"),
    "acknowledged": N_("Notice confirmed"), "imported": N_("Users imported"),
    "import-undone": N_("Import undone"),
    "opt-outs-imported": N_("Opt-outs imported"),
    "links-downloaded": N_("Sign-in links downloaded"),
    "opt-out-added": N_("Opt-out added"), "opt-out-withdrawn": N_("Opt-out withdrawn"),
    "opt-out-decided": N_("Likely opt-out decided"), "opt-out-overdue": N_("Likely opt-out overdue"),
    "opt-out-undone": N_("Decision about a likely opt-out undone"),
    "opt-out-read": N_("Words of a likely opt-out read"), "opt-out-listed": N_("Likely opt-out listed"),
    "opt-out-web": N_("Opt-out on the web"),
    "opt-out-web-many": N_("Opt-out on the web, to be decided"),
    "opt-out-web-decided": N_("Request on the web decided"),
    "opt-out-web-overdue": N_("Request on the web overdue"),
    "opt-out-erased": N_("Number of an opt-out erased"),
    "consent-added": N_("Consent written down"), "consent-withdrawn": N_("Consent withdrawn"),
    "consent-corrected": N_("Consent corrected"),
    "opt-out-carrier": N_("Opt-out told by the carrier"),
    "called-back": N_("Called instead of texting"),
    "conversations-handed-over": N_("Conversations handed over"),
    "number-hold-set": N_("Hold set on a number"), "number-hold-renewed": N_("Hold on a number renewed"),
    "number-hold-ended": N_("Hold on a number ended"), "user-hold-set": N_("Hold set on a user"),
    "user-hold-renewed": N_("Hold on a user renewed"), "user-hold-ended": N_("Hold on a user ended"),
    "records-requested": N_("Texts asked for"), "records-released": N_("Texts released"),
    "records-refused": N_("Texts not released"), "records-read": N_("Released texts read"),
    "records-downloaded": N_("Released texts downloaded"), "records-hashes": N_("Hashes downloaded"),
    "restricted": N_("Restricted by an operator"), "restricted-by-reports": N_("Restricted by reports"),
    "restriction-extended": N_("Restriction extended"), "restriction-lifted": N_("Restriction lifted"),
    "appealed": N_("Appeal sent"), "appeal-kept": N_("Restriction kept after an appeal"),
    "carrier-added": N_("Carrier added"), "carrier-changed": N_("Carrier changed"),
    "carrier-secrets": N_("Secrets of a carrier typed"), "carrier-secrets-emptied": N_("Secrets of a carrier emptied"),
    "carrier-on": N_("Carrier turned on"), "carrier-off": N_("Carrier turned off"),
    "carrier-default": N_("Carrier takes all other texts"),
    "carrier-default-ended": N_("Carrier takes assigned texts only"), "carrier-removed": N_("Carrier removed"),
    "carrier-chosen": N_("Assigned to a carrier"), "carrier-left": N_("Assigned to no carrier of its own"),
    "number-carrier-chosen": N_("Number assigned to a carrier"),
    "number-carrier-left": N_("Number assigned to no carrier of its own"),
}


def action_in_words(name: str) -> str:
    """A kind of change in the audit log, in words."""
    return str(gettext(ACTIONS[name]))


def _logged(name: str, value: Any) -> str:
    if name in IN_WORDS:
        return IN_WORDS[name](value)
    if name in NAMED:
        return str(gettext(NAMED[name].get(value, value)))
    return str(format_decimal(value)) if isinstance(value, int) else str(value)


def _change(name: str, was: str, now: str) -> str:
    known = CHANGED_CHOICES.get(name, CHANGED_VALUES)
    words = IN_CHANGES.get(name, _plain)
    before, after = (str(gettext(known[one])) if one in known else words(one) for one in (was, now))
    # The settings of a carrier come with their label in place of a name: each kind of carrier has its own.
    return str(gettext("%(field)s: %(was)s → %(now)s.", field=gettext(FIELDS.get(name, name)), was=before, now=after))


def _plain(value: str) -> str:
    return value or "–"


def _day(value: str) -> str:
    return "–" if value in ("", "None") else day_in_words(date.fromisoformat(value))


# How the changed values of a field are put into words where they do not stand for themselves.
IN_CHANGES: Mapping[str, Callable[[str], str]] = {
    "from_on": _day, "until_on": _day, "opening_hours": opening_hours_in_words}
DEFAULT = N_("default setting")
DECIDED = {"yes": N_("yes"), "no": N_("no")}
# How a value is put into words, by the name under which a sentence prints it.
IN_WORDS: Mapping[str, Callable[[Any], str]] = {
    "was": lambda value: str(gettext(DEFAULT if value == "inherit" else SETTING_WORDS[value])),
    "now": lambda value: str(gettext(SETTING_WORDS[value])),
    "decided": lambda value: str(gettext(DECIDED[value])),
    "notice": str.upper, "maker": stored_in_words, "note": stored_in_words,
    "number": format_number,
    "until": lambda value: moment_in_words(datetime.fromisoformat(value)),
    "changes": lambda value: " ".join(_change(*one) for one in value),
}
