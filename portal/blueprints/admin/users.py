"""Users: the list with search and filters, and a new one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Response, make_response, render_template, request, url_for
from flask_babel import format_decimal, gettext, ngettext, pgettext
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from portal import wording
from portal.marks import N_, NP_
from portal.models import User
from portal.rules import Effect, Standing, UserState
from portal.services.people import locations, numbers, users
from portal.services.refusals import Clash
from portal.services.toggles import user_list
from portal.services.toggles.eligibility import OrganizationSnapshot
from portal.services.toggles.long_changes import ref_of_open_change
from portal.services.toggles.profiles import UserProfile
from portal.services.toggles.toggle import ToggleOutcome
from portal.services.toggles.user_list import (
    DEFAULT_ORDER,
    OWN_SETTING_FILTER,
    Conditions,
    UserChoice,
    UserPage,
    UserRow,
)
from portal.web.compression import shows_secret
from portal.web.htmx import wants_part
from portal.wording import ReasonText, switches
from portal.wording.brief import reason_in_brief

from . import bp
from .forms import NewUserForm
from .reasons import outcome_in_words
from .shown import FilterChip, ListPager, StandingWords, UserLine, UsersPage
from .sign_in_links import user_link_page
from .sorting import list_heads, read_sort_order
from .user_lines import fill_user_lines

# What of a choice stands in an address.
USER_FILTERS = ("search", "location", "texting", "rule", "level", "wish", "outcome", "sort")
SORTED_BY = {"name": NP_("person", "Name"), "number": N_("Number"), "location": N_("Location")}


def read_user_filters(given: "MultiDict[str, str]") -> UserChoice:
    """The users whom an address or a form asks for by filters."""
    said: dict[str, Any] = {name: given.get(name, "") for name in USER_FILTERS}
    said["sort"] = read_sort_order(said["sort"], SORTED_BY)
    return UserChoice(**said)


def filters_in_use(chosen: UserChoice) -> dict[str, Any]:
    """The filters that are set, and the order if it is not the usual one, as an address or hidden fields hold them."""
    return {name: value for name in USER_FILTERS
            if (value := getattr(chosen, name)) and (name, value) != ("sort", DEFAULT_ORDER)}


def user_list_address(chosen: UserChoice, **more: str) -> str:
    """The list with these filters."""
    return url_for("admin.list_users", **{**filters_in_use(chosen), **more})


def user_list_pager(chosen: UserChoice, page: UserPage, total: int) -> ListPager:
    """The addresses of the first, previous and next page."""
    refs = [row.user.ref for row in page.rows]
    return ListPager(
        shown=user_count_in_words(total), first=user_list_address(chosen) if page.earlier else "",
        previous=user_list_address(chosen, before=refs[0]) if refs and page.earlier else "",
        next=user_list_address(chosen, after=refs[-1]) if refs and page.later else "")


def user_count_in_words(total: int) -> str:
    """How many users a list has."""
    return str(ngettext("%(count)s user", "%(count)s users", total, count=format_decimal(total)))


@bp.get("/users")
def list_users() -> str:
    """The list, 50 a page; the address holds search and filters. For htmx only what follows the search field."""
    chosen = read_user_filters(request.args)
    page = describe_user_list(chosen, request.args.get("after", ""), request.args.get("before", ""))
    if wants_part():
        return render_template("admin/_users_found.html", page=page)
    return render_template("admin/users.html", page=replace(page, running=address_of_open_change()))


def address_of_open_change() -> str:
    """The page of the change of many users that is under way in the reader's organization, or ""."""
    ref = ref_of_open_change(current_user.organization_id)
    return url_for("admin.show_long_change", ref=ref) if ref else ""


