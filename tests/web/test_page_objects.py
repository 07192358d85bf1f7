"""A page shows one typed object: its template reads `page` and what every page has, and nothing else."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_type_hints

import pytest
from jinja2 import Environment, meta, nodes

from portal.blueprints import search
from portal.blueprints.admin import (
    audit,
    import_shown,
    long_changes,
    overview,
    provider_request,
    records_shown,
    shown,
)
from portal.blueprints.auth import forms as auth_forms
from portal.blueprints.messaging import inbox
from portal.blueprints.notices import member_help
from portal.blueprints.notices import shown as notices_shown
from portal.blueprints.operator import carrier_shown, inventory, web_asks
from portal.blueprints.operator import shown as operator_shown
from portal.blueprints.spam import shown as spam_shown
from portal.web import counts, link_forms, optout_files

PORTAL = Path(__file__).parents[2] / "portal"
# Each page with its object, and the parts that get the same object by themselves. This table only grows.
PAGES: dict[str, type] = {
    "admin/add_location.html": shown.NewLocationPage,
    "admin/audit.html": audit.AuditPage,
    "admin/consent.html": shown.ConsentPage,
    "admin/consents.html": shown.ConsentsPage,
    "admin/hold.html": records_shown.HoldPage,
    "admin/holds.html": records_shown.HoldsPage,
    "admin/import_check.html": import_shown.ImportPage,
    "admin/import_rows.html": import_shown.ImportRowsPage,
    "admin/long_change.html": long_changes.LongChangePage,
    "admin/location_answers.html": shown.LocationAnswersPage,
    "admin/locations.html": shown.LocationsPage,
    "admin/overview.html": overview.OverviewPage,
    "admin/provider_request.html": provider_request.ProviderRequestPage,
    "admin/records.html": records_shown.RecordsPage,
    "admin/records_request.html": records_shown.RecordsRequestPage,
    "admin/released.html": records_shown.ReleasedTextsPage,
    "admin/user.html": shown.UserAdminPage,
    "admin/users.html": shown.UsersPage,
    "shared/_zone_field.html": auth_forms.ZonesPage,
    "shared/link_mailed.html": link_forms.MailedLinkPage,
    "messaging/inbox_news.html": inbox.InboxNews,
    "notices/counts.html": counts.CountsNews,
    "notices/help.html": member_help.HelpPage,
    "notices/accessibility.html": notices_shown.AccessibilityPage,
    "notices/limitations.html": notices_shown.LimitationsPage,
    "notices/quiet_hours.html": notices_shown.QuietHoursPage,
    "notices/sender.html": notices_shown.SenderPage,
    "shared/opt_out_check.html": optout_files.OptOutCheckPage,
    "shared/opt_out_file.html": optout_files.OptOutFilePage,
    "search/search.html": search.SearchPage,
    "spam/status.html": spam_shown.ReportStatusPage,
    "spam/stop_thanks.html": spam_shown.StopThanksPage,
    "operator/add_carrier.html": carrier_shown.NewCarrierPage,
    "operator/carrier.html": carrier_shown.CarrierPage,
    "operator/carrier_kinds.html": carrier_shown.CarrierKindsPage,
    "operator/carrier_news.html": carrier_shown.CarrierNewsPage,
    "operator/carriers.html": carrier_shown.CarriersPage,
    "operator/inventory.html": inventory.InventoryStartPage,
    "operator/inventory_check.html": inventory.InventoryPage,
    "operator/records.html": operator_shown.OperatorRecordsPage,
    "operator/records_request.html": operator_shown.OperatorRequestPage,
    "operator/web_requests.html": web_asks.WebRequestsPage,
}
PARTS: dict[str, type] = {
    "admin/_import_progress.html": import_shown.ImportPage,
    "admin/_long_change_progress.html": long_changes.LongChangePage,
    "admin/_user_answer.html": shown.UserAdminPage,
    "admin/_user_row_answer.html": shown.UsersPage,
    "admin/_users_found.html": shown.UsersPage,
    "operator/_carrier_test.html": carrier_shown.CarrierPage,
    "search/_finds.html": search.SearchPage,
}
# How many templates still get one name at a time. This number only shrinks: a new page gets an object.
WITHOUT_OBJECT = 52
# What the page around every page reads of an object that has it.
AROUND = {"errors"}


@pytest.fixture
def language(app) -> Environment:
    """The portal's own: with its filters."""
    return app.jinja_env


