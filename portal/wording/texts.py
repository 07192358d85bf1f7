"""What became of a text, what a line of a conversation says, and what stands in it, in the reader's language."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from babel import Locale
from flask_babel import format_decimal, gettext, ngettext
from markupsafe import Markup, escape

from portal.extensions import present_locale, present_zone
from portal.marks import N_
from portal.rules.characters import HIDING, JOINERS
from portal.rules.encoding import is_split_letter
from portal.rules.numbers import format_number
from portal.rules.table.send import VALID_HOURS
from portal.rules.terms import NotMeantReason

from . import StateLabel
from .moments import begin_large, format_clock, format_moment, is_same_day, write_line_moment

# The code of a text whose writer said that it was sent.
SAID_SENT = "said-sent"

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
    "quarantined": ("unknown", N_("We don't know if this was sent")),
    "unknown": ("unknown", N_("We don't know if this was sent")),
}
WAITING_LABEL = ("waiting", N_("Waiting"))
# What a text is called whose writer has said that it was sent.
MARKED_SENT = N_("Sent (marked by you)")
# How a state is colored and drawn: the names that the stylesheet knows.
LOOK_OF_STATE = {"delivered": "done", "sent": "info", "sending": "info", "waiting": "hold", "unknown": "warn",
                 "not-sent": "block", "not-delivered": "block", "received": "info"}
# By the word for a carrier's code, or by what we wrote in its place. They go on after the state and a colon, and say
# who can mend it: the sender, an administrator, the provider, the carrier, or time alone.
CODES: Mapping[str, str] = {
    "spam": N_("the carrier refused it as spam."),
    "opted-out": N_("the carrier got a STOP for your number, so it blocks your texts to them. Only they can undo it:"
                    " ask them by phone to text START to that number."),
    "filtered": N_("the mobile networks took it for spam. Try other words, and no shortened links. If that does not"
                   " help, your provider can ask the carrier why."),
    "not-registered": N_("your number belongs to no campaign that the mobile networks accept. An administrator can ask"
                         " the provider to complete the registration."),
    "toll-free-unverified": N_("your toll-free number is not verified yet. An administrator can ask the provider to"
                               " have it verified."),
    "day-used-up": N_("your organization has sent as many texts as the mobile networks take from it in one day. You can"
                      " send it again after midnight Pacific time."),
    "too-fast": N_("the carrier wants fewer texts at once, and the portal now sends fewer. If this one was refused, you"
                   " can send it again."),
    "no-such-number": N_("this number takes no texts: it is a landline, or it is wrong. Compare it with what they told"
                         " you, or call them."),
    "phone-off": N_("the phone cannot be reached at the moment. Send it again later, or call them."),
    "too-late": N_("it could not be delivered in time. Send it again if it still matters, or call them."),
    "refused-by-network": N_("their mobile network refused it and gave no reason. If it refuses the next one too, your"
                             " provider can ask the carrier."),
    "abroad": N_("the carrier takes no texts to this country. Your provider can ask the carrier for it."),
    "our-number": N_("the carrier does not send texts from your number. Your provider can put that right."),
    "account": N_("the carrier does not accept the portal's account. Your provider has been told and can put that"
                  " right."),
    "network-trouble": N_("the carrier is in trouble, and nobody but the carrier can mend that."),
    "no-report": N_("the network does not say whether it arrived. If it matters, ask them."),
    "unreachable": N_("the phone could not be reached."),
    "busy": N_("the carrier was busy. We try again."),
    "storage": N_("the carrier could not say whether it took the text."),
    "no-connection": N_("the carrier cannot be reached at the moment. We try again."),
    "forbidden-address": N_("the carrier's address is in a network that the portal may not enter. Your provider can put"
                            " that right."),
    "certificate": N_("the portal does not trust the carrier's certificate. Your provider can put that right."),
    "no-tls": N_("the carrier's address takes no secure connection. Your provider can put that right."),
    "no-smpp": N_("what answers at the carrier's address is no message center. Your provider can put that right."),
    "too-long": N_("it is longer than the carrier takes. Send it as several texts."),
    "unreadable-answer": N_("the carrier answered what the portal cannot read. Your provider can ask the carrier."),
    "no-answer": N_("the carrier's answer was lost."),
    "not-in-time": N_("it waited longer than %(hours)s hours."),
    "sent-again": N_("you sent it again."),
}
BY_STATE: Mapping[str, str] = {
    "canceled": N_("you canceled it."),
    "quarantined": N_("something failed on our side."),
    "expired": CODES["not-in-time"],
}
# By the word that a note in a conversation holds.
NOTE_SENTENCES: Mapping[str, str] = {
    "out": N_("Opted out by STOP. Only they can undo it: ask them by phone to text START to %(ours)s."),
    "likely-out": N_("This may be a request to stop."),
    "in-again": N_("Opted in again by START."),
    "out-again": N_("This may be a request to stop again. It counts at once, because the last one was answered No only"
                    " a short while ago."),
    "reminded": N_("This still waits for your decision: did they mean to opt out?"),
    "admins-asked": N_("Nobody has decided yet, so administrators can decide too. They can read the words in question,"
                       " and nothing else of this conversation."),
    "words-read": N_("An administrator read the words in question to decide."),
    "undone": N_("The decision was undone. Nobody can text them until you or an administrator decides again."),
    "not-meant": N_("A member or an administrator decided that they did not mean to opt out."),
    "decided-out": N_("A member or an administrator decided that they want no more texts. They can text START to"
                      " %(ours)s, and administrators can withdraw the opt-out with a reason."),
    "listed": N_("Nobody decided in time, so they are listed as opted out. They can text START to %(ours)s, and"
                 " administrators can withdraw the opt-out with a reason."),
    "overdue": N_("Nobody decided within two days, so they count as opted out. They can text START to %(ours)s, and"
                  " administrators can withdraw the opt-out with a reason."),
    "added": N_("An administrator wrote down that they opted out."),
    "imported": N_("They opted out in an earlier system, and an administrator or the provider imported it. Nobody can"
                   " text them. They can text START to %(ours)s."),
    "web-out": N_("A person on the web asked your organization to stop texting this number."),
    "web-likely": N_("A person on the web asked your organization to stop texting this number. Many such requests came"
                     " at once, so an administrator decides. Until then you can text them."),
    "carrier-out": N_("The carrier got a STOP and blocks texts to them, so they count as opted out. Only they can undo"
                      " it: ask them by phone to text START to %(ours)s."),
    "carrier-block": N_("The carrier still blocks texts from %(ours)s to them. Ask them by phone to text START to that"
                        " number."),
    "called": N_("You noted that you called them."),
    "taken-over": N_("The person of your organization who answered this number has left. From now on you answer, from"
                     " your own number %(ours)s. What was written before stays unread."),
    "withdrawn": N_("An administrator withdrew the opt-out."),
}
CALL_REASONS: Mapping[str, str] = {
    "canceled": N_("They stopped all texts with a word like CANCEL. They may have meant an appointment. Call them."),
    "after-stop": N_("They wrote after STOP. Call them."),
    "after-opt-out": N_("They wrote after they had opted out. Call them."),
}
NOT_MEANT_REASONS: Mapping[NotMeantReason, str] = {
    NotMeantReason.OTHER_THING: N_("They meant another thing, such as an appointment or a medicine"),
    NotMeantReason.OTHER_PERSON: N_("They meant the texts of another person or business"),
    NotMeantReason.JOKE: N_("They were joking, or repeated the words of others"),
    NotMeantReason.ASKED_THEM: N_("We asked them by phone or in person, and they want texts"),
}
OPTOUT_SOURCES: Mapping[str, str] = {
    "stop": N_("They texted STOP"), "wording": N_("By their wording"), "manual": N_("Added by hand"),
    "web": N_("On the web"), "carrier": N_("The carrier got a STOP"),
}

OPTOUT_STATES: Mapping[str, str] = {
    "out": N_("Opted out"), "likely-out": N_("May have opted out, waits for a decision"),
    "not-meant": N_("Did not mean to opt out"), "in-again": N_("Can be texted"),
}


def text_state_in_words(state: str, code: str = "", *, waiting: bool = False) -> StateLabel:
    """The state of a text in words, by its code where its writer said it; `waiting` when something holds it."""
    return _label_state(WAITING_LABEL if waiting else TEXT_STATES[state], code == SAID_SENT, present_locale())


# A page shows fifty texts, nearly all of them in one state.
@lru_cache(maxsize=200)
def _label_state(known: tuple[str, str], said_sent: bool, _locale: Locale | None) -> StateLabel:
    key, words = known
    return StateLabel(key, str(gettext(MARKED_SENT if said_sent else words)))


def cause_in_words(state: str, code: str) -> str:
    """Why a text is in its state, as far as the carrier or its writer said; "" if neither did."""
    if code in ("", SAID_SENT) and state not in BY_STATE:
        return ""
    known = BY_STATE.get(state) or CODES.get(code)
    return str(gettext(known, hours=VALID_HOURS) if known else gettext("the carrier's code is %(code)s.", code=code))


def line_day_in_words(at: datetime) -> str:
    """The day of a moment of a conversation, in the reader's zone: it stands above the texts of that day."""
    return begin_large(format_moment(at, "EEEE, d MMMM y"))


