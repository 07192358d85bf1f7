"""What operators choose for an organization, or leave to the portal, in words."""

from portal.marks import N_
from portal.rules import facts

REGISTRATIONS = {
    facts.Registration.ALL: N_("all texts"),
    facts.Registration.US_RECIPIENTS: N_("texts to US numbers"),
    facts.Registration.NONE: N_("no text"),
}
QUIET_RULES = {
    facts.QuietRule.WARN: N_("warn the sender"),
    facts.QuietRule.HOLD: N_("hold the text until it may leave"),
}
