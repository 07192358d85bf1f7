"""What a rule is about, what it does and where it comes from, in words, as the page of limitations shows them."""

from flask_babel import gettext

from portal.marks import N_, NP_
from portal.rules import Effect, Source
from portal.rules.decision import Act, DocumentEdition

# What becomes of an act that breaks a rule, in as few words as a badge holds; by act where it is no text that is sent.
EFFECTS = {Effect.BLOCK: N_("Refused"), Effect.HOLD: N_("Sent later"), Effect.WARN: N_("A warning only")}
EFFECTS_BY_ACT = {
    (Act.USE, Effect.BLOCK): N_("Required"), (Act.RECEIVE, Effect.BLOCK): N_("Not shown"),
    (Act.ANSWER, Effect.BLOCK): N_("No answer"), (Act.REPORT, Effect.HOLD): N_("Read later"),
}
ACTS = {
    Act.USE: N_("Use texting"),
    Act.SWITCH: N_("Turn texting on or off"),
    Act.SEND: N_("Send a text"),
    Act.RECEIVE: N_("Receive a text"),
    Act.ANSWER: N_("Automatic answers"),
    Act.REPORT: NP_("what one does", "Report spam"),
    Act.INFORM: N_("Good to know"),
}
EDITION_NAMES = {DocumentEdition.GERMAN: N_("German edition"), DocumentEdition.POLISH: N_("Polish edition")}


def effect_in_words(act: Act, effect: Effect) -> str:
    """What becomes of an act against a rule, for a badge; "" where nothing does."""
    said = EFFECTS_BY_ACT.get((act, effect)) or EFFECTS.get(effect, "")
    return str(gettext(said)) if said else ""


def source_in_words(origin: Source) -> str:
    """Where a rule comes from, in words; the edition of the help document only where the other one does not say it."""
    said = [str(gettext("Webex help"))] if origin.editions else []
    if len(origin.editions) == 1:
        said = [str(gettext("Webex help (%(edition)s)", edition=gettext(EDITION_NAMES[origin.editions[0]])))]
    said += [str(gettext(origin.law))] if origin.law else []
    said += [str(gettext("Set by this portal"))] if origin.portal else []
    return "; ".join(said)
