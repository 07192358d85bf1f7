"""Who may know whom: the picture of the house as a table, and every import held to it."""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from enum import EnumType
from functools import cache
from importlib import import_module
from importlib.util import resolve_name
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
PORTAL = ROOT / "portal"

# Every module or package directly under portal/ has a line: what it may use. Arrows point down only. In
# annotations it may name anything further down as well: a view says which model it is about and leaves the
# asking to the services.
KNOWS: dict[str, set[str]] = {
    "marks": set(),
    "lengths": set(),
    "stored_files": set(),
    "rules": {"lengths", "marks"},
    "carriers": {"marks", "rules.encoding", "stored_files"},
    "database_urls": {"stored_files"},
    "variables": {"database_urls", "marks", "stored_files"},
    "logs": set(),
    "databases": {"database_urls", "stored_files", "write_scopes", "write_turns"},
    "write_scopes": set(), "write_turns": set(),
    "nudges": {"databases"},
    "extensions": {"carriers", "config", "databases", "marks", "nudges", "write_scopes"},
    "config": {"database_urls", "stored_files", "variables"},
    "wording": {"extensions.current_settings", "extensions.present_locale", "extensions.present_zone",
                "extensions.write_number", "marks", "rules", "variables.UNNAMED_PROVIDER"},
    "dialects": set(),
    "models": {"dialects", "extensions", "lengths", "rules"},
    "migrations": {"databases", "extensions", "models", "services"},
    "processes.htmx_file": {"config", "stored_files"},
    "processes.serving": {"config", "processes.supervising", "stored_files", "variables"},
    "processes.supervising": set(), "processes.memory": set(),
    "processes.preloading": {"processes.memory", "rules", "wording"},
    "processes.gunicorn_conf": {"processes.fair_share", "processes.memory", "rules"},
    "processes.fair_share": {"processes.arrivals"},
    "processes.arrivals": {"variables"},
    "processes.tasks": {"extensions", "models", "services", "wording"},
    "processes.lanes": {"carriers", "extensions", "models", "services"},
    "processes.long_work": {"extensions", "services", "wording"},
    "processes.background": {"extensions", "nudges", "processes.long_work", "processes.memory", "processes.tasks",
                             "processes.worker", "rules", "services", "stored_files"},
    "processes.worker": {"carriers", "extensions", "processes.lanes", "processes.memory", "services"},
    "web.compression": {"web.toast"},
    "web.form_tokens": set(),
    "web.htmx": {"web.toast"},
    "web.toast": set(),
    "web.forms": {"lengths", "marks", "wording", "rules"},
    "web.link_forms": {"lengths", "web.forms", "web.mailto", "wording"},
    "web.mailto": {"rules"},
    "web.headers": {"processes.htmx_file"},
    "web.hosts": {"config"},
    "web.origins": {"extensions", "web.form_tokens"},
    "web.counts": {"rules", "extensions.current_carrier", "marks", "services", "web.reader"},
    "web.error_words": {"marks", "models"},
    "web.errors": {"extensions", "logs", "rules", "web.counts", "web.doors", "web.error_words", "web.htmx",
                   "web.typed_fields"},
    "web.typed_fields": set(),
    "web.doors": {"extensions", "logs", "models", "services", "web.htmx", "web.kept_forms"},
    "web.kept_forms": {"services", "web.forms", "web.htmx", "web.typed_fields"},
    "web.device": {"extensions", "models", "services"},
    "web.consent_fields": {"lengths", "rules", "services", "web.forms", "web.reader", "wording"},
    "web.kept_parts": {"extensions.present_locale", "web.template_words"},
    "web.navigation": {"marks", "web.counts", "web.reader"},
    "web.page_frame": {"web.counts", "web.form_tokens", "web.kept_parts", "web.navigation", "web.reader",
                       "web.static_files"},
    "web.reader": {"extensions.current_settings", "models", "web.htmx", "wording"},
    "web.static_files": {"extensions.current_settings", "processes.htmx_file", "web.kept_content"},
    "web.kept_content": {"web.compression"},
    "web.public_pages": {"web.kept_content", "web.kept_parts", "web.reader"},
    "web.uploads": set(),
    "web.optout_files": {"models", "rules", "services", "web.downloads", "web.forms", "web.uploads", "wording"},
    "web.place_fields": {"rules", "web.reader", "wording"},
    "web.not_meant_form": {"rules", "web.forms", "wording"},
    "web.page_order": set(),
    "web.page_turns": set(),
    "web.private": {"extensions.current_settings"},
    "web.requests": set(),
    "web.downloads": set(),
    "web.pages": {"extensions", "processes.htmx_file", "web.counts", "web.device", "web.headers", "web.kept_forms",
                  "web.page_frame", "web.reader", "web.template_words", "wording"},
    "web.template_words": {"extensions"},
    "blueprints": {"extensions.current_carrier", "extensions.current_settings", "extensions.now", "lengths", "logs",
                   "marks", "processes.htmx_file", "rules", "services", "web", "wording"},
    "demo": {"config", "extensions", "models", "rules", "services"},
    "copy_commands": {"database_urls", "extensions", "services", "stored_files"},
    "cli": {"config", "copy_commands", "demo", "extensions", "models", "processes", "rules", "services", "stored_files",
            "wording"},
    "app": {"blueprints", "carriers", "cli", "config", "databases", "extensions", "logs", "processes", "services",
            "stored_files", "web"},
    "wsgi": {"app", "config"},
}
# The rooms of the services, in the order in which one needs the other: a room knows those that it names, further up.
ROOMS: dict[str, set[str]] = {
    "refusals": set(),
    "hashes": set(),
    "names": set(),
    "csv_cells": set(),
    "key_lists": set(),
    "many_rows": set(),
    "letters": set(),
    "audit_sentences": set(),
    "audit": {"audit_sentences", "many_rows", "names"},
    "undo_offers": {"audit"},
    "carriers": {"audit", "names", "refusals"},
    "accounts": {"audit", "hashes", "key_lists", "letters", "names", "refusals"},
    "people": {"accounts", "audit", "names", "refusals", "undo_offers"},
    "toggles": {"audit", "key_lists", "names", "people", "refusals", "undo_offers"},
    "records": {"accounts", "audit", "names", "people", "refusals"},
    "texting": {"audit", "carriers", "hashes", "key_lists", "names", "people", "records", "refusals", "toggles",
                "undo_offers"},
    "imports": {"accounts", "audit", "csv_cells", "key_lists", "letters", "many_rows", "names", "people", "refusals",
                "texting", "toggles"},
    "spam": {"audit", "hashes", "letters", "people", "refusals", "texting", "toggles"},
    "undo": {"accounts", "audit", "key_lists", "people", "refusals", "texting", "toggles", "undo_offers"},
    "upkeep": {"accounts", "carriers", "hashes", "letters", "records", "texting", "undo_offers"},
    "search": {"names", "texting"},
    "waiting": {"carriers", "people", "records", "spam", "texting"},
}
BELOW = {"carriers", "dialects", "extensions", "lengths", "marks", "models", "rules", "write_scopes"}
KNOWS |= {f"services.{room}": BELOW | {f"services.{other}" for other in others} for room, others in ROOMS.items()}
# Only this room opens files and databases by itself.
KNOWS["services.upkeep"] |= {"databases", "stored_files"}
# Of these every module or room has a line of its own.
DIVIDED = {"processes", "services", "web"}
# What these may import from outside the portal, besides the standard library.
FROM_OUTSIDE = {"rules": {"idna", "phonenumbers"}, "carriers": {"cryptography", "urllib3"}, "variables": set()}
TEMPLATES = PORTAL / "templates"
USED = re.compile(r"""{%-?\s*(?:extends|include|import|from)\s+["']([^"']+)""")
HOLDS_NO_PYTHON = ("templates", "static", "translations")


