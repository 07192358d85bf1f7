"""What waits for an administrator or the provider, one line a task: how many, and the one button that leads on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from flask import url_for
from flask_babel import gettext, ngettext
from flask_login import current_user

from portal import wording
from portal.marks import N_
from portal.models import User
from portal.rules import Fixer, Plural, UserState
from portal.rules.sentences import make_plural
from portal.services.people import users
from portal.services.toggles.checklist import ChecklistItem, Progress, items_for_fixer
from portal.services.toggles.eligibility import OrganizationSnapshot
from portal.services.toggles.known_units import KnownLocation
from portal.services.waiting import OverviewCounts
from portal.wording import Button

MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class Task:
    """One line: its title, the button or None, what folds below it, and the address of the rule ("" for none).

    `people` are the first of whom it is about, `places` the locations.
    """

    title: str
    button: Button | None = None
    why: tuple[str, ...] = ()
    rule: str = ""
    people: Sequence[User] = ()
    places: Sequence[KnownLocation] = field(default=())


def _many(one: str, several: str) -> Plural:
    return make_plural(one, several, "many")


# By the id of a rule: how many users fail it in words, and the word of the button that leads to them.
FAILING: Mapping[str, tuple[Plural, str]] = {
    "customer-type": (_many(N_("%(many)s user waits for an enterprise contract"),
                            N_("%(many)s users wait for an enterprise contract")), ""),
    "calling-plan": (_many(N_("%(many)s user waits for the calling plan"),
                           N_("%(many)s users wait for the calling plan")), ""),
    "add-on": (_many(N_("%(many)s user waits for the Business Texting add-on"),
                     N_("%(many)s users wait for the Business Texting add-on")), ""),
    "location-country": (_many(N_("%(many)s user is at a location outside the US and Canada"),
                               N_("%(many)s users are at locations outside the US and Canada")), N_("Move")),
    "location-pstn": (_many(N_("%(many)s user waits for the provider's PSTN"),
                            N_("%(many)s users wait for the provider's PSTN")), ""),
    "primary-number": (_many(N_("%(many)s user has no number"), N_("%(many)s users have no number")), N_("Assign")),
    "number-unconfirmed": (_many(N_("%(many)s user has a number that the provider must confirm"),
                                 N_("%(many)s users have numbers that the provider must confirm")), ""),
    "number-coming": (_many(N_("%(many)s user has a number that has not arrived"),
                            N_("%(many)s users have numbers that have not arrived")), ""),
    "number-gone": (_many(N_("%(many)s user has a number that has left"),
                          N_("%(many)s users have numbers that have left")), N_("Replace")),
    "number-leaving": (_many(N_("%(many)s user has a number that leaves soon"),
                             N_("%(many)s users have numbers that leave soon")), N_("Replace")),
    "number-source": (_many(N_("%(many)s user has a number that cannot text"),
                            N_("%(many)s users have numbers that cannot text")), N_("Replace")),
    "account-inactive": (_many(N_("%(many)s user is deactivated"), N_("%(many)s users are deactivated")),
                         N_("Reactivate")),
    "hipaa-unacknowledged": (_many(N_("%(many)s user waits for the HIPAA notice"),
                                   N_("%(many)s users wait for the HIPAA notice")), ""),
    "campaign": (_many(N_("%(many)s user waits for the campaign"), N_("%(many)s users wait for the campaign")), ""),
    "app-version": (_many(N_("%(many)s user needs a newer Webex App to send"),
                          N_("%(many)s users need a newer Webex App to send")), N_("Tell them")),
}
SEE = N_("See them")


def list_item_tasks(items: Iterable[ChecklistItem], fixer: Fixer) -> list[Task]:
    """What is open and one side can fix. Blocks are left out: they are an alarm of their own."""
    return [task_of_item(item) for item in items_for_fixer(items, fixer) if item.rule.about != "restriction"]


def task_of_item(item: ChecklistItem) -> Task:
    """One requirement that users fail, or that the first user of an empty organization would fail."""
    rule = item.rule
    words, label = FAILING[rule.id]
    sentence = wording.translate_sentence(rule.limitation, rule.limits)
    title = wording.translate_sentence(words, {"many": item.users}) if item.users else gettext(rule.title)
    return Task(title, button_to_users(item, label), (sentence, wording.translate_sentence(rule.remedy)),
                url_for("notices.show_limitations", _anchor=rule.id), places=item.locations)


def button_to_users(item: ChecklistItem, label: str) -> Button | None:
    """The button that leads to the users who fail a requirement; None where there are none. Auditors only look."""
    shown = label if label and current_user.admin else SEE
    return Button(gettext(shown), url_for("admin.list_users", rule=item.rule.id)) if item.users else None


def list_restriction_tasks(snapshot: OrganizationSnapshot) -> list[Task]:
    """One alarm about people who are slowed or blocked, with the first names; [] without any restriction."""
    many = len(snapshot.restricted)
    if not snapshot.restrictions:
        return []
    title = ngettext("%(num)s person is slowed or blocked", "%(num)s people are slowed or blocked", many) if many else (
        gettext("Your organization is slowed or blocked"))
    people = users.list_first_users(snapshot.organization.id, snapshot.restricted, MOST_NAMES)
    return [Task(title, Button(gettext("Read why"), url_for("notices.show_notices", _anchor="restrictions")),
                 people=people)]


def list_waiting_tasks(counts: OverviewCounts) -> list[Task]:
    """What people decide: opt-outs, holds, records requests, conversations that nobody answers."""
    counted = (
        (counts.likely, make_plural(
            N_("%(num)s likely opt-out waits for an administrator"),
            N_("%(num)s likely opt-outs wait for an administrator"), "num"),
         N_("Decide"), "", url_for("admin.list_optouts", _anchor="likely")),
        (counts.asked, make_plural(
            N_("%(num)s request on the web to stop texts waits for an administrator"),
            N_("%(num)s requests on the web to stop texts wait for an administrator"), "num"),
         N_("Decide"), "", url_for("admin.list_optouts", _anchor="asked")),
        (counts.holds, make_plural(
            N_("%(num)s hold is due for review"), N_("%(num)s holds are due for review"), "num"),
         N_("Review"), N_("End it if nobody needs the texts any more, or choose another day."),
         url_for("admin.list_holds")),
        (counts.requests, make_plural(
            N_("%(num)s records request waits for you"), N_("%(num)s records requests wait for you"), "num"),
         N_("Decide"), N_("A second person releases the texts or refuses them."), url_for("admin.list_records")),
        (counts.unanswered, make_plural(
            N_("%(num)s open conversation of a deactivated person"),
            N_("%(num)s open conversations of deactivated people"), "num"),
         N_("Hand over"), N_("Nobody answers there. On the page of the person you choose who does."),
         url_for("admin.list_users", rule="account-inactive")),
    )
    return [Task(ngettext(said.one, said.many, many),
                 Button(gettext(label if current_user.admin else SEE), address), (gettext(why),) if why else ())
            for many, said, label, why, address in counted if many]


def list_lost_tasks(counts: OverviewCounts) -> list[Task]:
    """One line about texts that came in and that nobody has seen; [] without any."""
    lost, blocked = counts.unavailable, counts.blocked
    if not lost and not blocked:
        return []
    also = ngettext("%(num)s came from a number that a user has blocked.",
                    "%(num)s came from numbers that users have blocked.", blocked)
    why = gettext("In the last 30 days. They were sent to numbers that are unassigned or whose user has no texting. We"
                  " kept which number and when, not from whom or what. STOP still counted.")
    title = ngettext("%(num)s incoming text reached nobody", "%(num)s incoming texts reached nobody", lost + blocked)
    return [Task(title, None, ((why if lost else ""), (also if blocked else "")),
                 url_for("notices.show_limitations", _anchor="inbound-unavailable"))]


def list_language_tasks(snapshot: OrganizationSnapshot) -> list[Task]:
    """One task about locations that may be in Quebec and whose language of answers nobody has chosen; [] without any.

    It leads to the first of them.
    """
    asked = [place for place in snapshot.places() if place.asks_language]
    if not asked:
        return []
    why = gettext("People in Quebec have the right to be served in French. Choose the language of automatic answers of"
                  " %(place)s, then save, also if it stays as it is.", place=asked[0].name)
    address = url_for("admin.show_location_answers", ref=asked[0].ref)
    return [Task(ngettext("%(num)s location may be in Quebec", "%(num)s locations may be in Quebec", len(asked)),
                 Button(gettext("Choose language"), address) if current_user.admin else None, (why,))]


def list_setup_tasks(snapshot: OrganizationSnapshot, progress: Progress) -> list[Task]:
    """What a new organization has not done yet; each step with its page."""
    mine, people = snapshot.organization, progress.states.total()
    nothing_on = people > 0 and not any(setting.on for setting in snapshot.units.settings.values())
    steps: tuple[tuple[bool, str, str, str, str], ...] = (
        (not snapshot.locations, N_("Add a location"), N_("Users belong to a location."), N_("Add"),
         "admin.add_location"),
        (people <= 1, N_("Add users"), N_("One by one, or many at once from a file."), N_("Add"), "admin.add_user"),
        (not mine.reply_name, N_("Choose the name in automatic replies"),
         N_("Shown in automatic replies to STOP and HELP."), N_("Choose"), "admin.show_own_organization"),
        (not mine.help_contact, N_("Add the help contact"), N_("People who answer HELP get it."), N_("Add"),
         "admin.show_own_organization"),
        (nothing_on and not progress.states[UserState.CAN_TEXT], N_("Turn texting on"),
         N_("For the whole organization, a location, or single users."), N_("Turn on"), "admin.show_settings"),
    )
    return [Task(gettext(title), Button(gettext(label), url_for(view)) if current_user.admin else None, (gettext(why),))
            for open_, title, why, label, view in steps if open_]
