"""What the pages of texting show, in words: texts with their states, and what stands against a text being written."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from flask import request, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user
from markupsafe import Markup

from portal import wording
from portal.extensions import current_settings, now
from portal.models import Conversation, Message
from portal.rules import Decision, encoding, numbers
from portal.services.texting import composer, conversations, sending
from portal.services.texting.composer import DraftPreview
from portal.services.texting.inbox_rows import ListedConversation, ListedLine
from portal.services.texting.sender_facts import KnownSender, read_text_sender
from portal.web.pages import full_address
from portal.web.reader import signed_in_user
from portal.wording import ReasonText, texts
from portal.wording.line_reasons import begin_sentence, line_reasons_in_words
from portal.wording.moments import LineMoment, format_clock, write_line_moment

# How long a text may be on its way before its reader wants to know why.
PROMPT = timedelta(seconds=10)
# A receipt can still change these; a page that is open asks about them.
CHANGING_STATES = frozenset({"sending", "waiting", "sent", "unknown"})
COSTLY_SHOWN = 8
SNIPPET = 90
NO_MOMENT = LineMoment("", "", "", "")
NONE_REPORTED: Mapping[str, str] = MappingProxyType({})


class LineView(NamedTuple):
    """One line of a conversation as it is shown.

    On the page of its conversation it also has the address below which its acts are, the reference under which its
    reader reported it ("" if they did not), whether it is the first one of a day, and when it was in the reader's zone.
    """

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
    address: str = ""
    report: str = ""
    begins_day: bool = False
    moment: LineMoment = NO_MOMENT

    @property
    def explained(self) -> bool:
        """Whether more is said than the state."""
        return bool(self.why or self.rules)

    @property
    def day(self) -> str:
        """The day in the reader's zone, as 2026-11-29."""
        return self.moment.day

    @property
    def settled(self) -> bool:
        """Whether there is nothing to say but when it was: the last of several such texts in a row says it for all."""
        return self.key in ("received", "delivered") and not (self.explained or self.automatic)

    @property
    def has_acts(self) -> bool:
        """Whether its writer can do something about it."""
        return self.kind == "out" and not self.automatic and (self.undecided or self.key in ("waiting", "not-sent"))

    @property
    def usual(self) -> bool:
        """Whether there is nothing to explain and nothing to do but to report it."""
        return self.kind != "note" and not (self.explained or self.has_acts)

    @property
    def shown(self) -> Markup:
        """The text, in which nothing hides."""
        return texts.mark_hidden_characters(self.body)

    @property
    def empty(self) -> bool:
        """Whether nobody would see anything of it."""
        return not self.body.strip()


def make_line_view(message: Message | ListedLine, ours: str, moment: datetime | None = None) -> LineView:
    """A line of a conversation; `ours` is the number of ours that it was held over."""
    if message.direction == "note":
        return LineView(message.ref, "note", texts.note_in_words(message.body, ours), message.at)
    if message.direction == "in":
        return LineView(message.ref, "in", message.body, message.at, "received",
                        rules=_rules(message, goes_on=False))
    moment = moment or now()
    waits = _waits(message, moment)
    label = texts.text_state_in_words(message.state, message.code, waiting=waits)
    undecided = label.key == "unknown" and message.code != sending.SENT_AGAIN
    why = _why(message, moment) if waits else texts.cause_in_words(message.state, message.code)
    # After a state there is a colon; what we do not know is a sentence of its own.
    why = begin_sentence(why) if label.key == "unknown" else why
    return LineView(message.ref, "out", message.body, message.at, label.key, label.label,
                    texts.LOOK_OF_STATE[label.key], why,
                    _rules(message, goes_on=not why and label.key != "unknown"), message.automatic, undecided)


def make_line_views(conversation: Conversation, lines: Iterable[Message | ListedLine],
                    reported: Mapping[str, str] = NONE_REPORTED, day: str = "") -> list[LineView]:
    """Lines as the page of their conversation shows them: those that have not been seen say so by themselves.

    `reported` holds references of reports by the refs of texts, `day` is that of the line before.
    """
    ours, moment, shown = conversation.number.e164, now(), []
    address = url_for("messaging.mark_text_read", ref=conversation.ref, text="TEXT").rpartition("TEXT")[0]
    for line in lines:
        at, before = write_line_moment(line.at), day
        day = at.day
        shown.append(make_line_view(line, ours, moment)._replace(
            moment=at, unread=conversations.is_line_unread(conversation, line), address=f"{address}{line.ref}",
            report=reported.get(line.ref, ""), begins_day=day != before))
    return shown


