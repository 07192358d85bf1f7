"""Users: the list with search and filters, changes to many at once, a new user."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user
from sqlalchemy import ColumnElement
from werkzeug.datastructures import MultiDict

from portal import wording
from portal.models import Location, User, Word
from portal.rules import State
from portal.rules.switches import Level
from portal.services import checklist, organizations, people, toggles
from portal.services.bulk import turn_many
from portal.services.people import Clash
from portal.services.standing import Roll, belonging
from portal.services.toggles import Outcome, Wish

from . import bp
from .forms import WORDS, NewUserForm
from .reasons import effect_lines, effect_words

OWN = "own-setting"


@dataclass(frozen=True, slots=True)
class Filter:
    """What the address says should be listed; unknown words are as good as none."""

    search: str = ""
    location: str = ""
    texting: str = ""
    rule: str = ""
    level: str = ""
    word: str = ""
    outcome: str = ""

    @classmethod
    def of(cls, given: "MultiDict[str, str]") -> "Filter":
        """The filter in an address or a form."""
        return cls(**{name: given.get("search" if name == "search" else name, "") for name in cls.__slots__})

    def address(self, **more: Any) -> str:
        """The list with this filter."""
        said = {name: getattr(self, name) for name in self.__slots__ if getattr(self, name)}
        return url_for("admin.users", **said, **more)

    def pairs(self) -> list[tuple[str, str]]:
        """The filter as hidden fields."""
        return [(name, getattr(self, name)) for name in self.__slots__ if getattr(self, name)]


def location_of(chosen: Filter) -> Location | None:
    """The location that is filtered by, 404 if it is somebody else's."""
    return organizations.find_location(current_user.organization_id, chosen.location) if chosen.location else None


def conditions(chosen: Filter, roll: Roll) -> list[ColumnElement[bool]]:
    """The filter as conditions on users."""
    place = location_of(chosen)
    where = people.matching(chosen.search, place.id if place else None)
    if chosen.texting == OWN:
        where.append(Word.on.is_not(None))
    elif chosen.texting in set(State):
        where.append(people.standing_as(roll, [State(chosen.texting)]))
    if rule := checklist.known(chosen.rule):
        where.append(belonging((profile, user_id) for profile, user_id, _many in roll.groups()
                               if rule.id in {one.id for one in broken(roll, profile, user_id)}))
    if chosen.outcome in set(Outcome) and chosen.level in set(Level):
        where.append(belonging(toggles.affected(Level(chosen.level), toggles.wish_of(chosen.word),
                                                Outcome(chosen.outcome), where[:], roll)))
    return where


def broken(roll: Roll, profile: Any, user_id: int | None) -> list[Any]:
    """Every reason against users of a profile."""
    held = roll.standing(profile, user_id)
    return [*held.use.reasons, *held.send.reasons]


def place(text: str | None) -> tuple[str, int] | None:
    """A place in the list, as the pager's addresses carry it: id, then the name it sorts by."""
    number, _, name = (text or "").partition("-")
    return (name, int(number)) if number.isdecimal() else None


def pager(chosen: Filter, rows: Sequence[people.Row], more: bool, total: int) -> dict[str, Any]:
    """The addresses of the first, previous and next page."""
    after, before = place(request.args.get("after")), place(request.args.get("before"))
    first, last = (f"{row.user.id}-{row.user.name_key}" if row else "" for row in
                   ((rows[0], rows[-1]) if rows else (None, None)))
    back, on = bool(after) or (bool(before) and more), more if not before else True
    return {
        "shown": ngettext("%(num)s user", "%(num)s users", total),
        "first": chosen.address() if after or before else "",
        "previous": chosen.address(before=first) if rows and back else "",
        "next": chosen.address(after=last) if rows and on else "",
    }


@bp.get("/users")
def users() -> str:
    """The list, 50 a page; the address holds search and filters."""
    roll, chosen = Roll.of(current_user.organization_id), Filter.of(request.args)
    where = conditions(chosen, roll)
    rows, more = people.page(roll, where, place(request.args.get("after")), place(request.args.get("before")))
    total = people.count(roll, where)
    return render_template(
        "admin/users.html", rows=[line(roll, row) for row in rows], chosen=chosen, total=total,
        pager=pager(chosen, rows, more, total), locations=roll.locations.values(), states=states(),
        about=about(chosen, total), seen=newest_change())


