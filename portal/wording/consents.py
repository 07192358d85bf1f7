"""How a person agreed to texts, and how that ended, in words."""

from collections.abc import Mapping

from flask_babel import gettext

from portal.marks import N_
from portal.rules.facts import ConsentKind

CONSENT_KINDS = {
    ConsentKind.EXPRESS: N_("they agreed to texts"),
    ConsentKind.PURCHASE: N_("they bought something"),
    ConsentKind.INQUIRY: N_("they asked about something"),
    ConsentKind.WROTE_FIRST: N_("they wrote first"),
}
CONSENT_ENDINGS: Mapping[str, str] = {
    "opted-out": N_("ended: they opted out"), "withdrawn": N_("withdrawn"), "corrected": N_("corrected"),
}
# What the portal heard itself, in a text, has no other proof.
HEARD: Mapping[str, str] = {
    "wrote-first": N_("They texted first. Each of their texts extends it."), "express": N_("They texted START."),
}


def consent_state_in_words(ending: str | None, in_force: bool) -> str:
    """Whether a consent counts, and if not, why."""
    if ending:
        return str(gettext(CONSENT_ENDINGS[ending]))
    return str(gettext("counts") if in_force else gettext("its time is over"))


def consent_proof_in_words(kind: str, proof: str) -> str:
    """The proof as it was written down, or what the portal heard."""
    return proof or str(gettext(HEARD[kind]))
