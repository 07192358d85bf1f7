"""Parts of pages that are written once for all readers to whom they say the same, with places for the rest.

A part depends on the locale in force, on the settings of the application and on what is handed to the function that
writes it, and on nothing else: these are what it is kept under. What is one reader's own or one answer's, such as a
name or the token of a form, is filled in.
"""

from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from babel import Locale
from flask import Flask, current_app
from markupsafe import Markup

from portal.extensions import present_locale
from portal.web.template_words import TemplateEnvironment

# More than there are parts, languages, roles and entries of the navigation; older ones go.
MOST_PARTS = 2000
# Of those that follow what happens, such as counts of texts: who opens a page again soon finds the same.
MOST_RECENT = 100
# It stands before and after the name of a place. No sentence holds it, and no value is looked through for it.
SIGN = "\x1f"
NOTHING: Mapping[str, str] = {}


def mark_place(name: str) -> str:
    """What a part holds in the place of a value, until it is filled in as text of a page or of an attribute."""
    return f"{SIGN}{name}{SIGN}"


def write_part(template: str, **values: Any) -> str:
    """What a template writes of these values. It knows the words of the portal, and not who is signed in."""
    return current_app.jinja_env.get_template(template).render(values)


class KeptPart(NamedTuple):
    """A part as it is kept: text and names of places, in turns."""

    pieces: list[str]

    def fill(self, own: Mapping[str, str]) -> Markup:
        """The part with the values of `own` (by name) in their places."""
        shown = {name: TemplateEnvironment.show(value) for name, value in own.items()}
        pieces = self.pieces.copy()
        pieces[1::2] = [shown[name] for name in pieces[1::2]]
        return Markup("".join(pieces))  # noqa: S704 - the pieces are of our templates, the values are escaped


def keep_part(write: Callable[..., str], *told: Hashable) -> KeptPart:
    """What `write(*told)` writes in the locale in force, to be filled in, as often as one likes."""
    app: Any = current_app
    return _write_once(app._get_current_object(), present_locale(), write, told)


def fill_part(write: Callable[..., str], *told: Hashable, own: Mapping[str, str] = NOTHING) -> Markup:
    """What `write(*told)` writes in the locale in force, with the values of `own` (by name) in their places."""
    return keep_part(write, *told).fill(own)


def show_recent_part(write: Callable[..., str], *told: Hashable) -> Markup:
    """What `write(*told)` writes, with nothing to fill in; only the newest are kept.

    For what changes all the time, such as counts of texts: older ones never return.
    """
    app: Any = current_app
    return _write_recent(app._get_current_object(), present_locale(), write, told)


def forget_parts() -> None:
    """Write every part anew: what they are made of has changed under a running portal, as tests do."""
    _write_once.cache_clear()
    _write_recent.cache_clear()


@lru_cache(maxsize=MOST_PARTS)
def _write_once(_app: Flask, _locale: Locale | None, write: Callable[..., str], told: tuple[Hashable, ...]) -> KeptPart:
    return KeptPart(write(*told).split(SIGN))


@lru_cache(maxsize=MOST_RECENT)
def _write_recent(_app: Flask, _locale: Locale | None, write: Callable[..., str], told: tuple[Hashable, ...]) -> Markup:
    return Markup(write(*told))  # noqa: S704 - it is of our templates
