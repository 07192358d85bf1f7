"""SEND: what stands between a sender and sending: registration, app, and what an operator decided."""

from datetime import timedelta
from functools import lru_cache

from portal.marks import N_

from ..decision import DocumentEdition, Effect, Fixer, OtherWords, Rule, Source
from ..facts import Campaign, OrganizationFacts, Registration, Restraint, RestrictionFacts, UserFacts
from ..numbers import NumberKind, NumberReading
from .send import SENDING, VALID_HOURS
from .use import BOTH

OLDEST_APP = {"major": 42, "minor": 12}


@lru_cache(maxsize=1024)
def _older(version: str, major: int, minor: int) -> bool:
    """Compare versions by number: 42.9 < 42.12 < 43.1. A version that cannot be read is unknown and breaks no rule."""
    parts = version.strip().split(".")[:2]
    if not parts[0] or not all(part.isdecimal() for part in parts):
        return False
    return tuple(map(int, (*parts, "0")))[:2] < (major, minor)


def _old_app(user: UserFacts, major: int, minor: int) -> bool:
    return _older(user.app_version, major, minor)


def _needs_campaign(organization: OrganizationFacts, recipient: NumberReading | None) -> bool:
    # No registration stands between a person and the crisis line.
    if recipient is not None and recipient.kind is NumberKind.CRISIS_LINE:
        return False
    if organization.registration is Registration.US_RECIPIENTS:
        return recipient is not None and recipient.region != "CA"
    return organization.registration is Registration.ALL


def _block(restrictions: tuple[RestrictionFacts, ...]) -> RestrictionFacts | None:
    for one in restrictions:
        if one.restraint is Restraint.BLOCK:
            return one
    return None


SENDER = (
    Rule(
        id="campaign",
        title=N_("Registered campaign"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(editions=(DocumentEdition.POLISH,), facts=("F9",), portal=True),
        limitation=N_("The organization's campaign must be registered (10DLC) and active before anybody sends."
                      " Receiving does not depend on it. Canada has no such registry: where all locations of an"
                      " organization are in Canada, only texts to the US need a campaign, unless the provider has set"
                      " it otherwise."),
        notice=N_("Your organization's campaign is %(state)s, not active."),
        remedy=N_("The provider completes the registration of brand and campaign."),
        fixer=Fixer.PROVIDER,
        about="registration",
        when=lambda organization, recipient=None: (
            organization.campaign is not Campaign.ACTIVE and _needs_campaign(organization, recipient)
        ),
        values=lambda organization: {"state": organization.campaign},
    ),
    Rule(
        id="app-version",
        title=N_("Version of the app"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(editions=BOTH, facts=("F6",)),
        limitation=N_("To send, the Webex App must be %(major)s.%(minor)s or newer. Receiving works with any version."),
        notice=N_("The Webex App was last seen in version %(seen)s. To send, it must be %(major)s.%(minor)s or"
                  " newer."),
        remedy=N_("Update the app and open it once."),
        fixer=Fixer.READER,
        about="user",
        limits=OLDEST_APP,
        when=_old_app,
        values=lambda user: {"seen": user.app_version},
        effect_by=lambda policy: None if policy.app_version_blocks else Effect.WARN,
    ),
    Rule(
        id="blocked",
        title=N_("Sending without a block"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(editions=BOTH, facts=("F22", "F23"), portal=True),
        limitation=N_("The provider can block a number, a user or an organization that misuses texting. A block made"
                      " in this portal says why and until when, and can be appealed once."),
        notice=N_("Sending is blocked for %(subject)s until %(until)s, because of %(cause)s."),
        remedy=N_("Read the notice. You can appeal once."),
        instead=(OtherWords(
            when=lambda restrictions: (one := _block(restrictions)) is not None and one.until is None,
            notice=N_("Sending is blocked for %(subject)s, because of %(cause)s. No end is set."),
            remedy=N_("Read the notice. You can appeal once."),
        ),),
        fixer=Fixer.PROVIDER,
        about="restriction",
        when=lambda restrictions: _block(restrictions) is not None,
        values=lambda restrictions: {
            "subject": one.subject, "cause": one.cause, "until": one.until,
        } if (one := _block(restrictions)) else {},
    ),
    Rule(
        id="throttled",
        title=N_("Sending at full speed"),
        acts=SENDING,
        effect=Effect.HOLD,
        source=Source(editions=BOTH, facts=("F22", "F23"), portal=True),
        limitation=N_("The provider can slow down a number, a user or an organization; texts then leave one after the"
                      " other. It says why and until when, and can be appealed once."),
        notice=N_("Texts are slowed to %(per_minute)s a minute, because of %(cause)s. This one leaves at %(until)s."),
        remedy=N_("Read the notice. You can appeal once."),
        fixer=Fixer.PROVIDER,
        about="restriction",
        when=lambda pace, now: pace.place > now,
        values=lambda pace: {"per_minute": pace.per_minute, "until": pace.place, "cause": pace.cause},
    ),
    Rule(
        id="queue-full",
        title=N_("Too many texts wait"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(portal=True),
        limitation=N_("A text that could not leave within %(hours)s hours, because too many wait before it, is refused"
                      " at once."),
        notice=N_("Too many texts wait before this one. Its turn would come at %(until)s, and a text is worth sending"
                  " for %(hours)s hours only."),
        remedy=N_("Send it again from %(again)s on."),
        fixer=Fixer.READER,
        about="body",
        limits={"hours": VALID_HOURS},
        when=lambda pace, now, hours: pace.place > now + timedelta(hours=hours),
        values=lambda pace, hours: {"until": pace.place, "again": pace.place - timedelta(hours=hours)},
    ),
)