def line_time_in_words(at: datetime) -> str:
    """The time of day of a moment of a conversation, in the reader's zone."""
    return format_moment(at, "HH:mm")


def inbox_moment_in_words(at: datetime, moment: datetime) -> str:
    """When the last text of a conversation was, in the reader's zone: the time on the day of `moment`, else the day."""
    when, today = write_line_moment(at), moment.astimezone(present_zone()).date()
    return when.clock if when.day == today.isoformat() else format_moment(at, "d MMM")


def leaving_moment_in_words(at: datetime, moment: datetime) -> str:
    """When a text leaves, in the reader's zone: the time on the day of `moment`, else the day as well."""
    return format_moment(at, "HH:mm" if is_same_day(at, moment) else "d MMM, HH:mm")


def note_in_words(word: str, ours: str) -> str:
    """A line that the portal itself has put into a conversation; its time stands beside it."""
    return str(gettext(NOTE_SENTENCES[word], ours=format_number(ours)))


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
    """The recipient's local time, as 14:03, or the span of times where their number leaves several zones open."""
    times = [format_clock(at.time()) for at in there]
    if len(set(times)) > 1:
        return str(gettext("%(from)s to %(to)s", **{"from": times[0], "to": times[-1]}))
    return times[0] if times else ""


def recipient_in_words(number: str, there: Sequence[datetime]) -> str:
    """Whom a text goes to, as its writer should compare it, and what time it is there; each "" or () if unknown."""
    clock = local_times_in_words(there)
    if number and clock:
        return str(gettext("To %(number)s (%(time)s there)", number=number, time=clock))
    if number:
        return str(gettext("To %(number)s", number=number))
    return str(gettext("%(time)s there", time=clock)) if clock else ""


def length_in_words(parts: int, left: int) -> str:
    """How many parts a text takes, and how many characters the last one still holds."""
    if parts == 1:
        return str(ngettext("1 text, %(num)s character left", "1 text, %(num)s characters left", left))
    return str(ngettext("1 text in %(parts)s parts, %(num)s character left",
                        "1 text in %(parts)s parts, %(num)s characters left", left, parts=format_decimal(parts)))


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
    if said.isprintable():
        return said
    return "".join(char for char in said if unicodedata.category(char) not in HIDING)
