"""The overview: who can text, what waits for whom, how many texts there were, what changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, url_for
from flask_babel import format_decimal, gettext, ngettext
from flask_login import current_user
from markupsafe import Markup

from portal import wording
from portal.models import AuditEvent
from portal.rules import Fixer, UserState
from portal.services import audit, waiting
from portal.services.toggles import checklist
from portal.services.toggles.checklist import Progress
from portal.services.toggles.eligibility import OrganizationSnapshot
from portal.wording import log

from . import bp, tasks
from .tasks import Task
from .text_chart import show_text_chart


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """The answer in words, the four counts, tasks by who can do them, titles of what is done, the chart of texts,
    segments of today with the most that carriers allow, and the newest events in words."""

    answer: str
    tiles: Sequence[dict[str, Any]]
    hipaa: bool
    yours: Sequence[Task]
    theirs: Sequence[Task]
    done: Sequence[str]
    chart: Markup
    segments: int
    tier: int
    recent: Sequence[tuple[AuditEvent, str]]


def list_state_tiles(progress: Progress) -> list[dict[str, Any]]:
    """The four states with their counts, each leading to its list."""
    return [{"key": state.value, "label": wording.enum_in_words(state), "count": progress.states[state],
             "address": url_for("admin.list_users", texting=state.value)} for state in UserState]


def progress_in_words(progress: Progress) -> str:
    """Who can text, in up to three short sentences."""
    states, everybody = progress.states, progress.states.total()
    able, unable = states[UserState.CAN_TEXT], states[UserState.NOT_AVAILABLE]
    between = everybody - able - unable
    if not everybody:
        return str(gettext("Nobody is here yet. Add users, and they can text once the list below is done."))
    said = [ngettext("%(able)s of %(num)s person can text.", "%(able)s of %(num)s people can text.", everybody,
                     able=format_decimal(able))]
    if between:
        said.append(ngettext("%(num)s is turned off or can only receive.",
                             "%(num)s are turned off or can only receive.", between))
    return " ".join([*said, *([unable_in_words(unable, progress.fixable)] if unable else [])])


def unable_in_words(unable: int, fixable: int) -> str:
    """How many people cannot text, and how many of them an administrator can help."""
    if not fixable or not current_user.admin:
        return str(ngettext("%(num)s cannot.", "%(num)s cannot.", unable))
    if fixable == unable:
        return str(ngettext("%(num)s cannot, and you can fix it.", "%(num)s cannot, and you can fix all of them.",
                            unable))
    return str(ngettext("%(num)s cannot, and you can fix %(fixable)s of them.",
                        "%(num)s cannot, and you can fix %(fixable)s of them.", unable,
                        fixable=format_decimal(fixable)))


@bp.get("/")
def show_overview() -> str:
    """Who can text, what waits, how many texts were there?"""
    snapshot = OrganizationSnapshot.read(current_user.organization_id)
    return render_template("admin/overview.html", page=read_overview(snapshot, checklist.read_progress(snapshot)))


def read_overview(snapshot: OrganizationSnapshot, progress: Progress) -> OverviewPage:
    """What the page shows of an organization."""
    mine = snapshot.organization
    # The HIPAA notice has a place of its own until it is confirmed.
    asked = [item for item in progress.items if item.rule.about != "hipaa" or snapshot.units.hipaa]
    counts = waiting.count_for_overview(mine.id, current_user.id)
    waits = [*tasks.list_restriction_tasks(snapshot), *tasks.list_waiting_tasks(counts), *tasks.list_lost_tasks(counts),
             *tasks.list_language_tasks(snapshot)]
    recent = audit.list_events(current_user.organization_id, without="signed-in", most=8)
    return OverviewPage(
        answer=progress_in_words(progress), tiles=list_state_tiles(progress),
        hipaa=mine.healthcare and not snapshot.units.hipaa,
        yours=[*waits, *tasks.list_setup_tasks(snapshot, progress), *tasks.list_item_tasks(asked, Fixer.ADMIN)],
        theirs=tasks.list_item_tasks(asked, Fixer.PROVIDER),
        done=[gettext(item.rule.title) for item in asked if item.done],
        chart=show_text_chart(), segments=counts.segments, tier=mine.brand_tier,
        recent=[(event, log.event_in_words(*audit.event_sentence(event))) for event in recent])