class Arrow(NamedTuple):
    """One imported name: from which module to which, and whether only annotations use it."""

    source: str
    target: str
    annotates: bool


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(nodes: Iterable[ast.AST], package: str) -> Iterator[tuple[str, str]]:
    """Every import, inside functions too: its full name and the name it has in the module."""
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            relative = isinstance(node, ast.ImportFrom)
            base = resolve_name("." * node.level + (node.module or ""), package) + "." if relative else ""
            yield from ((base + alias.name, alias.asname or alias.name) for alias in node.names)


def only_annotating(tree: ast.AST, package: str) -> set[str]:
    """The names that annotations use and nothing else does, and those that only a type checker sees."""
    guards = [node for node in ast.walk(tree) if isinstance(node, ast.If)]
    guarded = [node for guard in guards if "TYPE_CHECKING" in ast.dump(guard.test) for node in guard.body]
    said = [getattr(node, field, None) for node in ast.walk(tree) for field in ("annotation", "returns")]
    inside = {inner for annotation in said if annotation for inner in ast.walk(annotation)}
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    seen = {node.id for node in names if node in inside} - {node.id for node in names if node not in inside}
    return seen | {name for _, name in imported(guarded, package)}


def arrows(source: str, path: Path) -> Iterator[Arrow]:
    """Whom a module knows."""
    tree, module = ast.parse(source), module_of(path)
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    annotating = only_annotating(tree, package)
    yield from (Arrow(module, target, name in annotating) for target, name in imported(ast.walk(tree), package))


