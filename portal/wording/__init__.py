"""Rules, reasons and values in the reader's language. The English sentences are the message ids."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from flask import url_for
from flask_babel import get_locale, gettext, ngettext

from portal.extensions import current_settings, write_number
from portal.marks import N_, NP_
from portal.rules import BY_ID, Plural, Reason, Rule, Sentence, Standing, UserState, facts
from portal.rules.numbers import NumberKind, NumberProblem, format_number
from portal.rules.switches import EffectiveSetting, Level

from .consents import CONSENT_KINDS
from .moments import IN_FULL, format_clock, format_day, format_moment
from .places import name_of_place
from .settings import QUIET_RULES, REGISTRATIONS
from .spam import CASE_STATES, CATEGORIES
from .stored import stored_in_words

USER_STATES = {
    UserState.CAN_TEXT: N_("Can text"),
    UserState.RECEIVE_ONLY: N_("Receive only"),
    UserState.OFF: N_("Off"),
    UserState.NOT_AVAILABLE: N_("Not available"),
}
LEVELS = {Level.ORGANIZATION: N_("organization"), Level.LOCATION: N_("location"), Level.USER: N_("user")}
PSTN = {
    facts.Pstn.PROVIDER: N_("the provider's PSTN"),
    facts.Pstn.LOCAL_GATEWAY: N_("local gateway"),
    facts.Pstn.OTHER_PROVIDER: N_("another provider"),
    facts.Pstn.NOT_SET: N_("not set yet"),
}
CUSTOMERS = {
    facts.CustomerType.ENTERPRISE: N_("enterprise"),
    facts.CustomerType.ONLINE: N_("online"),
    facts.CustomerType.TRIAL: N_("trial"),
}
CAMPAIGNS = {
    facts.Campaign.NONE: N_("not registered"),
    facts.Campaign.PENDING: N_("in review"),
    facts.Campaign.ACTIVE: NP_("campaign", "active"),
    facts.Campaign.SUSPENDED: N_("suspended"),
    facts.Campaign.REJECTED: N_("rejected"),
}
KINDS = {
    NumberKind.EMERGENCY: N_("emergency number"),
    NumberKind.CRISIS_LINE: N_("crisis line"),
    NumberKind.SERVICE_CODE: N_("service code"),
    NumberKind.SHORT_CODE: N_("short code"),
    NumberKind.UNREADABLE: N_("not a phone number"),
    NumberKind.TOLL_FREE: N_("toll-free"),
    NumberKind.PREMIUM: N_("premium"),
    NumberKind.PERSONAL: N_("personal number"),
    NumberKind.OTHER_SPECIAL: N_("special number"),
    NumberKind.ABROAD: N_("abroad"),
    NumberKind.TERRITORY: N_("US territory"),
    NumberKind.PLAIN: N_("geographic or mobile"),
}
PROBLEMS = {
    NumberProblem.EMPTY: N_("Nothing was typed."),
    NumberProblem.LETTERS: N_("It contains letters."),
    NumberProblem.EXTENSION: N_("It has an extension, which cannot be texted."),
    NumberProblem.SPREADSHEET: N_(
        "A spreadsheet has shortened it and digits are lost. Format the column as text, enter the"
                                  " number again and save the file again."),
    NumberProblem.CHANGED: N_(
        "A spreadsheet has changed it. Format the column as text, enter the number again and save the"
                              " file again."),
    NumberProblem.SEVERAL: N_("There is more than one number. Enter only one."),
    NumberProblem.TOO_SHORT: N_("It is too short."),
    NumberProblem.TOO_LONG: N_("It is too long."),
    NumberProblem.NO_SUCH_AREA_CODE: N_("There is no such area code."),
    NumberProblem.NO_SUCH_NUMBER: N_("There is no such number."),
}
SUBJECTS = {
    facts.Subject.NUMBER: N_("the number"),
    facts.Subject.USER: N_("the user"),
    facts.Subject.ORGANIZATION: N_("the organization"),
}
CAUSES = {
    facts.Cause.FRAUD: N_("fraud"),
    facts.Cause.VOLUME: N_("too many texts"),
    facts.Cause.BURST: N_("too many texts at once"),
    facts.Cause.SPAM: N_("spam"),
    facts.Cause.CONTENT: N_("content that is not allowed"),
    facts.Cause.UNAUTHORIZED: N_("use that is not authorized"),
    facts.Cause.OTHER: N_("something else"),
}
RESTRAINTS = {facts.Restraint.BLOCK: N_("blocked"), facts.Restraint.THROTTLE: N_("slowed")}
NUMBER_SOURCES = {
    facts.NumberSource.CALLING_PLAN: N_("from the calling plan"),
    facts.NumberSource.OTHER: N_("not from the plan"),
}
LABELS: Mapping[type[StrEnum], Mapping[Any, str]] = {
    type(next(iter(labels))): labels
    for labels in (USER_STATES, LEVELS, PSTN, CUSTOMERS, CAMPAIGNS, REGISTRATIONS, QUIET_RULES,
                   KINDS, PROBLEMS, SUBJECTS, CAUSES, RESTRAINTS,
                   NUMBER_SOURCES, CONSENT_KINDS,
                   CATEGORIES, CASE_STATES)
}
TEXTS_SLOWED = N_("Your texts are slowed to %(rate)s a minute until %(until)s, because of %(cause)s.")
TEXTS_SLOWED_WITHOUT_END = N_("Your texts are slowed to %(rate)s a minute, because of %(cause)s. No end is set.")
USER_SLOWED = N_("Texts from %(name)s are slowed to %(rate)s a minute until %(until)s, because of %(cause)s.")
USER_SLOWED_WITHOUT_END = N_(
    "Texts from %(name)s are slowed to %(rate)s a minute, because of %(cause)s. No end is set.")
SETTING_WORDS = {
    "inherit": N_("no setting of its own"),
    "on": N_("on"),
    "off": N_("off"),
    "on-locked": N_("on, locked"),
    "off-locked": N_("off, locked"),
}
# Who set what counts, by the level and whether it is locked.
DECIDING_LEVELS = {
    (Level.USER, False): N_("set for this user"), (Level.USER, True): N_("set for this user, locked"),
    (Level.LOCATION, False): N_("set by %(place)s"), (Level.LOCATION, True): N_("set by %(place)s, locked"),
    (Level.ORGANIZATION, False): N_("set by the organization"),
    (Level.ORGANIZATION, True): N_("set by the organization, locked"),
}
# What stands for a value that is not there, by the name under which a sentence prints it.
NOTHING = {"until": N_("no end is set"), "registration": N_("as this portal is set"),
           "quiet_rule": N_("as this portal is set")}


@dataclass(frozen=True, slots=True)
class StateLabel:
    """A state in words: its key for the looks, its words, and what is added to them."""

    key: str
    label: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """What the reader can do about a reason: a link or a form."""

    label: str
    address: str = ""
    post: bool = False


@dataclass(frozen=True, slots=True)
class ReasonText:
    """A reason in the reader's language."""

    id: str
    sentence: str
    remedy: str
    anchor: str
    effect: str
    action: Button | None = None


