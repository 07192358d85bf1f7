"""What became of a text, what a line of a conversation says, and what stands in it, in the reader's language."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from flask_babel import format_datetime, gettext
from markupsafe import Markup, escape

from portal.marks import N_
from portal.rules import BY_ID
from portal.rules.characters import HIDING, JOINERS
from portal.rules.encoding import is_split
from portal.rules.numbers import shown

from . import Label, say

# By the state of a text: its key, for the looks and for telling changes, and its words.
STATES: Mapping[str, tuple[str, str]] = {
    "received": ("received", N_("Received")),
    "queued": ("sending", N_("Sending")),
    "claimed": ("sending", N_("Sending")),
    "handed-over": ("sent", N_("Sent")),
    "sent": ("sent", N_("Sent")),
    "delivered": ("delivered", N_("Delivered")),
    "undelivered": ("not-delivered", N_("Not delivered")),
    "failed": ("not-delivered", N_("Not delivered")),
    "expired": ("not-sent", N_("Not sent")),
    "refused": ("not-sent", N_("Not sent")),
    "canceled": ("not-sent", N_("Not sent")),
    "quarantined": ("unknown", N_("Unknown: may have been sent")),
    "unknown": ("unknown", N_("Unknown: may have been sent")),
}
WAITING = ("waiting", N_("Waiting"))
# How a state is colored and drawn: the names that the stylesheet knows.
LOOKS = {"delivered": "done", "sent": "info", "sending": "info", "waiting": "hold", "unknown": "warn",
         "not-sent": "block", "not-delivered": "block", "received": "info"}
# By a carrier's code, or by what we wrote in its place.
CODES: Mapping[str, str] = {
    "spam": N_("The carrier refused it as spam."),
    "unreachable": N_("The phone could not be reached."),
    "busy": N_("The carrier was busy; it is tried again."),
    "storage": N_("The carrier could not say whether it took it."),
    "no-answer": N_("The carrier's answer was lost."),
    "not-in-time": N_("It could not leave in time."),
    "said-sent": N_("You said that it was sent."),
    "sent-again": N_("You sent it again."),
}
BY_STATE: Mapping[str, str] = {
    "canceled": N_("You canceled it."),
    "quarantined": N_("There was a fault on our side; it has been recorded."),
    "expired": CODES["not-in-time"],
}
# By the word that a note in a conversation holds.
NOTES: Mapping[str, str] = {
    "out": N_("Opted out by STOP, %(at)s. Only they can undo it: ask them by phone to text START to %(ours)s."),
    "likely-out": N_("Their words of %(at)s may mean that they want no more texts."),
    "in-again": N_("Opted in again by START, %(at)s."),
    "not-meant": N_("Somebody read it and decided that they did not mean to opt out, %(at)s."),
    "decided-out": N_("Somebody read it and decided that they want no more texts, %(at)s. Only they can undo it: ask"
                      " them by phone to text START to %(ours)s."),
    "overdue": N_("Nobody decided within two days, so they count as opted out, %(at)s. Only they can undo it: ask"
                  " them by phone to text START to %(ours)s."),
    "added": N_("An administrator wrote down that they opted out, %(at)s."),
    "web-out": N_("Somebody asked on the web that your organization stop texting this number, %(at)s."),
    "web-likely": N_("Somebody asked on the web that your organization stop texting this number, %(at)s. Many such"
                     " requests came at once, so somebody decides whether they meant it."),
    "withdrawn": N_("An administrator withdrew the opt-out, %(at)s."),
}
SOURCES: Mapping[str, str] = {
    "stop": N_("They texted STOP"), "wording": N_("Their words meant it"), "manual": N_("Written down by hand"),
    "web": N_("On the web"),
}

CONSENTS: Mapping[str, str] = {
    "out": N_("Opted out"), "likely-out": N_("Perhaps opted out: waits for a decision"),
    "not-meant": N_("Did not mean to opt out"), "in-again": N_("Can be texted"),
}


def state(state: str, *, waiting: bool = False) -> Label:
    """The state of a text in words; `waiting` when it is queued and something holds it."""
    key, words = WAITING if waiting else STATES[state]
    return Label(key, str(gettext(words)))


def cause(state: str, code: str) -> str:
    """Why a text is in its state, as far as a carrier or its writer said; "" when nobody did."""
    if state in BY_STATE:
        return str(gettext(BY_STATE[state]))
    if not code:
        return ""
    return str(gettext(CODES[code])) if code in CODES else str(gettext("The carrier's code: %(code)s.", code=code))


def rules(ids: Iterable[str]) -> list[tuple[str, str]]:
    """The general sentences of rules that stopped or held a text, each with the rule's id."""
    return [(one, say(BY_ID[one].limitation, BY_ID[one].limits)) for one in ids if one in BY_ID]


def moment(at: datetime) -> str:
    """A moment of a conversation, in the reader's zone: short, because many stand below each other."""
    return str(format_datetime(at, "d MMM, HH:mm"))


def note(word: str, at: datetime, ours: str) -> str:
    """A line that the portal itself has put into a conversation."""
    return str(gettext(NOTES[word], at=moment(at), ours=shown(ours)))


def opt_out_source(source: str) -> str:
    """How an opt-out came about."""
    return str(gettext(SOURCES[source]))


def consent(word: str) -> str:
    """What a recipient wants, in words."""
    return str(gettext(CONSENTS[word]))


def clock(there: Sequence[datetime]) -> str:
    """The recipient's local time, or the span of times where their number leaves several zones open."""
    times = [f"{at:%H:%M}" for at in there]
    if len(set(times)) > 1:
        return str(gettext("Local time where this number is registered: %(from)s to %(to)s.",
                           **{"from": times[0], "to": times[-1]}))
    return str(gettext("Local time where this number is registered: %(at)s.", at=times[0])) if times else ""


def name_of(char: str) -> str:
    """The name of a character that cannot be seen, as Unicode has it; of a letter and its accent, what they are."""
    if is_split(char):
        letter = unicodedata.normalize("NFC", char)
        return str(gettext("%(letter)s typed as two characters", letter=letter))
    return unicodedata.name(char, "").lower() or f"U+{ord(char):04X}"


def hides(char: str, before: str) -> bool:
    """Whether a character would play tricks on its readers; `before` is the one before it."""
    if char == "\n" or unicodedata.category(char) not in HIDING:
        return False
    return not (char in JOINERS and before > "\x7f" and unicodedata.category(before) not in HIDING)


def visible_controls(said: str) -> Markup:
    """What somebody wrote, with every hidden or turning character replaced by its name."""
    said = said.replace("\r\n", "\n").replace("\t", " ")
    if said.replace("\n", "").isprintable():
        return escape(said)
    shown_as = (Markup('<span class="badge">{}</span>').format(name_of(char)) if hides(char, before) else escape(char)
                for before, char in zip("\n" + said, said, strict=False))
    return Markup("").join(shown_as)


def phone(number: str) -> str:
    """A number as people read it. Carriers may name a sender by other words, and nothing in them may hide."""
    return plain(shown(number))


def plain(said: str) -> str:
    """What somebody wrote without hidden or turning characters, for titles, where nothing can be marked."""
    return "".join(char for char in said if unicodedata.category(char) not in HIDING)
