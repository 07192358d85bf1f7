"""What stands around the content of every page: the bar above it, the navigation, the footer, the links below.

Each part is written once (`kept_parts`): the functions that write one look at what they are handed, and at neither the
request nor its reader.
"""

from collections.abc import Collection

from flask import Flask, request
from flask_login import current_user
from markupsafe import Markup

from portal.web.counts import (
    BELOW_PAGE,
    COUNTED,
    COUNTED_BELOW,
    counts_for_reader,
    id_of_badge,
    is_pretending,
    make_count_badge,
)
from portal.web.form_tokens import make_form_token
from portal.web.kept_parts import fill_part, mark_place, write_part
from portal.web.navigation import (
    NavigationReader,
    addresses_below,
    find_entry_of_page,
    list_links_below,
    list_navigation,
    read_navigation_reader,
)
from portal.web.reader import address_of_page, language_of_reader
from portal.web.static_files import fingerprinted_name

NONE = Markup()


def furnish_frame(app: Flask) -> None:
    """Give the templates the parts of the frame."""
    app.jinja_env.globals.update(
        mark_place=mark_place, brand_of_page=fill_brand, find_form_of_page=fill_find_form, person_of_page=fill_person,
        navigation_of_page=fill_navigation, footer_of_page=fill_footer, links_below_page=fill_links_below)


def fill_brand(name: str) -> Markup:
    """The icon and this name, which lead to the start page."""
    return fill_part(write_brand, fingerprinted_name("icon.svg"), own={"name": name})


def write_brand(_icon: str) -> str:
    """The same with a place for the name. The icon's name changes with its content, and so does its address."""
    return write_part("shared/_brand.html", name=mark_place("name"))


def fill_find_form() -> Markup:
    """The form to search for something anywhere."""
    return fill_part(write_find_form, own={"token": make_form_token()})


def write_find_form() -> str:
    """The same with a place for the token."""
    return write_part("shared/_find.html", token=mark_place("token"))


def fill_person() -> Markup:
    """The menu with the signed-in person's name, their languages and the way out."""
    return fill_part(write_person, request.method in ("GET", "HEAD"), language_of_reader(), own={
        "name": current_user.name, "token": make_form_token(), "back": address_of_page()})


def write_person(asked: bool, present: str) -> str:
    """The same with places for name, token and address of the page, which was `asked` for or answers a form.

    `present` is the code of the language in which the person reads.
    """
    return write_part("shared/_person.html", asked=asked, present=present,
                           **{name: mark_place(name) for name in ("name", "token", "back")})


def fill_navigation() -> Markup:
    """Where the reader can go, with counts of what waits there; nothing for strangers."""
    reader = read_navigation_reader()
    return fill_part(write_navigation, reader, find_entry_of_page(reader), own=_badges()) if reader else NONE


def write_navigation(reader: NavigationReader, here: str) -> str:
    """The same with places for the counts. `here` is the address of the entry to which the page belongs."""
    return write_part("shared/_nav.html", groups=list_navigation(reader, here))


def fill_links_below() -> Markup:
    """What stands below every page on a narrow screen, for who only texts; nothing for everybody else."""
    reader = read_navigation_reader()
    if not reader or not reader.only_texts:
        return NONE
    here = request.path if request.path in addresses_below() else ""
    return fill_part(write_links_below, reader, here, own=_badges(COUNTED_BELOW, BELOW_PAGE))


def write_links_below(reader: NavigationReader, here: str) -> str:
    """The same with places for the counts. `here` is the address of the page, where it is one of the links."""
    return write_part("shared/_below.html", links=list_links_below(reader, here))


def _badges(views: Collection[str] = COUNTED, end: str = "") -> dict[str, Markup]:
    """The badges for the places with their ids."""
    return {id_of_badge(view, end): fill_part(write_badge, view, count, end)
            for view, count in counts_for_reader().items() if view in views}


def write_badge(view: str, count: int, end: str) -> str:
    """A count, as the navigation shows it, or the links below the page."""
    return write_part("shared/_badge.html", badge=make_count_badge(view, count, end))


def fill_footer() -> Markup:
    """The links at the end of every page."""
    return fill_part(write_footer, bool(current_user.is_authenticated), is_pretending())


def write_footer(inside: bool, pretends: bool) -> str:
    """The same for who is signed in or not, where texts leave this machine or only `pretends` to."""
    return write_part("shared/_footer.html", inside=inside, pretends=pretends)
