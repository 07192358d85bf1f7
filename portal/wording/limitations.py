"""What a rule is about, what it does and where it comes from, in words, as the page of limitations shows them."""

from flask_babel import gettext

from portal.marks import N_
from portal.rules import Effect, Rule, Source
from portal.rules.decision import Act, DocumentEdition

EFFECTS = {
    Effect.BLOCK: N_("It is refused."),
    Effect.HOLD: N_("It is sent later."),
    Effect.WARN: N_("You are warned; it is not stopped."),
    Effect.NOTICE: N_("Good to know; nothing is stopped."),
}
READ_LATER = N_("It is accepted and read later.")
ACTS = {
    Act.USE: N_("Use texting"),
    Act.SWITCH: N_("Turn texting on or off"),
    Act.SEND: N_("Send a text"),
    Act.RECEIVE: N_("Receive a text"),
    Act.ANSWER: N_("Automatic answers"),
    Act.REPORT: N_("Report spam"),
    Act.INFORM: N_("Good to know"),
}
EDITION_NAMES = {DocumentEdition.GERMAN: N_("German edition"), DocumentEdition.POLISH: N_("Polish edition")}


def effect_in_words(rule: Rule, effect: Effect) -> str:
    """What an effect means for a person who breaks a rule; a report is not sent but read."""
    is_report = effect is Effect.HOLD and Act.REPORT in rule.acts
    return str(gettext(READ_LATER if is_report else EFFECTS[effect]))


def source_in_words(origin: Source) -> str:
    """Where a rule comes from, in words."""
    said = []
    if origin.editions:
        names = [str(gettext(EDITION_NAMES[edition])) for edition in origin.editions]
        said.append(str(gettext("From the help document: %(editions)s", editions=", ".join(names))))
    said += [origin.law] if origin.law else []
    said += [str(gettext("Set by this portal"))] if origin.portal else []
    return "; ".join(said)