def part(module: str) -> str:
    """The line of the table: `portal.blueprints.admin.views` belongs to `blueprints`."""
    names = module.removeprefix("portal").removeprefix(".").split(".")
    return ".".join(names[:2 if names[0] in DIVIDED else 1])


@cache
def rows(name: str) -> set[str]:
    """The lines that a name means: `web` all of that folder, `extensions.now` that of the module."""
    return {row for row in KNOWS if f"{row}.".startswith(f"{name}.") or f"{name}.".startswith(f"{row}.")}


@cache
def below(name: str) -> set[str]:
    """Everything further down."""
    known = {row for other in KNOWS[name] for row in rows(other)}
    return known.union(*map(below, known))


def holds(known: set[str], target: str) -> bool:
    """Whether a set names the target, or a module or folder that it belongs to."""
    parts = target.removeprefix("portal.").split(".")
    return any(".".join(parts[:length]) in known for length in range(1, len(parts) + 1))


def is_enum(target: str) -> bool:
    module, _, name = target.rpartition(".")
    return isinstance(getattr(import_module(module), name, None), EnumType)


def blueprint(module: str) -> str:
    return (*module.split("."), "", "")[2]


def wrong(arrow: Arrow) -> str:
    """Why an arrow is not in the picture, or ""."""
    mine, theirs = part(arrow.source), part(arrow.target)
    if not arrow.target.startswith("portal."):
        outside = arrow.target.partition(".")[0]
        allowed = FROM_OUTSIDE.get(mine, {outside}) | sys.stdlib_module_names | {"portal"}
        return "" if outside in allowed else f"{mine} stays clear of {outside}"
    if mine == theirs:
        crossing = mine == "blueprints" and blueprint(arrow.source) not in {"", blueprint(arrow.target)}
        return "blueprints do not know each other" if crossing else ""
    if not holds(below(mine) if arrow.annotates else KNOWS[mine], arrow.target):
        return f"{mine} does not know {theirs}"
    if mine == "models" and theirs == "rules" and not is_enum(arrow.target):
        return "models know only the enums of the rules"
    return ""


MODULES = [ROOT / "wsgi.py", *sorted(PORTAL.rglob("*.py"))]


