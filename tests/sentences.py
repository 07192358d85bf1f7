"""Every English sentence that the portal can say, as it stands in modules and templates."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment
from jinja2.ext import extract_from_ast

PORTAL = Path(__file__).parents[1] / "portal"
# The functions that take message ids, and those that print on the command line.
MARKING = frozenset({"_", "N_", "gettext", "lazy_gettext", "make_plural", "ngettext"})
PRINTING = frozenset({"ClickException", "echo", "secho"})
_ENVIRONMENT = Environment(extensions=["jinja2.ext.do", "jinja2.ext.i18n"], autoescape=True)


def every_sentence() -> Iterator[tuple[str, str]]:
    """(where it stands, sentence) of all message ids and of what commands print."""
    for path in sorted([*PORTAL.rglob("*.py"), *PORTAL.rglob("*.html")]):
        source, where = path.read_text(encoding="utf-8"), path.relative_to(PORTAL).as_posix()
        for line, said in (_of_template if path.suffix == ".html" else _of_module)(source):
            yield f"{where}:{line}", said


def _of_module(source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _name(node.func) in MARKING | PRINTING:
            for argument in node.args:
                yield from ((node.lineno, said) for said in _texts(argument))


def _name(called: Any) -> str:
    return str(getattr(called, "id", "") or getattr(called, "attr", ""))


def _texts(argument: ast.expr) -> Iterator[str]:
    """What is written out in an argument; a value within it becomes `…`."""
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        yield argument.value
    elif isinstance(argument, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "…" for part in argument.values)  # type: ignore[misc]


def _of_template(source: str) -> Iterator[tuple[int, str]]:
    for line, _function, said in extract_from_ast(_ENVIRONMENT.parse(source), MARKING):
        for one in said if isinstance(said, tuple) else (said,):
            if one:
                yield line, one