def describe_user_list(chosen: UserChoice, after: str = "", before: str = "", only: UserRow | None = None,
                       refused: Sequence[ReasonText] = (), snapshot: OrganizationSnapshot | None = None) -> UsersPage:
    """One page of the users whom the filters select, next after or before the user with that ref.

    With `only`, the single row of this user, whether or not the filters select them, with the counts of the filters.
    """
    snapshot = snapshot or OrganizationSnapshot.read(current_user.organization_id)
    where = chosen.conditions(snapshot)
    found = UserPage([only], False, False) if only else user_list.list_user_rows(
        snapshot, where, after, before, sort=chosen.sort)
    chips = list_texting_chips(chosen, where, snapshot)
    total = next((chip.many for chip in chips if chip.current), None)
    total = user_list.count_users(snapshot, where) if total is None else total
    return UsersPage(
        rows=fill_user_lines(describe_user_rows(snapshot, found.rows)), pager=user_list_pager(chosen, found, total),
        chosen=chosen, filters=filters_in_use(chosen), hidden_filter=describe_hidden_filter(chosen, total),
        everybody=all_users_label(total), locations=snapshot.places(), chips=chips,
        heads=list_heads({key: gettext(label) for key, label in SORTED_BY.items()}, chosen.sort,
                         lambda order: user_list_address(replace(chosen, sort=order))), refused=refused)


def all_users_label(total: int) -> str:
    """What the checkbox for all users on the filter says."""
    return str(ngettext("the only user on this filter", "all %(count)s users on this filter", total,
                        count=format_decimal(total)))


def list_texting_chips(chosen: UserChoice, where: Conditions, snapshot: OrganizationSnapshot) -> list[FilterChip]:
    """What the filter Texting offers, each with how many users of the other filters it finds; `where` is the choice."""
    counted = snapshot.counts(replace(chosen, texting="").conditions(snapshot) if chosen.texting else where)
    offered = [("", pgettext("users", "All"), counted.total()),
               *((state.value, wording.enum_in_words(state), counted[state]) for state in UserState),
               (OWN_SETTING_FILTER, gettext("Own setting"), None)]
    return [FilterChip(str(label), many, user_list_address(replace(chosen, texting=key)), key == chosen.texting)
            for key, label, many in offered]


def describe_hidden_filter(chosen: UserChoice, total: int) -> str:
    """In words, a filter that has no field of its own on the page."""
    if chosen.broken:
        return str(gettext("Only users whom this blocks: %(rule)s", rule=gettext(chosen.broken.title)))
    if chosen.outcome in set(ToggleOutcome):
        return str(gettext("Only users of whom the effect says: %(effect)s",
                           effect=outcome_in_words(ToggleOutcome(chosen.outcome), total)))
    return ""


def describe_user_rows(snapshot: OrganizationSnapshot, rows: Sequence[UserRow]) -> list[UserLine]:
    """The users as the list shows them; what is said of users of one group is put into words once."""
    said: dict[tuple[UserProfile, int | None], StandingWords] = {}
    lines = []
    for row in rows:
        group = row.profile, row.user.id if row.user.id in snapshot.restrictions else None
        if group not in said:
            said[group] = describe_standing(snapshot, row.profile, row.standing)
        place = snapshot.name_of_place(row.profile)
        lines.append(UserLine(row.user, place, row.number, row.profile.claimed, row.version, said[group]))
    return lines


def describe_standing(snapshot: OrganizationSnapshot, profile: UserProfile, standing: Standing) -> StandingWords:
    """What the list says of a user besides who they are."""
    effective, place = snapshot.effective(profile), snapshot.name_of_place(profile)
    stops = next((one for one in standing.reasons if one.effect is Effect.BLOCK and one.id != "texting-off"), None)
    why = reason_in_brief(stops) if stops else wording.deciding_level_in_words(effective, place)
    return StandingWords(wording.standing_in_words(standing), why, effective.on,
                         switches.locked_in_brief(effective, place, snapshot.organization.name))


@bp.get("/users/new")
@bp.post("/users/new")
@shows_secret
def add_user() -> Response:
    """A new user; ends with the sign-in link, shown once."""
    form = NewUserForm(locations.locations_of_actor(current_user))
    if form.validate_on_submit():
        try:
            return user_link_page(*create_user_from_form(form), added=True)
        except Clash as clash:
            form.clash(clash.field, clash.sentence, clash.values)
    free = numbers.list_free_numbers(current_user)
    page = render_template("admin/add_user.html", form=form, errors=form.errors, free=free)
    return make_response(page, 422 if form.errors else 200)


def create_user_from_form(form: NewUserForm) -> tuple[User, str]:
    """The user whom a form describes, and the token of their sign-in link."""
    location = locations.find_location(current_user.organization_id, form.location.data)
    return users.create_user(current_user, form.name.data or "", form.email.data or "", location,
                         form.number.data or "")