def translate_sentence(sentence: Sentence, values: Mapping[str, Any] | None = None) -> str:
    """A sentence with its values in the reader's language; a plural is chosen by its count."""
    printed = {name: value_in_words(value, name) for name, value in (values or {}).items()}
    if isinstance(sentence, Plural):
        number = int((values or {})[sentence.count])
        # `num` is ngettext's own name for the count; the sentence prints it under the rule's name.
        return str(ngettext(sentence.one, sentence.many, number, **printed))
    return str(gettext(sentence, **printed)) if sentence else ""


def value_in_words(value: Any, name: str = "") -> str:
    """One value as a reader wants to see it, by its type."""
    if value is None:
        return str(gettext(NOTHING[name])) if name in NOTHING else "–"
    for kind, in_words in BY_TYPE:
        if isinstance(value, kind):
            return in_words(value)
    return stored_in_words(value) if name == "who" else str(value)


def name_of_country(code: str) -> str:
    """The name of a country in the reader's language; the code itself when it has no name."""
    return str(get_locale().territories.get(code, code))


def enum_in_words(member: StrEnum) -> str:
    """The word for a member of one of our enums."""
    return str(gettext(LABELS[type(member)][member])) if type(member) in LABELS else str(member)


def moment_in_words(at: datetime) -> str:
    """A moment in the reader's zone, short."""
    return format_moment(at, "d MMM y, HH:mm")


