"""The help page for members: short, and what rules say stands there in the words of the rule table."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, render_template
from flask_babel import gettext
from flask_login import current_user

from portal import wording
from portal.marks import N_
from portal.rules import BY_ID
from portal.services.texting import composer
from portal.web.public_pages import answer_all_strangers
from portal.web.reader import signed_in_user
from portal.wording import texts
from portal.wording.settings import operator_in_words

from . import bp
from .limitations_page import general_remedy_of_rule

# In the order in which a text goes through them: the state, and what it means for the person who wrote.
MEANINGS = (
    ("queued", N_("It leaves in a moment. You can close the page.")),
    ("", N_("A rule holds it back, and the text says which one. It leaves later by itself, unless you cancel it.")),
    ("sent", N_("The carrier took it. We do not know yet whether the phone has it.")),
    ("delivered", N_("The phone has it, says the carrier. Nobody can tell whether it was read.")),
    ("failed", N_("The carrier or the phone did not take it. The text says why, if the carrier did. Call the person"
                  " instead.")),
    ("refused", N_("It never left. You canceled it, a rule refused it, or it waited too long. The text says which.")),
    ("unknown", N_("It may have left or not. Ask the person before you send it again.")),
)
# Anchor, title and rules of what members ask about; each rule says its limitation and its remedy.
SUBJECTS_OF_RULES = (
    ("emergency", N_("Emergencies"), ("emergency", "crisis-line")),
    ("health", N_("What never belongs in a text"), ("hipaa",)),
    ("stop", N_("After STOP"), ("opted-out", "maybe-opted-out")),
    ("night", N_("At night"), ("quiet-hours",)),
)


@dataclass(frozen=True, slots=True)
class HelpRule:
    """A rule as the help page says it; `remedy` is "" where it needs the values of a case."""

    id: str
    sentence: str
    remedy: str


@dataclass(frozen=True, slots=True)
class HelpSubject:
    """One subject with the rules that answer it."""

    anchor: str
    title: str
    rules: Sequence[HelpRule]


@dataclass(frozen=True, slots=True)
class HelpState:
    """A state of a text: its key for the looks, its words, and what it means for the person who wrote."""

    look: str
    label: str
    meaning: str


@dataclass(frozen=True, slots=True)
class HelpPage:
    """What the help page shows; `admins` and `contact` are those of the reader's organization, empty without one."""

    emergency: HelpSubject
    first_contact: str
    states: Sequence[HelpState]
    subjects: Sequence[HelpSubject]
    admins: str
    contact: str
    operator: str


def describe_subject(anchor: str, title: str, ids: Sequence[str]) -> HelpSubject:
    """One subject in the reader's language."""
    known = current_user.is_authenticated
    return HelpSubject(anchor, gettext(title), [
        HelpRule(rule.id, wording.limitation_of_rule(rule, known), general_remedy_of_rule(rule))
        for rule in map(BY_ID.__getitem__, ids)])


def describe_state(state: str, meaning: str) -> HelpState:
    """One state in the reader's language; "" is that of a text that a rule holds back."""
    key, label = texts.TEXT_STATES[state] if state else texts.WAITING_LABEL
    return HelpState(texts.LOOK_OF_STATE[key], gettext(label), gettext(meaning))


def help_page() -> HelpPage:
    """The page for this reader; strangers cost no query."""
    organization = current_user.organization if current_user.is_authenticated else None
    emergency, *subjects = (describe_subject(*one) for one in SUBJECTS_OF_RULES)
    return HelpPage(
        emergency=emergency, subjects=subjects, states=[describe_state(*one) for one in MEANINGS],
        first_contact=general_remedy_of_rule(BY_ID["first-contact"]),
        admins=", ".join(composer.list_admin_names(signed_in_user())) if organization else "",
        contact=organization.help_contact if organization else "",
        operator=operator_in_words(),
    )


@bp.get("/help")
def show_help() -> Response:
    """How to text, what the states mean, what to do when a text is refused, and whom to ask."""
    return answer_all_strangers(write_help_page)


def write_help_page() -> str:
    """The page for this reader."""
    return render_template("notices/help.html", page=help_page())
