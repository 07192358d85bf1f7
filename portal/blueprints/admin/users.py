"""Users: the list with search and filters, and a new one."""

from typing import Any

from flask import Response, make_response, render_template, request, url_for
from flask_babel import format_decimal, gettext, ngettext
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from portal import wording
from portal.models import User
from portal.rules import State
from portal.services.people import locations, numbers, users
from portal.services.refusals import Clash
from portal.services.toggles import user_list
from portal.services.toggles.eligibility import Roll
from portal.services.toggles.toggle import Outcome
from portal.services.toggles.user_list import COUNTED, OWN, Choice, Page, Row
from portal.web import pages

from . import bp
from .forms import NewUserForm
from .reasons import effect_words

# What of a choice stands in an address.
FILTERS = ("search", "location", "texting", "rule", "level", "wish", "outcome")


def asked(given: "MultiDict[str, str]") -> Choice:
    """The users whom an address or a form asks for by filters."""
    said: dict[str, Any] = {name: given.get(name, "") for name in FILTERS}
    return Choice(**said)


def pairs(chosen: Choice) -> dict[str, Any]:
    """The filters that are set, as an address or hidden fields hold them."""
    return {name: getattr(chosen, name) for name in FILTERS if getattr(chosen, name)}


def address(chosen: Choice, **more: str) -> str:
    """The list with these filters."""
    return url_for("admin.list_users", **{**pairs(chosen), **more})


def pager(chosen: Choice, page: Page, total: int) -> dict[str, Any]:
    """The addresses of the first, previous and next page."""
    refs = [row.user.ref for row in page.rows]
    return {
        "shown": how_many(total), "first": address(chosen) if page.earlier else "",
        "previous": address(chosen, before=refs[0]) if refs and page.earlier else "",
        "next": address(chosen, after=refs[-1]) if refs and page.later else "",
    }


def how_many(total: int) -> str:
    """A count of users that was stopped early if there are very many."""
    counted = format_decimal(min(total, COUNTED))
    if total > COUNTED:
        return str(ngettext("more than %(count)s user", "more than %(count)s users", COUNTED, count=counted))
    return str(ngettext("%(count)s user", "%(count)s users", total, count=counted))


@bp.get("/users")
def list_users() -> str:
    """The list, 50 a page; the address holds search and filters."""
    roll, chosen = Roll.of(current_user.organization_id), asked(request.args)
    where = chosen.conditions(roll)
    page = user_list.page(roll, where, request.args.get("after", ""), request.args.get("before", ""))
    total = user_list.count(roll, where)
    return render_template(
        "admin/users.html", rows=[line(roll, row) for row in page.rows], chosen=chosen, filters=pairs(chosen),
        total=total, everybody=everybody(total), pager=pager(chosen, page, total), locations=roll.places(),
        states=states(), about=about(chosen, total))


def everybody(total: int) -> str:
    """What the checkbox for all users on the filter says."""
    if total > COUNTED:
        return str(gettext("all users on this filter"))
    return str(ngettext("the only user on this filter", "all %(num)s users on this filter", total))


def states() -> list[tuple[str, str]]:
    """What the filter Texting offers."""
    return [*((state.value, wording.label(state)) for state in State), (OWN, gettext("Own setting"))]


def about(chosen: Choice, total: int) -> str:
    """In words, a filter that has no field of its own on the page."""
    if chosen.broken:
        return str(gettext("Only users for whom this is in the way: %(rule)s", rule=gettext(chosen.broken.title)))
    if chosen.outcome in set(Outcome):
        return str(gettext("Only users of whom the effect says: %(effect)s",
                           effect=effect_words(Outcome(chosen.outcome), total)))
    return ""


def line(roll: Roll, row: Row) -> dict[str, Any]:
    """One user as the list shows them."""
    return {"user": row.user, "number": row.number, "claimed": row.profile.claimed,
            "location": roll.locations.get(row.user.location_id or 0), "state": wording.state(row.standing),
            "decided": wording.decided(roll.effective(row.profile))}


@bp.get("/users/new")
@bp.post("/users/new")
def add_user() -> Response:
    """A new user; ends with the sign-in link, shown once."""
    form = NewUserForm(locations.locations_of_actor(current_user))
    if form.validate_on_submit():
        try:
            return link_page(*newcomer(form))
        except Clash as clash:
            form.clash(clash.field, clash.sentence, clash.values)
    free = numbers.free_numbers(current_user)
    page = render_template("admin/add_user.html", form=form, errors=form.errors, free=free)
    return make_response(page, 422 if form.errors else 200)


def newcomer(form: NewUserForm) -> tuple[User, str]:
    """The user whom a form describes, and the token of their sign-in link."""
    location = locations.find_location(current_user.organization_id, form.location.data)
    return users.add_newcomer(current_user, form.name.data or "", form.email.data or "", location,
                         form.number.data or "")


def link_page(user: User, token: str) -> Response:
    """The sign-in link, shown once and never in an address of ours."""
    link = pages.full_address("auth.welcome", token=token)
    return make_response(render_template("admin/link.html", user=user, link=link))
