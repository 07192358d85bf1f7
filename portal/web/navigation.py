"""Where a person can go from here, by their roles."""

from dataclasses import dataclass, replace

from flask import request, url_for
from flask_babel import gettext
from flask_login import current_user

from portal.marks import N_, NP_
from portal.web.counts import CountBadge, badge_of_entry

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
    """One entry of the navigation."""

    label: str
    address: str
    current: bool
    badge: CountBadge | None


@dataclass(frozen=True, slots=True)
class NavigationGroup:
    """Entries under a heading; "" where there are too few entries for headings."""

    heading: str
    entries: list[NavigationEntry]


def list_navigation() -> list[NavigationGroup]:
    """Where this person can go from here; strangers find their ways on the start page."""
    if not current_user.is_authenticated:
        return []
    offered = [(heading, _offered(ways)) for heading, ways in GROUPS]
    addresses = [address for _heading, ways in offered for _view, _label, address in ways]
    here, few = _nearest(addresses), len(addresses) <= FEW
    return [_group("" if few else heading, ways, here) for heading, ways in offered if ways]


def list_links_below() -> list[NavigationEntry]:
    """The links below the page for who has no more to do here than to text; none for everybody else.

    Their badges have ids of their own: the same count stands in the navigation.
    """
    if not current_user.is_authenticated or current_user.organization_id is None or current_user.has_role:
        return []
    return [NavigationEntry(gettext(label), url_for(view), url_for(view) == request.path, _badge_below(view))
            for view, label in BELOW]


def _badge_below(view: str) -> CountBadge | None:
    badge = badge_of_entry(view)
    return badge and replace(badge, id=f"{badge.id}-below")


def _group(heading: str, ways: list[tuple[str, str, str]], here: str) -> NavigationGroup:
    return NavigationGroup(gettext(heading) if heading else "", [
        NavigationEntry(label, address, address == here, badge_of_entry(view)) for view, label, address in ways])


def _offered(ways: tuple[tuple[str, str, str], ...]) -> list[tuple[str, str, str]]:
    """The views, labels and addresses that a person's roles lead to."""
    member = current_user.organization_id is not None
    roles = {ANYONE: True, MEMBER: member, OPERATOR: current_user.operator,
             INSIDE: member and (current_user.admin or current_user.auditor)}
    return [(view, gettext(label), url_for(view)) for view, label, whom in ways if roles[whom]]


def _nearest(addresses: list[str]) -> str:
    """The entry that leads to this page: the longest one that its address begins with."""
    path = url_for(BELONGS[request.endpoint]) if request.endpoint in BELONGS else request.path
    above = (one for one in addresses if f"{path}/".startswith(f"{one.rstrip('/')}/"))
    return max(above, key=len, default="") if request.endpoint else ""