def states() -> list[tuple[str, str]]:
    """What the filter Texting offers."""
    return [*((state.value, wording.label(state)) for state in State), (OWN, gettext("Own setting"))]


def about(chosen: Filter, total: int) -> str:
    """In words, a filter that has no field of its own on the page."""
    if rule := checklist.known(chosen.rule):
        return str(gettext("Only users for whom this is in the way: %(rule)s", rule=gettext(rule.title)))
    if chosen.outcome in set(Outcome):
        return str(gettext("Only users of whom the effect says: %(effect)s",
                           effect=effect_words(Outcome(chosen.outcome), total)))
    return ""


def line(roll: Roll, row: people.Row) -> dict[str, Any]:
    """One user as the list shows them."""
    place_of = roll.locations.get(row.user.location_id or 0)
    return {"user": row.user, "number": row.number, "location": place_of, "state": wording.state(row.standing),
            "decided": wording.decided(roll.effective(row.profile))}


def newest_change() -> int:
    """The newest audit event: a change to many leaves alone what was changed after it was shown."""
    from portal.services import audit

    return audit.newest(current_user.organization_id)


@bp.post("/users")
def bulk() -> Response:
    """Change many: first the effect, then Confirm."""
    roll, chosen = Roll.of(current_user.organization_id), Filter.of(request.form)
    refs = request.form.getlist("user")
    if request.form.get("step") == "back" or request.form.get("word") not in WORDS:
        return make_response(redirect(chosen.address(), 303))
    if not refs and not request.form.get("everybody"):
        flash(gettext("Select at least one user first, or choose all users on this filter."))
        return make_response(redirect(chosen.address(), 303))
    everybody = bool(request.form.get("everybody"))
    where: list[ColumnElement[bool]] = conditions(chosen, roll) if everybody else [User.ref.in_(refs)]
    wish = Wish(WORDS[request.form["word"]])
    step = confirm_many if request.form.get("step") == "confirm" else preview_many
    return step(roll, where, wish, chosen, [] if everybody else refs)


def preview_many(roll: Roll, where: list[ColumnElement[bool]], wish: Wish, chosen: Filter,
                 refs: list[str]) -> Response:
    """The effect of a change to many, and why it is refused if it is."""
    decision, effect = toggles.judge_many(current_user._get_current_object(), wish, where, roll)
    page = render_template(
        "admin/bulk.html", chosen=chosen, refs=refs, wish=wish, effect=effect, everybody=not refs,
        word=request.form["word"], seen=request.form.get("seen", newest_change(), int),
        lines=effect_lines(effect, lambda _outcome: ""), errors=not decision.allowed, allowed=decision.allowed,
        told=[wording.reason(reason) for reason in decision.reasons])
    return make_response(page, 200 if decision.allowed else 422)


def confirm_many(roll: Roll, where: list[ColumnElement[bool]], wish: Wish, chosen: Filter,
                 refs: list[str]) -> Response:
    """Write the change to many; whoever was changed by somebody else meanwhile stays as they are."""
    seen = request.form.get("seen", 0, int)
    decision, changed, left = turn_many(current_user._get_current_object(), wish, where, seen)
    if not decision.allowed:
        return preview_many(roll, where, wish, chosen, refs)
    flash(ngettext("%(num)s user changed.", "%(num)s users changed.", changed))
    if left:
        flash(ngettext("%(num)s user was changed by somebody else meanwhile and was left alone.",
                       "%(num)s users were changed by somebody else meanwhile and were left alone.", left))
    return make_response(redirect(chosen.address(), 303))


@bp.get("/users/new")
@bp.post("/users/new")
def add_user() -> Response:
    """A new user; ends with the sign-in link, shown once."""
    form = NewUserForm(people.locations_of(current_user))
    if form.validate_on_submit():
        place_of = organizations.find_location(current_user.organization_id, form.location.data)
        try:
            user, token = people.add(current_user._get_current_object(), form.name.data or "",
                                     form.email.data or "", place_of,
                                     form.number.data or "")
            return link_page(user, token)
        except Clash as clash:
            form.clash(clash.field, clash.sentence, clash.values)
    page = render_template("admin/add_user.html", form=form, errors=form.errors, free=people.free_numbers(current_user))
    return make_response(page, 422 if form.errors else 200)


def link_page(user: User, token: str) -> Response:
    """The sign-in link, shown once and never in an address of ours."""
    return make_response(render_template("admin/link.html", user=user, link=url_for("auth.welcome", token=token,
                                                                                   _external=True)))
