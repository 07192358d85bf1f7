"""Views of limitations, notices and privacy. Every sentence comes from the rule table."""

from collections.abc import Mapping
from typing import Any

from flask import (
    Response,
    abort,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext
from flask_login import current_user

from portal import rules, wording
from portal.extensions import current_settings
from portal.rules import Act, Effect, Facts, Rule
from portal.rules.sentences import list_placeholders
from portal.services.carriers import desk
from portal.services.people import notices as service
from portal.services.records import requests as records
from portal.services.toggles import eligibility
from portal.services.upkeep import retention
from portal.web.htmx import path_on_this_site
from portal.wording import accessibility, limitations, places

from . import bp
from .appeals import reader_restrictions_context
from .shown import AccessibilityPage

# In the order of what people want to do.
GROUPS = (Act.USE, Act.SWITCH, Act.SEND, Act.RECEIVE, Act.ANSWER, Act.REPORT, Act.INFORM)


def effect_of_rule(rule: Rule) -> Effect:
    """The effect under this portal's settings and with its carrier."""
    policy = eligibility.read_policy()
    # What a carrier does decides only about the crisis line, where texts to it leave at all.
    carrier = desk.carrier_facts(desk.find_default_ref() if policy.route_crisis_line else "")
    return rule.effect_under(Facts(policy=policy, carrier=carrier))


def remedy_address_of_rule(rule: Rule) -> str:
    """An address that belongs to a rule's remedy, if its setting is set; never a dead link."""
    settings = current_settings()
    known: dict[str, str] = {
        "registration": settings.registration_url, "offer": settings.offer_url,
        "report": url_for("spam.show_report_form")}
    return known.get(rule.about, "")


def describe_rule(rule: Rule, now: Mapping[str, str]) -> dict[str, Any]:
    """One rule as the page shows it; `now` says what applies to the reader at this moment, by rule id."""
    effect = effect_of_rule(rule)
    return {
        "id": rule.id, "title": gettext(rule.title),
        "sentence": wording.limitation_of_rule(rule, current_user.is_authenticated),
        "effect": effect.value, "happens": limitations.effect_in_words(act_of_rule(rule), effect),
        "remedy": general_remedy_of_rule(rule),
        "source": gettext("Source: %(source)s", source=limitations.source_in_words(rule.source)),
        "address": remedy_address_of_rule(rule),
        "now": now.get(rule.id, ""), "hours": quiet_hours_of_rule(rule),
    }


def quiet_hours_of_rule(rule: Rule) -> list[Mapping[str, Any]]:
    """The table that belongs to the rule about quiet hours; nothing for any other rule."""
    rows = places.rows_of_quiet_hours() if rule.id == "quiet-hours" else []
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


def list_rule_groups(now: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """What one may want to do, each with its rules; `now` says what applies to the reader, by rule id."""
    shown = [rule for rule in rules.RULES if not rule.system]
    groups = [{"title": gettext(limitations.ACTS[act]),
               "rules": [describe_rule(rule, now) for rule in shown if act_of_rule(rule) is act]} for act in GROUPS]
    return [group for group in groups if group["rules"]]


@bp.get("/limitations")
def show_limitations() -> str:
    """Every rule, grouped by what one wants to do. No query for a reader who is not signed in."""
    now = reasons_for_reader()
    return render_template(
        "notices/limitations.html", groups=list_rule_groups(now), edition=rules.EDITIONS[-1],
        titles={rule.id: gettext(rule.title) for rule in rules.RULES},
        in_short=[(wording.translate_sentence(line.sentence, dict(rules.BY_ID[line.rules[0]].limits)), line.rules)
                  for line in rules.IN_SHORT],
        others=[describe_rule(rule, now) for rule in rules.RULES if rule.system], editions=rules.EDITIONS[:0:-1],
        about=wording.translate_sentence)


@bp.get("/limitations/rules.json")
def export_rules() -> Response:
    """The table for machines, in the reader's language."""
    known = current_user.is_authenticated
    return jsonify([{
        "id": rule.id, "acts": [act.value for act in Act if act in rule.acts], "effect": effect_of_rule(rule).value,
        "source": limitations.source_in_words(rule.source),
        "limits": wording.limits_of_rule(rule) if known or not rule.veiled else {},
        "sentence": wording.limitation_of_rule(rule, known), "remedy": general_remedy_of_rule(rule),
        "hours": quiet_hours_of_rule(rule),
    } for rule in rules.RULES])


@bp.get("/notices")
def show_notices() -> str:
    """Restrictions on the reader, notices to confirm, and what changed."""
    user = current_user._get_current_object()
    asked = [(notice, service.find_confirmation(user, notice)) for notice in service.notices_for_user(user)]
    return render_template(
        "notices/notices.html", asked=asked,
        back=path_on_this_site(request.args.get("back", "")),
        unread=sum(done is None and service.may_confirm_notice(user, notice) for notice, done in asked),
        **reader_restrictions_context(), releases=records.list_releases_about(user),
        editions=rules.EDITIONS[::-1], about=wording.translate_sentence)


@bp.post("/notices")
def confirm_notice() -> Response:
    """Confirm a notice in the version that was shown."""
    notice, user = service.NOTICES.get(request.form.get("notice", "")), current_user._get_current_object()
    if notice is None:
        abort(404)
    if not service.store_confirmation(user, notice, request.form.get("version", 0, int)):
        flash(gettext("The notice has changed since you opened the page. Read it again, then confirm it."))
    elif service.may_confirm_notice(user, notice):
        flash(gettext("Your confirmation is saved."))
    else:
        flash(gettext("You need not confirm this notice, so nothing was saved."))
    return make_response(redirect(path_on_this_site(request.form.get("back", "")) or url_for("notices.show_notices"),
                                  303))


@bp.get("/privacy")
def show_privacy() -> str:
    """Who runs this, what is stored, who reads it, how long."""
    return render_template("notices/privacy.html", days=rules.BY_ID["retention-400"].limits["days"],
                           unmatched=retention.UNMATCHED_KEPT.days)


@bp.get("/accessibility")
def show_accessibility() -> str:
    """What is tested, what is not, and whom to tell what does not work."""
    page = AccessibilityPage(accessibility.STATED_ON, accessibility.REVIEW_ON)
    return render_template("notices/accessibility.html", page=page)