def _waits(message: Message | ListedLine, moment: datetime) -> bool:
    delayed = bool(message.why or message.code) or (message.due_at or moment) > moment
    return message.state == "queued" and (delayed or moment - message.at > PROMPT)


def _why(message: Message | ListedLine, moment: datetime) -> str:
    """Why a text still waits, besides the sentences of rules."""
    if message.code:
        return texts.cause_in_words(message.state, message.code)
    if not (message.why and message.due_at):
        return str(gettext("its turn has not come yet."))
    leaves = texts.leaving_moment_in_words(message.due_at, moment)
    there = composer.local_times_of_number(message.theirs, message.due_at) if "quiet-hours" in message.why else ()
    if there:
        return str(gettext("leaves about %(at)s, which is %(there)s there.", at=leaves,
                           there=format_clock(there[0].time())))
    return str(gettext("leaves about %(at)s.", at=leaves))


def _rules(message: Message | ListedLine, *, goes_on: bool) -> tuple[tuple[str, str], ...]:
    """The rules that stopped or held a text, each with its id; the first one may go on after a colon."""
    return tuple((one, said if goes_on and not place else begin_sentence(said))
                 for place, (one, said) in enumerate(line_reasons_in_words(message.why)))


def title_of_conversation(conversation: Conversation | ListedConversation) -> str:
    """What a conversation is called: the name that its member gave, else the number."""
    return texts.strip_deceptive_characters(conversation.name or numbers.format_number(conversation.theirs))


def page_title_of_conversation(conversation: Conversation) -> str:
    """The title of its page."""
    return str(gettext("Messages: %(name)s", name=title_of_conversation(conversation)))


def is_number_still_mine(conversation: Conversation) -> bool:
    """Whether the member still has the number that a conversation was held over."""
    return bool(conversation.number.user_id == current_user.id)


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
    there = () if any(one.id == "quiet-hours" for one in reasons) else look.there
    to = texts.recipient_in_words(numbers.format_number(read) if read not in ("", typed) else "", there)
    length = texts.length_in_words(look.packed.segments, look.packed.left) if look.packed else ""
    return {"reasons": reasons, "meta": " · ".join(filter(None, (to, length))), "plainer": look.plainer,
            "costly": _costly(look), "costs": _costs(look), "sender_line": offered_sender_line(look, body)}


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


def _costs(look: DraftPreview) -> str:
    """What the characters that make a text longer cost it."""
    parts, plain = look.packed.segments if look.packed else 0, encoding.pack_text(look.plainer).segments
    if look.plainer and plain < parts:
        return str(ngettext("These characters make it %(parts)s parts instead of %(num)s:",
                            "These characters make it %(parts)s parts instead of %(num)s:", plain, parts=parts))
    return str(gettext("With these characters a part holds 70 characters instead of 160:"))


def describe_text_sender() -> str:
    """Whose text it will be, as the recipient sees it."""
    mine = current_user.organization
    return str(gettext("They see %(name)s, %(number)s, and not your own name or number.",
                       name=mine.reply_name or mine.name, number=numbers.format_number(current_user.number.e164)))


def read_reader_facts() -> KnownSender:
    """What the rules learn about the member who reads."""
    return read_text_sender(signed_in_user().id, now())


def texting_obstacle_context(known: KnownSender) -> Mapping[str, Any]:
    """Why the member may not text, and who can change it; empty for a member who may."""
    standing = known.standing
    if standing.send.allowed and standing.use.allowed:
        return {}
    return {"reasons": list_reason_texts(standing.decision), "admins": composer.list_admin_names(signed_in_user()),
            "state": wording.standing_in_words(standing)}


def read_submit_purpose() -> str:
    """What a submitted text is for: to send it, to check it, to make it plain, or to add the sender's address."""
    asked = request.form.get("do", "")
    return asked if asked in ("check", "plain", "address") else "send"
