"""Reports and cases in words."""

from flask_babel import gettext

from portal.extensions import current_settings
from portal.marks import N_, NP_
from portal.rules.cases import CaseState, Match
from portal.rules.facts import Category

from .languages import LetterText, write_in_language
from .settings import operator_in_words

CATEGORIES = {
    Category.SCAM: N_("Scam or phishing"),
    Category.ADVERTISING: N_("Unwanted advertising"),
    Category.IGNORED_STOP: N_("Ignored my STOP"),
    Category.THREATENING: N_("Threatening"),
    Category.WRONG_PERSON: N_("Wrong person"),
    Category.OTHER: N_("Something else"),
}
CASE_STATES = {
    CaseState.OPEN: N_("Open"),
    CaseState.ASSIGNED: N_("Being looked at"),
    CaseState.UPHELD: N_("Broke the rules"),
    CaseState.NOT_UPHELD: N_("Did not break the rules"),
    CaseState.DUPLICATE: N_("Duplicate"),
}
MATCHES = {
    Match.WAITING: N_("not looked into yet"),
    Match.VERIFIED: N_("verified: this number got the text"),
    Match.KNOWN: N_("text found, recipient not confirmed"),
    Match.UNMATCHED: N_("matches nothing that was sent"),
}
# What the reporter reads, by the word of `spam.progress`.
PROGRESS = {
    "received": NP_("report", "Received"),
    "looked-at": N_("Being looked at"),
    "acted": N_("Action taken"),
    "no-violation": N_("Did not break the rules"),
}
EXPLAINED = {
    "received": N_("Your report is stored and waits for an operator to look at it."),
    "looked-at": N_("An operator is looking at your report."),
    "acted": N_("The sender broke the rules and we took action. We can't share the details."),
    "no-violation": N_("We looked at it and found nothing against the rules. If texts go on, answer STOP or report the"
                       " next one."),
}
# The lines of a case's history.
ENTRIES = {
    "opened": N_("The case was opened."),
    "seen": N_("Opened the page."),
    "assigned": N_("Took the case."),
    "note": N_("Added a note."),
    "upheld": N_("Decided: broke the rules."),
    "not-upheld": N_("Decided: did not break the rules."),
    "duplicate": N_("Decided: duplicate."),
    "reopened": N_("Reopened the case."),
    "restricted": N_("Restricted the sender."),
    "restricted-by-reports": N_("Verified reports restricted the sender."),
    "restriction-extended": N_("Extended the restriction."),
    "restriction-lifted": N_("Lifted the restriction."),
    "appealed": N_("The sender appealed."),
    "appeal-kept": N_("Kept the restriction after the appeal."),
    "exported": N_("Exported the case."),
}


def outcome_letter(language: str, reference: str, progress: str) -> LetterText:
    """Subject and words of the letter that tells a reporter the outcome, in the language of their report."""
    settings = current_settings()
    with write_in_language(language) as tag:
        subject = gettext("Your report of spam, reference %(reference)s", reference=reference)
        said = [f"{gettext(PROGRESS[progress])}. {gettext(EXPLAINED[progress])}",
                gettext("You asked for this letter when you reported a text sent with %(service)s. It is the only"
                        " one. Your email address is erased now.", service=settings.service),
                operator_in_words()]
    return LetterText(subject, "\n\n".join(said) + "\n", tag)
