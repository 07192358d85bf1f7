"""SEND: may this text go to this number now? Rows about emergencies stand first.

The rows of USE that stand in SEND as well are in `use.py`.
"""

from ..decision import N_, Act, Edition, Effect, Fixer, Rule, Source, plural
from ..facts import Campaign, Country, Policy, Registration, Restraint, Restriction, User
from ..numbers import SPECIAL, Kind, Reading
from .use import BOTH

SENDING = frozenset({Act.SEND})
OLDEST_APP = {"major": 42, "minor": 12}


def _older(version: str, major: int, minor: int) -> bool:
    """42.9 < 42.12 < 43.1; what cannot be read as a version is unknown and breaks nothing."""
    parts = version.strip().split(".")[:2]
    if not parts[0] or not all(part.isdecimal() for part in parts):
        return False
    return tuple(map(int, (*parts, "0")))[:2] < (major, minor)


def _old_app(user: User, major: int, minor: int) -> bool:
    return _older(user.app_version, major, minor)


def _needs_campaign(policy: Policy, recipient: Reading | None) -> bool:
    if policy.registration is Registration.US_RECIPIENTS:
        return recipient is not None and recipient.region != "CA"
    return policy.registration is Registration.ALL


def _block(restrictions: tuple[Restriction, ...]) -> Restriction | None:
    return next((one for one in restrictions if one.restraint is Restraint.BLOCK), None)


EMERGENCY = (
    Rule(
        id="emergency",
        title=N_("Emergency numbers"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(law="US law: 47 CFR 9.10(q)"),
        limitation=N_("Texts to 911 or 112 cannot be sent from here and are never queued."),
        notice=N_("Texts to 911 cannot be sent from here. Call 911."),
        remedy=N_("Call 911; if you cannot speak, use a relay service, or text 911 from your own mobile where"
                  " offered."),
        fixer=Fixer.READER,
        about="number",
        when=lambda recipient: recipient.kind is Kind.EMERGENCY,
    ),
    Rule(
        id="crisis-line",
        title=N_("The crisis line 988"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(portal=True),
        limitation=N_("Texts to the crisis line 988 cannot be sent from here."),
        notice=N_("Texts to 988 cannot be sent from a business number."),
        remedy=N_("Call or text 988 from your own phone, at any hour."),
        fixer=Fixer.READER,
        about="number",
        when=lambda recipient: recipient.kind is Kind.CRISIS_LINE,
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
        notice=N_("This is not a phone number that can be texted. %(problem)s"),
        remedy=N_("Type the number with its area code, for example +1 416 555 0123."),
        fixer=Fixer.READER,
        about="number",
        system=True,
        when=lambda recipient: recipient.kind is Kind.UNREADABLE,
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
        when=lambda recipient: recipient.kind is Kind.ABROAD,
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
        remedy=N_("Whoever runs this portal decides which territories can be texted."),
        fixer=Fixer.PROVIDER,
        about="number",
        when=lambda recipient, policy: recipient.kind is Kind.TERRITORY and recipient.region not in policy.territories,
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
        notice=N_("Numbers of this kind cannot be texted. Kind: %(kind)s."),
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
        remedy=N_("Type the number of the person you want to reach."),
        fixer=Fixer.READER,
        about="number",
        system=True,
        when=lambda recipient, number: bool(recipient.e164) and recipient.e164 == number.e164,
    ),
    Rule(
        id="mms",
        title=N_("Words only"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(editions=BOTH, facts=("F20",)),
        limitation=N_("Pictures, videos and other attachments (MMS) cannot be sent or received."),
        notice=plural(N_("%(attached)s attachment cannot be sent."), N_("%(attached)s attachments cannot be sent."),
                      "attached"),
        remedy=N_("Send the words without the attachment."),
        fixer=Fixer.READER,
        about="body",
        when=lambda text: text.attachments > 0,
        values=lambda text: {"attached": text.attachments},
    ),
    Rule(
        id="too-long",
        title=N_("Length of a text"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(portal=True),
        limitation=plural(N_("A text has at most %(most)s segment."), N_("A text has at most %(most)s segments."),
                          "most"),
        notice=N_("Segments: %(segments)s of at most %(most)s."),
        remedy=N_("Shorten the text or send it in two parts."),
        fixer=Fixer.READER,
        about="body",
        limits={"most": 10},
        when=lambda text, most: text.segments > most,
        values=lambda text: {"segments": text.segments},
    ),
    Rule(
        id="campaign",
        title=N_("Registered campaign"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(editions=(Edition.POLISH,), facts=("F9",)),
        limitation=N_("The organization's campaign must be registered (10DLC) and active before anybody sends."
                      " Receiving does not depend on it."),
        notice=N_("The campaign registration is not active. State: %(state)s."),
        remedy=N_("The provider completes the registration of brand and campaign."),
        fixer=Fixer.PROVIDER,
        about="registration",
        when=lambda organization, policy, recipient=None: (
            organization.campaign is not Campaign.ACTIVE and _needs_campaign(policy, recipient)
        ),
        values=lambda organization: {"state": organization.campaign},
    ),
    Rule(
        id="app-version",
        title=N_("Version of the app"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(editions=BOTH, facts=("F6",)),
        limitation=N_("Whoever uses the Webex App needs version %(major)s.%(minor)s or later to send. Receiving never"
                      " depends on it."),
        notice=N_("The app was last seen in version %(seen)s; sending needs %(major)s.%(minor)s or later."),
        remedy=N_("Update the Webex App and open it once."),
        fixer=Fixer.READER,
        about="user",
        limits=OLDEST_APP,
        when=_old_app,
        values=lambda user: {"seen": user.app_version},
        effect_by=lambda policy: None if policy.app_version_blocks else Effect.WARN,
    ),
    Rule(
        id="blocked",
        title=N_("Blocked by an operator"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(editions=BOTH, facts=("F22", "F23")),
        limitation=N_("The provider can block a number, a user or an organization that misuses texting. A block made"
                      " in this portal says why and until when, and can be appealed once."),
        notice=N_("Sending is blocked. Blocked: %(subject)s. Reason: %(cause)s. Until: %(until)s."),
        remedy=N_("Read the notice about it; you can appeal once."),
        fixer=Fixer.PROVIDER,
        about="restriction",
        when=lambda restrictions: _block(restrictions) is not None,
        values=lambda restrictions: {
            "subject": one.subject, "cause": one.cause, "until": one.until,
        } if (one := _block(restrictions)) else {},
    ),
)
