"""The page of limitations and the same for machines, written from the rule table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

from flask import current_app, render_template, url_for
from flask_babel import gettext
from flask_login import current_user
from markupsafe import Markup

from portal import rules, wording
from portal.extensions import current_settings
from portal.rules import BY_ID, Act, Facts, Rule
from portal.rules.facts import CarrierFacts
from portal.rules.sentences import list_placeholders
from portal.services.carriers import desk
from portal.services.toggles import eligibility
from portal.web.public_pages import keep_words
from portal.wording import limitations, places

from .shown import LimitationsPage, QuietHoursPage

# In the order of what people want to do.
GROUPS = (Act.USE, Act.SWITCH, Act.SEND, Act.RECEIVE, Act.ANSWER, Act.REPORT, Act.INFORM)
# A change of more rules than these is told without a list of nearly all of them.
MOST_NAMED = 20
# The rule with a table of its own, which has a page of its own.
HOURLY = "quiet-hours"
NOTHING_APPLIES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class EditionFacts:
    """What decides what is said about rules, besides settings: the number of their edition, and what the carrier does.

    Rules change with their edition only.
    """

    number: int
    carrier: CarrierFacts

    @classmethod
    def read(cls) -> Self:
        """The present one. What a carrier does decides only about the crisis line, where texts to it leave at all."""
        crisis_line = eligibility.read_policy().route_crisis_line
        return cls(rules.EDITIONS[-1].number, desk.carrier_facts(desk.find_default_ref() if crisis_line else ""))

    def facts(self) -> Facts:
        """What a rule may read of this portal as a whole."""
        return Facts(policy=eligibility.read_policy(), carrier=self.carrier)


def remedy_address_of_rule(rule: Rule) -> str:
    """An address that belongs to a rule's remedy, if its setting is set; never a dead link."""
    settings = current_settings()
    known: dict[str, str] = {
        "registration": settings.registration_url, "offer": settings.offer_url,
        "report": url_for("spam.show_report_form")}
    return known.get(rule.about, "")


def describe_rule(rule: Rule, facts: Facts, known: bool, now: Mapping[str, str]) -> dict[str, Any]:
    """One rule as the page shows it; `now` says what applies to the reader at this moment, by rule id."""
    effect = rule.effect_under(facts)
    return {
        "id": rule.id, "title": gettext(rule.title),
        "sentence": wording.limitation_of_rule(rule, known),
        "effect": effect.value, "happens": limitations.effect_in_words(act_of_rule(rule), effect),
        "remedy": general_remedy_of_rule(rule),
        "source": gettext("Source: %(source)s", source=limitations.source_in_words(rule.source)),
        "address": remedy_address_of_rule(rule),
        "now": now.get(rule.id, ""), "has_hours": rule.id == HOURLY,
    }


def quiet_hours_of_rule(rule: Rule) -> list[Mapping[str, Any]]:
    """The table that belongs to the rule about quiet hours; nothing for any other rule."""
    rows = places.rows_of_quiet_hours() if rule.id == HOURLY else []
    return [places.hours_in_words(row, limitations.source_in_words(row.source)) for row in rows]


def general_remedy_of_rule(rule: Rule) -> str:
    """The remedy as far as it holds for everybody: one that prints values of a case says nothing without them."""
    return "" if list_placeholders(rule.remedy) else wording.translate_sentence(rule.remedy)


def act_of_rule(rule: Rule) -> Act:
    """Under which act a rule is listed: switching if it stops that, else the first that it stands for."""
    return Act.SWITCH if Act.SWITCH in rule.acts else next(act for act in GROUPS if act in rule.acts)


def reasons_for_reader() -> dict[str, str]:
    """What applies to the person who reads, by rule id; nothing for strangers and people without texting."""
    if not current_user.is_authenticated or current_user.location_id is None:
        return {}
    standing = eligibility.standing_of_user(current_user)
    reasons = (*standing.use.reasons, *standing.send.reasons)
    return {reason.id: wording.reason_in_words(reason).sentence for reason in reasons}


def list_rule_groups(shown: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What one may want to do, each with its rules as they are shown."""
    listed = [(act_of_rule(BY_ID[one["id"]]), one) for one in shown]
    groups = [{"title": gettext(limitations.ACTS[act]), "rules": [one for its, one in listed if its is act]}
              for act in GROUPS]
    return [group for group in groups if group["rules"]]


def limitations_page(edition: EditionFacts) -> str:
    """The page of every rule. What is the same for all who are signed in is made once, as the page of strangers is."""
    now = reasons_for_reader()
    if now:
        part = limitations_part(edition, known=True, now=now)
    else:
        part = keep_words(limitations_part, edition, current_user.is_authenticated)
    page = LimitationsPage(Markup(part))  # noqa: S704 - a template has written it
    return render_template("notices/limitations.html", page=page)


def limitations_part(edition: EditionFacts, known: bool, now: Mapping[str, str] = NOTHING_APPLIES) -> str:
    """All rules, and what changed; who is `known` reads every threshold, and `now` says what applies to the reader."""
    facts = edition.facts()
    shown = [(rule, describe_rule(rule, facts, known, now)) for rule in rules.RULES]
    return render_template(
        "notices/_limitations.html", groups=list_rule_groups(said for rule, said in shown if not rule.system),
        others=[said for rule, said in shown if rule.system], titles={rule.id: said["title"] for rule, said in shown},
        in_short=[(wording.translate_sentence(line.sentence, dict(BY_ID[line.rules[0]].limits)), line.rules)
                  for line in rules.IN_SHORT],
        edition=rules.EDITIONS[-1], about=wording.translate_sentence,
        editions=[(one, one.rules if len(one.rules) <= MOST_NAMED else ()) for one in rules.EDITIONS[:0:-1]])


def quiet_hours_page(_edition: int) -> str:
    """The page with the table of quiet hours."""
    rule = BY_ID[HOURLY]
    return render_template("notices/quiet_hours.html",
                           page=QuietHoursPage(gettext(rule.title), quiet_hours_of_rule(rule)))


def rules_as_json(edition: EditionFacts, known: bool) -> str:
    """The table for machines; who is `known` reads every threshold."""
    facts = edition.facts()
    return current_app.json.dumps([{
        "id": rule.id, "acts": [act.value for act in Act if act in rule.acts],
        "effect": rule.effect_under(facts).value, "source": limitations.source_in_words(rule.source),
        "limits": wording.limits_of_rule(rule) if known or not rule.veiled else {},
        "sentence": wording.limitation_of_rule(rule, known), "remedy": general_remedy_of_rule(rule),
        "hours": quiet_hours_of_rule(rule),
    } for rule in rules.RULES])
