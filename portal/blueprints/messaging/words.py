"""What the pages of texting show, in words: texts with their states, and what stands against a text being written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask import request
from flask_babel import format_datetime, gettext, ngettext
from flask_login import current_user

from portal import wording
from portal.extensions import current_settings, now
from portal.models import Conversation, Message
from portal.rules import Decision, encoding, numbers
from portal.services.texting import composer, conversations, sending
from portal.services.texting.composer import DraftPreview
from portal.services.toggles import eligibility
from portal.services.toggles.eligibility import OrganizationSnapshot
from portal.web.pages import full_address
from portal.web.reader import signed_in_user
from portal.wording import ReasonText, texts

# How long a text may be on its way before its reader wants to know why.
PROMPT = timedelta(seconds=10)
# A receipt can still change these; a page that is open asks about them.
CHANGING_STATES = frozenset({"sending", "waiting", "sent", "unknown"})
COSTLY_SHOWN = 8
SNIPPET = 90


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of a conversation as it is shown."""

    ref: str
    kind: str
    body: str
    at: datetime
    key: str = ""
    label: str = ""
    looks: str = ""
    why: str = ""
    rules: tuple[tuple[str, str], ...] = ()
    automatic: bool = False
    undecided: bool = False
    unread: bool = False

    @property
    def explained(self) -> bool:
        """Whether more is said than the state."""
        return bool(self.why or self.rules)

    @property
    def day(self) -> str:
        """The day in the reader's zone, as 2026-11-29."""
        return str(format_datetime(self.at, "yyyy-MM-dd"))

    @property
    def settled(self) -> bool:
        """Whether there is nothing to say but when it was: the last of several such texts in a row says it for all."""
        return self.key in ("received", "delivered") and not (self.explained or self.automatic)

    @property
    def mine(self) -> bool:
        """Whether its writer can do something about it."""
        return self.kind == "out" and not self.automatic


def make_line_view(message: Message, ours: str, moment: datetime | None = None) -> LineView:
    """A line of a conversation; `ours` is the number of ours that it was held over."""
    if message.direction == "note":
        return LineView(message.ref, "note", texts.note_in_words(message.body, message.at, ours), message.at)
    rules = texts.limitations_of_rules(message.why)
    if message.direction == "in":
        return LineView(message.ref, "in", message.body, message.at, "received", rules=tuple(rules))
    waits = _waits(message, moment or now())
    label = texts.text_state_in_words(message.state, waiting=waits)
    undecided = label.key == "unknown" and message.code != sending.SENT_AGAIN
    return LineView(message.ref, "out", message.body, message.at, label.key, label.label,
                    texts.LOOK_OF_STATE[label.key],
                    _why(message, waits), tuple(rules), message.automatic, undecided)


def make_line_views(conversation: Conversation, lines: Iterable[Message], ours: str) -> list[LineView]:
    """Lines as the page of their conversation shows them: those that have not been seen say so by themselves."""
    return [replace(make_line_view(line, ours), unread=conversations.is_line_unread(conversation, line))
            for line in lines]


def _waits(message: Message, moment: datetime) -> bool:
    delayed = bool(message.why or message.code) or (message.due_at or moment) > moment
    return message.state == "queued" and (delayed or moment - message.at > PROMPT)


def _why(message: Message, waits: bool) -> str:
    """The words after a text's state, besides the sentences of rules."""
    said = [texts.cause_in_words(message.state, message.code)]
    if waits and message.why and message.due_at:
        said.append(gettext("It leaves at %(at)s.", at=texts.line_moment_in_words(message.due_at)))
        if "quiet-hours" in message.why:
            there = composer.local_times_of_number(message.theirs, message.due_at)
            said.append(texts.local_times_then_in_words(there))
    elif waits and not message.code:
        said.append(gettext("Its turn has not come yet."))
    return " ".join(filter(None, said))


def title_of_conversation(conversation: Conversation) -> str:
    """What a conversation is called: the name that its member gave, else the number."""
    return texts.strip_deceptive_characters(conversation.name or numbers.format_number(conversation.theirs))