def test_every_module_has_its_place():
    """A new module needs a line in KNOWS: decide where it stands before it imports anything."""
    assert {part(module_of(path)) for path in MODULES} - {"", *DIVIDED} <= set(KNOWS)


@pytest.mark.parametrize("path", MODULES, ids=module_of)
def test_imports_go_down_only(path):
    found = {arrow: wrong(arrow) for arrow in arrows(path.read_text(encoding="utf-8"), path)}
    assert not {arrow.target: why for arrow, why in found.items() if why}


@pytest.mark.parametrize("folder", HOLDS_NO_PYTHON)
def test_folders_for_other_things_hold_no_python(folder):
    assert not list((PORTAL / folder).rglob("*.py"))


def test_templates_use_their_own_folder_and_the_shared_one():
    """What two blueprints show alike belongs to neither."""
    for page in sorted(TEMPLATES.rglob("*.html")):
        folder = page.relative_to(TEMPLATES).parts[0]
        assert {used.partition("/")[0] for used in USED.findall(page.read_text())} <= {folder, "shared"}, page


def test_the_table_has_no_circle():
    """`below` would not come back; and nobody is said to know what has no line."""
    for name, known in KNOWS.items():
        assert name not in below(name)
        assert all(map(rows, known)), name


@pytest.mark.parametrize(("module", "source", "why"), [
    ("rules/a.py", "from .facts import Facts", ""),
    ("rules/a.py", "import re, phonenumbers", ""),
    ("rules/table/a.py", "from ..decision import N_", ""),
    ("rules/a.py", "def f():\n    import flask", "rules stays clear of flask"),
    ("rules/table/a.py", "from ...models import User", "rules does not know models"),
    ("carriers/a.py", "from portal.rules import Act", "carriers does not know rules"),
    ("carriers/a.py", "from sqlalchemy.orm import Session", "carriers stays clear of sqlalchemy"),
    ("models/a.py", "from portal.rules.switches import Level", ""),
    ("models/a.py", "from portal.rules.switches import resolve", "models know only the enums of the rules"),
    ("models/a.py", "from portal.rules import facts", "models know only the enums of the rules"),
    ("models/a.py", "import portal.services.audit", "models does not know services.audit"),
    ("services/people/a.py", "from ..accounts import links", ""),
    ("services/people/a.py", "from ..spam.cases import page", "services.people does not know services.spam"),
    ("services/audit.py", "from .people import users", "services.audit does not know services.people"),
    ("services/people/a.py", "from portal import blueprints", "services.people does not know blueprints"),
    ("services/people/a.py", "from ...blueprints.admin import views", "services.people does not know blueprints"),
    ("blueprints/admin/a.py", "from . import forms", ""),
    ("blueprints/admin/a.py", "from portal.services import people", ""),
    ("blueprints/admin/a.py", "from ..spam import views", "blueprints do not know each other"),
    ("blueprints/admin/a.py", "from portal.blueprints import spam", "blueprints do not know each other"),
    ("blueprints/__init__.py", "from portal.blueprints import spam", ""),
    ("blueprints/admin/a.py", "from portal.models import User", "blueprints does not know models"),
    ("blueprints/admin/a.py", "from ...models import User as U\nU()", "blueprints does not know models"),
    ("blueprints/admin/a.py", "from portal.models import User\ndef f(user: User): ...", ""),
    ("blueprints/admin/a.py", "if TYPE_CHECKING:\n    from portal.models import User", ""),
    ("blueprints/admin/a.py", "from portal.extensions import now", ""),
    ("blueprints/admin/a.py", "from portal.extensions import db", "blueprints does not know extensions"),
    ("services/people/a.py", "from portal.web.forms import Form", "services.people does not know web.forms"),
    ("services/people/a.py", "from portal.web.forms import Form\nx: Form", "services.people does not know web.forms"),
])
def test_the_walker_sees_every_kind_of_import(module, source, why):
    assert "".join(wrong(arrow) for arrow in arrows(source, PORTAL / module)) == why