def read_template(language: Environment, name: str) -> nodes.Template:
    return language.parse((PORTAL / "templates" / name).read_text(encoding="utf-8"))


def template_with_parts(language: Environment, name: str) -> Iterator[tuple[str, nodes.Template]]:
    """The template and whatever it includes, which sees the same variables; macros and the page around do not."""
    tree = read_template(language, name)
    yield name, tree
    for one in tree.find_all(nodes.Include):
        assert isinstance(one.template, nodes.Const), f"{name} includes what a variable names"
        yield from template_with_parts(language, one.template.value)


def names_of_every_page(app) -> set[str]:
    """Globals, and what the context processors give to each template."""
    with app.test_request_context():
        given: dict[str, Any] = {}
        app.update_template_context(given)
        return set(app.jinja_env.globals) | set(given)


def free_names(tree: nodes.Template) -> set[str]:
    """The variables that a template does not make itself; its blocks see the macros that it imports."""
    return meta.find_undeclared_variables(tree) - {one.target for one in tree.body if isinstance(one, nodes.Import)}


def hint_of(found: type, name: str) -> Any:
    """What a field or property of a page object holds; without None where it may be missing."""
    member = getattr(found, name, None)
    hint = get_type_hints(member.fget if isinstance(member, property) else found)[
        "return" if isinstance(member, property) else name]
    told = [one for one in get_args(hint) if one is not type(None)] if isinstance(hint, UnionType) else []
    return told[0] if len(told) == 1 else hint


def object_behind(node: nodes.Node, page: type) -> Any:
    """The page object that an expression of a template stands for; None where it is something else."""
    if isinstance(node, nodes.Name):
        return page if node.name == "page" else None
    if isinstance(node, nodes.Getattr):
        holder = object_behind(node.node, page)
        return hint_of(holder, node.attr) if is_dataclass(holder) and hasattr(holder, node.attr) else None
    return None


def read_of_object(tree: nodes.Template, page: type) -> set[tuple[type, str]]:
    """Each page object that a template reads from, with the name that it reads."""
    return {(holder, node.attr) for node in tree.find_all(nodes.Getattr)
            if is_dataclass(holder := object_behind(node.node, page)) and isinstance(holder, type)}


def objects_of(page: type) -> Iterator[type]:
    """The page object and those of our own that it holds."""
    yield page
    for one in fields(page):
        held = hint_of(page, one.name)
        if is_dataclass(held) and isinstance(held, type) and held.__module__.startswith("portal.blueprints"):
            yield from objects_of(held)


def missing(names: set[tuple[type, str]]) -> set[str]:
    return {f"{holder.__name__}.{name}" for holder, name in names if not hasattr(holder, name)}


@pytest.mark.parametrize("name", [*PAGES, *PARTS])
def test_the_template_reads_the_page_and_what_every_page_has(app, language, name):
    allowed = {"page"} | names_of_every_page(app)
    free = {part: free_names(tree) - allowed for part, tree in template_with_parts(language, name)}
    assert not {part: names for part, names in free.items() if names}


@pytest.mark.parametrize(("name", "page"), [*PAGES.items(), *PARTS.items()])
def test_all_that_the_template_reads_is_there(language, name, page):
    """Jinja shows a name that is not there as nothing at all, and mypy reads no templates."""
    read = {one for _, tree in template_with_parts(language, name) for one in read_of_object(tree, page)}
    assert missing(read) == set()


@pytest.mark.parametrize(("name", "page"), PAGES.items())
def test_the_page_reads_all_that_its_object_has(language, name, page):
    read = {one for _, tree in template_with_parts(language, name) for one in read_of_object(tree, page)}
    held = {(holder, one.name) for holder in objects_of(page) for one in fields(holder) if one.name not in AROUND}
    assert {(holder.__name__, field) for holder, field in held - read} <= {("ListPager", one) for one in (
        "shown", "first", "previous", "next")}


