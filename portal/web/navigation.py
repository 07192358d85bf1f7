"""Where a person can go from here, by their roles."""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple

from flask import Flask, current_app, request, url_for
from flask_babel import gettext
from flask_login import current_user

from portal.marks import N_, NP_
from portal.web.counts import BELOW_PAGE, counts_for_reader, id_of_badge
from portal.web.reader import signed_in_user

# Whom an entry is for.
INSIDE, MEMBER, OPERATOR, ANYONE = "inside", "member", "operator", "anyone"
# Groups of entries: heading, and for each entry its view, its label and whom it is for.
GROUPS = (
    ("", (
        ("admin.show_overview", N_("Overview"), INSIDE),
        ("messaging.show_inbox", N_("Messages"), MEMBER),
        ("operator.organizations", N_("Organizations"), OPERATOR),
        ("operator.claims", N_("Claimed numbers"), OPERATOR),
        ("operator.list_carriers", N_("Carriers"), OPERATOR),
    )),
    (N_("People"), (
        ("admin.list_users", N_("Users"), INSIDE),
        ("admin.list_locations", N_("Locations"), INSIDE),
        ("admin.list_imports", NP_("page", "Import"), INSIDE),
    )),
    (N_("Rules"), (
        ("admin.show_settings", N_("Settings"), INSIDE),
        ("admin.list_optouts", N_("Opt-outs"), INSIDE),
        ("admin.list_consents", N_("Consents"), INSIDE),
        ("admin.show_check_form", N_("Can they text?"), INSIDE),
        ("notices.show_limitations", N_("Limitations"), ANYONE),
    )),
    (N_("Spam"), (
        ("operator.cases", N_("Spam cases"), OPERATOR),
        ("operator.restrictions", N_("Restrictions"), OPERATOR),
        ("operator.list_web_requests", N_("Requests on the web"), OPERATOR),
        ("operator.list_refused_addresses", N_("Refused addresses"), OPERATOR),
    )),
    (N_("Compliance"), (
        ("notices.show_notices", N_("Notices"), ANYONE),
        ("admin.list_audit_events", N_("Audit log"), INSIDE),
        ("admin.list_records", N_("Records"), INSIDE),
        ("operator.list_records_to_decide", N_("Records requests"), OPERATOR),
        ("admin.show_own_organization", N_("Organization"), INSIDE),
    )),
)
# What stands below every page on a narrow screen, for members without a role.
BELOW = (("messaging.show_inbox", N_("Messages")), ("messaging.write_new_text", N_("New")),
         ("auth.show_account", N_("Account")))
# With so few entries headings would only be in between.
FEW = 5
# Pages whose address does not begin with that of the entry they belong to.
BELONGS = {
    "admin.show_long_change": "admin.list_users", "admin.undo_long_change": "admin.list_users",
    "operator.list_inventories": "operator.claims", "operator.upload_inventory": "operator.claims",
    "operator.show_inventory": "operator.claims",
    "operator.show_appeal_to_operator": "operator.restrictions",
    "operator.submit_appeal_decision": "operator.restrictions",
    "notices.show_own_appeal": "notices.show_notices", "notices.send_appeal": "notices.show_notices",
}


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """One entry of the navigation; `badge` is the id of the place of its count, "" where nothing is counted."""

    label: str
    address: str
    current: bool
    badge: str


@dataclass(frozen=True, slots=True)
class NavigationGroup:
    """Entries under a heading; "" where there are too few entries for headings."""

    heading: str
    entries: list[NavigationEntry]


class NavigationReader(NamedTuple):
    """All that the navigation depends on besides the page: roles, and the views at which something is counted.

    A member is of an organization, who is inside looks after it, and who only texts has no role at all.
    """

    member: bool
    inside: bool
    operator: bool
    only_texts: bool
    counted: tuple[str, ...]


def read_navigation_reader() -> NavigationReader | None:
    """The reader of this page; None for strangers, who find their ways on the start page."""
    if not current_user.is_authenticated:
        return None
    user = signed_in_user()
    member = user.organization_id is not None
    return NavigationReader(member, member and (user.admin or user.auditor), user.operator,
                            member and not user.has_role, tuple(counts_for_reader()))


def list_navigation(reader: NavigationReader, here: str) -> list[NavigationGroup]:
    """Where a person can go from the page to which the entry with the address `here` leads."""
    offered = [(heading, _offered(reader, ways)) for heading, ways in GROUPS]
    few = sum(len(ways) for _heading, ways in offered) <= FEW
    return [_group("" if few else heading, ways, reader, here) for heading, ways in offered if ways]


def list_links_below(reader: NavigationReader, here: str) -> list[NavigationEntry]:
    """The links below the page for who has no more to do here than to text; none for everybody else.

    Their badges have ids of their own: the same count stands in the navigation.
    """
    return [_entry(view, label, reader, here, BELOW_PAGE) for view, label in BELOW] if reader.only_texts else []


def _group(heading: str, ways: list[tuple[str, str]], reader: NavigationReader, here: str) -> NavigationGroup:
    return NavigationGroup(gettext(heading) if heading else "",
                           [_entry(view, label, reader, here) for view, label in ways])


def _entry(view: str, label: str, reader: NavigationReader, here: str, end: str = "") -> NavigationEntry:
    address, counted = url_for(view), view in reader.counted
    return NavigationEntry(gettext(label), address, address == here, id_of_badge(view, end) if counted else "")


def _offered(reader: NavigationReader, ways: tuple[tuple[str, str, str], ...]) -> list[tuple[str, str]]:
    """The views and labels that a person's roles lead to."""
    roles = {ANYONE: True, MEMBER: reader.member, OPERATOR: reader.operator, INSIDE: reader.inside}
    return [(view, label) for view, label, whom in ways if roles[whom]]


def addresses_below() -> frozenset[str]:
    """The addresses of the links below the page."""
    app: Any = current_app
    return _addresses_below(app._get_current_object())


@cache
def _addresses_below(_app: Flask) -> frozenset[str]:
    return frozenset(url_for(view) for view, _label in BELOW)


@lru_cache(maxsize=64)
def _addresses_of(_app: Flask, reader: NavigationReader) -> list[str]:
    return [url_for(view) for _heading, ways in GROUPS for view, _label in _offered(reader, ways)]


def find_entry_of_page(reader: NavigationReader) -> str:
    """The address of the entry that leads to this page: the longest one that its address begins with; "" for none."""
    if not request.endpoint:
        return ""
    app: Any = current_app
    path = url_for(BELONGS[request.endpoint]) if request.endpoint in BELONGS else request.path
    above = (one for one in _addresses_of(app._get_current_object(), reader)
             if f"{path}/".startswith(f"{one.rstrip('/')}/"))
    return max(above, key=len, default="")
