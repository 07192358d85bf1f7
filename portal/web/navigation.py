"""Where a person can go from here, by their roles."""

from dataclasses import dataclass

from flask import request, url_for
from flask_babel import gettext
from flask_login import current_user

from portal.marks import N_
from portal.models import User
from portal.web.counts import CountBadge, badge_of_entry, counts_for_reader

ADMIN_WAYS = (
    ("admin.show_overview", N_("Overview")),
    ("admin.list_users", N_("Users")),
    ("admin.list_locations", N_("Locations")),
    ("admin.show_settings", N_("Service settings")),
    ("admin.show_check_form", N_("Check a person and a number")),
    ("admin.list_imports", N_("Import users")),
    ("admin.list_optouts", N_("Opt-outs")),
    ("admin.list_consents", N_("Consents")),
    ("admin.list_records", N_("Records")),
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
    ("operator.list_records_to_decide", N_("Records requests")),
    ("operator.list_web_requests", N_("Requests on the web")),
)
SIGNED_IN_WAYS = (
    ("notices.show_notices", N_("Notices")),
    ("notices.show_limitations", N_("Limitations")),
    ("auth.show_account", N_("Your account")),
)
# Pages whose address does not begin with that of the entry they belong to.
BELONGS = {
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
    count: int = 0
    badge: CountBadge | None = None


def list_navigation() -> list[NavigationEntry]:
    """Where this person can go from here; strangers find their ways on the start page."""
    if not current_user.is_authenticated:
        return []
    offered = [(view, gettext(label), url_for(view)) for view, label in _offered(current_user)]
    here, counts = _nearest([address for _view, _label, address in offered]), counts_for_reader()
    return [NavigationEntry(label, address, address == here, counts.get(view, 0), badge_of_entry(view))
            for view, label, address in offered]


def _offered(user: User) -> tuple[tuple[str, str], ...]:
    """The views and labels that a person's roles lead to."""
    member = user.organization_id is not None
    inside = member and (user.admin or user.auditor)
    offered = ((OPERATOR_WAYS, user.operator), (ADMIN_WAYS, inside), (MEMBER_WAYS, member), (SIGNED_IN_WAYS, True))
    return tuple(way for ways, may in offered if may for way in ways)


def _nearest(addresses: list[str]) -> str:
    """The entry that leads to this page: the longest one that its address begins with."""
    path = url_for(BELONGS[request.endpoint]) if request.endpoint in BELONGS else request.path
    above = (one for one in addresses if f"{path}/".startswith(f"{one.rstrip('/')}/"))
    return max(above, key=len, default="") if request.endpoint else ""
