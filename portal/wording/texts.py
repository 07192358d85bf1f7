"""What became of a text, what a line of a conversation says, and what stands in it, in the reader's language."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from flask_babel import format_datetime, gettext
from markupsafe import Markup, escape

from portal.marks import N_
from portal.rules import BY_ID
from portal.rules.characters import HIDING, JOINERS
from portal.rules.encoding import is_split_letter
from portal.rules.numbers import format_number
from portal.rules.terms import NotMeantReason

from . import StateLabel, translate_sentence

# By the state of a text: its key, for the looks and for telling changes, and its words.
TEXT_STATES: Mapping[str, tuple[str, str]] = {
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
WAITING_LABEL = ("waiting", N_("Waiting"))
# How a state is colored and drawn: the names that the stylesheet knows.
LOOK_OF_STATE = {"delivered": "done", "sent": "info", "sending": "info", "waiting": "hold", "unknown": "warn",
                 "not-sent": "block", "not-delivered": "block", "received": "info"}
# By a carrier's code, or by what we wrote in its place.
CODES: Mapping[str, str] = {
    "spam": N_("The carrier refused it as spam."),
    "opted-out": N_("The carrier blocks texts from this number to theirs, because it got a STOP."),
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
NOTE_SENTENCES: Mapping[str, str] = {
    "out": N_("Opted out by STOP, %(at)s. Only they can undo it: ask them by phone to text START to %(ours)s."),
    "likely-out": N_("Their words of %(at)s may mean that they want no more texts."),
    "in-again": N_("Opted in again by START, %(at)s."),
    "out-again": N_("Their words of %(at)s may mean again that they want no more texts. They count as opted out without"
                    " a question, because the answer to it was No a short while ago."),
    "reminded": N_("Their words still wait for your decision, %(at)s: did they mean to opt out?"),
    "admins-asked": N_("Nobody has decided yet, so administrators can decide as well, %(at)s. They can read the words"
                       " in question, and nothing else of this conversation."),
    "words-read": N_("An administrator read the words in question, %(at)s, in order to decide."),
    "undone": N_("The decision was undone, %(at)s: nobody can text them until it is decided again."),
    "not-meant": N_("It was decided that they did not mean to opt out, %(at)s."),
    "decided-out": N_("It was decided that they want no more texts, %(at)s. They can text START to %(ours)s, and"
                      " administrators can withdraw the opt-out with a reason."),
    "listed": N_("Nobody decided in time, so they are listed as opted out, %(at)s. They can text START to %(ours)s, and"
                 " administrators can withdraw the opt-out with a reason."),
    "overdue": N_("Nobody decided within two days, so they count as opted out, %(at)s. They can text START to %(ours)s,"
                  " and administrators can withdraw the opt-out with a reason."),
    "added": N_("An administrator wrote down that they opted out, %(at)s."),
    "imported": N_("They opted out in an earlier system, %(at)s: an administrator or the provider imported it. Nobody"
                   " can text them. They can text START to %(ours)s."),
    "web-out": N_("A person on the web asked your organization to stop texting this number, %(at)s."),
    "web-likely": N_("A person on the web asked your organization to stop texting this number, %(at)s. Many such"
                     " requests came at once, so an administrator decides. Until then you can text them."),
    "carrier-out": N_("The carrier blocks texts to them because it got a STOP, so they count as opted out, %(at)s. Only"
                      " they can undo it: ask them by phone to text START to %(ours)s."),
    "carrier-block": N_("The carrier still blocks texts from %(ours)s to them, %(at)s. Ask them by phone to text START"
                        " to that number."),
    "called": N_("You noted that you called them, %(at)s."),
    "taken-over": N_("A person of your organization who answered this number has left, %(at)s. From now on you answer,"
                     " from your own number %(ours)s. What was written before stays unread."),
    "withdrawn": N_("An administrator withdrew the opt-out, %(at)s."),
}
CALL_REASONS: Mapping[str, str] = {
    "canceled": N_("They stopped all texts with a word like CANCEL. They may have meant an appointment: call them."),
    "after-stop": N_("They wrote after STOP: call them."),
    "after-opt-out": N_("They wrote after they had opted out: call them."),
}
NOT_MEANT_REASONS: Mapping[NotMeantReason, str] = {
    NotMeantReason.OTHER_THING: N_("They meant another thing, such as an appointment or a medicine"),
    NotMeantReason.OTHER_PERSON: N_("They meant the texts of another person or business"),
    NotMeantReason.JOKE: N_("They were joking, or repeated the words of others"),
    NotMeantReason.ASKED_THEM: N_("We asked them by phone or in person, and they want texts"),
}
OPTOUT_SOURCES: Mapping[str, str] = {
    "stop": N_("They texted STOP"), "wording": N_("By their wording"), "manual": N_("Written down by hand"),
    "web": N_("On the web"), "carrier": N_("The carrier got a STOP"),
}

OPTOUT_STATES: Mapping[str, str] = {
    "out": N_("Opted out"), "likely-out": N_("Perhaps opted out: waits for a decision"),
    "not-meant": N_("Did not mean to opt out"), "in-again": N_("Can be texted"),
}


def text_state_in_words(state: str, *, waiting: bool = False) -> StateLabel:
    """The state of a text in words; `waiting` when it is queued and something holds it."""
    key, words = WAITING_LABEL if waiting else TEXT_STATES[state]
    return StateLabel(key, str(gettext(words)))


def cause_in_words(state: str, code: str) -> str:
    """Why a text is in its state, as far as the carrier or its writer said; "" if neither did."""
    if state in BY_STATE:
        return str(gettext(BY_STATE[state]))
    if not code:
        return ""
    return str(gettext(CODES[code])) if code in CODES else str(gettext("The carrier's code: %(code)s.", code=code))


def limitations_of_rules(ids: Iterable[str]) -> list[tuple[str, str]]:
    """The general sentences of rules that stopped or held a text, each with the rule's id."""
    return [(one, translate_sentence(BY_ID[one].limitation, BY_ID[one].limits)) for one in ids if one in BY_ID]


