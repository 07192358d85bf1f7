"""SEND: what stands between this organization and this recipient, and what stands in the text."""

import math
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ..decision import N_, Effect, Fixer, Rule, Source
from ..facts import Contact, Restraint, Restriction
from ..numbers import Kind, is_fiction
from .send import SENDING
from .use import BOTH

OPT_OUT_LAW = "US law: 47 CFR 64.1200(a)(10); Canadian law: CASL, section 11"


def _local(contact: Contact, now: datetime) -> list[datetime]:
    return [now.astimezone(ZoneInfo(name)) for name in contact.zones]


def _quiet(contact: Contact, now: datetime, begins: int, ends: int) -> list[datetime]:
    """The local times at which it is night, in any zone that the number may be in."""
    return [local for local in _local(contact, now) if not ends <= local.hour < begins]


def _throttles(restrictions: tuple[Restriction, ...]) -> list[Restriction]:
    """The throttles in force, the strictest first."""
    found = [one for one in restrictions if one.restraint is Restraint.THROTTLE]
    return sorted(found, key=lambda one: one.per_minute or math.inf)


CONTACT = (
    Rule(
        id="opted-out",
        title=N_("Whoever opted out"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(law=OPT_OUT_LAW),
        limitation=N_("Whoever opted out gets no more texts from any number of the organization. Nobody here can"
                      " override it; texts that wait are stopped as well."),
        notice=N_("This person opted out: %(at)s."),
        remedy=N_("Only they can undo it: ask them by phone to text START to your number."),
        fixer=Fixer.NOBODY,
        about="number",
        when=lambda contact: contact.opted_out_at is not None,
        values=lambda contact: {"at": contact.opted_out_at},
    ),
    Rule(
        id="maybe-opted-out",
        title=N_("Whoever may have opted out"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(law="US law: 47 CFR 64.1200(a)(10)"),
        limitation=N_("Where somebody's wording may mean that they want no more texts, nobody texts them before a"
                      " person has read it and decided."),
        notice=N_("This person's last words may mean that they want no more texts."),
        remedy=N_("Read what they wrote and decide: did they mean it?"),
        fixer=Fixer.READER,
        about="number",
        when=lambda contact: contact.perhaps_out,
    ),
    Rule(
        id="fiction-number",
        title=N_("Numbers for films and examples"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(portal=True),
        limitation=N_("Numbers from 555-0100 to 555-0199 belong to nobody and are refused where texts really leave."),
        notice=N_("This number is kept for films and examples; nobody has it."),
        remedy=N_("Type the number of the person you want to reach."),
        fixer=Fixer.READER,
        about="number",
        system=True,
        when=lambda recipient, carrier: (
            carrier.real and recipient.kind in (Kind.PLAIN, Kind.TERRITORY) and is_fiction(recipient.e164)),
    ),
    Rule(
        id="empty",
        title=N_("A text with something in it"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(portal=True),
        limitation=N_("A text in which nothing can be seen is refused."),
        notice=N_("There is nothing to read in this text."),
        remedy=N_("Write something."),
        fixer=Fixer.READER,
        about="body",
        system=True,
        when=lambda text: not text.visible,
    ),
    Rule(
        id="throttled",
        title=N_("Slowed down by an operator"),
        acts=SENDING,
        effect=Effect.HOLD,
        source=Source(editions=BOTH, facts=("F22", "F23")),
        limitation=N_("The provider can slow down a number, a user or an organization; texts then leave one after the"
                      " other. It says why and until when, and can be appealed once."),
        notice=N_("Texts are slowed down to %(per_minute)s a minute. Reason: %(cause)s. This one leaves at %(until)s."),
        remedy=N_("Read the notice about it; you can appeal once."),
        fixer=Fixer.PROVIDER,
        about="restriction",
        when=lambda pace, restrictions, now: pace.place > now and bool(_throttles(restrictions)),
        values=lambda pace, restrictions: {
            "per_minute": pace.per_minute, "until": pace.place, "cause": _throttles(restrictions)[0].cause},
    ),
    Rule(
        id="queue-full",
        title=N_("Too many texts wait"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(portal=True),
        limitation=N_("A text that could not leave within %(hours)s hours, because too many wait before it, is refused"
                      " at once."),
        notice=N_("Too many texts wait before this one: its turn would come at %(until)s, and a text is worth sending"
                  " for %(hours)s hours. It can be accepted from %(again)s on."),
        remedy=N_("Try again later."),
        fixer=Fixer.READER,
        about="body",
        limits={"hours": 4},
        when=lambda pace, now, hours: pace.place > now + timedelta(hours=hours),
        values=lambda pace, hours: {"until": pace.place, "again": pace.place - timedelta(hours=hours)},
    ),
    Rule(
        id="quiet-hours",
        title=N_("Quiet hours"),
        acts=SENDING,
        effect=Effect.WARN,
        source=Source(law="US law, disputed: 47 CFR 64.1200(c)(1)"),
        limitation=N_("Before %(ends)s:00 or from %(begins)s:00 on, in any time zone of the recipient's number, you are"
                      " warned, unless they wrote within 24 hours. The portal does not hold texts at night."),
        notice=N_("It is %(local)s where this number is registered."),
        remedy=N_("Wait for the morning unless they expect your text now."),
        fixer=Fixer.READER,
        about="body",
        limits={"begins": 21, "ends": 8},
        when=lambda contact, now, begins, ends: not contact.wrote_lately and bool(_quiet(contact, now, begins, ends)),
        values=lambda contact, now, begins, ends: {"local": f"{_quiet(contact, now, begins, ends)[0]:%H:%M}"},
    ),
    Rule(
        id="first-contact",
        title=N_("The first text to somebody"),
        acts=SENDING,
        effect=Effect.WARN,
        source=Source(portal=True),
        limitation=N_("Before the first text to a number you are reminded: text only people who agreed, and say who you"
                      " are."),
        notice=N_("This would be your organization's first text to this number."),
        remedy=N_("Text only people who agreed to it, and say who you are."),
        fixer=Fixer.READER,
        about="number",
        when=lambda contact: contact.first,
    ),
    Rule(
        id="asks-for-keyword",
        title=N_("Asking for an opt-out word"),
        acts=SENDING,
        effect=Effect.WARN,
        source=Source(portal=True),
        limitation=N_("Whoever is asked to answer with an opt-out word, as in “reply CANCEL to cancel”, opts out by"
                      " doing so. You are warned before."),
        notice=N_("The text asks to answer with %(word)s. Whoever does gets no more texts from you."),
        remedy=N_("Ask for another word, or for the number 1 or 2."),
        fixer=Fixer.READER,
        about="body",
        when=lambda text: bool(text.asks_for),
        values=lambda text: {"word": text.asks_for},
    ),
    Rule(
        id="short-link",
        title=N_("Public link shorteners"),
        acts=SENDING,
        effect=Effect.WARN,
        source=Source(editions=BOTH, facts=("F22",), portal=True),
        limitation=N_("Carriers often refuse texts with links of public shorteners. You are warned before."),
        notice=N_("Carriers often refuse links of this shortener: %(host)s."),
        remedy=N_("Use the full address on your own domain."),
        fixer=Fixer.READER,
        about="body",
        when=lambda text: bool(text.short_link),
        values=lambda text: {"host": text.short_link},
    ),
)
