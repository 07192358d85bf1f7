"""SEND: may a text go to this number at all? Rows about emergencies stand first.

The rows of USE that stand in SEND as well are in `use.py`.
"""

from collections.abc import Callable
from datetime import timedelta

from portal.marks import N_

from ..decision import Act, Effect, Fixer, OtherWords, Rule, Source
from ..facts import CarrierFacts, Country, Policy
from ..numbers import SPECIAL, NumberKind, NumberReading, is_fictional_number
from ..sentences import make_plural
from .use import BOTH

SENDING = frozenset({Act.SEND})
# After so many hours a text is not worth sending any more; nothing holds one longer.
VALID_HOURS = 4
# A text whose hold ends late still has so long to leave: what ends in the last second may not send it in time.
TIME_TO_LEAVE = timedelta(minutes=5)


def _is_kind(kind: NumberKind) -> Callable[[NumberReading], bool]:
    return lambda recipient: recipient.kind is kind


def _routes_crisis_line(policy: Policy, carrier: CarrierFacts) -> bool:
    return policy.route_crisis_line and carrier.takes_crisis_line


EMERGENCY = (
    Rule(
        id="emergency",
        title=N_("Emergency numbers"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(law=N_("US law: 47 CFR 9.10(q); Canada: Text with 9-1-1, CRTC")),
        limitation=N_("Texts to 911 or 112 cannot be sent from here and are never queued. In Canada a text to 911 does"
                      " not arrive from any phone: people who are registered for Text with 9-1-1 begin with a call as"
                      " well. In the US some places take texts to 911 from a mobile phone."),
        notice=N_("Texts to 911 cannot be sent from here."),
        remedy=N_("Call 911; if you cannot speak, use a relay service. In Canada texts to 911 do not arrive; people"
                  " registered for Text with 9-1-1 begin with a call as well. In the US you can text 911 from your own"
                  " mobile phone where that is offered."),
        fixer=Fixer.READER,
        about="number",
        when=_is_kind(NumberKind.EMERGENCY),
    ),
    Rule(
        id="crisis-line",
        title=N_("The crisis line 988"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(law=N_("US law, for covered text providers: 87 FR 398 (FCC 21-119)"), portal=True),
        limitation=N_("Texts to the crisis line 988 leave only where the carrier supports them and the people who run"
                      " this portal have turned that on; then neither quiet hours nor opt-outs nor limits hold them"
                      " back. In the US and in Canada 988 answers calls and texts from your own phone at any hour."),
        notice=N_("Texts to 988 cannot be sent from here."),
        remedy=N_("Call or text 988 from your own phone, at any hour. If a life is in danger, call 911."),
        instead=(OtherWords(
            when=_routes_crisis_line,
            notice=N_("This text goes to the crisis line 988 from your business number."),
            remedy=N_("If no answer comes at once, call or text 988 from your own phone, at any hour. If a life is in"
                      " danger, call 911."),
        ),),
        fixer=Fixer.READER,
        about="number",
        when=_is_kind(NumberKind.CRISIS_LINE),
        effect_by=lambda policy, carrier: Effect.WARN if _routes_crisis_line(policy, carrier) else None,
    ),
)

SEND = (
    Rule(
        id="number-unreadable",
        title=N_("A phone number that can be read"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(portal=True),
        limitation=N_("Texts go to phone numbers only. Letters, extensions and numbers that cannot exist are refused."),
        notice=N_("This is not a phone number you can text. %(problem)s"),
        remedy=N_("Enter a phone number with its area code, such as +1 416 555 0123."),
        fixer=Fixer.READER,
        about="number",
        system=True,
        when=_is_kind(NumberKind.UNREADABLE),
        values=lambda recipient: {"problem": recipient.problem},
    ),
    Rule(
        id="international",
        title=N_("US and Canadian numbers only"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(editions=BOTH, facts=("F20",)),
        limitation=N_("Texts go to the US and Canada only. Many other countries share the country code +1; they are"
                      " abroad all the same. Texts from abroad do not arrive either."),
        notice=N_("This number is abroad: %(country)s."),
        remedy=N_("Use another channel, or a US or Canadian number of the same person."),
        fixer=Fixer.READER,
        about="number",
        when=_is_kind(NumberKind.ABROAD),
        values=lambda recipient: {"country": Country(recipient.region)},
    ),
    Rule(
        id="territory",
        title=N_("US territories"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(editions=BOTH, facts=("F20",), portal=True),
        limitation=N_("Of the US territories, only those that this portal's settings name can be texted."),
        notice=N_("Texts to this US territory are not allowed here: %(country)s."),
        remedy=N_("The people who run this portal decide which territories can be texted."),
        fixer=Fixer.PROVIDER,
        about="number",
        when=lambda recipient,
        policy: recipient.kind is NumberKind.TERRITORY and recipient.region not in policy.territories,
        values=lambda recipient: {"country": Country(recipient.region)},
    ),
    Rule(
        id="special-number",
        title=N_("Toll-free, premium and service numbers"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(portal=True),
        limitation=N_("Toll-free, premium and personal numbers, short codes and service codes such as 411 cannot be"
                      " texted."),
        notice=N_("Numbers of this kind cannot be texted: %(kind)s."),
        remedy=N_("Call the number, or ask for a geographic or mobile number."),
        fixer=Fixer.READER,
        about="number",
        when=lambda recipient: recipient.kind in SPECIAL,
        values=lambda recipient: {"kind": recipient.kind},
    ),
    Rule(
        id="own-number",
        title=N_("Not to oneself"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(portal=True),
        limitation=N_("A number cannot text itself."),
        notice=N_("This is your own business number."),
        remedy=N_("Enter the number of the person you want to reach."),
        fixer=Fixer.READER,
        about="number",
        system=True,
        when=lambda recipient, number: bool(recipient.e164) and recipient.e164 == number.e164,
    ),
    Rule(
        id="fiction-number",
        title=N_("Numbers for films and examples"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(portal=True),
        limitation=N_("Numbers from 555-0100 to 555-0199 belong to nobody and are refused where texts really leave."),
        notice=N_("This number is kept for films and examples; nobody has it."),
        remedy=N_("Enter the number of the person you want to reach."),
        fixer=Fixer.READER,
        about="number",
        system=True,
        when=lambda recipient, carrier: (
            carrier.real and recipient.kind in (NumberKind.PLAIN, NumberKind.TERRITORY)
            and is_fictional_number(recipient.e164)),
    ),
    Rule(
        id="mms",
        title=N_("Words only"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(editions=BOTH, facts=("F20",)),
        limitation=N_("Pictures, videos and other attachments (MMS) cannot be sent or received."),
        notice=make_plural(N_("%(attached)s attachment cannot be sent."),
                           N_("%(attached)s attachments cannot be sent."),
                           "attached"),
        remedy=N_("Send the words without the attachment."),
        fixer=Fixer.READER,
        about="body",
        when=lambda text: text.attachments > 0,
        values=lambda text: {"attached": text.attachments},
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
        id="too-long",
        title=N_("Length of a text"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(portal=True),
        limitation=make_plural(N_("A text has at most %(most)s part, which carriers call a segment."),
                               N_("A text has at most %(most)s parts, which carriers call segments."), "most"),
        notice=N_("Too long: %(segments)s of at most %(most)s parts."),
        remedy=N_("Shorten it, or send two texts."),
        fixer=Fixer.READER,
        about="body",
        limits={"most": 10},
        when=lambda text, most: text.segments > most,
        values=lambda text: {"segments": text.segments},
    ),
)
