"""What operators choose for an organization, or leave to the portal, in words."""

from flask_babel import gettext

from portal.extensions import current_settings
from portal.marks import N_
from portal.rules import facts
from portal.variables import UNNAMED_PROVIDER

REGISTRATIONS = {
    facts.Registration.ALL: N_("all texts"),
    facts.Registration.US_RECIPIENTS: N_("texts to US numbers"),
    facts.Registration.NONE: N_("no text"),
}
QUIET_RULES = {
    facts.QuietRule.WARN: N_("warn the sender"),
    facts.QuietRule.HOLD: N_("hold the text until it may leave"),
}


def operator_in_words() -> str:
    """Who runs this portal: a name, or "the provider" where the settings say none."""
    operator = str(current_settings().operator)
    return str(gettext(operator)) if operator == UNNAMED_PROVIDER else operator