def page_title_of_conversation(conversation: Conversation) -> str:
    """The title of its page."""
    return str(gettext("Messages: %(name)s", name=title_of_conversation(conversation)))


def is_number_still_mine(conversation: Conversation) -> bool:
    """Whether the member still has the number that a conversation was held over."""
    mine = current_user.number
    return mine is not None and mine.id == conversation.number_id


def snippet_of_line(line: LineView) -> str:
    """The beginning of a line, for the list."""
    said = " ".join(line.body.split())
    return said if len(said) <= SNIPPET else f"{said[:SNIPPET]}…"


def list_reason_texts(decision: Decision) -> list[ReasonText]:
    """Every reason in words."""
    return [wording.reason_in_words(reason) for reason in decision.reasons]


def text_preview_context(look: DraftPreview, typed: str, body: str) -> Mapping[str, Any]:
    """What the part under a text that is being written shows; `typed` is the number as it was typed."""
    reasons, read = list_reason_texts(look.decision), look.reading.e164
    # The sentence about quiet hours already says the time.
    there = "" if any(one.id == "quiet-hours" for one in reasons) else texts.local_times_in_words(look.there)
    plain = encoding.pack_text(look.plainer).segments
    return {
        "reasons": reasons, "there": there, "plainer": look.plainer, "costly": _costly(look),
        "read_as": numbers.format_number(read) if read not in ("", typed) else "", "segments": _segments(look),
        "sender_line": offered_sender_line(look, body),
        "plain_segments": ngettext("Then it takes %(num)s segment.", "Then it takes %(num)s segments.", plain),
    }


def offered_sender_line(look: DraftPreview, body: str) -> str:
    """The line that says who writes and leads to their public page, where a first text lacks it; else ""."""
    first = any(reason.id == "first-contact" for reason in look.decision.reasons)
    if not first or not body.strip() or not current_settings().public:
        return ""
    line = make_sender_line()
    return "" if line in body else line


def make_sender_line() -> str:
    """The name that recipients see, and the address of the organization's public page."""
    mine = current_user.organization
    return f"{mine.reply_name or mine.name}: {full_address('notices.show_sender', ref=mine.ref)}"


def _costly(look: DraftPreview) -> list[tuple[str, str]]:
    """The characters that make a text longer, each with its name, which stands for those that nobody sees."""
    found = look.packed.costly[:COSTLY_SHOWN] if look.packed else ()
    names = [(char, texts.name_of_character(char)) for char in found]
    # A character that readers cannot see or tell apart is shown by its name.
    return [(name if len(char) > 1 or texts.is_deceptive_character(char, "") or char.isspace() else char, name)
            for char, name in names]


def _segments(look: DraftPreview) -> str:
    """How many segments a text takes, and what room is left; "" while there is no text."""
    if look.packed is None:
        return ""
    return str(ngettext("%(num)s segment; room left in it: %(left)s.",
                        "%(num)s segments; room left in the last one: %(left)s.", look.packed.segments,
                        left=look.packed.left))


def describe_text_sender() -> str:
    """Whose text it will be, as the recipient sees it."""
    mine = current_user.organization
    return str(gettext("From: %(name)s, %(number)s. Your own name and number are not shown.",
                       name=mine.reply_name or mine.name, number=numbers.format_number(current_user.number.e164)))


def texting_obstacle_context(snapshot: OrganizationSnapshot | None = None) -> Mapping[str, Any]:
    """Why the member may not text, and who can change it; empty for a member who may."""
    standing = eligibility.standing_of_user(signed_in_user(), snapshot)
    if standing.send.allowed and standing.use.allowed:
        return {}
    return {"reasons": list_reason_texts(standing.decision), "admins": composer.list_admin_names(signed_in_user()),
            "state": wording.standing_in_words(standing)}


def read_submit_purpose() -> str:
    """What a submitted text is for: to send it, to check it, to make it plain, or to add the sender's address."""
    asked = request.form.get("do", "")
    return asked if asked in ("check", "plain", "address") else "send"
