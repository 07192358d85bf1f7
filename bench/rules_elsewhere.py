"""The rules for sending a text once more, as two rule libraries from PyPI take them: JsonLogic, and rule-engine.

Each condition is written once, in JsonLogic, and translated for rule-engine. They read one flat dictionary
(`flatten_facts`), which is made beforehand: what this portal's rules compute from the facts, quiet hours for example,
stands in it as yes or no. tests/bench/test_rules_elsewhere.py holds that all three come to the same.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from portal.rules import Act, Facts, decide
from portal.rules.facts import Restraint
from portal.rules.numbers import HOME, SPECIAL, is_fictional_number
from portal.rules.quiet_hours import find_quiet
from portal.rules.table.sender import OLDEST_APP

Logic = Mapping[str, Any]


def _fact(name: str) -> Logic:
    return {"var": name}


def _compare(operator: str, name: str, other: Any) -> Logic:
    return {operator: [_fact(name), other]}


def _all(*parts: Logic) -> Logic:
    return {"and": list(parts)}


def _either(*parts: Logic) -> Logic:
    return {"or": list(parts)}


def _not(name: str) -> Logic:
    return {"!": [_fact(name)]}


def _kind(word: str) -> Logic:
    return _compare("==", "kind", word)


_ASSIGNED = _fact("assigned")
_PLAIN = _either(_kind("plain"), _kind("territory"))
CONDITIONS: Mapping[str, Logic] = {
    "emergency": _kind("emergency"),
    "crisis-line": _kind("crisis-line"),
    "customer-type": _compare("in", "customer_type", ["online", "trial"]),
    "calling-plan": _not("calling_plan"),
    "add-on": _not("add_on"),
    "location-country": {"!": [_compare("in", "country", sorted(HOME))]},
    "location-pstn": _compare("!=", "pstn", "provider"),
    "primary-number": _not("assigned"),
    "number-unconfirmed": _all(_ASSIGNED, _not("confirmed")),
    "number-coming": _all(_ASSIGNED, _fact("coming")),
    "number-gone": _all(_ASSIGNED, _fact("gone")),
    "number-leaving": _all(_ASSIGNED, _compare(">", "days_left", 0), _compare("<=", "days_left", 14)),
    "number-source": _all(_ASSIGNED, _either(_not("from_plan"), _compare("!=", "own_kind", "plain"))),
    "account-inactive": _not("active"),
    "texting-off": _not("texting_on"),
    "number-unreadable": _kind("unreadable"),
    "international": _kind("abroad"),
    "territory": _all(_kind("territory"), {"!": [_compare("in", "region", _fact("territories"))]}),
    "special-number": _compare("in", "kind", sorted(SPECIAL)),
    "own-number": _all(_compare("!=", "theirs", ""), _compare("==", "theirs", _fact("ours"))),
    "fiction-number": _all(_fact("real"), _PLAIN, _fact("fictional")),
    "mms": _compare(">", "attachments", 0),
    "empty": _not("visible"),
    "too-long": _compare(">", "segments", 10),
    "opted-out": _fact("opted_out"),
    "maybe-opted-out": _fact("perhaps_out"),
    "web-request-waits": _compare("<", "silence_seconds", 900),
    "carrier-blocked": _compare("in", "ours", _fact("blocked_from")),
    "campaign": _all(
        _compare("!=", "campaign", "active"), _compare("!=", "kind", "crisis-line"),
        _either(_compare("==", "registration", "all"),
                _all(_compare("==", "registration", "us-recipients"), _compare("!=", "region", "CA")))),
    "app-version": _compare("<", "app_version", OLDEST_APP["major"] * 1000 + OLDEST_APP["minor"]),
    "blocked": _fact("blocked"),
    "throttled": _compare(">", "pace_seconds", 0),
    "queue-full": _compare(">", "pace_seconds", 14_400),
    "burst": _compare(">", "texts_minute", 15),
    "repeated": _either(_compare(">=", "same_text", 15), _compare(">", "same_text", _fact("same_text_most"))),
    "daily-user": _compare(">", "texts_day", 500),
    "daily-recipients": _compare(">", "recipients_day", 100),
    "daily-brand": _all(_compare("!=", "region", "CA"), _compare(">", "brand_segments", _fact("brand_warns_at"))),
    "quiet-hours": _all(_not("wrote_lately"), _fact("quiet")),
    "web-asked": _compare("<", "asked_seconds", 2_592_000),
    "first-contact": _fact("first"),
    "no-consent": _all(_not("consent"), _either(_fact("consent_required"), _not("first")),
                       _compare(">=", "wrote_seconds", 2_592_000)),
    "unknown-area-code": _not("known"),
    "asks-for-keyword": _compare("!=", "asks_for", ""),
    "short-link": _compare("!=", "short_link", ""),
}
# For moments that never were, and for app versions that nobody knows.
LONG_AGO = 10**9


def text_for_rule_engine(logic: Any) -> str:
    """A condition in the language of rule-engine."""
    if not isinstance(logic, Mapping):
        return json.dumps(logic)
    ((operator, given),) = logic.items()
    if operator == "var":
        return str(given)
    parts = [text_for_rule_engine(one) for one in given]
    return f"(not {parts[0]})" if operator == "!" else f"({f' {operator} '.join(parts)})"


def flatten_facts(facts: Facts) -> dict[str, Any]:
    """The facts about a text of which every part is known, as words, numbers, yes and no."""
    return {**_of_sender(facts), **_of_text(facts), **_of_recipient(facts)}


def _of_sender(facts: Facts) -> dict[str, Any]:
    organization, number, now = facts.organization, facts.number, facts.now
    return {
        "customer_type": str(organization.customer_type), "calling_plan": organization.calling_plan,
        "add_on": organization.add_on, "campaign": str(organization.campaign),
        "registration": str(organization.registration), "same_text_most": organization.same_text_most,
        "brand_warns_at": organization.brand_tier * 0.8, "consent_required": organization.consent_required,
        "country": facts.location.country, "pstn": str(facts.location.pstn), "active": facts.user.active,
        "app_version": _version(facts.user.app_version), "assigned": number.assigned, "confirmed": number.confirmed,
        "coming": number.coming, "gone": number.gone, "days_left": number.days_left or LONG_AGO,
        "from_plan": number.from_plan, "own_kind": str(number.kind), "ours": number.e164,
        "texting_on": facts.setting.on, "blocked": any(one.restraint is Restraint.BLOCK for one in facts.restrictions),
        "pace_seconds": (facts.pace.place - now).total_seconds() if facts.pace else 0,
        "territories": sorted(facts.policy.territories), "real": facts.carrier.real,
    }


def _version(said: str) -> int:
    return sum(int(part) * unit for part, unit in zip(said.split("."), (1000, 1), strict=False)) if said else LONG_AGO


def _of_text(facts: Facts) -> dict[str, Any]:
    text, usage = facts.text, facts.usage
    return {
        "attachments": text.attachments, "visible": text.visible, "segments": text.segments,
        "asks_for": text.asks_for, "short_link": text.short_link, "texts_minute": usage.texts_minute,
        "texts_day": usage.texts_day, "recipients_day": usage.recipients_day,
        "same_text": usage.same_text_recipients, "brand_segments": usage.brand_segments_today,
    }


def _of_recipient(facts: Facts) -> dict[str, Any]:
    recipient, contact, now = facts.recipient, facts.contact, facts.now
    asked = facts.silence_asked_at
    return {
        "kind": str(recipient.kind), "region": recipient.region, "theirs": recipient.e164, "known": recipient.known,
        "fictional": is_fictional_number(recipient.e164), "opted_out": contact.opted_out_at is not None,
        "perhaps_out": contact.perhaps_out, "blocked_from": list(contact.blocked_from), "first": contact.first,
        "wrote_lately": contact.wrote_lately, "wrote_seconds": _since(now, contact.wrote_at),
        "consent": contact.consent is not None, "asked_seconds": _since(now, contact.asked_at),
        "quiet": find_quiet(contact.places, contact.zones, now) is not None,
        "silence_seconds": LONG_AGO if asked is None else abs(now - asked) / timedelta(seconds=1),
    }


def _since(now: Any, moment: Any) -> float:
    return LONG_AGO if moment is None else (now - moment).total_seconds()


def decided_here(facts: Facts) -> list[str]:
    """The ids of the rules that hold, by this portal."""
    return [reason.id for reason in decide(Act.SEND, facts).reasons]
