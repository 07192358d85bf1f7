"""One letter to the provider with everything that only the provider can change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user

from portal.extensions import current_settings
from portal.marks import N_
from portal.rules import Fixer
from portal.rules.facts import Pstn
from portal.services.toggles import checklist
from portal.services.toggles.checklist import ChecklistItem
from portal.services.toggles.eligibility import OrganizationSnapshot
from portal.web import pages
from portal.web.mailto import MailtoLetter, write_mailto
from portal.wording import Button

from . import bp

# What the provider is asked for, by the rule that is not met. Blocks are left out: against them one appeals.
ASKS: Mapping[str, str] = {
    "customer-type": N_("Could you make us an enterprise customer?"),
    "calling-plan": N_("Could you add the calling plan?"),
    "add-on": N_("Could you add the Business Texting add-on?"),
    "location-pstn": N_("Could you connect these locations to your PSTN? %(places)s."),
    "number-unconfirmed": N_("Could you confirm the numbers that we entered?"),
    "number-coming": N_("Could you let the numbers that are on their way come sooner?"),
    "campaign": N_("Could you complete the registration of our brand and campaign?"),
}
PSTN_RULE = "location-pstn"


@dataclass(frozen=True, slots=True)
class ProviderRequestPage:
    """The letter ("" where nothing is missing), and one to open in a mail program where the provider has an address."""

    words: str
    mail: MailtoLetter | None


def ask_provider_button(location: str | None = None) -> Button:
    """The button that leads to the letter; `location` is the ref of one that it is to name."""
    return Button(gettext("Ask the provider"), url_for("admin.show_provider_request", location=location))


def list_asks(snapshot: OrganizationSnapshot, items: Iterable[ChecklistItem], named: str = "") -> list[str]:
    """What to ask for, one sentence or two for each: what, and how many users wait for it.

    `named` is the ref of a location that is asked for although nobody works there.
    """
    found = {item.rule.id: item for item in checklist.items_for_fixer(items, Fixer.PROVIDER)}
    places = _places_to_connect(snapshot, found.get(PSTN_RULE), named)
    return [_ask(rule, found.get(rule), places) for rule in ASKS if rule in found or (rule == PSTN_RULE and places)]


def _places_to_connect(snapshot: OrganizationSnapshot, item: ChecklistItem | None, named: str) -> list[str]:
    """The names of locations whose connection users wait for, that nobody has set yet, or that is asked for."""
    waiting = {place.id for place in item.locations} if item else set()
    return [place.name for place in snapshot.places() if place.id in waiting or place.pstn is Pstn.NOT_SET or (
        place.ref == named and place.pstn is not Pstn.PROVIDER)]


def _ask(rule: str, item: ChecklistItem | None, places: list[str]) -> str:
    asked = gettext(ASKS[rule], places=", ".join(places))
    many = item.users if item else 0
    waiting = ngettext("%(num)s user is waiting for it.", "%(num)s users are waiting for it.", many) if many else ""
    return f"{asked} {waiting}".strip()


def write_provider_letter(asks: list[str]) -> tuple[str, str]:
    """Subject and words of the letter with all of it; in the reader's name."""
    name = current_user.organization.name
    said = [gettext("Hello,"),
            gettext("could you help us with Business Texting at %(organization)s? This is what we are missing:",
                    organization=name),
            "\n".join(f"- {ask}" for ask in asks),
            gettext("What each of these is for: %(address)s", address=pages.full_address("notices.show_limitations")),
            f"{gettext('Kind regards')}\n{current_user.name}"]
    return gettext("Business Texting for %(organization)s", organization=name), "\n\n".join(said)


@bp.get("/provider-request")
def show_provider_request() -> str:
    """The letter, to copy or to open in a mail program."""
    snapshot = OrganizationSnapshot.read(current_user.organization_id)
    asks = list_asks(snapshot, checklist.list_checklist_items(snapshot), request.args.get("location", ""))
    to = current_settings().provider_email
    subject, words = write_provider_letter(asks) if asks else ("", "")
    mail = write_mailto(to, subject, words) if to and words else None
    return render_template("admin/provider_request.html", page=ProviderRequestPage(words, mail))
