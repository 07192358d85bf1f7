"""INFORM: what everybody should know and no rule decides. No row here has a condition."""

from portal.marks import N_

from ..decision import Act, Effect, Fixer, Rule, Source
from ..sentences import make_plural
from .caps import CAPS
from .send import SEND
from .use import BOTH

TELLING = frozenset({Act.INFORM})
LIMITS = {rule.id: rule.limits for rule in (*SEND, *CAPS)}

INFORM = (
    Rule(
        id="own-setting-wins",
        title=N_("Whose setting counts"),
        acts=TELLING,
        effect=Effect.NOTICE,
        source=Source(editions=BOTH, facts=("F12", "F13", "F14", "F15"), portal=True),
        limitation=N_("A user's own setting wins over the location's, and the location's over the organization's,"
                      " unless a broader level has locked its setting."),
        remedy=N_("Administrators choose for each user: the organization's default, or an override, on or off."),
    ),
    Rule(
        id="retention-400",
        title=N_("Texts are kept for a limited time"),
        acts=TELLING,
        effect=Effect.NOTICE,
        source=Source(editions=BOTH, facts=("F17",), portal=True),
        limitation=make_plural(
            N_("Texts are erased in the first nightly run after %(days)s day (%(days)s × 24 hours). Evidence in a spam"
               " case stays until %(days)s day after the case closes; opt-outs and the audit log stay."),
            N_("Texts are erased in the first nightly run after %(days)s days (%(days)s × 24 hours). Evidence in a spam"
               " case stays until %(days)s days after the case closes; opt-outs and the audit log stay."),
            "days"),
        remedy=N_("Copy what you must keep for longer before it is erased."),
        limits={"days": 400},
    ),
    Rule(
        id="opt-out-kept",
        title=N_("Opt-outs do not expire"),
        acts=TELLING,
        effect=Effect.NOTICE,
        source=Source(law=N_("Virginia law: Code of Virginia § 59.1-514, since 1 January 2026"), portal=True),
        limitation=make_plural(
            N_("An opt-out by STOP counts until the person texts START. It never expires: this portal keeps it for at"
               " least %(years)s year, also after the user, the number or the whole organization has left, and even"
               " when the person has their number erased."),
            N_("An opt-out by STOP counts until the person texts START. It never expires: this portal keeps it for at"
               " least %(years)s years, also after the user, the number or the whole organization has left, and even"
               " when the person has their number erased."),
            "years"),
        remedy=N_("To text a person again, ask them by phone to text START to your number."),
        limits={"years": 10},
    ),
    Rule(
        id="retention-fixed",
        title=N_("The retention period is fixed"),
        acts=TELLING,
        effect=Effect.NOTICE,
        source=Source(editions=BOTH, facts=("F18",)),
        limitation=N_("The retention period cannot be changed, not even by administrators."),
    ),
    Rule(
        id="retention-hold",
        title=N_("A hold keeps texts for longer"),
        acts=TELLING,
        effect=Effect.NOTICE,
        source=Source(portal=True),
        limitation=make_plural(
            N_("An administrator can set a hold on an outside number or on a user, with a reason. Until the hold ends,"
               " the nightly run leaves their texts, conversations and evidence where they are. An administrator looks"
               " again after %(days)s day at the latest. Texts that a records request asks for stay as well, until it"
               " is refused or its release has ended. The retention period itself stays the same."),
            N_("An administrator can set a hold on an outside number or on a user, with a reason. Until the hold ends,"
               " the nightly run leaves their texts, conversations and evidence where they are. An administrator looks"
               " again after %(days)s days at the latest. Texts that a records request asks for stay as well, until it"
               " is refused or its release has ended. The retention period itself stays the same."),
            "days"),
        remedy=N_("If a court or a request obliges you to keep texts, ask an administrator for a hold the same day."),
        limits={"days": 366},
    ),
    Rule(
        id="no-events-no-ediscovery",
        title=N_("No events API, no eDiscovery"),
        acts=TELLING,
        effect=Effect.NOTICE,
        source=Source(editions=BOTH, facts=("F19",)),
        limitation=N_("Texts cannot be read through an events API and are not part of eDiscovery."),
        remedy=N_("If the law asks you to archive conversations, do not hold them by text."),
    ),
    Rule(
        id="not-unlimited",
        title=N_("Texting is not unlimited"),
        acts=TELLING,
        effect=Effect.NOTICE,
        source=Source(editions=BOTH, facts=("F21",), portal=True),
        limitation=N_("Texting is not unlimited. One person can send at most %(texts)s texts and text at most"
                      " %(recipients)s different numbers in 24 hours. A text has at most %(segments)s parts."),
        limits={
            "texts": LIMITS["daily-user"]["most"],
            "recipients": LIMITS["daily-recipients"]["most"],
            "segments": LIMITS["too-long"]["most"],
        },
    ),
    Rule(
        id="say-who-you-are",
        title=N_("Say who you are"),
        acts=TELLING,
        effect=Effect.NOTICE,
        source=Source(law=N_("Canadian law: CASL, sections 6(2), 6(3) and 11(2)")),
        limitation=make_plural(
            N_("A text that advertises says who sends it, where that business can be written to and reached, and how to"
               " stop. A link to a page with all of this is enough; the page has to work for %(days)s day after the"
               " text."),
            N_("A text that advertises says who sends it, where that business can be written to and reached, and how to"
               " stop. A link to a page with all of this is enough; the page has to work for %(days)s days after the"
               " text."),
            "days"),
        remedy=N_("Every organization has such a page here. Its administrators fill it in under “Organization”, and the"
                  " first text to a number can end with its address."),
        limits={"days": 60},
    ),
    Rule(
        id="carriers-may-block",
        title=N_("Carriers may block or slow down"),
        acts=TELLING,
        effect=Effect.NOTICE,
        source=Source(editions=BOTH, facts=("F22",)),
        limitation=N_("The provider, its suppliers and the recipients' carriers may block or slow down texts that are"
                      " not reasonable use: fraud, too many texts, bursts, spam, unauthorized or improper content, and"
                      " more of the kind."),
        remedy=N_("Text people who asked for it, say who you are, and stop when they ask you to."),
    ),
    Rule(
        id="sole-discretion",
        title=N_("Who decides about a block"),
        acts=TELLING,
        effect=Effect.NOTICE,
        source=Source(editions=BOTH, facts=("F23",), portal=True),
        limitation=N_("The provider or a carrier decides about a block. A decision made in this portal gives its reason"
                      " and its end and can be appealed once; a carrier's cannot be appealed here."),
    ),
    Rule(
        id="authorized-use",
        title=N_("Authorized use"),
        acts=TELLING,
        effect=Effect.NOTICE,
        source=Source(editions=BOTH, facts=("F24",)),
        limitation=N_("The provider's offer document says what texting may be used for."),
        remedy=N_("Read the offer document, or ask the provider for it."),
        about="offer",
    ),
    Rule(
        id="hipaa",
        title=N_("No HIPAA compliance"),
        acts=TELLING,
        effect=Effect.NOTICE,
        source=Source(editions=BOTH, facts=("F10",), portal=True),
        limitation=N_("Texting is not HIPAA-compliant. In Canada, provincial health-privacy law applies as well."),
        remedy=N_("Never put health information into a text."),
        about="hipaa",
    ),
    Rule(
        id="report-spam",
        title=N_("Reporting spam"),
        acts=TELLING,
        effect=Effect.NOTICE,
        source=Source(editions=BOTH, facts=("F25",)),
        limitation=N_("Anybody who got a spam text from one of our numbers can report it, without an account."),
        about="report",
    ),
    Rule(
        id="reports-count",
        title=N_("What verified reports lead to"),
        acts=TELLING,
        effect=Effect.NOTICE,
        source=Source(editions=BOTH, facts=("F22", "F23"), portal=True),
        limitation=N_("When %(few)s people who got a sender's texts report it within 24 hours, and they are %(share)s"
                      " percent of its recipients or more, its texts are slowed to %(rate)s a minute for %(hours)s"
                      " hours. If %(many)s or more report fraud, the sender is blocked for up to %(hours)s hours, or"
                      " until an operator decides. Reports that cannot be verified never do this, and"
                      " automatic answers go on."),
        veiled=N_("Verified reports from several people slow a sender down or block it for a limited time, until an"
                  " operator decides. Reports that cannot be verified never do this."),
        remedy=N_("The notice about it says why and until when. You can appeal once."),
        fixer=Fixer.PROVIDER,
        limits={"few": 3, "share": 1, "rate": 1, "many": 10, "hours": 72},
    ),
    Rule(
        id="benefits",
        title=N_("What texting is good for"),
        acts=TELLING,
        effect=Effect.NOTICE,
        source=Source(editions=BOTH, facts=("F16", "F26")),
        limitation=N_("You can be reached by text and reach your customers; they see the business number and not your"
                      " private one; you use what you already know; and administrators manage it in one place."),
    ),
)