def line_moment_in_words(at: datetime) -> str:
    """A moment of a conversation, in the reader's zone: short, because many stand below each other."""
    return str(format_datetime(at, "d MMM, HH:mm"))


def line_day_in_words(at: datetime) -> str:
    """The day of a moment of a conversation, in the reader's zone: it stands above the texts of that day."""
    return str(format_datetime(at, "EEEE, d MMMM y"))


def line_time_in_words(at: datetime) -> str:
    """The time of day of a moment of a conversation, in the reader's zone."""
    return str(format_datetime(at, "HH:mm"))


def inbox_moment_in_words(at: datetime, moment: datetime) -> str:
    """When the last text of a conversation was, in the reader's zone: the time on the day of `moment`, else the day."""
    today = line_day_in_words(at) == line_day_in_words(moment)
    return str(format_datetime(at, "HH:mm" if today else "d MMM"))


def note_in_words(word: str, at: datetime, ours: str) -> str:
    """A line that the portal itself has put into a conversation."""
    return str(gettext(NOTE_SENTENCES[word], at=line_moment_in_words(at), ours=format_number(ours)))


def call_reason_in_words(reason: str | None) -> str:
    """Why the member should call the number; "" if they need not."""
    return str(gettext(CALL_REASONS[reason])) if reason else ""


def optout_source_in_words(source: str) -> str:
    """How an opt-out came about."""
    return str(gettext(OPTOUT_SOURCES[source]))


def optout_state_in_words(word: str) -> str:
    """What a recipient wants, in words."""
    return str(gettext(OPTOUT_STATES[word]))


def local_times_in_words(there: Sequence[datetime]) -> str:
    """The recipient's local time, or the span of times where their number leaves several zones open."""
    times = [f"{at:%H:%M}" for at in there]
    if len(set(times)) > 1:
        return str(gettext("Local time where this number is registered: %(from)s to %(to)s.",
                           **{"from": times[0], "to": times[-1]}))
    return str(gettext("Local time where this number is registered: %(at)s.", at=times[0])) if times else ""


def local_times_then_in_words(there: Sequence[datetime]) -> str:
    """What time it will be at the recipient when a text leaves; the earliest where their number leaves it open."""
    return str(gettext("Then it is %(at)s where this number is registered.", at=f"{there[0]:%H:%M}")) if there else ""


def name_of_character(char: str) -> str:
    """The name of a character that cannot be seen, as Unicode has it; of a letter and its accent, what they are."""
    if is_split_letter(char):
        letter = unicodedata.normalize("NFC", char)
        return str(gettext("%(letter)s typed as two characters", letter=letter))
    return unicodedata.name(char, "").lower() or f"U+{ord(char):04X}"


def is_deceptive_character(char: str, before: str) -> bool:
    """Whether a character would play tricks on its readers; `before` is the one before it."""
    if char == "\n" or unicodedata.category(char) not in HIDING:
        return False
    return not (char in JOINERS and before > "\x7f" and unicodedata.category(before) not in HIDING)


def mark_hidden_characters(said: str) -> Markup:
    """A text, with every hidden or turning character replaced by its name."""
    said = said.replace("\r\n", "\n").replace("\t", " ")
    if said.replace("\n", "").isprintable():
        return escape(said)
    shown_as = (Markup('<span class="badge">{}</span>').format(name_of_character(char))
                if is_deceptive_character(char, before) else escape(char)
                for before, char in zip("\n" + said, said, strict=False))
    return Markup("").join(shown_as)


def display_number(number: str) -> str:
    """A number as people read it. Carriers may name a sender by other words, and nothing in them may hide."""
    return strip_deceptive_characters(format_number(number))


def strip_deceptive_characters(said: str) -> str:
    """A text without its hidden or turning characters, for titles, where nothing can be marked."""
    return "".join(char for char in said if unicodedata.category(char) not in HIDING)