@pytest.mark.parametrize("page", [*PAGES.values(), *PARTS.values()])
def test_the_object_is_frozen_and_has_no_room_for_more(page):
    for one in objects_of(page):
        assert one.__dataclass_params__.frozen, one
        assert "__slots__" in vars(one), one


def test_a_part_gets_the_object_of_its_page(language):
    for part, page in PARTS.items():
        around = [set(dict(template_with_parts(language, name))) for name, held in PAGES.items() if held is page]
        # A part that only puts parts of its page together stands in no page itself.
        inner = set(dict(template_with_parts(language, part))) - {part}
        assert any(part in names or (inner and inner <= names) for names in around), part


def rendering_calls() -> Iterator[tuple[Path, ast.Call]]:
    """Every call in the portal that renders templates, with its module."""
    for path in PORTAL.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("render_template", "respond"):
                yield path, node


def named_templates(call: ast.Call) -> list[str]:
    """The templates that a call names."""
    return [one.value for one in call.args if isinstance(one, ast.Constant)]


def answers() -> Iterator[tuple[str, ast.Call]]:
    """Each template with each call that names it."""
    for _path, call in rendering_calls():
        yield from ((name, call) for name in named_templates(call))


def given(call: ast.Call) -> set[str]:
    """What a template gets from a call."""
    if getattr(call.func, "id", "") == "render_template":
        return {one.arg or "**" for one in call.keywords}
    rest = [one.value.body for one in call.keywords if one.arg == "rest" and isinstance(one.value, ast.Lambda)]
    keys = [one.keys if isinstance(one, ast.Dict) else [one] for one in (*call.args[2:], *rest)]
    return {getattr(key, "value", "**") for some in keys for key in some}


def test_typed_pages_get_their_object_and_nothing_else():
    """Also the other way: a page that gets an object has its row in the table."""
    calls = [(name, given(call)) for name, call in answers()]
    typed = {*PAGES, *PARTS}
    assert {name for name, names in calls if "page" in names} == typed
    assert {name for name, names in calls if names != {"page"}} & typed == set()


def test_fewer_and_fewer_templates_have_no_object():
    """A page that gets an object lowers the number, and nothing raises it."""
    without = sorted({name for name, _call in answers()} - {*PAGES, *PARTS})
    assert len(without) <= WITHOUT_OBJECT, "\n".join(["A new page gets one typed object. Without one are:", *without])
    assert len(without) == WITHOUT_OBJECT, f"Lower WITHOUT_OBJECT to {len(without)}."


def test_every_call_names_its_templates():
    """Or nobody could count them; only `respond` renders what it is given."""
    assert {path for path, call in rendering_calls() if not named_templates(call)} == {PORTAL / "web" / "htmx.py"}


# --- the walk itself -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Inner:
    word: str


@dataclass(frozen=True, slots=True)
class Outer:
    inner: Inner | None


@pytest.mark.parametrize(("source", "free", "lost"), [
    ("{{ page.inner.word }}{% for one in page.inner.word %}{{ one }}{{ loop.index }}{% endfor %}", set(), set()),
    ("{{ word }}", {"word"}, set()),
    ("{% for one in rows %}{% endfor %}", {"rows"}, set()),
    ("{% if page.inner.world %}{% endif %}", set(), {"Inner.world"}),
    ("{% block main %}{{ page.iner.word }}{{ word }}{% endblock %}", {"word"}, {"Outer.iner"}),
    ("{% import 'shared/words.html' as words %}{% block main %}{{ words.mark(mark) }}{% endblock %}", {"mark"}, set()),
])
def test_the_walk_finds_what_is_free_and_what_is_not_there(language, source, free, lost):
    tree = language.parse(source)
    assert free_names(tree) - {"page"} == free
    assert missing(read_of_object(tree, Outer)) == lost