def day_in_words(day: date) -> str:
    """A day of the calendar, short; it has no hour and so no zone."""
    return str(format_day(day, "d MMM y"))


def full_moment_in_words(at: datetime) -> str:
    """A moment in the reader's zone, with seconds and the zone's name."""
    return format_moment(at, IN_FULL)


def titles_of_rules(ids: tuple[str, ...]) -> str:
    """The titles of some rules, as a list in one sentence."""
    return "; ".join(str(gettext(BY_ID[one].title)) for one in ids) or "–"


BY_TYPE: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (bool, lambda value: str(gettext("yes") if value else gettext("no"))),
    (facts.Country, name_of_country),
    (facts.Place, name_of_place),
    (StrEnum, enum_in_words),
    (int, write_number),
    (datetime, moment_in_words),
    (date, day_in_words),
    (time, format_clock),
    (facts.NumberFacts, lambda number: format_number(number.e164) if number.e164 else enum_in_words(number.kind)),
    (tuple, titles_of_rules),
)


def reason_in_words(reason: Reason, action: Button | None = None) -> ReasonText:
    """A reason with its sentence, its remedy and the address of its rule. A restriction gets a button to its notice."""
    anchor = url_for("notices.show_limitations", _anchor=reason.id)
    if action is None and reason.rule.about == "restriction":
        action = Button(str(gettext("Read the notice")), url_for("notices.show_notices", _anchor="restrictions"))
    return ReasonText(reason.id, translate_sentence(reason.notice, reason.values),
                      translate_sentence(reason.remedy, reason.values), anchor, reason.effect.value, action)


def slowdown_in_words(restrictions: Iterable[facts.RestrictionFacts], sender: str = "") -> str:
    """How fast texts leave under the strictest of the throttles, why and until when; "" where there is none.

    sender: the name of the user, where somebody else reads it.
    """
    throttles = [one for one in restrictions if one.restraint is facts.Restraint.THROTTLE and one.per_minute]
    strictest = min(throttles, key=lambda one: one.per_minute or 0, default=None)
    if strictest is None:
        return ""
    with_end, without = (USER_SLOWED, USER_SLOWED_WITHOUT_END) if sender else (TEXTS_SLOWED, TEXTS_SLOWED_WITHOUT_END)
    return translate_sentence(with_end if strictest.until else without, {
        "name": sender, "rate": strictest.per_minute, "cause": strictest.cause, "until": strictest.until})


def limitation_of_rule(rule: Rule, signed_in: bool) -> str:
    """The general sentence of a rule; thresholds that only serve abuse are veiled from strangers."""
    return translate_sentence(rule.limitation if signed_in or not rule.veiled else rule.veiled, limits_of_rule(rule))


def limits_of_rule(rule: Rule) -> dict[str, int]:
    """The limits of a rule in this portal: those of the table, unless a setting stands in for them."""
    return {**rule.limits, **current_settings().limits.get(rule.id, {})}


def standing_in_words(standing: Standing) -> StateLabel:
    """A standing in the words that are the same everywhere."""
    note = str(gettext("slowed")) if standing.slowed and standing.state is UserState.CAN_TEXT else ""
    return StateLabel(standing.state.value, enum_in_words(standing.state), note)


def deciding_level_in_words(effective: EffectiveSetting, place: str) -> str:
    """Who set what counts, and whether it is locked; `place` is the name of the user's location."""
    if effective.level is None:
        return str(gettext("nobody has turned it on yet"))
    return str(gettext(DECIDING_LEVELS[effective.level, bool(effective.locked)], place=place))
