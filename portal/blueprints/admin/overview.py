"""The overview: who can text, what is in the way, what changed."""

from typing import Any

from flask import render_template, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user

from portal import wording
from portal.models import Organization
from portal.rules import Fixer, UserState
from portal.services import audit
from portal.services.people import notices
from portal.services.records import holds, requests
from portal.services.texting import brand_days, inbound, likely_optouts, stand_ins, web_decisions
from portal.services.toggles import checklist
from portal.services.toggles.checklist import ChecklistItem
from portal.services.toggles.eligibility import OrganizationSnapshot
from portal.wording import log

from . import bp
from .reasons import copy_request_button


def list_state_tiles(snapshot: OrganizationSnapshot) -> list[dict[str, Any]]:
    """The four states with their counts, each leading to its list."""
    counts = snapshot.counts()
    return [{"key": state.value, "label": wording.enum_in_words(state), "count": counts[state],
             "address": url_for("admin.list_users", texting=state.value)} for state in UserState]


def describe_checklist_item(item: ChecklistItem) -> dict[str, Any]:
    """One line of the checklist."""
    rule = item.rule
    places = ", ".join(location.name for location in item.locations)
    decided = rule.about == "restriction"
    ask = rule.fixer is Fixer.PROVIDER and current_user.admin and not decided
    sentence = wording.translate_sentence(rule.limitation, rule.limits)
    concerned = gettext("Concerns: %(places)s", places=places) if places else ""
    return {
        "title": gettext(rule.title), "sentence": sentence, "remedy": wording.translate_sentence(rule.remedy),
        "users": item.users,
        "locations": item.locations, "address": url_for("admin.list_users", rule=rule.id),
        "anchor": url_for("notices.show_limitations", _anchor=rule.id),
        "request": copy_request_button(rule, sentence, concerned) if ask else None, "decided": decided,
    }


def list_setup_steps(snapshot: OrganizationSnapshot, people: int) -> list[dict[str, str]]:
    """What a new organization has not set yet; each step with its page."""
    mine = snapshot.organization
    steps = (
        (not snapshot.locations, gettext("Add a location"), gettext("Users belong to a location."),
         "admin.add_location"),
        (people <= 1, gettext("Add users"), gettext("One by one, or many at once from a file."), "admin.add_user"),
        (not mine.reply_name, gettext("Set the name in automatic replies"),
         gettext("People who answer STOP or HELP see this name."), "admin.show_own_organization"),
        (not mine.help_contact, gettext("Set the help contact"),
         gettext("People who answer HELP get it."), "admin.show_own_organization"),
        (people > 0 and not any(setting.on for setting in snapshot.settings.values())
         and not snapshot.counts()[UserState.CAN_TEXT],
         gettext("Switch texting on"), gettext("For the whole organization, a location, or single users."),
         "admin.show_settings"),
    )
    return [*list_language_tasks(snapshot), *(
        {"title": title, "sentence": why, "address": url_for(view)} for open_, title, why, view in steps if open_)]


def list_language_tasks(snapshot: OrganizationSnapshot) -> list[dict[str, str]]:
    """One task about locations that may be in Quebec and whose language of answers nobody has chosen; [] without any.

    It leads to the first of them.
    """
    asked = [place for place in snapshot.places() if place.asks_language]
    return [{
        "title": ngettext("%(num)s location may be in Quebec", "%(num)s locations may be in Quebec", len(asked)),
        "sentence": gettext("People in Quebec have the right to be served in French. Choose the language of automatic"
                            " answers of %(place)s, then save, also if it stays as it is.", place=asked[0].name),
        "address": url_for("admin.show_location_answers", ref=asked[0].ref)}] if asked else []


def list_records_tasks() -> list[dict[str, str]]:
    """What about records waits for a person: holds to look at again, requests to release or refuse."""
    overdue = holds.count_overdue_holds(current_user.organization_id)
    asked = requests.count_requests_to_decide(current_user)
    left = stand_ins.count_unanswered_conversations(current_user.organization_id)
    tasks = (
        (overdue, ngettext("%(num)s hold is due for review", "%(num)s holds are due for review", overdue),
         gettext("End it if nobody needs the texts any more, or choose another day."), url_for("admin.list_holds")),
        (asked, ngettext("%(num)s records request waits for you", "%(num)s records requests wait for you", asked),
         gettext("A second person releases the texts or refuses them."), url_for("admin.list_records")),
        (left, ngettext("%(num)s open conversation of a deactivated person",
                        "%(num)s open conversations of deactivated people", left),
         gettext("Nobody answers there. On the page of the person you choose who does."),
         url_for("admin.list_users", rule="account-inactive")),
    )
    return [{"title": title, "sentence": why, "address": address} for many, title, why, address in tasks if many]


def count_organization_texts(organization: Organization) -> dict[str, int]:
    """Today's use of what the carriers allow, and what came in and was not seen."""
    unseen = inbound.count_unseen_texts(organization)
    return {"segments": brand_days.count_segments_today(organization), "tier": organization.brand_tier,
            "lost": unseen[inbound.UNSEEN[0]], "blocked": unseen[inbound.UNSEEN[1]],
            "likely": likely_optouts.count_for_admins(organization.id),
            "asked": web_decisions.count_waiting_requests(organization.id)}


@bp.get("/")
def show_overview() -> str:
    """Who can text, and what is in the way?"""
    snapshot = OrganizationSnapshot.read(current_user.organization_id)
    counted = list_state_tiles(snapshot)
    recent = audit.list_events(current_user.organization_id, without="signed-in", most=8)
    return render_template(
        "admin/overview.html", tiles=counted, **group_checklist_by_fixer(snapshot),
        texts=count_organization_texts(snapshot.organization),
        hipaa=notices.HIPAA if snapshot.organization.healthcare and not snapshot.hipaa else None,
        restricted=bool(snapshot.restrictions),
        steps=[*list_records_tasks(), *list_setup_steps(snapshot, sum(tile["count"] for tile in counted))],
        recent=[(event, log.event_in_words(*audit.event_sentence(event))) for event in recent])


def group_checklist_by_fixer(snapshot: OrganizationSnapshot) -> dict[str, list[dict[str, Any]]]:
    """The checklist by who can fix what. The HIPAA notice has a place of its own until it is confirmed."""
    asked = [item for item in checklist.list_checklist_items(snapshot) if item.rule.about != "hipaa" or snapshot.hipaa]
    return {"yours": [describe_checklist_item(item) for item in checklist.items_for_fixer(asked, Fixer.ADMIN)],
            "theirs": [describe_checklist_item(item) for item in checklist.items_for_fixer(asked, Fixer.PROVIDER)],
            "done": [describe_checklist_item(item) for item in asked if item.done]}
