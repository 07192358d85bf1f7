"""What every page needs: language and zone, ways on, the words around the content."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from flask import Flask, current_app, has_request_context, request, url_for
from flask_babel import format_date, format_decimal, get_locale, gettext
from flask_login import current_user

from portal import wording
from portal.marks import N_
from portal.models import User
from portal.processes import htmx_file
from portal.web import device
from portal.wording import texts

LANGUAGES = ("en",)
UPLOADS = {"admin.upload_import_file": 10 * 1024 * 1024}

ADMIN_WAYS = (
    ("admin.show_overview", N_("Overview")),
    ("admin.list_users", N_("Users")),
    ("admin.list_locations", N_("Locations")),
    ("admin.show_settings", N_("Service settings")),
    ("admin.show_check_form", N_("Check a person and a number")),
    ("admin.list_imports", N_("Import users")),
    ("admin.list_optouts", N_("Opt-outs")),
    ("admin.list_audit_events", N_("Audit log")),
    ("admin.show_own_organization", N_("Organization")),
)
MEMBER_WAYS = (("messaging.show_inbox", N_("Messages")),)
OPERATOR_WAYS = (
    ("operator.organizations", N_("Organizations")),
    ("operator.claims", N_("Claimed numbers")),
    ("operator.list_refused_addresses", N_("Refused addresses")),
    ("operator.cases", N_("Spam cases")),
    ("operator.restrictions", N_("Restrictions")),
)
SIGNED_IN_WAYS = (
    ("notices.show_notices", N_("Notices")),
    ("notices.show_limitations", N_("Limitations")),
    ("auth.show_account", N_("Your account")),
)

# Pages whose address does not begin with that of the entry they belong to.
BELONGS = {
    "operator.show_appeal_to_operator": "operator.restrictions",
    "operator.submit_appeal_decision": "operator.restrictions",
    "notices.show_own_appeal": "notices.show_notices", "notices.send_appeal": "notices.show_notices",
}


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """One entry of the navigation."""

    label: str
    address: str
    current: bool


@dataclass(frozen=True, slots=True)
class HtmxScript:
    """Where htmx comes from, and its integrity hash when that is not the portal itself."""

    src: str
    integrity: str


def language_of_reader() -> str:
    """The reader's language: their own choice, else the browser's; the first one for the command line."""
    if not has_request_context():
        return LANGUAGES[0]
    chosen = current_user.language if current_user.is_authenticated else ""
    return chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


@lru_cache(maxsize=1)
def list_zone_names() -> tuple[str, ...]:
    """The names of all time zones with a place in them."""
    return tuple(sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))


def zone_of_reader() -> ZoneInfo:
    """The reader's time zone: their own, else their location's, else UTC."""
    if not current_user.is_authenticated:
        return ZoneInfo("UTC")
    own = current_user.time_zone or (current_user.location.time_zone if current_user.location else "")
    return ZoneInfo(own if own in list_zone_names() else "UTC")


def allow_upload() -> None:
    """Pages that take a file take more than a form's 64 kB."""
    if request.endpoint in UPLOADS:
        request.max_content_length = UPLOADS[request.endpoint]


def list_navigation() -> list[NavigationEntry]:
    """Where this person can go from here; strangers find their ways on the start page."""
    if not current_user.is_authenticated:
        return []
    addresses = [(gettext(label), url_for(view)) for view, label in _offered(current_user)]
    here = _nearest([address for _label, address in addresses])
    return [NavigationEntry(label, address, address == here) for label, address in addresses]


def _offered(user: User) -> tuple[tuple[str, str], ...]:
    """The views and labels that somebody's roles lead to."""
    member = user.organization_id is not None
    inside = member and (user.admin or user.auditor)
    offered = ((OPERATOR_WAYS, user.operator), (ADMIN_WAYS, inside), (MEMBER_WAYS, member), (SIGNED_IN_WAYS, True))
    return tuple(way for ways, may in offered if may for way in ways)


def _nearest(addresses: list[str]) -> str:
    """The entry that leads to this page: the longest one that its address begins with."""
    path = url_for(BELONGS[request.endpoint]) if request.endpoint in BELONGS else request.path
    above = (one for one in addresses if f"{path}/".startswith(f"{one.rstrip('/')}/"))
    return max(above, key=len, default="") if request.endpoint else ""


def full_address(view: str, **values: Any) -> str:
    """The address of a page for people who are not here: in a letter, or on a slip of paper."""
    return str(current_app.config["SETTINGS"].portal_url) + url_for(view, **values)


def htmx_script() -> HtmxScript:
    """The script tag's address and hash, by the setting HTMX."""
    if current_app.config["SETTINGS"].htmx == "self":
        return HtmxScript(url_for("status.send_htmx_file"), "")
    return HtmxScript(htmx_file.CDN, htmx_file.INTEGRITY)


def service_name() -> str:
    """What the portal is called here."""
    return str(current_app.config["SETTINGS"].service)


def furnish_templates(app: Flask) -> None:
    """Give the templates their words."""
    app.jinja_env.globals.update(
        language=lambda: str(get_locale()), ways=list_navigation, htmx_script=htmx_script, service_name=service_name,
        links_to_tell=device.list_links_to_tell, settings=app.config["SETTINGS"],
        pretends=lambda: not app.extensions["carrier"].real,
    )
    app.jinja_env.filters.update(
        moment=wording.moment_in_words, full_moment=wording.full_moment_in_words, phone=texts.display_number,
        country=wording.name_of_country,
        label=wording.enum_in_words, numberformat=format_decimal, dateformat=format_date,
        visible_controls=texts.mark_hidden_characters,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
