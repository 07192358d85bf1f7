"""Search from the bar of every page. What is typed is posted, so that it stands in no address, log or history."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext, ngettext

from portal.extensions import now
from portal.marks import N_
from portal.services import search
from portal.services.search import FoundRows
from portal.services.texting.inbox_rows import InboxRow
from portal.web.htmx import wants_part
from portal.web.reader import signed_in_user
from portal.wording import texts

bp = Blueprint("search", __name__)

HEADINGS = {"organizations": N_("Organizations"), "people": N_("People"), "numbers": N_("Numbers"),
            "optouts": N_("Opt-outs"), "conversations": N_("Conversations")}
# Where all of a kind are listed, and can be searched for.
LISTS = {"organizations": ("operator.organizations", N_("Organizations")), "people": ("admin.list_users", N_("Users")),
         "optouts": ("admin.list_optouts", N_("Opt-outs")), "conversations": ("messaging.show_inbox", N_("Messages"))}


@dataclass(frozen=True, slots=True)
class FindLine:
    """One find: what it is called, what tells it apart from others, and its page ("" where it has none)."""

    title: str
    detail: str
    address: str


@dataclass(frozen=True, slots=True)
class FindGroup:
    """The finds of one kind. Where there are more, the list to look in and its name, "" for a kind without one."""

    heading: str
    lines: list[FindLine]
    more: bool
    list_address: str
    list_name: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """What was typed and what it found; `counted` says how many, "" before anything was typed.

    `part` says that a page which is open gets it.
    """

    search: str
    groups: list[FindGroup]
    counted: str
    part: bool


@bp.get("/search")
def show_search_form() -> str:
    """The field alone: for narrow screens, and after a reload."""
    return render_template("search/search.html", page=SearchPage("", [], "", part=False))


@bp.post("/search")
def show_finds() -> str:
    """What was found: the page, or for htmx only what stands below the field. It writes nothing."""
    page = describe_finds(request.form.get("search", ""))
    if page.part:
        return render_template("search/_finds.html", page=page)
    return render_template("search/search.html", page=page)


def describe_finds(typed: str) -> SearchPage:
    """The finds of the reader, in groups; empty groups are left out."""
    found = search.search_portal(signed_in_user(), typed)
    groups = [_describe_kind(kind, rows) for kind, rows in found.items() if rows.rows]
    counted = finds_in_words(typed, sum(len(group.lines) for group in groups))
    return SearchPage(typed, groups, counted, part=wants_part())


def finds_in_words(typed: str, many: int) -> str:
    """How many finds are shown, for readers who hear the page; "" where nothing was typed."""
    if not typed.strip():
        return ""
    return str(ngettext("%(num)s found.", "%(num)s found.", many) if many else gettext("Nothing found."))


def _describe_kind(kind: str, found: FoundRows) -> FindGroup:
    view, name = LISTS.get(kind, ("", ""))
    return FindGroup(str(gettext(HEADINGS[kind])), [DESCRIBED[kind](row) for row in found.rows], found.more,
                     url_for(view) if view else "", str(gettext(name)) if name else "")


def _describe_person(row: Any) -> FindLine:
    return FindLine(row.user.name, row.place, url_for("admin.show_user", ref=row.user.ref))


def _describe_organization(row: Any) -> FindLine:
    return FindLine(row.name, "", url_for("operator.show_organization", ref=row.ref))


def _describe_number(row: Any) -> FindLine:
    """Operators go on to the organization that has the number, others to the user who has it."""
    number = texts.display_number(row.e164)
    if signed_in_user().operator:
        address = url_for("operator.show_organization", ref=row.organization.ref)
        return FindLine(number, row.organization.name, address)
    if row.holder is None:
        return FindLine(number, str(gettext("not assigned")), "")
    return FindLine(number, row.holder.name, url_for("admin.show_user", ref=row.holder.ref))


def _describe_optout(row: Any) -> FindLine:
    return FindLine(texts.display_number(row.theirs), texts.optout_state_in_words(row.state),
                    url_for("admin.show_optout", ref=row.ref))


def _describe_conversation(row: InboxRow) -> FindLine:
    held = row.conversation
    number, name = texts.display_number(held.theirs), texts.strip_deceptive_characters(held.name)
    when = texts.inbox_moment_in_words(held.last_at, now())
    return FindLine(name or number, f"{number} · {when}" if name else when,
                    url_for("messaging.show_conversation", ref=held.ref))


DESCRIBED = {"people": _describe_person, "organizations": _describe_organization, "numbers": _describe_number,
             "optouts": _describe_optout, "conversations": _describe_conversation}
